// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/outage.hpp"

#include "procedures/db_recover/copy_steps.hpp"
#include "procedures/db_recover/facts.hpp"

#include <charconv>

namespace drctl::procedures {
namespace {

using std::chrono::milliseconds;

/// What stopping, swapping and starting take together where nothing is slow.
constexpr milliseconds for_services{5'000};
/// Rows and indexes of a dump, as text, on two busy cores.
constexpr std::uint64_t modest_bytes_per_millisecond = std::uint64_t{25} * 1024 * 1024 / 1000;

std::optional<std::uint64_t> dump_bytes_of(const engine::RunRecord& run) {
    const auto text = run.facts.get(fact::backup_bytes).value_or("");
    std::uint64_t bytes = 0;
    const auto* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, bytes);
    return result.ec == std::errc() && result.ptr == end && bytes > 0 ? std::optional(bytes)
                                                                      : std::nullopt;
}

/// How long a step took that a run has done itself.
std::optional<milliseconds> duration_of(const engine::RunRecord& run, const std::string& step) {
    for (const auto& rung : run.rungs) {
        for (const auto& record : rung.steps) {
            if (record.info.id == step && record.state == engine::StepRecord::State::done) {
                return record.duration;
            }
        }
    }
    return std::nullopt;
}

milliseconds time_to_restore(std::uint64_t dump_bytes, const std::optional<RestorePace>& earlier) {
    if (!earlier) {
        return milliseconds(dump_bytes / modest_bytes_per_millisecond);
    }
    const auto share = static_cast<double>(dump_bytes) / static_cast<double>(earlier->dump_bytes);
    return std::chrono::duration_cast<milliseconds>(share * earlier->restoring);
}

} // namespace

std::optional<RestorePace> pace_of(const engine::RunRecord& run) {
    const auto bytes = dump_bytes_of(run);
    const auto restoring = duration_of(run, RestoreCopy::step_id);
    const auto verifying = duration_of(run, VerifyDatabase::copy_step_id);
    if (!bytes || !restoring || !verifying) {
        return std::nullopt;
    }
    return RestorePace{run.header.run, *bytes, *restoring, *verifying};
}

std::optional<milliseconds> expected_outage(Downtime downtime, std::uint64_t dump_bytes,
                                            const std::optional<RestorePace>& earlier) {
    if (downtime == Downtime::swap_only && !earlier) {
        return std::nullopt;
    }
    auto outage = for_services;
    if (earlier) {
        outage += earlier->verifying; // of what serves then
    }
    if (downtime == Downtime::with_restore) {
        outage += time_to_restore(dump_bytes, earlier);
        outage += earlier ? earlier->verifying : milliseconds(0);
    }
    return std::chrono::ceil<std::chrono::seconds>(outage);
}

} // namespace drctl::procedures
