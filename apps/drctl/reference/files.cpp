// SPDX-License-Identifier: Apache-2.0
#include "config/reference.hpp"
#include "reference/pages.hpp"

#include "config/reference.hpp"

#include <algorithm>

namespace drctl::app::reference {

std::string page_name(const CommandDoc& command) {
    std::string name = command.path;
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

std::map<std::filesystem::path, std::string> all_files(const CommandDoc& program) {
    std::map<std::filesystem::path, std::string> files{
        {"completions/drctl.bash", bash_completion(program)},
        {"completions/_drctl", zsh_completion(program)},
        {"completions/drctl.fish", fish_completion(program)},
        {"docs/configuration.md", config::reference_markdown()},
        {"docs/configuration.md", config::reference_markdown()},
        {"docs/exit-codes.md", exit_codes_page()},
        {"docs/commands/drctl.md", markdown_page(program)},
        {"docs/man/drctl.1", man_page(program)},
    };
    for (const auto& command : program.children) {
        files["docs/commands/" + std::string(command.page->name) + ".md"] = markdown_page(command);
        files["docs/man/" + page_name(command) + ".1"] = man_page(command);
    }
    return files;
}

} // namespace drctl::app::reference
