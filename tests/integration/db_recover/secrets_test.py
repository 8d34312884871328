# SPDX-License-Identifier: Apache-2.0
"""A password that everything around drctl gives away, and drctl does not."""

import pathlib
import threading

from support import HostTest, main

CANARY = "canary-7c1f90ab"


class CommandLines(threading.Thread):
    """Whether a process was given the canary as an argument, looked at again and again."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self.looks = 0
        self.enough = threading.Event()

    def run(self):
        while not self.enough.is_set():
            for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = path.read_bytes()
                except OSError:
                    continue  # it has ended
                if CANARY.encode() in words:
                    self.seen.append(words)
            self.looks += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.enough.set()
        self.join()


class Secrets(HostTest):
    def setUp(self):
        super().setUp()
        self.password = self.host.root / "password"
        self.password.write_text(CANARY + "\n")
        self.password.chmod(0o600)
        # Whatever is run from here can read it, and says so.
        self.tell_tale = self.host.root / "tell-tale"
        self.tell_tale.write_text(f"#!/bin/sh\ncat {self.password} >&2\nexit 1\n")
        self.tell_tale.chmod(0o755)

    def configure(self, tell_tale=None):
        """`tell_tale`: the line, `KEY = ARGV`, whose command is to give the password away."""
        self.host.write_configuration(password={"file": str(self.password)})
        text = self.host.config.read_text().replace('{"file": ', "{file = ")
        if tell_tale:
            self.assertEqual(text.count(tell_tale), 1)
            key = tell_tale.split()[0]
            text = text.replace(tell_tale, f'{key} = ["{self.tell_tale}"]')
        self.host.config.write_text(text)

    def assert_nothing_says_it(self, *runs):
        for done in runs:
            self.assertNotIn(CANARY, done.stdout + done.stderr)
        for path in self.host.state.rglob("*"):
            if path.is_file():
                self.assertNotIn(CANARY.encode(), path.read_bytes(), path)

    def test_a_recovery_and_its_traces(self):
        self.configure()
        with CommandLines() as lines:
            done = self.host.recover("-v")
        self.assert_recovered(done)
        self.assertGreater(lines.looks, 1)
        self.assertEqual(lines.seen, [])
        self.assert_nothing_says_it(done, self.host.run("runs", "show"), self.host.run("status"),
                                    self.host.run("config", "show"))

    def test_a_service_that_says_it_when_it_fails(self):
        self.configure(tell_tale=f'stop = ["rm", "-f", "{self.host.service_flag}"]')
        done = self.host.recover("-v")
        self.assertIn("[redacted]", self.assert_ends(done, 4)["error"])
        self.assert_nothing_says_it(done, self.host.run("runs", "show"))

    def test_a_health_check_that_says_it(self):
        self.configure(tell_tale=f'command = ["test", "-e", "{self.host.service_flag}"]')
        done = self.host.run("status", "-v")
        self.assertIn("[redacted]", done.stdout)
        self.assert_nothing_says_it(done)


if __name__ == "__main__":
    main()
