# SPDX-License-Identifier: Apache-2.0
"""drctl status and drctl alone: what is wrong, since when, what to type; never another verdict
than db-recover's."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "db_recover"))
from support import ROWS, HostTest, main  # noqa: E402


class StatusTest(HostTest):
    """`shop` is the whole database, unless a test damages it."""

    def setUp(self):
        super().setUp()
        self.make_whole()

    def make_whole(self):
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop")
        self.host.sql(self.host.dump.decode(), "shop")

    def status(self, exit_code, *words, **how):
        """Items by kind and name."""
        done = self.host.run("status", "--json", *words, **how)
        self.assertEqual(done.returncode, exit_code, f"{done.stdout}\n{done.stderr}")
        report = self.report_of(done)
        self.assertEqual(report["exit_code"], exit_code)
        return {(item["kind"], item["name"]): item for item in report["items"]}

    def assert_item(self, items, kind, name, state, *words, following=None):
        item = items[kind, name]
        self.assertEqual(item["state"], state, item)
        for word in words:
            self.assertIn(word, item["summary"])
        if following is not None:
            self.assertEqual(item.get("next"), following)
        return item

    def verdict_of_db_recover(self):
        done = self.host.run("db-recover", "shop", "--plan", "--accept-data-loss", "30d", "--json")
        return self.report_of(done)["outcome"]


class AllGood(StatusTest):
    def test_everything_is_seen(self):
        items = self.status(0)
        self.assertEqual(set(items), {("database", "shop"), ("backup", "shop"), ("health", "app"),
                                      ("service", "app"), ("service", "postgres")})
        self.assert_item(items, "database", "shop", "good", f"daos: at least {ROWS}")
        self.assert_item(items, "backup", "shop", "good", "not-inspected")
        self.assertEqual(self.verdict_of_db_recover(), "healthy")

    def test_for_people(self):
        done = self.host.run()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "all good: 1 database, 1 newest backup, 2 services, 1 health check\n")
        self.assertEqual(self.host.run("-q").stdout, "")
        self.assertEqual(self.host.run("status", "-q").stdout, "")

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_without_root(self):
        self.host.write_configuration(os_user="nobody", server=None)
        items = self.status(11, user="nobody")
        self.assert_item(items, "database", "shop", "good")
        self.assert_item(items, "backup", "shop", "good")
        self.assert_item(items, "service", "app", "good")
        # Only root may ask for it as another account.
        self.assert_item(items, "service", "postgres", "unknown", "as user")
        # Nor be let in by peer authentication.
        self.host.write_configuration(connection=f"host={self.host.sockets} port={self.host.port}")
        items = self.status(11, user="nobody")
        self.assert_item(items, "database", "shop", "unknown", "nobody", following="sudo drctl status")
        self.host.stop()
        self.addCleanup(self.host.start)
        items = self.status(11, user="nobody")
        self.assert_item(items, "database", "shop", "bad", "down", following="drctl db-recover shop")


class SomethingIsWrong(StatusTest):
    def test_a_server_that_is_down(self):
        self.host.stop()
        self.addCleanup(self.host.start)
        items = self.status(11)
        item = self.assert_item(items, "database", "shop", "bad", "down", following="drctl db-recover shop")
        stopped = time.mktime(time.strptime(item["since"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        self.assertLess(abs(time.time() - stopped), 60)
        self.assert_item(items, "service", "postgres", "bad", following="drctl db-recover shop")
        self.assert_item(items, "backup", "shop", "good")
        self.assertEqual(self.verdict_of_db_recover(), "planned")
        alone = self.host.run()
        self.assertEqual(alone.returncode, 11)
        self.assertIn("next: drctl db-recover shop\n", alone.stdout)
        self.assertIn("since ", alone.stdout)

    def test_rows_that_are_gone(self):
        self.host.sql("TRUNCATE daos CASCADE", "shop")
        self.assert_item(self.status(11), "database", "shop", "bad", "got 0", following="drctl db-recover shop")
        self.assertEqual(self.verdict_of_db_recover(), "planned")

    def test_what_db_recover_refuses_to_touch(self):
        self.host.sql("REVOKE ALL ON daos FROM PUBLIC; DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN", "shop")
        self.addCleanup(self.host.sql, "DROP ROLE reader")
        self.host.write_configuration(
            connection=f"host={self.host.sockets} port={self.host.port} user=reader")
        self.assert_item(self.status(11), "database", "shop", "bad", "permission denied")
        self.assertEqual(self.verdict_of_db_recover(), "refused")

    def test_a_service_and_what_depends_on_it(self):
        self.host.service_flag.unlink()
        items = self.status(11)
        self.assert_item(items, "service", "app", "bad", "stopped", following=f"touch {self.host.service_flag}")
        self.assert_item(items, "health", "app", "bad")

    def test_backups(self):
        self.host.write_configuration(max_data_loss="30m")
        self.assert_item(self.status(11), "backup", "shop", "bad", "max_data_loss")
        self.host.write_configuration(max_data_loss="2h")
        self.assert_item(self.status(0), "backup", "shop", "good")
        cut = self.host.add_backup(b"no dump", hours_ago=0.2, raw=True)
        self.addCleanup(lambda: cut.unlink(missing_ok=True))
        self.host.run("backup", "verify")
        self.assert_item(self.status(11), "backup", "shop", "bad", "is rejected", "clean",
                         following="drctl backup verify shop")
        cut.unlink()
        self.only_backup(b"").unlink()
        self.assert_item(self.status(11), "backup", "shop", "bad", "there is none")

    def test_an_unfinished_run_comes_first_and_says_how_to_go_on(self):
        self.host.sql("TRUNCATE daos CASCADE", "shop")
        # Stopped in the middle: the first hook never ends.
        self.host.write_configuration(before_swap=[["sleep", "600"]])
        run = subprocess.Popen([self.host.drctl, "db-recover", "shop", "--yes", "--accept-data-loss", "30d",
                                "--json", "-c", self.host.config],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        deadline = time.monotonic() + 120
        while not any(name.startswith("shop__copy") for name in self.host.databases()):
            self.assertLess(time.monotonic(), deadline, "no copy was made")
            self.assertIsNone(run.poll(), "the run has ended")
        items = self.status(11)
        (under_way,) = [item for (kind, _), item in items.items() if kind == "run"]
        self.assertEqual(under_way["state"], "notice")
        run.send_signal(signal.SIGKILL)
        run.wait()
        items = self.status(11)
        first = next(iter(items.values()))
        self.assertEqual((first["kind"], first["state"], first["next"]), ("run", "bad", "drctl db-recover shop"))
        (copy,) = [item for (kind, _), item in items.items() if kind == "kept"]
        self.assertIn("has not ended", copy["summary"])
        self.assertGreater(copy["bytes"], 0)

    def test_kept_databases_and_holds(self):
        self.host.sql("TRUNCATE daos CASCADE", "shop")
        run = self.assert_recovered_report(self.host.recover())["run"]
        self.host.run("hold", "shop", "--for", "4h", "--reason", "migration")
        items = self.status(0)
        self.assert_item(items, "hold", "shop", "notice", "migration", following="drctl unhold shop")
        (kept,) = [item for (kind, _), item in items.items() if kind == "kept"]
        self.assertEqual((kept["state"], kept["next"]), ("notice", f"drctl runs prune {run}"))
        self.assertGreater(kept["bytes"], 0)
        # Also while the server cannot tell its size.
        self.host.stop()
        self.addCleanup(self.host.start)
        (kept,) = [item for (kind, _), item in self.status(11).items() if kind == "kept"]
        self.assertNotIn("bytes", kept)

    def assert_recovered_report(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return self.report_of(done)

    def test_mistakes_in_the_configuration_hide_nothing_else(self):
        self.host.write_configuration("[service.broken]\nmanager = \"magic\"\n")
        items = self.status(11)
        self.assert_item(items, "configuration", str(self.host.config), "bad", "magic", following="drctl config check")
        self.assert_item(items, "database", "shop", "good")


class AtOnce(StatusTest):
    def test_what_does_not_answer_is_unknown_and_holds_up_nothing(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            self.host.write_configuration("".join(
                f'[health.silent{i}]\nurl = "{url}"\ntimeout = "60s"\n' for i in range(10)))
            began = time.monotonic()
            items = self.status(11, "--timeout", "3s")
            self.assertLess(time.monotonic() - began, 30)
        for i in range(10):
            self.assert_item(items, "health", f"silent{i}", "unknown", "no answer within 3s")
        self.assert_item(items, "database", "shop", "good")


class NoConfiguration(unittest.TestCase):
    def test_drctl_alone_says_what_to_do_first(self):
        if os.path.exists("/etc/drctl/drctl.toml"):
            self.skipTest("this host has a configuration")
        done = subprocess.run([os.environ["DRCTL"]], capture_output=True, text=True, check=False,
                              env={**os.environ, "DRCTL_CONFIG": ""})
        self.assertEqual(done.returncode, 2)
        self.assertIn("drctl config init", done.stdout)
        self.assertIn("drctl demo", done.stdout)


if __name__ == "__main__":
    main()
