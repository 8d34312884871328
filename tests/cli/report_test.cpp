// SPDX-License-Identifier: Apache-2.0
#include "views/report.hpp"

#include "golden.hpp"
#include "system/units.hpp"

#include <gtest/gtest.h>
#include <ostream>

namespace drctl::app::views {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Report base(Outcome outcome, std::string summary) {
    Report report;
    report.procedure = "db-recover";
    report.target = "dao_registry";
    report.outcome = outcome;
    report.exit_code = exit_code_of(outcome);
    report.summary = std::move(summary);
    report.started = system::parse_rfc3339("2026-11-23T03:15:02Z");
    report.finished = *report.started + milliseconds(41'210);
    report.by = {"root", "ops", "db1", {"drctl", "db-recover", "dao_registry"}};
    return report;
}

Report::Backup backup() {
    return {"/backups/postgres/full_backup_20261123_020004.sql.gz",
            "2026-11-23T02:00:04Z",
            "9f86d081",
            {{"/backups/postgres/full_backup_20261123_030000.sql.gz",
              "truncated: the gzip stream ends in the middle"}}};
}

Report recovered() {
    auto report = base(Outcome::recovered, "the verification queries hold (3 of 3)");
    report.run = "20261123T031502Z-7f3a";
    report.outage = milliseconds(1'840);
    report.data_loss = {{system::parse_rfc3339("2026-11-23T02:00:04Z"), seconds(4498)}};
    report.backup = backup();
    report.evidence = {"daos: invalid page in block 3 of relation base/16384/16397 (XX001)"};
    report.steps = {
        {"stop-services", "stop dao-registry and nginx", StepStatus::done,
         "what they write meanwhile would be lost", "both are stopped", milliseconds(312)},
        {"restore", "restore the backup beside the live database", StepStatus::done,
         "the newest clean backup", "4 tables, 120000 rows", milliseconds(38'000)},
        {"reset-cache", "reset the cache", StepStatus::satisfied, "", "it is empty", {}}};
    report.kept = {{"database dao_registry__before_20261123t031502z_7f3a",
                    "drctl runs prune 20261123T031502Z-7f3a"}};
    report.undo_with = "drctl runs undo 20261123T031502Z-7f3a";
    report.warnings = {"event triggers did not fire while loading"};
    report.accepted = {"data-loss 26h"};
    report.reason = "INC-42: page corruption";
    return report;
}

Report planned() {
    auto report = recovered();
    report.outcome = Outcome::planned;
    report.run.clear();
    report.kept.clear();
    report.undo_with.clear();
    report.outage.reset();
    report.summary = "restore dao_registry from full_backup_20261123_020004.sql.gz";
    report.plan_id = "5d41402a";
    report.expected_outage = milliseconds(95'000);
    report.expected_outage_from = "run 20261120T020000Z-1a2b";
    for (auto& step : report.steps) {
        step.status = StepStatus::planned;
        step.evidence.clear();
        step.duration.reset();
    }
    report.steps.push_back(
        {"cluster", "restore into a new cluster", StepStatus::if_needed, "", "", {}});
    return report;
}

Report failed_undone() {
    auto report = recovered();
    report.outcome = Outcome::failed_undone;
    report.summary = report.error = "cannot restore 'dao_registry': no space left on device";
    report.hint = "make room below /var/lib/postgresql, then type the same command again";
    report.data_loss.reset();
    report.kept.clear();
    report.undo_with.clear();
    report.steps[0].status = StepStatus::undone;
    report.steps[1].status = StepStatus::failed;
    report.steps[1].evidence = report.error;
    report.steps[2].status = StepStatus::skipped;
    return report;
}

Report refused() {
    auto report = base(Outcome::refused, "cannot restore 'dao_registry': 1h 14m would be lost, and "
                                         "nobody is here to agree");
    report.error = report.summary;
    report.hint = "to accept it, add --accept-data-loss 2h";
    report.data_loss = {{system::parse_rfc3339("2026-11-23T02:00:04Z"), seconds(4498)}};
    return report;
}

Report healthy() {
    auto report = base(Outcome::healthy, "the verification queries hold (3 of 3)");
    report.not_looked_at = {"pages not checked: drctl db-verify --pages looks at them"};
    return report;
}

struct Case {
    const char* name;
    Report (*report)();
    Detail detail;

    friend void PrintTo(const Case& self, std::ostream* out) { *out << self.name; }
};

class HumanReport : public testing::TestWithParam<Case> {};

TEST_P(HumanReport, ReadsAsOnFile) {
    const auto& [name, report, detail] = GetParam();
    test::expect_golden(test::cli_directory() / "reports" / (std::string(name) + ".txt"),
                        human_report(report(), Style(false), detail));
}

INSTANTIATE_TEST_SUITE_P(Reports, HumanReport,
                         testing::Values(Case{"recovered", recovered, Detail::normal},
                                         Case{"recovered_verbose", recovered, Detail::verbose},
                                         Case{"recovered_quiet", recovered, Detail::quiet},
                                         Case{"planned", planned, Detail::normal},
                                         Case{"failed_undone", failed_undone, Detail::normal},
                                         Case{"refused", refused, Detail::normal},
                                         Case{"refused_quiet", refused, Detail::quiet},
                                         Case{"healthy", healthy, Detail::normal}),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(HumanReportRules, AlwaysEndsInLostKeptAndUndoWith) {
    for (const auto& report : {recovered(), planned(), failed_undone(), refused(), healthy()}) {
        const auto text = human_report(report, Style(false), Detail::normal);
        const auto lost = text.rfind("\nLost       ");
        const auto kept = text.rfind("\nKept       ");
        const auto undo = text.rfind("\nUndo with  ");
        ASSERT_NE(lost, std::string::npos);
        EXPECT_LT(lost, kept);
        EXPECT_LT(kept, undo);
        EXPECT_EQ(text.find('\n', undo + 1), text.size() - 1);
    }
}

TEST(HumanReportRules, IsSilentWhenQuietAndHealthy) {
    EXPECT_EQ(human_report(healthy(), Style(false), Detail::quiet), "");
}

TEST(HumanReportRules, TellsHowToDeleteOnlyWhatCanBeDeleted) {
    auto report = recovered();
    report.kept.at(0).remove_with.clear();
    const auto text = human_report(report, Style(false), Detail::normal);
    EXPECT_EQ(text.find("delete with"), std::string::npos);
    EXPECT_NE(text.find("(needed until the run has ended)"), std::string::npos);
}

TEST(HumanReportRules, EscapesForeignText) {
    auto report = refused();
    report.summary = "server said \x1b]0;owned\x07";
    EXPECT_EQ(human_report(report, Style(false), Detail::normal).find('\x1b'), std::string::npos);
}

} // namespace
} // namespace drctl::app::views
