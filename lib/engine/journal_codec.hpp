// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/report.hpp"
#include "engine/ladder.hpp"
#include "engine/plan.hpp"
#include "engine/run_record.hpp"

#include <nlohmann/json.hpp>

/// The parts of journal events and reports as JSON. One pair of functions a type, so that what
/// is written and what is read stand side by side. All readers throw nlohmann's exceptions.
namespace drctl::engine {

nlohmann::json to_json_value(const Report::By& by);
Report::By by_from_json(const nlohmann::json& body);

/// Who asked for what is done to a run after it was begun, and why.
nlohmann::json asked_by(const RunRequest& request);

nlohmann::json to_json_value(const Report::Backup& backup);
Report::Backup backup_from_json(const nlohmann::json& body);

nlohmann::json to_json_value(const Report::DataLoss& loss);
Report::DataLoss loss_from_json(const nlohmann::json& body);

nlohmann::json to_json_value(const RunHeader& header);
RunHeader header_from_json(const nlohmann::json& body);

/// A plan, as its event has it.
nlohmann::json to_json_value(const Plan& plan, const std::string& id);
StepRecord step_record_from_json(const nlohmann::json& body);

std::string_view name_of(StepRecord::State state) noexcept;
StepRecord::State step_state_named(std::string_view name);

} // namespace drctl::engine
