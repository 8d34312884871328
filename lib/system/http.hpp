// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/clock.hpp"
#include "system/stop.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace drctl::system {

/// An URL without what may be secret in it: user, password, query.
[[nodiscard]] DRCTL_API std::string url_to_show(const std::string& url);

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::chrono::milliseconds timeout{2000};       ///< whole exchange, connect included
    std::size_t keep_body = std::size_t{64} << 10; ///< what is read of the answer at the most
};

struct HttpResponse {
    long status = 0;
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;
};

/// Why there is no answer. `never_sent` tells failures before anything left this machine for
/// the server (name not resolved, no route) from those of the server itself.
struct HttpFailure {
    enum class Kind { never_sent, refused, timed_out, tls, broken } kind;
    std::string what;
};

using HttpResult = std::variant<HttpResponse, HttpFailure>;

/// HTTP, injected so that tests decide what servers answer.
class DRCTL_API HttpClient {
  public:
    HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    virtual ~HttpClient() = default;
    /// Redirects are not followed; TLS is verified; proxies from the environment are not used
    /// for loopback. Throws Error(interrupted) if stopped, Error(usage) for an URL that is none.
    virtual HttpResult send(const HttpRequest& request, StopToken stop) = 0;
};

/// By libcurl.
class DRCTL_API CurlHttpClient final : public HttpClient {
  public:
    HttpResult send(const HttpRequest& request, StopToken stop) override;
};

} // namespace drctl::system
