# SPDX-License-Identifier: Apache-2.0
"""A recovery that dies together with its server: nothing of what it has done is given up."""

import signal

from gated import GatedTest
from support import main


class PowerLoss(GatedTest):
    def lose_power(self):
        """Neither the run nor the server has a chance to say anything."""
        with self.mid_restore() as run:
            run.send_signal(signal.SIGKILL)
            self.ended(run)
            self.host.stop("immediate")
        self.addCleanup(lambda: self.host.server_answers() or self.host.start())

    def test_the_same_command_starts_the_server_and_goes_on(self):
        self.lose_power()
        report = self.assert_recovered(self.host.recover())
        done = {step["id"]: step["status"] for step in report["steps"]}
        self.assertEqual(done["start-server"], "done")
        self.assertEqual(len(self.copies()), 1, "the half-made copy is left")
        runs = list((self.host.state / "runs").iterdir())
        self.assertEqual([run.name for run in runs], [report["run"]], "it is the same run")
        self.assert_ends(self.host.run("runs", "undo", "last", "--yes", "--json"), 0)
        self.assertTrue(self.host.server_answers(), "the undo has stopped the server")
        self.assertEqual(self.host.oid("shop"), self.host.old)

    def test_a_server_that_cannot_start_puts_it_off(self):
        self.lose_power()
        settings = self.host.data / "postgresql.conf"
        good = settings.read_text()
        self.addCleanup(lambda: settings.write_text(good))
        settings.write_text(good + "\nshared_bufers = 1MB\n")
        report = self.assert_ends(self.host.recover(), 3, "shared_bufers")
        self.assertIn("continue run", report["hint"])
        settings.write_text(good)
        self.assertEqual(self.assert_recovered(self.host.recover())["run"], report["run"])

    def test_undo_after_the_server_is_back(self):
        self.lose_power()
        self.assert_ends(self.host.run("runs", "undo", "last", "--yes", "--json"), 5)
        self.assertTrue(self.host.service_flag.exists(), "the application does not run")
        self.host.start()
        self.assert_ends(self.host.run("runs", "undo", "last", "--yes", "--json"), 0)
        self.assert_as_before()
        self.assertEqual(self.copies(), [])


class StartedBefore(GatedTest):
    def waits_at_gate(self):
        return self.host.server_answers() and super().waits_at_gate()

    def test_a_half_made_copy_is_removed_although_the_run_had_started_the_server(self):
        self.host.sql("CHECKPOINT")
        self.host.stop()
        with self.mid_restore() as run:
            run.send_signal(signal.SIGKILL)
            self.ended(run)
        done = self.host.run("runs", "undo", "last", "--yes", "--json")
        report = self.assert_ends(done, 0)
        self.assertNotIn("unknown", [step["status"] for step in report["steps"]])
        self.assertFalse(self.host.server_answers(), "the server was down before")
        self.host.start()
        self.assertEqual(self.copies(), [])


if __name__ == "__main__":
    main()
