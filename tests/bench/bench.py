#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures drctl beside the tools it replaces, in one run, and prints one table.

    tests/bench/bench.py --drctl build/release/bin/drctl --clients build/release/tests/bench/reconnecting_clients

Makes a database of about 1 GB (4 tables, 12 indexes, 4 foreign keys) on a throwaway server with
Debian's default settings, dumps it as `.sql.gz` and as `-Fc`, and then, for each job, runs peer
and drctl in turn. Quoted are medians and the ratio of the medians; exit status 1 if a limit is missed.
Run it on an idle machine.
"""

import argparse
import json
import os
import pathlib
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
MEBIBYTE = 1 << 20

SCHEMA = """
CREATE TABLE daos(id bigint PRIMARY KEY, name text NOT NULL, founded timestamptz NOT NULL, treasury numeric(20,2));
CREATE TABLE members(id bigint PRIMARY KEY, dao_id bigint NOT NULL, address text NOT NULL, joined timestamptz NOT NULL, weight int);
CREATE TABLE proposals(id bigint PRIMARY KEY, dao_id bigint NOT NULL, author_id bigint NOT NULL, title text, body text, created timestamptz);
CREATE TABLE votes(id bigint PRIMARY KEY, proposal_id bigint NOT NULL, member_id bigint NOT NULL, choice smallint, cast_at timestamptz, reason text);
"""

ROWS = """
SELECT setseed(0.5);
INSERT INTO daos SELECT i, 'dao ' || md5(i::text), now() - i * interval '1 hour', random() * 1e6
  FROM generate_series(1, {daos}) i;
INSERT INTO members SELECT i, 1 + i % {daos}, '0x' || md5(i::text) || substr(md5((i + 1)::text), 1, 8), now() - i * interval '1 second', (random() * 1000)::int
  FROM generate_series(1, {members}) i;
INSERT INTO proposals SELECT i, 1 + i % {daos}, 1 + i % {members}, 'proposal ' || md5(i::text), repeat(md5(i::text) || ' ', 8), now() - i * interval '1 minute'
  FROM generate_series(1, {proposals}) i;
INSERT INTO votes SELECT i, 1 + i % {proposals}, 1 + (i * 7919::bigint) % {members}, i % 3, now() - i * interval '1 second', CASE WHEN i % 4 = 0 THEN md5(i::text) END
  FROM generate_series(1, {votes}) i;
