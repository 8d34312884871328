// SPDX-License-Identifier: Apache-2.0
#include "views/follower.hpp"

#include "drctl/error.hpp"
#include "engine/run_log.hpp"
#include "system/files.hpp"
#include "system/units.hpp"
#include "views/text.hpp"

#include <charconv>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace drctl::app::views {
namespace {

std::optional<engine::Progress> parse_progress(const std::string& text) {
    const auto body = nlohmann::json::parse(text, nullptr, false);
    if (!body.is_object()) {
        return std::nullopt;
    }
    try {
        return engine::Progress{body.at("unit") == "bytes" ? engine::Progress::Unit::bytes
                                                           : engine::Progress::Unit::items,
                                body.at("phase").get<std::string>(),
                                body.at("done").get<std::uint64_t>(),
                                body.at("total").get<std::uint64_t>()};
    } catch (const nlohmann::json::exception&) {
        return std::nullopt; // of another version: there is still the log
    }
}

// Text of a file that may not be there, or not yet.
std::string read_if_there(const std::filesystem::path& path) {
    try {
        return std::filesystem::exists(path) ? system::read_file(path) : std::string();
    } catch (const Error&) {
        return {};
    }
}

std::optional<std::chrono::milliseconds> outage_so_far(const engine::Facts& facts,
                                                       system::WallTime now) {
    const auto began = facts.get(engine::fact::outage_began);
    if (!began || facts.get(engine::fact::outage_ended)) {
        return std::nullopt;
    }
    std::int64_t since = 0;
    std::from_chars(began->data(), began->data() + began->size(), since);
    return std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()) -
           std::chrono::milliseconds(since);
}

} // namespace

Follower::Follower(Console& console, const system::Clock& clock,
                   std::filesystem::path run_directory)
    : console_(console), clock_(clock), directory_(std::move(run_directory)) {}

void Follower::show_news(const engine::Facts& facts) {
    show_log();
    show_progress(facts);
}

void Follower::show_log() {
    if (!log_) {
        log_.reset(::open((directory_ / "log").c_str(), O_RDONLY | O_CLOEXEC));
    }
    char buffer[16384];
    for (ssize_t count = 0; log_ && (count = ::read(log_.get(), buffer, sizeof buffer)) > 0;) {
        finish();
        std::string_view news(buffer, static_cast<std::size_t>(count));
        while (!news.empty()) {
            const auto line = news.substr(0, news.find('\n'));
            news.remove_prefix(line.size());
            const bool whole = !news.empty();
            console_.narrate(printable(line) + (whole ? "\n" : ""));
            news.remove_prefix(whole ? 1 : 0);
        }
    }
}

void Follower::show_progress(const engine::Facts& facts) {
    const auto text = read_if_there(directory_ / engine::progress_file);
    const auto progress = parse_progress(text);
    if (!progress) {
        return;
    }
    if (text != last_progress_) {
        meter_.update(*progress, clock_.steady());
        last_progress_ = text;
    }
    auto line = meter_.line();
    if (const auto outage = outage_so_far(facts, clock_.wall())) {
        line += "  services down for " + system::format_duration(*outage);
    }
    if (console_.err_is_terminal()) {
        console_.narrate("\r\x1b[K" + cut(line, console_.err_columns() - 1));
        line_drawn_ = true;
    } else {
        tell(line);
    }
}

/// The first line comes after the first interval, too: short work says nothing.
void Follower::tell(const std::string& line) {
    const auto now = clock_.steady();
    if (!told_) {
        told_ = now;
    } else if (now - *told_ >= line_every) {
        told_ = now;
        console_.narrate(line + "\n");
    }
}

void Follower::finish() {
    if (line_drawn_) {
        console_.narrate("\r\x1b[K");
        line_drawn_ = false;
    }
}

} // namespace drctl::app::views
