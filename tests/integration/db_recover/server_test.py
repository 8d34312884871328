# SPDX-License-Identifier: Apache-2.0
"""A server that is down, in trouble, or alive but not for us. Only damage leads to a backup."""

import os
import pathlib
import shutil
import socket
import subprocess
import unittest

from support import BIN, HostTest, main


class ServerTest(HostTest):
    """The data is good: `shop` is the whole database, so nothing may ever be restored."""

    def setUp(self):
        super().setUp()
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop")
        self.host.sql(self.host.dump.decode(), "shop")
        self.conf = (self.host.data / "postgresql.conf").read_text()
        self.addCleanup(self.put_back)

    def put_back(self):
        (self.host.data / "postgresql.conf").write_text(self.conf)
        if not self.host.server_answers():
            self.host.start()

    def assert_no_backup_was_opened(self):
        receipts = self.host.state / "receipts"
        self.assertFalse(receipts.exists() and list(receipts.iterdir()), "a backup was opened")

    def assert_blocked(self, *words, exit_code=3, **how):
        report = self.assert_refused(exit_code, *words, **how)
        self.assert_no_backup_was_opened()
        return report


class Down(ServerTest):
    def setUp(self):
        super().setUp()
        self.host.sql("CHECKPOINT")
        self.host.stop()

    def test_is_started(self):
        done = self.host.recover()
        report = self.report_of(done)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(report["outcome"], "started")
        self.assertEqual(self.host.is_whole("shop"), "new")
        self.assert_no_backup_was_opened()

    def test_needs_no_consent_to_be_started(self):
        done = self.host.run("db-recover", "shop", "--yes", "--json")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_plan_starts_nothing(self):
        done = self.host.run("db-recover", "shop", "--plan", "--json")
        self.assertEqual(self.report_of(done)["outcome"], "planned")
        self.assertFalse(self.host.server_answers())
        self.assertEqual(self.host.run("db-recover", "shop", "--plan", "--exit-code", "--json").returncode, 8)

    def test_crashed_server_recovers_by_itself(self):
        self.host.start()
        self.host.sql("INSERT INTO members SELECT i, 1 FROM generate_series(1000, 2000) i", "shop")
        self.host.stop("immediate")
        done = self.host.recover()
        self.assertEqual(self.report_of(done)["outcome"], "started")
        self.assertEqual(self.host.sql("SELECT count(*) FROM members WHERE id >= 1000", "shop"), ["1001"])

    def test_typo_in_the_configuration(self):
        self.host.configure_server("shared_bufers = '128MB'")
        self.assert_blocked("shared_bufers")

    def test_wrong_value_in_the_configuration(self):
        self.host.configure_server("max_connections = lots")
        self.assert_blocked("max_connections")

    def test_missing_preload_library(self):
        self.host.configure_server("shared_preload_libraries = 'no_such_library'")
        self.assert_blocked("no_such_library")

    @unittest.skipIf(os.geteuid() != 0, "only root can take the files away")
    def test_permissions_of_the_data_directory(self):
        self.host.data.chmod(0o777)
        self.addCleanup(self.host.data.chmod, 0o700)
        self.assert_blocked()

    @unittest.skipIf(os.geteuid() != 0, "only root can take the files away")
    def test_a_file_that_the_server_may_not_read(self):
        path = self.host.data / "pg_hba.conf"
        os.chown(path, 0, 0)
        path.chmod(0o600)
        self.addCleanup(self.host.give_to_server, path)
        self.assert_blocked("pg_hba.conf")

    def test_port_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.host.configure_server(f"listen_addresses = '127.0.0.1'\nport = {taken.getsockname()[1]}")
            self.assert_blocked()

    def test_missing_data_directory(self):
        moved = self.host.root / "moved"
        self.host.data.rename(moved)
        try:
            done = self.host.recover()
        finally:
            if self.host.data.exists():
                shutil.rmtree(self.host.data)
            moved.rename(self.host.data)
        self.assert_ends(done, 3, str(self.host.data))
        self.assert_no_backup_was_opened()

    def test_empty_data_directory(self):
        moved = self.host.root / "moved"
        self.host.data.rename(moved)
        self.host.data.mkdir(mode=0o700)
        self.host.give_to_server(self.host.data)
        try:
            done = self.host.recover()
            self.assertEqual(list(self.host.data.iterdir()), [], "something was made in it")
        finally:
            shutil.rmtree(self.host.data)
            moved.rename(self.host.data)
        self.assert_ends(done, 3, "empty")
        self.assert_no_backup_was_opened()

    def test_other_major_version(self):
        path = self.host.data / "PG_VERSION"
        content = path.read_text()
        path.write_text("13\n")
        self.addCleanup(path.write_text, content)
        self.assert_blocked("13")

    def test_another_postmaster_on_the_same_directory(self):
        self.host.configure_server(f"port = 5999\nunix_socket_directories = '{self.host.root / 'data'}'")
        self.host.start()
        self.addCleanup(self.host.stop)
        done = self.host.recover()
        self.assert_ends(done, 3, "is a server of")

    def test_damaged_control_file_is_damage_of_the_cluster(self):
        path = self.host.data / "global" / "pg_control"
        content = path.read_bytes()
        path.write_bytes(bytes([content[0] ^ 0xFF]) + content[1:])
        self.addCleanup(path.write_bytes, content)
        self.assert_refused(3, "pg_control")

    def test_damage_that_keeps_it_from_starting_takes_no_restore(self):
        # Without whole pages in the WAL recovery has to read the one that is destroyed.
        self.host.configure_server("full_page_writes = off")
        self.host.start()
        self.host.sql("CHECKPOINT")
        path = self.host.data / self.host.sql("SELECT pg_relation_filepath('daos')", "shop")[0]
        self.host.sql("UPDATE daos SET name = 'another' WHERE id = 1", "shop")
        self.host.stop("immediate")
        whole = path.read_bytes()
        self.addCleanup(path.write_bytes, whole)
        path.write_bytes(b"\xff" * 4096 + whole[4096:])
        report = self.assert_ends(self.host.recover(), 3, "invalid page", path.name)
        self.assertIn("whole cluster", report["hint"])
        self.assert_no_backup_was_opened()
        self.assertFalse(self.host.server_answers())

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_files_hidden_from_an_ordinary_account_are_no_obstacle(self):
        done = self.host.run("db-recover", "shop", "--plan", "--json", user="nobody")
        self.assertEqual(self.report_of(done)["outcome"], "planned", done.stderr)

    def test_no_server_configured(self):
        self.host.write_configuration(server=None)
        self.assert_blocked("down")


