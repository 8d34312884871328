// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/early.hpp"

#include "postgres/dump/cursor.hpp"

namespace drctl::postgres::dump {
namespace {

/// pg_dump qualifies every name that is not of pg_catalog. Of qualified ones only operator
/// classes are harmless; they are followed by no parenthesis, or by one behind a space.
bool runs_own_code(Cursor& cursor) {
    for (bool in_cast = false; !cursor.done(); in_cast = cursor.accept_symbol(':')) {
        if (cursor.at("operator")) {
            return true;
        }
        if (cursor.token().kind != Token::Kind::word &&
            cursor.token().kind != Token::Kind::quoted_name) {
            if (!cursor.at_symbol(':')) {
                cursor.step();
            }
            continue;
        }
        const std::string_view name = cursor.name();
        const bool qualified = name.find('.') != std::string_view::npos;
        const bool called =
            cursor.at_symbol('(') && name.data() + name.size() == cursor.text().data();
        if (qualified && (in_cast || called)) {
            return true;
        }
    }
    return false;
}

} // namespace

bool needs_only_its_table(const Statement& statement, const Syntax& syntax) {
    Cursor cursor(statement.text, syntax);
    if (statement.kind == StatementKind::create_index) {
        // ON ONLY is the index of a partitioned table: nothing to build, and its partitions'
        // follow.
        cursor.skip_to("on");
        cursor.step();
        return !cursor.at("only") && cursor.skip_to("using") && !runs_own_code(cursor);
    }
    if (statement.kind != StatementKind::index_constraint) {
        return false;
    }
    return !cursor.skip_to("exclude") || !runs_own_code(cursor);
}

} // namespace drctl::postgres::dump
