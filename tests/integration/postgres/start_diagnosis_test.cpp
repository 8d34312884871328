// SPDX-License-Identifier: Apache-2.0
#include "postgres/start_diagnosis.hpp"

#include "support/fake_process_runner.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <future>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <thread>

namespace drctl::postgres {
namespace {

using test::PostgresCluster;
using Kind = Cause::Kind;

Cause diagnose(const PostgresCluster& cluster, const config::Database& database) {
    const system::SystemProcessRunner processes;
    const system::SystemClock clock;
    auto cause = diagnose_start(database, processes, clock, {});
    EXPECT_FALSE(cluster.running()) << "the server was left running";
    return cause;
}

Cause diagnose(const PostgresCluster& cluster) {
    return diagnose(cluster, cluster.database("postgres"));
}

void overwrite(const fs::path& file, std::streamoff offset, const std::string& bytes) {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(offset);
    out << bytes;
}

/// A way to break a cluster that is shut down, and what must be found.
struct Breakage {
    const char* name;
    std::function<void(PostgresCluster&)> apply;
    Kind kind;
    DamageScope scope;
    const char* words; ///< a part of the cause's words
};

Breakage setting(const char* name, const char* line, Kind kind, const char* words) {
    return {name, [line](PostgresCluster& cluster) { cluster.append_configuration(line); }, kind,
            DamageScope::none, words};
}

class DiagnoseStart : public testing::TestWithParam<Breakage> {};

TEST_P(DiagnoseStart, NamesTheCauseAndLeavesEverythingAsItWas) {
    const auto& breakage = GetParam();
    PostgresCluster cluster({.initdb = {}, .settings = {}, .tcp = false, .start = false});
    breakage.apply(cluster);
    const auto cause = diagnose(cluster);
    EXPECT_EQ(cause.kind, breakage.kind) << name_of(cause.kind) << ": " << cause.words;
    EXPECT_EQ(cause.scope, breakage.scope) << cause.words;
    EXPECT_NE(cause.words.find(breakage.words), std::string::npos) << cause.words;
    EXPECT_EQ(cause.hint.empty(), cause.is_damage());
}

INSTANTIATE_TEST_SUITE_P(
    Configuration, DiagnoseStart,
    testing::Values(
        setting("Typo", "shard_buffers = 1\n", Kind::configuration, "shard_buffers"),
        setting("BadValue", "shared_buffers = abc\n", Kind::configuration, "shared_buffers"),
        setting("Syntax", "what = = this\n", Kind::configuration, "syntax error"),
        setting("Include", "include 'none.conf'\n", Kind::configuration, "none.conf"),
        setting("PreloadLibrary", "shared_preload_libraries = 'nosuchlib'\n", Kind::preload_library,
                "nosuchlib"),
        setting("Memory", "shared_buffers = 900GB\n", Kind::memory, "Cannot allocate memory"),
        setting("Tls", "ssl = on\nssl_cert_file = 'none.crt'\n", Kind::tls, "none.crt"),
        setting("Address", "listen_addresses = '192.0.2.1'\n", Kind::address_unusable, "192.0.2.1"),
        setting("OtherDirectory", "data_directory = '/tmp'\n", Kind::other_data_directory, "/tmp"),
        Breakage{"AccessFile",
                 [](PostgresCluster& cluster) {
                     std::ofstream(cluster.data_dir() / "pg_hba.conf", std::ios::app)
                         << "garbage\n";
                 },
                 Kind::access_configuration, DamageScope::none, "garbage"},
        Breakage{
            "ConfigurationFileGone",
            [](PostgresCluster& cluster) { fs::remove(cluster.data_dir() / "postgresql.conf"); },
            Kind::configuration, DamageScope::none, "postgresql.conf"},
        Breakage{"RecoverySignal",
                 [](PostgresCluster& cluster) {
                     std::ofstream(cluster.data_dir() / "recovery.signal");
                     cluster.give(cluster.data_dir());
                 },
                 Kind::recovery_configuration, DamageScope::none, "restore_command"}),
    [](const auto& each) { return each.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Surroundings, DiagnoseStart,
    testing::Values(
        Breakage{"Missing",
                 [](PostgresCluster& cluster) {
                     fs::rename(cluster.data_dir(), cluster.root() / "away");
                 },
                 Kind::data_directory_missing, DamageScope::none, "does not exist"},
        Breakage{"Empty",
                 [](PostgresCluster& cluster) {
                     fs::rename(cluster.data_dir(), cluster.root() / "away");
                     fs::create_directory(cluster.data_dir());
                 },
                 Kind::data_directory_empty, DamageScope::none, "is empty"},
        Breakage{"Foreign",
                 [](PostgresCluster& cluster) { fs::remove(cluster.data_dir() / "PG_VERSION"); },
                 Kind::not_a_data_directory, DamageScope::none, "PG_VERSION"},
        Breakage{"Mode",
                 [](PostgresCluster& cluster) {
                     fs::permissions(cluster.data_dir(), static_cast<fs::perms>(0755));
                 },
                 Kind::permissions, DamageScope::none, "0755"},
        Breakage{"OtherMajor",
                 [](PostgresCluster& cluster) {
                     std::ofstream(cluster.data_dir() / "PG_VERSION") << "9.6\n";
                 },
                 Kind::other_major, DamageScope::none, "9.6"},
        Breakage{"WalVolumeGone",
                 [](PostgresCluster& cluster) {
                     fs::rename(cluster.data_dir() / "pg_wal", cluster.root() / "wal");
                     fs::create_directory_symlink(cluster.root() / "not-mounted",
                                                  cluster.data_dir() / "pg_wal");
                 },
                 Kind::volume_not_mounted, DamageScope::none, "pg_wal"},
        Breakage{"WalVolumeEmpty",
                 [](PostgresCluster& cluster) {
                     fs::rename(cluster.data_dir() / "pg_wal", cluster.root() / "wal");
                     fs::create_directory(cluster.data_dir() / "pg_wal");
                     cluster.give(cluster.data_dir());
                 },
                 Kind::volume_not_mounted, DamageScope::none, "pg_wal"},
        Breakage{"BackupLabel",
                 [](PostgresCluster& cluster) {
                     std::ofstream(cluster.data_dir() / "backup_label")
                         << "START WAL LOCATION: 0/9000028 (file 000000010000000000000009)\n"
                            "CHECKPOINT LOCATION: 0/9000060\nBACKUP METHOD: streamed\n"
                            "BACKUP FROM: primary\nSTART TIME: 2026-01-01 00:00:00 UTC\n"
                            "LABEL: none\nSTART TIMELINE: 1\n";
                     cluster.give(cluster.data_dir());
                 },
                 Kind::backup_label, DamageScope::none, "checkpoint record"},
        Breakage{"Nothing", [](PostgresCluster&) {}, Kind::service_manager, DamageScope::none,
                 "comes up"}),
    [](const auto& each) { return each.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Damage, DiagnoseStart,
    testing::Values(Breakage{"ControlFile",
                             [](PostgresCluster& cluster) {
                                 overwrite(cluster.data_dir() / "global" / "pg_control", 60,
                                           "XXXX");
                             },
                             Kind::control_file_damaged, DamageScope::cluster, "CRC"},
                    Breakage{"ControlFileGone",
                             [](PostgresCluster& cluster) {
                                 fs::remove(cluster.data_dir() / "global" / "pg_control");
                             },
                             Kind::file_missing, DamageScope::cluster, "pg_control"},
                    Breakage{"WalGone",
                             [](PostgresCluster& cluster) {
                                 for (const auto& entry :
                                      fs::directory_iterator(cluster.data_dir() / "pg_wal")) {
                                     if (entry.is_regular_file()) {
                                         fs::remove(entry);
                                     }
                                 }
                             },
                             Kind::no_valid_checkpoint, DamageScope::cluster, "checkpoint record"},
                    Breakage{"TransactionStatusGone",
                             [](PostgresCluster& cluster) {
                                 fs::remove(cluster.data_dir() / "pg_xact" / "0000");
                             },
                             Kind::file_missing, DamageScope::cluster, "pg_xact/0000"},
                    Breakage{"TransactionStatusCut",
                             [](PostgresCluster& cluster) {
                                 fs::resize_file(cluster.data_dir() / "pg_xact" / "0000", 0);
                             },
                             Kind::transaction_status_damaged, DamageScope::cluster,
                             "pg_xact/0000"}),
    [](const auto& each) { return each.param.name; });

TEST(DiagnoseStartBeside, AServerThatRunsLeavesItAlone) {
    PostgresCluster cluster;
    const system::SystemProcessRunner processes;
    const system::SystemClock clock;
    const auto pid = cluster.postmaster_pid();
    const auto cause = diagnose_start(cluster.database("postgres"), processes, clock, {});
    EXPECT_EQ(cause.kind, Kind::another_postmaster) << cause.words;
    EXPECT_NE(cause.words.find(std::to_string(pid)), std::string::npos) << cause.words;
    EXPECT_EQ(cluster.psql("postgres", "SELECT 1"), "1");
    EXPECT_EQ(cluster.postmaster_pid(), pid);
}

TEST(DiagnoseStartBeside, AnotherServerOnItsSocketNamesTheSocket) {
    const PostgresCluster first;
    PostgresCluster second({.initdb = {}, .settings = {}, .tcp = false, .start = false});
    second.append_configuration("unix_socket_directories = '" + first.socket_dir().string() +
                                "'\n");
    const auto cause = diagnose(second);
    EXPECT_EQ(cause.kind, Kind::address_taken) << name_of(cause.kind) << ": " << cause.words;
    EXPECT_NE(cause.words.find(".s.PGSQL."), std::string::npos) << cause.words;
}

TEST(DiagnoseStartBeside, AProgramOnItsPortNamesThePort) {
    PostgresCluster cluster({.initdb = {}, .settings = {}, .tcp = true, .start = false});
    const system::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(cluster.port())));
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(fd.get(), 1), 0);
    const auto cause = diagnose(cluster);
    EXPECT_EQ(cause.kind, Kind::address_taken) << name_of(cause.kind) << ": " << cause.words;
}

TEST(DiagnoseStartBeside, AnOwnerWhoIsNotTheServersAccount) {
    if (!system::running_as_root()) {
        GTEST_SKIP() << "not root: cannot give files away";
    }
    PostgresCluster cluster({.initdb = {}, .settings = {}, .tcp = false, .start = false});
    ASSERT_EQ(::chown(cluster.data_dir().c_str(), 0, 0), 0);
    const auto cause = diagnose(cluster);
    EXPECT_EQ(cause.kind, Kind::permissions) << name_of(cause.kind) << ": " << cause.words;
    cluster.give(cluster.data_dir());
    // Deep inside it only the server finds out.
    ASSERT_EQ(::chown((cluster.data_dir() / "global").c_str(), 0, 0), 0);
    EXPECT_EQ(diagnose(cluster).kind, Kind::permissions);
}

TEST(DiagnoseStartBeside, AProgramThatIsNotInstalled) {
    PostgresCluster cluster({.initdb = {}, .settings = {}, .tcp = false, .start = false});
    auto database = cluster.database("postgres");
    database.bin_dir = cluster.root();
    EXPECT_EQ(diagnose(cluster, database).kind, Kind::program_missing);
}

TEST(DiagnoseStartBeside, WhatAProgramSaysIsQuotedWithoutSecrets) {
    const PostgresCluster cluster({.initdb = {}, .settings = {}, .tcp = false, .start = false});
    system::Redactor redactor;
    redactor.add(system::Secret("hunter22"));
    auto failed = test::FakeProcessRunner::exited(1, "", "cannot go on with hunter22\n");
    failed.redactor = &redactor;
    test::FakeProcessRunner processes;
    processes.on({PostgresCluster::bin_dir() / "postgres"}, failed);
    const system::SystemClock clock;
    const auto cause = diagnose_start(cluster.database("postgres"), processes, clock, {});
    EXPECT_EQ(cause.kind, Kind::configuration) << cause.words;
    EXPECT_NE(cause.words.find("cannot go on with [redacted]"), std::string::npos) << cause.words;
}

/// A file system of a few megabytes, so that it can be full.
class SmallVolume {
  public:
    explicit SmallVolume(fs::path point, const char* options) : point_(std::move(point)) {
        fs::create_directory(point_);
        mounted_ = ::mount("tmpfs", point_.c_str(), "tmpfs", 0, options) == 0;
    }
    SmallVolume(const SmallVolume&) = delete;
    SmallVolume& operator=(const SmallVolume&) = delete;
    ~SmallVolume() {
        if (mounted_) {
            ::umount2(point_.c_str(), MNT_DETACH);
        }
    }
    [[nodiscard]] bool mounted() const noexcept { return mounted_; }

