// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/relations.hpp"

#include "postgres/dump/name.hpp"

#include <fmt/core.h>
#include <unordered_map>

namespace drctl::postgres::restore {
namespace {

/// Follows dependencies upwards from the functions (and the operators made of them) that are
/// written in SQL or a procedural language: to checks, generated columns and partition keys,
/// from a domain's checks to the domain, from types to the types and tables made of them.
/// More tables are found than need be (a table that has another's row type as a column); that
/// costs time only.
constexpr const char* tables_that_run_own_code = R"(
WITH RECURSIVE own_function AS (
    SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE l.lanname NOT IN ('internal', 'c') AND p.oid >= 16384
), reached (class, object) AS (
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid, f.oid FROM own_function f
    UNION
    SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid
    FROM pg_catalog.pg_operator o JOIN own_function f ON f.oid = o.oprcode
    UNION
    SELECT edge.class, edge.object FROM reached CROSS JOIN LATERAL (
        SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
        WHERE d.refclassid = reached.class AND d.refobjid = reached.object
          AND d.classid IN ('pg_catalog.pg_constraint'::pg_catalog.regclass,
                            'pg_catalog.pg_attrdef'::pg_catalog.regclass,
                            'pg_catalog.pg_type'::pg_catalog.regclass,
                            'pg_catalog.pg_class'::pg_catalog.regclass)
        UNION ALL
        SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, c.contypid
        FROM pg_catalog.pg_constraint c
        WHERE reached.class = 'pg_catalog.pg_constraint'::pg_catalog.regclass
          AND c.oid = reached.object AND c.contypid <> 0
        UNION ALL
        SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.conrelid
        FROM pg_catalog.pg_constraint c
        WHERE reached.class = 'pg_catalog.pg_constraint'::pg_catalog.regclass
          AND c.oid = reached.object AND c.conrelid <> 0 AND c.contype = 'c'
        UNION ALL
        SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, e.adrelid
        FROM pg_catalog.pg_attrdef e
        JOIN pg_catalog.pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
        WHERE reached.class = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
          AND e.oid = reached.object AND a.attgenerated <> ''
        UNION ALL
        SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.reltype
        FROM pg_catalog.pg_class t
        WHERE reached.class = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND t.oid = reached.object AND t.relkind = 'c'
    ) AS edge (class, object)
)
SELECT DISTINCT reached.object FROM reached
WHERE reached.class = 'pg_catalog.pg_class'::pg_catalog.regclass)";

constexpr const char* all_relations = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition,
       c.relkind = 'r' AND NOT c.relhastriggers AND NOT c.relhasrules,
       pg_catalog.pg_relation_size(c.oid) > 0
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))";

using Name = std::pair<std::string, std::string>;

} // namespace

std::vector<Lock> locks_on_family(const Relation& relation, LockMode mode) {
    std::vector<Lock> locks{{relation.key, mode}};
    for (const auto& descendant : relation.descendants) {
        locks.push_back({descendant, mode});
    }
    return locks;
}

Relations::Relations(std::map<Name, Relation> all, const Children& children)
    : relations_(std::move(all)) {
    std::unordered_map<std::uint32_t, Relation*> by_oid;
    for (auto& [name, relation] : relations_) {
        // A byte that no name has, so that no two names give one key.
        relation.key = name.first + '\0' + name.second;
        by_oid.emplace(relation.oid, &relation);
    }
    for (auto& [name, relation] : relations_) {
        std::vector<std::uint32_t> open{relation.oid};
        while (!open.empty()) {
            const auto [first, last] = children.equal_range(open.back());
            open.pop_back();
            for (auto child = first; child != last; ++child) {
                if (const auto found = by_oid.find(child->second); found != by_oid.end()) {
                    relation.descendants.push_back(found->second->key);
                    relation.has_storage_below =
                        relation.has_storage_below || found->second->has_storage_below;
                    open.push_back(child->second);
                }
            }
        }
    }
}

Relations Relations::read(Connection& connection) {
    constexpr const char* purpose = "look at the tables that the dump has created";
    std::map<Name, Relation> all;
    std::unordered_map<std::uint32_t, Relation*> by_oid;
    const auto found = connection.exec_for(purpose, all_relations);
    for (int row = 0; row < found.rows(); ++row) {
        auto& relation = all[{found.string(row, 1), found.string(row, 2)}];
        relation.oid = found.oid(row, 0);
        relation.kind = found.text(row, 3).front();
        relation.is_partition = found.boolean(row, 4);
        relation.has_storage_below = found.boolean(row, 6);
        relation.fresh = found.boolean(row, 5) && !relation.has_storage_below;
        by_oid.emplace(relation.oid, &relation);
    }
    const auto own_code = connection.exec_for(purpose, tables_that_run_own_code);
    for (int row = 0; row < own_code.rows(); ++row) {
        if (const auto relation = by_oid.find(own_code.oid(row, 0)); relation != by_oid.end()) {
            relation->second->runs_own_code = true;
        }
    }
    Children children;
    const auto inherits =
        connection.exec_for(purpose, "SELECT inhparent, inhrelid FROM pg_catalog.pg_inherits");
    for (int row = 0; row < inherits.rows(); ++row) {
        children.emplace(inherits.oid(row, 0), inherits.oid(row, 1));
    }
    return {std::move(all), children};
}

const Relation* Relations::find(const std::string& written) const {
    const auto name = dump::parse_name(written);
    if (!name || name->schema.empty()) {
        return nullptr;
    }
    const auto found = relations_.find({name->schema, name->name});
    return found == relations_.end() ? nullptr : &found->second;
}

std::vector<const Relation*> Relations::all() const {
    std::vector<const Relation*> result;
    for (const auto& [name, relation] : relations_) {
        result.push_back(&relation);
    }
    return result;
}

} // namespace drctl::postgres::restore
