// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/meta_command.hpp"

#include "drctl/error.hpp"
#include "postgres/dump/lexer.hpp"
#include "postgres/dump/name.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

// Source: PostgreSQL's src/bin/psql/psqlscanslash.l (arguments) and appendPsqlMetaConnect() of
// src/fe_utils/string_utils.c (what pg_dump writes).
namespace drctl::postgres::dump {
namespace {

constexpr std::string_view blanks = " \t\r\f\v";
/// Longest part of a command that messages show.
constexpr std::size_t shown = 32;

[[noreturn]] void refuse(std::string_view what, std::uint64_t line) {
    throw Error(ErrorCode::refused,
                fmt::format("cannot take line {} as part of a dump: {}", line, what),
                "a dump is data and drctl runs no command from it; look at that line, then choose "
                "another backup or make a new one with pg_dump")
        .with("line", std::to_string(line));
}

std::string_view command_of(std::string_view text) {
    const std::size_t end = text.find_first_of(" \t\r\n\f\v\\", 1);
    return text.substr(0, std::min(end, shown));
}

/// One argument, stepped over; nothing at the end of the line. Unquoted ones are taken verbatim,
/// as psql does (they are not folded to lower case). Back quotes would run programs, single
/// quotes, colons and backslashes have meanings of their own: pg_dump writes none of them there.
std::optional<std::string> argument(std::string_view& rest, std::uint64_t line) {
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    if (rest.empty()) {
        return std::nullopt;
    }
    Input input(rest);
    Lexer lexer(input, {});
    const Token quoted = lexer.next();
    const std::size_t end = rest.front() == '"' ? quoted.end : rest.find_first_of(blanks);
    const std::string_view written = rest.substr(0, end);
    rest.remove_prefix(written.size());
    const bool ends = rest.empty() || blanks.find(rest.front()) != std::string_view::npos;
    if (written.front() == '"' && quoted.kind == Token::Kind::quoted_name && ends) {
        return unquote_identifier(written);
    }
    if (written.find_first_of("\"'`\\|:") != std::string_view::npos) {
        refuse("the arguments of a meta-command are not as pg_dump writes them", line);
    }
    return std::string(written);
}

/// The database of `dbname='it\'s'`, the only connection string that pg_dump writes.
std::optional<std::string> database_of(std::string_view connection) {
    constexpr std::string_view key = "dbname=";
    if (connection.substr(0, key.size()) != key) {
        return std::nullopt;
    }
    connection.remove_prefix(key.size());
    const bool quoted = !connection.empty() && connection.front() == '\'';
    std::string name;
    std::size_t at = quoted ? 1 : 0;
    for (; at < connection.size(); ++at) {
        if (connection[at] == (quoted ? '\'' : ' ')) {
            break;
        }
        at += connection[at] == '\\' && at + 1 < connection.size() ? 1 : 0;
        name += connection[at];
    }
    const std::size_t rest = connection.size() - at;
    return rest == (quoted ? 1 : 0) ? std::optional(name) : std::nullopt;
}

MetaCommand connect(std::vector<std::string> arguments, std::uint64_t line) {
    if (arguments.size() == 2 && arguments.front() == "-reuse-previous=on") {
        if (std::optional<std::string> name = database_of(arguments.back())) {
            return {MetaCommand::Kind::connect, std::move(*name)};
        }
    }
    if (arguments.size() != 1 || arguments.front().find('=') != std::string::npos ||
        arguments.front().find("://") != std::string::npos) {
        refuse("\\connect names more than a database", line);
    }
    return {MetaCommand::Kind::connect, std::move(arguments.front())};
}

} // namespace

void refuse_meta_command(std::string_view text, std::uint64_t line) {
    refuse(fmt::format("'{}' is a meta-command of psql that pg_dump does not write there",
                       command_of(text)),
           line);
}

MetaCommand parse_meta_command(std::string_view text, std::uint64_t line) {
    const std::string_view command = command_of(text);
    const bool connects = command == "\\connect" || command == "\\c";
    if (!connects && command != "\\restrict" && command != "\\unrestrict") {
        refuse_meta_command(text, line);
    }
    std::string_view rest = text.substr(command.size());
    std::vector<std::string> arguments;
    while (std::optional<std::string> next = argument(rest, line)) {
        arguments.push_back(std::move(*next));
    }
    if (connects) {
        return connect(std::move(arguments), line);
    }
    if (arguments.size() != 1) {
        refuse(fmt::format("{} does not have one key", command), line);
    }
    return {command == "\\restrict" ? MetaCommand::Kind::restrict_command
                                    : MetaCommand::Kind::unrestrict,
            std::move(arguments.front())};
}

} // namespace drctl::postgres::dump
