// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"

#include "config/toml_text.hpp"
#include "drctl/error.hpp"
#include "system/files.hpp"

#include <fmt/format.h>
#include <span>

namespace drctl::config {
namespace {

std::string read_text(const std::filesystem::path& file, std::string_view chosen_by) {
    const auto named = chosen_by.empty() ? fmt::format("'{}'", file.string())
                                         : fmt::format("'{}' (from {})", file.string(), chosen_by);
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        throw Error(ErrorCode::usage, fmt::format("cannot read {}: it is a directory", named),
                    "name the file itself with --config FILE");
    }
    try {
        return system::read_file(file);
    } catch (const Error& error) {
        const auto cause = error.context_value("errno");
        if (cause == "ENOENT" || cause == "ENOTDIR") {
            throw Error(ErrorCode::usage,
                        fmt::format("cannot read {}: there is no such file", named),
                        "write one with 'sudo drctl config init', or name yours with "
                        "--config FILE");
        }
        if (cause == "EACCES" || cause == "EPERM") {
            throw Error(ErrorCode::refused, fmt::format("cannot read {}: permission denied", named),
                        "run drctl with sudo, or join group drctl: "
                        "sudo usermod -aG drctl $USER");
        }
        throw Error(ErrorCode::usage, fmt::format("cannot read {}: {}", named, error.message()),
                    error.hint());
    }
}

/// The position of the '=' that ends the key, quoted parts of the key skipped.
std::size_t end_of_key(std::string_view assignment) {
    char quote = '\0';
    for (std::size_t at = 0; at < assignment.size(); ++at) {
        const char c = assignment[at];
        if (quote == '"' && c == '\\') {
            ++at;
        } else if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '=') {
            return at;
        }
    }
    return std::string_view::npos;
}

} // namespace

Document Document::read(const std::filesystem::path& file, std::string_view chosen_by) {
    return parse(read_text(file, chosen_by), file.string());
}

Document Document::parse(std::string_view text, const std::string& name) {
    Document document;
    document.root_ = parse_toml(text, name);
    return document;
}

Document Document::from_flat(const Flat& flat, const std::string& name) {
    Document document;
    const Origin origin{Origin::Kind::recorded, name, 0, 0};
    for (const auto& [key, json] : flat) {
        try {
            document.put(parse_key(key), from_json(json, origin));
        } catch (const Error& error) {
            throw Error(ErrorCode::damaged, fmt::format("cannot use the configuration in {}: {}",
                                                        name, error.message()));
        }
    }
    return document;
}

void Document::set(std::string_view assignment) {
    if (!is_utf8(assignment)) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot use --set {}: it is not UTF-8", in_quotes(assignment)));
    }
    const auto equals = end_of_key(assignment);
    if (equals == std::string_view::npos) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot use --set {}: it has no '='", in_quotes(assignment)),
                    "write --set KEY=VALUE, for example --set database.shop.jobs=4");
    }
    const auto path = parse_key(assignment.substr(0, equals));
    const Origin origin{Origin::Kind::flag, path_text(path), 0, 0};
    put(path, parse_value(assignment.substr(equals + 1), origin));
}

void Document::put(const KeyPath& path, Value value) {
    Table* table = &root_;
    for (std::size_t depth = 0; depth + 1 < path.size(); ++depth) {
        auto* next = table->find(path[depth]);
        if (next == nullptr) {
            next = &table->put(path[depth], value.origin, Value{Table{}, value.origin});
        }
        if (next->table() == nullptr) {
            const KeyPath so_far(path.begin(),
                                 path.begin() + static_cast<std::ptrdiff_t>(depth) + 1);
            throw Error(ErrorCode::usage,
                        fmt::format("cannot set '{}': '{}' is {}, not a table", path_text(path),
                                    path_text(so_far), next->kind()),
                        fmt::format("set '{}' as a whole", path_text(so_far)));
        }
        table = next->table();
    }
    const auto origin = value.origin;
    table->put(path.back(), origin, std::move(value));
}

const Value* find_value(const Table& table, const KeyPath& path) {
    const Table* here = &table;
    const Value* value = nullptr;
    for (const auto& key : path) {
        value = here == nullptr ? nullptr : here->find(key);
        if (value == nullptr) {
            return nullptr;
        }
        here = value->table();
    }
    return value;
}

const Value* Document::find(const KeyPath& path) const {
    return find_value(root_, path);
}

const Table* Document::find_table(const KeyPath& path) const {
    const auto* value = find(path);
    return value == nullptr ? nullptr : value->table();
}

void flatten(const KeyPath& key, const Value& value, Flat& into) {
    const auto* table = value.table();
    if (table == nullptr || table->empty()) {
        into[path_text(key)] = to_json(value);
        return;
    }
    for (const auto& entry : table->entries()) {
        auto inner = key;
        inner.push_back(entry.key);
        flatten(inner, entry.value, into);
    }
}

} // namespace drctl::config
