// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "drctl/report.hpp"
#include "engine/facts.hpp"
#include "engine/journal.hpp"
#include "engine/step.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace drctl::engine {

/// What a run was told when it began; the journal's first line.
struct RunHeader {
    std::string run;
    std::string procedure;
    std::string target;
    Report::By by;
    std::string version;
    std::map<std::string, std::string> configuration;
    std::map<std::string, std::string> options;
    std::vector<std::string> accepted;
    std::string reason;
    std::string incident;
    std::string started; ///< RFC 3339
};

/// A step of a journaled rung and how far it came.
struct StepRecord {
    enum class State { pending, intended, done, satisfied, blocked, failed, undo_intended, undone };
    StepInfo info;
    Effect effect = Effect::reversible;
    bool can_be_taken_back = false; ///< undoes(UndoReason::requested)
    bool undone_on_failure = false; ///< undoes(UndoReason::failed)
    bool loses_data = false;
    State state = State::pending;
    bool begun = false;             ///< apply() was begun at some time, whatever became of it
    bool undone_on_request = false; ///< `runs undo` has begun to take it back
    std::string evidence;
    std::optional<std::chrono::milliseconds> duration;

    /// True if apply() was begun and has not been taken back.
    [[nodiscard]] bool may_have_acted() const noexcept {
        return state == State::intended || state == State::done || state == State::failed ||
               state == State::undo_intended;
    }
    /// True if undo() has something to do for that reason.
    [[nodiscard]] bool undoes(UndoReason reason) const noexcept {
        return reason == UndoReason::requested ? can_be_taken_back : undone_on_failure;
    }
};

struct RungRecord {
    std::string rung;
    Outcome on_success = Outcome::recovered;
    std::vector<StepRecord> steps;
    bool prepares = false;         ///< only put back what an interrupted rung stands on
    std::optional<bool> succeeded; ///< nothing while it is under way
    std::string error, hint;       ///< of a failed one

    /// Why `runs undo` takes a step of it back. What came to nothing leaves no trace; what served
    /// may hold new data by now and is kept in turn, but for what was left half made.
    [[nodiscard]] UndoReason undo_reason(const StepRecord& step) const noexcept;
};

/// A run as its journal tells it.
struct DRCTL_API RunRecord {
    enum class Phase {
        running,     ///< or its process died
        undoing,     ///< a step failed, the rest is being taken back
        interrupted, ///< a person stopped it; it can be continued
        ended,
        undo_requested, ///< `runs undo` has begun
        undone,
    };

    RunHeader header;
    Facts facts;
    std::vector<RungRecord> rungs;
    Phase phase = Phase::running;
    Phase before_undo = Phase::ended; ///< what `runs undo` goes back to where it gets stuck
    std::string plan_id;              ///< of the first rung
    std::optional<Report::Backup> backup;
    std::optional<Report::DataLoss> loss;
    std::vector<std::string> consequences;
    std::optional<std::chrono::milliseconds> expected_outage;
    std::vector<std::string> warnings; ///< of its steps, whatever process they ran in
    std::optional<Report> report;      ///< of the latest end
    bool pruned = false;

    [[nodiscard]] bool unfinished() const noexcept {
        return phase != Phase::ended && phase != Phase::undone;
    }
    /// The rung that is to be continued. One that prepared for it is not: whether it is still
    /// needed is looked at anew.
    [[nodiscard]] std::optional<std::size_t> rung_under_way() const noexcept;
    /// True for a run that changed something and can still be taken back.
    [[nodiscard]] bool undoable() const noexcept;
    /// True if `runs undo` has taken steps back and has not put them in place again.
    [[nodiscard]] bool partly_taken_back() const noexcept;
    /// True if what was agreed to be lost is no longer served.
    [[nodiscard]] bool has_lost_data() const noexcept;
    /// True if something that the run put in place is there: earlier runs cannot be undone below
    /// it.
    [[nodiscard]] bool replaced_something() const noexcept;
};

/// Replays a journal's events. Throws Error(damaged) if they contradict each other.
[[nodiscard]] DRCTL_API RunRecord replay(const std::vector<JournalEvent>& events);

/// Carries one more event into a record; what replay() does with each.
void replay_onto(RunRecord& record, const JournalEvent& event);

/// What a report calls a step's state.
[[nodiscard]] StepStatus status_of(StepRecord::State state) noexcept;

} // namespace drctl::engine