"""

INDEXES = """
CREATE INDEX ON daos(name); CREATE INDEX ON members(dao_id); CREATE INDEX ON members(address);
CREATE INDEX ON proposals(dao_id); CREATE INDEX ON proposals(created); CREATE INDEX ON votes(proposal_id);
CREATE INDEX ON votes(member_id); CREATE INDEX ON votes(cast_at);
ALTER TABLE members ADD FOREIGN KEY (dao_id) REFERENCES daos;
ALTER TABLE proposals ADD FOREIGN KEY (dao_id) REFERENCES daos;
ALTER TABLE votes ADD FOREIGN KEY (proposal_id) REFERENCES proposals;
ALTER TABLE votes ADD FOREIGN KEY (member_id) REFERENCES members;
"""

# Rows for one unit of --scale; 1.0 makes a database of about 1 GB.
UNIT = {"daos": 50_000, "members": 1_200_000, "proposals": 500_000, "votes": 4_500_000}


def unprivileged():
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    return pwd.getpwnam("postgres").pw_name


class Bench:
    def __init__(self, arguments, root):
        self.arguments = arguments
        self.root = pathlib.Path(root)
        self.user = unprivileged()
        self.sockets, self.data = self.root / "sockets", self.root / "data"
        self.plain, self.custom = None, self.root / "backups" / "shop.dump"

    # The server and what is measured on it.

    def as_server(self, argv, **options):
        prefix = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        return subprocess.run(prefix + [str(word) for word in argv], check=True, cwd="/",
                              stdout=subprocess.DEVNULL, **options)

    def start(self):
        os.chmod(self.root, 0o755)
        for directory in (self.sockets, self.data, self.root / "backups"):
            directory.mkdir()
            if os.geteuid() == 0:
                shutil.chown(directory, self.user)
        self.as_server([BIN / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync"])
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{self.sockets}'\n")
        self.as_server([BIN / "pg_ctl", "-D", self.data, "-w", "-l", self.root / "data" / "log", "start"])

    def stop(self):
        self.as_server([BIN / "pg_ctl", "-D", self.data, "-m", "immediate", "stop"])

    def psql(self, sql, dbname="postgres"):
        done = subprocess.run([BIN / "psql", "-h", self.sockets, "-U", "postgres", "-d", dbname, "-XAtq", "-v", "ON_ERROR_STOP=1"],
                              input=sql, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr}")
        return done.stdout.strip()

    def make_database(self):
        rows = {name: max(1, int(count * self.arguments.scale)) for name, count in UNIT.items()}
        self.psql("CREATE DATABASE shop")
        self.psql(SCHEMA + ROWS.format(**rows) + INDEXES, "shop")
        size = self.psql("SELECT pg_size_pretty(pg_database_size('shop'))")
        print(f"database: {size}, rows {rows}", flush=True)
        taken = time.strftime("%Y%m%d_%H%M%S", time.gmtime(time.time() - 600))
        self.plain = self.root / "backups" / f"full_backup_{taken}.sql.gz"
        with open(self.plain, "wb") as out:
            dump = subprocess.Popen([BIN / "pg_dump", "-h", self.sockets, "-U", "postgres", "shop"], stdout=subprocess.PIPE)
            subprocess.run(["gzip", "-6"], stdin=dump.stdout, stdout=out, check=True)
            if dump.wait() != 0:
                raise SystemExit("pg_dump failed")
        subprocess.run([BIN / "pg_dump", "-h", self.sockets, "-U", "postgres", "-Fc", "-f", self.custom, "shop"], check=True)
        print(f"dumps: {self.plain.stat().st_size / MEBIBYTE:.0f} MiB plain .gz, "
              f"{self.custom.stat().st_size / MEBIBYTE:.0f} MiB -Fc", flush=True)

    def write_configuration(self):
        self.config = self.root / "drctl.toml"
        self.config.write_text(f"""