  private:
    fs::path point_;
    bool mounted_ = false;
};

TEST(DiagnoseStartBeside, AFullVolumeOfTheWal) {
    PostgresCluster cluster({.initdb = {}, .settings = {}, .tcp = false, .start = false});
    const SmallVolume volume(cluster.root() / "wal", "size=17m");
    if (!volume.mounted()) {
        GTEST_SKIP() << "cannot mount a small volume: not root, or inside a container";
    }
    // Crashed after its only segment was full: recovery needs a second one.
    cluster.start();
    cluster.psql("postgres", "CREATE TABLE t AS SELECT repeat('x', 500) FROM "
                             "generate_series(1, 20000)");
    cluster.kill_all();
    const auto wal = cluster.data_dir() / "pg_wal";
    std::vector<fs::path> segments;
    for (const auto& entry : fs::directory_iterator(wal)) {
        segments.push_back(entry.path());
    }
    std::sort(segments.begin(), segments.end());
    ASSERT_GE(segments.size(), 2U);
    fs::copy(segments.front(), cluster.root() / "wal");
    std::ofstream(cluster.root() / "wal" / "ballast") << std::string(1 << 20, 'x');
    fs::rename(wal, cluster.root() / "old-wal");
    fs::create_directory_symlink(cluster.root() / "wal", wal);
    cluster.give(cluster.root());
    const auto cause = diagnose(cluster);
    EXPECT_EQ(cause.kind, Kind::disk_full) << name_of(cause.kind) << ": " << cause.words;
    EXPECT_NE(cause.words.find("pg_wal"), std::string::npos) << cause.words;
}

TEST(DiagnoseStartBeside, AStopEndsTheTrialServer) {
    // A standby that waits for what never comes does not come up, nor does it end.
    PostgresCluster cluster({.initdb = {},
                             .settings = {{"restore_command", "'false'"}, {"hot_standby", "off"}},
                             .tcp = false,
                             .start = false});
    std::ofstream(cluster.data_dir() / "standby.signal");
    cluster.give(cluster.data_dir());
    system::StopSource source;
    const system::SystemProcessRunner processes;
    const system::SystemClock clock;
    auto diagnosis = std::async(std::launch::async, [&] {
        return diagnose_start(cluster.database("postgres"), processes, clock, source.token());
    });
    while (!cluster.running()) {
        std::this_thread::yield();
    }
    source.request(SIGTERM);
    EXPECT_THROW(diagnosis.get(), Error);
    EXPECT_FALSE(cluster.running());
}

} // namespace
} // namespace drctl::postgres
