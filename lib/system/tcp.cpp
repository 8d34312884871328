// SPDX-License-Identifier: Apache-2.0
#include "system/tcp.hpp"

#include "drctl/error.hpp"
#include "system/curl_transfer.hpp"

#include <fmt/core.h>

namespace drctl::system {
namespace {

/// `host:port` and nothing else: no user, path or query.
bool is_host_and_port(const std::string& text) {
    const auto colon = text.rfind(':');
    return colon != std::string::npos && colon > 0 && colon + 1 < text.size() &&
           text.find_first_not_of("0123456789", colon + 1) == std::string::npos &&
           text.find_first_of("/?#@ ") == std::string::npos;
}

} // namespace

std::optional<HttpFailure> try_tcp(const std::string& host_port, std::chrono::milliseconds timeout,
                                   StopToken stop) {
    if (!is_host_and_port(host_port)) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot connect to '{}': not a host and a port", host_port),
                    "write it as host:port, an IPv6 address as [address]:port");
    }
    // libcurl knows how to give up on a resolver and how to race IPv6 against IPv4; told to
    // connect only, it sends nothing.
    CurlTransfer transfer("http://" + host_port, timeout);
    transfer.set(CURLOPT_CONNECT_ONLY, 1L);
    transfer.set(CURLOPT_PROXY, "");
    return transfer.perform(stop);
}

} // namespace drctl::system