[state]
dir = "{self.root}/state"
[database.shop]
connection = "host={self.sockets} user=postgres"
os_user = "{self.user}"
data_dir = "{self.data}"
bin_dir = "{BIN}"
[database.shop.backups]
dir = "{self.root}/backups"
pattern = "full_backup_*.sql.gz"
[[database.shop.verify]]
name = "daos"
sql = "SELECT count(d) FROM daos d"
min = 1
""")

    def settle(self):
        """The same start for everybody: nothing dirty, nothing left of the run before."""
        for name in self.psql("SELECT datname FROM pg_database WHERE datname LIKE 'shop\\_\\_%' OR datname = 'peer'").splitlines():
            self.psql(f'DROP DATABASE "{name}"')
        shutil.rmtree(self.root / "state", ignore_errors=True)
        self.psql("CHECKPOINT")

    def drctl(self, *words):
        """Output and peak memory (bytes) of one run."""
        argv = [str(self.arguments.drctl), *words, "-c", str(self.config)]
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = child.stdout.read(), child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise SystemExit(f"{argv} exited {child.returncode}\n{out}{err}")
        return out, usage.ru_maxrss * 1024

    # The jobs; each returns seconds.

    def restore_with_psql(self):
        self.settle()
        self.psql("CREATE DATABASE peer TEMPLATE template0")
        began = time.monotonic()
        unzip = subprocess.Popen(["gunzip", "-c", self.plain], stdout=subprocess.PIPE)
        subprocess.run([BIN / "psql", "-h", self.sockets, "-U", "postgres", "-d", "peer", "-Xq", "-v", "ON_ERROR_STOP=1"],
                       stdin=unzip.stdout, stdout=subprocess.DEVNULL, check=True)
        return time.monotonic() - began

    def restore_with_pg_restore(self):
        self.settle()
        self.psql("CREATE DATABASE peer TEMPLATE template0")
        began = time.monotonic()
        subprocess.run([BIN / "pg_restore", "-h", self.sockets, "-U", "postgres", "-d", "peer", "-j2", self.custom], check=True)
        return time.monotonic() - began

    def restore_with_drctl(self):
        self.settle()
        out, memory = self.drctl("db-recover", "shop", "--restore-anyway", "--yes", "--accept-data-loss", "1d", "--json")
        self.peak_memory = max(getattr(self, "peak_memory", 0), memory)
        steps = {step["id"]: step for step in json.loads(out)["steps"]}
        return steps["restore-copy"]["duration_ms"] / 1000

    def inspect_with_coreutils(self):
        began = time.monotonic()
        subprocess.run(["gunzip", "-t", self.plain], check=True)
        subprocess.run(["sha256sum", self.plain], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began

    def inspect_with_drctl(self):
        shutil.rmtree(self.root / "state", ignore_errors=True)
        began = time.monotonic()
        _, memory = self.drctl("backup", "verify", "db", "shop", str(self.plain), "--json")
        self.peak_memory = max(getattr(self, "peak_memory", 0), memory)
        return time.monotonic() - began

    def swap_outage(self):
        """Longest time without an answer that one of 20 reconnecting clients sees."""
        self.settle()
        clients = subprocess.Popen([self.arguments.clients, f"host={self.sockets} user=postgres dbname=shop", "20"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.drctl("db-recover", "shop", "--restore-anyway", "--yes", "--accept-data-loss", "1d", "--json")
        out, _ = clients.communicate()
        return json.loads(out)["longest_gap_ms"] / 1000

    def version(self):
        began = time.monotonic()
        subprocess.run([self.arguments.drctl, "--version"], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began

    # The table.

    def alternate(self, runs, *jobs):
        """Medians of jobs run in turn: A B C A B C …"""
        times = [[] for _ in jobs]
        for _ in range(runs):
            for job, list_of_times in zip(jobs, times):
                list_of_times.append(job())
        return [statistics.median(one) for one in times]

    def run(self):
        runs = self.arguments.runs
        self.rows = []
        psql, custom, ours = self.alternate(runs, self.restore_with_psql, self.restore_with_pg_restore, self.restore_with_drctl)
        self.ratio("restore .sql.gz into database", "gunzip -c | psql", psql, ours, 1.5)
        self.ratio("same", "pg_restore -j2 of -Fc", custom, ours, 1.15)
        peer, ours = self.alternate(runs + 2, self.inspect_with_coreutils, self.inspect_with_drctl)
        self.ratio("inspect .sql.gz", "gunzip -t; sha256sum", peer, ours, 4.0)
        self.limit("outage of the swap, 20 clients", self.swap_outage(), 1.0, "s")
        self.limit("peak memory of drctl", self.peak_memory / MEBIBYTE, 96, "MiB")
        self.version()
        self.limit("drctl --version", statistics.median(self.version() for _ in range(21)) * 1000, 25, "ms")
        return self.print_table()

    def ratio(self, job, peer, peer_time, our_time, wanted):
        ratio = peer_time / our_time
        self.rows.append((job, peer, f"{peer_time:.2f} s", f"{our_time:.2f} s", f"{ratio:.2f}x", f">= {wanted}x", ratio >= wanted))

    def limit(self, job, value, most, unit):
        self.rows.append((job, "", "", f"{value:.3g} {unit}", "", f"<= {most} {unit}", value <= most))

    def print_table(self):
        print("\n| job | peer | peer takes | drctl | ratio | wanted | holds |\n|---|---|---|---|---|---|---|")
        for *cells, holds in self.rows:
            print("| " + " | ".join(cells) + f" | {'yes' if holds else 'NO'} |")
        return 0 if all(row[-1] for row in self.rows) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drctl", type=pathlib.Path, required=True)
    parser.add_argument("--clients", type=pathlib.Path, required=True)
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 makes a database of about 1 GB")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--directory", help="where to work; needs about 6 GB")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drctl-bench-", dir=arguments.directory) as root:
        bench = Bench(arguments, root)
        bench.start()
        try:
            bench.make_database()
            bench.write_configuration()
            return bench.run()
        finally:
            bench.stop()


if __name__ == "__main__":
    sys.exit(main())
