// SPDX-License-Identifier: Apache-2.0
#include "system/secret.hpp"

#include <algorithm>
#include <cstring>

namespace drctl::system {

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
    // A short string is copied, not stolen: what stays behind is wiped too.
    ::explicit_bzero(other.value_.data(), other.value_.size());
    other.value_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        ::explicit_bzero(value_.data(), value_.size());
        value_ = std::move(other.value_);
        ::explicit_bzero(other.value_.data(), other.value_.size());
        other.value_.clear();
    }
    return *this;
}

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        ::explicit_bzero(value_.data(), value_.size());
        value_ = other.value_;
    }
    return *this;
}

Secret::~Secret() {
    ::explicit_bzero(value_.data(), value_.size());
}

void Redactor::add(const Secret& secret) {
    constexpr std::size_t shortest = 4;
    if (secret.reveal().size() < shortest) {
        return;
    }
    const std::lock_guard lock(mutex_);
    if (std::any_of(secrets_.begin(), secrets_.end(),
                    [&secret](const Secret& known) { return known.reveal() == secret.reveal(); })) {
        return; // a status reads one password several times
    }
    secrets_.push_back(secret);
    // Longest first: a secret that contains another one is replaced whole.
    std::sort(secrets_.begin(), secrets_.end(), [](const Secret& a, const Secret& b) {
        return a.reveal().size() > b.reveal().size();
    });
}

std::string Redactor::redact(std::string_view text) const {
    std::string result(text);
    const std::lock_guard lock(mutex_);
    constexpr std::string_view mark = "[redacted]";
    for (const auto& secret : secrets_) {
        const auto& value = secret.reveal();
        for (auto at = result.find(value); at != std::string::npos;
             at = result.find(value, at + mark.size())) {
            result.replace(at, value.size(), mark);
        }
    }
    return result;
}

} // namespace drctl::system
