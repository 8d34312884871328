// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "engine/environment.hpp"
#include "engine/ladder.hpp"
#include "engine/plan.hpp"
#include "engine/run_record.hpp"
#include "system/clock.hpp"

#include <chrono>
#include <optional>
#include <string>

/// What a run loses, and whether somebody has agreed to so much. A plan knows the loss as it was
/// when it was made; it grows until nobody writes any more into what is replaced.
namespace drctl::engine {

/// What somebody has agreed to.
struct Agreement {
    std::string words; ///< as the report's `accepted` names it
    /// Beyond this the run asks again. Whoever has typed the name at a terminal has seen since when
    /// it is, and has agreed to all of it.
    std::optional<system::Duration> limit;
    bool typed = false;
};

/// Consent to what the plan destroys, from whoever may give it; noted in the plan. True if a
/// person has typed the target's name. Throws Error(refused) without consent.
[[nodiscard]] bool agree_to_loss(Plan& plan, const std::string& target,
                                 const Environment& environment, const RunRequest& request);

/// Consent to what an unfinished run loses if it goes on now. Nothing where the earlier one still
/// covers it. Throws Error(refused) without consent.
[[nodiscard]] std::optional<Agreement>
agree_again(const RunRecord& record, const Environment& environment, const RunRequest& request);

/// Why a step that loses data has to wait for another consent; nothing if it may be taken.
[[nodiscard]] std::optional<Error> loss_not_covered(const RunRecord& record, system::WallTime now);

/// The fact that keeps the limit of an agreement.
[[nodiscard]] std::string limit_to_fact(const Agreement& agreement);

/// The loss as far as it is known: the planned one, and what was written while it was carried out.
[[nodiscard]] std::optional<Report::DataLoss> loss_of(const RunRecord& record);

/// `everything written to 'x' since 2026-11-22T02:00:00Z (26h)`.
[[nodiscard]] std::string loss_in_words(const std::string& target, system::WallTime upto,
                                        std::chrono::seconds amount);

} // namespace drctl::engine
