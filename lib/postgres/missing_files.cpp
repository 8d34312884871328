// SPDX-License-Identifier: Apache-2.0
#include "postgres/missing_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <system_error>

namespace drctl::postgres {
namespace {

using Kind = Cause::Kind;

constexpr const char* tablespace_links = "pg_tblspc";

Cause may_not_look(const fs::path& path, const std::error_code& error) {
    auto cause = make_cause(Kind::permissions, fmt::format("cannot see whether '{}' is there: {}",
                                                           path.string(), error.message()));
    cause.hint = "type the same command as root or as the account that runs the server";
    return cause;
}

/// The volume of fstab that should hold a directory and is not mounted, unless the data directory
/// itself is said to lie there: a server runs in that one.
std::optional<Cause> unmounted_below(const fs::path& data_directory, const fs::path& holder,
                                     const SystemFiles& files) {
    std::error_code error;
    const auto unmounted = unmounted_volume_of(fs::canonical(holder, error), files);
    if (!unmounted || unmounted == unmounted_volume_of(data_directory, files)) {
        return std::nullopt;
    }
    return make_cause(Kind::volume_not_mounted,
                      fmt::format("'{}' is in /etc/fstab and not mounted", unmounted->string()));
}

/// What an entry that is not in its directory `holder` tells.
std::optional<Cause> doubt_about_entry(const fs::path& data_directory, const fs::path& holder,
                                       const fs::path& entry, const SystemFiles& files) {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(entry, error))) {
        return make_cause(
            Kind::volume_not_mounted,
            fmt::format("'{}' leads to a directory that does not exist", entry.string()));
    }
    if (holder == data_directory / tablespace_links) {
        auto cause = make_cause(Kind::volume_not_mounted,
                                fmt::format("the link '{}' is missing", entry.string()));
        cause.hint = "make it again: it leads to the directory of that tablespace";
        return cause;
    }
    if (auto unmounted = unmounted_below(data_directory, holder, files)) {
        return unmounted;
    }
    if (holder.parent_path() == data_directory / tablespace_links) {
        // The server never removes its own directory from a tablespace that it still has.
        return make_cause(Kind::volume_not_mounted,
                          fmt::format("'{}' has nothing of this server in it",
                                      fs::canonical(holder, error).string()));
    }
    return std::nullopt;
}

/// The directory of a database, relative to the data directory. A tablespace keeps those of each
/// version apart (`PG_15_202209061`); without one of this version there is no such directory.
fs::path directory_of(const ServerProbe& probe, const fs::path& data_directory) {
    const auto own = std::to_string(probe.oid);
    if (probe.tablespace == default_tablespace) {
        return fs::path("base") / own;
    }
    const auto tablespace = fs::path(tablespace_links) / std::to_string(probe.tablespace);
    const auto version = fmt::format("PG_{}_", probe.facts->major());
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(data_directory / tablespace, error)) {
        const auto name = entry.path().filename();
        if (name.string().starts_with(version)) {
            return tablespace / name / own;
        }
    }
    return tablespace / (version + "*") / own;
}

} // namespace

std::optional<Cause> doubt_about_absence(const std::optional<fs::path>& data_directory,
                                         const fs::path& file, const SystemFiles& files) {
    if (!data_directory) {
        auto cause = make_cause(Kind::unknown, fmt::format("the server does not find '{}', and "
                                                           "nobody has looked whether its volume "
                                                           "is mounted",
                                                           file.string()));
        cause.hint = "set data_dir of the database, so that its files can be looked at";
        return cause;
    }
    auto holder = *data_directory;
    for (const auto& part : file.parent_path()) {
        const auto entry = holder / part;
        std::error_code error;
        const auto type = fs::status(entry, error).type();
        if (type == fs::file_type::none) {
            return may_not_look(entry, error);
        }
        if (type == fs::file_type::not_found) {
            return doubt_about_entry(*data_directory, holder, entry, files);
        }
        holder = entry;
    }
    return unmounted_below(*data_directory, holder, files);
}

std::optional<Cause> judge_missing_database(const ServerProbe& probe,
                                            const std::optional<fs::path>& data_directory,
                                            const SystemFiles& files) {
    if (!probe.facts) {
        auto cause = make_cause(Kind::database_missing,
                                probe.evidence + " (and no other database of the server lets us "
                                                 "in to ask pg_database)");
        cause.hint = "make 'postgres' or 'template1' accept this role, then type the same again";
        return cause;
    }
    if (!probe.in_catalogue) {
        return std::nullopt;
    }
    const auto directory = directory_of(probe, data_directory.value_or(""));
    if (auto doubt = doubt_about_absence(data_directory, directory, files)) {
        return doubt;
    }
    const auto path = *data_directory / directory;
    std::error_code error;
    switch (fs::status(path, error).type()) {
    case fs::file_type::not_found:
        break;
    case fs::file_type::none:
        return may_not_look(path, error);
    default: {
        auto cause = make_cause(Kind::index_corrupted,
                                fmt::format("{}, but pg_database has it and '{}' is there: an "
                                            "index of pg_database does not find it",
                                            probe.evidence, directory.string()));
        cause.scope = DamageScope::index;
        return cause;
    }
    }
    if (auto doubt = doubt_about_entry(*data_directory, path.parent_path(), path, files)) {
        return doubt;
    }
    auto cause = make_cause(Kind::file_missing,
                            fmt::format("the files of the database are gone: pg_database has it, "
                                        "'{}' does not exist",
                                        path.string()));
    cause.scope = DamageScope::database;
    cause.file = directory;
    return cause;
}

} // namespace drctl::postgres
