// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/reader.hpp"
#include "support/memory_source.hpp"

#include <fmt/format.h>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace drctl::test {

/// A dump's events as lines to compare; the rows of a block are joined, because how they are cut
/// is not part of what a dump says.
class EventText {
  public:
    void operator()(const postgres::dump::Statement& statement) {
        text_ += fmt::format("{} #{} {} [{}]: {}\n", statement.line, statement.ordinal,
                             name_of(statement.kind), statement.object, statement.text);
    }
    void operator()(const postgres::dump::CopyBegin& copy) {
        text_ += fmt::format("{} #{} {} ({}): ", copy.line, copy.ordinal, copy.table,
                             fmt::join(copy.columns, ","));
    }
    void operator()(const postgres::dump::CopyRows& rows) { text_ += rows.data(); }
    void operator()(const postgres::dump::CopyEnd& end) {
        text_ += fmt::format("{} rows, {} bytes\n", end.rows, end.bytes);
    }
    void operator()(const postgres::dump::EndOfDump& end) {
        text_ += fmt::format("end{}, {} lines, {} bytes\n", end.complete ? ", complete" : "",
                             end.lines, end.bytes);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
};

/// All events of `dump`, read in pieces of `piece` bytes with chunks of `chunk` bytes.
inline std::string events_of(const std::string& dump, std::size_t piece = std::size_t{1} << 20,
                             std::size_t chunk = std::size_t{64} << 10) {
    MemorySource source(dump, piece);
    postgres::dump::Reader reader(source, {.chunk_size = chunk});
    EventText text;
    for (;;) {
        const postgres::dump::Event event = reader.next();
        std::visit(text, event);
        if (std::holds_alternative<postgres::dump::EndOfDump>(event)) {
            return text.text();
        }
    }
}

/// The statements of `dump`, without COPY blocks.
inline std::vector<postgres::dump::Statement> statements_of(const std::string& dump) {
    MemorySource source(dump);
    postgres::dump::Reader reader(source);
    std::vector<postgres::dump::Statement> statements;
    for (;;) {
        postgres::dump::Event event = reader.next();
        if (std::holds_alternative<postgres::dump::EndOfDump>(event)) {
            return statements;
        }
        if (auto* statement = std::get_if<postgres::dump::Statement>(&event)) {
            statements.push_back(std::move(*statement));
        }
    }
}

} // namespace drctl::test
