# SPDX-License-Identifier: Apache-2.0
"""What a run does with its options, and what can be done with it afterwards."""

import time
from datetime import datetime, timedelta, timezone

from gated import GatedTest
from support import HostTest, main


class Beside(HostTest):
    def beside(self, *options):
        before = self.host.snapshot()
        self.host.service_flag.touch()
        report = self.assert_ends(self.host.run("db-recover", "shop", "--yes", "--json", *(
            options or ["--beside"])), 0)
        self.assertTrue(self.host.service_flag.exists())
        self.assertEqual(self.host.oid("shop"), self.host.old)
        made = [name for name in self.host.databases() if name not in before["databases"]]
        self.assertEqual(len(made), 1)
        self.assertEqual(self.host.is_whole(made[0]), "new")
        return report, made[0]

    def test_compares_the_rows(self):
        report, copy = self.beside()
        told = " ".join(step.get("evidence", "") for step in report["steps"])
        self.assertIn("public.daos: live 0, copy 40", told)
        self.assertEqual(report["outcome"], "copied")
        self.assertNotIn("data_loss", report)
        self.assertNotIn("stop-services", [step["id"] for step in report["steps"]])
        self.assertEqual(report["kept"][0]["what"], "database " + copy)

    def test_under_a_name_of_ones_own(self):
        _, copy = self.beside("--beside=look_here")
        self.assertEqual(copy, "look_here")
        self.assert_ends(self.host.run("runs", "prune", "last", "--yes", "--json"), 0)
        self.assertEqual(self.host.databases(), ["shop"])

    def test_never_onto_a_database_that_is_there(self):
        self.host.sql("CREATE DATABASE precious")
        self.assert_refused(3, "precious", options=["--beside=precious"])

    def test_is_swapped_in_later(self):
        made, copy = self.beside()
        oid = self.host.oid(copy)
        report = self.assert_recovered(self.host.recover("--from-run", made["run"]))
        self.assertEqual(self.host.oid("shop"), oid)
        self.assert_refused(3, "already", options=["--from-run", made["run"]])
        self.assertEqual(report["backup"]["path"], str(self.host.backup))
        self.assertNotIn("restore-copy", [step["id"] for step in report["steps"]])
        # What is served is pruned by nobody.
        self.assert_ends(self.host.run("runs", "prune", made["run"], "--yes", "--json"), 3)
        self.assertEqual(self.host.is_whole("shop"), "new")

    def test_swapping_in_a_run_that_made_no_copy(self):
        self.assert_refused(2, "20200101T000000Z-abcd", options=["--from-run", "20200101T000000Z-abcd"])

    def test_is_pruned(self):
        made, copy = self.beside()
        self.assert_ends(self.host.run("runs", "prune", made["run"], "--yes", "--json"), 0)
        self.assertIsNone(self.host.oid(copy))
        self.assert_refused(3, "pruned", options=["--from-run", made["run"]])

    def test_is_taken_back(self):
        made, copy = self.beside()
        self.assert_ends(self.host.run("runs", "undo", made["run"], "--yes", "--json"), 0)
        self.assertIsNone(self.host.oid(copy))


