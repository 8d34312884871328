// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "health/health.hpp"
#include "support/fake_clock.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::health {
namespace {

using namespace std::chrono_literals;
using State = Reading::State;
using test::FakeClock;

/// Reads a script, one letter a look: h(ealthy), u(nhealthy), ?(unknown); the last one stays.
class ScriptedProbe final : public Probe {
  public:
    explicit ScriptedProbe(std::string script) : script_(std::move(script)) {}

    Reading look(system::StopToken) override {
        const char letter = script_.at(std::min(looks_, script_.size() - 1));
        ++looks_;
        if (clock_ != nullptr) {
            clock_->advance(duration_);
        }
        return {letter == 'h'   ? State::healthy
                : letter == 'u' ? State::unhealthy
                                : State::unknown,
                "look " + std::to_string(looks_)};
    }
    /// Lets every look take that long.
    void takes(const FakeClock& clock, std::chrono::milliseconds duration) {
        clock_ = &clock;
        duration_ = duration;
    }

  private:
    std::string script_;
    std::size_t looks_ = 0;
    const FakeClock* clock_ = nullptr;
    std::chrono::milliseconds duration_{0};
};

config::Health policy() {
    config::Health policy;
    policy.passes = 2;
    policy.failures = 3;
    policy.interval = 500ms;
    policy.deadline = 10s;
    return policy;
}

struct Row {
    const char* script;
    State state;
    unsigned looks;
};

std::string evidence_of_look(unsigned number) {
    return "look " + std::to_string(number);
}

TEST(Assess, NeedsSeveralLooksInARow) {
    for (const auto& row : {
             Row{"hh", State::healthy, 2},
             Row{"uuu", State::unhealthy, 3},
             Row{"???", State::unknown, 3},
             Row{"uhh", State::healthy, 3},
             Row{"uuhh", State::healthy, 4},
             Row{"huuu", State::unhealthy, 4},
             Row{"huhuuu", State::unhealthy, 6},
             Row{"uu?uuu", State::unhealthy, 6},
             Row{"u??u???", State::unknown, 7},
             Row{"?u?uhh", State::healthy, 6},
         }) {
        ScriptedProbe probe(row.script);
        const FakeClock clock;
        const auto verdict = assess(probe, policy(), clock, {});
        EXPECT_EQ(verdict.state, row.state) << row.script;
        EXPECT_EQ(verdict.looks, row.looks) << row.script;
        EXPECT_EQ(verdict.evidence, evidence_of_look(row.looks)) << row.script;
        EXPECT_EQ(clock.passed(), (row.looks - 1) * 500ms) << row.script;
    }
}

TEST(Assess, DoesNotKnowWhatNeverSettles) {
    std::string flapping;
    for (int i = 0; i < 100; ++i) {
        flapping += "hu";
    }
    ScriptedProbe probe(flapping);
    const auto verdict = assess(probe, policy(), FakeClock(), {});
    EXPECT_EQ(verdict.state, State::unknown);
    EXPECT_EQ(verdict.looks, 20U);
    EXPECT_THAT(verdict.evidence, testing::HasSubstr("changed all the time"));
}

TEST(Assess, TakesNoneForOne) {
    auto lenient = policy();
    lenient.passes = 0;
    lenient.failures = 0;
    ScriptedProbe probe("u");
    EXPECT_EQ(assess(probe, lenient, FakeClock(), {}).state, State::unhealthy);
}

TEST(Assess, CountsTheIntervalFromStartToStart) {
    const FakeClock clock;
    ScriptedProbe quick("uuu");
    quick.takes(clock, 200ms);
    static_cast<void>(assess(quick, policy(), clock, {}));
    EXPECT_EQ(clock.passed(), 1'200ms); // 0, 500, 1000, and the last one's 200

    const FakeClock another;
    ScriptedProbe slow("uuu");
    slow.takes(another, 2s);
    static_cast<void>(assess(slow, policy(), another, {}));
    EXPECT_EQ(another.passed(), 6s);
}

TEST(Assess, StopsWhenAskedTo) {
    system::StopSource stop;
    stop.request(SIGINT);
    ScriptedProbe probe("h");
    try {
        static_cast<void>(assess(probe, policy(), FakeClock(), stop.token()));
        ADD_FAILURE() << "it was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
}

TEST(WaitUntilHealthy, ForgivesFailuresWithinTheDeadline) {
    for (const auto* script : {"hh", "uuuuuuuuhh", "????uuuhuhh"}) {
        ScriptedProbe probe(script);
        const auto verdict = wait_until_healthy(probe, policy(), FakeClock(), {});
        EXPECT_EQ(verdict.state, State::healthy) << script;
        EXPECT_EQ(verdict.looks, std::string(script).size()) << script;
    }
}

TEST(WaitUntilHealthy, EndsAtTheDeadlineWithTheLastBadLook) {
    for (const auto& row : {Row{"u", State::unhealthy, 21}, Row{"?", State::unknown, 21},
                            Row{"uuuuuuuuuuuuuuuuuuuu?", State::unknown, 21}}) {
        ScriptedProbe probe(row.script);
        const FakeClock clock;
        const auto verdict = wait_until_healthy(probe, policy(), clock, {});
        EXPECT_EQ(verdict.state, row.state) << row.script;
        EXPECT_EQ(verdict.looks, row.looks) << row.script;
        EXPECT_EQ(clock.passed(), 10s) << row.script;
    }
    ScriptedProbe late("uuuuuuuuuuuuuuuuuuuuhh"); // healthy only from look 21 on
    const auto verdict = wait_until_healthy(late, policy(), FakeClock(), {});
    EXPECT_EQ(verdict.state, State::unhealthy);
    EXPECT_EQ(verdict.evidence, "look 20");
}

TEST(WaitUntilHealthy, LooksOnceEvenWithoutTime) {
    auto hurried = policy();
    hurried.deadline = 0ms;
    ScriptedProbe once("h");
    const auto verdict = wait_until_healthy(once, hurried, FakeClock(), {});
    EXPECT_EQ(verdict.state, State::unknown) << "one look is less than the two it takes";
    EXPECT_EQ(verdict.looks, 1U);
    hurried.passes = 1;
    ScriptedProbe again("h");
    EXPECT_EQ(wait_until_healthy(again, hurried, FakeClock(), {}).state, State::healthy);
}

} // namespace
} // namespace drctl::health
