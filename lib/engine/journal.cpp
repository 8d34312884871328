// SPDX-License-Identifier: Apache-2.0
#include "engine/journal.hpp"

#include "drctl/error.hpp"
#include "system/units.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <string_view>
#include <unistd.h>

namespace drctl::engine {
namespace {

using nlohmann::json;

JournalEvent parse_line(std::string_view line, std::size_t number, const std::string& name) {
    auto broken = [&](std::string_view cause) {
        return Error(ErrorCode::damaged,
                     fmt::format("cannot read journal '{}': line {}: {}", name, number, cause),
                     "keep the file as evidence; what the run left is listed by 'drctl status'");
    };
    auto body = json::parse(line, nullptr, false);
    if (!body.is_object() || !body.contains("v") || !body.contains("event") ||
        !body["v"].is_number_integer() || !body["event"].is_string()) {
        throw broken("not a journal event");
    }
    if (body["v"] != journal_version) {
        throw broken(fmt::format("version {} of the format, this drctl knows version {}",
                                 body["v"].dump(), journal_version));
    }
    auto event = body["event"].get<std::string>();
    return {std::move(event), std::move(body)};
}

/// Bytes up to and including the last line end.
std::size_t whole_lines(std::string_view text) {
    const auto last = text.rfind('\n');
    return last == std::string_view::npos ? 0 : last + 1;
}

} // namespace

std::vector<JournalEvent> parse_journal(std::string_view text, const std::string& name) {
    auto rest = text.substr(0, whole_lines(text));
    std::vector<JournalEvent> events;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        events.push_back(parse_line(rest.substr(0, end), events.size() + 1, name));
        rest.remove_prefix(end + 1);
    }
    return events;
}

std::vector<JournalEvent> read_journal(const std::filesystem::path& path) {
    return parse_journal(system::read_file(path), path.string());
}

Journal::Journal(const std::filesystem::path& path, const system::Clock& clock)
    : clock_(clock), file_(path) {
    cut_torn_line(path);
    // Room for the whole run, so that a disk that fills up in the middle of a restore does not
    // keep us from saying what we did. After the cut, which gives back what lies behind the end.
    // Where the file system cannot reserve, we go without.
    constexpr off_t reserve = 256 * 1024;
    static_cast<void>(::fallocate(file_.fd(), FALLOC_FL_KEEP_SIZE, 0, reserve));
}

void Journal::cut_torn_line(const std::filesystem::path& path) {
    const auto text = system::read_file(path);
    const auto whole = whole_lines(text);
    if (whole == text.size()) {
        return;
    }
    if (::ftruncate(file_.fd(), static_cast<off_t>(whole)) != 0) {
        throw Error(ErrorCode::failed, fmt::format("cannot cut the torn last line off '{}': {}",
                                                   path.string(), std::strerror(errno)));
    }
    system::sync_file(file_.fd(), path);
}

void Journal::append(const std::string& event, json body) {
    body["v"] = journal_version;
    body["at"] = system::format_rfc3339(clock_.wall());
    body["event"] = event;
    // Text from programs may hold any bytes; the journal is UTF-8 whatever comes.
    file_.append(body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

} // namespace drctl::engine
