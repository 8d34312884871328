// SPDX-License-Identifier: Apache-2.0
#include "views/prompter.hpp"

#include "drctl/error.hpp"
#include "pseudo_terminal.hpp"

#include <csignal>
#include <functional>
#include <gtest/gtest.h>
#include <thread>

namespace drctl::app::views {
namespace {

class PrompterTest : public testing::Test {
  protected:
    // Types the answer once the question stands, as a person does.
    bool ask(const std::function<bool(TerminalPrompter&)>& question, const std::string& answer) {
        Console console(terminal.fd(), terminal.fd(), terminal.fd());
        console.choose_color(ColorChoice::never);
        TerminalPrompter prompter(console, stop.token());
        std::thread person([&] {
            while (!asked.ends_with("[y/N] ") && !asked.ends_with("as it is: ")) {
                asked += terminal.wait_and_read();
            }
            terminal.type(answer);
        });
        const bool agreed = question(prompter);
        person.join();
        return agreed;
    }

    bool go_ahead(const std::string& answer) {
        return ask([](TerminalPrompter& prompter) { return prompter.go_ahead("go ahead?"); },
                   answer);
    }

    bool agree(const std::string& answer) {
        return ask(
            [](TerminalPrompter& prompter) { return prompter.agree_to_loss("shop", "an hour"); },
            answer);
    }

    test::PseudoTerminal terminal;
    system::StopSource stop;
    std::string asked;
};

TEST_F(PrompterTest, EnterMeansNo) {
    EXPECT_FALSE(go_ahead("\n"));
    EXPECT_EQ(asked, "go ahead? [y/N] ");
}

TEST_F(PrompterTest, YesMeansYes) {
    EXPECT_TRUE(go_ahead("y\n"));
}

TEST_F(PrompterTest, AnythingElseMeansNo) {
    EXPECT_FALSE(go_ahead("yup\n"));
}

TEST_F(PrompterTest, EndOfInputMeansNo) {
    EXPECT_FALSE(go_ahead("\x04"));
}

TEST_F(PrompterTest, ALossIsAgreedToByTheTargetsName) {
    EXPECT_TRUE(agree("shop\n"));
    EXPECT_EQ(asked, "This loses an hour\nType 'shop' to agree, or press Enter to leave "
                     "everything as it is: ");
}

TEST_F(PrompterTest, ALossIsNotAgreedToByAYes) {
    EXPECT_FALSE(agree("y\n"));
}

TEST_F(PrompterTest, ALossIsNotAgreedToByEnter) {
    EXPECT_FALSE(agree("\n"));
}

TEST_F(PrompterTest, WhatWasTypedBeforeTheQuestionIsNoAnswer) {
    terminal.type("y\n");
    EXPECT_FALSE(go_ahead("\n"));
}

TEST_F(PrompterTest, AStopEndsTheQuestion) {
    stop.request(SIGINT);
    Console console(terminal.fd(), terminal.fd(), terminal.fd());
    TerminalPrompter prompter(console, stop.token());
    EXPECT_THROW(prompter.go_ahead("go ahead?"), Error);
}

} // namespace
} // namespace drctl::app::views
