// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "engine/journal.hpp"
#include "engine/run_record.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
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

    /// An id that no other process can get, as long as it lives, and afterwards if a run has begun
    /// under it.
    class DRCTL_API Reservation {
      public:
        Reservation(std::string id, std::filesystem::path directory)
            : id_(std::move(id)), directory_(std::move(directory)) {}
        Reservation(Reservation&& other) noexcept
            : id_(std::move(other.id_)), directory_(std::exchange(other.directory_, {})) {}
        Reservation& operator=(Reservation&&) = delete;
        ~Reservation();

        [[nodiscard]] const std::string& id() const noexcept { return id_; }

      private:
        std::string id_;
        std::filesystem::path directory_;
    };

    /// A fresh id: `20261123T031502Z-7f3a`. Sorts by time. For looking only: another process may
    /// get the same.
    [[nodiscard]] std::string new_id() const;
    /// A fresh id for a run that may begin. Throws Error(refused) for one who may not write here.
    [[nodiscard]] Reservation reserve();
    /// Begins the run of that header; its first line is on the disk when this returns.
    [[nodiscard]] Run create(const RunHeader& header);
    [[nodiscard]] Run open(const std::string& run_id);

    /// Ids of runs that have begun, oldest first. Throws Error(refused) for one who may not list
    /// them.
    [[nodiscard]] std::vector<std::string> ids() const;
    /// Reads a run; throws Error(usage) if there is none of that id ("last" is the newest).
    [[nodiscard]] RunRecord read(const std::string& run_id) const;
    [[nodiscard]] std::string resolve(const std::string& run_id) const;
    /// The same for a run of `target`; nothing for another target's, whatever its journal is like.
    /// Throws Error(refused) where the journal cannot be read and may be that of an unfinished run
    /// of the target.
    [[nodiscard]] std::optional<RunRecord> read_of_target(const std::string& run_id,
                                                          const std::string& target) const;
    /// The target's run that has begun and not ended, newest first. Throws what read_of_target()
    /// throws.
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
