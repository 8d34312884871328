// SPDX-License-Identifier: Apache-2.0
#include "views/style.hpp"

#include <cstdlib>

namespace drctl::app::views {
namespace {

// ECMA-48 SGR parameters.
std::string_view parameters(Tone tone) {
    switch (tone) {
    case Tone::plain:
        break;
    case Tone::strong:
        return "1";
    case Tone::dim:
        return "2";
    case Tone::good:
        return "32";
    case Tone::warning:
        return "33";
    case Tone::bad:
        return "1;31";
    }
    return {};
}

// Read once at start-up, before any thread exists.
std::string_view environment(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::string_view{} : std::string_view(value);
}

} // namespace

std::string Style::paint(Tone tone, std::string_view text) const {
    const auto sgr = parameters(tone);
    if (!enabled_ || sgr.empty() || text.empty()) {
        return std::string(text);
    }
    std::string painted = "\x1b[";
    painted.append(sgr).append("m").append(text).append("\x1b[0m");
    return painted;
}

bool wants_color(ColorChoice choice, bool terminal) {
    if (choice != ColorChoice::automatic) {
        return choice == ColorChoice::always;
    }
    const auto term = environment("TERM");
    return terminal && environment("NO_COLOR").empty() && !term.empty() && term != "dumb";
}

} // namespace drctl::app::views
