# SPDX-License-Identifier: Apache-2.0
"""Backups of every wrong kind: named with the reason, the next older clean one taken, or refused."""

import gzip
import os
import pathlib
import shutil
import subprocess
import unittest

from support import HostTest, main, stamp


class OnlyABadBackup(HostTest):
    """Nothing is stopped, nothing is made: exit 3, and why each file was rejected."""

    def check(self, content, *words, **how):
        self.only_backup(content, **how)
        self.assert_refused(3, *words)

    def test_cut_in_the_gzip_stream(self):
        whole = gzip.compress(self.host.dump)
        self.check(whole[: len(whole) // 2], "truncated", raw=True)

    def test_cut_in_the_gzip_trailer(self):
        whole = gzip.compress(self.host.dump)
        for missing in (1, 4, 7, 8):
            with self.subTest(missing=missing):
                self.check(whole[:-missing], "truncated", raw=True)

    def test_whole_gzip_of_half_a_dump(self):
        self.check(self.host.dump[: len(self.host.dump) // 2], "it ends within")

    def test_without_the_last_line(self):
        cut = self.host.dump[: self.host.dump.rindex(b"-- PostgreSQL database dump complete")]
        self.check(cut, "dump complete")

    def test_flipped_byte(self):
        whole = bytearray(gzip.compress(self.host.dump))
        whole[len(whole) // 2] ^= 0x40
        self.check(bytes(whole), raw=True)

    def test_swapped_chunks(self):
        whole = gzip.compress(self.host.dump)
        third = len(whole) // 3
        swapped = whole[:third] + whole[2 * third:] + whole[third:2 * third]
        self.check(swapped, raw=True)

    def test_empty(self):
        self.check(b"", "empty", raw=True)

    def test_garbage(self):
        self.check(b"this is no dump\n" * 100, suffix=".sql")

    def test_shell_escape_in_the_dump(self):
        marker = self.host.root / "shell-ran"
        evil = self.host.dump.replace(b"CREATE TABLE", b"\\! touch " + bytes(marker) + b"\nCREATE TABLE", 1)
        self.check(evil)
        self.assertFalse(marker.exists())

    def test_connect_to_another_database(self):
        self.check(self.host.dump.replace(b"CREATE TABLE", b"\\connect postgres\nCREATE TABLE", 1))

    def test_newer_major_version(self):
        dump = self.host.dump.replace(b"Dumped from database version 15", b"Dumped from database version 99")
        self.check(dump, "99")

    def test_wrong_sidecar(self):
        path = self.only_backup(self.host.dump)
        sidecar = pathlib.Path(str(path) + ".sha256")
        sidecar.write_text("0" * 64 + f"  {path.name}\n")
        self.assert_refused(3, "sha256")

    def test_dangling_symlink(self):
        path = self.only_backup(self.host.dump)
        path.unlink()
        path.symlink_to(self.host.root / "nowhere")
        self.assert_refused(3)

    def test_a_directory_of_that_name(self):
        path = self.only_backup(self.host.dump)
        path.unlink()
        path.mkdir()
        self.assert_refused(3)

    def test_being_written(self):
        path = self.only_backup(self.host.dump)
        with open(path, "ab"):
            self.assert_refused(3, "written")

    def test_role_missing(self):
        dump = self.host.dump.replace(b"OWNER TO postgres", b"OWNER TO nobody_here", 1)
        self.check(dump, "nobody_here")

    def test_extension_missing(self):
        dump = self.host.dump.replace(b"CREATE TABLE", b"CREATE EXTENSION no_such_extension;\nCREATE TABLE", 1)
        self.check(dump, "no_such_extension")

    def test_tablespace_missing(self):
        dump = self.host.dump.replace(b"SET default_tablespace = '';", b"SET default_tablespace = 'far_away';", 1)
        self.check(dump, "far_away")

    def test_locale_missing(self):
        collation = b"CREATE COLLATION public.c (provider = libc, locale = 'xx_XX.utf8');\nCREATE TABLE"
        self.check(self.host.dump.replace(b"CREATE TABLE", collation, 1), "locale xx_XX.utf8")

    def test_that_nobody_may_read(self):
        path = self.only_backup(self.host.dump)
        path.chmod(0)
        as_server = os.geteuid() == 0  # root reads everything
        if as_server:
            self.host.state.mkdir()
            self.host.give_to_server(self.host.state)
        self.assert_refused(3, "Permission denied", user=self.host.user if as_server else None)


class NoBackup(HostTest):
    def test_no_directory(self):
        moved = self.host.root / "elsewhere"
        self.host.backups.rename(moved)
        self.addCleanup(moved.rename, self.host.backups)
        self.assert_refused(3, str(self.host.backups))

    def test_no_file(self):
        self.only_backup(b"").unlink()
        self.assert_refused(3, "no backup")

    def test_named_file_does_not_exist(self):
        self.assert_refused(3, "/no/such/file", options=["--backup", "/no/such/file"])


class Archive(HostTest):
    def test_that_the_servers_account_cannot_read(self):
        self.host.sql("CREATE DATABASE fresh")
        self.addCleanup(self.host.sql, "DROP DATABASE IF EXISTS fresh")
        self.host.sql(self.host.dump.decode(), "fresh")
        path = self.only_backup(self.host.pg_dump("fresh", "--format=custom"), suffix=".dump")
        path.chmod(0o600)
        report = self.assert_recovered(self.host.recover())
        self.assertEqual(report["backup"]["path"], str(path))


class AnOlderCleanOne(HostTest):
    def test_is_taken_when_the_newest_is_cut(self):
        whole = gzip.compress(self.host.dump)
        cut = self.host.add_backup(whole[:-100], hours_ago=0.5, raw=True)
        self.addCleanup(cut.unlink)
        report = self.assert_recovered(self.host.recover())
        self.assertEqual(report["backup"]["path"], str(self.host.backup))
        self.assertEqual(report["backup"]["rejected"][0]["path"], str(cut))
        self.assertIn("truncated", report["backup"]["rejected"][0]["reason"])

    def test_is_taken_when_the_newest_is_in_the_future(self):
        future = self.host.add_backup(self.host.dump, hours_ago=-48)
        self.addCleanup(future.unlink)
        report = self.assert_recovered(self.host.recover())
        self.assertIn("future", report["backup"]["rejected"][0]["reason"])

    def test_before_a_time(self):
        newer = self.host.add_backup(self.host.dump, hours_ago=0.2)
        self.addCleanup(newer.unlink)
        before = stamp(0.5)
        time = f"{before[0:4]}-{before[4:6]}-{before[6:8]}T{before[9:11]}:{before[11:13]}:{before[13:15]}Z"
        report = self.assert_recovered(self.host.recover("--before", time))
        self.assertEqual(report["backup"]["path"], str(self.host.backup))

    def test_before_all_of_them(self):
        # Neither those that name their time nor those that only hold it; and none is read in full.
        undated = self.host.backups / "full_backup_undated.sql.gz"
        undated.write_bytes(gzip.compress(self.host.dump))
        self.addCleanup(undated.unlink)
        before = self.host.snapshot()
        time = "2020-01-01T00:00:00Z"
        report = self.assert_ends(self.host.recover("--before", time), 3, f"before {time}", "2 are newer",
                                  f"the oldest of them '{self.host.backup.name}'")
        self.assertNotIn("matches", report["error"])
        self.assertEqual(list(self.host.state.glob("receipts/*")), [])
        self.assertEqual(self.host.snapshot(), before)
        # The hint does what it says.
        option, accepted = report["hint"].split(": ")[1].split(";")[0].split()
        self.assertEqual(option, "--before")
        report = self.assert_recovered(self.host.recover(option, accepted))
        self.assertEqual(report["backup"]["path"], str(self.host.backup))

    def test_named(self):
        newer = self.host.add_backup(self.host.dump, hours_ago=0.2)
        self.addCleanup(newer.unlink)
        report = self.assert_recovered(self.host.recover("--backup", str(self.host.backup)))
        self.assertEqual(report["backup"]["path"], str(self.host.backup))


class Link(HostTest):
    def test_to_a_file_elsewhere(self):
        path = self.only_backup(self.host.dump)
        elsewhere = path.rename(self.host.root / "elsewhere.sql.gz")
        self.addCleanup(elsewhere.unlink)
        path.symlink_to(elsewhere)
        report = self.assert_recovered(self.host.recover())
        self.assertEqual(report["backup"]["path"], str(path))


class Properties(HostTest):
    """What is in no backup: whose database it was, and who might do what in it."""

    def test_of_roles_and_a_tablespace_that_are_gone_too(self):
        space = self.host.root / "space"
        space.mkdir(mode=0o700)
        self.host.give_to_server(space)
        self.host.sql("DROP DATABASE shop WITH (FORCE); CREATE ROLE boss; CREATE ROLE left_us; "
                      "CREATE ROLE heir; CREATE ROLE stays;")
        self.host.sql(f"CREATE TABLESPACE lost LOCATION '{space}'")
        self.host.sql("CREATE DATABASE shop OWNER boss TABLESPACE lost TEMPLATE template0")
        self.host.sql(self.host.dump.decode(), "shop")
        self.host.sql("GRANT CREATE ON DATABASE shop TO left_us WITH GRANT OPTION; "
                      "GRANT TEMPORARY ON DATABASE shop TO stays; "
                      "ALTER ROLE left_us IN DATABASE shop SET work_mem = '5MB'; "
                      "ALTER ROLE stays IN DATABASE shop SET work_mem = '6MB'; "
                      "SET SESSION AUTHORIZATION left_us; GRANT CREATE ON DATABASE shop TO heir")
        self.assert_ends(self.host.recover(), 0)  # somebody looks while all is well
        self.host.sql("DROP DATABASE shop WITH (FORCE); DROP ROLE boss; DROP ROLE left_us;")
        self.host.sql("DROP TABLESPACE lost")
        self.host.old = None

        told = self.host.run("db-recover", "shop", "--plan", "--json").stdout
        self.assertIn("owner 'boss' is gone: it will belong to 'postgres'", told)
        self.assertIn("tablespace 'lost' is gone", told)
        self.assertIn("gone: left_us", told)
        self.assert_recovered(self.host.recover())
        self.assertEqual(
            self.host.sql("SELECT pg_get_userbyid(datdba), spcname, has_database_privilege('heir', d.oid, 'CREATE'), "
                          "(SELECT count(*) FROM aclexplode(datacl) WHERE grantee = 'stays'::regrole) "
                          "FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace "
                          "WHERE datname = 'shop'"), ["postgres|pg_default|f|1"])
        self.assertEqual(self.host.sql("SELECT setrole::regrole, setconfig FROM pg_db_role_setting"),
                         ["stays|{work_mem=6MB}"])


class EveryFormat(HostTest):
    """The same rows come back from every kind of dump."""

    def dump_as(self, suffix, *options):
        self.only_backup(b"").unlink()
        path = self.host.backups / f"full_backup_{stamp(1)}{suffix}"
        self.host.sql("CREATE DATABASE whole TEMPLATE template0")
        self.addCleanup(self.host.sql, "DROP DATABASE IF EXISTS whole WITH (FORCE)")
        self.host.sql(self.host.dump.decode(), "whole")
        subprocess.run(["/usr/lib/postgresql/15/bin/pg_dump", "-h", self.host.sockets, "-U", "postgres",
                        "-f", path, *options, "whole"], check=True)
        self.host.sql("DROP DATABASE whole")
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        # Archives are read by pg_restore in the server's account.
        path.chmod(0o755 if path.is_dir() else 0o644)
        # Old enough to be no file that is still being written.
        for file in [path, *path.glob("*")]:
            os.utime(file, (1_700_000_000, 1_700_000_000))
        return path

    def test_plain(self):
        self.dump_as(".sql")
        self.assert_recovered(self.host.recover())

    def test_custom(self):
        self.dump_as(".dump", "-Fc")
        self.assert_recovered(self.host.recover())

    def test_tar(self):
        self.dump_as(".tar", "-Ft")
        self.assert_recovered(self.host.recover())

    def test_directory(self):
        self.dump_as(".dir", "-Fd")
        self.assert_recovered(self.host.recover())

    def test_with_what_psql_goes_past(self):
        self.dump_as(".sql", "--clean")
        done = self.host.recover()
        self.assert_recovered(done)
        self.assertRegex(done.stderr, r"warning: passed over: line \d+ \(.*DROP")

    def test_of_one_schema(self):
        self.dump_as(".sql", "--schema=public")
        done = self.host.recover()
        self.assert_recovered(done)
        self.assertRegex(done.stderr, r"passed over: line \d+ \(CREATE SCHEMA public\)")

    def test_with_a_locale_that_the_server_has(self):
        collation = b"CREATE COLLATION public.c (provider = libc, locale = 'C.UTF-8');\nCREATE TABLE"
        self.only_backup(self.host.dump.replace(b"CREATE TABLE", collation, 1))
        self.assert_recovered(self.host.recover())

    def test_with_create_and_clean(self):
        path = self.dump_as(".sql", "--create", "--clean", "--if-exists")
        # It says that it is of database 'whole', so somebody must mean it.
        self.assert_refused(3, "database 'whole'")
        self.assert_recovered(self.host.recover("--backup", path))


if __name__ == "__main__":
    main()
