# SPDX-License-Identifier: Apache-2.0
"""The demo shows what it promises and leaves nothing behind, also when it is stopped half way."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import copy_for_everybody  # noqa: E402

DRCTL = os.environ["DRCTL"]


class DemoTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="drctl-demo-test")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        # The server's account has to get through.
        self.scratch.chmod(0o755)
        self.environment = dict(os.environ, TMPDIR=scratch.name)
        self.environment.pop("DRCTL_CONFIG", None)

    def assert_nothing_left(self):
        self.assertEqual(list(self.scratch.iterdir()), [])
        for command in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = command.read_bytes()
            except OSError:
                continue  # it has ended meanwhile
            self.assertNotIn(os.fsencode(self.scratch), words, "a server is still running")

    def run_demo(self, program=DRCTL, **how):
        return subprocess.run([program, "demo"], env=self.environment, capture_output=True,
                              text=True, timeout=300, check=False, **how)

    @unittest.skipIf(os.geteuid() != 0, "the other test is that of an ordinary user already")
    def test_needs_no_privileges(self):
        os.chown(self.scratch, 65534, 65534)
        with tempfile.TemporaryDirectory(prefix="drctl-program-") as installed:
            os.chmod(installed, 0o755)
            done = self.run_demo(copy_for_everybody(DRCTL, installed), user=65534, group=65534,
                                 extra_groups=[])
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.assert_nothing_left()

    def test_brings_every_row_back(self):
        done = self.run_demo()
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.assertEqual(done.stdout.count("the same rows"), 4)
        # An index hides the damage, and the truncated dump is not what is restored.
        self.assertIn("2075   <- answered by an index", done.stdout)
        self.assertIn("ERROR:  invalid page in block 3", done.stdout)
        for line in ("Lost ", "Kept ", "Undo with "):
            self.assertIn("\n" + line, done.stdout)
        self.assert_nothing_left()

    def stopped_at(self, words):
        """Runs the demo until it has printed `words`, then presses Ctrl-C."""
        with subprocess.Popen([DRCTL, "demo"], env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as demo:
            for line in demo.stdout:
                if words in line:
                    demo.send_signal(signal.SIGINT)
                    break
            else:
                self.fail(f"it never said: {words}")
            demo.stdout.read()
            return demo.wait(timeout=300)

    def test_cleans_up_when_stopped_while_it_prepares(self):
        self.assertEqual(self.stopped_at("A small DAO registry"), 130)
        self.assert_nothing_left()

    def test_cleans_up_when_stopped_in_the_middle_of_the_recovery(self):
        self.assertEqual(self.stopped_at("follow it from anywhere"), 130)
        self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main()
