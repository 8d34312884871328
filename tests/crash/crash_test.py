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
import gzip
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time

CALLS = ["rename", "fsync", "unlink", "mkdir", "process", "connect", "send"]
BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
ROWS = 40


def unprivileged():
    """The account servers run as: ours, or `postgres` (else `nobody`) when we are root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise SystemExit("no unprivileged account to run PostgreSQL as")


class Host:
    """A throwaway host: one server, one application service, one backup, one configuration."""

    def __init__(self, drctl, kill_at, base):
        self.drctl, self.kill_at = drctl, kill_at
        self.user = unprivileged()
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="drctl-crash-", dir=base))
        os.chmod(self.root, 0o755)
        self.data, self.sockets = self.root / "data", self.root / "sockets"
        self.state, self.backups = self.root / "state", self.root / "backups"
        self.service_flag = self.root / "app-runs"
        self.sockets.mkdir()
        self.backups.mkdir()
        self._own(self.sockets)
        self._start_server()
        self._make_seed()
        self._write_configuration()

    def close(self):
        self._as_server([BIN / "pg_ctl", "-D", self.data, "-m", "immediate", "stop"], check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    def _own(self, path):
        if os.geteuid() == 0:
            shutil.chown(path, self.user)

    def _as_server(self, argv, **options):
        prefix = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        argv = prefix + [str(word) for word in argv]
        return subprocess.run(argv, check=options.pop("check", True), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, cwd="/", **options)

    def _start_server(self):
        self.data.mkdir()
        self._own(self.data)
        self._as_server([BIN / "initdb", "-D", self.data, "-U", "postgres", "--no-sync", "-A", "trust"])
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{self.sockets}'\n"
                       "fsync = off\nautovacuum = off\nmax_wal_size = '256MB'\n")
        self._as_server([BIN / "pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "start"])

    def sql(self, statement, dbname="postgres"):
        """Rows as lines; runs each statement by itself."""
        done = subprocess.run(["psql", "-h", str(self.sockets), "-U", "postgres", "-d", dbname, "-XAtq",
                               "-v", "ON_ERROR_STOP=1"], input=statement, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{statement!r} in {dbname}: {done.stderr.strip()}")
        return done.stdout.splitlines()

    def _make_seed(self):
        self.sql("CREATE DATABASE shop")
        self.sql(f"""
            CREATE TABLE version(name text NOT NULL);
            INSERT INTO version VALUES ('new');
            CREATE TABLE daos(id int PRIMARY KEY, name text UNIQUE);
            INSERT INTO daos SELECT i, 'dao ' || i FROM generate_series(1, {ROWS}) i;
            CREATE TABLE members(id int PRIMARY KEY, dao int REFERENCES daos);
            INSERT INTO members SELECT i, i FROM generate_series(1, {ROWS}) i;
            """, "shop")
        dump = subprocess.run([BIN / "pg_dump", "-h", self.sockets, "-U", "postgres", "shop"],
                              capture_output=True, check=True).stdout
        taken = time.strftime("%Y%m%d_%H%M%S", time.gmtime(time.time() - 3600))
        with gzip.open(self.backups / f"full_backup_{taken}.sql.gz", "wb") as out:
            out.write(dump)
        # Old rows, and a verification that no longer holds: what a wrong DELETE leaves.
        self.sql("UPDATE version SET name = 'old'; TRUNCATE daos CASCADE;", "shop")
        self.sql("ALTER DATABASE shop RENAME TO seed")

    def _write_configuration(self):
        self.config = self.root / "drctl.toml"
        flag = json.dumps(str(self.service_flag))
        self.config.write_text(f"""
