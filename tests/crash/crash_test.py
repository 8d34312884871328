#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills `drctl db-recover` at every system call that matters, and looks at what is left.

For each kind of call (rename, fsync, unlink, mkdir, starting a process, connect, send) and each N, a
recovery is begun on a real PostgreSQL server and killed at the N-th such call, counted over all
its threads, until a run passes N. After each kill

  * the old database must still exist, by its OID, with its rows;
  * the public name must lead to the whole old or the whole new database, or to the old one only;
  * the same command, typed again, must end well: new rows served, old database kept, services
    running and not held, nothing else left behind.

The same is done for `drctl runs undo`. Prints the number of crash points at the end.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from drctl_host import Host  # noqa: E402

CALLS = ["rename", "fsync", "unlink", "mkdir", "process", "connect", "send"]


def recover(host, wrapper=()):
    return host.recover(wrapper=wrapper)


def undo(host, wrapper=()):
    return host.run("runs", "undo", "last", "--yes", "--json", wrapper=wrapper)


def check_after_kill(host):
    kept = host.name_of(host.old)
    assert kept is not None, "the old database is gone"
    assert host.is_whole(kept) == "old", "the old database has changed"
    assert host.oid("shop") is not None, "the public name leads nowhere"
    host.is_whole("shop")


def check_settled(host, done, served):
    """After the command has come to its end: `served` is public, the other one kept."""
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    report = json.loads(done.stdout)
    assert report["exit_code"] == 0, report
    assert host.is_whole("shop") == served, f"shop is not {served}"
    assert host.name_of(host.old) is not None, "the old database is gone"
    others = [name for name in host.databases() if name != "shop"]
    assert len(others) == 1, f"left behind: {others}"
    assert host.service_flag.exists(), "the application was not started again"
    sessions = host.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'drctl'")
    assert sessions == ["0"], "sessions of a dead run are left"


class Scenario:
    """A command to be killed, what must stand before it, and how it must end."""

    def __init__(self, name, prepare, command, served):
        self.name, self.prepare, self.command, self.served = name, prepare, command, served


def prepare_recovered(host):
    done = recover(host)
    check_settled(host, done, "new")


SCENARIOS = [
    Scenario("db-recover", lambda host: None, recover, "new"),
    Scenario("runs undo", prepare_recovered, undo, "old"),
]


def one_point(host, kill_at, scenario, calls, n):
    """True if the run was killed at that point; raises if what is left is not good."""
    host.reset()
    scenario.prepare(host)
    done = scenario.command(host, (kill_at, n, calls, "--"))
    told = re.search(r"kill_at: calls=(\d+) killed=([01])", done.stderr)
    if told is None:
        raise AssertionError(f"kill_at said nothing: {done.stderr}")
    if told[2] == "0":
        check_settled(host, done, scenario.served)
        return False
    check_after_kill(host)
    again = scenario.command(host)
    if scenario.name == "runs undo" and again.returncode == 3 and "already" in again.stdout:
        return True  # it was killed after its last word
    check_settled(host, again, scenario.served)
    return True


def every_point(arguments, base, scenario, calls, first):
    """Walks N = first, first + jobs … until a run passes: how many kills, and what was wrong."""
    host = Host(arguments.drctl, base)
    kills, failures, n = 0, [], first
    try:
        while True:
            try:
                if not one_point(host, arguments.kill_at.resolve(), scenario, calls, n):
                    return kills, failures
            except (AssertionError, RuntimeError, subprocess.TimeoutExpired) as error:
                failures.append(f"{scenario.name}, {calls} {n}: {error}")
                if len(failures) >= 5:
                    return kills, failures
            kills += 1
            n += arguments.jobs
    finally:
        host.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drctl", type=pathlib.Path, required=True)
    parser.add_argument("--kill-at", type=pathlib.Path, required=True)
    parser.add_argument("--calls", choices=CALLS, action="append")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    total, failures = 0, []
    with tempfile.TemporaryDirectory(prefix="drctl-crash-") as base:
        os.chmod(base, 0o755)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for scenario in SCENARIOS:
                for calls in arguments.calls or CALLS:
                    walks = [pool.submit(every_point, arguments, base, scenario, calls, 1 + lane)
                             for lane in range(arguments.jobs)]
                    kills = 0
                    for walk in walks:
                        done, wrong = walk.result()
                        kills += done
                        failures += wrong
                    total += kills
                    print(f"{scenario.name}: {kills} crash points at {calls}", flush=True)
    for failure in failures:
        print("FAILED", failure)
    print(f"{total} injected crash points, {len(failures)} failed")
    return 1 if failures or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
