// SPDX-License-Identifier: Apache-2.0
#include "drctl/report.hpp"

#include "drctl/error.hpp"
#include "engine/journal_codec.hpp"
#include "system/units.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace drctl {
namespace {

// Ordered: a person reads it too.
using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr std::string_view schema = "drctl.report/1";

constexpr std::array<std::pair<StepStatus, std::string_view>, 9> status_names{{
    {StepStatus::satisfied, "satisfied"},
    {StepStatus::done, "done"},
    {StepStatus::blocked, "blocked"},
    {StepStatus::skipped, "skipped"},
    {StepStatus::failed, "failed"},
    {StepStatus::undone, "undone"},
    {StepStatus::unknown, "unknown"},
    {StepStatus::planned, "planned"},
    {StepStatus::if_needed, "if-needed"},
}};

StepStatus status_named(std::string_view name) {
    for (const auto& [status, candidate] : status_names) {
        if (candidate == name) {
            return status;
        }
    }
    throw Error(ErrorCode::damaged, "no step status is called '" + std::string(name) + "'");
}

ExitCode exit_code_numbered(std::int64_t number) {
    for (const auto& row : exit_codes()) {
        if (static_cast<int>(row.code) == number) {
            return row.code;
        }
    }
    throw Error(ErrorCode::damaged, "no exit code is " + std::to_string(number));
}

void put(json& body, const char* key, const std::string& value) {
    if (!value.empty()) {
        body[key] = value;
    }
}

void put(json& body, const char* key, const std::vector<std::string>& values) {
    if (!values.empty()) {
        body[key] = values;
    }
}

void put(json& body, const char* key, const std::optional<milliseconds>& value) {
    if (value) {
        body[key] = value->count();
    }
}

void put(json& body, const char* key, const std::optional<Report::WallTime>& value) {
    if (value) {
        body[key] = system::format_rfc3339(*value);
    }
}

json steps_to_json(const std::vector<Report::Step>& steps) {
    auto list = json::array();
    for (const auto& step : steps) {
        json body{{"id", step.id}, {"title", step.title}, {"status", name_of(step.status)}};
        put(body, "reason", step.reason);
        put(body, "evidence", step.evidence);
        put(body, "duration_ms", step.duration);
        list.push_back(std::move(body));
    }
    return list;
}

json kept_to_json(const std::vector<Report::Kept>& kept) {
    auto list = json::array();
    for (const auto& one : kept) {
        json item{{"what", one.what}};
        if (!one.remove_with.empty()) {
            item["remove_with"] = one.remove_with;
        }
        list.push_back(std::move(item));
    }
    return list;
}

json identity_to_json(const Report& report) {
    json body{{"schema", schema}};
    put(body, "run", report.run);
    put(body, "procedure", report.procedure);
    put(body, "target", report.target);
    body["outcome"] = name_of(report.outcome);
    body["exit_code"] = static_cast<int>(report.exit_code);
    put(body, "summary", report.summary);
    if (!report.by.user.empty()) {
        body["by"] = engine::to_json_value(report.by);
    }
    put(body, "version", report.version);
    put(body, "config_sha256", report.config_sha256);
    put(body, "accepted", report.accepted);
    put(body, "reason", report.reason);
    put(body, "incident", report.incident);
    put(body, "plan_id", report.plan_id);
    return body;
}

std::optional<Report::WallTime> time_in(const json& body, const char* key) {
    return body.contains(key) ? system::parse_rfc3339(body[key].get<std::string>()) : std::nullopt;
}

std::optional<milliseconds> span_in(const json& body, const char* key) {
    return body.contains(key) ? std::optional(milliseconds(body[key].get<std::int64_t>()))
                              : std::nullopt;
}

std::vector<std::string> strings_in(const json& body, const char* key) {
    return body.value(key, std::vector<std::string>{});
}

Report read_report(const json& body) {
    Report report;
    report.run = body.value("run", "");
    report.procedure = body.value("procedure", "");
    report.target = body.value("target", "");
    report.outcome = outcome_named(body.at("outcome").get<std::string>());
    report.exit_code = exit_code_numbered(body.at("exit_code").get<std::int64_t>());
    report.summary = body.value("summary", "");
    if (body.contains("by")) {
        report.by = engine::by_from_json(body["by"]);
    }
    report.version = body.value("version", "");
    report.config_sha256 = body.value("config_sha256", "");
    report.accepted = strings_in(body, "accepted");
    report.reason = body.value("reason", "");
    report.incident = body.value("incident", "");
    report.plan_id = body.value("plan_id", "");
    report.started = time_in(body, "started");
    report.finished = time_in(body, "finished");
    report.outage = span_in(body, "outage_ms");
    report.expected_outage = span_in(body, "expected_outage_ms");
    report.expected_outage_from = body.value("expected_outage_from", "");
    if (body.contains("data_loss")) {
        report.data_loss = engine::loss_from_json(body["data_loss"]);
    }
    if (body.contains("backup")) {
        report.backup = engine::backup_from_json(body["backup"]);
    }
    for (const auto& step : body.value("steps", json::array())) {
        report.steps.push_back({step.value("id", ""), step.value("title", ""),
                                status_named(step.at("status").get<std::string>()),
                                step.value("reason", ""), step.value("evidence", ""),
                                span_in(step, "duration_ms")});
    }
    for (const auto& one : body.value("kept", json::array())) {
        report.kept.push_back({one.value("what", ""), one.value("remove_with", "")});
    }
    report.undo_with = body.value("undo_with", "");
    report.evidence = strings_in(body, "evidence");
    report.not_looked_at = strings_in(body, "not_looked_at");
    report.warnings = strings_in(body, "warnings");
    report.error = body.value("error", "");
    report.hint = body.value("hint", "");
    return report;
}

} // namespace

std::string_view name_of(StepStatus status) noexcept {
    for (const auto& [candidate, name] : status_names) {
        if (candidate == status) {
            return name;
        }
    }
    return "unknown";
}

std::string to_json(const Report& report) {
    auto body = identity_to_json(report);
    put(body, "started", report.started);
    put(body, "finished", report.finished);
    if (report.started && report.finished) {
        // Not their difference in nanoseconds: a damaged report may have it overflow.
        using std::chrono::time_point_cast;
        body["duration_ms"] = (time_point_cast<milliseconds>(*report.finished) -
                               time_point_cast<milliseconds>(*report.started))
                                  .count();
    }
    put(body, "outage_ms", report.outage);
    put(body, "expected_outage_ms", report.expected_outage);
    put(body, "expected_outage_from", report.expected_outage_from);
    if (report.data_loss) {
        body["data_loss"] = engine::to_json_value(*report.data_loss);
    }
    if (report.backup) {
        body["backup"] = engine::to_json_value(*report.backup);
    }
    if (!report.steps.empty()) {
        body["steps"] = steps_to_json(report.steps);
    }
    if (!report.kept.empty()) {
        body["kept"] = kept_to_json(report.kept);
    }
    put(body, "undo_with", report.undo_with);
    put(body, "evidence", report.evidence);
    put(body, "not_looked_at", report.not_looked_at);
    put(body, "warnings", report.warnings);
    put(body, "error", report.error);
    put(body, "hint", report.hint);
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

Report report_from_json(std::string_view text) {
    try {
        return read_report(json::parse(text));
    } catch (const json::exception& error) {
        throw Error(ErrorCode::damaged, std::string("cannot read the report: ") + error.what());
    }
}

} // namespace drctl
