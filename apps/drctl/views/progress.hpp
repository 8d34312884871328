// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/observer.hpp"
#include "system/clock.hpp"

#include <optional>
#include <string>

namespace drctl::app::views {

/// How often progress is told where it cannot be drawn.
inline constexpr std::chrono::seconds line_every{30};

/// How fast a piece of work goes: one phase at a time, over about the last ten seconds.
class ProgressMeter {
  public:
    /// A change of phase begins anew.
    void update(const engine::Progress& progress, system::SteadyTime now);

    /// `copy rows  1.2 GiB of 3.4 GiB  35%  78 MiB/s  28s left`; what is not known is left out.
    [[nodiscard]] std::string line() const;
    /// How long the current phase has been going on.
    [[nodiscard]] std::chrono::milliseconds age(system::SteadyTime now) const;
    [[nodiscard]] const std::string& phase() const noexcept { return progress_.phase; }

  private:
    engine::Progress progress_;
    system::SteadyTime began_{};
    system::SteadyTime sampled_{};
    std::uint64_t sampled_done_ = 0;
    std::optional<double> per_second_;
};

} // namespace drctl::app::views
