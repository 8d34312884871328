// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "health/health.hpp"
#include "system/tcp.hpp"

#include <fmt/core.h>

namespace drctl::health {
namespace {

using State = Reading::State;
using system::HttpFailure;

/// Unknown if we never got as far as the endpoint, unhealthy if it is the endpoint's failure.
Reading reading_of(const HttpFailure& failure, const std::string& endpoint) {
    return {failure.kind == HttpFailure::Kind::never_sent ? State::unknown : State::unhealthy,
            fmt::format("{}: {}", endpoint, failure.what)};
}

class HttpProbe final : public Probe {
  public:
    HttpProbe(config::Health::Http expected, config::Duration timeout, system::HttpClient& http)
        : expected_(std::move(expected)), timeout_(timeout), http_(http) {}

    Reading look(system::StopToken stop) override {
        system::HttpRequest request;
        request.url = expected_.url;
        request.timeout = timeout_;
        const auto result = http_.send(request, stop);
        const auto endpoint = fmt::format("GET {}", system::url_to_show(expected_.url));
        if (const auto* failure = std::get_if<HttpFailure>(&result)) {
            return reading_of(*failure, endpoint);
        }
        const auto& response = std::get<system::HttpResponse>(result);
        if (response.status != expected_.expect_status) {
            return {State::unhealthy, fmt::format("{} answered {} instead of {}", endpoint,
                                                  response.status, expected_.expect_status)};
        }
        if (expected_.expect_body &&
            response.body.find(*expected_.expect_body) == std::string::npos) {
            return {State::unhealthy,
                    fmt::format("{} answered {}, but its body does not contain '{}'", endpoint,
                                response.status, *expected_.expect_body)};
        }
        return {State::healthy, fmt::format("{} answered {}", endpoint, response.status)};
    }

  private:
    config::Health::Http expected_;
    config::Duration timeout_;
    system::HttpClient& http_;
};

class TcpProbe final : public Probe {
  public:
    TcpProbe(std::string host_port, config::Duration timeout)
        : host_port_(std::move(host_port)), timeout_(timeout) {}

    Reading look(system::StopToken stop) override {
        const auto failure = system::try_tcp(host_port_, timeout_, stop);
        return failure ? reading_of(*failure, host_port_)
                       : Reading{State::healthy, fmt::format("{} accepts connections", host_port_)};
    }

  private:
    std::string host_port_;
    config::Duration timeout_;
};

class CommandProbe final : public Probe {
  public:
    CommandProbe(system::Argv argv, config::Duration timeout,
                 const system::ProcessRunner& processes)
        : argv_(std::move(argv)), processes_(processes) {
        options_.timeout = timeout;
    }

    Reading look(system::StopToken stop) override {
        const auto result = processes_.run(argv_, options_, stop);
        const auto line = result.last_line();
        return {result.succeeded() ? State::healthy : State::unhealthy,
                fmt::format("'{}' {}{}{}", argv_.front(), result.how_it_ended(),
                            line.empty() ? "" : ": ", line)};
    }

  private:
    system::Argv argv_;
    system::ProcessOptions options_;
    const system::ProcessRunner& processes_;
};

class DatabaseProbe final : public Probe {
  public:
    DatabaseProbe(std::string database, config::Duration timeout, LookAtDatabase look)
        : database_(std::move(database)), timeout_(timeout), look_(std::move(look)) {}

    Reading look(system::StopToken stop) override { return look_(database_, timeout_, stop); }

  private:
    std::string database_;
    config::Duration timeout_;
    LookAtDatabase look_;
};

/// Turns what another probe throws into a reading: a program that is not installed or an URL
/// that is none says nothing about the endpoint. The one place for all probes.
class Guarded final : public Probe {
  public:
    explicit Guarded(std::unique_ptr<Probe> probe) : probe_(std::move(probe)) {}

    Reading look(system::StopToken stop) override {
        try {
            return probe_->look(stop);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) {
                throw;
            }
            return {State::unknown, error.message()};
        }
    }

  private:
    std::unique_ptr<Probe> probe_;
};

/// One overload for each kind of probe that can be configured.
struct Maker {
    config::Duration timeout;
    const Tools& tools;

    std::unique_ptr<Probe> operator()(const config::Health::Http& http) const {
        return std::make_unique<HttpProbe>(http, timeout, tools.http);
    }
    std::unique_ptr<Probe> operator()(const config::Health::Tcp& tcp) const {
        return std::make_unique<TcpProbe>(tcp.host_port, timeout);
    }
    std::unique_ptr<Probe> operator()(const config::Health::Database& database) const {
        return std::make_unique<DatabaseProbe>(database.name, timeout, tools.look_at_database);
    }
    std::unique_ptr<Probe> operator()(const config::Health::Command& command) const {
        return std::make_unique<CommandProbe>(command.argv, timeout, tools.processes);
    }
};

} // namespace

std::unique_ptr<Probe> make_probe(const config::Health& configuration, const Tools& tools) {
    return std::make_unique<Guarded>(
        std::visit(Maker{configuration.timeout, tools}, configuration.probe));
}

} // namespace drctl::health
