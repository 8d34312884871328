// SPDX-License-Identifier: Apache-2.0
#include "views/configuration.hpp"

#include "views/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drctl::app::views {
namespace {

using json = nlohmann::ordered_json;

std::string line_of(const json& body) {
    return body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

bool is_error(const config::Problem& problem) {
    return problem.severity == config::Severity::error;
}

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

} // namespace

std::string human_problems(const config::Problems& problems, const Style& style) {
    if (problems.empty()) {
        return style.paint(Tone::good, "the configuration is good") + "\n";
    }
    std::string text;
    for (const auto& problem : problems) {
        text += fmt::format("{} {}\n",
                            is_error(problem) ? style.paint(Tone::bad, "error:")
                                              : style.paint(Tone::warning, "warning:"),
                            printable(problem.text()));
        if (!problem.hint.empty()) {
            text += fmt::format("    {}\n", printable(problem.hint));
        }
    }
    const auto errors =
        static_cast<std::size_t>(std::count_if(problems.begin(), problems.end(), is_error));
    return text + fmt::format("{}, {}\n", counted(errors, "error"),
                              counted(problems.size() - errors, "warning"));
}

std::string problems_as_json(const config::Problems& problems) {
    auto list = json::array();
    for (const auto& problem : problems) {
        json one{{"severity", is_error(problem) ? "error" : "warning"},
                 {"at", problem.origin.text()},
                 {"message", problem.message}};
        if (!problem.section.empty()) {
            one["section"] = problem.section;
        }
        if (!problem.hint.empty()) {
            one["hint"] = problem.hint;
        }
        list.push_back(std::move(one));
    }
    return line_of({{"schema", "drctl.config-check/1"}, {"problems", std::move(list)}});
}

std::string human_settings(const std::vector<config::Setting>& settings, const Style& style) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& setting : settings) {
        rows.push_back({fmt::format("{} = {}", printable(setting.key), printable(setting.json)),
                        style.paint(Tone::dim, "# " + printable(setting.origin.text()))});
    }
    return table(rows);
}

std::string settings_as_json(const std::vector<config::Setting>& settings) {
    auto list = json::array();
    for (const auto& setting : settings) {
        list.push_back({{"key", setting.key},
                        {"value", json::parse(setting.json)},
                        {"from", setting.origin.text()}});
    }
    return line_of({{"schema", "drctl.config/1"}, {"settings", std::move(list)}});
}

std::string written_as_json(const std::filesystem::path& path) {
    return line_of({{"schema", "drctl.written/1"}, {"path", path.string()}});
}

} // namespace drctl::app::views
