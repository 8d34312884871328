// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/value.hpp"
#include "drctl/export.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace drctl::config {

/// Settings by full key, each as canonical JSON: `database.shop.jobs` -> `4`. Inner tables are
/// taken apart, arrays are not. What the journal of a run keeps of its configuration.
using Flat = std::map<std::string, std::string>;

/// The configuration as it was written: a tree of values, each with its origin. Says nothing of
/// what the values mean; that is the schema's part.
class DRCTL_API Document {
  public:
    Document() = default;

    /// Reads a file. `chosen_by` says in errors why it is this one (`--config`,
    /// `$DRCTL_CONFIG`). Throws Error(usage) if it is missing or not TOML, Error(refused) if it
    /// may not be read.
    static Document read(const std::filesystem::path& file, std::string_view chosen_by = {});

    /// The same of a text; `name` stands for the file in origins and errors.
    static Document parse(std::string_view text, const std::string& name);

    /// The tree that `flat` was made of. `name` is what origins and errors call it, for example
    /// `the journal of run 20261123T031502Z-7f3a`. Throws Error(damaged).
    static Document from_flat(const Flat& flat, const std::string& name);

    /// Takes one `KEY=VALUE` of `--set`: KEY dotted as in the file, VALUE as in the file or, where
    /// it is no TOML, as it stands. Throws Error(usage).
    void set(std::string_view assignment);

    [[nodiscard]] const Table& root() const noexcept { return root_; }
    /// The value at a path, or nothing.
    [[nodiscard]] const Value* find(const KeyPath& path) const;
    /// The same for a table; nothing where something else stands there.
    [[nodiscard]] const Table* find_table(const KeyPath& path) const;

  private:
    void put(const KeyPath& path, Value value);
    Table root_;
};

/// The value at a path below a table, or nothing.
DRCTL_API const Value* find_value(const Table& table, const KeyPath& path);

/// `value` as entries of a Flat, below `key`.
DRCTL_API void flatten(const KeyPath& key, const Value& value, Flat& into);

} // namespace drctl::config
