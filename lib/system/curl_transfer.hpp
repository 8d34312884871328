// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/deleter.hpp"
#include "system/http.hpp"
#include "system/stop.hpp"

#include <array>
#include <chrono>
#include <curl/curl.h>
#include <memory>
#include <optional>
#include <string>

namespace drctl::system {

using CurlEasy = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using CurlMulti = std::unique_ptr<CURLM, Deleter<curl_multi_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>>;
using CurlUrl = std::unique_ptr<CURLU, Deleter<curl_url_cleanup>>;

/// One transfer by libcurl, which ends at its timeout and when stopped. libcurl initialises
/// itself with the first handle, safely in threads (since 7.84), so that programs which
/// transfer nothing do not pay for it.
class CurlTransfer {
  public:
    /// Throws Error(usage) if `url` is none that HTTP can use.
    CurlTransfer(const std::string& url, std::chrono::milliseconds timeout);
    CurlTransfer(const CurlTransfer&) = delete;
    CurlTransfer& operator=(const CurlTransfer&) = delete;

    template <typename Value>
    void set(CURLoption option, Value value) {
        check(curl_easy_setopt(easy_.get(), option, value));
    }
    /// Nothing on success. Throws Error(interrupted) if stopped.
    std::optional<HttpFailure> perform(StopToken stop);
    [[nodiscard]] long status() const;

  private:
    static void check(CURLcode code);
    CURLcode run(StopToken stop);
    [[nodiscard]] HttpFailure failure(CURLcode code) const;
    [[nodiscard]] bool name_was_found() const;
    [[nodiscard]] bool was_stopped_by_proxy() const;

    CurlEasy easy_;
    std::array<char, CURL_ERROR_SIZE> words_{};
};

} // namespace drctl::system