class Alive(ServerTest):
    def test_healthy_is_left_alone(self):
        before = self.host.databases()
        done = self.host.recover()
        report = self.assert_ends(done, 0)
        self.assertEqual(report["outcome"], "healthy")
        self.assertNotIn("run", report)
        self.assertTrue(report["not_looked_at"])
        self.assertEqual(self.host.databases(), before)

    def test_wrong_password(self):
        hba = self.host.data / "pg_hba.conf"
        content = hba.read_text()
        self.addCleanup(self.reload_hba, content)
        secret = self.host.root / "password"
        secret.write_text("wrong-one\n")
        secret.chmod(0o600)
        self.host.sql("CREATE ROLE asker SUPERUSER LOGIN PASSWORD 'right-one'")
        self.addCleanup(self.host.sql, "DROP ROLE asker")
        self.reload_hba("local all asker scram-sha-256\n" + content)
        self.host.write_configuration(connection=f"host={self.host.sockets} user=asker")
        text = self.host.config.read_text()
        self.host.config.write_text(text.replace('data_dir =', f'password = {{ file = "{secret}" }}\ndata_dir ='))
        report = self.assert_blocked("asker")
        self.assertNotIn("wrong-one", str(report))

    def reload_hba(self, content):
        (self.host.data / "pg_hba.conf").write_text(content)
        self.host.sql("SELECT pg_reload_conf()")
        # The postmaster reads it when it gets to it.
        for _ in range(100):
            loaded = self.host.sql("SELECT count(*) FROM pg_hba_file_rules WHERE 'asker' = ANY (user_name)")
            if (loaded == ["1"]) == ("asker" in content):
                return

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_an_ordinary_account_looks_as_itself(self):
        looks = (("db-recover", "shop", "--plan", "--json"), ("db-verify", "shop", "--json"))
        for command in looks:
            done = self.host.run(*command, user="nobody")
            self.assertEqual(self.report_of(done)["outcome"], "healthy", done.stderr)
        # Where the server wants to see the account that is its own, only root can be it.
        hba = (self.host.data / "pg_hba.conf").read_text()
        self.addCleanup(self.restart_with_hba, hba)
        self.restart_with_hba("local shop postgres peer\n" + hba)
        for command in looks:
            report = self.assert_ends(self.host.run(*command, user="nobody"), 3, "eer authentication")
            self.assertIn("sudo", report["hint"])

    def restart_with_hba(self, content):
        (self.host.data / "pg_hba.conf").write_text(content)
        self.host.stop()
        self.host.start()

    @unittest.skipIf(os.geteuid() != 0, "only root has privileges to give up")
    def test_root_that_may_not_become_the_servers_account(self):
        for command in (("db-recover", "shop", "--plan"), ("db-verify", "shop")):
            done = self.host.run(*command, "--json", wrapper=("setpriv", "--bounding-set=-setuid"))
            report = self.assert_ends(done, 3, "cannot act as user")
            self.assertIn("sudo", report["hint"])

    def test_too_many_clients(self):
        self.host.configure_server("max_connections = 5\nsuperuser_reserved_connections = 0\nmax_wal_senders = 0")
        self.host.stop()
        self.host.start()
        clients = [subprocess.Popen([BIN / "psql", "-h", self.host.sockets, "-U", "postgres", "-XAtq", "postgres"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(5)]
        try:
            for client in clients:
                client.stdin.write("SELECT 1;\n")
                client.stdin.flush()
                client.stdout.readline()
            done = self.host.recover()
        finally:
            for client in clients:
                client.communicate()
            self.put_back()
            self.host.stop()
            self.host.start()
        self.assert_ends(done, 3, "too many clients")
        self.assert_no_backup_was_opened()

    def test_statement_timeout_of_a_query_is_no_damage(self):
        self.host.write_configuration(extra='[[database.shop.verify]]\nname = "slow"\n'
                                            "sql = \"SET statement_timeout = '1ms'; SELECT pg_sleep(1)\"\n")
        self.assert_blocked("slow")

    def test_missing_privilege_of_a_query_is_no_damage(self):
        self.host.sql("CREATE ROLE weak")
        self.addCleanup(self.host.sql, "DROP ROLE weak")
        self.host.write_configuration(extra='[[database.shop.verify]]\nname = "weak"\nrole = "weak"\n'
                                            'sql = "SELECT count(d) FROM daos d"\n')
        self.assert_blocked("ermission")

    def test_query_that_returns_nothing_is_no_damage(self):
        self.host.write_configuration(extra='[[database.shop.verify]]\nname = "none"\n'
                                            'sql = "SELECT id FROM daos WHERE id < 0"\nmin = 1\n')
        self.assert_blocked("no row")

    def test_query_that_is_no_sql_is_no_damage(self):
        self.host.write_configuration(extra='[[database.shop.verify]]\nname = "typo"\nsql = "SELEKT 1"\n')
        self.assert_blocked("typo")

    def test_managed_by_patroni(self):
        sign = self.host.data / "patroni.dynamic.json"
        sign.write_text("{}")
        self.addCleanup(sign.unlink)
        self.assert_blocked("Patroni")


class Damaged(HostTest):
    """Real damage of the database: the backup is restored, the damaged one kept."""

    def damage(self, table):
        path = self.host.sql(f"SELECT pg_relation_filepath('{table}')", "shop")[0]
        self.host.sql("CHECKPOINT")
        self.host.stop()
        with open(self.host.data / path, "r+b") as file:
            file.write(b"\xff" * 4096)
        self.host.start()

    def test_destroyed_page(self):
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop")
        self.host.sql(self.host.dump.decode(), "shop")
        self.host.old = None
        self.damage("daos")
        self.assert_recovered(self.host.recover())

    def test_database_dropped(self):
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.old = None
        self.assert_recovered(self.host.recover())

    def test_a_misspelt_query_restores_nothing(self):
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop")
        self.host.sql(self.host.dump.decode(), "shop")
        self.host.write_configuration("""
[[database.shop.verify]]
name = "typo"
sql = "SELECT count(d) FROM doas d"
min = 1
""")
        report = self.assert_refused(3, "'doas'", "nobody has ever seen it there")
        self.assertIn("correct the verification query", report["hint"])

    def test_files_of_the_database_gone(self):
        oid = self.host.oid("shop")
        self.host.sql("CHECKPOINT")
        self.host.stop()
        shutil.rmtree(self.host.data / "base" / str(oid))
        self.host.start()
        self.host.old = None
        done = self.host.recover()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.host.is_whole("shop"), "new")

    def test_missing_file_of_an_index_restores_nothing(self):
        self.host.sql("DROP DATABASE shop WITH (FORCE)")
        self.host.sql("CREATE DATABASE shop")
        self.host.sql(self.host.dump.decode(), "shop")
        path = self.host.sql("SELECT pg_relation_filepath('daos_pkey')", "shop")[0]
        self.host.sql("CHECKPOINT")
        self.host.stop()
        (self.host.data / path).unlink()
        self.host.start()
        self.addCleanup(self.host.sql, "DROP DATABASE IF EXISTS shop WITH (FORCE)")
        self.assert_refused(3, "index public.daos_pkey")

    def test_prepared_transaction_is_refused(self):
        self.host.configure_server("max_prepared_transactions = 2")
        self.host.stop()
        self.host.start()
        self.host.sql("BEGIN; INSERT INTO version VALUES ('x'); PREPARE TRANSACTION 'half';", "shop")
        self.addCleanup(self.host.sql, "ROLLBACK PREPARED 'half'", "shop")
        self.assert_refused(3, "half")

    def test_dead_synchronous_standby_hangs_nothing(self):
        self.host.configure_server("synchronous_standby_names = 'nobody'")
        self.host.sql("SELECT pg_reload_conf()")
        self.addCleanup(self.host.sql, "SET synchronous_commit = local; SELECT pg_reload_conf()")
        self.addCleanup(self.host.configure_server, "synchronous_standby_names = ''")
        report = self.report_of(self.host.recover(timeout=60))
        self.assertEqual(report["outcome"], "recovered")


if __name__ == "__main__":
    main()
