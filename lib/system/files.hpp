// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/unique_fd.hpp"

#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

/// Files as a crash leaves them: every function says what is on the disk when it returns.
/// All throw Error(failed) with the path, errno's text, and a hint where one helps
/// (ENOSPC, EACCES); `errno_name` is in the error's context as "errno".
namespace drctl::system {

namespace fs = std::filesystem;

/// Identity of a file or directory: stays with it through renames.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
    /// `device:inode`, as the journal keeps it.
    [[nodiscard]] std::string text() const;
    static std::optional<FileIdentity> parse(std::string_view text);
};

/// Follows symlinks; nothing if there is no such file.
[[nodiscard]] std::optional<FileIdentity> identity_of(const fs::path& path);

/// Whole content; Error(failed) for files above `limit` bytes.
[[nodiscard]] DRCTL_API std::string read_file(const fs::path& path,
                                              std::uint64_t limit = std::uint64_t{64} << 20);

/// Opens for reading, O_CLOEXEC.
[[nodiscard]] UniqueFd open_for_reading(const fs::path& path);

/// fsync of a file's data, or of a directory's entries.
void sync_file(int fd, const fs::path& name_for_errors);
void sync_directory(const fs::path& directory);

/// mkdir -p, each new directory's parent fsynced; `mode` for the new ones, exactly (the umask
/// does not count; a set-group-id bit is inherited).
DRCTL_API void make_directories(const fs::path& directory, mode_t mode = 0750);

/// Replaces a file's content as a whole: written beside it, fsynced, renamed over it,
/// directory fsynced. Until commit() the old content stands; without commit() it stays.
/// `mode` is set exactly. A symlink at `target` is replaced, not followed. A process killed in
/// between leaves a file `.NAME.XXXXXX` behind, nothing else.
class DRCTL_API AtomicFile {
  public:
    explicit AtomicFile(fs::path target, mode_t mode = 0640);
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    void write(std::string_view data);
    void commit();

  private:
    fs::path target_;
    fs::path temporary_;
    UniqueFd fd_;
};

/// AtomicFile in one call.
DRCTL_API void write_file_atomically(const fs::path& target, std::string_view content,
                                     mode_t mode = 0640);

/// Appends whole records to a file and fsyncs each before it returns. The file and its
/// directory entry are durable after construction.
class AppendFile {
  public:
    explicit AppendFile(const fs::path& path, mode_t mode = 0640);
    /// Writes `record`, then fsyncs. If it cannot be written whole (no space) the file is cut
    /// back to what it was. One writer at a time.
    void append(std::string_view record);
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  private:
    fs::path path_;
    UniqueFd fd_;
};

/// renameat2(RENAME_EXCHANGE), both directories fsynced afterwards. There is no fallback
/// for file systems without it (NFS, ZFS before 2.2): two renames are not atomic.
void exchange(const fs::path& one, const fs::path& other);

/// rename(2) that never replaces (RENAME_NOREPLACE), directories fsynced afterwards. No fallback
/// either: looking first and renaming then could replace what somebody made in between.
void rename_durably(const fs::path& from, const fs::path& to);

/// unlink(2), the directory fsynced; nothing happens if there is no such file.
void remove_file(const fs::path& path);

/// rmdir(2); a directory that is not empty or not there stays as it is.
void remove_directory_if_empty(const fs::path& directory);

struct Space {
    std::uint64_t available_bytes = 0; ///< to unprivileged users
    std::uint64_t total_bytes = 0;
};
[[nodiscard]] Space space_at(const fs::path& path);

/// A directory below $TMPDIR (or /tmp), mode 0700, removed with everything in it.
class DRCTL_API TemporaryDirectory {
  public:
    explicit TemporaryDirectory(std::string_view prefix = "drctl");
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

} // namespace drctl::system
