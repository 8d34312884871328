// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/inspection.hpp"
#include "engine/step.hpp"
#include "postgres/swap.hpp"
#include "postgres/verify.hpp"
#include "procedures/db_target.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace drctl::procedures {

/// What the copy gets that is not in a dump, and what a person should know of it.
struct CarriedProperties {
    postgres::DatabaseProperties properties;
    std::vector<std::string> remarks;
};

/// Those of the database that is to be replaced, as long as it is that one; else as it was last
/// seen; else the server's own defaults, and the encoding of the dump. What has gone since is left
/// out. The same for the plan and for the step, unless the server has changed.
[[nodiscard]] CarriedProperties properties_to_carry(postgres::Connection& server,
                                                    const DbTarget& target,
                                                    std::optional<postgres::Oid> live,
                                                    const std::string& encoding);

/// Makes the copy: a database of its own beside the live one, filled from the backup. Found again
/// by its OID, whatever it is called by then.
class RestoreCopy final : public engine::Step {
  public:
    RestoreCopy(DbTarget target, std::filesystem::path backup, unsigned jobs)
        : target_(std::move(target)), backup_(std::move(backup)), jobs_(jobs) {}

    static constexpr const char* step_id = "restore-copy";
    [[nodiscard]] std::string id() const override { return step_id; }
    [[nodiscard]] std::string title() const override;
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;
    /// A stopped run goes on with it; one that is taken back after it served keeps it.
    [[nodiscard]] bool undoes(engine::UndoReason reason) const override {
        return reason == engine::UndoReason::failed;
    }
    void undo(engine::StepContext& context, engine::UndoReason reason) override;

  private:
    void drop_half_made(postgres::Connection& server, engine::StepContext& context);
    std::string fill(const backup::Inspection& inspection, engine::StepContext& context);

    DbTarget target_;
    std::filesystem::path backup_;
    unsigned jobs_;
};

/// Verifies the copy before it is swapped in, or the live database after: the configured queries,
/// and that what the dump said is there.
class VerifyDatabase final : public engine::Step {
  public:
    enum class Which { copy, live };
    VerifyDatabase(DbTarget target, Which which) : target_(std::move(target)), which_(which) {}

    static constexpr const char* copy_step_id = "verify-copy";
    [[nodiscard]] std::string id() const override {
        return which_ == Which::copy ? copy_step_id : "verify-live";
    }
    [[nodiscard]] std::string title() const override;
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;

  private:
    void compare(const postgres::Target& copy, postgres::Verification& found,
                 engine::StepContext& context);

    DbTarget target_;
    Which which_;
    std::string evidence_; ///< not empty: verified by this process
};

/// Counts the rows of each table in the live database and in the copy, for a person to compare.
class CompareWithLive final : public engine::Step {
  public:
    explicit CompareWithLive(DbTarget target) : target_(std::move(target)) {}

    [[nodiscard]] std::string id() const override { return "compare"; }
    [[nodiscard]] std::string title() const override {
        return "count the rows of both, table by table";
    }
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;

  private:
    [[nodiscard]] std::map<std::string, std::string> count_live_rows(system::StopToken stop) const;

    DbTarget target_;
    std::string evidence_; ///< not empty: counted by this process
};

/// Gives the copy of --beside=DBNAME that name. Until then it has the one that its run made, and
/// gets it back before it is dropped: nothing of another name ever is.
class NameCopy final : public engine::Step {
  public:
    explicit NameCopy(DbTarget target) : target_(std::move(target)) {}

    [[nodiscard]] std::string id() const override { return "name-copy"; }
    [[nodiscard]] std::string title() const override { return "give the copy its name"; }
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;
    [[nodiscard]] bool undoes(engine::UndoReason reason) const override {
        return reason != engine::UndoReason::interrupted;
    }
    void undo(engine::StepContext& context, engine::UndoReason reason) override;

  private:
    DbTarget target_;
};

/// Renames the copy of a run, whatever it is called; nothing to do if it is gone.
void rename_copy(postgres::Connection& server, const engine::Facts& facts, const std::string& to);

/// Gives the copy the public name and keeps what had it.
class SwapDatabases final : public engine::Step {
  public:
    static constexpr const char* step_id = "swap";
    explicit SwapDatabases(DbTarget target) : target_(std::move(target)) {}

    [[nodiscard]] std::string id() const override { return step_id; }
    [[nodiscard]] std::string title() const override;
    [[nodiscard]] bool loses_data() const override { return true; }
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;
    [[nodiscard]] bool undoes(engine::UndoReason) const override { return true; }
    engine::CheckResult check_undo(engine::StepContext& context,
                                   engine::UndoReason reason) override;
    void undo(engine::StepContext& context, engine::UndoReason reason) override;
    void reinstate(engine::StepContext& context) override { resume(context); }

  private:
    static void note_end_of_writing(engine::StepContext& context);
    [[nodiscard]] bool exchanged(engine::StepContext& context, postgres::Connection& server) const;
    [[nodiscard]] engine::CheckResult neither(engine::StepContext& context,
                                              std::optional<postgres::Oid> now) const;
    void take_back(engine::StepContext& context, postgres::Oid copy);
    [[nodiscard]] bool copy_is_public(engine::StepContext& context) const;
    void pause(engine::StepContext& context);
    void resume(engine::StepContext& context);
    void resume_after_failure(engine::StepContext& context);
    void run_hooks(const std::vector<config::Argv>& hooks, system::StopToken stop);
    void take_name_back(engine::StepContext& context, postgres::Oid copy,
                        const std::string& copy_name);
    void exchange(engine::StepContext& context, const postgres::Swap& swap);
    void disable_kept_subscriptions(engine::StepContext& context, const std::string& kept);

    DbTarget target_;
};

} // namespace drctl::procedures
