// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/reader.hpp"

#include "drctl/error.hpp"
#include "postgres/dump/classify.hpp"
#include "postgres/dump/copy_statement.hpp"
#include "postgres/dump/lexer.hpp"
#include "postgres/dump/meta_command.hpp"
#include "postgres/dump/rewrite.hpp"
#include "postgres/dump/rows.hpp"
#include "postgres/dump/sections.hpp"
#include "postgres/dump/settings.hpp"
#include "postgres/dump/statement_end.hpp"
#include "postgres/dump/window.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace drctl::postgres::dump {
namespace {

constexpr std::string_view blanks = " \t\n\r\f\v";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

[[noreturn]] void damaged(std::uint64_t line, std::string_view what) {
    throw Error(ErrorCode::damaged, fmt::format("cannot read the dump at line {}: {}", line, what),
                "choose another backup")
        .with("line", std::to_string(line));
}

[[noreturn]] void refuse(std::uint64_t line, std::string_view what, std::string_view hint) {
    throw Error(ErrorCode::refused,
                fmt::format("cannot take line {} as part of a dump: {}", line, what),
                std::string(hint))
        .with("line", std::to_string(line));
}

} // namespace

struct Reader::State {
    State(system::ByteSource& source, const ReaderOptions& options) : window(source, options) {}

    Event next();
    bool skip_to_statement();
    void skip_comment_line();
    Event next_statement();
    Event next_meta_command();
    Event begin_copy(CopyBegin begin);
    Event next_rows();
    Event end_rows(const RowScan& scan);
    Event cut_rows(std::size_t size, std::uint64_t rows, bool ends_with_row);
    void check_database(const Statement& statement);
    void apply_restriction(const MetaCommand& command, std::uint64_t line);
    [[nodiscard]] Statement read_statement();

    Window window;
    Header header;
    Session session;
    Sections sections;
    std::optional<std::string> database;
    std::optional<std::string> restrict_key; ///< of the \restrict in force
    std::optional<CopyBegin> copy;           ///< the block that we are in
    CopyEnd copied;
    bool in_row = false; ///< the block's last CopyRows ended within a row
    std::uint64_t ordinal = 0;
    bool at_start = true;
    bool complete = false;
};

Event Reader::State::next() {
    if (at_start) {
        at_start = false;
        if (window.at(2) != Input::end && window.slice(0, 3) == byte_order_mark) {
            window.drop(byte_order_mark.size());
        }
    }
    if (copy) {
        return next_rows();
    }
    if (!skip_to_statement()) {
        return EndOfDump{complete && !restrict_key, window.line() - 1, window.position()};
    }
    return window.at(0) == '\\' ? next_meta_command() : next_statement();
}

/// Over white space, comments and empty statements; false at the end of the input.
bool Reader::State::skip_to_statement() {
    for (;;) {
        std::size_t blank = 0;
        while (window.at(blank) != Input::end &&
               blanks.find(static_cast<char>(window.at(blank))) != std::string_view::npos) {
            ++blank;
        }
        window.drop(blank);
        const int byte = window.at(0);
        if (byte == '-' && window.at(1) == '-') {
            skip_comment_line();
        } else if (byte == '/' && window.at(1) == '*') {
            Lexer lexer(window, session.syntax());
            if (!lexer.skip_block_comment()) {
                damaged(window.line(), "it ends within a comment");
            }
            window.drop(lexer.offset());
        } else if (byte == ';') {
            window.drop(1);
        } else {
            return byte != Input::end;
        }
    }
}

void Reader::State::skip_comment_line() {
    const std::size_t line_end = window.find('\n', 0);
    const std::size_t size = line_end == Input::npos ? window.size() : line_end;
    // For psql a comment ends at a carriage return, too.
    const std::string_view comment =
        window.slice(0, size).substr(0, window.slice(0, size).find('\r'));
    read_comment(comment, header);
    complete = complete || says_complete(comment);
    window.drop(comment.size());
}

Event Reader::State::next_meta_command() {
    const std::size_t line_end = window.find('\n', 0);
    std::string_view text = window.slice(0, line_end == Input::npos ? window.size() : line_end);
    const std::size_t size = text.size();
    text.remove_suffix(text.size() - 1 - text.find_last_not_of(blanks));
    Statement statement;
    statement.text = text;
    statement.line = window.line();
    const MetaCommand command = parse_meta_command(text, statement.line);
    if (command.kind == MetaCommand::Kind::connect) {
        statement.kind = StatementKind::connect;
        statement.verb = "\\connect";
        statement.object = command.argument;
        complete = false;
        if (restrict_key) {
            refuse_meta_command(text, statement.line);
        }
        check_database(statement);
    } else {
        statement.kind = StatementKind::restrict_command;
        statement.verb = text.substr(0, text.find(' '));
        apply_restriction(command, statement.line);
    }
    window.drop(size);
    statement.ordinal = ordinal++;
    statement.section = sections.enter(statement);
    return statement;
}

void Reader::State::apply_restriction(const MetaCommand& command, std::uint64_t line) {
    if (command.kind == MetaCommand::Kind::restrict_command && !restrict_key) {
        restrict_key = command.argument;
        complete = false;
    } else if (command.kind == MetaCommand::Kind::unrestrict && restrict_key == command.argument) {
        restrict_key.reset();
    } else {
        refuse(line, "\\restrict and \\unrestrict do not match",
               "look at that line, then choose another backup");
    }
}

