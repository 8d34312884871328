# SPDX-License-Identifier: Apache-2.0
"""Volumes that are full before, or fill up in the middle of, a recovery."""

import os
import re
import shutil
import subprocess
import unittest

from gated import GatedTest
from support import BIN, HostTest, main


def mount(path, size, *options):
    """A volume in memory at `path`; SkipTest where this machine lets nobody mount one."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", *options]),
                           "tmpfs", path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest("cannot mount a small volume: not root, or inside a container")


def unmount(path):
    subprocess.run(["umount", "--lazy", path], check=True)


def fill(path, spare=0):
    """Makes the volume as small as what is on it, and what is to be spared."""
    volume = os.statvfs(path)
    used = (volume.f_blocks - volume.f_bfree) * volume.f_frsize
    mount(path, max(4096, used + spare), "remount")


def move_data(test, size):
    """Puts the data directory on a volume of its own until the test has ended."""
    host, good = test.host, test.host.root / "data.good"
    host.stop()
    host.data.rename(good)
    host.data.mkdir()

    def put_back():
        host.data.rmdir()
        good.rename(host.data)
        host.start()

    test.addCleanup(put_back)
    mount(host.data, size)
    test.addCleanup(unmount, host.data)
    shutil.copytree(good, host.data, symlinks=True, dirs_exist_ok=True)
    subprocess.run(["chown", "-R", host.user, host.data], check=True)
    host.start()
    test.addCleanup(host.stop, "immediate")


def with_much_to_restore(dump):
    """A dump that says that its copy takes about 300 MB, with as much WAL."""
    return dump.replace(b"\nSET ", b"\n" + b"-- as much as this\n" * 7_500_000 + b"SET ", 1)


class Data(HostTest):
    def test_too_small_where_its_place_is_not_configured(self):
        move_data(self, "300m")
        self.host.write_configuration(data_dir=None)
        self.assert_refused(3, f"'{self.host.data}'", "free")


class Tablespace(GatedTest):
    """The database, and so its copy, lies in a tablespace on a volume of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.volume = cls.host.root / "volume"
        cls.volume.mkdir()
        mount(cls.volume, "1g")
        cls.addClassCleanup(unmount, cls.volume)
        space = cls.volume / "space"
        space.mkdir(mode=0o700)
        cls.host.give_to_server(space)
        cls.host.sql(f"CREATE TABLESPACE small LOCATION '{space}'")
        cls.host.sql("ALTER DATABASE seed SET TABLESPACE small")

    def setUp(self):
        mount(self.volume, "1g", "remount")
        super().setUp()

    def test_too_small_for_a_copy(self):
        fill(self.volume, spare=16 << 20)
        self.assert_refused(3, str(self.volume), "free")

    def test_large_enough_for_what_the_data_directory_has_no_room_for(self):
        move_data(self, "740m")
        self.only_backup(with_much_to_restore(self.host.dump))
        done = self.host.recover("--plan")
        self.assertEqual(self.assert_ends(done, 0)["outcome"], "planned")

    def test_too_small_for_one_of_the_tables(self):
        self.host.sql("ALTER DATABASE shop SET TABLESPACE pg_default")
        self.host.sql("ALTER TABLE version SET TABLESPACE small", "shop")
        dump = self.host.dump.replace(b"SET default_tablespace = '';", b"SET default_tablespace = small;")
        self.only_backup(dump)
        fill(self.volume, spare=16 << 20)
        self.assert_refused(3, str(self.volume), "free")

    def test_too_small_for_a_database_that_is_gone(self):
        self.open_gate()
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop TABLESPACE small TEMPLATE template0")
        self.host.sql(self.host.dump.decode(), "shop")
        self.assert_ends(self.host.recover(), 0)  # somebody looks while all is well
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        fill(self.volume, spare=16 << 20)
        self.assert_refused(3, str(self.volume), "free")

    def test_too_full_to_begin_a_session(self):
        fill(self.volume)
        report = self.assert_refused(3, "could not write")
        self.assertIn("space", report["hint"])
        self.assertNotIn("gone", report["error"])

    def test_filled_in_the_middle_of_the_restore(self):
        self.host.sql("CHECKPOINT")
        with self.mid_restore() as run:
            fill(self.volume)
            self.open_gate()
            report = self.assert_ends(self.ended(run), 4, "53100")
        self.assertEqual(report["outcome"], "failed-undone")
        self.assertIn("space", report["error"] + report["hint"])
        self.assert_as_before()
        self.assertEqual(self.copies(), [])
        mount(self.volume, "1g", "remount")
        self.assert_recovered(self.host.recover())


