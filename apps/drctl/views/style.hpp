// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace drctl::app::views {

enum class ColorChoice { automatic, always, never };

/// What a piece of text is, not which colour it has.
enum class Tone { plain, strong, dim, good, warning, bad };

/// Paints text for one stream, or leaves it alone.
class Style {
  public:
    Style() = default;
    explicit Style(bool enabled) noexcept : enabled_(enabled) {}
    [[nodiscard]] bool enabled() const noexcept { return enabled_; }
    [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;

  private:
    bool enabled_ = false;
};

/// Whether a stream gets colours. `automatic`: on a terminal, unless NO_COLOR is set to
/// anything (no-color.org) or TERM is unset or `dumb`.
[[nodiscard]] bool wants_color(ColorChoice choice, bool terminal);

} // namespace drctl::app::views
