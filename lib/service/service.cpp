// SPDX-License-Identifier: Apache-2.0
#include "service/service.hpp"

#include "drctl/error.hpp"
#include "service/command.hpp"
#include "service/systemd.hpp"

namespace drctl::service {

std::unique_ptr<Service> make_service(const config::Service& configuration,
                                      const system::ProcessRunner& processes,
                                      const Places& places) {
    switch (configuration.manager) {
    case config::Service::Manager::systemd:
        return std::make_unique<SystemdService>(configuration, processes, places.systemd_units);
    case config::Service::Manager::command:
        return std::make_unique<CommandService>(configuration, processes, places.command_holds);
    }
    throw Error(ErrorCode::bug, "a service has an unknown manager");
}

} // namespace drctl::service
