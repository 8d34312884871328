// SPDX-License-Identifier: Apache-2.0
#include "views/holds.hpp"

#include "system/units.hpp"
#include "views/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drctl::app::views {

using json = nlohmann::ordered_json;

std::string human_hold(const engine::Hold& hold) {
    return fmt::format("{} is held until {} by {}: {}\nlift it with: drctl unhold {}\n",
                       printable(hold.target), system::format_rfc3339(hold.until),
                       printable(hold.by), printable(hold.reason), printable(hold.target));
}

std::string hold_as_json(const engine::Hold& hold) {
    return json{{"schema", "drctl.hold/1"},
                {"target", hold.target},
                {"held", true},
                {"by", hold.by},
                {"reason", hold.reason},
                {"until", system::format_rfc3339(hold.until)}}
               .dump(-1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

std::string human_unhold(const std::string& target, bool removed) {
    return removed ? fmt::format("{} is no longer held\n", printable(target))
                   : fmt::format("{} was not held\n", printable(target));
}

std::string unhold_as_json(const std::string& target, bool removed) {
    return json{{"schema", "drctl.hold/1"},
                {"target", target},
                {"held", false},
                {"was_held", removed}}
               .dump(-1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

} // namespace drctl::app::views
