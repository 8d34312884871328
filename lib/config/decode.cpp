// SPDX-License-Identifier: Apache-2.0
#include "config/decode.hpp"

#include "config/binding.hpp"
#include "config/section_check.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace drctl::config {
namespace {

constexpr std::size_t longest_name = 64;

/// Names are typed on command lines and become parts of file names.
bool is_good_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && name.front() != '-' &&
           name.front() != '.' && std::none_of(name.begin(), name.end(), [](unsigned char c) {
               return c <= ' ' || c == 0x7f || c == '/' || c == '"' || c == '\'' || c == '\\';
           });
}

class Decoder {
  public:
    explicit Decoder(const Document& document) : document_(document) {}

    Decoded run() {
        for (const auto& entry : document_.root().entries()) {
            check_kind(entry);
        }
        if (const auto* state = section_table(state_binding().info(), {"state"})) {
            fill(state_binding(), {"state"}, {}, *state, result_.config.state);
        }
        decode_named(service_binding(), result_.config.services, [](auto&&...) {});
        decode_named(health_binding(), result_.config.healths, [](auto&&...) {});
        decode_named(database_binding(), result_.config.databases,
                     [this](const KeyPath& path, const Table& table, Database& database) {
                         decode_parts(path, table, database);
                     });
        return std::move(result_);
    }

  private:
    Problem& add(Severity severity, const KeyPath& section, const Origin& origin,
                 std::string message, std::string hint = {}) {
        return result_.problems.emplace_back(
            Problem{severity, path_text(section), origin, std::move(message), std::move(hint)});
    }

    void check_kind(const Entry& entry) {
        if (find_section(entry.key) != nullptr) {
            return;
        }
        const auto later = later_kinds();
        if (std::find(later.begin(), later.end(), entry.key) != later.end()) {
            add(Severity::error, {entry.key}, entry.key_origin,
                fmt::format("[{}] is not supported by this version of drctl", entry.key),
                "nothing is done with it; leave it out until you have a version that knows it");
            return;
        }
        std::vector<std::string> known;
        for (const auto* section : schema()) {
            if (section->part.empty()) {
                known.emplace_back(section->kind);
            }
        }
        add(Severity::error, {entry.key}, entry.key_origin,
            fmt::format("unknown {} '{}'", entry.value.table() != nullptr ? "section" : "key",
                        entry.key),
            suggestion(entry.key, "known sections", known));
    }

    /// The table at a path; a problem where something else stands there.
    const Table* section_table(const SectionInfo& info, const KeyPath& path) {
        const auto* value = document_.find(path);
        if (value == nullptr) {
            return nullptr;
        }
        if (value->table() == nullptr) {
            add(Severity::error, path, value->origin,
                fmt::format("'{}' must be a table, not {}", path_text(path), value->kind()),
                fmt::format("write it as {}", info.header()));
        }
        return value->table();
    }

    template <typename Struct>
    void fill(const Binding<Struct>& binding, const KeyPath& path, const std::string& name,
              const Table& table, Struct& into, const Origin* origin = nullptr) {
        const SectionAt section{binding.info(), path, name, table,
                                origin != nullptr ? *origin : document_.find(path)->origin};
        const auto usable = check_section(section, document_, result_.problems);
        binding.store(into, table, [&](const KeyInfo& key) { return usable.count(key.name) != 0; });
    }

    template <typename Struct, typename Parts>
    void decode_named(const Binding<Struct>& binding, std::map<std::string, Struct>& into,
                      Parts decode_its_parts) {
        const std::string kind(binding.info().kind);
        const auto* all = section_table(binding.info(), {kind});
        if (all == nullptr) {
            return;
        }
        for (const auto& entry : all->entries()) {
            const KeyPath path{kind, entry.key};
            if (!is_good_name(entry.key)) {
                add(Severity::error, path, entry.key_origin,
                    fmt::format("{} is not a good name for a {}", in_quotes(entry.key), kind),
                    "use up to 64 letters, digits, '_', '-' and '.'");
                continue;
            }
            const auto* table = section_table(binding.info(), path);
            if (table == nullptr) {
                continue;
            }
            auto& section = into[entry.key];
            section.name = entry.key;
            fill(binding, path, entry.key, *table, section);
            decode_its_parts(path, *table, section);
        }
    }

    void decode_parts(const KeyPath& path, const Table& table, Database& database) {
        if (database.dbname.empty()) {
            database.dbname = database.name;
        }
        if (database.unattended == Unattended::restore) {
            check_loss_limit(path, table.find("unattended")->origin, database);
        }
        auto backups_path = path;
        backups_path.emplace_back("backups");
        if (const auto* backups = section_table(backups_binding().info(), backups_path)) {
            fill(backups_binding(), backups_path, database.name, *backups,
                 database.backups.emplace());
        }
        decode_verify(path, table, database);
    }

    void check_loss_limit(const KeyPath& path, const Origin& origin, const Database& database) {
        const auto& limit = database.max_data_loss;
        if (!limit) {
            add(Severity::warning, path, origin,
                fmt::format("unattended = \"restore\" in [{}] does nothing without max_data_loss",
                            path_text(path)),
                "add a line such as: max_data_loss = \"26h\"");
        } else if (std::holds_alternative<ByteSize>(*limit)) {
            add(Severity::warning, path, origin,
                fmt::format("unattended = \"restore\" in [{}] does nothing with a max_data_loss in "
                            "bytes: what a dump loses is known as a time",
                            path_text(path)),
                "write it as a duration, such as: max_data_loss = \"26h\"");
        }
    }

    void decode_verify(const KeyPath& parent, const Table& table, Database& database) {
        auto path = parent;
        path.emplace_back("verify");
        const auto* value = table.find("verify");
        if (value == nullptr) {
            return;
        }
        const auto* array = value->array();
        if (array == nullptr || std::any_of(array->begin(), array->end(), [](const Value& element) {
                return element.table() == nullptr;
            })) {
            add(Severity::error, path, value->origin,
                fmt::format("'{}' must be an array of tables", path_text(path)),
                fmt::format("begin each query with [[{}]]", path_text(path)));
            return;
        }
        for (const auto& element : *array) {
            auto& verify = database.verify.emplace_back();
            fill(verify_binding(), path, database.name, *element.table(), verify, &element.origin);
            check_bounds(path, element, verify);
        }
    }

    void check_bounds(const KeyPath& path, const Value& at, const Verify& verify) {
        if (verify.equals && (verify.min || verify.max)) {
            add(Severity::error, path, at.origin,
                fmt::format("[[{}]] has both equals and min or max", path_text(path)),
                "keep one kind of bound, or write two queries");
        }
        if (verify.min && verify.max && *verify.min > *verify.max) {
            add(Severity::error, path, at.origin,
                fmt::format("min = {} is above max = {} in [[{}]]", *verify.min, *verify.max,
                            path_text(path)));
        }
    }

    const Document& document_;
    Decoded result_;
};

} // namespace

Decoded decode(const Document& document) {
    return Decoder(document).run();
}

std::string Problem::text() const {
    return message.empty() ? origin.text() : origin.text() + ": " + message;
}

} // namespace drctl::config
