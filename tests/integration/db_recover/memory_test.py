# SPDX-License-Identifier: Apache-2.0
"""What is missing: gone, or only under another name? Told by what was there when all was well."""

import json

from support import ROWS, HostTest, main


class MemoryTest(HostTest):
    """`shop` is the whole database, as the backup has it."""

    def setUp(self):
        super().setUp()
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.psql("CREATE ROLE app")  # once for all tests
        self.host.sql("CREATE DATABASE shop OWNER app LOCALE 'C' TEMPLATE template0")
        self.host.sql(self.host.dump.decode(), "shop")
        self.host.old = None

    def look(self):
        """Somebody looks while all is well."""
        done = self.host.recover()
        self.assertEqual(self.report_of(done)["outcome"], "healthy", done.stdout)


class Tables(MemoryTest):
    def test_dropped(self):
        self.look()
        self.host.sql("DROP TABLE daos CASCADE", "shop")
        report = self.assert_recovered(self.host.recover())
        self.assertEqual(report["outcome"], "recovered")

    def test_dropped_when_nobody_had_looked(self):
        self.host.sql("DROP TABLE daos CASCADE", "shop")
        report = self.assert_refused(3, "'daos'", "nobody has ever seen it there")
        self.assertIn("--restore-anyway", report["hint"])
        self.assert_recovered(self.host.recover("--restore-anyway"))

    def test_renamed(self):
        self.look()
        self.host.sql("ALTER TABLE daos RENAME TO organisations", "shop")
        self.assert_refused(3, "public.organisations")

    def test_seen_in_the_database_that_was_there_before(self):
        self.look()
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop")
        self.assert_refused(3, "nobody has ever seen it there")


class Databases(MemoryTest):
    def test_dropped(self):
        self.host.sql("ALTER DATABASE shop SET work_mem = '5MB'; REVOKE CONNECT ON DATABASE shop FROM PUBLIC")
        self.look()
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        plan = self.report_of(self.host.run("db-recover", "shop", "--plan", "--json"))
        self.assertIn("as last seen", json.dumps(plan))
        self.assert_recovered(self.host.recover())
        self.assertEqual(
            self.host.sql("SELECT pg_get_userbyid(datdba), datcollate, has_database_privilege('app', oid, 'CONNECT') "
                          "AND NOT EXISTS (SELECT FROM aclexplode(datacl) WHERE grantee = 0 AND privilege_type = 'CONNECT') "
                          "FROM pg_database WHERE datname = 'shop'"), ["app|C|t"])
        self.assertEqual(self.host.sql("SHOW work_mem", "shop"), ["5MB"])

    def test_dropped_when_nobody_had_looked(self):
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        plan = self.report_of(self.host.run("db-recover", "shop", "--plan", "--json"))
        self.assertIn("nobody has seen 'shop'", json.dumps(plan))
        self.assert_recovered(self.host.recover())

    def test_renamed(self):
        self.look()
        self.host.sql("ALTER DATABASE shop RENAME TO store")
        report = self.assert_refused(3, "another name now: 'store'")
        self.assertIn("RENAME TO", report["hint"])

    def test_catalogue_has_lost_it(self):
        self.look()
        oid = self.host.oid("shop")
        self.host.sql("SET allow_system_table_mods = on; "
                      f"DELETE FROM pg_database WHERE oid = {oid}")
        self.assert_refused(3, f"base/{oid}")


class Copies(HostTest):
    def test_beside_a_database_that_is_gone(self):
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        done = self.host.recover("--beside")
        report = self.assert_ends(done, 0)
        self.assertEqual(report["outcome"], "copied")
        self.assertIsNone(self.host.oid("shop"))
        self.assertTrue(self.host.service_flag.exists())

    def test_a_copy_is_no_restore(self):
        """It does not count when unattended restores are kept apart."""
        self.assert_ends(self.host.recover("--beside"), 0)
        self.assert_recovered(self.host.recover())
        report = self.report_of(self.host.recover("--restore-anyway"))
        self.assertEqual(report["exit_code"], 3, report)
        self.assertIn("restored only lately", report["error"])


class Health(HostTest):
    def test_is_asked_once_the_server_is_up(self):
        """The data are good, the application is not: nothing to restore, nothing to be glad of."""
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop")
        self.host.sql(self.host.dump.decode(), "shop")
        self.host.service_flag.unlink()
        self.host.config.write_text(
            self.host.config.read_text().replace('interval = "10ms"', 'interval = "10ms"\ndeadline = "300ms"'))
        self.host.stop()
        self.addCleanup(lambda: self.host.server_answers() or self.host.start())
        done = self.host.recover()
        report = self.assert_ends(done, 5, "'shop' is good, but", "'app' is not healthy")
        self.assertEqual([step["status"] for step in report["steps"]], ["done"])
        self.assertEqual(self.host.sql("SELECT count(*) FROM daos", "shop"), [str(ROWS)])


if __name__ == "__main__":
    main()
