// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/model.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace drctl::app::reference {

/// A manual page (man(7) macros) of a top-level command and all below it.
[[nodiscard]] std::string man_page(const CommandDoc& command);
/// The same in Markdown, for docs/commands.
[[nodiscard]] std::string markdown_page(const CommandDoc& command);
/// The table of exit codes in Markdown.
[[nodiscard]] std::string exit_codes_page();

/// Completion scripts of the whole program.
[[nodiscard]] std::string bash_completion(const CommandDoc& program);
[[nodiscard]] std::string zsh_completion(const CommandDoc& program);
[[nodiscard]] std::string fish_completion(const CommandDoc& program);

/// Every generated file of the repository: path below its root, content.
[[nodiscard]] std::map<std::filesystem::path, std::string> all_files(const CommandDoc& program);

/// "drctl-runs" for "drctl runs": the stem of a page's file name.
[[nodiscard]] std::string page_name(const CommandDoc& command);

} // namespace drctl::app::reference
