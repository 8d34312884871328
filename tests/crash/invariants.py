# SPDX-License-Identifier: Apache-2.0
"""What must hold after drctl was killed, and after the same command was typed again."""

import json
import pathlib
import time


class Journal:
    """The events of the newest run that has begun: its first line is whole; none if there is none."""

    def __init__(self, host):
        self.host = host
        # Runs of one second lie in any order, so one that never began may be the last of them.
        begun = [path for path in sorted((host.state / "runs").glob("*/journal.jsonl"))
                 if "\n" in path.read_text(encoding="utf-8")]
        self.run = begun[-1].parent.name if begun else None
        # A line without an end was being written when it died.
        text = begun[-1].read_text(encoding="utf-8") if begun else ""
        self.events = [json.loads(line) for line in text.split("\n")[:-1]]

    def has(self, event):
        return any(each["event"] == event for each in self.events)

    def state_of(self, step):
        """How far a step has come: what was last said of it, or nothing."""
        said = None
        for event in self.events:
            if event.get("step") == step:
                said = event["event"] if event["event"] != "step" else event["state"]
        return said

    def unfinished(self):
        """It was agreed to, so the same command must continue it."""
        return self.has("plan") and not self.has("end")


def paused(host):
    """What before_swap makes and after_swap removes."""
    return host.root / "clients-paused"


def held(host):
    return any((host.state / "held").glob("*/app"))


def check_data(host):
    """The old database is whole under whatever name, and the public name leads to a whole one.
    Which one that is, and the names of all others."""
    names = {int(oid): name for oid, name in (row.split("|") for row in host.sql(
        "SELECT oid, datname FROM pg_database WHERE NOT datistemplate "
        "AND datname NOT IN ('postgres', 'seed')"))}
    assert host.old in names, "the old database is gone"
    kept = names.pop(host.old)
    assert host.is_whole(kept) == "old", "the old database has changed"
    if kept == "shop":
        return "old", sorted(names.values())
    assert "shop" in names.values(), "the public name leads nowhere"
    assert host.is_whole("shop") == "new", "the public name leads to another old database"
    return "new", sorted({kept, *names.values()} - {"shop"})


def check_services(host, journal):
    """Down only where the journal knows it, and kept down until it is let go."""
    stopping, starting = journal.state_of("stop-services"), journal.state_of("start-services")
    if not host.service_flag.exists() or held(host):
        assert stopping is not None, "the application is down, and no journal knows why"
    if stopping == "done" and starting is None:
        assert not host.service_flag.exists(), "the application runs while its data is replaced"
        assert held(host), "nothing keeps the application down"


def processes_of(host):
    """Command lines of drctl and of the programs it starts; the server is no child of it."""
    found = []
    for command in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended meanwhile
        if bytes(host.config) in words or bytes(host.service_flag) in words:
            found.append(words)
    return found


def wait_for_no_processes(host):
    """Children die with drctl; a busy machine may need a moment to let them."""
    deadline = time.monotonic() + 20
    while left := processes_of(host):
        assert time.monotonic() < deadline, f"processes are left: {left}"
        time.sleep(0.001)


def check_after_kill(host):
    wait_for_no_processes(host)
    check_data(host)
    check_services(host, Journal(host))


def wait_for_no_sessions(host):
    """Servers notice late that a client has died."""
    deadline = time.monotonic() + 20
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'drctl'"
    while host.sql(count) != ["0"]:
        assert time.monotonic() < deadline, "sessions of a dead run are left"
        time.sleep(0.01)


def check_settled(host, done, served, continued=None):
    """After the command came to its end: `served` is public, the other one kept, nothing else."""
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    report = json.loads(done.stdout)
    assert report["exit_code"] == 0, report
    assert continued in (None, report.get("run")), f"run {continued} was not continued"
    public, others = check_data(host)
    assert public == served, f"shop is the {public} one, not the {served} one"
    assert len(others) == 1, f"beside shop there are: {others}"
    if "run" in report:
        assert report["kept"][0]["what"] == "database " + others[0], report["kept"]
    assert not paused(host).exists(), "clients are still paused"
    assert host.service_flag.exists(), "the application was not started again"
    assert not held(host), "the application is still held down"
    assert Journal(host).has("end"), "the journal does not say that the run has ended"
    wait_for_no_sessions(host)
