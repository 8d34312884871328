// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace drctl::system {

/// Makes a C handle a `std::unique_ptr<T, Deleter<fn>>` of pointer size.
template <auto Function>
struct Deleter {
    template <typename T>
    void operator()(T* handle) const noexcept {
        static_cast<void>(Function(handle));
    }
};

} // namespace drctl::system
