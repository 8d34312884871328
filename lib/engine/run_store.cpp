// SPDX-License-Identifier: Apache-2.0
#include "engine/run_store.hpp"

#include "drctl/error.hpp"
#include "engine/journal_codec.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <random>

namespace drctl::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* journal_name = "journal.jsonl";

bool is_run_id(const std::string& text) {
    return !text.empty() && text.front() != '.' &&
           text.find_first_not_of("0123456789abcdefTZ-") == std::string::npos;
}

/// The events of a run; empty if it died before its first line was whole.
std::vector<JournalEvent> events_of(const fs::path& directory) {
    const auto path = directory / journal_name;
    return fs::exists(path) ? read_journal(path) : std::vector<JournalEvent>{};
}

/// True if the journal's first line can be read and names another target: then whatever is wrong
/// with the rest is not this target's business.
bool belongs_to_another(const fs::path& directory, const std::string& target) {
    const auto text = system::read_file(directory / journal_name);
    const auto header = json::parse(text.substr(0, text.find('\n')), nullptr, false);
    return header.is_object() && header.contains("target") && header["target"] != target;
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
        const auto before = std::stoul(all.back().substr(time.size()), nullptr, 16);
        return fmt::format("{}{:04x}", time, before + 1);
    }
    // The upper half is left for those.
    std::random_device random;
    return fmt::format("{}{:04x}", time, random() & 0x7fffU);
}

Run RunStore::create(const RunHeader& header) {
    const auto directory = directory_of(header.run);
    system::make_directories(directory);
    Run run(directory, clock_);
    run.append("run", to_json_value(header));
    return run;
}

Run RunStore::open(const std::string& run_id) {
    return {directory_of(run_id), clock_};
}

std::vector<std::string> RunStore::ids() const {
    std::vector<std::string> found;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(state_ / "runs", missing)) {
        auto name = entry.path().filename().string();
        if (is_run_id(name) && fs::exists(entry.path() / journal_name)) {
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

std::optional<RunRecord> RunStore::unfinished(const std::string& procedure,
                                              const std::string& target) const {
    auto all = ids();
    for (auto id = all.rbegin(); id != all.rend(); ++id) {
        const auto directory = directory_of(*id);
        if (belongs_to_another(directory, target)) {
            continue;
        }
        const auto events = events_of(directory);
        if (events.empty()) {
            continue; // it died before it began, so it has done nothing
        }
        auto record = replay(events);
        if (record.header.procedure == procedure && record.unfinished()) {
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
