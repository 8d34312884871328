# SPDX-License-Identifier: Apache-2.0
"""What the tests of db-recover have in common: one host a test class, reset before each test."""

import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from drctl_host import BIN, ROWS, Host, stamp, unprivileged  # noqa: E402,F401


class HostTest(unittest.TestCase):
    """`self.host` has a damaged `shop`, a running application, and one good backup."""

    @classmethod
    def setUpClass(cls):
        cls.host = Host(os.environ["DRCTL"])
        cls.addClassCleanup(cls.host.close)

    def setUp(self):
        self.host.reset()
        self.host.write_configuration()

    def report_of(self, done):
        """The one JSON object on stdout, and nothing else there."""
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            self.fail(f"no report on stdout: {done.stdout!r}\n{done.stderr}")

    def assert_ends(self, done, exit_code, *words):
        """It ended with that code, its error has the words, and there is a hint."""
        report = self.report_of(done)
        told = " ".join([report.get("error", ""), report.get("summary", "")]
                        + report.get("evidence", [])
                        + [one["reason"] for one in report.get("backup", {}).get("rejected", [])])
        self.assertEqual(done.returncode, exit_code, f"{done.stdout}\n{done.stderr}")
        self.assertEqual(report["exit_code"], exit_code)
        for word in words:
            self.assertIn(word, told)
        if exit_code not in (0, 1):
            self.assertTrue(report.get("hint"), f"no hint: {report}")
        return report

    def assert_refused(self, exit_code, *words, options=(), **how):
        """A recovery that ends so, and leaves everything as it was."""
        before = self.host.snapshot()
        done = self.host.recover(*options, **how)
        report = self.assert_ends(done, exit_code, *words)
        self.assertEqual(self.host.snapshot(), before, "something has changed")
        return report

    def assert_recovered(self, done):
        report = self.report_of(done)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.assertEqual(report["outcome"], "recovered")
        self.assertEqual(self.host.is_whole("shop"), "new")
        self.assertTrue(self.host.service_flag.exists(), "the application does not run")
        if self.host.old is not None:
            kept = self.host.name_of(self.host.old)
            self.assertIsNotNone(kept, "the old database is gone")
            self.assertEqual(self.host.is_whole(kept), "old")
        return report

    def only_backup(self, content, **how):
        """Replaces all backups by one of that content."""
        for path in self.host.backups.iterdir():
            path.unlink()
        path = self.host.add_backup(content, **how)
        self.addCleanup(self._restore_backups)
        return path

    def _restore_backups(self):
        for path in self.host.backups.iterdir():
            if path.is_dir() and not path.is_symlink():
                os.rmdir(path)
            else:
                path.unlink()
        self.host.backup = self.host.add_backup(self.host.dump)


def main():
    unittest.main(verbosity=2)
