// SPDX-License-Identifier: Apache-2.0
#include "views/errors.hpp"

#include "views/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drctl::app::views {

void show_error(Console& console, const Error& error) {
    const auto& style = console.err_style();
    console.narrate(
        fmt::format("{} {}\n", style.paint(Tone::bad, "drctl:"), printable(error.message())));
    if (!error.hint().empty()) {
        console.narrate(
            fmt::format("{} {}\n", style.paint(Tone::strong, "hint:"), printable(error.hint())));
    }
}

void show_error_as_json(Console& console, const Error& error, std::string_view command,
                        Outcome outcome, ExitCode code) {
    nlohmann::ordered_json report{{"schema", "drctl.report/1"}};
    if (!command.empty()) {
        report["procedure"] = command;
    }
    report["outcome"] = name_of(outcome);
    report["exit_code"] = static_cast<int>(code);
    report["version"] = version();
    report["error"] = error.message();
    if (!error.hint().empty()) {
        report["hint"] = error.hint();
    }
    console.result(report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

} // namespace drctl::app::views
