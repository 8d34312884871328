// SPDX-License-Identifier: Apache-2.0
#include "system/files.hpp"

#include "drctl/error.hpp"
#include "system/posix_error.hpp"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace drctl::system {
namespace {

[[noreturn]] void fail(std::string_view what, const fs::path& path, int error = errno) {
    throw posix_error(ErrorCode::failed, what, path, error);
}

bool directory_exists(const fs::path& path) noexcept {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

/// The directory that holds the entry `path`, also if that ends in a slash.
fs::path directory_of(const fs::path& path) {
    const auto named = path.has_filename() ? path : path.parent_path();
    return named.has_parent_path() ? named.parent_path() : fs::path(".");
}

UniqueFd open_file(const fs::path& path, int flags, mode_t mode = 0) {
    while (true) {
        UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
        if (fd || errno != EINTR) {
            return fd;
        }
    }
}

/// The mode exactly, whatever the umask; a set-group-id bit inherited by the kernel stays.
void set_mode(int fd, mode_t mode, const fs::path& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0 || ::fchmod(fd, mode | (status.st_mode & S_ISGID)) != 0) {
        fail("set the mode of", path);
    }
}

/// Writes all of `data`; how much was written if it fails, with errno set.
std::size_t write_all(int fd, std::string_view data) noexcept {
    std::size_t done = 0;
    while (done < data.size()) {
        const auto count = ::write(fd, data.data() + done, data.size() - done);
        if (count < 0 && errno != EINTR) {
            break;
        }
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return done;
}

/// renameat2 with flags, and both directories fsynced.
void rename_with(unsigned flags, const fs::path& from, const fs::path& to, std::string_view verb) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0) {
        const int error = errno;
        const auto what = fmt::format("{} '{}' and", verb, from.string());
        if (error == EINVAL || error == ENOSYS) {
            throw Error(ErrorCode::failed,
                        fmt::format("cannot {} '{}': the file system there cannot do it "
                                    "atomically",
                                    what, to.string()),
                        "ext4, XFS, Btrfs and tmpfs can; NFS and older ZFS cannot")
                .with("errno", error == EINVAL ? "EINVAL" : "ENOSYS");
        }
        fail(what, to, error);
    }
    const auto one = directory_of(from);
    const auto other = directory_of(to);
    sync_directory(one);
    if (one != other) {
        sync_directory(other);
    }
}

} // namespace

std::string FileIdentity::text() const {
    return fmt::format("{}:{}", device, inode);
}

std::optional<FileIdentity> FileIdentity::parse(std::string_view text) {
    FileIdentity identity;
    const char* const end = text.data() + text.size();
    const auto device = std::from_chars(text.data(), end, identity.device);
    if (device.ec != std::errc{} || device.ptr == end || *device.ptr != ':') {
        return std::nullopt;
    }
    const auto inode = std::from_chars(device.ptr + 1, end, identity.inode);
    if (inode.ec != std::errc{} || inode.ptr != end) {
        return std::nullopt;
    }
    return identity;
}

std::optional<FileIdentity> identity_of(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
        return FileIdentity{status.st_dev, status.st_ino};
    }
    if (errno == ENOENT || errno == ENOTDIR) {
        return std::nullopt;
    }
    fail("look at", path);
}

std::string read_file(const fs::path& path, std::uint64_t limit) {
    const auto fd = open_for_reading(path);
    std::string content;
    // Not trusting st_size, which is 0 for files in /proc.
    constexpr std::size_t block = std::size_t{64} << 10;
    while (content.size() <= limit) {
        const auto before = content.size();
        content.resize(before + block);
        const auto count = ::read(fd.get(), content.data() + before, block);
        const int error = errno;
        content.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
        if (count == 0) {
            return content;
        }
        if (count < 0 && error != EINTR) {
            fail("read", path, error);
        }
    }
    throw Error(ErrorCode::failed,
                fmt::format("cannot read '{}': larger than {} bytes", path.string(), limit));
}

UniqueFd open_for_reading(const fs::path& path) {
    auto fd = open_file(path, O_RDONLY);
    if (!fd) {
        fail("open", path);
    }
    return fd;
}

void sync_file(int fd, const fs::path& name_for_errors) {
    // Not repeated on failure: the kernel may have dropped the pages, and a second fsync
    // would report success over lost data.
    if (::fsync(fd) != 0) {
        fail("sync", name_for_errors);
    }
}

