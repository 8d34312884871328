// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/failure.hpp"

#include "postgres/printable.hpp"

#include <fmt/core.h>
#include <string_view>

namespace drctl::postgres::restore {
namespace {

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
