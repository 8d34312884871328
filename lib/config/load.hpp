// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/decode.hpp"
#include "config/document.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"
#include "config/types.hpp"
#include "drctl/export.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace drctl::config {

/// Which file is read, and why it is this one.
struct ChosenFile {
    std::filesystem::path path;
    std::string by; ///< `--config`, `$DRCTL_CONFIG`; empty: nobody chose, it is the default
};

/// `--config`, else `$DRCTL_CONFIG` (empty counts as unset), else /etc/drctl/drctl.toml.
DRCTL_API ChosenFile choose_file(const std::optional<std::filesystem::path>& option,
                                 const std::optional<std::string>& environment);
/// The same with the environment of this process.
DRCTL_API ChosenFile choose_file(const std::optional<std::filesystem::path>& option);

struct LoadedConfig {
    std::filesystem::path path; ///< empty if it does not come from a file
    Document document;
    Config config;     ///< what is usable of it; see problems_for() before using it
    Problems problems; ///< in the order of the file
};

/// Reads the file, applies the `--set` overrides in order, validates and decodes. Mistakes in
/// what is written are `problems`; throws Error(usage) or Error(refused) only for a file that
/// cannot be read or is not TOML, and for overrides that are none.
DRCTL_API LoadedConfig load(const ChosenFile& file, std::span<const std::string> overrides = {});

/// The same for a configuration that a journal kept (relevant_settings()); `name` is what origins
/// call it. Throws Error(damaged).
DRCTL_API LoadedConfig load_recorded(const Flat& flat, const std::string& name);

/// The problems as a procedure on `target` sees them: errors in sections that it uses and in what
/// was typed with --set stay errors, all others are warnings to it.
DRCTL_API Problems problems_for(const LoadedConfig& loaded, const Target& target);

/// Throws Error(usage) if problems_for() has an error. The first is in the message; all are in
/// the context as "problem".
DRCTL_API void require_usable(const LoadedConfig& loaded, const Target& target);

/// The database called `name`, or the only one. Throws Error(usage) that lists the configured
/// ones.
DRCTL_API const Database& choose_database(const LoadedConfig& loaded,
                                          const std::optional<std::string>& name);

} // namespace drctl::config
