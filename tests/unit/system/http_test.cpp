// SPDX-License-Identifier: Apache-2.0
#include "system/http.hpp"

#include "drctl/error.hpp"
#include "support/no_certificates.hpp"
#include "support/no_network.hpp"
#include "support/tcp_server.hpp"

#include <cstdlib>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::system {
namespace {

using test::TcpServer;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using Kind = HttpFailure::Kind;

HttpResult send(HttpRequest request, StopToken stop = {}) {
    return CurlHttpClient().send(request, stop);
}

HttpRequest get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    request.timeout = std::chrono::seconds(20);
    return request;
}

/// Why the request failed; fails the test if it did not.
HttpFailure failure_of(const HttpRequest& request) {
    const auto result = send(request);
    if (const auto* failure = std::get_if<HttpFailure>(&result)) {
        EXPECT_FALSE(failure->what.empty());
        return *failure;
    }
    ADD_FAILURE() << "it was answered";
    return {Kind::broken, "it was answered"};
}

/// The answer; fails the test if there is none.
HttpResponse response_to(const HttpRequest& request) {
    const auto result = send(request);
    if (const auto* response = std::get_if<HttpResponse>(&result)) {
        return *response;
    }
    ADD_FAILURE() << std::get<HttpFailure>(result).what;
    return {};
}

TEST(Http, GivesStatusHeadersAndBody) {
    const TcpServer server(TcpServer::answering(
        "HTTP/1.1 503 Busy\r\nRetry-After:  3 \r\nX-Odd:\r\nContent-Length: 5\r\n\r\nlater"));
    const auto response = response_to(get(server.url("/health")));
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.body, "later");
    EXPECT_THAT(response.headers, testing::Contains(Pair("retry-after", "3")));
    EXPECT_THAT(response.headers, testing::Contains(Pair("content-length", "5")));
}

