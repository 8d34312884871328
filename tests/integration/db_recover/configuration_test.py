# SPDX-License-Identifier: Apache-2.0
"""Configuration, account and command line of every wrong kind."""

import os
import unittest

from support import HostTest, main, unprivileged


class Configuration(HostTest):
    def break_it(self, old, new):
        text = self.host.config.read_text()
        self.assertIn(old, text)
        self.host.config.write_text(text.replace(old, new))

    def test_missing(self):
        self.host.config.unlink()
        self.assert_refused(2, "drctl.toml")

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody who may not read it")
    def test_unreadable(self):
        self.host.config.chmod(0o600)
        self.addCleanup(self.host.config.chmod, 0o644)
        self.assert_refused(3, "ermission", user="nobody")

    def test_syntax(self):
        self.break_it("[database.shop]", "[database.shop")
        self.assert_refused(2, "drctl.toml:")

    def test_unknown_key(self):
        self.break_it("data_dir =", "data_dri =")
        self.assert_refused(2, "data_dri", "drctl.toml:")

    def test_wrong_type(self):
        self.break_it('stop = ["app"]', "stop = 3")
        self.assert_refused(2, "stop", "drctl.toml:")

    def test_dangling_name(self):
        self.break_it('stop = ["app"]', 'stop = ["apq"]')
        self.assert_refused(2, "apq")

    def test_a_mistake_elsewhere_does_not_stop_a_recovery(self):
        self.host.write_configuration(extra='[health.other]\nurll = "http://localhost/"\n')
        self.assert_recovered(self.host.recover())

    def test_secret_that_everyone_can_read(self):
        secret = self.host.root / "password"
        secret.write_text("hunter22\n")
        secret.chmod(0o644)
        self.host.write_configuration(password={"file": str(secret)})
        self.break_it('{"file": ', "{file = ")
        report = self.assert_refused(3, "password")
        self.assertIn("chmod", report["hint"])

    def test_unknown_target(self):
        done = self.host.run("db-recover", "shap", "--yes", "--json")
        self.assert_ends(done, 2, "shap")

    def test_another_hosts_server(self):
        self.host.write_configuration(connection="host=192.0.2.1 user=postgres")
        self.assert_refused(2, "host")

    def test_no_yes_and_no_terminal(self):
        before = self.host.snapshot()
        done = self.host.run("db-recover", "shop", "--accept-data-loss", "30d", "--json")
        report = self.assert_ends(done, 2)
        self.assertIn("--yes", report["hint"])
        self.assertEqual(self.host.snapshot(), before)

    def test_no_consent_to_the_loss(self):
        before = self.host.snapshot()
        done = self.host.run("db-recover", "shop", "--yes", "--json")
        report = self.assert_ends(done, 3, "would be lost")
        self.assertIn("--accept-data-loss", report["hint"])
        self.assertEqual(self.host.snapshot(), before)

    def test_consent_to_less(self):
        before = self.host.snapshot()
        done = self.host.run("db-recover", "shop", "--yes", "--accept-data-loss", "10m", "--json")
        self.assert_ends(done, 3, "would be lost")
        self.assertEqual(self.host.snapshot(), before)

    def test_second_unattended_restore(self):
        self.assert_recovered(self.host.recover())
        self.host.sql("TRUNCATE daos CASCADE", "shop")
        self.assert_refused(3, "restored only lately")

    def test_held(self):
        done = self.host.run("hold", "shop", "--for", "1h", "--reason", "a migration")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_refused(3, "a migration")
        self.assertEqual(self.host.run("unhold", "shop").returncode, 0)
        self.assert_recovered(self.host.recover())

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_not_root(self):
        self.host.state.mkdir()
        self.assert_refused(3, user="nobody")

    @unittest.skipIf(os.geteuid() != 0, "only root can become the server's account")
    def test_the_servers_own_account_needs_no_root(self):
        self.host.state.mkdir()
        self.host.give_to_server(self.host.state)
        self.host.give_to_server(self.host.root)
        self.host.service_flag.unlink()
        done = self.host.recover("--set", "database.shop.stop=[]", "--set",
                                 "database.shop.health=[]", user=unprivileged())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.host.is_whole("shop"), "new")


if __name__ == "__main__":
    main()
