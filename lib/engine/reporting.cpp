// SPDX-License-Identifier: Apache-2.0
#include "engine/reporting.hpp"

#include "engine/loss.hpp"
#include "system/digest.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <nlohmann/json.hpp>

namespace drctl::engine {
namespace {

std::optional<std::int64_t> number_of(const std::optional<std::string>& text) {
    std::int64_t value = 0;
    if (!text) {
        return std::nullopt;
    }
    const auto* end = text->data() + text->size();
    const auto result = std::from_chars(text->data(), end, value);
    return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
}

/// How long services were down, from the facts that the steps record.
std::optional<std::chrono::milliseconds> outage_of(const Facts& facts) {
    const auto began = number_of(facts.get(fact::outage_began));
    const auto ended = number_of(facts.get(fact::outage_ended));
    if (!began || !ended || *ended < *began) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(*ended - *began);
}

} // namespace

std::string configuration_digest(const std::map<std::string, std::string>& flat) {
    return system::sha256_hex(nlohmann::json(flat).dump());
}

Report base_report(const Procedure& procedure, const Report::By& by, system::WallTime started) {
    Report report;
    report.procedure = procedure.name();
    report.target = procedure.target();
    report.by = by;
    report.version = version();
    report.config_sha256 = configuration_digest(procedure.configuration());
    report.started = started;
    return report;
}

void fill_from_record(Report& report, const RunRecord& record) {
    report.run = record.header.run;
    report.accepted = record.header.accepted;
    report.reason = record.header.reason;
    report.incident = record.header.incident;
    report.plan_id = record.plan_id;
    report.started = system::parse_rfc3339(record.header.started);
    report.backup = record.backup;
    report.data_loss = loss_of(record);
    report.outage = outage_of(record.facts);
    report.expected_outage = record.expected_outage;
    for (const auto* remarks : {&record.consequences, &record.warnings}) {
        report.warnings.insert(report.warnings.end(), remarks->begin(), remarks->end());
    }
    report.steps.clear();
    for (const auto& rung : record.rungs) {
        for (const auto& step : rung.steps) {
            report.steps.push_back({step.info.id, step.info.title, status_of(step.state),
                                    step.info.reason, step.evidence, step.duration});
        }
    }
}

void fill_from_plan(Report& report, const Plan& plan, const std::string& target) {
    report.plan_id = plan_id(target, plan);
    report.backup = plan.backup;
    report.expected_outage = plan.expected_outage;
    report.expected_outage_from = plan.outage_from;
    report.warnings.insert(report.warnings.end(), plan.consequences.begin(),
                           plan.consequences.end());
    if (plan.loss) {
        report.data_loss = plan.loss->amount;
    }
    for (const auto& planned : plan.steps) {
        report.steps.push_back({planned.step->id(),
                                planned.step->title(),
                                StepStatus::planned,
                                planned.reason,
                                {},
                                std::nullopt});
    }
    for (const auto& later : plan.if_needed) {
        report.steps.push_back(
            {later.rung, later.title, StepStatus::if_needed, {}, {}, std::nullopt});
    }
}

void fill_from_assessment(Report& report, const Assessment& assessment) {
    report.evidence = assessment.evidence;
    report.not_looked_at = assessment.not_looked_at;
}

void fill_from_error(Report& report, const Error& error) {
    conclude(report, outcome_of(error.code()), error.message());
    report.error = error.message();
    report.hint = error.hint();
}

void conclude(Report& report, Outcome outcome, std::string summary) {
    report.outcome = outcome;
    report.exit_code = exit_code_of(outcome);
    report.summary = std::move(summary);
    if (outcome == Outcome::failed_undone) {
        report.data_loss.reset(); // what was there is served again
    }
}

ExitCode exit_code_of_stop(int signal) noexcept {
    return signal == SIGTERM || signal == SIGHUP ? ExitCode::terminated : ExitCode::interrupted;
}

void conclude_unfinished(Report& report, const RunRecord& record, std::string summary) {
    conclude(report, Outcome::interrupted, std::move(summary));
    if (!record.has_lost_data()) {
        report.data_loss.reset(); // what was there is still served
    }
}

} // namespace drctl::engine