TEST(Http, SendsMethodHeadersAndBody) {
    std::promise<std::string> seen;
    const TcpServer server([&seen](int fd) {
        seen.set_value(TcpServer::read_request(fd, 13));
        TcpServer::send_all(fd, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    });
    auto request = get(server.url("/messages?x=1"));
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer t"}};
    request.body = "{\"text\":\"hi\"}";
    EXPECT_EQ(response_to(request).status, 201);
    const auto text = seen.get_future().get();
    EXPECT_THAT(text, testing::StartsWith("POST /messages?x=1 HTTP/1.1\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nContent-Type: application/json\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nAuthorization: Bearer t\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nUser-Agent: drctl/"));
    EXPECT_THAT(text, Not(HasSubstr("Expect:")));
    EXPECT_THAT(text, testing::EndsWith("\r\n\r\n{\"text\":\"hi\"}"));
}

TEST(Http, TakesNoBodyOfAHead) {
    const TcpServer server(
        TcpServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"));
    auto request = get(server.url());
    request.method = "HEAD";
    EXPECT_EQ(response_to(request).status, 200);
}

TEST(Http, DoesNotFollowRedirects) {
    const TcpServer server(TcpServer::answering(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_EQ(response_to(get(server.url())).status, 302);
}

TEST(Http, ForgetsTheHeadersOfInterimAnswers) {
    const TcpServer server(TcpServer::answering(
        "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Final: 1\r\n"
        "Content-Length: 0\r\n\r\n"));
    const auto response = response_to(get(server.url()));
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.headers, Not(testing::Contains(Pair("x-interim", "1"))));
    EXPECT_THAT(response.headers, testing::Contains(Pair("x-final", "1")));
}

TEST(Http, ReadsNoMoreOfTheBodyThanAskedFor) {
    const TcpServer server(TcpServer::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n" + std::string(4'000'000, 'x')));
    auto request = get(server.url());
    request.keep_body = 10;
    const auto response = response_to(request);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "xxxxxxxxxx");
}

TEST(Http, TellsFailuresApart) {
    std::string closed;
    {
        const TcpServer server(TcpServer::keep_silent);
        closed = server.url();
        auto request = get(closed);
        request.timeout = std::chrono::milliseconds(200);
        EXPECT_EQ(failure_of(request).kind, Kind::timed_out);
    }
    EXPECT_EQ(failure_of(get(closed)).kind, Kind::refused);

    const TcpServer hanging_up([](int fd) { TcpServer::read_request(fd); });
    EXPECT_EQ(failure_of(get(hanging_up.url())).kind, Kind::broken);

    const TcpServer cut_short(
        TcpServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
    EXPECT_EQ(failure_of(get(cut_short.url())).kind, Kind::broken);

    const TcpServer plain([](int fd) { TcpServer::send_all(fd, "this is no TLS\r\n"); });
    EXPECT_EQ(failure_of(get("https://" + plain.host_port())).kind, Kind::tls);
}

TEST(Http, KnowsThatANameThatDoesNotResolveWasNeverSentTo) {
    auto request = get("http://no-such-host.invalid/");
    request.timeout = std::chrono::milliseconds(1'500); // a resolver may also just be silent
    EXPECT_EQ(failure_of(request).kind, Kind::never_sent);
}

TEST(Http, KnowsThatWithoutANetworkNothingWasSent) {
    const bool ran = test::without_network([] {
        EXPECT_EQ(failure_of(get("http://192.0.2.1/")).kind, Kind::never_sent);
        EXPECT_EQ(failure_of(get("http://127.0.0.1:9/")).kind, Kind::never_sent);
    });
    if (!ran) {
        GTEST_SKIP() << "only root may make a network namespace";
    }
}

TEST(Http, BlamesNoServerForCertificatesThatThisMachineLacks) {
    const TcpServer server([](int fd) { TcpServer::read_request(fd); });
    const bool ran = test::without_certificates([&server] {
        const auto failure = failure_of(get("https://" + server.host_port()));
        EXPECT_EQ(failure.kind, Kind::never_sent);
        EXPECT_THAT(failure.what, HasSubstr("ca-certificates installed"));
    });
    if (!ran) {
        GTEST_SKIP() << "only root may hide this machine's certificates";
    }
}

TEST(Http, RefusesWhatIsNoUrl) {
    for (const auto* url : {"", "no url", "/path", "ftp://localhost/", "file:///etc/passwd",
                            "http://", "http://host:port/", "gopher://x"}) {
        try {
            send(get(url));
            ADD_FAILURE() << url;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::usage) << url;
            EXPECT_FALSE(error.hint().empty());
        }
    }
}

TEST(Http, UsesNoProxyForLoopback) {
    const TcpServer server(TcpServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    EXPECT_EQ(response_to(get(server.url())).status, 200);
    EXPECT_EQ(failure_of(get("http://192.0.2.1/")).kind, Kind::refused) << "by the proxy";
    ::unsetenv("http_proxy");
}

TEST(Http, BlamesNoServerForAProxyThatDoesNotConnect) {
    const TcpServer proxy(
        TcpServer::answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
    ::setenv("https_proxy", proxy.url().c_str(), 1);
    EXPECT_EQ(failure_of(get("https://192.0.2.1/")).kind, Kind::never_sent);
    ::unsetenv("https_proxy");
}

TEST(Http, StopsWhenAskedTo) {
    StopSource stop;
    const TcpServer server([&stop](int fd) {
        TcpServer::read_request(fd);
        stop.request(SIGINT);
        TcpServer::keep_silent(fd);
    });
    try {
        send(get(server.url()), stop.token());
        ADD_FAILURE() << "it was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
}

TEST(Http, HidesWhatMayBeSecretInAnUrl) {
    struct Row {
        const char* url;
        const char* shown;
    };
    for (const auto& row :
         {Row{"http://user:pw@host/a@b?token=t", "http://host/a@b"},
          Row{"https://host:8443/x#f", "https://host:8443/x"}, Row{"http://u@host", "http://host"},
          Row{"http://host/?mail=a@b", "http://host/"}, Row{"no URL?t=1", "no URL"}}) {
        EXPECT_EQ(url_to_show(row.url), row.shown);
    }
    try {
        static_cast<void>(send(get("ftp://user:pw@host/x?token=t")));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "cannot use 'ftp://host/x' as an URL");
    }
}

} // namespace
} // namespace drctl::system
