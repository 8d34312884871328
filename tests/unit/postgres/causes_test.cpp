// SPDX-License-Identifier: Apache-2.0
#include "postgres/causes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace drctl::postgres {
namespace {

using Kind = Cause::Kind;

struct StatementCase {
    const char* sqlstate;
    const char* words;
    Kind kind;
    DamageScope scope;
    const char* file;
};

class ClassifyStatement : public testing::TestWithParam<StatementCase> {};

TEST_P(ClassifyStatement, TellsDamageFromTheRest) {
    const auto& expected = GetParam();
    const auto cause = classify(expected.sqlstate, expected.words);
    EXPECT_EQ(cause.kind, expected.kind) << name_of(cause.kind) << " for " << expected.words;
    EXPECT_EQ(cause.scope, expected.scope) << expected.words;
    EXPECT_EQ(cause.file, expected.file);
    EXPECT_EQ(cause.words, expected.words);
    EXPECT_EQ(cause.sqlstate, expected.sqlstate);
    EXPECT_EQ(cause.hint.empty(), cause.is_damage() || cause.kind == Kind::database_missing ||
                                      cause.kind == Kind::table_missing)
        << "every cause that a person has to fix says how";
}

constexpr auto none = DamageScope::none;

INSTANTIATE_TEST_SUITE_P(
    Messages, ClassifyStatement,
    testing::Values(
        StatementCase{"XX001", "ERROR: invalid page in block 0 of relation base/5/16384",
                      Kind::data_corrupted, DamageScope::database, "base/5/16384"},
        StatementCase{"XX001", "ERROR: invalid page in block 7 of relation global/1262",
                      Kind::data_corrupted, DamageScope::cluster, "global/1262"},
        StatementCase{"XX001",
                      "ERROR: could not read block 3 in file \"base/5/16384\": read only 0 of 8192 "
                      "bytes",
                      Kind::data_corrupted, DamageScope::database, "base/5/16384"},
        StatementCase{"XX001", "ERROR: missing chunk number 0 for toast value 16400",
                      Kind::data_corrupted, DamageScope::database, ""},
        StatementCase{"XX002", "ERROR: index \"t_pkey\" contains unexpected zero page at block 3",
                      Kind::index_corrupted, DamageScope::index, ""},
        StatementCase{"58P01",
                      "ERROR: could not open file \"base/5/16384\": No such file or directory",
                      Kind::file_missing, DamageScope::database, "base/5/16384"},
        StatementCase{"58P01",
                      "ERROR: could not open file \"pg_tblspc/16400/PG_15_202209061/5/16401\": No "
                      "such file or directory",
                      Kind::file_missing, DamageScope::database,
                      "pg_tblspc/16400/PG_15_202209061/5/16401"},
        StatementCase{"58P01",
                      "FATAL: could not open file \"global/pg_filenode.map\": No such file or "
                      "directory",
                      Kind::file_missing, DamageScope::cluster, "global/pg_filenode.map"},
        StatementCase{"XX000",
                      "FATAL: relation mapping file \"base/5/pg_filenode.map\" contains incorrect "
                      "checksum",
                      Kind::relation_map_damaged, DamageScope::database, "base/5/pg_filenode.map"},
        StatementCase{"22023", "FATAL: \"base/16385\" is not a valid data directory",
                      Kind::file_missing, DamageScope::database, "base/16385"},
        StatementCase{"58P01", "ERROR: could not access status of transaction 724",
                      Kind::transaction_status_damaged, DamageScope::database, ""},
        StatementCase{"3D000", "FATAL: database \"dao\" does not exist", Kind::database_missing,
                      none, ""},
        StatementCase{"42P01", "ERROR: relation \"daos\" does not exist", Kind::table_missing, none,
                      ""},
        StatementCase{
            "58P01",
            "ERROR: could not access file \"$libdir/postgis-3\": No such file or directory",
            Kind::library_missing, none, ""},
        StatementCase{"58P01",
                      "ERROR: could not open file \"/etc/postgresql/x\": No such file or directory",
                      Kind::unknown, none, ""},
        StatementCase{"42501", "ERROR: permission denied for table daos", Kind::privilege, none,
                      ""},
        StatementCase{"42501", "ERROR: could not open file \"base/5/1259\": Permission denied",
                      Kind::permissions, none, "base/5/1259"},
        StatementCase{"57014", "ERROR: canceling statement due to statement timeout",
                      Kind::timed_out, none, ""},
        StatementCase{"53300", "FATAL: sorry, too many clients already", Kind::too_many_clients,
                      none, ""},
        StatementCase{"28P01", "FATAL: password authentication failed for user \"u\"",
                      Kind::authentication, none, ""},
        StatementCase{"XX000", "FATAL: could not write init file", Kind::disk_full, none, ""},
        StatementCase{"53100",
                      "ERROR: could not extend file \"base/5/16384\": No space left on device",
                      Kind::disk_full, none, "base/5/16384"},
        StatementCase{
            "53100",
            "ERROR: could not resize shared memory segment \"/PostgreSQL.1\" to 1 bytes: No "
            "space left on device",
            Kind::memory, none, ""},
        StatementCase{"53200", "ERROR: out of memory", Kind::memory, none, ""},
        StatementCase{"58030",
                      "ERROR: could not read block 1 in file \"base/5/1\": Input/output error",
                      Kind::disk_failing, none, "base/5/1"},
        StatementCase{"55P03", "ERROR: canceling statement due to lock timeout", Kind::locked, none,
                      ""},
        StatementCase{"57P01", "FATAL: terminating connection due to administrator command",
                      Kind::gone, none, ""},
        StatementCase{"XX000", "ERROR: cache lookup failed for relation 16384", Kind::unknown, none,
                      ""},
        // Whatever language the server speaks, the path says what is damaged.
        StatementCase{"XX001", "FEHLER: ungültige Seite in Block 3 von Relation base/16384/16402",
                      Kind::data_corrupted, DamageScope::database, "base/16384/16402"},
        StatementCase{"XX001", "ERROR: リレーションglobal/1262のブロック0に不正なページ",
                      Kind::data_corrupted, DamageScope::cluster, "global/1262"},
        StatementCase{"XX001", "ERROR: invalid page in block 3 of relation \"base/5/16402\"",
                      Kind::data_corrupted, DamageScope::database, "base/5/16402"},
        StatementCase{"58P01",
                      "FEHLER: konnte Datei »base/5/16384_vm.1« nicht öffnen: Datei oder "
                      "Verzeichnis nicht gefunden",
                      Kind::file_missing, DamageScope::database, "base/5/16384_vm.1"},
        StatementCase{"58P01",
                      "FATAL: n'a pas pu ouvrir le fichier « base/5/pg_filenode.map » : Aucun "
                      "fichier ou dossier de ce type",
                      Kind::file_missing, DamageScope::database, "base/5/pg_filenode.map"},
        StatementCase{"58P01", "ERROR: ფაილის (pg_xact/0000) გახსნის შეცდომა", Kind::file_missing,
                      DamageScope::cluster, "pg_xact/0000"},
        // What only looks like a part of such a path is no file of the server.
        StatementCase{"58P01", "ERROR: could not open file \"/srv/base/5/16384\": No such file",
                      Kind::unknown, none, ""},
        StatementCase{"58P01", "ERROR: could not open file \"base/pgsql_tmp/x\": No such file",
                      Kind::unknown, none, ""},
        StatementCase{"58P01", "ERROR: could not open file \"global/notes.txt\": No such file",
                      Kind::unknown, none, ""},
        StatementCase{"58P01", "ERROR: could not open file \"base/5/t3_16384\": No such file",
                      Kind::file_missing, DamageScope::database, "base/5/t3_16384"},
        // A user's names must not look like the server's words.
        StatementCase{"42703", "ERROR: column \"No space left on device\" does not exist",
                      Kind::unknown, none, ""},
        StatementCase{"42P01", "ERROR: relation \"base/5/1\" does not exist", Kind::table_missing,
                      none, "base/5/1"}));

struct StartCase {
    const char* log; ///< what PostgreSQL 15 wrote
    Kind kind;
    DamageScope scope;
    const char* words; ///< a part of Cause::words
};

class ClassifyStart : public testing::TestWithParam<StartCase> {};

TEST_P(ClassifyStart, TellsDamageFromTheRest) {
    const auto& expected = GetParam();
    const auto cause = classify_start_log(expected.log);
    ASSERT_TRUE(cause.has_value()) << expected.log;
    EXPECT_EQ(cause->kind, expected.kind) << name_of(cause->kind) << " for " << expected.log;
    EXPECT_EQ(cause->scope, expected.scope) << expected.log;
    EXPECT_NE(cause->words.find(expected.words), std::string::npos) << cause->words;
    EXPECT_EQ(cause->words.find('\n'), std::string::npos) << cause->words;
    EXPECT_EQ(cause->hint.empty(), cause->is_damage());
}

INSTANTIATE_TEST_SUITE_P(
    Damage, ClassifyStart,
    testing::Values(
        StartCase{"[1] XX000 FATAL:  incorrect checksum in control file\n",
                  Kind::control_file_damaged, DamageScope::cluster,
                  "FATAL: incorrect checksum in control file"},
        StartCase{"[1] 00000 LOG:  starting PostgreSQL 15.20\n"
                  "[2] 00000 LOG:  invalid primary checkpoint record\n"
                  "[2] XX000 PANIC:  could not locate a valid checkpoint record\n"
                  "[1] 00000 LOG:  startup process (PID 2) was terminated by signal 6: Aborted\n",
                  Kind::no_valid_checkpoint, DamageScope::cluster, "PANIC: could not locate"},
        StartCase{"[2] 58P01 FATAL:  could not access status of transaction 724\n"
                  "[2] 58P01 DETAIL:  Could not open file \"pg_xact/0000\": No such file or "
                  "directory.\n",
                  Kind::file_missing, DamageScope::cluster, "pg_xact/0000"},
        StartCase{"[2] XX000 FATAL:  could not access status of transaction 724\n"
                  "[2] XX000 DETAIL:  Could not read from file \"pg_xact/0000\" at offset 0: read "
                  "too few bytes.\n",
                  Kind::transaction_status_damaged, DamageScope::cluster, "read too few bytes"},
        StartCase{
            "[2] 58P01 FATAL:  could not open file \"global/pg_filenode.map\": No such file or "
            "directory\n",
            Kind::file_missing, DamageScope::cluster, "global/pg_filenode.map"},
        StartCase{"[2] XX000 FATAL:  relation mapping file \"global/pg_filenode.map\" contains "
                  "incorrect checksum\n",
                  Kind::relation_map_damaged, DamageScope::cluster, "incorrect checksum"},
        StartCase{
            "postgres: could not find the database system\nExpected to find it in the directory "
            "\"/d\",\nbut could not open file \"/d/global/pg_control\": No such file or "
            "directory\n",
            Kind::file_missing, DamageScope::cluster, "could not find the database system"},
        StartCase{"[2] XX001 FATAL:  invalid page in block 0 of relation global/1260\n",
                  Kind::data_corrupted, DamageScope::cluster, "invalid page"}));

INSTANTIATE_TEST_SUITE_P(
    Blocked, ClassifyStart,
    testing::Values(
        StartCase{"[1] 42704 LOG:  unrecognized configuration parameter \"shard_buffers\" in file "
                  "\"/d/postgresql.conf\" line 817\n"
                  "[1] F0000 FATAL:  configuration file \"/d/postgresql.conf\" contains errors\n",
                  Kind::configuration, none,
                  "shard_buffers\" in file \"/d/postgresql.conf\" line 817"},
        StartCase{
            "[1] 42601 LOG:  syntax error in file \"/d/postgresql.conf\" line 817, near token "
            "\"=\"\n"
            "[1] F0000 FATAL:  configuration file \"/d/postgresql.conf\" contains errors\n",
            Kind::configuration, none, "line 817"},
        StartCase{
            "[1] 58P01 LOG:  could not open configuration file \"/d/nofile.conf\": No such file "
            "or directory\n"
            "[1] F0000 FATAL:  configuration file \"/d/postgresql.conf\" contains errors\n",
            Kind::configuration, none, "nofile.conf"},
        StartCase{"postgres: superuser_reserved_connections (3) must be less than max_connections "
                  "(1)\n",
                  Kind::configuration, none, "max_connections"},
        StartCase{
            "postgres: could not access the server configuration file \"/d/postgresql.conf\": "
            "No such file or directory\n",
            Kind::configuration, none, "postgresql.conf"},
        StartCase{
            "[1] 58P01 FATAL:  could not access file \"nosuchlib\": No such file or directory\n",
            Kind::preload_library, none, "nosuchlib"},
        StartCase{"[1] 55000 FATAL:  data directory \"/d\" has invalid permissions\n"
                  "[1] 55000 DETAIL:  Permissions should be u=rwx (0700) or u=rwx,g=rx (0750).\n",
                  Kind::permissions, none, "(0750)"},
        StartCase{
            "postgres: could not find the database system\nExpected to find it in the directory "
            "\"/d\",\nbut could not open file \"/d/global/pg_control\": Permission denied\n",
            Kind::permissions, none, "Permission denied"},
        StartCase{"[1] 22023 FATAL:  \"/d\" is not a valid data directory\n"
                  "[1] 22023 DETAIL:  File \"/d/PG_VERSION\" is missing.\n",
                  Kind::not_a_data_directory, none, "PG_VERSION"},
        StartCase{"[1] 22023 FATAL:  database files are incompatible with server\n"
                  "[1] 22023 DETAIL:  The data directory was initialized by PostgreSQL version 14, "
                  "which is not compatible with this version 15.20.\n",
                  Kind::other_major, none, "PostgreSQL version 14"},
        StartCase{
            "[1] XX000 FATAL:  could not map anonymous shared memory: Cannot allocate memory\n"
            "[1] XX000 HINT:  This error usually means …\n",
            Kind::memory, none, "Cannot allocate memory"},
        StartCase{
            "[1] 58P01 LOG:  could not open configuration file \"/d/pg_hba.conf\": No such file "
            "or directory\n[1] XX000 FATAL:  could not load pg_hba.conf\n",
            Kind::access_configuration, none, "pg_hba.conf\": No such"},
        StartCase{"[1] F0000 LOG:  invalid connection type \"garbage\"\n"
                  "[1] F0000 CONTEXT:  line 99 of configuration file \"/d/pg_hba.conf\"\n"
                  "[1] XX000 FATAL:  could not load pg_hba.conf\n",
                  Kind::access_configuration, none, "line 99"},
        StartCase{
            "[2] 22023 FATAL:  must specify restore_command when standby mode is not enabled\n",
            Kind::recovery_configuration, none, "restore_command"},
        StartCase{
            "[1] XX000 LOG:  could not bind IPv4 address \"1.2.3.4\": Cannot assign requested "
            "address\n[1] 01000 WARNING:  could not create listen socket for \"1.2.3.4\"\n"
            "[1] XX000 FATAL:  could not create any TCP/IP sockets\n",
            Kind::address_unusable, none, "1.2.3.4"},
        StartCase{"[1] XX000 LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in "
                  "use\n[1] XX000 HINT:  Is another postmaster already running on port 5432?\n"
                  "[1] XX000 FATAL:  could not create any TCP/IP sockets\n",
                  Kind::address_taken, none, "Address already in use"},
        StartCase{"[1] F0001 FATAL:  lock file \"/run/.s.PGSQL.5432.lock\" already exists\n"
                  "[1] F0001 HINT:  Is another postmaster (PID 7) using socket file "
                  "\"/run/.s.PGSQL.5432\"?\n",
                  Kind::address_taken, none, ".s.PGSQL.5432.lock"},
        StartCase{
            "[1] F0001 FATAL:  lock file \"postmaster.pid\" already exists\n"
            "[1] F0001 HINT:  Is another postmaster (PID 7) running in data directory \"/d\"?\n",
            Kind::another_postmaster, none, "postmaster.pid"},
        StartCase{
            "[1] F0000 FATAL:  could not load server certificate file \"server.crt\": No such "
            "file or directory\n",
            Kind::tls, none, "server.crt"},
        StartCase{"[1] 58P01 FATAL:  data directory \"/nonexistent\" does not exist\n",
                  Kind::data_directory_missing, none, "/nonexistent"},
        StartCase{"[2] XX000 FATAL:  required WAL directory \"pg_wal\" does not exist\n",
                  Kind::volume_not_mounted, none, "pg_wal"},
        StartCase{"[2] XX000 FATAL:  could not locate required checkpoint record\n"
                  "[2] XX000 HINT:  If you are restoring from a backup, …\n",
                  Kind::backup_label, none, "checkpoint record"},
        StartCase{
            "[2] 53100 PANIC:  could not write to file \"pg_wal/xlogtemp.2\": No space left on "
            "device\n",
            Kind::disk_full, none, "pg_wal"},
        StartCase{
            "[1] 53100 FATAL:  could not write lock file \"postmaster.pid\": No space left on "
            "device\n",
            Kind::disk_full, none, "postmaster.pid"},
        StartCase{
            "[2] 58030 FATAL:  could not read file \"global/pg_control\": Input/output error\n",
            Kind::disk_failing, none, "Input/output error"},
        StartCase{"[2] XX000 PANIC:  WAL contains references to invalid pages\n", Kind::unknown,
                  none, "invalid pages"}));

TEST(ClassifyStart, SkipsWhatWasSaidToClientsAndWorkers) {
    const auto cause = classify_start_log(
        "[3] 57P03 FATAL:  the database system is starting up\n"
        "[4] 3D000 FATAL:  database \"x\" does not exist\n"
        "[5] 57P01 FATAL:  terminating background worker \"w\" due to administrator command\n"
        "[2] XX000 PANIC:  could not locate a valid checkpoint record\n");
    ASSERT_TRUE(cause.has_value());
    EXPECT_EQ(cause->kind, Kind::no_valid_checkpoint);
}

TEST(ClassifyStart, FindsNothingInTheLogOfAServerThatCameUp) {
    EXPECT_EQ(
        classify_start_log("[1] 00000 LOG:  database system is ready to accept connections\n"),
        std::nullopt);
    EXPECT_EQ(classify_start_log(""), std::nullopt);
    EXPECT_EQ(classify_start_log("[1] 57P03 FATAL:  the database system is starting up\n[\n] \n"),
              std::nullopt);
}

TEST(ClassifyStart, KeepsNoDetailThatMayQuoteRowsOrSecrets) {
    for (const auto* log :
         {"[4] XX000 FATAL:  archive command was terminated by signal 9: Killed\n"
          "[4] XX000 DETAIL:  The failed archive command was: curl -u me:hunter22 …\n",
          "[2] XX001 FATAL:  invalid page in block 0 of relation base/5/16384\n"
          "[2] XX001 CONTEXT:  WAL redo at 0/15 for LogicalMessage/MESSAGE: payload hunter22\n",
          "[6] 23505 ERROR:  duplicate key value violates unique constraint \"t_pkey\"\n"
          "[6] 23505 DETAIL:  Key (name)=(hunter22) already exists.\n"
          "[1] XX000 FATAL:  could not start background workers\n"}) {
        const auto cause = classify_start_log(log);
        ASSERT_TRUE(cause.has_value()) << log;
        EXPECT_EQ(cause->words.find("hunter22"), std::string::npos) << cause->words;
        EXPECT_EQ(cause->words.find("duplicate"), std::string::npos) << cause->words;
    }
    const auto standby = classify_start_log(
        "[2] 22023 FATAL:  recovery aborted because of insufficient parameter settings\n"
        "[2] 22023 DETAIL:  max_connections = 50 is a lower setting than on the primary server, "
        "where its value was 100.\n");
    EXPECT_NE(standby->words.find("max_connections = 50"), std::string::npos) << standby->words;
}

TEST(ClassifyError, TakesWhatTheConnectionFoundOut) {
    const auto lost =
        classify(Error(ErrorCode::unreachable, "cannot read").with("connection", "lost"));
    EXPECT_EQ(lost.kind, Kind::gone);
    EXPECT_FALSE(lost.is_damage());
    EXPECT_EQ(classify(Error(ErrorCode::timed_out, "no answer")).kind, Kind::timed_out);
    const auto damage = classify(Error(ErrorCode::damaged, "x")
                                     .with("sqlstate", "XX001")
                                     .with("server_says", "ERROR: invalid page"));
    EXPECT_TRUE(damage.is_damage());
    EXPECT_EQ(damage.words, "ERROR: invalid page");
    EXPECT_EQ(classify(Error(ErrorCode::failed, "?")).kind, Kind::unknown);
}

} // namespace
} // namespace drctl::postgres
