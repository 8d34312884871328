// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/buffer.hpp"
#include "postgres/dump/header.hpp"
#include "postgres/dump/statement.hpp"
#include "system/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Reads what pg_dump writes in plain format as psql would, and nothing else: any meta-command
/// but \connect, \restrict and \unrestrict is refused, because a dump is data.
///
/// Sources: PostgreSQL's src/fe_utils/psqlscan.l and src/bin/psql/{mainloop,copy}.c for where
/// statements end, src/bin/pg_dump/{pg_dump,pg_backup_archiver}.c for what there is to read.
namespace drctl::postgres::dump {

/// A table's rows follow.
struct CopyBegin {
    std::string text;                 ///< `COPY public.t (a, b) FROM stdin;`
    std::string table;                ///< quoted and qualified as written
    std::vector<std::string> columns; ///< quoted as written; empty if none are named
    std::uint64_t ordinal = 0;
    std::uint64_t line = 0;
};

/// Rows in COPY's text format, each with its line end.
struct CopyRows {
    Buffer buffer; ///< owns what `data()` shows; move the struct to whoever sends it
    std::size_t offset = 0;
    std::size_t size = 0;
    std::uint64_t rows = 0;       ///< line ends in it
    std::uint64_t first_line = 0; ///< of its first byte
    /// False where a row did not fit: the next CopyRows goes on in it and must be sent after
    /// this one on the same connection.
    bool ends_with_row = true;

    [[nodiscard]] std::string_view data() const noexcept { return {buffer.data() + offset, size}; }
};

struct CopyEnd {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

struct EndOfDump {
    bool complete = false; ///< the line `-- PostgreSQL database dump complete` was there
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0; ///< after decompression
};

using Event = std::variant<Statement, CopyBegin, CopyRows, CopyEnd, EndOfDump>;

struct ReaderOptions {
    /// Least size of a CopyRows, except where a block or a row ends it before.
    std::size_t chunk_size = std::size_t{4} << 20;
    /// Above it a statement is refused; COPY data has no limit.
    std::size_t statement_limit = std::size_t{256} << 20;
};

/// Holds one chunk (or one statement) in memory at a time.
class Reader {
  public:
    /// Borrows `source`.
    explicit Reader(system::ByteSource& source, ReaderOptions options = {});
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();

    /// The next event; after EndOfDump only that again.
    /// Throws Error(refused) for what is not data (meta-commands, a second database, COPY that
    /// is not FROM stdin in text format, a statement above the limit), Error(damaged) for what
    /// is not whole (the input ends in a statement or a COPY block, or has NUL bytes). Messages
    /// name line, kind and object, never row data; `line` is in the error's context.
    Event next();

    /// Gives a buffer back to be filled again: cheaper than a new one, never necessary.
    void recycle(Buffer buffer);

    /// Complete once the first event has been returned.
    [[nodiscard]] const Header& header() const noexcept;
    /// The database that \connect and database-level statements name, unquoted.
    [[nodiscard]] const std::optional<std::string>& database() const noexcept;
    /// `client_encoding` as the dump has set it so far; empty: not set.
    [[nodiscard]] const std::string& encoding() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace drctl::postgres::dump
