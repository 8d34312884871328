// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/workshop.hpp"

#include "postgres/restore/failure.hpp"

namespace drctl::postgres::restore {

void run_statement(Connection& connection, Ledger& ledger, const dump::Statement& statement) {
    const auto what = describe(statement);
    try {
        connection.exec_for(what, statement.text);
    } catch (const Error& error) {
        const auto why = why_tolerated(statement, error);
        if (!why) {
            throw failure_at(error, statement.line, what);
        }
        ledger.tolerate(*why, statement, error);
    }
}

} // namespace drctl::postgres::restore
