// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/options.hpp"

#include "drctl/error.hpp"
#include "system/units.hpp"

#include <charconv>

namespace drctl::procedures {
namespace {

using Into = DbRecoverOptions::Into;
constexpr const char* yes = "yes";

std::string name_of(Into into) {
    return into == Into::database ? "database" : into == Into::cluster ? "cluster" : "auto";
}

unsigned number_in(const std::string& text) {
    unsigned value = 0;
    const auto* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, value).ptr != end) {
        throw Error(ErrorCode::damaged, "cannot read the journaled option --jobs " + text);
    }
    return value;
}

} // namespace

std::map<std::string, std::string> to_flat(const DbRecoverOptions& options) {
    std::map<std::string, std::string> flat;
    auto put = [&](const char* key, bool given, const std::string& value) {
        if (given) {
            flat[key] = value;
        }
    };
    put("backup", options.backup.has_value(), options.backup.value_or("").string());
    put("before", options.before.has_value(),
        options.before ? system::format_rfc3339(*options.before) : "");
    put("into", options.into != Into::automatic, name_of(options.into));
    put("beside", options.beside, options.beside_name);
    put("from-run", !options.from_run.empty(), options.from_run);
    put("work-dir", !options.work_dir.empty(), options.work_dir.string());
    put("jobs", options.jobs != 0, std::to_string(options.jobs));
    put("verify", options.verify == DbRecoverOptions::Depth::full, "full");
    put("restore-anyway", options.restore_anyway, yes);
    put("keep-services-stopped", options.keep_services_stopped, yes);
    return flat;
}

DbRecoverOptions options_from_flat(const std::map<std::string, std::string>& flat) {
    DbRecoverOptions options;
    for (const auto& [key, value] : flat) {
        if (key == "backup") {
            options.backup = value;
        } else if (key == "before") {
            options.before = system::parse_rfc3339(value);
        } else if (key == "into") {
            options.into = value == "cluster" ? Into::cluster : Into::database;
        } else if (key == "beside") {
            options.beside = true;
            options.beside_name = value;
        } else if (key == "from-run") {
            options.from_run = value;
        } else if (key == "work-dir") {
            options.work_dir = value;
        } else if (key == "jobs") {
            options.jobs = number_in(value);
        } else if (key == "verify") {
            options.verify = DbRecoverOptions::Depth::full;
        } else if (key == "restore-anyway") {
            options.restore_anyway = true;
        } else if (key == "keep-services-stopped") {
            options.keep_services_stopped = true;
        } else {
            throw Error(ErrorCode::damaged, "cannot read the journaled option --" + key);
        }
    }
    return options;
}

} // namespace drctl::procedures
