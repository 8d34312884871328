#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`drctl db-recover` on a host that systemd runs, as its administrator meets it."""

import pathlib
import sys
import threading
import unittest

from registry_host import (CONFIGURATION, DAOS, GATE, SERVER, SERVER_CONFIGURATION, RegistryHost,
                           Running)
from systemd_host import debian_root, options, run_tests

CONSENT = ("--yes", "--accept-data-loss", "1h")
AT_THE_GATE = ("SELECT pid FROM pg_stat_activity WHERE datname LIKE 'registry\\_\\_%' "
               "AND state = 'active' AND query LIKE 'COPY%gate%'")
ARGUMENTS, REST = options("cmake", "build", "cache")


class Poker(threading.Thread):
    """A client that never gives up. `refused`: how often nobody listened."""

    def __init__(self, host):
        super().__init__()
        self.host, self.refused, self.answers = host, 0, []
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            answer = self.host.poke()
            if answer is None:
                self.refused += 1
            else:
                self.answers.append(answer)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


class RecoverTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = RegistryHost(debian_root(ARGUMENTS.cache))
        cls.host.start()
        cls.addClassCleanup(cls.host.close)
        cls.host.install_drctl(ARGUMENTS.cmake, ARGUMENTS.build)
        cls.host.set_up()

    def setUp(self):
        self.host.reset()
        self.old = self.host.oid()

    def snapshot(self):
        """What a refusal must leave as it was."""
        units = ("registry.service", "registry.socket", SERVER)
        data = pathlib.Path(self.host.path("/var/lib/postgresql/15/main/base"))
        return ({unit: self.host.state(unit) for unit in units}, self.host.starts(),
                self.host.drop_ins(), sorted(path.name for path in data.iterdir()))

    def start_recovery(self):
        """Returns once it waits at the gate."""
        before = set(self.host.sql(AT_THE_GATE))
        running = Running(self.host, "db-recover", "registry", *CONSENT)
        self.host.wait_for(lambda: running.ended() or set(self.host.sql(AT_THE_GATE)) - before,
                           "the restore")
        self.assertFalse(running.ended(), "it ended early")
        return running

    def assert_down_and_held(self):
        """Whoever tries to bring the application back."""
        starts = self.host.starts()
        self.assertIsNone(self.host.poke())
        self.host.systemctl("start", "registry.socket")  # both succeed, and do nothing
        self.host.systemctl("start", "registry.service")
        self.assertIsNone(self.host.poke())
        self.assertEqual(self.host.state("registry.service"), "inactive")
        self.assertEqual(self.host.state("registry.socket"), "inactive")
        self.assertEqual(self.host.starts(), starts)

    def assert_up(self):
        self.assertEqual(self.host.state("registry.socket"), "active")
        self.assertEqual(self.host.state("registry.service"), "active")
        self.assertEqual(self.host.unit("registry.service", "Restart"), "always")
        self.assertEqual(self.host.drop_ins(), [])

    def assert_recovered(self, code, report):
        self.assertEqual((code, report["outcome"]), (0, "recovered"), report)
        self.assertEqual(self.host.sql("SELECT name FROM version", "registry"), ["new"])
        self.assertEqual(self.host.poke(), str(DAOS))
        self.assert_up()
        kept = self.host.sql(f"SELECT datname FROM pg_database WHERE oid = {self.old}")
        self.assertIn(kept[0], report["kept"][0]["what"])

    def test_healthy_is_left_alone(self):
        before = self.snapshot()
        code, report = self.host.drctl_json("db-recover")
        self.assertEqual((code, report["outcome"]), (0, "healthy"), report)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.host.poke(), str(DAOS))

    def test_a_stopped_server_is_started_without_consent(self):
        self.host.systemctl("stop", SERVER)
        code, report = self.host.drctl_json("db-recover", "--yes")
        self.assertEqual((code, report["outcome"]), (0, "started"), report)
        self.assertEqual(self.host.state(SERVER), "active")
        self.assertEqual(self.host.oid(), self.old)
        self.assertEqual(self.host.poke(), str(DAOS))

    def test_nothing_is_restored_without_consent(self):
        self.host.damage()
        before = self.snapshot()
        done = self.host.drctl("db-recover", "--yes")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("--accept-data-loss", done.stdout + done.stderr)
        self.assertEqual(self.snapshot(), before)

    def test_the_application_stays_down_while_damaged_rows_are_restored(self):
        self.host.damage()
        starts = self.host.starts()
        self.host.write(GATE, "")
        running = self.start_recovery()
        with Poker(self.host) as poker:
            self.assert_down_and_held()
            self.assertEqual(len(self.host.drop_ins()), 2)
            self.host.path(GATE).unlink()
            code, report = running.result()
            self.host.wait_for(lambda: poker.answers, "an answer")
        self.assert_recovered(code, report)
        self.assertEqual(self.host.starts(), starts + 1)
        self.assertGreater(poker.refused, 0)
        self.assertEqual(set(poker.answers), {str(DAOS)})

    def test_what_is_printed_says_what_was_lost_and_how_to_go_back(self):
        self.host.damage()
        done = self.host.drctl("db-recover", "registry", *CONSENT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        run = self.host.drctl("runs", "list").stdout
        last = done.stdout.splitlines()[-3:]
        self.assertRegex(last[0], r"^Lost +at most \S+.*: what was written after 20")
        self.assertRegex(last[1], r"^Kept +database registry__before_\S+ \(delete with: drctl runs ")
        self.assertRegex(last[2], r"^Undo with +drctl runs undo ")
        self.assertIn(last[2].split()[-1], run)

    def test_a_typo_in_the_configuration_opens_no_backup(self):
        path = self.host.path(SERVER_CONFIGURATION)
        good = path.read_text()
        self.addCleanup(path.write_text, good)
        self.host.systemctl("stop", SERVER)
        path.write_text(good + "shared_bufers = '128MB'\n")
        before = self.snapshot()
        code, report = self.host.drctl_json("db-recover", *CONSENT)
        self.assertEqual((code, report["outcome"]), (3, "refused"), report)
        self.assertIn('unrecognized configuration parameter "shared_bufers"', str(report))
        self.assertIn("FATAL", str(report))
        self.host.systemctl("reset-failed", SERVER)  # the start was tried, as systemd remembers
        self.assertEqual(self.snapshot(), before)
        self.assertFalse(self.host.path("/var/lib/drctl/receipts").exists())
        path.write_text(good)
        code, report = self.host.drctl_json("db-recover", "--yes")
        self.assertEqual((code, report["outcome"]), (0, "started"), report)

    def test_undo_puts_the_old_database_back(self):
        self.host.damage()
        code, report = self.host.drctl_json("db-recover", *CONSENT)
        self.assert_recovered(code, report)
        restored = self.host.oid()
        code, report = self.host.drctl_json("runs", "undo", "last", "--yes")
        self.assertEqual(code, 0, report)
        self.assertEqual(self.host.oid(), self.old)
        self.assertIn(restored, self.host.sql("SELECT oid FROM pg_database"))
        self.assertIn("invalid page", self.host.poke())  # as it was before, and it says so
        self.assert_up()

    def test_killed_in_mid_restore_the_same_command_continues(self):
        self.host.damage()
        self.host.write(GATE, "")
        first = self.start_recovery()
        first.kill()
        self.assert_down_and_held()
        self.assertEqual(self.host.oid(), self.old)
        second = self.start_recovery()
        self.host.path(GATE).unlink()
        code, report = second.result()
        self.assert_recovered(code, report)
        self.assertEqual(len(self.host.databases()), 2, "the half-made copy is there still")

    def test_a_reboot_in_mid_restore_brings_the_old_state_back(self):
        self.host.damage()
        self.host.write(GATE, "")
        self.start_recovery()
        self.host.reboot()
        self.host.wait_for(lambda: self.host.state("registry.service") == "active", "the reboot")
        self.assertEqual(self.host.oid(), self.old)
        self.assert_up()
        code, report = self.host.drctl_json("db-recover", *CONSENT)
        self.assert_recovered(code, report)

    def recover_without_application(self):
        """Recovers without waiting for its health; what the report says of its start."""
        code, report = self.host.drctl_json("db-recover", *CONSENT,
                                            "--set", "database.registry.health=[]")
        self.assertEqual((code, report["outcome"]), (0, "recovered"), report)
        return next(step["evidence"] for step in report["steps"] if step["id"] == "start-services")

    def test_a_disabled_application_stays_down(self):
        self.host.systemctl("disable", "--now", "registry.socket", "registry.service")
        self.host.damage()
        starts = self.host.starts()
        self.assertIn("disabled", self.recover_without_application())
        self.assertEqual(self.host.state("registry.service"), "inactive")
        self.assertEqual(self.host.state("registry.socket"), "inactive")
        self.assertEqual((self.host.starts(), self.host.drop_ins()), (starts, []))

    def test_a_masked_application_stays_masked(self):
        self.host.systemctl("stop", "registry.socket", "registry.service")
        unit = self.host.path("/etc/systemd/system/registry.service")
        text = unit.read_text()
        unit.unlink()
        self.addCleanup(self.host.systemctl, "daemon-reload")
        self.addCleanup(self.host.write, "/etc/systemd/system/registry.service", text)
        self.addCleanup(unit.unlink)
        unit.symlink_to("/dev/null")
        self.host.systemctl("daemon-reload")
        self.host.damage()
        self.assertIn("masked", self.recover_without_application())
        self.assertEqual(self.host.unit("registry.service", "LoadState"), "masked")
        self.assertEqual(self.host.state("registry.service"), "inactive")
        self.assertEqual(self.host.drop_ins(), [])

    def test_operators_and_others_are_told_what_they_lack(self):
        self.host.systemctl("stop", SERVER)
        done = self.host.run(["drctl", "db-recover", "--yes"], user="nobody", check=False)
        self.assertIn(done.returncode, (2, 3), done.stdout + done.stderr)
        self.assertIn("sudo", done.stdout + done.stderr)
        self.assertIn(CONFIGURATION, done.stdout + done.stderr)
        self.assertEqual(self.host.state(SERVER), "inactive")


if __name__ == "__main__":
    sys.exit(run_tests(REST))
