// SPDX-License-Identifier: Apache-2.0
#include "config/binding.hpp"

namespace drctl::config {
namespace {

using enum KeyType;
using Shape = SectionInfo::Shape;

constexpr Condition by_systemd{"manager", "systemd"};
constexpr Condition by_command{"manager", "command"};
constexpr Condition with_url{"url"};

/// Stores a command of `manager = "command"` and the like.
template <typename Struct>
auto into_http(void (*store)(Health::Http&, const Value&)) {
    return [store](Struct& health, const Value& value) {
        if (auto* http = std::get_if<Health::Http>(&health.probe)) {
            store(*http, value);
        }
    };
}

} // namespace

const Binding<State>& state_binding() {
    static const auto binding =
        Binding<State>({.shape = Shape::single,
                        .kind = "state",
                        .description = "Where drctl keeps what it must remember: the journals of "
                                       "its runs, receipts of inspected backups, locks."})
            .key(&State::dir,
                 {.name = "dir",
                  .type = path,
                  .description = "The state directory. Created with mode 0750 if it is missing.",
                  .example = "\"/var/lib/drctl\""});
    return binding;
}

const Binding<Service>& service_binding() {
    static const auto binding =
        Binding<Service>({.shape = Shape::named,
                          .kind = "service",
                          .description = "Something that runs and can be started and stopped. "
                                         "Databases name services by the section's name."})
            .key(&Service::manager,
                 {.name = "manager",
                  .type = choice,
                  .description = "Who starts and stops it: systemd, or commands of your own.",
                  .example = "\"systemd\""})
            .key(&Service::unit, {.name = "unit",
                                  .type = text,
                                  .description = "The systemd unit, with its suffix.",
                                  .example = "\"nginx.service\"",
                                  .required = true,
                                  .when = by_systemd})
            .key(&Service::start,
                 {.name = "start",
                  .type = command,
                  .description = "Starts it; exits 0 once it runs. Must not mind that it runs.",
                  .example = "[\"/usr/local/bin/shopctl\", \"start\"]",
                  .required = true,
                  .when = by_command})
            .key(
                &Service::stop,
                {.name = "stop",
                 .type = command,
                 .description = "Stops it; exits 0 once it is down. Must not mind that it is down.",
                 .example = "[\"/usr/local/bin/shopctl\", \"stop\"]",
                 .required = true,
                 .when = by_command})
            .key(&Service::status,
                 {.name = "status",
                  .type = command,
                  .description = "Exits 0 while it runs, with 1 to 125 while it does not. "
                                 "Anything else says nothing, and drctl does not go on.",
                  .example = "[\"/usr/local/bin/shopctl\", \"status\"]",
                  .required = true,
                  .when = by_command})
            .key(&Service::os_user, {.name = "os_user",
                                     .type = text,
                                     .description = "The account that the commands run as.",
                                     .example = "\"shop\"",
                                     .when = by_command,
                                     .otherwise = "the account that runs drctl"})
            .key(&Service::timeout, {.name = "timeout",
                                     .type = duration,
                                     .description = "How long one start or stop may take.",
                                     .example = "\"90s\"",
                                     .least = 1});
    return binding;
}

const Binding<Health>& health_binding() {
    static const auto binding =
        Binding<Health>(
            {.shape = Shape::named,
             .kind = "health",
             .description =
                 "A look from outside that says whether something works. *Unhealthy* is an "
                 "endpoint that answered wrongly, refused or timed out; where drctl never got "
                 "that far (the name does not resolve, no route) the answer is *unknown*, which "
                 "is never a reason to act.",
             .exactly_one = {"url", "tcp", "database", "command"}})
            .key_by({.name = "url",
                     .type = url,
                     .description = "Healthy if a GET answers `expect_status`. Redirects are not "
                                    "followed. Journals keep it whole: no place for a token.",
                     .example = "\"http://localhost/health\""},
                    [](Health& health, const Value& value) {
                        assign(health.probe.emplace<Health::Http>().url, value);
                    })
            .key_by({.name = "expect_status",
                     .type = integer,
                     .description = "The HTTP status that counts as healthy.",
                     .example = "204",
                     .when = with_url,
                     .least = 100,
                     .most = 599,
                     .default_value = default_from(Health::Http{}.expect_status)},
                    into_http<Health>([](Health::Http& http, const Value& value) {
                        assign(http.expect_status, value);
                    }))
            .key_by({.name = "expect_body",
                     .type = text,
                     .description = "Text that the body must contain.",
                     .example = "\"ok\"",
                     .when = with_url},
                    into_http<Health>([](Health::Http& http, const Value& value) {
                        assign(http.expect_body, value);
                    }))
            .key_by({.name = "tcp",
                     .type = endpoint,
                     .description = "Healthy if a connection to HOST:PORT is accepted.",
                     .example = "\"localhost:5432\""},
                    [](Health& health, const Value& value) {
                        assign(health.probe.emplace<Health::Tcp>().host_port, value);
                    })
            .key_by({.name = "database",
                     .type = text,
                     .description = "Healthy if that [database.*] accepts a connection and "
                                    "answers a query.",
                     .example = "\"shop\"",
                     .refers_to = "database"},
                    [](Health& health, const Value& value) {
                        assign(health.probe.emplace<Health::Database>().name, value);
                    })
            .key_by({.name = "command",
                     .type = command,
                     .description = "Healthy if the command exits 0.",
                     .example = "[\"/usr/local/bin/shopctl\", \"ping\"]"},
                    [](Health& health, const Value& value) {
                        assign(health.probe.emplace<Health::Command>().argv, value);
                    })
            .key(&Health::timeout, {.name = "timeout",
                                    .type = duration,
                                    .description = "How long one look may take.",
                                    .example = "\"2s\"",
                                    .least = 1})
            .key(&Health::interval, {.name = "interval",
                                     .type = duration,
                                     .description = "From one look to the next.",
                                     .example = "\"500ms\"",
                                     .least = 1})
            .key(&Health::passes, {.name = "passes",
                                   .type = integer,
                                   .description = "Good looks in a row, to be called healthy.",
                                   .example = "2",
                                   .least = 1,
                                   .most = 1000})
            .key(&Health::failures, {.name = "failures",
                                     .type = integer,
                                     .description = "Bad looks in a row, to be called unhealthy.",
                                     .example = "3",
                                     .least = 1,
                                     .most = 1000})
            .key(&Health::deadline, {.name = "deadline",
                                     .type = duration,
                                     .description = "How long to wait for health after a change.",
                                     .example = "\"60s\"",
                                     .least = 1});
    return binding;
}

} // namespace drctl::config
