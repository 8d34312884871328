# SPDX-License-Identifier: Apache-2.0
"""What happens to a recovery in the middle of its restore: signals, cut connections, a dead server, a
second recovery, somebody who watches."""

import signal
import subprocess
import unittest

from gated import DEADLINE, GatedTest, pending_signals, wait_until
from support import main


class Stopped(GatedTest):
    """By a person: services back, copy kept, continued only by somebody who says so."""

    def stop_by(self, number):
        with self.mid_restore() as run:
            run.send_signal(number)
            return self.ended(run)

    def check(self, number, exit_code):
        report = self.assert_ends(self.stop_by(number), exit_code)
        self.assertEqual(report["outcome"], "interrupted")
        self.assert_as_before()
        self.assertEqual(len(self.copies()), 1, "the copy is not kept")
        return report

    def test_by_ctrl_c(self):
        stopped = self.check(signal.SIGINT, 130)
        refused = self.assert_refused(3, "stopped")
        self.assertIn("--resume", refused["hint"])
        report = self.assert_recovered(self.host.recover("--resume"))
        self.assertEqual(report["run"], stopped["run"])
        self.assertEqual(len(self.copies()), 1)

    def test_by_sigterm(self):
        self.check(signal.SIGTERM, 143)

    def test_and_taken_back(self):
        self.check(signal.SIGINT, 130)
        done = self.host.run("runs", "undo", "last", "--yes", "--json")
        self.assert_ends(done, 0)
        self.assert_as_before()
        self.assertEqual(self.copies(), [])
        self.assert_recovered(self.host.recover())

    def test_twice_ends_it_at_once(self):
        # Services are put back by a command that hangs: the second signal is for this.
        hangs = self.host.root / "start-hangs"
        text = self.host.config.read_text().replace(
            'start = ["touch", ', f'start = ["sh", "-c", "echo > {hangs}; sleep 600", ', 1)
        good = self.host.config.read_text()
        self.host.config.write_text(text)
        with self.mid_restore() as run:
            run.send_signal(signal.SIGINT)
            wait_until(hangs.exists, "services to be put back")
            run.send_signal(signal.SIGINT)
            self.assertEqual(self.ended(run).returncode, 130)
        self.assertEqual(self.host.is_whole("shop"), "old")
        self.host.config.write_text(good)
        self.assert_ends(self.host.recover("--resume"), 3, "service.app.start")
        self.host.config.write_text(text.replace("sleep 600", f"touch {self.host.service_flag}"))

    def test_hangup_does_not_end_it(self):
        with self.mid_restore() as run:
            run.send_signal(signal.SIGHUP)
            wait_until(lambda: not pending_signals(run.pid), "the signal to be taken")
            self.assertTrue(self.waits_at_gate())
            self.open_gate()
            self.assert_recovered(self.ended(run))

    def test_by_its_timeout(self):
        with self.mid_restore("--timeout", "3s") as run:
            done = self.ended(run)
        self.assert_ends(done, 4, "--timeout")
        self.assert_as_before()
        self.assertEqual(self.copies(), [])


class Cut(GatedTest):
    def cut(self, whose):
        self.host.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                      f"WHERE application_name = 'drctl' AND {whose}")

    def check(self, whose):
        with self.mid_restore() as run:
            self.cut(whose)
            report = self.assert_ends(self.ended(run), 4)
        self.assertEqual(report["outcome"], "failed-undone")
        self.assert_as_before()
        self.assertEqual(self.copies(), [])
        self.assert_recovered(self.host.recover())

    def test_the_session_that_waits(self):
        self.check("wait_event = 'PgSleep'")

    def test_all_sessions(self):
        self.check("true")

    def test_server_crashes(self):
        with self.mid_restore() as run:
            self.host.stop("immediate")
            report = self.assert_ends(self.ended(run), 5)
        self.addCleanup(lambda: self.host.server_answers() or self.host.start())
        self.assertTrue(self.host.service_flag.exists(), "the application does not run")
        self.assertIn("the same command again", report["hint"])
        self.assert_recovered(self.host.recover())
        # The copy that could not be removed while the server was down.
        self.assertEqual(len(self.copies()), 2)
        self.assertEqual(report["undo_with"], f"drctl runs undo {report['run']}")
        done = self.host.run("runs", "undo", report["run"], "--yes", "--json")
        self.assert_ends(done, 0)
        self.assertEqual(self.copies(), [self.host.name_of(self.host.old)])


class Accompanied(GatedTest):
    def drctl(self, *words):
        return self.host.run(*words)

    def test_a_second_recovery_has_to_wait(self):
        with self.mid_restore() as run:
            report = self.assert_ends(self.host.recover(), 6, "lock")
            self.assertIn("drctl runs follow", report["hint"])
            self.open_gate()
            self.assert_recovered(self.ended(run))

    def test_a_second_recovery_waits_for_its_lock(self):
        with self.mid_restore() as run:
            argv = [str(self.host.drctl), "db-recover", "shop", "--yes", "--json",
                    "--lock-timeout", "1m", "-c", str(self.host.config)]
            with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as second:
                self.open_gate()
                self.assert_recovered(self.ended(run))
                report = self.assert_ends(self.ended(second), 0)
        self.assertEqual(report["outcome"], "healthy")

    def test_is_shown_and_followed(self):
        with self.mid_restore() as run:
            self.assertIn("running", self.drctl("runs", "list").stdout)
            argv = [str(self.host.drctl), "runs", "follow", "-c", str(self.host.config)]
            with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as follower:
                wait_until(lambda: "restore-copy" in follower.stderr.readline(), "the follower")
                self.open_gate()
                self.assert_recovered(self.ended(run))
                out, _ = follower.communicate(timeout=DEADLINE)
        self.assertEqual(follower.returncode, 0)
        self.assertIn("Undo with", out)

    def test_ctrl_c_ends_the_watching_only(self):
        with self.mid_restore() as run:
            argv = [str(self.host.drctl), "runs", "follow", "-c", str(self.host.config)]
            with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as follower:
                wait_until(lambda: "restore-copy" in follower.stderr.readline(), "the follower")
                follower.send_signal(signal.SIGINT)
                follower.communicate(timeout=DEADLINE)
            self.assertEqual(follower.returncode, 130)
            self.assertTrue(self.waits_at_gate())
            self.open_gate()
            self.assert_recovered(self.ended(run))

    def test_undo_and_prune_wait_too(self):
        with self.mid_restore():
            for word in ("undo", "prune"):
                with self.subTest(word=word):
                    done = self.host.run("runs", word, "last", "--yes", "--json")
                    self.assert_ends(done, 6, "lock")


if __name__ == "__main__":
    main()
