// SPDX-License-Identifier: Apache-2.0
#include "golden.hpp"
#include "system/files.hpp"
#include "system/process.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string_view>

// Every file below golden/ is one test: commands on lines that begin with "$ ", and behind each
// what it printed and how it ended. The test runs the commands in a fresh directory that holds a
// copy of fixtures/, and compares; see golden.hpp for how to accept a difference. A new test is a
// new file with nothing but its "$ " lines.
namespace drctl::test {
namespace {

namespace fs = std::filesystem;

// Words as a shell would make them of blanks and single quotes.
system::Argv words_of(std::string_view line) {
    system::Argv words;
    bool quoted = false;
    bool open = false;
    for (const char letter : line) {
        if (letter == '\'') {
            quoted = !quoted;
        } else if (letter == ' ' && !quoted) {
            open = false;
            continue;
        }
        if (!open) {
            words.emplace_back();
            open = true;
        }
        if (letter != '\'') {
            words.back() += letter;
        }
    }
    return words;
}

std::string with_replaced(std::string text, const std::string& from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

std::string indented(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        result += line.empty() ? "\n" : fmt::format("    {}\n", line);
    }
    return result;
}

class Transcript {
  public:
    Transcript() {
        fs::copy(cli_directory() / "fixtures", scratch_.path(), fs::copy_options::recursive);
    }

    std::string run(const std::string& line) {
        auto argv = words_of(line);
        system::ProcessOptions options;
        options.directory = scratch_.path();
        options.environment = {{"DRCTL_CONFIG", ""}, {"TERM", "dumb"}, {"LC_ALL", "C.UTF-8"}};
        if (argv.at(0) == "drctl") {
            argv[0] = DRCTL_PROGRAM;
        }
        const auto result = system::SystemProcessRunner().run(argv, options, {});
        std::string text = fmt::format("$ {}\n", line);
        text += result.out.empty() ? "" : "stdout:\n" + indented(result.out);
        text += result.err.empty() ? "" : "stderr:\n" + indented(result.err);
        text += result.signal == 0 && !result.timed_out
                    ? fmt::format("exit {}\n", result.exit_status)
                    : result.how_it_ended() + "\n";
        return with_replaced(text, scratch_.path().string(), "{directory}");
    }

  private:
    system::TemporaryDirectory scratch_{"drctl-golden"};
};

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, PrintsWhatIsOnFile) {
    const auto expected = system::read_file(GetParam());
    Transcript transcript;
    std::string actual;
    for (std::string_view rest = expected; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.starts_with("# ")) {
            actual += fmt::format("{}\n", line);
        } else if (line.starts_with("$ ")) {
            actual += (actual.empty() || actual.ends_with("#\n") ? "" : "\n") +
                      transcript.run(std::string(line.substr(2)));
        }
    }
    expect_golden(GetParam(), actual);
}

std::vector<fs::path> golden_files() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(cli_directory() / "golden")) {
        if (entry.path().extension() == ".txt") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string test_name(const testing::TestParamInfo<fs::path>& file) {
    std::string name = file.param.stem().string();
    std::replace_if(
        name.begin(), name.end(), [](unsigned char letter) { return std::isalnum(letter) == 0; },
        '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(CommandLine, Golden, testing::ValuesIn(golden_files()), test_name);

} // namespace
} // namespace drctl::test
