// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/clock.hpp"
#include "system/files.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::engine {

/// The version of the journal's format; see docs/journal-format.md.
inline constexpr int journal_version = 1;

/// One line of a journal: `{"v":1,"at":"…","event":"…",…}`.
struct JournalEvent {
    std::string name;
    nlohmann::json body; ///< the whole object
};

/// Everything a journal says. A torn last line (the process or the machine died while it was
/// written) is left out; a broken line elsewhere, or a version we do not know, throws
/// Error(damaged) with the line's number. `name` is what errors call it.
[[nodiscard]] std::vector<JournalEvent> parse_journal(std::string_view text,
                                                      const std::string& name);
[[nodiscard]] std::vector<JournalEvent> read_journal(const std::filesystem::path& path);

/// Appends events, each durable before append() returns.
class Journal {
  public:
    /// Opens or creates; cuts off a torn last line first, so that the next one stands alone.
    Journal(const std::filesystem::path& path, const system::Clock& clock);
    /// Adds version and time to `body` and writes it.
    void append(const std::string& event, nlohmann::json body);

  private:
    void cut_torn_line(const std::filesystem::path& path);

    const system::Clock& clock_;
    system::AppendFile file_;
};

} // namespace drctl::engine
