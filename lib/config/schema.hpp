// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/value.hpp"
#include "drctl/export.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What may stand in the configuration: every section and every key, described once. Validation,
/// decoding, docs/configuration.md and the template of `config init` are all made of this.
namespace drctl::config {

/// What a key takes. Each says what is accepted beyond its TOML type.
enum class KeyType {
    text,       ///< a string, not empty
    path,       ///< a string: an absolute path
    pattern,    ///< a string: a shell pattern on file names, without '/'
    url,        ///< a string: http:// or https://, without a password
    endpoint,   ///< a string: HOST:PORT or [ADDRESS]:PORT
    conninfo,   ///< a string: libpq keywords, without dbname and password
    timezone,   ///< a string: an IANA name
    integer,    ///< a whole number within bounds
    scalar,     ///< a string, a number or a boolean; kept as text
    duration,   ///< a string: 500ms 2s 15m 26h 30d, within bounds
    loss_limit, ///< a string: a duration or a size
    choice,     ///< one of the allowed strings
    names,      ///< an array of section names
    command,    ///< an array of strings: a program and its arguments
    commands,   ///< an array of commands
    secret,     ///< a table: { file | env | command | credential }
};

/// What a type accepts, in words that follow "must be": `a duration such as "2s"`.
DRCTL_API std::string_view description_of(KeyType type) noexcept;

/// Holds when `key` is there (`value` empty) or, written or by default, has that string value.
struct Condition {
    std::string_view key;
    std::string_view value = {};
};

struct KeyInfo {
    std::string_view name;
    KeyType type = KeyType::text;
    std::string_view description = {};  ///< sentences of Markdown without line breaks
    std::string_view example = {};      ///< TOML
    bool required = false;              ///< where `when` holds
    std::optional<Condition> when = {}; ///< the key means nothing where this does not hold
    std::string_view refers_to = {};    ///< the kind of section whose names it takes
    std::int64_t least = 0;             ///< integer; duration in milliseconds
    std::int64_t most = INT64_MAX;
    std::string_view otherwise = {}; ///< what holds without the key where it has no default

    std::optional<Value> default_value = {};    ///< as decoding fills it in
    std::vector<std::string_view> allowed = {}; ///< for a choice
};

struct SectionInfo {
    enum class Shape {
        single,   ///< [state]
        named,    ///< [database.NAME]
        nested,   ///< [database.NAME.backups]: at most one below its parent
        repeated, ///< [[database.NAME.verify]]: any number below its parent
    } shape = Shape::single;
    std::string_view kind = {}; ///< `database`; of a nested or repeated one, that of its parent
    std::string_view part = {}; ///< `backups`, `verify`; empty for the others
    std::string_view description = {};
    std::vector<std::string_view> exactly_one = {}; ///< of these keys
    std::vector<KeyInfo> keys = {};

    [[nodiscard]] const KeyInfo* find(std::string_view key) const;
    /// As TOML writes it, with `name` where it has one: `[[database.NAME.verify]]`.
    [[nodiscard]] std::string header(std::string_view name = "NAME") const;
};

/// Every section that this version supports, parents before their parts.
DRCTL_API std::span<const SectionInfo* const> schema();

/// The section of that kind and part, or nothing.
DRCTL_API const SectionInfo* find_section(std::string_view kind, std::string_view part = {});

/// Kinds of sections that later versions bring; nothing is done with them yet.
DRCTL_API std::span<const std::string_view> later_kinds();

/// The default of a key of the section called `name`: most are fixed, a database is named like
/// its section.
DRCTL_API std::optional<Value> default_of(const SectionInfo& section, const KeyInfo& key,
                                          std::string_view name);

/// True if the condition holds for the section `name` with these keys.
DRCTL_API bool holds(const Condition& condition, const SectionInfo& section, const Table& table,
                     std::string_view name);

/// The candidate most like a misspelt word, or nothing if none is near.
DRCTL_API std::optional<std::string> nearest(std::string_view word,
                                             const std::vector<std::string>& candidates);

} // namespace drctl::config
