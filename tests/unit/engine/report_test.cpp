// SPDX-License-Identifier: Apache-2.0
#include "drctl/report.hpp"

#include "drctl/error.hpp"
#include "engine/reporting.hpp"
#include "system/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl {
namespace {

using testing::HasSubstr;
using testing::Not;

Report example() {
    Report report;
    report.run = "20261123T031502Z-7f3a";
    report.procedure = "db-recover";
    report.target = "dao_registry";
    report.outcome = Outcome::recovered;
    report.exit_code = ExitCode::good;
    report.started = Report::WallTime(std::chrono::seconds(1795403702));
    report.finished = *report.started + std::chrono::seconds(41);
    report.outage = std::chrono::milliseconds(1840);
    report.data_loss = Report::DataLoss{report.started, std::chrono::seconds(4498)};
    report.backup = Report::Backup{
        "/b/x.sql.gz", "2026-11-23T02:00:04Z", "ab12", {{"/b/y.sql.gz", "truncated"}}};
    report.steps = {{"swap", "swap", StepStatus::done, "because", "seen", {}}};
    report.kept = {{"database old", "drctl runs prune x"}};
    return report;
}

TEST(Report, RoundTripsThroughJson) {
    const auto text = to_json(example());
    EXPECT_EQ(to_json(report_from_json(text)), text);
    EXPECT_THAT(text, HasSubstr("\"schema\":\"drctl.report/1\""));
    EXPECT_THAT(text, HasSubstr("\"duration_ms\":41000"));
}

TEST(Report, LeavesOutWhatDoesNotApply) {
    const auto text = to_json(Report{});
    EXPECT_THAT(text, Not(HasSubstr("backup")));
    EXPECT_THAT(text, Not(HasSubstr("null")));
    EXPECT_THAT(text, HasSubstr("\"exit_code\":1"));
}

TEST(Report, SurvivesTextThatIsNoUtf8) {
    auto report = example();
    report.error = "bad byte \xff here";
    EXPECT_NO_THROW(static_cast<void>(report_from_json(to_json(report))));
}

TEST(Report, RefusesWhatIsNoReport) {
    EXPECT_THROW(static_cast<void>(report_from_json("{}")), Error);
    EXPECT_THROW(static_cast<void>(report_from_json("no json")), Error);
}

TEST(Report, IsDamagedWhereItSaysWhatNoReportSays) {
    for (const auto* text :
         {R"({"outcome":"glorious","exit_code":0})", R"({"outcome":"healthy","exit_code":77})",
          R"({"outcome":"healthy","exit_code":4294967296})",
          R"({"outcome":"healthy","exit_code":"0"})",
          R"({"outcome":"healthy","exit_code":0,"steps":[{"status":"odd"}]})"}) {
        try {
            static_cast<void>(report_from_json(text));
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::damaged) << text;
        }
    }
    const auto longest = to_json(
        report_from_json(R"({"outcome":"healthy","exit_code":0,"started":"1678-01-01T00:00:00Z",)"
                         R"("finished":"2261-01-01T00:00:00Z"})"));
    EXPECT_THAT(longest, HasSubstr("\"duration_ms\":18397670400000"));
}

TEST(Report, CountsWhatWasWrittenWhileThePlanWasCarriedOutAsLost) {
    engine::RunRecord record;
    const Report::WallTime taken(std::chrono::hours(1000));
    record.loss = Report::DataLoss{taken, std::chrono::seconds(60)};
    const auto loss = [&record] {
        Report report;
        engine::fill_from_record(report, record);
        return report.data_loss.value().at_most.value();
    };
    EXPECT_EQ(loss(), std::chrono::seconds(60));
    record.facts.set(engine::fact::loss_until,
                     system::format_rfc3339(taken + std::chrono::hours(2)));
    EXPECT_EQ(loss(), std::chrono::hours(2));
    record.facts.set(engine::fact::loss_until, system::format_rfc3339(taken));
    EXPECT_EQ(loss(), std::chrono::seconds(60)) << "the clock was set back";
}

TEST(ExitCodes, EveryOutcomeHasACodeThatTheTableExplains) {
    for (int value = 0; value <= static_cast<int>(Outcome::interrupted); ++value) {
        const auto code = exit_code_of(static_cast<Outcome>(value));
        const auto rows = exit_codes();
        EXPECT_TRUE(std::any_of(rows.begin(), rows.end(),
                                [&](const ExitCodeRow& row) { return row.code == code; }));
        const auto name = name_of(static_cast<Outcome>(value));
        EXPECT_EQ(outcome_named(name), static_cast<Outcome>(value));
    }
}

} // namespace
} // namespace drctl
