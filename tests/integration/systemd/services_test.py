#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Services of systemd, held down and released on a real host.

The application has everything that brings it back: Restart=always, a socket, a timer. A witness
timer with the same period tells when the application's timer had its chance, so that "nothing
started it" is observed and not waited for.
"""

import datetime
import json
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from systemd_host import SystemdHost, debian_root, options, run_tests  # noqa: E402

PORT = 7070
DRIVER = "/usr/local/bin/service_driver"

APPLICATION = """[Unit]
StartLimitIntervalSec=0
[Service]
ExecStartPre=/bin/echo the application starts
ExecStart=/bin/sleep infinity
Restart=always
RestartSec=100ms
[Install]
WantedBy=multi-user.target
"""
SOCKET = f"""[Socket]
ListenStream=127.0.0.1:{PORT}
[Install]
WantedBy=sockets.target
"""
EVERY_SECOND = """[Timer]
OnCalendar=*:*:*
AccuracySec=1ms
"""
WITNESS = """[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo x >> /run/witness'
"""
FRAGILE = """[Unit]
StartLimitIntervalSec=1h
StartLimitBurst=2
[Service]
ExecStart=/bin/sh -c 'test -e /run/fixed && exec sleep infinity'
"""
NEVER_READY = """[Service]
Type=notify
ExecStart=/bin/sleep infinity
TimeoutStartSec=infinity
"""
# Takes longer to stop than a stop may take here.
SLOW_TO_STOP = """[Service]
ExecStart=/bin/sleep infinity
ExecStop=/bin/sleep 3
"""
SLOW_SOCKET = """[Socket]
ListenStream=127.0.0.1:7071
"""
ARGUMENTS, REST = options("driver", "cache")


class ServicesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = SystemdHost(debian_root(ARGUMENTS.cache))
        cls.host.start()
        cls.addClassCleanup(cls.host.close)
        cls.host.copy(ARGUMENTS.driver, DRIVER, mode=0o755)
        units = {"app.service": APPLICATION, "app.socket": SOCKET, "app.timer": EVERY_SECOND,
                 "witness.service": WITNESS, "witness.timer": EVERY_SECOND,
                 "fragile.service": FRAGILE, "never-ready.service": NEVER_READY,
                 "optional.service": APPLICATION,
                 "slow.service": SLOW_TO_STOP, "slow.socket": SLOW_SOCKET}
        for name, text in units.items():
            cls.host.write(f"/usr/lib/systemd/system/{name}", text)  # as packages do
        cls.systemctl("daemon-reload")
        cls.systemctl("enable", "app.service", "app.socket")
        cls.systemctl("start", "witness.timer")

    def setUp(self):
        """The application runs; its socket and its timer are active."""
        self.call("release")
        self.systemctl("stop", "app.timer", "app.socket", "app.service")
        self.systemctl("start", "app.socket")
        self.systemctl("start", "app.service", "app.timer")

    @classmethod
    def systemctl(cls, *words):
        return cls.host.run(["systemctl", "--quiet", *words])

    def call(self, action, unit="app.service", user=None, timeout="60s"):
        """What the driver answers."""
        done = self.host.run([DRIVER, unit, action, timeout], check=False, user=user)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def state(self, unit):
        return self.host.unit(unit, "ActiveState")

    def witness(self):
        path = self.host.path("/run/witness")
        return len(path.read_text()) if path.exists() else 0

    def wait_for_timers(self):
        """Until timers of that period have elapsed at least twice."""
        before = self.witness()
        # The first may already have been under way, and each writes two bytes.
        self.host.wait_for(lambda: self.witness() >= before + 6, "the witness to be started")

    def connect(self):
        """True if something listens on the application's port."""
        return self.host.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{PORT}"],
                             check=False).returncode == 0

    def test_without_a_hold_everything_brings_it_back(self):
        self.systemctl("stop", "app.timer")
        self.systemctl("kill", "--signal=KILL", "app.service")
        self.host.wait_for(lambda: self.state("app.service") == "active", "Restart=always")
        self.systemctl("stop", "app.service")
        self.assertTrue(self.connect())
        self.host.wait_for(lambda: self.state("app.service") == "active", "the socket")
        self.systemctl("stop", "app.socket", "app.service")
        self.systemctl("start", "app.timer")
        self.host.wait_for(lambda: self.state("app.service") == "active", "the timer")

    def test_held_and_stopped_it_stays_down(self):
        self.assertTrue(self.call("hold")["held"])
        answer = self.call("stop")
        self.assertEqual(answer["activity"], "stopped")
        self.assertFalse(self.connect())
        self.wait_for_timers()
        self.systemctl("start", "app.service")  # succeeds, and does nothing
        self.assertEqual(self.state("app.service"), "inactive")
        self.systemctl("start", "app.timer")  # somebody who does not know
        self.wait_for_timers()
        self.assertEqual(self.state("app.service"), "inactive")
        refusal = self.call("start")
        self.assertEqual(refusal["code"], "refused")
        self.assertIn("held down", refusal["error"])

    def test_held_it_is_not_restarted_when_it_dies(self):
        self.systemctl("stop", "app.timer", "app.socket")
        self.call("hold")
        self.assertEqual(self.state("app.service"), "active")
        self.systemctl("kill", "--signal=KILL", "app.service")
        self.host.wait_for(lambda: self.state("app.service") == "failed", "its death")
        self.wait_for_timers()  # ten times as long as RestartSec
        self.assertEqual(self.state("app.service"), "failed")

    def test_released_everything_is_as_it_was(self):
        self.systemctl("stop", "app.timer")
        for action in ("hold", "stop", "hold", "release"):  # held twice, as by a rerun
            self.call(action)
        self.assertEqual(self.state("app.service"), "inactive")
        self.assertEqual(self.state("app.socket"), "active")
        self.assertEqual(self.state("app.timer"), "inactive")
        self.assertEqual(self.call("start")["activity"], "running")
        self.assertEqual(self.host.unit("app.service", "Restart"), "always")
        self.assertEqual(self.host.unit("app.service", "NeedDaemonReload"), "no")
        left = self.host.run(["find", "/run/systemd/system", "-name", "*drctl*"]).stdout
        self.assertEqual(left, "")

    def test_released_the_timer_runs_again(self):
        for action in ("hold", "stop", "release"):
            self.call(action)
        self.host.wait_for(lambda: self.state("app.service") == "active", "the timer")

    def test_held_and_released_it_never_went_down(self):
        before = self.host.unit("app.service", "MainPID")
        self.call("hold")
        self.call("release")
        self.assertEqual(self.host.unit("app.service", "MainPID"), before)
        self.assertEqual(self.state("app.socket"), "active")
        self.assertEqual(self.state("app.timer"), "active")

    def test_a_reboot_releases_it(self):
        self.call("hold")
        self.call("stop")
        self.host.reboot()
        self.systemctl("start", "witness.timer")
        self.host.wait_for(lambda: self.state("app.service") == "active", "it is enabled")
        self.assertFalse(self.call("status")["held"])
        self.assertEqual(self.state("app.socket"), "active")

    def test_disabled_or_masked_it_is_not_startable(self):
        self.assertTrue(self.call("status")["startable"])
        disabled = self.call("status", "optional.service")
        self.assertFalse(disabled["startable"])
        self.assertIn("disabled", disabled["detail"])
        self.systemctl("disable", "app.service")
        self.addCleanup(self.systemctl, "enable", "app.service")
        self.assertTrue(self.call("status")["startable"], "its socket is enabled")
        self.systemctl("mask", "fragile.service")
        self.addCleanup(self.systemctl, "unmask", "fragile.service")
        masked = self.call("status", "fragile.service")
        self.assertFalse(masked["startable"])
        self.assertIn("masked", masked["detail"])
        self.assertEqual(self.call("start", "fragile.service")["code"], "failed")

    def test_since_when_it_is_down_is_told(self):
        before = int(time.time())  # systemd's stamps are cut to seconds
        self.call("hold")
        down = self.call("stop")
        since = datetime.datetime.fromisoformat(down["since"]).timestamp()
        self.assertTrue(before <= since <= time.time(), down)
        self.assertEqual(self.call("status", "optional.service")["since"], "", "never touched")

    def test_a_unit_that_failed_too_often_is_started_all_the_same(self):
        for _ in range(4):
            self.host.run(["systemctl", "start", "fragile.service"], check=False)
            self.host.wait_for(lambda: self.state("fragile.service") == "failed", "its failure")
        self.host.write("/run/fixed", "")
        self.assertNotEqual(
            self.host.run(["systemctl", "start", "fragile.service"], check=False).returncode, 0)
        self.assertEqual(self.call("start", "fragile.service")["activity"], "running")
        self.call("stop", "fragile.service")

    def test_a_start_that_takes_too_long_is_unknown(self):
        answer = self.call("start", "never-ready.service", timeout="500ms")
        self.assertEqual(answer["code"], "timed_out")
        self.assertIn("systemctl status", answer["hint"])
        self.systemctl("stop", "never-ready.service")

    def test_what_is_still_going_down_comes_back(self):
        self.systemctl("start", "slow.socket")
        self.systemctl("start", "slow.service")
        self.call("hold", "slow.service")
        self.assertEqual(self.call("stop", "slow.service", timeout="500ms")["code"], "timed_out")
        self.assertEqual(self.call("status", "slow.service")["activity"], "stopping")
        self.assertNotIn("error", self.call("release", "slow.service"))
        self.assertEqual(self.call("start", "slow.service")["activity"], "running")
        self.assertEqual(self.state("slow.socket"), "active")
        self.assertEqual(self.state("slow.service"), "active")
        self.systemctl("stop", "--no-block", "slow.service")
        self.host.wait_for(lambda: self.state("slow.service") == "deactivating", "its stop")
        self.assertEqual(self.call("start", "slow.service")["activity"], "running")
        self.systemctl("stop", "slow.socket", "slow.service")

    def test_without_privileges_it_can_be_asked_but_not_changed(self):
        self.assertEqual(self.call("status", user="nobody")["activity"], "running")
        for action in ("stop", "hold"):
            answer = self.call(action, user="nobody")
            self.assertEqual(answer.get("code"), "refused", answer)
            self.assertIn("sudo", answer["hint"])
        self.assertEqual(self.state("app.service"), "active")

    def test_an_unknown_unit_is_a_mistake_in_the_configuration(self):
        answer = self.call("status", "no-such.service")
        self.assertEqual(answer["code"], "usage")
        self.assertIn("no-such.service", answer["error"])

    def test_its_last_words_are_those_of_its_journal(self):
        self.assertIn("the application starts", self.call("last-words")["words"])

    def test_the_stock_server_is_stopped_and_started(self):
        unit = "postgresql@15-main"
        query = ["psql", "-Atc", "SELECT 1"]
        self.assertTrue(self.call("status", unit)["startable"])
        self.call("hold", unit)
        self.assertEqual(self.call("stop", unit)["activity"], "stopped")
        self.systemctl("start", "postgresql.service")  # what wants all clusters started
        self.assertNotEqual(self.host.run(query, user="postgres", check=False).returncode, 0)
        self.call("release", unit)
        self.assertEqual(self.call("start", unit)["activity"], "running")
        self.assertEqual(self.host.run(query, user="postgres").stdout, "1\n")


if __name__ == "__main__":
    sys.exit(run_tests(REST))
