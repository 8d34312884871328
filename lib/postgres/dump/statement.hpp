// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::postgres::dump {

/// What a statement is to a restore: how it may be ordered, spread or left out.
enum class StatementKind {
    set,          ///< SET, RESET, SELECT pg_catalog.set_config(…): replayed on every connection
    setval,       ///< SELECT pg_catalog.setval(…)
    create_table, ///< also FOREIGN and PARTITION OF; not views
    create_index, ///< also UNIQUE
    index_constraint, ///< ALTER TABLE … ADD CONSTRAINT … PRIMARY KEY, UNIQUE or EXCLUDE
    foreign_key,      ///< ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY
    attach_index,     ///< ALTER INDEX … ATTACH PARTITION
    attach_partition, ///< ALTER TABLE … ATTACH PARTITION
    drop,             ///< DROP …, ALTER TABLE … DROP CONSTRAINT/DEFAULT, as --clean writes them
    create_role,      ///< CREATE ROLE/USER/GROUP
    alter_role,       ///< ALTER ROLE …, not IN DATABASE
    grant_role,       ///< GRANT role TO role
    tablespace,       ///< CREATE or ALTER TABLESPACE
    database_level,   ///< names the database: see rewrite.hpp; never run as written
    connect,          ///< \connect: see rewrite.hpp
    restrict_command, ///< \restrict, \unrestrict: nothing to run
    subscription,     ///< CREATE or ALTER SUBSCRIPTION
    event_trigger,    ///< CREATE or ALTER EVENT TRIGGER
    large_object,     ///< SELECT pg_catalog.lo_create(…), lo_open, lowrite, lo_close
    refresh_matview,  ///< REFRESH MATERIALIZED VIEW
    create_extension, ///< CREATE EXTENSION
    create_schema,    ///< CREATE SCHEMA
    transaction,      ///< BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK
    insert,           ///< INSERT INTO
    statistics,       ///< SELECT … pg_catalog.pg_restore_relation_stats(…) and its like
    other,
};

/// pg_dump's sections. A dump does not mark them; they follow from the statements: `data` begins
/// with the first row, sequence value or large object, `post_data` with the first statement
/// after that (or, without data, the first index, constraint, trigger or rule) that is no data.
/// `clean` are the DROPs of a --clean dump before anything is created (and the CREATE OR REPLACE
/// VIEW by which pg_dump breaks a view's dependencies there): they may fail.
enum class Section { clean, pre_data, data, post_data };

/// One statement or accepted meta-command.
struct Statement {
    /// From its first word to its semicolon, byte for byte; of a meta-command the whole line.
    std::string text;
    StatementKind kind = StatementKind::other;
    Section section = Section::pre_data;
    /// Counts statements, meta-commands and COPY blocks from 0: the same in every pass.
    std::uint64_t ordinal = 0;
    /// Of its first byte, from 1.
    std::uint64_t line = 0;
    /// Its leading key words (`CREATE INDEX`, `ALTER TABLE ADD CONSTRAINT`), for messages.
    std::string verb;
    /// What it is about, quoted and qualified as written: the table, the index, the constraint, the
    /// database; for `set` the parameter in lower case (`search_path`, `session authorization`),
    /// for `setval` the sequence. Empty where the kind has no single object.
    std::string object;
    /// Where the object stands in the text; only for `database_level`.
    std::size_t object_at = 0;
    /// The tables whose locks it takes, as written: the one indexed or altered, for a foreign
    /// key also the referenced one, for ATTACH PARTITION parent and partition (of an index:
    /// both indexes). Empty where unknown: treat `other` without tables as touching anything.
    std::vector<std::string> tables;
};

/// `create_index`, as receipts and messages name it.
std::string_view name_of(StatementKind kind) noexcept;

} // namespace drctl::postgres::dump
