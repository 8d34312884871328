// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/copy_statement.hpp"

#include "drctl/error.hpp"
#include "postgres/dump/cursor.hpp"

#include <fmt/format.h>
#include <string>

namespace drctl::postgres::dump {

std::optional<CopyBegin> parse_copy(const Statement& statement, const Syntax& syntax) {
    Cursor cursor(statement.text, syntax);
    if (!cursor.accept("copy")) {
        return std::nullopt;
    }
    CopyBegin copy;
    copy.text = statement.text;
    copy.ordinal = statement.ordinal;
    copy.line = statement.line;
    copy.table = cursor.name();
    if (cursor.accept_symbol('(')) {
        do {
            copy.columns.emplace_back(cursor.name());
        } while (cursor.accept_symbol(','));
        cursor.accept_symbol(')');
    }
    if (copy.table.empty() || !cursor.accept({"from", "stdin"}) || !cursor.at_symbol(';')) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot take line {} as part of a dump: pg_dump writes no COPY but "
                                "'COPY table (columns) FROM stdin;'",
                                statement.line),
                    "choose another backup or make a new one with pg_dump")
            .with("line", std::to_string(statement.line));
    }
    return copy;
}

} // namespace drctl::postgres::dump
