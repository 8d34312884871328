// SPDX-License-Identifier: Apache-2.0
#include "backup/receipt.hpp"

#include "backup/sidecar.hpp"
#include "drctl/error.hpp"
#include "engine/state_directory.hpp"
#include "system/digest.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace drctl::backup {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int receipt_version = 1;

std::string fingerprint_of_file(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        return "gone";
    }
    return fmt::format("{}:{}:{}:{}.{:09}:{}.{:09}", status.st_dev, status.st_ino, status.st_size,
                       status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                       status.st_ctim.tv_nsec);
}

fs::path receipt_path(const fs::path& directory, const fs::path& backup) {
    return directory / (system::sha256_hex(fs::absolute(backup).string()) + ".json");
}

/// Another drctl may have found less against the same file, or read it wrongly.
bool is_ours(const json& body) {
    return body.at("version") == receipt_version && body.value("drctl", "") == version();
}

std::optional<Format> format_named(const std::string& name) {
    for (const auto format : {Format::plain, Format::custom, Format::tar, Format::directory}) {
        if (name_of(format) == name) {
            return format;
        }
    }
    return std::nullopt;
}

} // namespace

std::string fingerprint_of(const Candidate& candidate) {
    if (!candidate.directory) {
        return fingerprint_of_file(candidate.path);
    }
    std::string all;
    for (const auto& file : files_below(candidate.path)) {
        all += file.lexically_relative(candidate.path).string() + "=" + fingerprint_of_file(file) +
               "\n";
    }
    return system::sha256_hex(all);
}

std::optional<Receipt> read_receipt(const fs::path& directory, const Candidate& candidate,
                                    const std::string& fingerprint) {
    if (directory.empty()) {
        return std::nullopt;
    }
    try {
        const auto body = json::parse(system::read_file(receipt_path(directory, candidate.path)));
        const auto format = format_named(body.at("format").get<std::string>());
        auto outline = postgres::dump::outline_from_json(body.at("outline").dump());
        if (!is_ours(body) || body.at("fingerprint") != fingerprint || !format || !outline) {
            return std::nullopt;
        }
        return Receipt{*format, body.at("sha256").get<std::string>(),
                       body.at("has_checksum").get<bool>(), std::move(*outline)};
    } catch (const Error&) {
        return std::nullopt;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

void write_receipt(const fs::path& directory, const Inspection& inspection, bool has_checksum,
                   const std::string& fingerprint, system::WallTime now) {
    if (directory.empty()) {
        return;
    }
    json body{{"version", receipt_version},
              {"drctl", version()},
              {"path", inspection.candidate.path.string()},
              {"fingerprint", fingerprint},
              {"inspected", system::format_rfc3339(now)}};
    if (inspection.clean()) {
        body["format"] = name_of(inspection.format);
        body["sha256"] = inspection.sha256;
        body["has_checksum"] = has_checksum;
        body["outline"] = json::parse(postgres::dump::to_json(inspection.outline));
    } else {
        body["rejected"] = inspection.reason;
    }
    try {
        engine::make_state_directory(directory);
        // A reason may quote what the file has for a name.
        system::write_file_atomically(receipt_path(directory, inspection.candidate.path),
                                      body.dump(-1, ' ', false, json::error_handler_t::replace) +
                                          "\n");
    } catch (const Error&) {
        // The next look takes as long as this one did.
    }
}

std::optional<Verdict> last_verdict(const fs::path& directory, const Candidate& candidate) {
    try {
        const auto body = json::parse(system::read_file(receipt_path(directory, candidate.path)));
        const auto inspected = system::parse_rfc3339(body.value("inspected", ""));
        if (!is_ours(body) || !inspected || body.at("fingerprint") != fingerprint_of(candidate)) {
            return std::nullopt;
        }
        Verdict verdict{body.value("rejected", ""), body.value("sha256", ""), *inspected, {}};
        if (verdict.reason.empty()) {
            auto outline = postgres::dump::outline_from_json(body.at("outline").dump());
            if (!outline) {
                return std::nullopt;
            }
            verdict.outline = std::move(*outline);
        }
        const auto sidecar = read_sidecar(candidate.path);
        if (verdict.reason.empty() && sidecar && *sidecar != verdict.sha256) {
            return std::nullopt; // the sidecar came or changed later
        }
        return verdict;
    } catch (const Error&) {
        return std::nullopt;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

void revoke_receipt(const fs::path& directory, const fs::path& backup) {
    std::error_code gone;
    fs::remove(receipt_path(directory, backup), gone);
}

} // namespace drctl::backup