class Services(GatedTest):
    def test_kept_stopped(self):
        self.open_gate()
        report = self.assert_ends(self.host.recover("--keep-services-stopped"), 0)
        self.assertEqual(report["outcome"], "recovered")
        self.assertEqual(self.host.is_whole("shop"), "new")
        self.assertFalse(self.host.service_flag.exists())
        self.assertEqual(list((self.host.state / "held").glob("*/app")), [], "it is still held")

    def test_are_down_while_the_copy_is_made(self):
        with self.mid_restore() as run:
            self.assertFalse(self.host.service_flag.exists())
            self.open_gate()
            self.assert_recovered(self.ended(run))

    def test_go_on_until_the_swap_where_that_is_wanted(self):
        self.host.write_configuration(stop_at="swap")
        with self.mid_restore() as run:
            self.assertTrue(self.host.service_flag.exists())
            time.sleep(1)  # the plan counted in whole seconds
            still_writing = datetime.now(timezone.utc)
            self.open_gate()
            lost = self.assert_recovered(self.ended(run))["data_loss"]
        until = datetime.fromisoformat(lost["upto"]) + timedelta(seconds=lost["at_most_s"])
        self.assertGreater(until, still_writing, "what was written while the copy was made is lost")

    def test_that_were_down_before_are_started_after_a_success(self):
        self.open_gate()
        self.host.service_flag.unlink()
        self.assert_recovered(self.host.recover())

    def test_that_were_down_before_stay_down_after_a_failure(self):
        self.host.service_flag.unlink()
        self.host.write_configuration(before_swap=[["false"]])
        self.open_gate()
        self.assert_ends(self.host.recover(), 4)
        self.assertFalse(self.host.service_flag.exists())

    def test_health_that_does_not_come_leaves_the_restored_database(self):
        self.check_health_that_does_not_come(["app"])

    def test_health_that_does_not_come_where_no_service_is_stopped(self):
        self.check_health_that_does_not_come([])

    def check_health_that_does_not_come(self, stop):
        self.open_gate()
        self.host.write_configuration(stop=stop, health=["never"], extra="""
[health.never]
command = ["false"]
interval = "10ms"
deadline = "300ms"
""")
        report = self.assert_ends(self.host.recover(), 5, "never")
        self.assertEqual(report["undo_with"], f"drctl runs undo {report['run']}")
        self.assertEqual(self.host.is_whole("shop"), "new")
        self.assertTrue(self.host.service_flag.exists())
        self.assert_ends(self.host.run("runs", "undo", report["run"], "--yes", "--json"), 0)
        self.assertEqual(self.host.oid("shop"), self.host.old)


class Hooks(HostTest):
    def hook(self, word, last="true"):
        """Notes who is served while it runs."""
        self.notes = self.host.root / "hooks"
        self.notes.unlink(missing_ok=True)
        return [["sh", "-c", f"echo {word} $(psql -h {self.host.sockets} -U postgres -d postgres "
                 f"-Atc \"SELECT oid FROM pg_database WHERE datname = 'shop'\") >> {self.notes}"],
                [last]]

    def said(self):
        return self.notes.read_text().split()

    def test_run_around_the_swap(self):
        self.host.write_configuration(before_swap=self.hook("pause"), after_swap=self.hook("resume"))
        self.assert_recovered(self.host.recover())
        self.assertEqual(self.said(), ["pause", str(self.host.old), "resume", str(self.host.oid("shop"))])

    def test_a_failure_before_leaves_the_old_database(self):
        before = self.host.snapshot()
        self.host.write_configuration(before_swap=self.hook("pause", "false"),
                                      after_swap=self.hook("resume"))
        report = self.assert_ends(self.host.recover(), 4, "false")
        self.assertEqual(report["outcome"], "failed-undone")
        # Whatever it had paused goes on.
        self.assertEqual(self.said(), ["pause", str(self.host.old), "resume", str(self.host.old)])
        self.assertEqual(self.host.snapshot(), before)

    def test_a_failure_behind_takes_the_swap_back(self):
        before = self.host.snapshot()
        self.host.write_configuration(before_swap=self.hook("pause"),
                                      after_swap=self.hook("resume", "false"))
        # Clients may still be paused, which only a person can change.
        self.assert_ends(self.host.recover(), 5, "false")
        self.assertEqual(self.host.snapshot(), before)

    def test_a_copy_that_clients_may_have_written_into_is_kept(self):
        """Without services to stop, clients are there as soon as the names are swapped."""
        self.host.write_configuration(stop=[], health=[], after_swap=[["false"]])
        report = self.assert_ends(self.host.recover(), 5, "false")
        self.assertEqual(self.host.oid("shop"), self.host.old)
        kept = report["kept"][0]["what"].removeprefix("database ")
        self.assertEqual(self.host.is_whole(kept), "new")

    def test_interrupted_while_clients_are_paused(self):
        self.host.write_configuration(before_swap=[*self.hook("pause"), ["sh", "-c", "kill -INT $PPID; sleep 30"]],
                                      after_swap=self.hook("resume"))
        done = self.host.recover()
        self.assertEqual(done.returncode, 130, done.stdout)
        self.assertEqual(self.said(), ["pause", str(self.host.old), "resume", str(self.host.old)])
        self.assertTrue(self.host.service_flag.exists())

    def test_killed_behind_the_swap(self):
        """What is behind the swap is done by the next one, and the old database is kept by name."""
        once = self.host.root / "killed"
        once.unlink(missing_ok=True)
        self.host.write_configuration(
            before_swap=self.hook("pause"),
            after_swap=[["sh", "-c", f"test -e {once} || {{ touch {once}; kill -9 $PPID; sleep 30; }}"],
                        *self.hook("resume")])
        self.notes.touch()
        self.assertEqual(self.host.recover().returncode, -9)
        report = self.assert_recovered(self.host.recover())
        self.assertEqual(self.said()[-1], str(self.host.oid("shop")))
        self.assertEqual([one["what"] for one in report["kept"]],
                         [f"database {self.host.name_of(self.host.old)}"])

    def test_taken_back_with_clients_paused(self):
        self.host.write_configuration(before_swap=self.hook("pause"), after_swap=self.hook("resume"))
        self.assert_recovered(self.host.recover())
        new = str(self.host.oid("shop"))
        self.notes.unlink()
        self.assert_ends(self.host.run("runs", "undo", "last", "--yes", "--json"), 0)
        self.assertEqual(self.said(), ["pause", new, "resume", str(self.host.old)])


