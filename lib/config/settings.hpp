// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/document.hpp"
#include "drctl/export.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drctl::config {

/// Whatever a procedure works on: the section [kind.name].
struct Target {
    std::string kind; ///< `database`
    std::string name; ///< `shop`
};

/// Paths of the sections that a procedure on `target` reads: [state], its own with all parts,
/// and those that it names, directly or through others. Of a database that only a health check
/// looks at just the section itself, without backups and queries.
DRCTL_API std::set<std::string> sections_of(const Document& document, const Target& target);

/// A value in force: written by somebody, or the default.
struct Setting {
    std::string key;  ///< `database.shop.jobs`
    std::string json; ///< canonical
    Origin origin;    ///< Origin::Kind::built_in for a default
};

/// Every setting of these sections, sorted by key. Only what the schema knows: a secret that
/// was written where its source belongs, or below a misspelt key, does not come out.
DRCTL_API std::vector<Setting> settings_of(const Document& document,
                                           const std::set<std::string>& sections);

/// The settings of all supported sections, for `config show`: of an URL without its query.
DRCTL_API std::vector<Setting> all_settings(const Document& document);

/// What the journal keeps of the configuration of a run on `target`, defaults included: they
/// may be others in the version that continues the run. [state] is left out, it is where the
/// journal is.
DRCTL_API Flat relevant_settings(const Document& document, const Target& target);

struct Difference {
    std::string key;
    std::optional<std::string> recorded; ///< JSON; nothing: not there
    std::optional<std::string> now;      ///< JSON; nothing: not there
};

/// Where today's configuration of a target is not the recorded one. A key that the record does
/// not know and that has its default today is none: an older version wrote the record.
DRCTL_API std::vector<Difference> differences(const Flat& recorded, const Document& today,
                                              const Target& target);

} // namespace drctl::config
