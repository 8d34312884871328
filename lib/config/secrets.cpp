// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.hpp"

#include "drctl/error.hpp"
#include "system/posix_error.hpp"
#include "system/shell_words.hpp"
#include "system/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drctl::config {
namespace {

using system::Secret;

constexpr std::size_t largest = std::size_t{64} * 1024;

Error cannot_read(ErrorCode code, const SecretSource& source, std::string_view cause,
                  std::string hint) {
    return {code, fmt::format("cannot read the secret from {}: {}", text_of(source), cause),
            std::move(hint)};
}

/// Checks what every source must give and drops the line break that editors and programs add.
Secret checked(std::string text, const SecretSource& source) {
    if (!text.empty() && text.back() == '\n') {
        text.pop_back();
        if (!text.empty() && text.back() == '\r') {
            text.pop_back();
        }
    }
    Secret secret(std::move(text));
    if (secret.empty()) {
        throw cannot_read(ErrorCode::usage, source, "it is empty", "write the secret there");
    }
    if (secret.reveal().find('\0') != std::string::npos) {
        throw cannot_read(ErrorCode::usage, source, "it contains a zero byte",
                          "a secret is text; check that the right one is named");
    }
    if (secret.reveal().size() >= largest) {
        throw cannot_read(ErrorCode::usage, source, "it is larger than 64 KiB",
                          "a secret is one line; check that the right one is named");
    }
    return secret;
}

Error cannot_open(const SecretSource& source, int error) {
    const auto cause = system::errno_text(error);
    if (error == ENOENT || error == ENOTDIR) {
        return cannot_read(ErrorCode::usage, source, cause,
                           "write the secret there with mode 0640 and group drctl, or correct the "
                           "path in the configuration");
    }
    return cannot_read(ErrorCode::refused, source, cause,
                       "run drctl with sudo, or let group drctl read the file");
}

/// On the open file, so that what was checked is what is read.
void refuse_exposed(int fd, const std::string& path, const SecretSource& source) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        throw cannot_open(source, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        throw cannot_read(ErrorCode::usage, source, "it is not a regular file",
                          "correct the path in the configuration");
    }
    if ((status.st_mode & S_IROTH) != 0) {
        throw cannot_read(ErrorCode::refused, source,
                          fmt::format("everyone can read it (mode {:04o})", status.st_mode & 07777),
                          fmt::format("type: sudo chmod o= {}", system::shell_word(path)));
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        throw cannot_read(
            ErrorCode::refused, source,
            fmt::format("everyone can write it (mode {:04o})", status.st_mode & 07777),
            fmt::format("type: sudo chmod o= {}", system::shell_word(path)));
    }
}

Secret read_secret_file(const std::string& path, const SecretSource& source) {
    // O_NONBLOCK: a FIFO must not hang us before we see that it is one.
    const system::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        throw cannot_open(source, errno);
    }
    refuse_exposed(fd.get(), path, source);
    std::string text(largest, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const auto count = ::read(fd.get(), text.data() + filled, text.size() - filled);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw cannot_open(source, errno);
        }
        if (count == 0) {
            break;
        }
        filled += static_cast<std::size_t>(count);
    }
    text.resize(filled);
    return checked(std::move(text), source);
}

Secret read_variable(const SecretSource& source) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables
    const char* value = std::getenv(source.name.c_str());
    if (value == nullptr) {
        throw cannot_read(ErrorCode::refused, source, "it is not set",
                          "sudo and cron drop the environment; { file = \"…\" } works everywhere");
    }
    return checked(value, source);
}

Secret read_credential(const SecretSource& source) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (source.name.find('/') != std::string::npos) {
        throw cannot_read(ErrorCode::usage, source, "its name contains a '/'",
                          "name it as LoadCredential= in the unit does");
    }
    if (directory == nullptr) {
        throw cannot_read(ErrorCode::refused, source, "$CREDENTIALS_DIRECTORY is not set",
                          fmt::format("systemd sets it for a unit that has LoadCredential={}:PATH; "
                                      "elsewhere use {{ file = \"…\" }}",
                                      source.name));
    }
    return read_secret_file(fmt::format("{}/{}", directory, source.name), source);
}

Secret run_command(const SecretSource& source, const system::ProcessRunner& processes,
                   system::StopToken stop) {
    system::ProcessOptions options;
    options.timeout = std::chrono::seconds(30);
    options.keep_output = largest;
    auto result = processes.run(source.command, options, stop);
    Secret output(std::move(result.out));
    if (!result.succeeded()) {
        // Neither stream is repeated: programs that hold secrets are apt to print them.
        throw cannot_read(ErrorCode::unreachable, source,
                          fmt::format("it {}", result.how_it_ended()),
                          fmt::format("run it to see why: {}", system::shell_line(source.command)));
    }
    return checked(output.reveal(), source);
}

Secret read_from(const SecretSource& source, const system::ProcessRunner& processes,
                 system::StopToken stop) {
    switch (source.kind) {
    case SecretSource::Kind::file:
        return read_secret_file(source.name, source);
    case SecretSource::Kind::env:
        return read_variable(source);
    case SecretSource::Kind::credential:
        return read_credential(source);
    case SecretSource::Kind::command:
        break;
    }
    return run_command(source, processes, stop);
}

} // namespace

std::string text_of(const SecretSource& source) {
    switch (source.kind) {
    case SecretSource::Kind::file:
        return fmt::format("file '{}'", source.name);
    case SecretSource::Kind::env:
        return fmt::format("variable '{}'", source.name);
    case SecretSource::Kind::credential:
        return fmt::format("systemd credential '{}'", source.name);
    case SecretSource::Kind::command:
        break;
    }
    return fmt::format("command '{}'", source.command.empty() ? "" : source.command.front());
}

Secret read_secret(const SecretSource& source, const system::ProcessRunner& processes,
                   system::Redactor& redactor, system::StopToken stop) {
    stop.throw_if_requested();
    auto secret = read_from(source, processes, stop);
    redactor.add(secret);
    return secret;
}

} // namespace drctl::config
