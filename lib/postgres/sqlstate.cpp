// SPDX-License-Identifier: Apache-2.0
#include "postgres/sqlstate.hpp"

#include <array>

namespace drctl::postgres {
namespace {

struct Row {
    std::string_view prefix; ///< a whole SQLSTATE, or the two letters of a class
    std::string_view name;
    ErrorCode code;
    bool quotes_data; ///< the primary message may contain values, statement text or user's words
    std::string_view hint;
};

constexpr auto failed = ErrorCode::failed;
constexpr auto refused = ErrorCode::refused;
constexpr auto unreachable = ErrorCode::unreachable;
constexpr auto damaged = ErrorCode::damaged;
constexpr auto timed_out = ErrorCode::timed_out;

constexpr std::string_view free_disk = "free disk space, then run the same command again";
constexpr std::string_view check_hba =
    "check the user, the password and pg_hba.conf (the server's log says which line matched)";

// The longest matching prefix counts: conditions stand beside their class.
constexpr std::array rows{
    Row{"08", "connection_exception", unreachable, false, "check that the server is up"},
    Row{"0A", "feature_not_supported", failed, false, ""},
    Row{"21", "cardinality_violation", failed, false, ""},
    Row{"22", "data_exception", failed, true, ""},
    Row{"22001", "string_data_right_truncation", failed, true, ""},
    Row{"22003", "numeric_value_out_of_range", failed, true, ""},
    Row{"22007", "invalid_datetime_format", failed, true, ""},
    Row{"22008", "datetime_field_overflow", failed, true, ""},
    Row{"22012", "division_by_zero", failed, true, ""},
    Row{"22021", "character_not_in_repertoire", failed, true, ""},
    Row{"22023", "invalid_parameter_value", failed, true, ""},
    Row{"22P02", "invalid_text_representation", failed, true, ""},
    Row{"22P03", "invalid_binary_representation", failed, true, ""},
    Row{"22P04", "bad_copy_file_format", failed, true, ""},
    Row{"22P05", "untranslatable_character", failed, true, ""},
    Row{"23", "integrity_constraint_violation", failed, false, ""},
    Row{"23502", "not_null_violation", failed, false, ""},
    Row{"23503", "foreign_key_violation", failed, false, ""},
    Row{"23505", "unique_violation", failed, false, ""},
    Row{"23514", "check_violation", failed, false, ""},
    Row{"23P01", "exclusion_violation", failed, false, ""},
    Row{"25", "invalid_transaction_state", failed, false, ""},
    Row{"25006", "read_only_sql_transaction", refused, false,
        "the server is a standby or read-only; run this on the primary"},
    Row{"28", "invalid_authorization_specification", refused, false, check_hba},
    Row{"28P01", "invalid_password", refused, false, check_hba},
    Row{"2B", "dependent_privilege_descriptors_still_exist", failed, false, ""},
    Row{"2F", "sql_routine_exception", failed, true, ""},
    Row{"38", "external_routine_exception", failed, true, ""},
    Row{"39", "external_routine_invocation_exception", failed, true, ""},
    Row{"3D", "invalid_catalog_name", failed, false, ""},
    Row{"3F", "invalid_schema_name", failed, false, ""},
    Row{"40", "transaction_rollback", failed, false, ""},
    Row{"40P01", "deadlock_detected", failed, false, ""},
    Row{"42", "syntax_error_or_access_rule_violation", failed, false, ""},
    Row{"42501", "insufficient_privilege", refused, false,
        "connect as a superuser or as the owner of the database"},
    // `syntax error at or near "..."` quotes the statement, which may be an INSERT.
    Row{"42601", "syntax_error", failed, true, ""},
    Row{"42704", "undefined_object", failed, false, ""},
    Row{"42710", "duplicate_object", failed, false, ""},
    Row{"42883", "undefined_function", failed, false, ""},
    Row{"42P01", "undefined_table", failed, false, ""},
    Row{"42P04", "duplicate_database", failed, false, ""},
    Row{"42P07", "duplicate_table", failed, false, ""},
    Row{"44", "with_check_option_violation", failed, false, ""},
    Row{"53", "insufficient_resources", failed, false, ""},
    Row{"53100", "disk_full", failed, false, free_disk},
    Row{"53200", "out_of_memory", failed, false, "free memory on the server's host"},
    Row{"53300", "too_many_connections", unreachable, false,
        "end idle sessions or raise max_connections"},
    Row{"54", "program_limit_exceeded", failed, false, ""},
    Row{"55", "object_not_in_prerequisite_state", failed, false, ""},
    Row{"55006", "object_in_use", failed, false, "end the sessions that use it"},
    Row{"55P03", "lock_not_available", failed, false, "end the session that holds the lock"},
    Row{"57", "operator_intervention", failed, false, ""},
    Row{"57014", "query_canceled", timed_out, false, ""},
    Row{"57P01", "admin_shutdown", unreachable, false, "check that the server is up"},
    Row{"57P02", "crash_shutdown", unreachable, false, "check that the server is up"},
    Row{"57P03", "cannot_connect_now", unreachable, false, "wait until the server is up"},
    Row{"57P04", "database_dropped", failed, false, ""},
    Row{"58", "system_error", failed, false, ""},
    Row{"58030", "io_error", failed, false, "check the server's disks"},
    Row{"58P01", "undefined_file", failed, false, ""},
    Row{"F0", "config_file_error", failed, false, ""},
    Row{"HV", "fdw_error", failed, true, ""},
    Row{"P0", "plpgsql_error", failed, true, ""},
    Row{"P0001", "raise_exception", failed, true, ""},
    Row{"XX", "internal_error", failed, false, ""},
    Row{"XX001", "data_corrupted", damaged, false, ""},
    Row{"XX002", "index_corrupted", damaged, false, ""},
};

constexpr Row unknown{"", "error", failed, true, ""};

const Row& find(std::string_view sqlstate) noexcept {
    const Row* best = &unknown;
    for (const auto& row : rows) {
        if (sqlstate.starts_with(row.prefix) && row.prefix.size() > best->prefix.size()) {
            best = &row;
        }
    }
    return *best;
}

} // namespace

std::string_view condition_name(std::string_view sqlstate) noexcept {
    return find(sqlstate).name;
}

bool message_is_free_of_data(std::string_view sqlstate) noexcept {
    return !find(sqlstate).quotes_data;
}

ErrorCode error_code_of(std::string_view sqlstate) noexcept {
    return find(sqlstate).code;
}

std::string_view hint_for(std::string_view sqlstate) noexcept {
    return find(sqlstate).hint;
}

} // namespace drctl::postgres
