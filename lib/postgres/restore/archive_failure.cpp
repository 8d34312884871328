// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/archive_failure.hpp"

#include "postgres/sqlstate.hpp"

#include <fmt/core.h>
#include <string_view>

namespace drctl::postgres::restore {
namespace {

/// What stands behind the first `mark`, up to the line's end; empty if there is none.
std::string_view behind(std::string_view text, std::string_view mark) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(at + mark.size());
    return text.substr(0, text.find('\n'));
}

/// `invalid input syntax for type integer: "…"`: names and values look the same here.
std::string without_quoted(std::string_view message) {
    std::string result;
    bool quoted = false;
    for (const char c : message) {
        if (c == '"') {
            quoted = !quoted;
            result += quoted ? "\"…" : "\"";
        } else if (!quoted) {
            result += c;
        }
    }
    return result;
}

/// `TABLE DATA public.daos`, from `215; 0 16386 TABLE DATA daos postgres`.
std::string entry_in(std::string_view text) {
    auto entry = behind(text, "from TOC entry ");
    for (int field = 0; field < 3 && !entry.empty(); ++field) {
        const auto space = entry.find(' ');
        entry = space == std::string_view::npos ? std::string_view() : entry.substr(space + 1);
    }
    return std::string(entry);
}

std::string hint_of(std::string_view message) {
    if (message.find("No space left on device") != std::string_view::npos) {
        return std::string(hint_for("53100"));
    }
    if (message.find("Permission denied") != std::string_view::npos) {
        return "let the account that connects (os_user) read the file and its directory";
    }
    return "look at the server's log; an older backup is chosen with --before TIME";
}

} // namespace

Error archive_failure(const std::filesystem::path& archive, const system::ProcessResult& result) {
    const std::string_view output = result.err;
    auto message = behind(output, "ERROR:  ");
    if (message.empty()) {
        message = behind(output, "FATAL:  ");
    }
    const bool by_server = !message.empty();
    if (!by_server) {
        message = behind(output, "error: ");
    }
    const auto entry = entry_in(output);
    Error error(ErrorCode::failed,
                fmt::format("cannot restore '{}': pg_restore {}{}{}{}", archive.string(),
                            result.how_it_ended(),
                            entry.empty() ? "" : fmt::format(" at {}", entry),
                            message.empty() ? "" : ": ", without_quoted(message)),
                hint_of(message));
    if (!entry.empty()) {
        error.add_context("object", entry);
    }
    if (by_server) {
        error.add_context("server_says", "ERROR: " + without_quoted(message));
    }
    return error;
}

} // namespace drctl::postgres::restore
