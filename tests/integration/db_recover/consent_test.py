# SPDX-License-Identifier: Apache-2.0
"""A person at a terminal: what is asked, and what each answer does."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time

from gated import DEADLINE, GatedTest
from support import HostTest, main


class Terminal:
    """A program on a pseudo terminal: what it has printed, and somebody who types."""

    def __init__(self, argv):
        self.screen = ""
        ours, theirs = pty.openpty()
        self.keyboard = ours
        self.process = subprocess.Popen([str(word) for word in argv], stdin=theirs, stdout=theirs,
                                        stderr=theirs, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.keyboard)

    def read_until(self, words):
        """Reads on until `words` are there; with None, until the program has closed the terminal."""
        end = time.monotonic() + DEADLINE
        while words is None or words not in self.screen:
            if not select.select([self.keyboard], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"waited in vain for {words!r}: {self.screen}")
            try:
                read = os.read(self.keyboard, 65536)
            except OSError:  # EIO: nobody has it open any more
                read = b""
            if not read:
                if words is None:
                    return
                raise AssertionError(f"it ended without {words!r}: {self.screen}")
            self.screen += read.decode(errors="replace")

    def type(self, text):
        os.write(self.keyboard, text.encode())

    def ended(self):
        self.read_until(None)
        return self.process.wait(DEADLINE)


class AtATerminal:
    def terminal(self, *words):
        return Terminal([self.host.drctl, *words, "--color", "never", "-c", self.host.config])


class Consent(AtATerminal, HostTest):
    def answer(self, text, exit_code, *options):
        with self.terminal("db-recover", "shop", *options) as terminal:
            terminal.read_until("Type 'shop' to agree")
            self.assertIn("everything written to 'shop' since", terminal.screen)
            terminal.type(text)
            self.assertEqual(terminal.ended(), exit_code, terminal.screen)
            return terminal.screen

    def check_refused(self, text, exit_code=3, *options):
        before = self.host.snapshot()
        screen = self.answer(text, exit_code, *options)
        self.assertEqual(self.host.snapshot(), before)
        self.assertEqual(list((self.host.state / "runs").glob("*")), [])
        return screen

    def test_the_targets_name(self):
        screen = self.answer("shop\n", 0)
        self.assertEqual(self.host.is_whole("shop"), "new")
        for line in ("Lost ", "Kept ", "Undo with "):
            self.assertIn("\n" + line, screen)

    def test_enter(self):
        self.assertIn("nothing was done", self.check_refused("\n"))

    def test_yes_is_no_name(self):
        self.check_refused("yes\n")

    def test_another_name(self):
        self.check_refused("shop2\n")

    def test_end_of_input(self):
        self.check_refused("\x04")

    def test_ctrl_c(self):
        self.check_refused("\x03", 130)

    def test_yes_on_the_command_line_is_no_consent(self):
        self.check_refused("\n", 3, "--yes")


class GoAhead(AtATerminal, HostTest):
    """Where nothing is lost, a yes suffices."""

    def undo(self, text):
        self.assert_recovered(self.host.recover())
        with self.terminal("runs", "undo", "last") as terminal:
            terminal.read_until("back? [y/N]")
            terminal.type(text)
            return terminal.ended()

    def test_yes(self):
        self.assertEqual(self.undo("y\n"), 0)
        self.assertEqual(self.host.oid("shop"), self.host.old)

    def test_enter(self):
        self.assertEqual(self.undo("\n"), 3)
        self.assertEqual(self.host.is_whole("shop"), "new")


class Resume(AtATerminal, GatedTest):
    def test_a_stopped_run_is_continued_by_the_same_command(self):
        with self.mid_restore() as run:
            run.send_signal(signal.SIGINT)
            self.assertEqual(self.ended(run).returncode, 130)
        with self.terminal("db-recover", "shop", "--yes") as terminal:
            self.assertEqual(terminal.ended(), 0, terminal.screen)
        self.assertEqual(self.host.is_whole("shop"), "new")

    def test_a_terminal_that_vanishes_ends_nothing(self):
        with self.terminal("db-recover", "shop", "--yes", "--accept-data-loss", "30d") as terminal:
            terminal.read_until("follow it from anywhere")
            os.close(terminal.keyboard)
            terminal.keyboard = os.open(os.devnull, os.O_RDONLY)
            self.open_gate()
            self.assertEqual(terminal.process.wait(DEADLINE), 0)
        self.assertEqual(self.host.is_whole("shop"), "new")


if __name__ == "__main__":
    main()
