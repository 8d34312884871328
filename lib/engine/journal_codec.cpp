// SPDX-License-Identifier: Apache-2.0
#include "engine/journal_codec.hpp"

#include "drctl/error.hpp"
#include "system/units.hpp"

#include <array>
#include <utility>

namespace drctl::engine {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<StepRecord::State, std::string_view>, 8> state_names{{
    {StepRecord::State::pending, "pending"},
    {StepRecord::State::intended, "intended"},
    {StepRecord::State::done, "done"},
    {StepRecord::State::satisfied, "satisfied"},
    {StepRecord::State::blocked, "blocked"},
    {StepRecord::State::failed, "failed"},
    {StepRecord::State::undo_intended, "undo-intended"},
    {StepRecord::State::undone, "undone"},
}};

constexpr std::string_view reversible = "reversible";
constexpr std::string_view no_return = "point-of-no-return";

} // namespace

json to_json_value(const Report::By& by) {
    json body{{"user", by.user}, {"host", by.host}, {"argv", by.argv}};
    if (!by.sudo_user.empty()) {
        body["sudo_user"] = by.sudo_user;
    }
    return body;
}

Report::By by_from_json(const json& body) {
    return {body.value("user", ""), body.value("sudo_user", ""), body.value("host", ""),
            body.value("argv", std::vector<std::string>{})};
}

json asked_by(const RunRequest& request) {
    json body{{"by", to_json_value(request.by)}};
    if (!request.reason.empty()) {
        body["reason"] = request.reason;
    }
    if (!request.incident.empty()) {
        body["incident"] = request.incident;
    }
    return body;
}

json to_json_value(const Report::Backup& backup) {
    auto rejected = json::array();
    for (const auto& one : backup.rejected) {
        rejected.push_back({{"path", one.path}, {"reason", one.reason}});
    }
    return {{"path", backup.path},
            {"taken", backup.taken},
            {"sha256", backup.sha256},
            {"rejected", std::move(rejected)}};
}

Report::Backup backup_from_json(const json& body) {
    Report::Backup backup{
        body.value("path", ""), body.value("taken", ""), body.value("sha256", ""), {}};
    for (const auto& one : body.value("rejected", json::array())) {
        backup.rejected.push_back({one.value("path", ""), one.value("reason", "")});
    }
    return backup;
}

json to_json_value(const Report::DataLoss& loss) {
    auto body = json::object();
    if (loss.upto) {
        body["upto"] = system::format_rfc3339(*loss.upto);
    }
    if (loss.at_most) {
        body["at_most_s"] = loss.at_most->count();
    }
    return body;
}

Report::DataLoss loss_from_json(const json& body) {
    Report::DataLoss loss;
    if (body.contains("upto")) {
        loss.upto = system::parse_rfc3339(body["upto"].get<std::string>());
    }
    if (body.contains("at_most_s")) {
        loss.at_most = std::chrono::seconds(body["at_most_s"].get<std::int64_t>());
    }
    return loss;
}

json to_json_value(const RunHeader& header) {
    json body{{"run", header.run},         {"procedure", header.procedure},
              {"target", header.target},   {"by", to_json_value(header.by)},
              {"version", header.version}, {"configuration", header.configuration},
              {"options", header.options}, {"started", header.started}};
    if (!header.reason.empty()) {
        body["reason"] = header.reason;
    }
    if (!header.incident.empty()) {
        body["incident"] = header.incident;
    }
    return body;
}

RunHeader header_from_json(const json& body) {
    RunHeader header;
    header.run = body.at("run").get<std::string>();
    header.procedure = body.at("procedure").get<std::string>();
    header.target = body.at("target").get<std::string>();
    header.by = by_from_json(body.at("by"));
    header.version = body.at("version").get<std::string>();
    header.configuration = body.at("configuration").get<std::map<std::string, std::string>>();
    header.options = body.at("options").get<std::map<std::string, std::string>>();
    header.started = body.at("started").get<std::string>();
    header.reason = body.value("reason", "");
    header.incident = body.value("incident", "");
    return header;
}

json to_json_value(const Plan& plan, const std::string& id) {
    auto steps = json::array();
    for (const auto& planned : plan.steps) {
        const bool returns = planned.step->effect() == Effect::reversible;
        steps.push_back({{"id", planned.step->id()},
                         {"title", planned.step->title()},
                         {"reason", planned.reason},
                         {"effect", returns ? reversible : no_return},
                         {"can_be_taken_back", planned.step->undoes(UndoReason::requested)},
                         {"undone_on_failure", planned.step->undoes(UndoReason::failed)},
                         {"loses_data", planned.step->loses_data()}});
    }
    json body{{"rung", plan.rung},
              {"on_success", name_of(plan.on_success)},
              {"plan_id", id},
              {"steps", std::move(steps)},
              {"facts", plan.facts.all()},
              {"accepted", plan.accepted},
              {"consequences", plan.consequences}};
    if (plan.backup) {
        body["backup"] = to_json_value(*plan.backup);
    }
    if (plan.loss) {
        body["loss"] = to_json_value(plan.loss->amount);
    }
    if (plan.expected_outage) {
        body["expected_outage_ms"] = plan.expected_outage->count();
    }
    return body;
}

StepRecord step_record_from_json(const json& body) {
    StepRecord record;
    record.info = {body.at("id").get<std::string>(), body.at("title").get<std::string>(),
                   body.at("reason").get<std::string>()};
    record.effect = body.at("effect").get<std::string>() == no_return ? Effect::point_of_no_return
                                                                      : Effect::reversible;
    record.can_be_taken_back = body.at("can_be_taken_back").get<bool>();
    record.undone_on_failure = body.at("undone_on_failure").get<bool>();
    record.loses_data = body.value("loses_data", false);
    return record;
}

std::string_view name_of(StepRecord::State state) noexcept {
    for (const auto& [candidate, name] : state_names) {
        if (candidate == state) {
            return name;
        }
    }
    return "pending";
}

StepRecord::State step_state_named(std::string_view name) {
    for (const auto& [state, candidate] : state_names) {
        if (candidate == name) {
            return state;
        }
    }
    throw Error(ErrorCode::damaged, "no step state is called '" + std::string(name) + "'");
}

} // namespace drctl::engine
