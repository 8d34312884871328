// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "engine/journal.hpp"
#include "engine/run_record.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drctl::engine {

/// A run under way: its journal and what the journal says, which are never apart, because the
/// record is only changed by replaying what was just written.
class DRCTL_API Run {
  public:
    Run(const std::filesystem::path& directory, const system::Clock& clock);

    void append(const std::string& event, nlohmann::json body);
    /// For the way back: an event that cannot be written must not keep an undo from being
    /// done. False if it was not written; the record in memory has it all the same.
    bool append_if_possible(const std::string& event, nlohmann::json body);
    /// Journals a fact.
    void record_fact(const std::string& key, const std::string& value);

    [[nodiscard]] const RunRecord& record() const noexcept { return record_; }
    [[nodiscard]] const std::string& id() const noexcept { return record_.header.run; }
    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

  private:
    std::filesystem::path directory_;
    Journal journal_;
    RunRecord record_;
};

/// All runs of a host: `<state>/runs/<run-id>/journal.jsonl`.
class DRCTL_API RunStore {
  public:
    RunStore(std::filesystem::path state_directory, const system::Clock& clock);

    /// A fresh id: `20261123T031502Z-7f3a`. Sorts by time.
    [[nodiscard]] std::string new_id() const;
    /// Begins the run of that header; its first line is on the disk when this returns.
    [[nodiscard]] Run create(const RunHeader& header);
    [[nodiscard]] Run open(const std::string& run_id);

    /// Ids, oldest first.
    [[nodiscard]] std::vector<std::string> ids() const;
    /// Reads a run; throws Error(usage) if there is none of that id ("last" is the newest).
    [[nodiscard]] RunRecord read(const std::string& run_id) const;
    [[nodiscard]] std::string resolve(const std::string& run_id) const;
    /// The target's run that has begun and not ended, newest first. A run whose journal cannot be
    /// read counts as unfinished if it may be this target's: throws Error(damaged).
    [[nodiscard]] std::optional<RunRecord> unfinished(const std::string& procedure,
                                                      const std::string& target) const;

    [[nodiscard]] std::filesystem::path directory_of(const std::string& run_id) const;
    [[nodiscard]] std::filesystem::path locks_directory() const { return state_ / "locks"; }
    [[nodiscard]] std::filesystem::path holds_directory() const { return state_ / "holds"; }
    [[nodiscard]] const std::filesystem::path& state_directory() const noexcept { return state_; }

  private:
    std::filesystem::path state_;
    const system::Clock& clock_;
};

} // namespace drctl::engine
