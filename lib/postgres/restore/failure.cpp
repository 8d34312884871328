// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/failure.hpp"

#include <cstddef>
#include <fmt/core.h>
#include <string_view>

namespace drctl::postgres::restore {
namespace {

/// Bytes of the UTF-8 sequence at the front, or 0 if there is none. Overlong forms and
/// surrogates are let through: this is for reading, not for storing.
std::size_t sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xc2 ? 0
                               : first < 0xe0 ? 2
                               : first < 0xf0 ? 3
                               : first < 0xf5 ? 4
                                              : 0;
    if (length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    return length;
}

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto length = sequence_length(text);
        if (length == 0) {
            result += '?';
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

std::string cause_of(const Error& error) {
    const auto says = error.context_value("server_says");
    if (says.empty()) {
        return error.message();
    }
    if (error.context_value("connection") == "lost") {
        return "the connection to the server was lost: " + says;
    }
    const auto colon = says.find(": "); // behind the severity
    const auto words = colon == std::string::npos ? says : says.substr(colon + 2);
    const auto object = error.context_value("object");
    return fmt::format("{}{} (SQLSTATE {})", words, object.empty() ? "" : " at " + object,
                       error.context_value("sqlstate"));
}

ErrorCode code_of(const Error& error) {
    const auto code = error.code();
    return code == ErrorCode::interrupted || code == ErrorCode::bug ? code : ErrorCode::failed;
}

} // namespace

std::string describe(const std::string& verb, const std::string& object) {
    return printable(object.empty() ? verb : verb + " " + object);
}

std::string describe(const dump::Statement& statement) {
    return describe(statement.verb, statement.object);
}

Error as_failure(const Error& error) {
    Error result(code_of(error), error.message(), error.hint());
    for (const auto& [key, value] : error.context()) {
        result.add_context(key, value);
    }
    return result;
}

Error failure_at(const Error& error, std::uint64_t line, const std::string& what) {
    if (error.code() == ErrorCode::interrupted) {
        return error;
    }
    Error result(
        code_of(error),
        fmt::format("cannot restore line {} ({}): {}", line, what, printable(cause_of(error))),
        error.hint().empty()
            ? "look at the server's log; an older backup is chosen with --before TIME"
            : error.hint());
    result.add_context("line", std::to_string(line));
    result.add_context("what", what);
    for (const auto& [key, value] : error.context()) {
        result.add_context(key, printable(value));
    }
    return result;
}

} // namespace drctl::postgres::restore
