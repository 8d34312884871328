#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills `drctl db-recover` at every system call that matters, and looks at what is left.

A recovery is begun on a real PostgreSQL server and killed at its N-th rename, fsync, unlink, mkdir,
execve, connect or send, counted over all its threads, for N = 1, 2, … until a run passes N. After
each kill

  * the old database must still be there, by its OID, with its rows;
  * the public name must lead to the whole old or the whole new database;
  * the application must be down only where the journal knows it, and then be kept down;
  * the same command, typed again, must continue the run and end well: new rows served, old database
    kept, application running and not held, nothing else left behind.

The same is done where the N-th statement is on its way to the server or the N-th program has just
been started ("in flight"), for the continuation of a run that was killed once already, and for
`drctl runs undo`. The last line says how many crash points there were.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from drctl_host import Host  # noqa: E402
from invariants import Journal, check_after_kill, check_settled, paused  # noqa: E402

CALLS = ["rename", "fsync", "unlink", "mkdir", "execve", "connect", "send"]
IN_FLIGHT = ["execve", "send"]
# One run may make a call more or less than the next: a walk ends when this many have passed.
PASSES = 2
MOST_FAILURES = 10


def recover(host, wrapper=()):
    return host.recover(wrapper=wrapper)


def undo(host, wrapper=()):
    return host.run("runs", "undo", "last", "--yes", "--json", wrapper=wrapper)


class Scenario:
    """A command to be killed, what must stand before it, and what must be served in the end."""

    def __init__(self, name, prepare, command, served, calls=CALLS, in_flight=False):
        self.name, self.prepare, self.command, self.served = name, prepare, command, served
        self.calls, self.in_flight = calls, in_flight

    def killed_at(self, kill_at, n, calls):
        return [kill_at, *(["--done"] if self.in_flight else []), n, ",".join(calls), "--"]


def nothing(_host, _kill_at):
    pass


def prepare_recovered(host, _kill_at):
    check_settled(host, recover(host), "new")


def prepare_half_restored(host, kill_at):
    """A run that was killed while it filled its copy."""
    done = recover(host, [kill_at, "100", "send", "--"])
    assert "killed=send" in done.stderr, f"it was not killed: {done.stderr}"
    assert Journal(host).state_of("restore-copy") == "intent", "it was killed somewhere else"


SCENARIOS = [
    Scenario("db-recover", nothing, recover, "new"),
    Scenario("db-recover, in flight", nothing, recover, "new", IN_FLIGHT, True),
    Scenario("db-recover, continued", prepare_half_restored, recover, "new"),
    Scenario("runs undo", prepare_recovered, undo, "old"),
    Scenario("runs undo, in flight", prepare_recovered, undo, "old", IN_FLIGHT, True),
]


def already_undone(scenario, done):
    return scenario.command is undo and done.returncode == 3 and "already" in done.stdout


def one_point(host, kill_at, scenario, calls, n):
    """The call it was killed at, or None if the run passed; raises if what is left is not good."""
    host.reset()
    paused(host).unlink(missing_ok=True)
    scenario.prepare(host, kill_at)
    done = scenario.command(host, scenario.killed_at(kill_at, n, calls))
    told = re.search(r"kill_at: calls=\d+ killed=(\S+)", done.stderr)
    assert told, f"kill_at said nothing: {done.stderr}"
    if told[1] == "-":
        check_settled(host, done, scenario.served)
        return None
    try:
        check_after_kill(host)
        journal = Journal(host)
        again = scenario.command(host)
        if not already_undone(scenario, again):  # else it was killed after its last word
            check_settled(host, again, scenario.served,
                          journal.run if journal.unfinished() else None)
    except AssertionError as error:
        raise AssertionError(f"killed at {told[1]}: {error}") from error
    return told[1]


class Walk:
    """Hands out N = first, first + every, … of one scenario, and gathers what came of them."""

    def __init__(self, every):
        self.every, self.next_n, self.passes = every, 1, 0
        self.kills, self.failures = collections.Counter(), []
        self.guard = threading.Lock()

    def take(self):
        with self.guard:
            if self.passes >= PASSES or len(self.failures) >= MOST_FAILURES:
                return None
            n, self.next_n = self.next_n, self.next_n + self.every
            return n

    def note(self, call):
        with self.guard:
            if call is None:
                self.passes += 1
            else:
                self.kills[call] += 1

    def fail(self, words):
        with self.guard:
            self.failures.append(words)


def work(host, kill_at, scenario, calls, walk):
    """Tries points until there is none left."""
    while (n := walk.take()) is not None:
        try:
            walk.note(one_point(host, kill_at, scenario, calls, n))
        except (AssertionError, RuntimeError, ValueError, LookupError, subprocess.TimeoutExpired) as error:
            walk.fail(f"{scenario.name}, call {n}: {error}")


def try_all(hosts, scenario, arguments):
    """Every point of one scenario: how many there were at which call, and what was wrong."""
    calls = [call for call in scenario.calls if call in arguments.calls]
    walk, began = Walk(arguments.every), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(hosts)) as pool:
        for done in [pool.submit(work, host, arguments.kill_at, scenario, calls, walk)
                     for host in hosts if calls]:
            done.result()
    counts = ", ".join(f"{walk.kills[call]} {call}" for call in calls)
    print(f"{scenario.name}: {walk.kills.total()} crash points ({counts}) in "
          f"{time.monotonic() - began:.0f} s", flush=True)
    for words in walk.failures:
        print("FAILED", words, flush=True)
    return walk.kills.total(), len(walk.failures)


def scratch_directory():
    """In memory where there is room: what a process has written survives its death without any
    fsync, so a disk would only slow this down."""
    memory = pathlib.Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    return tempfile.TemporaryDirectory(prefix="drctl-crash-", dir=memory if roomy else None)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drctl", type=pathlib.Path, required=True)
    parser.add_argument("--kill-at", type=lambda text: pathlib.Path(text).resolve(), required=True)
    parser.add_argument("--calls", choices=CALLS, action="append", help="only these; default: all")
    parser.add_argument("--scenario", default="", help="only those with this in their name")
    parser.add_argument("--every", type=int, default=1, help="only every N-th point; default: 1")
    parser.add_argument("--jobs", type=int, default=2, help="servers side by side; default: 2")
    arguments = parser.parse_args()
    arguments.calls = arguments.calls or CALLS
    return arguments


def main():
    arguments = parse_arguments()
    total = failed = 0
    hosts = []
    with scratch_directory() as base:
        os.chmod(base, 0o755)
        try:
            for _ in range(arguments.jobs):
                host = Host(arguments.drctl, base)
                hosts.append(host)
                host.write_configuration(before_swap=[["touch", str(paused(host))]],
                                         after_swap=[["rm", "-f", str(paused(host))]])
            for scenario in SCENARIOS:
                if arguments.scenario in scenario.name:
                    kills, wrong = try_all(hosts, scenario, arguments)
                    total, failed = total + kills, failed + wrong
        finally:
            for host in hosts:
                host.close()
    which = "every one was tried" if arguments.every == 1 else f"one in {arguments.every} was tried"
    print(f"{total} injected crash points ({which}), {failed} failed")
    return 1 if failed or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
