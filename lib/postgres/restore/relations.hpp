// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/connection.hpp"
#include "postgres/restore/lock.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drctl::postgres::restore {

/// A table, view or materialised view of the database that is being filled.
struct Relation {
    std::uint32_t oid = 0;
    char kind = 'r';    ///< as pg_class.relkind
    bool fresh = false; ///< nothing in it, and nothing on it that a TRUNCATE would meet
    /// Loading a row may run a function written in SQL or a procedural language (of a check, a
    /// domain, a generated column, a partition key), which may read other tables although it should
    /// not: what it finds there must be what psql would find.
    bool runs_own_code = false;
    bool is_partition = false;
    bool has_storage_below = false;       ///< it, or one of its descendants, has pages
    std::string key;                      ///< of its locks
    std::vector<std::string> descendants; ///< keys of partitions and children, all levels

    [[nodiscard]] bool is_plain_table() const noexcept { return kind == 'r'; }
    [[nodiscard]] bool is_partitioned() const noexcept { return kind == 'p'; }
};

/// The same lock on a relation and everything below it.
[[nodiscard]] std::vector<Lock> locks_on_family(const Relation& relation, LockMode mode);

/// What is in the database once the dump has created its tables.
class Relations {
  public:
    using Children = std::multimap<std::uint32_t, std::uint32_t>; ///< parent, child

    Relations() = default;
    /// For tests: `all` by schema and name.
    Relations(std::map<std::pair<std::string, std::string>, Relation> all,
              const Children& children);
    static Relations read(Connection& connection);

    /// By the name as a dump writes it. Nothing for a name without schema (before release
    /// 10.3 pg_dump set search_path instead): it may mean anything.
    [[nodiscard]] const Relation* find(const std::string& written) const;
    [[nodiscard]] std::vector<const Relation*> all() const;

  private:
    std::map<std::pair<std::string, std::string>, Relation> relations_;
};

} // namespace drctl::postgres::restore
