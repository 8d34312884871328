# SPDX-License-Identifier: Apache-2.0
"""Undoing what cannot be undone: refused before anything stops, and in nobody's way."""

from support import HostTest, main


class StuckUndo(HostTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host.configure_server("max_prepared_transactions = 2")
        cls.host.stop()
        cls.host.start()

    def setUp(self):
        super().setUp()
        self.run_id = self.assert_recovered(self.host.recover())["run"]
        self.kept = self.host.name_of(self.host.old)

    def undo(self, code, *words):
        before = self.host.snapshot()
        done = self.host.run("runs", "undo", self.run_id, "--yes", "--json")
        report = self.assert_ends(done, code, *words)
        if code != 0:
            self.assertEqual(self.host.snapshot(), before, "something has changed")
        return report

    def assert_runs_on(self):
        self.assertTrue(self.host.service_flag.exists(), "the application does not run")
        self.assertEqual(self.assert_ends(self.host.recover(), 0)["outcome"], "healthy")

    def test_the_kept_database_was_dropped_by_hand(self):
        self.host.sql(f'DROP DATABASE "{self.kept}"')
        self.undo(3, "dropped")
        self.assert_runs_on()
        done = self.host.run("runs", "prune", self.run_id, "--yes", "--json")
        self.assert_ends(done, 0)

    def test_a_prepared_transaction_is_in_the_way(self):
        self.host.sql("BEGIN; CREATE TABLE waiting (); PREPARE TRANSACTION 'waiting'", "shop")
        try:
            self.undo(3, "waiting")
            self.assert_runs_on()
        finally:
            self.host.sql("ROLLBACK PREPARED 'waiting'", "shop")
        self.undo(0)
        self.assertEqual(self.host.oid("shop"), self.host.old)

    def test_somebody_has_put_another_database_in_its_place(self):
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        report = self.undo(3, "there is no database 'shop' any more")
        self.assertIn(self.kept, report["hint"])
        self.host.sql("CREATE DATABASE shop")
        self.undo(3, "neither the restored nor the old database")
        self.assertEqual(self.host.is_whole(self.kept), "old")

    def test_pruning_leaves_alone_what_another_run_keeps(self):
        at_once = ("--set", 'database.shop.restore_again_after="1ms"')
        copied = self.assert_ends(self.host.recover("--beside", *at_once), 0)["run"]
        self.assert_ends(self.host.recover("--from-run", copied, *at_once), 0)
        live = self.host.oid("shop")
        self.host.sql("TRUNCATE daos CASCADE", "shop")
        self.assert_ends(self.host.recover(*at_once), 0)
        kept = self.host.name_of(live)
        self.assertIn("__before_", kept)
        done = self.host.run("runs", "prune", copied, "--yes", "--json")
        self.assert_ends(done, 3, kept)
        self.assertEqual(self.host.name_of(live), kept)

    def test_the_server_is_down(self):
        self.host.stop()
        try:
            self.undo(7, "cannot connect")
        finally:
            self.host.start()
        self.assert_runs_on()
        self.undo(0)

    def test_somebody_else_has_the_name_that_the_restored_database_would_get(self):
        journal = (self.host.state / "runs" / self.run_id / "journal.jsonl").read_text()
        name = self.kept.replace("__before_", "__copy_")
        self.assertIn(f'"{name}"', journal)
        self.host.sql(f'CREATE DATABASE "{name}"')
        self.undo(3, name)
        self.host.sql(f'DROP DATABASE "{name}"')
        self.undo(0)


if __name__ == "__main__":
    main()
