// SPDX-License-Identifier: Apache-2.0
#include "procedures/backup_review.hpp"

#include "backup/receipt.hpp"
#include "backup/taken.hpp"
#include "drctl/error.hpp"
#include "postgres/requirements.hpp"
#include "postgres/server.hpp"
#include "procedures/db_recover/backups.hpp"
#include "procedures/db_target.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace drctl::procedures {
namespace {

using State = ReviewedBackup::State;

std::vector<backup::Candidate> candidates_of(const config::Database& database,
                                             const std::vector<std::filesystem::path>& files,
                                             const backup::LookContext& context) {
    if (files.empty()) {
        return list_backups(database, context);
    }
    std::vector<backup::Candidate> named;
    for (const auto& file : files) {
        named.push_back(named_backup(database, file, context));
    }
    return named;
}

/// The server that the backups would go to, as long as it lets us in.
class Server {
  public:
    Server(const config::Config& configuration, const config::Database& database,
           const Toolbox& tools, system::StopToken stop) {
        ask([&] {
            const DbTarget target(configuration, database.name, tools, stop);
            connection_.emplace(target.connect_maintenance(stop));
        });
    }

    /// Major version; 0: not known.
    [[nodiscard]] int major() const {
        return connection_ ? connection_->server_version() / 10000 : 0;
    }

    [[nodiscard]] std::vector<std::string> missing(const postgres::dump::Outline& dump) {
        std::vector<std::string> missing;
        if (connection_) {
            ask([&] { missing = postgres::missing_requirements(*connection_, dump); });
        }
        return missing;
    }

    /// What makes a memory of the database one of this cluster; nothing: not known.
    [[nodiscard]] std::optional<std::uint64_t> system_identifier() {
        std::optional<std::uint64_t> identifier;
        if (connection_) {
            ask([&] { identifier = postgres::read_server_facts(*connection_).system_identifier; });
        }
        return identifier;
    }

    /// Why it could not be asked; empty if it could.
    [[nodiscard]] const std::string& silence() const noexcept { return silence_; }

  private:
    /// A backup can be judged without the server; only what it needs there cannot.
    template <typename Question>
    void ask(Question question) {
        try {
            question();
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) {
                throw;
            }
            silence_ = error.message();
            connection_.reset();
        }
    }

    std::optional<postgres::Connection> connection_;
    std::string silence_;
};

ReviewedBackup review(const backup::Candidate& candidate, const backup::InspectContext& context,
                      const Expectation& expected) {
    const auto inspection = inspect_for(expected, candidate, context);
    const auto state = inspection.clean()   ? State::clean
                       : inspection.lasting ? State::rejected
                                            : State::not_judged;
    return {inspection.candidate, state,
            inspection.reason,    inspection.clean() ? inspection.sha256 : "",
            inspection.notes,     context.clock.wall()};
}

/// What the last inspection has found, judged by what is expected by now.
ReviewedBackup recall(const backup::Candidate& listed, const Expectation& expected,
                      const std::filesystem::path& receipts, system::WallTime now) {
    const auto verdict =
        listed.unusable.empty() ? backup::last_verdict(receipts, listed) : std::nullopt;
    ReviewedBackup one;
    one.candidate =
        backup::dated(listed, verdict ? verdict->outline.header : postgres::dump::Header(), now);
    if (verdict) {
        one.inspected = verdict->inspected;
        one.reason = verdict->reason;
    }
    if (one.reason.empty()) {
        one.reason = one.candidate.unusable;
    }
    if (one.reason.empty() && verdict) {
        one.reason = objection_to(verdict->outline, expected);
    }
    if (!one.reason.empty()) {
        one.state = one.candidate.readable ? State::rejected : State::not_judged;
    } else if (verdict) {
        one.state = State::clean;
        one.sha256 = verdict->sha256;
    }
    return one;
}

/// Inspections may have found other times than the list had.
void sort_by_time(std::vector<ReviewedBackup>& backups) {
    std::sort(backups.begin(), backups.end(), [](const auto& one, const auto& other) {
        return backup::is_newer(one.candidate, other.candidate);
    });
}

} // namespace

std::string_view name_of(State state) noexcept {
    switch (state) {
    case State::clean:
        return "clean";
    case State::rejected:
        return "rejected";
    case State::not_judged:
        return "not-judged";
    case State::not_inspected:
        break;
    }
    return "not-inspected";
}

std::vector<ReviewedBackup> known_backups(const config::Database& database, const Toolbox& tools,
                                          system::StopToken stop) {
    const auto receipts = receipts_below(tools.state_directory);
    // Which cluster is there now only the server knows, and that is not asked.
    const Expectation expected{database.dbname,
                               read_last_seen(tools.state_directory, database.name, std::nullopt)};
    std::vector<ReviewedBackup> known;
    for (const auto& listed :
         list_backups(database, backup::LookContext{*tools.processes, *tools.clock, stop})) {
        known.push_back(recall(listed, expected, receipts, tools.clock->wall()));
    }
    sort_by_time(known);
    return known;
}

BackupReview verify_backups(const config::Config& configuration, const config::Database& database,
                            const std::vector<std::filesystem::path>& files, const Toolbox& tools,
                            engine::Observer& observer, system::StopToken stop) {
    const auto candidates = candidates_of(database, files, {*tools.processes, *tools.clock, stop});
    if (candidates.empty()) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot verify backups of '{}': no file in '{}' matches '{}'",
                                database.name, database.backups->dir.string(),
                                database.backups->pattern),
                    "check backups.dir and backups.pattern, or name a file");
    }
    Server server(configuration, database, tools, stop);
    auto context = inspection_of(database, tools, stop);
    context.believe_receipts = false;
    context.server_major = server.major();
    const Expectation expected{
        database.dbname,
        read_last_seen(tools.state_directory, database.name, server.system_identifier()),
        !files.empty(), [&](const auto& outline) { return server.missing(outline); }};
    BackupReview found;
    for (const auto& candidate : candidates) {
        context.progress = [&](std::uint64_t done, std::uint64_t total) {
            observer.progress(
                {engine::Progress::Unit::bytes, candidate.path.filename().string(), done, total});
        };
        found.backups.push_back(review(candidate, context, expected));
    }
    if (files.empty()) {
        sort_by_time(found.backups);
    }
    if (!server.silence().empty()) {
        found.not_looked_at.push_back(fmt::format("whether the server has the roles, extensions, "
                                                  "tablespaces and locales that they need: {}",
                                                  server.silence()));
    }
    return found;
}

} // namespace drctl::procedures