/// A dump of one database names that one only; every name is rewritten to the side database.
void Reader::State::check_database(const Statement& statement) {
    if (statement.object.empty()) {
        refuse(statement.line, fmt::format("{} does not name exactly one database", statement.verb),
               "restore this dump with psql");
    }
    std::string name = database_named_in(statement);
    // Globals written by pg_dumpall set parameters of roles in several databases.
    const bool globals =
        header.cluster_dump && statement.verb.find("IN DATABASE") != std::string::npos;
    if (!database && !globals) {
        database = std::move(name);
    } else if (!globals && database != name) {
        refuse(statement.line,
               fmt::format("{} names a second database; dumps of several databases (pg_dumpall) "
                           "are not restored",
                           statement.verb),
               "dump each database with pg_dump, and what they share with pg_dumpall "
               "--globals-only");
    }
}

Statement Reader::State::read_statement() {
    const StatementEnd end = find_statement_end(window, session.syntax());
    const bool torn = end.how == StatementEnd::How::torn || end.how == StatementEnd::How::input_end;
    const std::string_view text = window.slice(0, torn ? window.size() : end.size);
    if (text.find('\0') != std::string_view::npos) {
        damaged(window.line(), "the statement that begins there has NUL bytes; the file was not "
                               "written completely, or is no text in an encoding of PostgreSQL");
    }
    if (torn) {
        damaged(window.line(), end.how == StatementEnd::How::torn
                                   ? "it ends within a quote or comment of the statement that "
                                     "begins there"
                                   : "it ends within the statement that begins there");
    }
    if (end.how == StatementEnd::How::backslash) {
        const std::uint64_t line = window.line() + count_line_ends(text);
        window.at(end.size + 64); // as much of the command as a message may show
        refuse_meta_command(window.slice(end.size, window.size()), line);
    }
    Statement statement;
    statement.text = text;
    statement.line = window.line();
    statement.ordinal = ordinal++;
    window.drop(end.size);
    return statement;
}

Event Reader::State::next_statement() {
    Statement statement = read_statement();
    complete = false;
    if (std::optional<CopyBegin> begin = parse_copy(statement, session.syntax())) {
        return begin_copy(std::move(*begin));
    }
    classify(statement, session.syntax());
    if (statement.kind == StatementKind::set) {
        session.apply(statement);
    } else if (statement.kind == StatementKind::database_level) {
        check_database(statement);
    }
    statement.section = sections.enter(statement);
    return statement;
}

Event Reader::State::begin_copy(CopyBegin begin) {
    std::size_t at = 0;
    while (window.at(at) == ' ' || window.at(at) == '\t' || window.at(at) == '\r') {
        ++at;
    }
    if (window.at(at) == Input::end) {
        damaged(begin.line, fmt::format("it ends before the rows of {}", begin.table));
    }
    if (window.at(at) != '\n') {
        refuse(begin.line, "more follows a COPY on its line", "choose another backup");
    }
    window.drop(at + 1);
    sections.enter_copy();
    copied = {};
    in_row = false;
    copy = begin;
    return begin;
}

Event Reader::State::next_rows() {
    std::size_t rows_end = 0;
    std::uint64_t rows = 0;
    bool at_row_start = !in_row;
    do {
        RowScan scan = scan_rows(window.slice(rows_end, window.size()), at_row_start);
        rows += scan.rows;
        at_row_start = at_row_start || scan.rows > 0;
        if (scan.nul != RowScan::none) {
            damaged(window.line() + rows,
                    fmt::format("the rows of {} have NUL bytes; the file was not written "
                                "completely",
                                copy->table));
        }
        if (scan.terminator == 0 && rows_end == 0) {
            return end_rows(scan);
        }
        rows_end += scan.rows_end;
        if (scan.terminator != RowScan::none) {
            return cut_rows(rows_end, rows, true);
        }
    } while (window.fill());
    if (window.at_end()) {
        damaged(window.line() + rows, fmt::format("it ends within the rows of {}", copy->table));
    }
    return rows > 0 ? cut_rows(rows_end, rows, true) : cut_rows(window.size(), 0, false);
}

Event Reader::State::cut_rows(std::size_t size, std::uint64_t rows, bool ends_with_row) {
    CopyRows cut = window.take(size, rows);
    cut.ends_with_row = ends_with_row;
    in_row = !ends_with_row;
    copied.rows += rows;
    copied.bytes += size;
    return cut;
}

Event Reader::State::end_rows(const RowScan& scan) {
    window.drop(scan.resume);
    copy.reset();
    return copied;
}

Reader::Reader(system::ByteSource& source, ReaderOptions options)
    : state_(std::make_unique<State>(source, options)) {}

Reader::~Reader() = default;

Event Reader::next() {
    return state_->next();
}

void Reader::recycle(Buffer buffer) {
    state_->window.recycle(std::move(buffer));
}

const Header& Reader::header() const noexcept {
    return state_->header;
}

const std::optional<std::string>& Reader::database() const noexcept {
    return state_->database;
}

const std::string& Reader::encoding() const noexcept {
    return state_->session.encoding();
}

} // namespace drctl::postgres::dump
