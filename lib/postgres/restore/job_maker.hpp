// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/outline.hpp"
#include "postgres/dump/statement.hpp"
#include "postgres/restore/relations.hpp"
#include "postgres/restore/scheduler.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace drctl::postgres::restore {

/// Turns what a dump says into jobs: who may do them, which locks they take, how long they take.
/// Whatever is not known to be harmless runs alone, on the main session, in the dump's order.
class JobMaker {
  public:
    explicit JobMaker(const dump::Outline& outline);

    /// The tables are there now. Before that every statement runs alone.
    void set_relations(Relations relations);
    void forget_relations() { relations_ = {}; }
    [[nodiscard]] const Relation* find(const std::string& table) const {
        return relations_.find(table);
    }

    /// A statement run as the dump has it. Of an index its name is remembered.
    [[nodiscard]] Job statement(const dump::Statement& statement);
    /// The building of an index; `needs_all_rows`: its expressions may read other tables.
    [[nodiscard]] Job build(dump::StatementKind kind, const std::string& object,
                            const std::string& table, const std::string& text, bool needs_all_rows);
    /// A constraint that takes over an index which stands: as soon as the table is free.
    [[nodiscard]] Job attachment(const std::string& table) const;
    /// Rows into a table (and, if it is partitioned, through it).
    [[nodiscard]] static Job load(const Relation& table, LockMode mode);
    /// Adding a foreign key; `validated`: looking at the rows is part of it.
    [[nodiscard]] Job foreign_key(const dump::Statement& statement, bool validated) const;
    [[nodiscard]] Job validation(const dump::Statement& statement) const;
    /// VACUUM, before indexes are built.
    [[nodiscard]] static Job vacuum(const Relation& table, std::uint64_t bytes);

    [[nodiscard]] static Job alone(Lane lane);
    /// What looks at all tables once their rows are in; indexes may still be in the making.
    [[nodiscard]] static Job behind_all_rows();

  private:
    [[nodiscard]] double bytes_of(const std::string& table) const;
    [[nodiscard]] bool lock_family(Job& job, const std::string& table, LockMode mode) const;
    void remember_index(const std::string& index, const std::string& table);
    [[nodiscard]] Job attach_index(const dump::Statement& statement) const;

    Relations relations_;
    std::unordered_map<std::string, std::uint64_t> bytes_; ///< of COPY, by table as written
    std::map<std::string, std::string> tables_of_indexes_; ///< key of the index, table as written
};

} // namespace drctl::postgres::restore