void sync_directory(const fs::path& directory) {
    const auto fd = open_file(directory, O_RDONLY | O_DIRECTORY);
    if (!fd) {
        fail("open", directory);
    }
    sync_file(fd.get(), directory);
}

void make_directories(const fs::path& directory, mode_t mode) {
    if (directory.empty() || directory_exists(directory)) {
        return;
    }
    const auto parent = directory_of(directory);
    if (parent != directory) {
        make_directories(parent, mode);
    }
    if (::mkdir(directory.c_str(), mode) != 0) {
        const int error = errno;
        if (error == EEXIST && directory_exists(directory)) {
            return; // somebody was faster
        }
        fail("make directory", directory, error);
    }
    const auto fd = open_file(directory, O_RDONLY | O_DIRECTORY);
    if (!fd) {
        fail("open", directory);
    }
    set_mode(fd.get(), mode, directory);
    sync_directory(parent);
}

AtomicFile::AtomicFile(fs::path target, mode_t mode) : target_(std::move(target)) {
    auto name = (directory_of(target_) / ("." + target_.filename().string() + ".XXXXXX")).string();
    fd_ = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd_) {
        fail("write", target_);
    }
    temporary_ = name;
    try {
        set_mode(fd_.get(), mode, temporary_);
    } catch (...) {
        ::unlink(temporary_.c_str());
        throw;
    }
}

AtomicFile::~AtomicFile() {
    if (fd_) {
        ::unlink(temporary_.c_str());
    }
}

void AtomicFile::write(std::string_view data) {
    if (write_all(fd_.get(), data) != data.size()) {
        fail("write", target_);
    }
}

void AtomicFile::commit() {
    sync_file(fd_.get(), target_);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
        fail("replace", target_);
    }
    fd_.reset();
    sync_directory(directory_of(target_));
}

void write_file_atomically(const fs::path& target, std::string_view content, mode_t mode) {
    AtomicFile file(target, mode);
    file.write(content);
    file.commit();
}

AppendFile::AppendFile(const fs::path& path, mode_t mode) : path_(path) {
    fd_ = open_file(path_, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, mode);
    if (fd_) {
        set_mode(fd_.get(), mode, path_);
    } else {
        fd_ = open_file(path_, O_WRONLY | O_APPEND);
    }
    if (!fd_) {
        fail("open", path_);
    }
    sync_file(fd_.get(), path_);
    sync_directory(directory_of(path_));
}

void AppendFile::append(std::string_view record) {
    struct stat before {};
    if (::fstat(fd_.get(), &before) != 0) {
        fail("look at", path_);
    }
    if (write_all(fd_.get(), record) != record.size()) {
        const int error = errno;
        // A torn record is tolerated at the end only, and more may still be appended once there
        // is space again. If this fails too, the torn record stays for the reader to judge.
        static_cast<void>(!::ftruncate(fd_.get(), before.st_size));
        fail("write", path_, error);
    }
    sync_file(fd_.get(), path_);
}

void exchange(const fs::path& one, const fs::path& other) {
    rename_with(RENAME_EXCHANGE, one, other, "exchange");
}

void rename_durably(const fs::path& from, const fs::path& to) {
    rename_with(RENAME_NOREPLACE, from, to, "rename");
}

void remove_file(const fs::path& path) {
    if (::unlink(path.c_str()) == 0) {
        sync_directory(directory_of(path));
    } else if (errno != ENOENT && errno != ENOTDIR) {
        fail("remove", path);
    }
}

void remove_directory_if_empty(const fs::path& directory) {
    if (::rmdir(directory.c_str()) == 0) {
        sync_directory(directory_of(directory));
    } else if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT) {
        fail("remove directory", directory);
    }
}

Space space_at(const fs::path& path) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) != 0) {
        fail("look at the file system of", path);
    }
    return {status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize};
}

TemporaryDirectory::TemporaryDirectory(std::string_view prefix) {
    std::error_code none;
    auto parent = fs::temp_directory_path(none);
    if (none) {
        parent = "/tmp";
    }
    auto name = (parent / fmt::format("{}-XXXXXX", prefix)).string();
    if (::mkdtemp(name.data()) == nullptr) {
        fail("make a temporary directory in", parent);
    }
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored; // what cannot be removed is left to the system's own cleaning
    fs::remove_all(path_, ignored);
}

} // namespace drctl::system
