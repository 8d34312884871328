// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "engine/plan.hpp"
#include "system/units.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace drctl::engine {

/// How much may be lost: so much time or so many bytes.
using LossLimit = std::variant<system::Duration, system::ByteSize>;

/// What the command line and the configuration say about losing data.
struct ConsentPolicy {
    std::optional<LossLimit> accepted; ///< --accept-data-loss
    bool at_terminal = false;
    bool unattended_restore = false;        ///< `unattended = "restore"`
    std::optional<LossLimit> max_data_loss; ///< of the configuration
};

/// What follows from it.
struct ConsentDecision {
    enum class Kind { given, ask, refused } kind = Kind::refused;
    std::string words; ///< given: as the report's `accepted` names it; refused: why
    std::string hint;
    std::optional<system::Duration> limit; ///< given: so much is covered, where it is a time
};

/// Parses `26h` or `16MiB`.
[[nodiscard]] DRCTL_API std::optional<LossLimit> parse_loss_limit(std::string_view text) noexcept;
/// `26h` or `16 MiB`.
[[nodiscard]] DRCTL_API std::string format_loss_limit(const LossLimit& limit);

/// The loss rounded up to what will still cover it in a quarter of an hour.
[[nodiscard]] std::chrono::hours limit_that_covers(std::chrono::seconds loss);
/// What to type: `to accept it, add --accept-data-loss 26h`.
[[nodiscard]] std::string how_to_accept(const ExpectedLoss& loss);

/// Decides whether the loss is consented to. A limit in time covers a loss known in time, one in
/// bytes a loss known in bytes; what is not known is not covered.
[[nodiscard]] ConsentDecision decide_consent(const ExpectedLoss& loss, const std::string& target,
                                             const ConsentPolicy& policy);

} // namespace drctl::engine
