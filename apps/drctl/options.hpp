// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/clock.hpp"
#include "system/units.hpp"
#include "views/style.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace drctl::app {

namespace fs = std::filesystem;

/// Options that several commands share. They may stand before or behind the subcommand
/// (`drctl -c FILE status` and `drctl status -c FILE`), so there is one set of variables.
struct CommonOptions {
    fs::path config; ///< empty: $DRCTL_CONFIG, else /etc/drctl/drctl.toml
    std::vector<std::string> set;
    bool json = false;
    bool quiet = false;
    bool verbose = false;
    views::ColorChoice color = views::ColorChoice::automatic;
};

/// --json, -q, -v, --color.
void add_output_options(CLI::App& app, CommonOptions& common);
/// Those that also make sense where there is no result to be quiet about.
void add_verbose_option(CLI::App& app, CommonOptions& common);
void add_color_option(CLI::App& app, CommonOptions& common);
/// -c, --set.
void add_config_options(CLI::App& app, CommonOptions& common);

// Options of a type, with a message that says what the value should look like. `names` as CLI11
// takes them ("-c,--config"). All throw Error(usage) while parsing.
CLI::Option* add_duration(CLI::App& app, const std::string& names,
                          std::optional<system::Duration>& value, const std::string& text);
CLI::Option* add_time(CLI::App& app, const std::string& names,
                      std::optional<system::WallTime>& value, const std::string& text);
CLI::Option* add_count(CLI::App& app, const std::string& names, std::optional<unsigned>& value,
                       const std::string& text);
CLI::Option* add_text(CLI::App& app, const std::string& names, std::string& value,
                      const std::string& type, const std::string& text);
CLI::Option* add_path(CLI::App& app, const std::string& names, fs::path& value,
                      const std::string& type, const std::string& text);
/// One word of `choices`; its index among them goes into `chosen`.
CLI::Option* add_choice(CLI::App& app, const std::string& names, std::size_t& chosen,
                        const std::vector<std::string>& choices, const std::string& text);

} // namespace drctl::app
