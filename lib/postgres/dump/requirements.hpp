// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/lexer.hpp"
#include "postgres/dump/statement.hpp"

#include <set>
#include <string>

namespace drctl::postgres::dump {

/// What a server must have before a dump can be restored. Names are unquoted.
struct Requirements {
    std::set<std::string> roles;       ///< owners, grantees, FOR ROLE, policies; not PUBLIC
    std::set<std::string> extensions;  ///< CREATE EXTENSION
    std::set<std::string> tablespaces; ///< default_tablespace, and of CREATE DATABASE
    std::set<std::string> collations;  ///< of pg_catalog, other than default, C and POSIX
    std::set<std::string> locales;     ///< of the C library, by CREATE COLLATION
    std::set<std::string> icu_locales; ///< of ICU, by CREATE COLLATION
    std::set<std::string> languages;   ///< of routines, other than internal, c, sql and plpgsql
    std::set<std::string> libraries;   ///< of routines written in C: `$libdir/hstore`
    std::string database_encoding;     ///< of CREATE DATABASE; empty: not said
};

/// Collects requirements from statements; what the dump creates itself is not required.
class RequirementsCollector {
  public:
    void add(const Statement& statement, const Syntax& syntax);
    [[nodiscard]] Requirements finish() &&;

  private:
    void add_setting(const Statement& statement, const Syntax& syntax);

    Requirements needs_;
    std::set<std::string> created_roles_;
    std::set<std::string> created_tablespaces_;
};

} // namespace drctl::postgres::dump
