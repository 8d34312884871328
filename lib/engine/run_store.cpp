// SPDX-License-Identifier: Apache-2.0
#include "engine/run_store.hpp"

#include "drctl/error.hpp"
#include "engine/journal_codec.hpp"
#include "engine/state_directory.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fstream>
#include <random>
#include <string_view>
#include <unistd.h>

namespace drctl::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* journal_name = "journal.jsonl";

bool is_run_id(const std::string& text) {
    return !text.empty() && text.front() != '.' &&
           text.find_first_not_of("0123456789abcdefTZ-") == std::string::npos;
}

/// False for one that died before its first line was whole: it has done nothing. One that may not
/// be looked into is there all the same.
bool has_begun(const fs::path& directory) {
    std::error_code failed;
    if (!fs::exists(directory / journal_name, failed)) {
        return bool(failed);
    }
    std::ifstream journal(directory / journal_name);
    std::string line;
    return !journal || (std::getline(journal, line) && !journal.eof());
}

/// The events of a run; empty if it died before its first line was whole.
std::vector<JournalEvent> events_of(const fs::path& directory) {
    const auto path = directory / journal_name;
    std::error_code unknown; // whoever may not look is told so by reading
    return fs::exists(path, unknown) || unknown ? read_journal(path) : std::vector<JournalEvent>{};
}

json parse_event(std::string_view line) {
    auto event = json::parse(line, nullptr, false);
    return event.is_object() ? event : json::object();
}

/// True if a run that cannot be read is none of this target's that could be unfinished: its first
/// line can be read and names another one, or its last line says that it has ended.
bool is_none_of_ours(const fs::path& directory, const std::string& target) {
    const auto text = system::read_file(directory / journal_name);
    const auto header = parse_event(std::string_view(text).substr(0, text.find('\n')));
    if (header.contains("target") && header["target"] != target) {
        return true;
    }
    const auto end = text.rfind('\n');
    if (end == std::string::npos || end == 0) {
        return false;
    }
    const auto begin = text.rfind('\n', end - 1) + 1; // npos + 1: the first line
    const auto last = parse_event(std::string_view(text).substr(begin, end - begin));
    const auto event = last.value("event", "");
    return last.value("v", 0) == journal_version && (event == "end" || event == "pruned");
}

std::string next_id(const std::string& id) {
    const auto number = id.rfind('-') + 1;
    return fmt::format("{}{:04x}", id.substr(0, number),
                       std::stoul(id.substr(number), nullptr, 16) + 1);
}

} // namespace

Run::Run(const fs::path& directory, const system::Clock& clock)
    : directory_(directory), journal_(directory / journal_name, clock) {
    const auto events = read_journal(directory / journal_name);
    if (!events.empty()) {
        record_ = replay(events);
    }
}

void Run::append(const std::string& event, json body) {
    journal_.append(event, body);
    replay_onto(record_, {event, std::move(body)});
}

bool Run::append_if_possible(const std::string& event, json body) {
    bool written = true;
    try {
        journal_.append(event, body);
    } catch (const Error&) {
        written = false;
    }
    replay_onto(record_, {event, std::move(body)});
    return written;
}

void Run::record_fact(const std::string& key, const std::string& value) {
    append("fact", {{"key", key}, {"value", value}});
}

RunStore::RunStore(fs::path state_directory, const system::Clock& clock)
    : state_(std::move(state_directory)), clock_(clock) {}

std::string RunStore::new_id() const {
    const auto time = system::format_compact(clock_.wall()) + "-";
    const auto all = ids();
    if (!all.empty() && all.back().compare(0, time.size(), time) == 0) {
        // The second run within a second comes after the first, or "last" would be a guess.
        return next_id(all.back());
    }
    // The upper half is left for those.
    std::random_device random;
    return fmt::format("{}{:04x}", time, random() & 0x7fffU);
}

RunStore::Reservation RunStore::reserve() {
    make_state_directory(state_ / "runs");
    auto id = new_id();
    while (!make_new_directory(directory_of(id))) {
        id = next_id(id); // another process was faster
    }
    return {id, directory_of(id)};
}

RunStore::Reservation::~Reservation() {
    ::rmdir(directory_.c_str()); // as long as it is empty: no run has begun in it
}

Run RunStore::create(const RunHeader& header) {
    const auto directory = directory_of(header.run);
    std::error_code unknown;
    bool made = false;
    if (!fs::exists(directory, unknown)) { // else it is reserved
        make_state_directory(state_ / "runs");
        made = make_new_directory(directory);
    }
    if (!made && !fs::is_empty(directory)) {
        throw Error(ErrorCode::bug, fmt::format("run '{}' has begun already", header.run));
    }
    Run run(directory, clock_);
    run.append("run", to_json_value(header));
    return run;
}

Run RunStore::open(const std::string& run_id) {
    return {directory_of(run_id), clock_};
}

std::vector<std::string> RunStore::ids() const {
    std::vector<std::string> found;
    std::error_code failed;
    const fs::directory_iterator entries(state_ / "runs", failed);
    if (failed == std::errc::permission_denied) {
        throw no_access("list the runs in", state_ / "runs");
    }
    for (const auto& entry : entries) {
        auto name = entry.path().filename().string();
        if (is_run_id(name) && has_begun(entry.path())) {
            found.push_back(std::move(name));
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string RunStore::resolve(const std::string& run_id) const {
    const auto all = ids();
    if (run_id == "last" && !all.empty()) {
        return all.back();
    }
    if (std::find(all.begin(), all.end(), run_id) == all.end()) {
        throw Error(ErrorCode::usage, fmt::format("cannot find run '{}'", run_id),
                    "list them with: drctl runs list");
    }
    return run_id;
}

RunRecord RunStore::read(const std::string& run_id) const {
    return replay(events_of(directory_of(resolve(run_id))));
}

std::optional<RunRecord> RunStore::read_of_target(const std::string& run_id,
                                                  const std::string& target) const {
    const auto directory = directory_of(run_id);
    try {
        const auto events = events_of(directory);
        if (events.empty()) {
            return std::nullopt; // it died before it began, so it has done nothing
        }
        auto record = replay(events);
        return record.header.target == target ? std::optional(std::move(record)) : std::nullopt;
    } catch (const Error& error) {
        std::error_code failed;
        static_cast<void>(fs::exists(directory / journal_name, failed));
        if (failed || error.context_value("errno") == "EACCES") {
            throw no_access("read the journal of run", directory);
        }
        if (is_none_of_ours(directory, target)) {
            return std::nullopt;
        }
        throw Error(ErrorCode::refused,
                    fmt::format("cannot tell whether run {} of '{}' has ended: {}", run_id, target,
                                error.message()),
                    fmt::format("look at {0}/log; if nothing is left of that run, move it aside: "
                                "sudo mv {0} {0}.unreadable",
                                directory.string()));
    }
}

std::optional<RunRecord> RunStore::unfinished(const std::string& procedure,
                                              const std::string& target) const {
    const auto all = ids();
    for (auto id = all.rbegin(); id != all.rend(); ++id) {
        auto record = read_of_target(*id, target);
        if (record && record->header.procedure == procedure && record->unfinished()) {
            return record;
        }
    }
    return std::nullopt;
}

fs::path RunStore::directory_of(const std::string& run_id) const {
    if (!is_run_id(run_id)) {
        throw Error(ErrorCode::usage, fmt::format("cannot find run '{}': not a run's name", run_id),
                    "list them with: drctl runs list");
    }
    return state_ / "runs" / run_id;
}

} // namespace drctl::engine
