// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include "drctl/error.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace drctl::app {
namespace {

class Program final : public Command {
  public:
    const Page& page() const override {
        static const Page page{.name = "drctl", .summary = "test program", .text = ""};
        return page;
    }
    void define(CLI::App& app, CommonOptions& common) override {
        add_output_options(app, common);
        add_config_options(app, common);
    }
    ExitCode run(Context&) override { return ExitCode::good; }
};

class Recover final : public Command {
  public:
    const Page& page() const override {
        static const Page page{.name = "recover", .summary = "recover", .text = ""};
        return page;
    }
    void define(CLI::App& app, CommonOptions& common) override {
        add_text(app, "NAME", name, "", "target");
        add_text(app, "--reason", reason, "TEXT", "why");
        app.add_flag("-n,--plan", plan, "plan");
        app.add_flag("--beside{:auto}", beside, "beside")->type_name("DBNAME");
        add_duration(app, "--timeout", timeout, "deadline");
        add_output_options(app, common);
        add_config_options(app, common);
    }
    ExitCode run(Context&) override { return ExitCode::good; }

    std::string name;
    std::string reason;
    std::string beside;
    std::optional<system::Duration> timeout;
    bool plan = false;
};

class Group final : public Command {
  public:
    Group() { children_.push_back(std::make_unique<Recover>()); }
    const Page& page() const override {
        static const Page page{
            .name = "group", .summary = "group", .text = "", .aliases = {"bunch"}};
        return page;
    }
    void define(CLI::App&, CommonOptions&) override {}
    ExitCode run(Context&) override { return ExitCode::good; }
    const Commands& children() const override { return children_; }

  private:
    Commands children_;
};

class CommandLineTest : public testing::Test {
  protected:
    CommandLineTest() {
        Commands commands;
        commands.push_back(std::make_unique<Recover>());
        recover = static_cast<Recover*>(commands.back().get());
        commands.push_back(std::make_unique<Group>());
        line = std::make_unique<CommandLine>(std::make_unique<Program>(), std::move(commands));
    }

    std::string refused(const std::vector<std::string>& arguments) {
        try {
            line->parse(arguments);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::usage);
            return error.message() + " | " + error.hint();
        }
        return "accepted";
    }

    Recover* recover = nullptr;
    std::unique_ptr<CommandLine> line;
};

TEST_F(CommandLineTest, TakesSharedOptionsBeforeAndBehindTheCommand) {
    line->parse({"-c", "one.toml", "--set", "a=1", "recover", "--set", "b=2", "main", "--json"});
    EXPECT_EQ(line->options().config, "one.toml");
    EXPECT_EQ(line->options().set, (std::vector<std::string>{"a=1", "b=2"}));
    EXPECT_TRUE(line->options().json);
    EXPECT_EQ(recover->name, "main");
}

TEST_F(CommandLineTest, AnOptionalValueIsOnlyTakenBehindAnEqualsSign) {
    line->parse({"recover", "--beside", "main"});
    EXPECT_EQ(recover->beside, ":auto");
    EXPECT_EQ(recover->name, "main");
}

TEST_F(CommandLineTest, AnOptionalValueBehindAnEqualsSignIsTaken) {
    line->parse({"recover", "--beside=copy", "main"});
    EXPECT_EQ(recover->beside, "copy");
    EXPECT_EQ(recover->name, "main");
}

TEST_F(CommandLineTest, ATargetMayBeCalledLikeACommand) {
    const auto request = line->parse({"group", "recover", "recover"});
    EXPECT_EQ(request.node->path, "drctl group recover");
}

TEST_F(CommandLineTest, KnowsAliases) {
    EXPECT_EQ(line->parse({"bunch", "recover"}).node->path, "drctl group recover");
}

TEST_F(CommandLineTest, TellsHelpOfACommandFromHelpOfTheProgram) {
    const auto request = line->parse({"group", "recover", "--help"});
    EXPECT_EQ(request.kind, Request::Kind::help);
    EXPECT_EQ(request.node->path, "drctl group recover");
}

TEST_F(CommandLineTest, NeverTakesAnOptionForAnotherOnesValue) {
    EXPECT_EQ(refused({"recover", "--reason", "--plan"}),
              "cannot run 'drctl recover': option '--reason' needs a value, but '--plan' follows "
              "it | 'drctl recover --help' shows how it is used");
    EXPECT_EQ(refused({"recover", "--reason", "-n"}).substr(0, 13), "cannot run 'd");
}

TEST_F(CommandLineTest, NeverTakesTheNextArgumentForAnEmptyValue) {
    EXPECT_EQ(refused({"recover", "--reason=", "main"}),
              "cannot read '--reason=': the value is empty | write the value behind the '=' or "
              "leave the option out");
}

TEST_F(CommandLineTest, NamesTheCommandThatWasProbablyMeant) {
    EXPECT_EQ(refused({"recvoer"}),
              "cannot run 'drctl': there is no command 'recvoer' | did you mean 'recover'? "
              "'drctl --help' lists them all");
    EXPECT_EQ(refused({"recover", "--timout", "2s"}),
              "cannot run 'drctl recover': there is no option '--timout' | did you mean "
              "'--timeout'? 'drctl recover --help' lists them all");
}

TEST_F(CommandLineTest, SaysWhatAValueShouldLookLike) {
    EXPECT_EQ(refused({"recover", "--timeout", "soon"}),
              "cannot read --timeout 'soon': it is not a duration | durations look like 500ms, "
              "2s, 15m, 26h, 30d; the longest is 36500d");
}

TEST_F(CommandLineTest, RefusesWhatIsGivenTwiceAndOneTooMany) {
    EXPECT_EQ(refused({"recover", "--timeout", "2s", "--timeout", "3s"}),
              "cannot run 'drctl recover': option '--timeout' is given more than once | 'drctl "
              "recover --help' shows how it is used");
    EXPECT_EQ(refused({"recover", "one", "two"}),
              "cannot run 'drctl recover': the argument 'two' is one too many | 'drctl recover "
              "--help' shows how it is used");
}

TEST_F(CommandLineTest, SaysThatAValueIsMissing) {
    EXPECT_EQ(refused({"recover", "--timeout"}),
              "cannot run 'drctl recover': option '--timeout' needs a value | 'drctl recover "
              "--help' shows how it is used");
}

} // namespace
} // namespace drctl::app
