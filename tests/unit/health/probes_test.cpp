// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "health/health.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "support/tcp_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::health {
namespace {

using State = Reading::State;
using system::HttpFailure;
using test::FakeProcessRunner;
using testing::HasSubstr;
using testing::Not;

class Probes : public testing::Test {
  protected:
    Reading look(const decltype(config::Health::probe)& probe) {
        config::Health health;
        health.probe = probe;
        health.timeout = std::chrono::seconds(20);
        return make_probe(health, tools_)->look(stop_.token());
    }
    static config::Health::Http http(std::string url = "http://localhost/health") {
        config::Health::Http http;
        http.url = std::move(url);
        return http;
    }

    system::StopSource stop_;
    test::FakeHttpClient http_;
    FakeProcessRunner processes_;
    Tools tools_{http_, processes_,
                 [](const std::string& name, config::Duration, system::StopToken) {
                     return Reading{State::unhealthy, "looked at " + name};
                 }};
};

TEST_F(Probes, HttpIsHealthyWhenItAnswersAsExpected) {
    http_.answer(200, "all ok here");
    auto expected = http();
    expected.expect_body = "ok";
    const auto reading = look(expected);
    EXPECT_EQ(reading.state, State::healthy);
    EXPECT_EQ(reading.evidence, "GET http://localhost/health answered 200");
    EXPECT_EQ(http_.requests().at(0).timeout, std::chrono::seconds(20));
}

TEST_F(Probes, HttpIsUnhealthyWhenItAnswersWrongly) {
    http_.answer(503);
    const auto status = look(http());
    EXPECT_EQ(status.state, State::unhealthy);
    EXPECT_EQ(status.evidence, "GET http://localhost/health answered 503 instead of 200");
    http_.answer(200, "no");
    static_cast<void>(look(http())); // the 503 again
    auto expected = http();
    expected.expect_body = "ok";
    const auto body = look(expected);
    EXPECT_EQ(body.state, State::unhealthy);
    EXPECT_THAT(body.evidence, HasSubstr("does not contain 'ok'"));
}

TEST_F(Probes, HttpIsUnknownOnlyWhenNothingWasSent) {
    using Kind = HttpFailure::Kind;
    for (const auto kind :
         {Kind::never_sent, Kind::refused, Kind::timed_out, Kind::tls, Kind::broken}) {
        test::FakeHttpClient client;
        client.answer(HttpFailure{kind, "words"});
        config::Health health;
        health.probe = http();
        const Tools tools{client, processes_, {}};
        const auto reading = make_probe(health, tools)->look({});
        EXPECT_EQ(reading.state, kind == Kind::never_sent ? State::unknown : State::unhealthy);
        EXPECT_EQ(reading.evidence, "GET http://localhost/health: words");
    }
}

TEST_F(Probes, HttpHidesWhatMayBeSecretInTheUrl) {
    http_.answer(200);
    EXPECT_EQ(look(http("http://user:pw@host/a@b?token=t")).evidence,
              "GET http://host/a@b answered 200");
}

TEST_F(Probes, TcpIsHealthyWhenItIsAccepted) {
    std::string closed;
    {
        const test::TcpServer server(test::TcpServer::keep_silent);
        closed = server.host_port();
        EXPECT_EQ(look(config::Health::Tcp{closed}).state, State::healthy);
    }
    const auto reading = look(config::Health::Tcp{closed});
    EXPECT_EQ(reading.state, State::unhealthy);
    EXPECT_THAT(reading.evidence, testing::StartsWith(closed + ": "));
}

TEST_F(Probes, CommandIsHealthyWhenItSucceeds) {
    processes_.on({"check"}, FakeProcessRunner::exited(0, "fine\n"));
    EXPECT_EQ(look(config::Health::Command{{"check", "all"}}).state, State::healthy);
    EXPECT_EQ(processes_.calls().back().options.timeout, std::chrono::seconds(20));
    processes_.on({"check"}, FakeProcessRunner::exited(2, "", "queue is full\n"));
    const auto reading = look(config::Health::Command{{"check"}});
    EXPECT_EQ(reading.state, State::unhealthy);
    EXPECT_EQ(reading.evidence, "'check' exited with status 2: queue is full");
}

TEST_F(Probes, CommandIsUnknownWhenItCannotRun) {
    const auto reading = look(config::Health::Command{{"not-installed"}});
    EXPECT_EQ(reading.state, State::unknown);
    EXPECT_THAT(reading.evidence, HasSubstr("cannot run 'not-installed'"));
}

TEST_F(Probes, DatabaseIsLookedAtByWhatIsGiven) {
    const auto reading = look(config::Health::Database{"shop"});
    EXPECT_EQ(reading.state, State::unhealthy);
    EXPECT_EQ(reading.evidence, "looked at shop");
}

TEST_F(Probes, PassOnThatTheyWereInterrupted) {
    stop_.request(SIGINT);
    try {
        static_cast<void>(look(http()));
        ADD_FAILURE() << "it was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
}

} // namespace
} // namespace drctl::health
