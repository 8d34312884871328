// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/section_check.hpp"
#include "drctl/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace drctl::config {
namespace {

constexpr std::string_view default_file = "/etc/drctl/drctl.toml";
constexpr std::string_view variable = "DRCTL_CONFIG";

LoadedConfig make(std::filesystem::path path, Document document) {
    auto decoded = decode(document);
    std::stable_sort(decoded.problems.begin(), decoded.problems.end(),
                     [](const Problem& a, const Problem& b) {
                         return std::pair(a.origin.line, a.origin.column) <
                                std::pair(b.origin.line, b.origin.column);
                     });
    return {std::move(path), std::move(document), std::move(decoded.config),
            std::move(decoded.problems)};
}

std::vector<std::string> database_names(const Config& config) {
    std::vector<std::string> names;
    for (const auto& [name, database] : config.databases) {
        names.push_back(name);
    }
    return names;
}

} // namespace

ChosenFile choose_file(const std::optional<std::filesystem::path>& option,
                       const std::optional<std::string>& environment) {
    if (option) {
        return {*option, "--config"};
    }
    if (environment && !environment->empty()) {
        return {*environment, fmt::format("${}", variable)};
    }
    return {default_file, {}};
}

ChosenFile choose_file(const std::optional<std::filesystem::path>& option) {
    const char* value =
        std::getenv(variable.data()); // NOLINT(concurrency-mt-unsafe): nobody sets it
    return choose_file(option, value == nullptr ? std::nullopt : std::optional<std::string>(value));
}

LoadedConfig load(const ChosenFile& file, std::span<const std::string> overrides) {
    auto document = Document::read(file.path, file.by);
    for (const auto& assignment : overrides) {
        document.set(assignment);
    }
    return make(file.path, std::move(document));
}

LoadedConfig load_recorded(const Flat& flat, const std::string& name) {
    return make({}, Document::from_flat(flat, name));
}

Problems problems_for(const LoadedConfig& loaded, const Target& target) {
    const auto used = sections_of(loaded.document, target);
    auto problems = loaded.problems;
    for (auto& problem : problems) {
        const bool typed_now = problem.origin.kind == Origin::Kind::flag;
        if (!typed_now && used.count(problem.section) == 0) {
            problem.severity = Severity::warning;
        }
    }
    return problems;
}

void require_usable(const LoadedConfig& loaded, const Target& target) {
    Problems errors;
    for (auto& problem : problems_for(loaded, target)) {
        if (problem.severity == Severity::error) {
            errors.push_back(std::move(problem));
        }
    }
    if (errors.empty()) {
        return;
    }
    const auto& first = errors.front();
    const auto more =
        errors.size() == 1 ? std::string() : fmt::format(" (and {} more)", errors.size() - 1);
    Error error(ErrorCode::usage,
                fmt::format("cannot use the configuration of {} '{}': {}{}", target.kind,
                            target.name, first.text(), more),
                errors.size() == 1 && !first.hint.empty() ? first.hint
                                                          : "drctl config check lists all of them");
    for (const auto& problem : errors) {
        error.add_context("problem", problem.text());
    }
    throw error;
}

const Database& choose_database(const LoadedConfig& loaded,
                                const std::optional<std::string>& name) {
    const auto& databases = loaded.config.databases;
    if (name) {
        if (const auto found = databases.find(*name); found != databases.end()) {
            return found->second;
        }
    } else if (databases.size() == 1) {
        return databases.begin()->second;
    }
    const auto names = database_names(loaded.config);
    if (names.empty()) {
        throw Error(
            ErrorCode::usage,
            fmt::format("cannot choose a database: {} configures none", loaded.path.string()),
            "add a section [database.NAME], or run 'sudo drctl config init'");
    }
    if (name) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot find the database '{}' in {}", *name, loaded.path.string()),
                    suggestion(*name, "configured", names));
    }
    throw Error(ErrorCode::usage, "cannot choose a database: several are configured",
                fmt::format("name one of: {}", fmt::join(names, ", ")));
}

} // namespace drctl::config