class Maintenance(HostTest):
    def test_without_a_database_postgres(self):
        self.host.sql("ALTER DATABASE postgres RENAME TO elsewhere", "template1")
        try:
            done = self.host.recover()
        finally:
            self.host.sql("ALTER DATABASE elsewhere RENAME TO postgres", "template1")
        self.assert_recovered(done)


class Afterwards(HostTest):
    def undo(self, run, *words, code=0):
        return self.assert_ends(self.host.run("runs", "undo", run, "--yes", "--json"), code, *words)

    def test_taken_back_and_done_again(self):
        first = self.assert_recovered(self.host.recover())
        new = self.host.oid("shop")
        undone = self.undo("last")
        self.assertEqual(undone["outcome"], "undone")
        self.assertEqual(self.host.oid("shop"), self.host.old)
        self.assertTrue(self.host.service_flag.exists())
        # What had been put in place is kept in turn: it may hold new rows.
        self.assertEqual(self.host.is_whole(self.host.name_of(new)), "new")
        self.undo("last", "already", code=3)
        second = self.assert_recovered(self.host.recover("--from-run", first["run"]))
        self.assertEqual(self.host.oid("shop"), new)
        self.undo(second["run"])
        self.assertEqual(self.host.oid("shop"), self.host.old)

    def test_a_run_below_a_later_one(self):
        first = self.assert_recovered(self.host.recover())
        self.host.sql("TRUNCATE daos CASCADE", "shop")
        done = self.host.recover("--set", "database.shop.restore_again_after=0s")
        second = self.assert_ends(done, 0)
        self.undo(first["run"], second["run"], code=3)
        self.undo(second["run"])
        self.undo(first["run"])
        self.assertEqual(self.host.oid("shop"), self.host.old)

    def test_pruned(self):
        run = self.assert_recovered(self.host.recover())["run"]
        self.assert_ends(self.host.run("runs", "prune", run, "--json"), 2)
        self.assertIsNotNone(self.host.name_of(self.host.old))
        self.assert_ends(self.host.run("runs", "prune", run, "--yes", "--json"), 0)
        self.assertEqual(self.host.databases(), ["shop"])
        self.assertEqual(self.host.is_whole("shop"), "new")
        self.undo(run, "pruned", code=3)
        self.assertTrue((self.host.state / "runs" / run / "journal.jsonl").exists())

    def test_held(self):
        run = self.assert_recovered(self.host.recover())["run"]
        self.host.run("hold", "shop", "--for", "1h", "--reason", "an inquiry")
        before = self.host.snapshot()
        for word in ("undo", "prune"):
            with self.subTest(word=word):
                done = self.host.run("runs", word, run, "--yes", "--json")
                self.assert_ends(done, 3, "an inquiry")
        self.assertEqual(self.host.snapshot(), before)

    def test_names_of_runs_that_are_none(self):
        for name in ("20200101T000000Z-abcd", "../../etc"):
            with self.subTest(name=name):
                done = self.host.run("runs", "undo", name, "--yes", "--json")
                self.assert_ends(done, 2, name)


if __name__ == "__main__":
    main()
