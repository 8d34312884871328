// SPDX-License-Identifier: Apache-2.0
// A plain dump as bytes, behind two that say how it is cut. Whatever they are, reading ends in
// EndOfDump or in an error that says the dump is refused or damaged, and in the same one however
// the input is cut; a statement that names the database names another one once it is rewritten,
// and nothing else; an outline comes back from JSON as it was.
#include "drctl/error.hpp"
#include "postgres/dump/classify.hpp"
#include "postgres/dump/outline.hpp"
#include "postgres/dump/rewrite.hpp"
#include "postgres/dump/settings.hpp"
#include "require.hpp"
#include "support/dump_events.hpp"
#include "support/memory_source.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace {

using namespace drctl;
using namespace drctl::postgres;
using fuzz::require;

/// What is read until the end, or until the error that is told instead of it. The rows of a block
/// count only once it has ended: how many come before an error depends on the chunks.
struct Pass {
    std::string events;
    std::string error;
};

/// Follows a dump and checks what must hold of every event.
class Follower {
  public:
    void operator()(const dump::Statement& statement) {
        if (statement.kind == dump::StatementKind::database_level) {
            check_rewriting(statement);
        } else if (statement.kind == dump::StatementKind::set) {
            session_.apply(statement);
        }
        text_(statement);
    }
    void operator()(const dump::CopyBegin& copy) {
        rows_ = bytes_ = 0;
        block_ = {};
        block_(copy);
    }
    void operator()(const dump::CopyRows& rows) {
        require(rows.size > 0, "there are no empty chunks");
        require(rows.ends_with_row == (rows.data().back() == '\n'), "chunks end where they say");
        rows_ += rows.rows;
        bytes_ += rows.size;
        block_(rows);
    }
    void operator()(const dump::CopyEnd& end) {
        require(end.rows == rows_ && end.bytes == bytes_, "a block is the sum of its chunks");
        block_(end);
        ended_ += block_.text();
    }
    void operator()(const dump::EndOfDump& end) { text_(end); }

    [[nodiscard]] std::string text() const { return text_.text() + ended_; }

  private:
    void check_rewriting(dump::Statement statement) const {
        constexpr std::string_view side = "si\"de'\\ database";
        statement.text = dump::rewrite_for(statement, side);
        classify(statement, session_.syntax());
        require(statement.kind == dump::StatementKind::database_level,
                "rewriting does not change what a statement is");
        require(dump::database_named_in(statement) == side,
                "a rewritten statement names the other");
    }

    test::EventText text_, block_;
    std::string ended_; ///< blocks
    dump::Session session_;
    std::uint64_t rows_ = 0;
    std::uint64_t bytes_ = 0;
};

Pass read(const std::string& input, std::size_t piece, std::size_t chunk) {
    test::MemorySource source(input, piece);
    dump::Reader reader(source, {.chunk_size = chunk, .statement_limit = std::size_t{64} << 20});
    Follower follower;
    try {
        for (bool ended = false; !ended;) {
            const dump::Event event = reader.next();
            std::visit(follower, event);
            ended = std::holds_alternative<dump::EndOfDump>(event);
        }
    } catch (const Error& error) {
        require(error.code() == ErrorCode::refused || error.code() == ErrorCode::damaged,
                "what is no dump is refused or damaged");
        require(!error.context_value("line").empty(), "an error names its line");
        return {follower.text(), error.message()};
    }
    return {follower.text(), ""};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::string input(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Pass whole = read(input, input.size() + 1, std::size_t{64} << 10);
    const Pass pieces = read(input, data[0] + std::size_t{1}, data[1] + std::size_t{1});
    require(whole.events == pieces.events, "it does not matter how the input is cut");
    require(whole.error == pieces.error, "it ends in the same error however it is cut");
    if (whole.error.empty()) {
        test::MemorySource source(input);
        const std::string json = to_json(dump::outline_of(source));
        const auto again = dump::outline_from_json(json);
        require(again && to_json(*again) == json, "an outline comes back from JSON");
    }
    return 0;
}
