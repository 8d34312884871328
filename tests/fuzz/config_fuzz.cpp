// SPDX-License-Identifier: Apache-2.0
// The configuration as bytes: a file, then, after each zero byte, one `--set`. Whatever they are,
// reading them ends in a configuration or in an error that says it was the user's; and what a
// journal keeps of a configuration makes the same configuration again.
#include "config/load.hpp"
#include "drctl/error.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace {

using namespace drctl;
using fuzz::require;

/// The text up to the next zero byte, taken off the front.
std::string_view take_part(std::string_view& rest) {
    const auto end = std::min(rest.find('\0'), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

std::optional<config::Document> read(std::string_view input) {
    try {
        auto document = config::Document::parse(take_part(input), "fuzz.toml");
        while (!input.empty()) {
            document.set(take_part(input));
        }
        return document;
    } catch (const Error& error) {
        require(error.code() == ErrorCode::usage, "a mistake in the text is an error of usage");
        return std::nullopt;
    }
}

void check_journaled(const config::Document& document, const config::Target& target) {
    const auto flat = config::relevant_settings(document, target);
    const auto again = config::Document::from_flat(flat, "the journal");
    require(config::relevant_settings(again, target) == flat,
            "the journal makes the same configuration again");
    require(config::differences(flat, document, target).empty(),
            "a configuration does not differ from its own record");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = read({reinterpret_cast<const char*>(data), size});
    if (!document) {
        return 0;
    }
    const auto decoded = config::decode(*document);
    for (const auto& problem : decoded.problems) {
        require(!problem.message.empty(), "a problem says what it is");
    }
    static_cast<void>(config::all_settings(*document));
    for (const auto& [name, database] : decoded.config.databases) {
        check_journaled(*document, {"database", name});
    }
    return 0;
}
