# SPDX-License-Identifier: Apache-2.0
"""The journal comes first: in a trace of the system calls of a run, each effect stands behind the
fsync of the journal's line that announces it, and what the run says it has done behind the effect.

The killing tests cannot show this: what a process has written survives its death, fsynced or not.
Only a power failure would take it away.
"""

import collections
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from drctl_host import Host  # noqa: E402

TRACED = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat," \
         "execve,sendto,sendmsg"

# What changes the world: a call, a pattern of its arguments, and who may have announced it.
STOPPING = {("stop-services", "intent"), ("start-services", "undo-intent")}
STARTING = {("start-services", "intent"), ("stop-services", "undo-intent")}
COPYING = {("restore-copy", "intent")}
SWAPPING = {("swap", "intent"), ("swap", "undo-intent")}
EFFECTS = [
    ("rename", r'/held/[^"]*/app"', STOPPING),
    ("execve", r'\["rm", "-f", "[^"]*/app-runs"', STOPPING),
    ("unlink", r'/held/[^"]*/app"', STARTING),
    ("execve", r'\["touch", "[^"]*/app-runs"', STARTING),
    ("sendto", r"CREATE DATABASE|DROP DATABASE|CREATE TABLE|COPY |ADD CONSTRAINT", COPYING),
    ("sendto", r"CONNECTION LIMIT", COPYING),
    ("sendto", r"RENAME TO", SWAPPING),
    ("sendto", r"COMMIT", COPYING | SWAPPING),
]

Call = collections.namedtuple("Call", "name arguments")


def calls_of(trace):
    """The calls in the order they took effect. One that other threads' calls interrupt counts where
    it begins; an fsync where it ends, because only then the disk has it."""
    pending = {}
    for line in trace.splitlines():
        begun = re.match(r"(\d+) +(\w+)\((.*)", line)
        resumed = re.match(r"(\d+) +<\.\.\. \w+ resumed>", line)
        if begun:
            call = Call(begun[2], begun[3])
            if call.name in ("fsync", "fdatasync") and "<unfinished" in call.arguments:
                pending[begun[1]] = call
            else:
                yield call
        elif resumed and resumed[1] in pending:
            yield pending.pop(resumed[1])


class Disk:
    """Reads a trace as a disk sees it: what has been fsynced is known, the rest may be lost."""

    def __init__(self, state_directory):
        self.state_directory = str(state_directory)
        self.written = []           # lines of the journal that are not fsynced
        self.known = {}             # the state of each step, as far as it is fsynced
        self.fsynced = set()        # files and directories
        self.changed = set()        # directories whose entries are not fsynced
        self.made = set()           # directories
        self.effects = collections.Counter()
        self.journal = None
        self.done, self.wrong = [], []

    def take(self, call):
        if "/journal.jsonl>" in call.arguments and call.name in ("write", "pwrite64"):
            self.take_journal_line(call.arguments)
        elif call.name in ("fsync", "fdatasync"):
            self.take_fsync(re.search(r"<([^>]*)>", call.arguments)[1])
        for name, pattern, announcements in EFFECTS:
            if call.name == name and re.search(pattern, call.arguments):
                self.take_effect(call, announcements)
        if call.name.startswith(("rename", "unlink", "mkdir")):
            for path in re.findall(r'"([^"]*)"', call.arguments):
                if path.startswith(self.state_directory + "/"):
                    self.changed.add(os.path.dirname(path))
                    self.made |= {path} if call.name.startswith("mkdir") else set()

    def take_journal_line(self, arguments):
        # strace quotes this text as JSON does.
        line = json.loads(json.loads(re.search(r'(".*")', arguments)[1]))
        self.written.append(line)
        if line.get("state") in ("done", "undone"):
            self.done.append(line["step"])
            if self.changed:
                self.wrong.append(f"{line['step']} is called {line['state']}, and no fsync of "
                                  f"{sorted(self.changed)}")

    def take_fsync(self, path):
        self.fsynced.add(path)
        self.changed.discard(path)
        if path.endswith("/journal.jsonl"):
            for line in self.written:
                if "step" in line:
                    self.known[line["step"]] = line.get("state", line["event"])
            self.written = []
            self.journal = path

    def take_effect(self, call, announcements):
        what = f"{call.name}({call.arguments[:160]}"
        announced = [one for one in self.known.items() if one[1] in ("intent", "undo-intent")]
        if self.written:
            self.wrong.append(f"the journal is not fsynced before {what}")
        if len(announced) != 1 or announced[0] not in announcements:
            self.wrong.append(f"known to be under way is {announced}: {what}")
        else:
            self.effects[announced[0][0]] += 1
            run = os.path.dirname(self.journal)
            if run in self.made and not {run, os.path.dirname(run)} <= self.fsynced:
                self.wrong.append(f"the journal's directories are not fsynced before {what}")


class Order(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        base = tempfile.TemporaryDirectory(prefix="drctl-order-")
        cls.addClassCleanup(base.cleanup)
        os.chmod(base.name, 0o755)
        cls.trace = pathlib.Path(base.name) / "trace"
        cls.host = Host(os.environ["DRCTL"], base.name)
        cls.addClassCleanup(cls.host.close)

    def setUp(self):
        self.host.reset()

    def traced(self):
        return ["strace", "-f", "-y", "-qq", "-s", "65536", "-e", "signal=none",
                "-e", "trace=" + TRACED, "-o", self.trace]

    def watch(self, command, steps):
        """Runs `command` in a trace and looks at it; each of `steps` must have been seen to act."""
        done = command(self.traced())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        disk = Disk(self.host.state)
        for call in calls_of(self.trace.read_text(encoding="utf-8")):
            disk.take(call)
        self.assertEqual(disk.wrong, [])
        for step in steps:
            self.assertGreater(disk.effects[step], 0, f"{step}: {disk.effects}")
            self.assertIn(step, disk.done)

    def test_of_a_recovery(self):
        self.watch(lambda trace: self.host.recover(wrapper=trace),
                   ["stop-services", "restore-copy", "swap", "start-services"])

    def test_of_taking_it_back(self):
        self.assertEqual(self.host.recover().returncode, 0)
        self.watch(lambda trace: self.host.run("runs", "undo", "last", "--yes", wrapper=trace),
                   ["stop-services", "swap", "start-services"])

    def test_would_see_an_effect_before_its_announcement(self):
        journal = f"{self.host.state}/runs/r/journal.jsonl"
        intent = json.dumps(json.dumps({"event": "intent", "step": "swap"}) + "\n")
        lines = {
            "mkdir": f'1 mkdir("{self.host.state}/runs/r", 0750) = 0\n',
            "directory": f"1 fsync(3<{self.host.state}/runs/r>) = 0\n"
                         f"1 fsync(3<{self.host.state}/runs>) = 0\n",
            "intent": f'1 write(3<{journal}>, {intent}, 9) = 9\n',
            "fsync": f'1 fsync(3<{journal}>) = 0\n',
            "effect": '1 sendto(4<socket:[1]>, "Q\\0ALTER DATABASE \\"a\\" RENAME TO \\"b\\"", 9) = 9\n',
        }
        for order, is_right in (("mkdir directory intent fsync effect", True),
                                ("mkdir directory intent effect fsync", False),
                                ("mkdir directory effect intent fsync", False),
                                ("mkdir intent fsync effect directory", False)):
            with self.subTest(order=order):
                disk = Disk(self.host.state)
                for call in calls_of("".join(lines[word] for word in order.split())):
                    disk.take(call)
                self.assertEqual(not disk.wrong, is_right, disk.wrong)


if __name__ == "__main__":
    unittest.main(verbosity=2)
