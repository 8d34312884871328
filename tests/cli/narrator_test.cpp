// SPDX-License-Identifier: Apache-2.0
#include "views/narrator.hpp"

#include "engine/plan.hpp"
#include "pseudo_terminal.hpp"
#include "support/fake_clock.hpp"
#include "system/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace drctl::app::views {
namespace {

using engine::Progress;
using std::chrono::seconds;

class NarratorTest : public testing::Test {
  protected:
    // A file stands for what is no terminal.
    std::string in_file(const std::function<void(Narrator&)>& run, Detail detail = Detail::normal) {
        const system::TemporaryDirectory scratch;
        const auto path = scratch.path() / "narration";
        const system::UniqueFd file(
            ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        Console console(file.get(), file.get(), file.get());
        {
            Narrator narrator(console, clock, detail);
            run(narrator);
        }
        return system::read_file(path);
    }

    std::string at_terminal(const std::function<void(Narrator&)>& run) {
        test::PseudoTerminal terminal(40);
        Console console(terminal.fd(), terminal.fd(), terminal.fd());
        console.choose_color(ColorChoice::never);
        {
            Narrator narrator(console, clock, Detail::normal);
            run(narrator);
        }
        return terminal.printed();
    }

    // `count` reports of progress, one every second.
    void work(Narrator& narrator, unsigned count) {
        for (unsigned second = 0; second < count; ++second) {
            narrator.progress({Progress::Unit::items, "restore", second, 100});
            clock.advance(seconds(1));
        }
    }

    test::FakeClock clock;
};

const engine::StepInfo step{"stop-services", "stop dao-registry", "it would write"};

TEST_F(NarratorTest, SaysOneLineForEachStep) {
    EXPECT_EQ(in_file([](Narrator& narrator) {
                  narrator.step_started(step);
                  narrator.step_finished(step, StepStatus::done, "stopped", seconds(2));
              }),
              "done      stop dao-registry (2s)\n");
}

TEST_F(NarratorTest, SaysWhyAStepFailed) {
    EXPECT_EQ(in_file([](Narrator& narrator) {
                  narrator.step_finished(step, StepStatus::failed, "it runs on", seconds(2));
              }),
              "failed    stop dao-registry (2s)\n          it runs on\n");
}

TEST_F(NarratorTest, SaysWhyAndWhatWasSeenWhenVerbose) {
    EXPECT_EQ(in_file(
                  [](Narrator& narrator) {
                      narrator.step_started(step);
                      narrator.step_finished(step, StepStatus::done, "stopped", seconds(2));
                  },
                  Detail::verbose),
              "stop-services: it would write\ndone      stop dao-registry (2s)\n          "
              "stopped\n");
}

TEST_F(NarratorTest, KeepsToWarningsWhenQuiet) {
    EXPECT_EQ(in_file(
                  [&](Narrator& narrator) {
                      narrator.note("a note");
                      narrator.warning("mind the gap");
                      work(narrator, 90);
                  },
                  Detail::quiet),
              "warning: mind the gap\n");
}

TEST_F(NarratorTest, ReportsProgressEveryHalfMinuteWhereThereIsNoTerminal) {
    EXPECT_EQ(in_file([&](Narrator& narrator) { work(narrator, 62); }),
              "restore  30 of 100  30%  1/s  1m 10s left\n"
              "restore  60 of 100  60%  1/s  40s left\n");
}

TEST_F(NarratorTest, HasNoProgressForShortWork) {
    EXPECT_EQ(at_terminal([&](Narrator& narrator) { work(narrator, 2); }), "");
}

TEST_F(NarratorTest, DrawsOneLineOverAndOverOnATerminalAndCleansUp) {
    EXPECT_EQ(at_terminal([&](Narrator& narrator) {
                  work(narrator, 4);
                  narrator.note("done");
              }),
              "\r\x1b[Krestore  2 of 100  2%  1/s  1m 38s left"
              "\r\x1b[Krestore  3 of 100  3%  1/s  1m 37s left"
              "\r\x1b[Kdone\n");
}

TEST_F(NarratorTest, NeverWrapsTheProgressLine) {
    EXPECT_EQ(at_terminal([&](Narrator& narrator) {
                  const std::string name(60, 'x');
                  narrator.progress({Progress::Unit::items, name, 0, 0});
                  clock.advance(seconds(3));
                  narrator.progress({Progress::Unit::items, name, 0, 0});
              }),
              "\r\x1b[K" + std::string(39, 'x') + "\r\x1b[K");
}

TEST_F(NarratorTest, EscapesWhatComesFromElsewhere) {
    EXPECT_EQ(in_file([](Narrator& narrator) { narrator.note("bell\a"); }), "bell\\x07\n");
}

} // namespace
} // namespace drctl::app::views
