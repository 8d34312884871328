// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.hpp"

#include "drctl/error.hpp"
#include "support/fake_process_runner.hpp"
#include "system/files.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace drctl::config {
namespace {

using test::FakeProcessRunner;
using Kind = SecretSource::Kind;

class ReadSecret : public testing::Test {
  protected:
    /// A file of mode 0640 unless told.
    SecretSource file(const std::string& content, mode_t mode = 0640) {
        std::ofstream(path_, std::ios::binary) << content;
        ::chmod(path_.c_str(), mode);
        return {Kind::file, path_.string(), {}};
    }
    std::string read(const SecretSource& source) {
        return read_secret(source, programs_, redactor_, {}).reveal();
    }
    Error error_of(const SecretSource& source) {
        try {
            static_cast<void>(read_secret(source, programs_, redactor_, {}));
        } catch (const Error& error) {
            EXPECT_EQ(error.message().find("hunter2"), std::string::npos) << error.message();
            EXPECT_EQ(error.hint().find("hunter2"), std::string::npos) << error.hint();
            return error;
        }
        ADD_FAILURE() << "nothing was thrown";
        return {ErrorCode::bug, ""};
    }

    system::TemporaryDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "pw";
    FakeProcessRunner programs_;
    system::Redactor redactor_;
};

TEST_F(ReadSecret, TellsTheRedactorWhatMustNotBeSeen) {
    EXPECT_EQ(redactor_.redact("it is hunter2"), "it is hunter2");
    EXPECT_EQ(read(file("hunter2\n")), "hunter2");
    EXPECT_EQ(redactor_.redact("it is hunter2"), "it is [redacted]");
}

TEST_F(ReadSecret, DropsOneLineBreakAtTheEndOfAFile) {
    EXPECT_EQ(read(file("hunter2")), "hunter2");
    EXPECT_EQ(read(file("hunter2\n")), "hunter2");
    EXPECT_EQ(read(file("hunter2\r\n")), "hunter2");
    EXPECT_EQ(read(file("hunter2\n\n")), "hunter2\n");
    EXPECT_EQ(read(file(" hunter2 \n")), " hunter2 ");
}

TEST_F(ReadSecret, RefusesAFileThatEveryoneCanReadAndSaysWhatToType) {
    const auto error = error_of(file("hunter2\n", 0644));
    EXPECT_EQ(error.code(), ErrorCode::refused);
    EXPECT_EQ(error.message(), "cannot read the secret from file '" + path_.string() +
                                   "': everyone can read it (mode 0644)");
    EXPECT_EQ(error.hint(), "type: sudo chmod o= " + path_.string());
}

TEST_F(ReadSecret, RefusesAFileThatEveryoneCanWrite) {
    const auto error = error_of(file("hunter2\n", 0642));
    EXPECT_EQ(error.code(), ErrorCode::refused);
    EXPECT_EQ(error.message(), "cannot read the secret from file '" + path_.string() +
                                   "': everyone can write it (mode 0642)");
}

TEST_F(ReadSecret, SaysThatTheFileIsMissing) {
    const auto error = error_of({Kind::file, (directory_.path() / "none").string(), {}});
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_EQ(error.message(), "cannot read the secret from file '" +
                                   (directory_.path() / "none").string() +
                                   "': No such file or directory");
}

TEST_F(ReadSecret, SaysThatTheFileIsEmptyOrNoSecret) {
    EXPECT_EQ(error_of(file("")).code(), ErrorCode::usage);
    EXPECT_EQ(error_of(file("\n")).code(), ErrorCode::usage);
    EXPECT_EQ(error_of(file(std::string("hunter2\0x", 9))).code(), ErrorCode::usage);
    EXPECT_EQ(error_of(file(std::string(65536, 'x'))).code(), ErrorCode::usage);
    EXPECT_EQ(read(file(std::string(65535, 'x'))).size(), 65535U);
}

TEST_F(ReadSecret, DoesNotHangOnAFifoOrReadADirectory) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(error_of({Kind::file, path_.string(), {}}).code(), ErrorCode::usage);
    EXPECT_EQ(error_of({Kind::file, directory_.path().string(), {}}).code(), ErrorCode::usage);
}

TEST_F(ReadSecret, ReadsAVariable) {
    ::setenv("DRCTL_TEST_SECRET", "hunter2", 1);
    EXPECT_EQ(read({Kind::env, "DRCTL_TEST_SECRET", {}}), "hunter2");
    ::unsetenv("DRCTL_TEST_SECRET");
    const auto error = error_of({Kind::env, "DRCTL_TEST_SECRET", {}});
    EXPECT_EQ(error.code(), ErrorCode::refused);
    EXPECT_EQ(error.message(),
              "cannot read the secret from variable 'DRCTL_TEST_SECRET': it is not set");
    EXPECT_EQ(error.hint(),
              "sudo and cron drop the environment; { file = \"…\" } works everywhere");
}

TEST_F(ReadSecret, ReadsACredentialOfSystemd) {
    file("hunter2\n", 0400);
    ::setenv("CREDENTIALS_DIRECTORY", directory_.path().c_str(), 1);
    EXPECT_EQ(read({Kind::credential, "pw", {}}), "hunter2");
    EXPECT_EQ(error_of({Kind::credential, "../pw", {}}).code(), ErrorCode::usage);
    ::unsetenv("CREDENTIALS_DIRECTORY");
    const auto error = error_of({Kind::credential, "pw", {}});
    EXPECT_EQ(error.code(), ErrorCode::refused);
    EXPECT_EQ(error.hint(), "systemd sets it for a unit that has LoadCredential=pw:PATH; "
                            "elsewhere use { file = \"…\" }");
}

TEST_F(ReadSecret, RunsACommandWithoutAShell) {
    programs_.on({"pass", "show", "a b"}, FakeProcessRunner::exited(0, "hunter2\n"));
    EXPECT_EQ(read({Kind::command, {}, {"pass", "show", "a b"}}), "hunter2");
    ASSERT_EQ(programs_.calls().size(), 1U);
    EXPECT_EQ(programs_.calls()[0].argv, (Argv{"pass", "show", "a b"}));
}

TEST_F(ReadSecret, RepeatsNothingThatAFailedCommandSaid) {
    programs_.on({"pass"}, FakeProcessRunner::exited(2, "hunter2", "wrong key hunter2"));
    const auto error = error_of({Kind::command, {}, {"pass", "show", "a b"}});
    EXPECT_EQ(error.code(), ErrorCode::unreachable);
    EXPECT_EQ(error.message(),
              "cannot read the secret from command 'pass': it exited with status 2");
    EXPECT_EQ(error.hint(), "run it to see why: pass show 'a b'");
}

TEST_F(ReadSecret, PassesOnThatACommandCannotBeRun) {
    EXPECT_EQ(error_of({Kind::command, {}, {"nowhere"}}).code(), ErrorCode::unreachable);
}

TEST_F(ReadSecret, StopsWhenAsked) {
    system::StopSource stop;
    stop.request(2);
    try {
        static_cast<void>(read_secret(file("hunter2"), programs_, redactor_, stop.token()));
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
}

} // namespace
} // namespace drctl::config
