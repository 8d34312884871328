// SPDX-License-Identifier: Apache-2.0
#include "system/curl_transfer.hpp"

#include "drctl/error.hpp"
#include "drctl/version.hpp"
#include "system/posix_error.hpp"

#include <cerrno>
#include <fmt/core.h>

namespace drctl::system {
namespace {

/// The host part of an URL; nothing if that is none for HTTP.
std::optional<std::string> host_of(const std::string& url) {
    const CurlUrl parsed(::curl_url());
    char* part = nullptr;
    if (!parsed || ::curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
        ::curl_url_get(parsed.get(), CURLUPART_SCHEME, &part, 0) != CURLUE_OK) {
        return std::nullopt;
    }
    const std::string scheme(part);
    ::curl_free(part);
    if ((scheme != "http" && scheme != "https") ||
        ::curl_url_get(parsed.get(), CURLUPART_HOST, &part, 0) != CURLUE_OK) {
        return std::nullopt;
    }
    std::string host(part);
    ::curl_free(part);
    return host;
}

bool is_loopback(const std::string& host) {
    return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
           host == "[::1]";
}

/// errno values of a connection that never left this machine for the server, or that a router
/// on the way gave up.
bool means_no_route(long error) noexcept {
    switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EACCES:
    case EPERM: // a packet filter of our own
        return true;
    default:
        return false;
    }
}

} // namespace

CurlTransfer::CurlTransfer(const std::string& url, std::chrono::milliseconds timeout)
    : easy_(::curl_easy_init()) {
    if (!easy_) {
        throw Error(ErrorCode::unreachable, "cannot initialise libcurl");
    }
    const auto host = host_of(url);
    if (!host) {
        throw Error(ErrorCode::usage, fmt::format("cannot use '{}' as an URL", url_to_show(url)),
                    "write it as http://host:port/path or https://host/path");
    }
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_ERRORBUFFER, words_.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    // Not waiting for a resolver that hangs, once the time is over.
    set(CURLOPT_QUICK_EXIT, 1L);
    if (is_loopback(*host)) {
        set(CURLOPT_NOPROXY, "*");
    }
}

void CurlTransfer::check(CURLcode code) {
    if (code != CURLE_OK) {
        throw Error(ErrorCode::bug,
                    fmt::format("libcurl refuses an option: {}", ::curl_easy_strerror(code)));
    }
}

std::optional<HttpFailure> CurlTransfer::perform(StopToken stop) {
    stop.throw_if_requested();
    const auto code = run(stop);
    if (code == CURLE_OK) {
        return std::nullopt;
    }
    return failure(code);
}

CURLcode CurlTransfer::run(StopToken stop) {
    const CurlMulti multi(::curl_multi_init());
    if (!multi || ::curl_multi_add_handle(multi.get(), easy_.get()) != CURLM_OK) {
        throw Error(ErrorCode::unreachable, "cannot initialise libcurl");
    }
    curl_waitfd stop_watch{stop.wait_fd(), CURL_WAIT_POLLIN, 0};
    const unsigned watches = stop.wait_fd() < 0 ? 0 : 1;
    constexpr int longest_wait_ms = 1'000; // libcurl's own timeouts end it earlier
    int running = 1;
    CURLMcode state = CURLM_OK;
    while (state == CURLM_OK && running > 0 && !stop.stop_requested()) {
        state = ::curl_multi_perform(multi.get(), &running);
        if (state == CURLM_OK && running > 0) {
            state = ::curl_multi_poll(multi.get(), &stop_watch, watches, longest_wait_ms, nullptr);
        }
    }
    int left = 0;
    const auto* const message = ::curl_multi_info_read(multi.get(), &left);
    const auto result = message == nullptr ? CURLE_FAILED_INIT : message->data.result;
    ::curl_multi_remove_handle(multi.get(), easy_.get());
    if (running > 0) {
        stop.throw_if_requested();
    }
    return result;
}

long CurlTransfer::status() const {
    long status = 0;
    check(curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status));
    return status;
}

bool CurlTransfer::name_was_found() const {
    curl_off_t microseconds = 0;
    check(curl_easy_getinfo(easy_.get(), CURLINFO_NAMELOOKUP_TIME_T, &microseconds));
    return microseconds > 0;
}

bool CurlTransfer::was_stopped_by_proxy() const {
    long answer = 0; // of the proxy; 0: none was asked to connect us
    check(curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &answer));
    return answer != 0 && answer / 100 != 2;
}

HttpFailure CurlTransfer::failure(CURLcode code) const {
    using Kind = HttpFailure::Kind;
    const std::string words = words_[0] != '\0' ? words_.data() : ::curl_easy_strerror(code);
    if (was_stopped_by_proxy()) {
        return {Kind::never_sent, words};
    }
    long error = 0;
    check(curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &error));
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_INTERFACE_FAILED:
        return {Kind::never_sent, words};
    case CURLE_SSL_CACERT_BADFILE: // of this machine; it says nothing about the server
        return {Kind::never_sent, fmt::format("{}: is ca-certificates installed?", words)};
    case CURLE_OPERATION_TIMEDOUT:
        return {name_was_found() ? Kind::timed_out : Kind::never_sent, words};
    case CURLE_COULDNT_CONNECT:
        return {means_no_route(error)   ? Kind::never_sent
                : error == ECONNREFUSED ? Kind::refused
                : error == ETIMEDOUT    ? Kind::timed_out
                                        : Kind::broken,
                error == 0 ? words
                           : fmt::format("{}: {}", words, errno_text(static_cast<int>(error)))};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return {Kind::tls, words};
    default:
        return {Kind::broken, words};
    }
}

} // namespace drctl::system
