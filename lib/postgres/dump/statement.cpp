// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/statement.hpp"

namespace drctl::postgres::dump {

std::string_view name_of(StatementKind kind) noexcept {
    switch (kind) {
    case StatementKind::set:
        return "set";
    case StatementKind::setval:
        return "setval";
    case StatementKind::create_table:
        return "create_table";
    case StatementKind::create_index:
        return "create_index";
    case StatementKind::index_constraint:
        return "index_constraint";
    case StatementKind::foreign_key:
        return "foreign_key";
    case StatementKind::attach_index:
        return "attach_index";
    case StatementKind::attach_partition:
        return "attach_partition";
    case StatementKind::drop:
        return "drop";
    case StatementKind::create_role:
        return "create_role";
    case StatementKind::alter_role:
        return "alter_role";
    case StatementKind::grant_role:
        return "grant_role";
    case StatementKind::tablespace:
        return "tablespace";
    case StatementKind::database_level:
        return "database_level";
    case StatementKind::connect:
        return "connect";
    case StatementKind::restrict_command:
        return "restrict_command";
    case StatementKind::subscription:
        return "subscription";
    case StatementKind::event_trigger:
        return "event_trigger";
    case StatementKind::large_object:
        return "large_object";
    case StatementKind::refresh_matview:
        return "refresh_matview";
    case StatementKind::create_extension:
        return "create_extension";
    case StatementKind::create_schema:
        return "create_schema";
    case StatementKind::transaction:
        return "transaction";
    case StatementKind::insert:
        return "insert";
    case StatementKind::statistics:
        return "statistics";
    case StatementKind::other:
        return "other";
    }
    return "other";
}

} // namespace drctl::postgres::dump
