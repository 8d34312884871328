// SPDX-License-Identifier: Apache-2.0
#include "system/tcp.hpp"

#include "drctl/error.hpp"
#include "support/no_network.hpp"
#include "support/tcp_server.hpp"

#include <future>
#include <gtest/gtest.h>

namespace drctl::system {
namespace {

using namespace std::chrono_literals;
using test::TcpServer;
using Kind = HttpFailure::Kind;

TEST(TryTcp, ConnectsAndSendsNothing) {
    std::string closed;
    {
        std::promise<long> received;
        const TcpServer server([&received](int fd) {
            char byte = 0;
            received.set_value(::recv(fd, &byte, 1, 0));
        });
        closed = server.host_port();
        EXPECT_FALSE(try_tcp(closed, 20s, {}));
        EXPECT_EQ(received.get_future().get(), 0) << "the connection should end without a byte";
    }
    const auto failure = try_tcp(closed, 20s, {});
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, Kind::refused);
}

TEST(TryTcp, NeverReachesWhatHasNoName) {
    const auto failure = try_tcp("no-such-host.invalid:80", 1500ms, {});
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, Kind::never_sent);
}

TEST(TryTcp, NeverReachesAnythingWithoutANetwork) {
    const bool ran = test::without_network([] {
        const auto failure = try_tcp("[2001:db8::1]:80", 20s, {});
        ASSERT_TRUE(failure);
        EXPECT_EQ(failure->kind, Kind::never_sent);
    });
    if (!ran) {
        GTEST_SKIP() << "only root may make a network namespace";
    }
}

TEST(TryTcp, RefusesWhatIsNoHostAndPort) {
    for (const auto* text : {"", "host", "host:", ":80", "host:http", "http://host:80",
                             "user@host:80", "host:80/path", "host:99999"}) {
        try {
            static_cast<void>(try_tcp(text, 1s, {}));
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::usage) << text;
        }
    }
}

} // namespace
} // namespace drctl::system