[state]
dir = "{self.state}"
[service.app]
manager = "command"
start = ["touch", {flag}]
stop = ["rm", "-f", {flag}]
status = ["test", "-e", {flag}]
[health.app]
command = ["test", "-e", {flag}]
interval = "10ms"
[database.shop]
connection = "host={self.sockets} user=postgres"
os_user = "{self.user}"
data_dir = "{self.data}"
bin_dir = "{BIN}"
stop = ["app"]
health = ["app"]
[database.shop.backups]
dir = "{self.backups}"
pattern = "full_backup_*.sql.gz"
[[database.shop.verify]]
name = "daos"
sql = "SELECT count(d) FROM daos d"
min = {ROWS}
""")

    def reset(self):
        """The morning after the wrong DELETE: old database served, application up, no run."""
        for name in self.databases():
            if name != "seed":
                self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        self.sql("CREATE DATABASE shop TEMPLATE seed")
        self.old = self.oid("shop")
        shutil.rmtree(self.state, ignore_errors=True)
        self.service_flag.touch()

    def databases(self):
        return self.sql("SELECT datname FROM pg_database WHERE NOT datistemplate "
                        "AND datname <> 'postgres' ORDER BY 1")

    def oid(self, name):
        rows = self.sql(f"SELECT oid FROM pg_database WHERE datname = '{name}'")
        return int(rows[0]) if rows else None

    def name_of(self, oid):
        rows = self.sql(f"SELECT datname FROM pg_database WHERE oid = {oid}")
        return rows[0] if rows else None

    def run(self, arguments, kill=None):
        argv = [str(self.drctl), "-c", str(self.config), *arguments]
        if kill:
            calls, n = kill
            argv = [str(self.kill_at), str(n), calls, "--", *argv]
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)


def recover(host, kill=None):
    return host.run(["db-recover", "shop", "--yes", "--accept-data-loss", "2h", "--json"], kill)


def undo(host, kill=None):
    return host.run(["runs", "undo", "last", "--yes", "--json"], kill)


def is_whole(host, name):
    """`old` or `new` for a database that is whole; raises for anything else."""
    version = host.sql("SELECT name FROM version", name)
    counts = host.sql("SELECT count(*) FROM daos UNION ALL SELECT count(*) FROM members", name)
    if version == ["old"] and counts == ["0", "0"]:
        return "old"
    if version == ["new"] and counts == [str(ROWS), str(ROWS)]:
        return "new"
    raise AssertionError(f"database {name} is neither old nor new: {version} {counts}")


def check_after_kill(host):
    kept = host.name_of(host.old)
    assert kept is not None, "the old database is gone"
    assert is_whole(host, kept) == "old", "the old database has changed"
    assert host.oid("shop") is not None, "the public name leads nowhere"
    is_whole(host, "shop")


def check_settled(host, done, served):
    """After the command has come to its end: `served` is public, the other one kept."""
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    report = json.loads(done.stdout)
    assert report["exit_code"] == 0, report
    assert is_whole(host, "shop") == served, f"shop is not {served}"
    assert host.name_of(host.old) is not None, "the old database is gone"
    others = [name for name in host.databases() if name not in ("seed", "shop")]
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


def one_point(host, scenario, calls, n):
    """True if the run was killed at that point; raises if what is left is not good."""
    host.reset()
    scenario.prepare(host)
    done = scenario.command(host, (calls, n))
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


def every_point(make_host, scenario, calls, first, stride):
    """Walks N = first, first + stride … until a run passes; returns how many kills there were."""
    host = make_host()
    kills, failures, n = 0, [], first
    try:
        while True:
            try:
                if not one_point(host, scenario, calls, n):
                    return kills, failures
            except (AssertionError, RuntimeError, subprocess.TimeoutExpired) as error:
                failures.append(f"{scenario.name}, {calls} {n}: {error}")
                if len(failures) >= 5:
                    return kills, failures
            kills += 1
            n += stride
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

        def make_host():
            return Host(arguments.drctl.resolve(), arguments.kill_at.resolve(), base)

        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for scenario in SCENARIOS:
                for calls in arguments.calls or CALLS:
                    walks = [pool.submit(every_point, make_host, scenario, calls, 1 + lane,
                                         arguments.jobs) for lane in range(arguments.jobs)]
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
