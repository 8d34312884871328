// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/plan.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace drctl::engine {

/// How an earlier rung of the same run ended.
struct RungResult {
    std::string rung;
    bool succeeded = false;
    std::string error; ///< of a failed one
    std::string hint;
};

/// What a procedure has while it looks. `facts` and `history` are those of the run so far.
struct LookContext {
    const system::Clock& clock;
    system::StopToken stop;
    Observer& observer;
    const Facts& facts;
    const std::vector<RungResult>& history;
    const std::string& run_id; ///< names that the plan derives come from it
};

/// A ladder of rungs for one target. Assessing and planning are read-only.
class Procedure {
  public:
    Procedure() = default;
    Procedure(const Procedure&) = delete;
    Procedure& operator=(const Procedure&) = delete;
    virtual ~Procedure() = default;

    [[nodiscard]] virtual std::string name() const = 0;   ///< `db-recover`
    [[nodiscard]] virtual std::string target() const = 0; ///< `dao_registry`

    /// What must not be touched by two runs at once, as lock names (`database/…`).
    [[nodiscard]] virtual std::vector<std::string> resources() const = 0;
    /// The configuration that matters to this target, flat, without secrets; journaled.
    [[nodiscard]] virtual std::map<std::string, std::string> configuration() const = 0;
    /// Command-line options, as given, that assessment and plans depend on; journaled.
    [[nodiscard]] virtual std::map<std::string, std::string> options() const = 0;
    /// Takes over the options of the run that is being continued.
    virtual void adopt_options(const std::map<std::string, std::string>& options) = 0;

    /// Takes over the configuration of a run that is taken back, as its journal has it. Changes
    /// nothing if it throws.
    virtual void adopt_configuration(const std::map<std::string, std::string>& recorded) = 0;

    /// Throws only what ends the command (usage, interrupted, a bug).
    virtual Assessment assess(const LookContext& context) = 0;
    /// Throws Error(refused) and the like when the rung cannot be taken safely.
    virtual Plan plan(const Assessment& assessment, const LookContext& context) = 0;
    /// The steps of a journaled rung, the same that plan() made.
    virtual std::vector<PlannedStep> rebuild(const std::string& rung, const Facts& facts) = 0;
    /// What is no longer as the journal says (configuration, identity of the target, digest of the
    /// backup), a phrase each; empty if the run can be continued.
    virtual std::vector<std::string>
    differences(const std::map<std::string, std::string>& recorded_configuration,
                const LookContext& context) = 0;
    /// What has to be there before a journaled rung of an interrupted run can go on, and is not:
    /// its server is down, say. needs_rung for a rung that brings it back and loses nothing,
    /// blocked for what a person has to mend first; nothing if the rung can go on. Asked again
    /// after each; the history is that of these rungs alone.
    virtual std::optional<Assessment> before_resuming(const std::string& /*rung*/,
                                                      const LookContext&) {
        return std::nullopt;
    }
    /// True for a rung whose failure tells something: the ladder looks again instead of stopping.
    [[nodiscard]] virtual bool failure_is_evidence(const std::string& rung) const = 0;

    /// What the run has kept, from its facts, for the report and for pruning.
    [[nodiscard]] virtual std::vector<Report::Kept> kept(const Facts& facts,
                                                         const std::string& run_id) = 0;
    /// Deletes what the run has kept; idempotent.
    virtual void prune(const LookContext& context) = 0;
};

} // namespace drctl::engine
