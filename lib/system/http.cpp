// SPDX-License-Identifier: Apache-2.0
#include "system/http.hpp"

#include "drctl/error.hpp"
#include "drctl/version.hpp"
#include "system/curl_transfer.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/core.h>

namespace drctl::system {
namespace {

/// What the callbacks fill. They are called from C, so they must not throw.
struct Answer {
    std::size_t keep_body = 0;
    bool complete = true; ///< false once the body was cut off
    HttpResponse response;
};

std::size_t take_body(const char* data, std::size_t size, std::size_t count, void* self) noexcept {
    auto& answer = *static_cast<Answer*>(self);
    const auto given = size * count;
    const auto taken = std::min(given, answer.keep_body - answer.response.body.size());
    try {
        answer.response.body.append(data, taken);
    } catch (...) {
        return 0;
    }
    answer.complete = taken == given;
    return taken; // less than given ends the transfer
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::size_t take_header(const char* data, std::size_t size, std::size_t count,
                        void* self) noexcept {
    auto& headers = static_cast<Answer*>(self)->response.headers;
    const std::string_view line(data, size * count);
    try {
        if (line.starts_with("HTTP/")) {
            headers.clear(); // those before were of an interim answer (100 Continue)
        } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
            std::string name(trimmed(line.substr(0, colon)));
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char character) {
                return static_cast<char>(std::tolower(character));
            });
            headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
        }
    } catch (...) {
        return 0;
    }
    return line.size();
}

CurlList header_list(const HttpRequest& request) {
    CurlList list;
    const auto add = [&list](const std::string& line) {
        auto* const longer = ::curl_slist_append(list.get(), line.c_str());
        if (longer == nullptr) {
            throw Error(ErrorCode::failed, "cannot send a request: out of memory");
        }
        static_cast<void>(list.release());
        list.reset(longer);
    };
    add("Expect:"); // a server that does not know 100-continue would cost a second
    for (const auto& [name, value] : request.headers) {
        add(fmt::format("{}: {}", name, value));
    }
    return list;
}

void set_method_and_body(CurlTransfer& transfer, const HttpRequest& request) {
    if (request.method == "HEAD") {
        transfer.set(CURLOPT_NOBODY, 1L);
    } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
        transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        transfer.set(CURLOPT_POSTFIELDS, request.body.c_str());
        transfer.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    } else {
        transfer.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
}

} // namespace

std::string url_to_show(const std::string& url) {
    auto text = url.substr(0, url.find_first_of("?#"));
    const auto scheme = text.find("://");
    const auto host = scheme == std::string::npos ? 0 : scheme + 3;
    const auto at = text.rfind('@', text.find('/', host));
    if (at != std::string::npos && at >= host) {
        text.erase(host, at + 1 - host);
    }
    return text;
}

HttpResult CurlHttpClient::send(const HttpRequest& request, StopToken stop) {
    const auto headers = header_list(request);
    const auto agent = fmt::format("drctl/{}", header_version);
    Answer answer;
    answer.keep_body = request.keep_body;
    CurlTransfer transfer(request.url, request.timeout);
    set_method_and_body(transfer, request);
    transfer.set(CURLOPT_HTTPHEADER, headers.get());
    transfer.set(CURLOPT_USERAGENT, agent.c_str());
    transfer.set(CURLOPT_WRITEFUNCTION, take_body);
    transfer.set(CURLOPT_WRITEDATA, static_cast<void*>(&answer));
    transfer.set(CURLOPT_HEADERFUNCTION, take_header);
    transfer.set(CURLOPT_HEADERDATA, static_cast<void*>(&answer));
    auto failure = transfer.perform(stop);
    if (failure && answer.complete) {
        return std::move(*failure);
    }
    answer.response.status = transfer.status();
    return std::move(answer.response);
}

} // namespace drctl::system
