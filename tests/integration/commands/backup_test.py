# SPDX-License-Identifier: Apache-2.0
"""drctl backup list and verify: what is known of backups, and what a full read says."""

import gzip
import hashlib
import os
import pathlib
import pwd
import shutil
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "db_recover"))
from support import HostTest, main  # noqa: E402


class BackupTest(HostTest):
    def listed(self, *words, **how):
        """State and reason of each backup by its path."""
        done = self.host.run("backup", "list", "db", "shop", "--json", *words, **how)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {one["path"]: one for one in self.report_of(done)["backups"]}

    def verify(self, *words, **how):
        return self.host.run("backup", "verify", *words, "--json", **how)

    def add(self, content, **how):
        path = self.host.add_backup(content, raw=True, **how)
        self.addCleanup(path.unlink)
        return str(path)

    def test_list_knows_what_verify_found(self):
        whole = gzip.compress(self.host.dump)
        cut = self.add(whole[:-100], hours_ago=0.5)
        good = str(self.host.backup)
        self.assertEqual({one["state"] for one in self.listed().values()}, {"not-inspected"})

        done = self.verify("db", "shop")
        report = self.assert_verified(done, 10, "damaged")
        self.assertEqual([one["path"] for one in report["backups"]], [cut, good])  # newest first
        self.assertNotIn("not_looked_at", report)

        known = self.listed()
        self.assertEqual(known[good]["state"], "clean")
        self.assertEqual(known[good]["taken_from"], "the file's name")
        self.assertEqual(known[cut]["state"], "rejected")
        self.assertIn("truncated", known[cut]["reason"])
        # Another file under the same name is one that nobody has inspected.
        pathlib.Path(cut).write_bytes(whole)
        self.assertEqual(self.listed()[cut]["state"], "not-inspected")

    def assert_verified(self, done, exit_code, outcome):
        report = self.report_of(done)
        self.assertEqual((done.returncode, report["exit_code"], report["outcome"]),
                         (exit_code, exit_code, outcome), f"{done.stdout}\n{done.stderr}")
        return report

    def test_verify_reads_again_what_a_receipt_calls_clean(self):
        self.assert_verified(self.verify(), 0, "healthy")
        digest = hashlib.sha256(self.host.backup.read_bytes()).hexdigest()
        for receipt in (self.host.state / "receipts").iterdir():
            receipt.write_text(receipt.read_text().replace(digest, "0" * 64))
        self.assertEqual(self.listed()[str(self.host.backup)]["sha256"], "0" * 64)
        self.assert_verified(self.verify("shop"), 0, "healthy")
        self.assertEqual(self.listed()[str(self.host.backup)]["sha256"], digest)

    def test_a_file_from_elsewhere_and_no_server(self):
        elsewhere = self.host.root / "usb.sql.gz"
        shutil.copy(self.host.backup, elsewhere)
        self.addCleanup(elsewhere.unlink)
        self.host.stop()
        self.addCleanup(self.host.start)
        for words in (["db", "shop", elsewhere], ["shop", elsewhere], [elsewhere]):
            report = self.assert_verified(self.verify(*words), 0, "healthy")
            self.assertEqual([one["path"] for one in report["backups"]], [str(elsewhere)])
            self.assertIn("roles", report["not_looked_at"][0])

    def test_a_dump_of_another_database(self):
        dump = self.host.pg_dump("postgres", "--create")
        path = self.add(gzip.compress(dump), hours_ago=0.5)
        report = self.assert_verified(self.verify("db", "shop"), 10, "damaged")
        self.assertIn("database 'postgres'", report["backups"][0]["reason"])
        # Who names it says that it is the one; nobody has named it to a list.
        self.assert_verified(self.verify("shop", path), 0, "healthy")
        self.assertEqual(self.listed()[path]["state"], "rejected")
        self.assertIn("database 'postgres'", self.listed()[path]["reason"])

    def test_an_old_dump_in_a_file_that_was_copied_lately(self):
        started = time.strftime("-- Started on %Y-%m-%d %H:%M:%S UTC\n", time.gmtime(time.time() - 72 * 3600))
        copied = self.host.backups / "full_backup_copy.sql.gz"
        copied.write_bytes(gzip.compress(self.host.dump.replace(b"\nSET ", b"\n" + started.encode() + b"SET ", 1)))
        self.addCleanup(self._restore_backups)
        self.assertEqual(list(self.listed())[0], str(copied))
        report = self.assert_verified(self.verify(), 0, "healthy")
        for backups in (report["backups"], list(self.listed().values())):
            self.assertEqual([one["path"] for one in backups], [str(self.host.backup), str(copied)])
            self.assertEqual(backups[1]["taken_from"], "the dump itself")
        # A backup of yesterday is wanted, and the only one is older, however new its file is.
        self.host.backup.unlink()
        self.host.write_configuration(max_data_loss="26h")
        done = self.host.run("status", "--json")
        item = next(one for one in self.report_of(done)["items"] if one["kind"] == "backup")
        self.assertEqual(item["state"], "bad", item)
        self.assertIn("3d old, clean; more than max_data_loss", item["summary"])

    def test_a_backup_that_this_server_cannot_take(self):
        dump = self.host.dump.replace(b"OWNER TO postgres", b"OWNER TO nobody_here", 1)
        path = self.add(gzip.compress(dump), hours_ago=0.5)
        report = self.assert_verified(self.verify("db", "shop", path), 10, "damaged")
        self.assertIn("nobody_here", report["backups"][0]["reason"])
        # The file itself is whole: another server may have that role.
        self.assertEqual(self.listed()[path]["state"], "clean")

    def test_being_written_is_no_damage(self):
        with open(self.host.backup, "ab"):
            report = self.assert_verified(self.verify(), 3, "refused")
        self.assertEqual(report["backups"][0]["state"], "not-judged")
        self.assertEqual(self.listed()[str(self.host.backup)]["state"], "not-inspected")

    def test_archives_are_read_to_their_end(self):
        path = self.host.backups / "full_backup_20250102_030405.dump"
        path.write_bytes(self.host.pg_dump("seed", "-Fc"))
        self.addCleanup(path.unlink)
        self.assert_verified(self.verify("shop", path), 0, "healthy")
        path.write_bytes(path.read_bytes()[:-200])
        self.assert_verified(self.verify("shop", path), 10, "damaged")
        # Without the program that reads them nothing can be said.
        self.host.write_configuration(bin_dir=str(self.host.root))
        self.assert_ends(self.verify("shop", path), 7, "pg_restore")

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_an_account_that_may_not_read_them(self):
        nobody = pwd.getpwuid(65534).pw_name
        self.host.backup.chmod(0o600)
        self.addCleanup(self.host.backup.chmod, 0o644)
        known = self.listed(user=nobody)
        self.assertEqual(known[str(self.host.backup)]["state"], "not-judged")
        report = self.assert_verified(self.verify(user=nobody), 3, "refused")
        self.assertIn("Permission denied", report["backups"][0]["reason"])

    def test_what_is_wrong_with_the_question(self):
        self.assert_ends(self.verify("db", "shp"), 2, "shp")
        self.assert_ends(self.verify("db", "shop", "/no/such/file"), 3, "/no/such/file")
        self.assert_ends(self.host.run("backup", "list", "./shop", "--json"), 2, "whole directory")

    def test_nothing_to_verify_is_no_success(self):
        self.only_backup(b"").unlink()
        self.assertEqual(self.listed(), {})
        self.assert_ends(self.verify(), 3, "matches")

    def test_for_people(self):
        cut = self.add(gzip.compress(self.host.dump)[:-100], hours_ago=0.5)
        done = self.host.run("backup", "verify")
        self.assertEqual(done.returncode, 10)
        self.assertRegex(done.stdout, f"rejected .*{cut}.*truncated")
        self.assertIn("1 clean, 1 rejected", done.stdout)
        quiet = self.host.run("backup", "verify", "-q")
        self.assertNotIn(str(self.host.backup), quiet.stdout)
        self.assertIn("truncated", quiet.stdout)


if __name__ == "__main__":
    main()
