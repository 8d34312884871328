// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/outline.hpp"
#include "postgres/restore/workshop.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace drctl::postgres::restore {

/// Starts index builds as soon as their tables' rows are on their way in, long before the reader
/// gets to where they stand in the dump.
class EarlyBuilds {
  public:
    EarlyBuilds(Workshop& workshop, const dump::Outline& outline);

    /// A COPY block has been handed over as a whole.
    void start_after(std::uint64_t copy);
    /// The reader has got to a statement. True if it was started before and is not to be run.
    /// Throws Error(failed) if what stands there is something else.
    [[nodiscard]] bool covers(const dump::Statement& statement);
    /// At the dump's end: throws Error(failed) if it lacks any of what was started.
    void check_end() const;

  private:
    void add(Job job, dump::Statement statement);

    Workshop& workshop_;
    std::multimap<std::uint64_t, const dump::EarlyStatement*> after_;
    std::unordered_map<std::uint64_t, const dump::EarlyStatement*> started_; ///< by ordinal
    /// Where each of them stands in the dump; shared by those with the same.
    std::unordered_map<std::uint64_t, std::shared_ptr<const SettingList>> settings_;
};

} // namespace drctl::postgres::restore
