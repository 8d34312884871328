// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include "drctl/error.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace drctl::app {
namespace {

constexpr const char* output_group = "Output";

[[noreturn]] void reject(const std::string& names, const std::string& value,
                         const std::string& what, const std::string& hint) {
    const auto last = names.substr(names.rfind(',') + 1);
    throw Error(ErrorCode::usage, fmt::format("cannot read {} '{}': {}", last, value, what), hint);
}

// An option whose text `parse` turns into an optional value.
template <typename Value, typename Parse>
CLI::Option* add_parsed(CLI::App& app, const std::string& names, std::optional<Value>& value,
                        Parse parse, const char* what, const char* hint, const std::string& text) {
    return app.add_option_function<std::string>(
        names,
        [&value, names, parse, what, hint](const std::string& given) {
            value = parse(given);
            if (!value) {
                reject(names, given, what, hint);
            }
        },
        text);
}

std::optional<unsigned> parse_count(std::string_view text) {
    unsigned count = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, count);
    if (failure != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return count;
}

} // namespace

CLI::Option* add_duration(CLI::App& app, const std::string& names,
                          std::optional<system::Duration>& value, const std::string& text) {
    return add_parsed(app, names, value, system::parse_duration, "it is not a duration",
                      "durations look like 500ms, 2s, 15m, 26h, 30d; the longest is 36500d", text)
        ->type_name("DURATION");
}

CLI::Option* add_time(CLI::App& app, const std::string& names,
                      std::optional<system::WallTime>& value, const std::string& text) {
    return add_parsed(app, names, value, system::parse_rfc3339, "it is not a time",
                      "times look like 2026-11-23T03:15:02Z", text)
        ->type_name("TIME");
}

CLI::Option* add_count(CLI::App& app, const std::string& names, std::optional<unsigned>& value,
                       const std::string& text) {
    return add_parsed(app, names, value, parse_count, "it is not a whole number",
                      "give a number such as 2", text)
        ->type_name("N");
}

CLI::Option* add_text(CLI::App& app, const std::string& names, std::string& value,
                      const std::string& type, const std::string& text) {
    return app.add_option(names, value, text)->type_name(type);
}

CLI::Option* add_path(CLI::App& app, const std::string& names, fs::path& value,
                      const std::string& type, const std::string& text) {
    return app
        .add_option_function<std::string>(
            names, [&value](const std::string& given) { value = given; }, text)
        ->type_name(type);
}

CLI::Option* add_choice(CLI::App& app, const std::string& names, std::size_t& chosen,
                        const std::vector<std::string>& choices, const std::string& text) {
    return app
        .add_option_function<std::string>(
            names,
            [&chosen, names, choices](const std::string& given) {
                const auto found = std::find(choices.begin(), choices.end(), given);
                if (found == choices.end()) {
                    reject(names, given, "there is no such choice",
                           fmt::format("give one of: {}", fmt::join(choices, ", ")));
                }
                chosen = static_cast<std::size_t>(found - choices.begin());
            },
            text)
        ->type_name(fmt::format("{}", fmt::join(choices, "|")));
}

void add_output_options(CLI::App& app, CommonOptions& common) {
    app.add_flag("--json", common.json, "One JSON object on stdout and nothing else there")
        ->group(output_group);
    app.add_flag("-q,--quiet", common.quiet, "Say only what was lost, kept or refused")
        ->group(output_group);
    add_verbose_option(app, common);
    add_color_option(app, common);
}

void add_verbose_option(CLI::App& app, CommonOptions& common) {
    app.add_flag("-v,--verbose", common.verbose, "Say why, and what was seen")->group(output_group);
}

void add_color_option(CLI::App& app, CommonOptions& common) {
    app.add_option_function<std::string>(
           "--color",
           [&common](const std::string& given) {
               if (given == "auto") {
                   common.color = views::ColorChoice::automatic;
               } else if (given == "always") {
                   common.color = views::ColorChoice::always;
               } else if (given == "never") {
                   common.color = views::ColorChoice::never;
               } else {
                   reject("--color", given, "there is no such choice",
                          "give one of: auto, always, never");
               }
           },
           "Colours; `auto` means on a terminal, unless NO_COLOR is set")
        ->type_name("auto|always|never")
        ->group(output_group);
}

void add_config_options(CLI::App& app, CommonOptions& common) {
    constexpr const char* group = "Configuration";
    add_path(app, "-c,--config", common.config, "FILE",
             "The configuration; else $DRCTL_CONFIG, else /etc/drctl/drctl.toml")
        ->group(group);
    app.add_option_function<std::vector<std::string>>(
           "--set",
           [&common](const std::vector<std::string>& given) {
               common.set.insert(common.set.end(), given.begin(), given.end());
           },
           "Override one value of the configuration for this run; may be repeated")
        ->type_name("KEY=VALUE")
        // One value an occurrence: a NAME behind it is not swallowed.
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false)
        ->group(group);
}

} // namespace drctl::app
