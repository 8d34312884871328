// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/reader.hpp"
#include "postgres/dump/requirements.hpp"
#include "postgres/dump/statement.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::postgres::dump {

struct CopyBlock {
    std::string table;                ///< as written
    std::vector<std::string> columns; ///< as written
    std::uint64_t ordinal = 0;
    std::uint64_t line = 0;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

/// A CREATE INDEX or index constraint that needs nothing but its table's rows, so that it may
/// start as soon as the COPY block `after` has ended, long before its place in the dump.
struct EarlyStatement {
    std::uint64_t ordinal = 0; ///< of its place in the dump, where it is to be skipped
    std::uint64_t after = 0;   ///< ordinal of the last COPY block into its table
    std::uint64_t line = 0;
    StatementKind kind = StatementKind::create_index;
    std::string verb;
    std::string object;
    std::string table; ///< as written
    std::string text;
};

/// A session setting and where it stands.
struct Setting {
    std::uint64_t ordinal = 0;
    std::string parameter; ///< lower case
    std::string text;      ///< the statement
};

struct SequenceValue {
    std::string sequence; ///< as written, inside the literal
    std::int64_t value = 0;
    bool is_called = true;
};

/// What one full pass over a dump has seen: enough to judge it, to plan its restore, and to
/// start index builds before the restore's own pass gets to them.
struct Outline {
    Header header;
    bool complete = false;
    std::string encoding;                ///< client_encoding; empty: not set
    std::optional<std::string> database; ///< of --create: the one it creates, unquoted
    bool creates_database = false;       ///< --create
    bool cleans = false;                 ///< --clean: has DROPs before the first CREATE
    bool has_data = false;               ///< any COPY block, INSERT or large object
    bool has_schema = false;             ///< any CREATE
    bool has_tables = false;             ///< any whose rows are its own: not only foreign ones
    /// False: `relations`, `copies`, `early`, `settings` and `sequences` were too many to be kept
    /// as JSON.
    bool detailed = true;
    /// Tables, views and sequences, as the catalogues hold their names: `public.My Table`.
    std::set<std::string> relations;
    std::vector<CopyBlock> copies;
    std::vector<EarlyStatement> early;
    std::vector<Setting> settings;
    std::vector<SequenceValue> sequences;
    std::map<StatementKind, std::uint64_t> statements; ///< how many of each kind
    /// Constraints that are added NOT VALID: the only ones that may be so after the restore.
    std::uint64_t not_valid = 0;
    Requirements needs;
    std::uint64_t rows = 0;       ///< in COPY blocks
    std::uint64_t copy_bytes = 0; ///< in COPY blocks
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0; ///< after decompression

    /// False if the dump surely has no table, view or sequence of that name (unquoted, with or
    /// without its schema, in UTF-8); what an extension brings along cannot be told.
    [[nodiscard]] bool may_have_relation(std::string_view name) const;
    /// Major version of the server it was taken from; 0: not said.
    [[nodiscard]] int server_major() const noexcept;
};

/// Builds an Outline from the events of a Reader.
class OutlineBuilder {
  public:
    OutlineBuilder();
    OutlineBuilder(OutlineBuilder&&) noexcept;
    OutlineBuilder& operator=(OutlineBuilder&&) noexcept;
    ~OutlineBuilder();

    void add(const Event& event);
    /// After EndOfDump.
    [[nodiscard]] Outline finish(const Reader& reader);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Reads to the end. Throws as Reader::next() does.
[[nodiscard]] Outline outline_of(system::ByteSource& source, ReaderOptions options = {});

/// One JSON object, version inside; strings that are not UTF-8 are kept byte for byte. What there
/// can be many of (see `detailed`) is left out as a whole where it would grow above `limit` bytes.
[[nodiscard]] std::string to_json(const Outline& outline,
                                  std::size_t limit = std::size_t{16} << 20);
/// Nothing for what is not such an object or has another version.
[[nodiscard]] std::optional<Outline> outline_from_json(std::string_view json);

} // namespace drctl::postgres::dump
