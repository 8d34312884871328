// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace drctl::config {

/// Where a value was written.
struct DRCTL_API Origin {
    enum class Kind {
        built_in, ///< nobody wrote it: the default
        file,     ///< `name` is the path
        flag,     ///< `name` is the key of a `--set`
        recorded, ///< `name` says in what, for example the journal of a run
    } kind = Kind::built_in;
    std::string name;
    unsigned line = 0;   ///< from 1; 0: the file as a whole
    unsigned column = 0; ///< from 1, in characters

    /// `/etc/drctl/drctl.toml:12:3`, `--set database.shop.jobs`, `the default`.
    [[nodiscard]] std::string text() const;
};

struct Value;
struct Entry;

/// Keys and values, sorted by key, each key once.
class DRCTL_API Table {
  public:
    [[nodiscard]] const Value* find(std::string_view key) const;
    [[nodiscard]] Value* find(std::string_view key);
    [[nodiscard]] const Entry* find_entry(std::string_view key) const;
    /// Adds the key or replaces what it had.
    Value& put(std::string key, Origin key_origin, Value value);
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
    [[nodiscard]] bool empty() const noexcept;

  private:
    std::vector<Entry> entries_;
};

/// A date or time of TOML. No key takes one; it is kept to say so where one was written.
struct DateTime {
    std::string text;
};

using Array = std::vector<Value>;

/// A TOML value and where it was written.
struct DRCTL_API Value {
    std::variant<std::string, std::int64_t, double, bool, DateTime, Array, Table> data;
    Origin origin;

    [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&data); }
    [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data); }
    [[nodiscard]] const Array* array() const { return std::get_if<Array>(&data); }
    [[nodiscard]] const Table* table() const { return std::get_if<Table>(&data); }
    [[nodiscard]] Table* table() { return std::get_if<Table>(&data); }

    /// What it is, with its article, for messages: `a string`, `an array`.
    [[nodiscard]] std::string_view kind() const;
};

struct DRCTL_API Entry {
    std::string key;
    Origin key_origin;
    Value value;
};

/// A key of nested tables, outermost first.
using KeyPath = std::vector<std::string>;

/// The path as TOML writes it: `database."my shop".jobs`.
DRCTL_API std::string path_text(const KeyPath& path);

/// One line of TOML that reads back as the same value.
DRCTL_API std::string to_toml(const Value& value);

/// Canonical JSON: one line, no spaces, object keys sorted. Equal values have equal texts.
DRCTL_API std::string to_json(const Value& value);

/// The value of a JSON text, every part with this origin. Throws Error(damaged) for what is
/// no JSON or has no TOML counterpart (null).
DRCTL_API Value from_json(std::string_view json, const Origin& origin);

/// True if the text is well-formed UTF-8.
DRCTL_API bool is_utf8(std::string_view text);

/// The text as a message quotes it: in double quotes, control characters escaped, long ones cut.
DRCTL_API std::string in_quotes(std::string_view text);

} // namespace drctl::config
