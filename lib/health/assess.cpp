// SPDX-License-Identifier: Apache-2.0
#include "health/health.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace drctl::health {
namespace {

using State = Reading::State;

/// Looks one after the other, and how many in a row were alike.
class Looks {
  public:
    Looks(Probe& probe, const config::Health& policy, const system::Clock& clock,
          system::StopToken stop)
        : probe_(probe), policy_(policy), clock_(clock), stop_(stop), next_(clock.steady()) {}

    /// When the next look is due.
    [[nodiscard]] system::SteadyTime next() const noexcept { return next_; }

    const Reading& look() {
        clock_.wait_until(next_, stop_);
        stop_.throw_if_requested();
        const auto started = clock_.steady();
        auto reading = probe_.look(stop_);
        in_a_row_ = count_ > 0 && reading.state == last_.state ? in_a_row_ + 1 : 1;
        last_ = std::move(reading);
        ++count_;
        // A look that takes longer than the interval is followed by the next one at once.
        next_ = std::max(started + policy_.interval, clock_.steady());
        return last_;
    }

    [[nodiscard]] unsigned in_a_row() const noexcept { return in_a_row_; }
    [[nodiscard]] unsigned count() const noexcept { return count_; }

  private:
    Probe& probe_;
    const config::Health& policy_;
    const system::Clock& clock_;
    system::StopToken stop_;
    system::SteadyTime next_;
    Reading last_;
    unsigned in_a_row_ = 0;
    unsigned count_ = 0;
};

unsigned needed_for(State state, const config::Health& policy) noexcept {
    return std::max(state == State::healthy ? policy.passes : policy.failures, 1U);
}

} // namespace

Verdict assess(Probe& probe, const config::Health& policy, const system::Clock& clock,
               system::StopToken stop) {
    Looks looks(probe, policy, clock, stop);
    const auto most =
        4 * (needed_for(State::healthy, policy) + needed_for(State::unhealthy, policy));
    while (true) {
        const auto& reading = looks.look();
        if (looks.in_a_row() >= needed_for(reading.state, policy)) {
            return {reading.state, reading.evidence, looks.count()};
        }
        if (looks.count() >= most) {
            return {State::unknown,
                    fmt::format("it changed all the time in {} looks; last: {}", looks.count(),
                                reading.evidence),
                    looks.count()};
        }
    }
}

Verdict wait_until_healthy(Probe& probe, const config::Health& policy, const system::Clock& clock,
                           system::StopToken stop) {
    const auto deadline = clock.steady() + policy.deadline;
    Looks looks(probe, policy, clock, stop);
    Reading last_bad{State::unknown, "it was not seen healthy often enough in the time it had"};
    do {
        const auto& reading = looks.look();
        if (reading.state != State::healthy) {
            last_bad = reading;
        } else if (looks.in_a_row() >= needed_for(State::healthy, policy)) {
            return {State::healthy, reading.evidence, looks.count()};
        }
    } while (looks.next() <= deadline);
    return {last_bad.state, last_bad.evidence, looks.count()};
}

} // namespace drctl::health
