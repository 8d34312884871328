// SPDX-License-Identifier: Apache-2.0
#include "views/progress.hpp"

#include "system/units.hpp"
#include "views/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace drctl::app::views {
namespace {

using seconds = std::chrono::duration<double>;

std::string amount(engine::Progress::Unit unit, std::uint64_t value) {
    return unit == engine::Progress::Unit::bytes ? system::format_size({value})
                                                 : std::to_string(value);
}

} // namespace

void ProgressMeter::update(const engine::Progress& progress, system::SteadyTime now) {
    const bool another = progress.phase != progress_.phase || progress.done < progress_.done;
    progress_ = progress;
    if (another) {
        began_ = sampled_ = now;
        sampled_done_ = progress.done;
        per_second_.reset();
        return;
    }
    const double elapsed = seconds(now - sampled_).count();
    constexpr double shortest_sample = 0.5;
    if (elapsed < shortest_sample) {
        return;
    }
    const double rate = static_cast<double>(progress.done - sampled_done_) / elapsed;
    // Exponential smoothing that forgets within ten seconds, however often it is fed.
    constexpr double memory = 10.0;
    const double weight = 1 - std::exp(-elapsed / memory);
    per_second_ = per_second_ ? *per_second_ + weight * (rate - *per_second_) : rate;
    sampled_ = now;
    sampled_done_ = progress.done;
}

std::string ProgressMeter::line() const {
    const auto& [unit, phase, done, total] = progress_;
    std::string text = printable(phase);
    if (done > 0 || total > 0) {
        text += "  " + amount(unit, done);
    }
    if (total > 0) {
        const auto percent = std::min<std::uint64_t>(100, done * 100 / total);
        text += fmt::format(" of {}  {}%", amount(unit, total), percent);
    }
    if (per_second_ && *per_second_ >= 1) {
        text += fmt::format("  {}/s", amount(unit, static_cast<std::uint64_t>(*per_second_)));
        if (total > done) {
            const std::chrono::seconds left(static_cast<std::int64_t>(
                std::ceil(static_cast<double>(total - done) / *per_second_)));
            text += fmt::format("  {} left", system::format_duration(left));
        }
    }
    return text;
}

std::chrono::milliseconds ProgressMeter::age(system::SteadyTime now) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
}

} // namespace drctl::app::views