class State(GatedTest):
    """The state directory, where the journal is, on a volume of its own."""

    def setUp(self):
        super().setUp()
        self.host.state.mkdir()
        mount(self.host.state, "16m")
        self.addCleanup(unmount, self.host.state)

    def test_full_before_the_run(self):
        fill(self.host.state)
        self.assert_refused(3, str(self.host.state))

    def test_filled_in_the_middle_of_the_restore(self):
        # The journal has reserved what it needs: a full disk is no reason not to finish.
        with self.mid_restore() as run:
            fill(self.host.state)
            self.open_gate()
            self.assert_recovered(self.ended(run))
        journal = next(self.host.state.glob("runs/*/journal.jsonl")).read_text()
        self.assertIn('"event":"end"', journal)


class Wal(HostTest):
    def test_too_little_room_for_what_a_restore_writes(self):
        volume = self.host.root / "small-wal-volume"
        volume.mkdir()
        mount(volume, "128m")
        self.addCleanup(unmount, volume)
        self.host.stop()
        wal, good = self.host.data / "pg_wal", self.host.data / "pg_wal.good"
        shutil.copytree(wal, volume, dirs_exist_ok=True)
        subprocess.run(["chown", "-R", self.host.user, volume], check=True)
        wal.rename(good)
        wal.symlink_to(volume)
        self.addCleanup(self.put_back, wal, good)
        self.host.start()
        self.addCleanup(self.host.stop, "immediate")
        self.only_backup(with_much_to_restore(self.host.dump))
        report = self.assert_refused(3, str(wal), "free")
        self.assertIn("never delete files in pg_wal", report["hint"])

    def test_full_is_no_reason_for_a_restore(self):
        volume = self.host.root / "wal-volume"
        volume.mkdir()
        mount(volume, "64m")
        self.addCleanup(unmount, volume)
        # It crashes after it has filled the segment in which its recovery begins, and that one is
        # all there is room for: recovery needs the next.
        self.host.sql("SELECT pg_switch_wal(); CHECKPOINT; CREATE TABLE filler AS "
                      "SELECT repeat('x', 1000) FROM generate_series(1, 20000)", "shop")
        self.host.stop("immediate")
        wal, good = self.host.data / "pg_wal", self.host.data / "pg_wal.good"
        shutil.copy2(wal / self.segment_of_the_checkpoint(), volume)
        subprocess.run(["chown", "-R", self.host.user, volume], check=True)
        fill(volume)
        wal.rename(good)
        wal.symlink_to(volume)
        self.addCleanup(self.put_back, wal, good)
        report = self.assert_ends(self.host.recover(), 3, "No space left")
        self.assertIn("free space", report["hint"])
        self.assertTrue(self.host.service_flag.exists())
        self.assertEqual(list(self.host.state.glob("receipts/*")), [], "a backup was opened")

    def segment_of_the_checkpoint(self):
        told = subprocess.run([BIN / "pg_controldata", self.host.data], capture_output=True, text=True,
                              check=True).stdout
        return re.search(r"REDO WAL file: +(\w+)", told)[1]

    def put_back(self, wal, good):
        wal.unlink()
        good.rename(wal)
        self.host.start()


if __name__ == "__main__":
    main()
