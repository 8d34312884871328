// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"

#include "drctl/version.hpp"

namespace drctl {

Error::Error(ErrorCode code, std::string message, std::string hint)
    : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

Error&& Error::with(std::string key, std::string value) && {
    add_context(std::move(key), std::move(value));
    return std::move(*this);
}

void Error::add_context(std::string key, std::string value) {
    context_.emplace_back(std::move(key), std::move(value));
}

Error&& Error::as_retryable() && {
    retryable_ = true;
    return std::move(*this);
}

std::string Error::context_value(const std::string& key) const {
    for (const auto& [name, value] : context_) {
        if (name == key) {
            return value;
        }
    }
    return {};
}

const char* version() noexcept {
    return header_version;
}

} // namespace drctl
