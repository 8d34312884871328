# SPDX-License-Identifier: Apache-2.0
"""drctl db-verify: healthy, damaged, not for us, not there; and nothing changed by looking."""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "db_recover"))
from support import ROWS, HostTest, main  # noqa: E402

MORE_QUERIES = """
[[database.shop.verify]]
name = "members"
sql = "SELECT count(m) FROM members m"
min = 1
[[database.shop.verify]]
name = "version"
sql = "SELECT name FROM version"
"""


class VerifyTest(HostTest):
    """`shop` is the whole database, unless a test damages it."""

    def setUp(self):
        super().setUp()
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop")
        self.host.sql(self.host.dump.decode(), "shop")

    def verify(self, **how):
        return self.host.run("db-verify", "shop", "--json", **how)

    def assert_verdict(self, exit_code, outcome, *words, done=None):
        report = self.assert_ends(done or self.verify(), exit_code, *words) if exit_code else None
        if report is None:
            done = done or self.verify()
            self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
            report = self.report_of(done)
        self.assertEqual(report["outcome"], outcome)
        return report

    def destroy_a_page(self, relation):
        """Bytes of its file are overwritten behind the server's back."""
        path = self.host.data / self.host.sql(f"SELECT pg_relation_filepath('{relation}')", "shop")[0]
        self.host.stop()
        with open(path, "r+b") as file:
            file.write(b"\xff" * 4096)
        self.host.start()

    def test_healthy(self):
        self.host.write_configuration(MORE_QUERIES)
        report = self.assert_verdict(0, "healthy")
        self.assertIn(f"daos: at least {ROWS}", report["evidence"])
        self.assertTrue(report["by"]["user"])
        self.assertIn("page checksums", report["not_looked_at"])
        # Only what was seen is remembered, for the day it is missing.
        self.assertEqual([path.name for path in self.host.state.rglob("*")], ["seen", "shop.json"])

    def test_every_bound_that_does_not_hold_is_named(self):
        self.host.sql("TRUNCATE daos CASCADE", "shop")
        self.host.write_configuration(MORE_QUERIES)
        report = self.assert_verdict(10, "damaged", "'daos'", "'members'")
        self.assertIn("version: runs", report["evidence"])
        self.assertIn("drctl db-recover shop --plan", report["hint"])

    def test_a_destroyed_page_under_a_good_index(self):
        self.host.sql("CHECKPOINT", "shop")
        self.destroy_a_page("daos")
        self.assertEqual(self.host.sql("SET enable_seqscan = off; SELECT id FROM daos WHERE id < 0", "shop"), [])
        self.assert_verdict(10, "damaged", "invalid page")

    def test_rows_that_no_query_reads_after_a_restart(self):
        self.host.sql("CHECKPOINT", "shop")
        self.destroy_a_page("members")
        self.assert_verdict(10, "damaged", "invalid page")

    def test_a_database_that_is_gone(self):
        self.host.sql("DROP DATABASE shop")
        self.assert_verdict(10, "damaged", "gone")

    def test_invalid_objects_are_warnings(self):
        self.host.sql("ALTER TABLE members ADD CONSTRAINT small CHECK (id < 9) NOT VALID;"
                      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'daos_name_key'::regclass",
                      "shop")
        warnings = " ".join(self.assert_verdict(0, "healthy")["warnings"])
        self.assertIn("index public.daos_name_key", warnings)
        self.assertIn("constraint small of public.members", warnings)

    def test_a_query_never_writes(self):
        self.host.write_configuration("""
[[database.shop.verify]]
name = "hasty"
sql = "DELETE FROM members RETURNING 1"
""")
        self.assert_verdict(3, "refused", "hasty")
        self.assertEqual(self.host.is_whole("shop"), "new")

    def test_no_privilege_is_no_damage(self):
        self.host.sql("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
        self.addCleanup(self.host.sql, "DROP ROLE reader")
        connection = f"host={self.host.sockets} port={self.host.port} user=reader"
        self.host.write_configuration(connection=connection)
        self.assert_verdict(3, "refused", "permission denied")

    def test_too_many_clients(self):
        self.host.sql("ALTER DATABASE shop CONNECTION LIMIT 0")
        self.host.sql("DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN")
        self.addCleanup(self.host.sql, "DROP ROLE plain")
        connection = f"host={self.host.sockets} port={self.host.port} user=plain"
        self.host.write_configuration(connection=connection)
        self.assert_verdict(3, "refused", "too many connections")

    def test_a_server_that_is_down_stays_down(self):
        self.host.stop()
        self.addCleanup(self.host.start)
        self.assert_verdict(7, "unreachable", "down")
        self.assertFalse(self.host.server_answers())

    def test_for_people(self):
        done = self.host.run("db-verify")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("db-verify shop: healthy", done.stdout)
        self.assertIn(f"daos: at least {ROWS}", done.stdout)
        self.assertEqual(self.host.run("db-verify", "-q").stdout, "")

    def test_what_is_wrong_with_the_question(self):
        self.assert_ends(self.host.run("db-verify", "shp", "--json"), 2, "shp")

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_without_root(self):
        self.host.write_configuration(os_user="nobody")
        self.assert_verdict(0, "healthy", done=self.verify(user="nobody"))


if __name__ == "__main__":
    main()
