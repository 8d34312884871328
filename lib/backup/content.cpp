// SPDX-License-Identifier: Apache-2.0
#include "backup/content.hpp"

#include "drctl/error.hpp"
#include "system/byte_source.hpp"
#include "system/digest.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

namespace drctl::backup {
namespace {

namespace fs = std::filesystem;

/// Tells how far a file has been read, each time more of it is.
class WatchedSource final : public system::ByteSource {
  public:
    WatchedSource(system::FileSource& file, const InspectContext& context)
        : file_(file), context_(context) {}
    std::size_t read(std::span<std::byte> buffer) override {
        const auto got = file_.read(buffer);
        context_.progress(file_.consumed(), file_.file_size());
        return got;
    }

  private:
    system::FileSource& file_;
    const InspectContext& context_;
};

/// What a program writes to its stdout. Its end is believed only once the program has ended well.
class ProgramSource final : public system::ByteSource {
  public:
    ProgramSource(const system::Argv& argv, const InspectContext& context)
        : name_(fs::path(argv.front()).filename().string()), stop_(context.stop),
          child_(argv, system::ProcessOptions{}) {}

    std::size_t read(std::span<std::byte> buffer) override {
        wait();
        const auto got = ::read(child_.output(), buffer.data(), buffer.size());
        if (got < 0) {
            throw Error(ErrorCode::failed,
                        fmt::format("cannot read from {}: {}", name_, std::strerror(errno)));
        }
        if (got == 0) {
            finish();
        }
        return static_cast<std::size_t>(got);
    }

  private:
    void wait() {
        std::array<pollfd, 2> watch{{{child_.output(), POLLIN, 0}, {stop_.wait_fd(), POLLIN, 0}}};
        while (::poll(watch.data(), watch.size(), -1) < 0 && errno == EINTR) {
        }
        stop_.throw_if_requested();
    }

    void finish() {
        const auto result = child_.finish(stop_);
        if (!result.succeeded()) {
            const auto first = result.err.substr(0, result.err.find('\n'));
            throw Error(ErrorCode::damaged,
                        fmt::format("{} cannot read it to the end: {}", name_,
                                    first.empty() ? result.how_it_ended() : first));
        }
    }

    std::string name_;
    system::StopToken stop_;
    system::ChildProcess child_;
};

std::string digest_of_directory(const fs::path& directory) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::string list;
    for (const auto& file : files) {
        list +=
            file.lexically_relative(directory).string() + "=" + system::sha256_of_file(file) + "\n";
    }
    return system::sha256_hex(list);
}

Content read_plain(const Candidate& candidate, const InspectContext& context) {
    system::FileSource file(candidate.path, {}, context.stop);
    WatchedSource source(file, context);
    Content content;
    content.outline = postgres::dump::outline_of(source);
    content.sha256 = file.digest();
    content.has_checksum = file.has_checksum();
    return content;
}

Content read_archive(const Candidate& candidate, Format format, const InspectContext& context) {
    ProgramSource source({context.pg_restore.string(), "-f", "-", candidate.path.string()},
                         context);
    Content content;
    content.outline = postgres::dump::outline_of(source);
    content.sha256 = format == Format::directory ? digest_of_directory(candidate.path)
                                                 : system::sha256_of_file(candidate.path);
    // Compressed data has its own checksums, but the archive's frame has none.
    content.has_checksum = false;
    return content;
}

} // namespace

Content read_content(const Candidate& candidate, Format format, const InspectContext& context) {
    return format == Format::plain ? read_plain(candidate, context)
                                   : read_archive(candidate, format, context);
}

} // namespace drctl::backup
