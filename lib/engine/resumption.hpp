// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "engine/ladder.hpp"
#include "engine/loss.hpp"
#include "engine/procedure.hpp"
#include "engine/run_record.hpp"
#include "engine/run_store.hpp"
#include "engine/runner.hpp"

#include <optional>
#include <string>

namespace drctl::engine {

/// `drctl runs undo RUN`.
[[nodiscard]] std::string undo_command(const std::string& run);

/// Throws Error(refused) unless an unfinished run can be continued as it was begun: stopped by
/// a crash (or by a person who now says so), and with the configuration, options, target and
/// backup that its journal names. The message lists every difference, the hint the way out.
void check_resumable(const RunRecord& record, Procedure& procedure, const Environment& environment,
                     const RunRequest& request);

/// Consent to what the run loses by now, if it is more than was agreed to. Throws Error(refused).
[[nodiscard]] std::optional<Agreement> consent_to_go_on(const RunRecord& record,
                                                        const Environment& environment,
                                                        const RunRequest& request);

/// Journals that another process goes on, who and why, and what was agreed to for that.
void note_resumption(Run& run, const RunRequest& request, const std::optional<Agreement>& agreed);

/// Throws Error(refused) if the plan is not the one that `--expect-plan` names.
void expect_plan(const Plan& plan, const std::string& target, const RunRequest& request);

/// Brings back what a journaled rung stands on, as long as that loses nothing: it may have gone
/// with the machine. Returns what is in the way, nothing if the rung can go on.
[[nodiscard]] std::optional<Error> restore_ground(Procedure& procedure, const std::string& rung,
                                                  Run& run, Observer& observer,
                                                  const system::Clock& clock,
                                                  system::StopToken stop);

/// Takes back what is left of the rung `index`, whose process died while it did so, once what the
/// rung stands on is there again. As any undo it is stopped only by a second signal. What cannot be
/// taken back stays and is warned of; services are put back all the same.
[[nodiscard]] RungEnd go_on_undoing(Procedure& procedure, std::size_t index, Run& run,
                                    Observer& observer, const system::Clock& clock);

} // namespace drctl::engine
