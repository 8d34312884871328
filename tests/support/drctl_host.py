# SPDX-License-Identifier: Apache-2.0
"""A throwaway host for black-box tests: a real PostgreSQL server, an application service, backups,
a configuration, and the drctl program that is under test."""

import functools
import gzip
import hashlib
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time

from program import copy_for_everybody

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
ROWS = 40  # in each table of the seed


def unprivileged():
    """The account servers run as: ours, or `postgres` when we are root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    return pwd.getpwnam("postgres").pw_name


def stamp(hours_ago):
    """A time as backups have it in their names."""
    return time.strftime("%Y%m%d_%H%M%S", time.gmtime(time.time() - hours_ago * 3600))


class Host:
    """One host. `drctl` is the program; everything lies below one temporary directory."""

    def __init__(self, drctl, base=None):
        self.drctl = pathlib.Path(drctl).resolve()
        self.user = unprivileged()
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="drctl-host-", dir=base))
        os.chmod(self.root, 0o755)
        self.data, self.sockets = self.root / "data", self.root / "sockets"
        self.state, self.backups = self.root / "state", self.root / "backups"
        self.config = self.root / "drctl.toml"
        self.service_flag = self.root / "app-runs"
        self.port = 5432
        self.old = None
        for directory in (self.sockets, self.data):
            directory.mkdir(mode=0o700 if directory == self.data else 0o755)
            self.give_to_server(directory)
        self.backups.mkdir()
        self.initdb()
        self.start()
        self.make_seed()
        self.write_configuration()

    def close(self):
        self.pg_ctl("-m", "immediate", "stop", check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # The server.

    def give_to_server(self, path):
        if os.geteuid() == 0:
            shutil.chown(path, self.user, self.user)

    def as_server(self, argv, check=True):
        """Runs a program as the server's account; its output is thrown away."""
        prefix = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        return subprocess.run(prefix + [str(word) for word in argv], check=check, cwd="/",
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)

    def initdb(self, *options):
        self.as_server([BIN / "initdb", "-D", self.data, "-U", "postgres", "--no-sync",
                        "-A", "trust", *options])
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{self.sockets}'\n"
                       "fsync = off\nautovacuum = off\nmax_wal_size = '256MB'\n")

    def pg_ctl(self, *words, check=True):
        return self.as_server([BIN / "pg_ctl", "-D", self.data, "-w", "-l", self.root / "data/log",
                               *words], check)

    def start(self):
        self.pg_ctl("start")

    def stop(self, mode="fast"):
        self.pg_ctl("-m", mode, "stop")

    def configure_server(self, text):
        """Appends lines to postgresql.conf."""
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(text + "\n")

    def psql(self, statement, dbname="postgres"):
        return subprocess.run([BIN / "psql", "-h", str(self.sockets), "-p", str(self.port),
                               "-U", "postgres", "-d", dbname, "-XAtq", "-v", "ON_ERROR_STOP=1"],
                              input=statement, text=True, capture_output=True, check=False)

    def sql(self, statement, dbname="postgres"):
        """Rows as lines; raises RuntimeError if it fails."""
        done = self.psql(statement, dbname)
        if done.returncode != 0:
            raise RuntimeError(f"{statement!r} in {dbname}: {done.stderr.strip()}")
        return done.stdout.splitlines()

    def databases(self):
        return self.sql("SELECT datname FROM pg_database WHERE NOT datistemplate "
                        "AND datname NOT IN ('postgres', 'seed') ORDER BY 1")

    def oid(self, name):
        rows = self.sql(f"SELECT oid FROM pg_database WHERE datname = '{name}'")
        return int(rows[0]) if rows else None

    def name_of(self, oid):
        rows = self.sql(f"SELECT datname FROM pg_database WHERE oid = {oid}")
        return rows[0] if rows else None

    # Content.

    def make_seed(self):
        """Dumps a `new` database, then makes of it the damaged `old` one, as template `seed`."""
        self.sql("CREATE DATABASE shop")
        self.sql(f"""
            CREATE TABLE version(name text NOT NULL);
            INSERT INTO version VALUES ('new');
            CREATE TABLE daos(id int PRIMARY KEY, name text UNIQUE);
            INSERT INTO daos SELECT i, 'dao ' || i FROM generate_series(1, {ROWS}) i;
            CREATE TABLE members(id int PRIMARY KEY, dao int REFERENCES daos);
            INSERT INTO members SELECT i, i FROM generate_series(1, {ROWS}) i;
            """, "shop")
        self.dump = self.pg_dump("shop")
        self.backup = self.add_backup(self.dump)
        # Old rows, and a verification that no longer holds: what a wrong DELETE leaves.
        self.sql("UPDATE version SET name = 'old'; TRUNCATE daos CASCADE;", "shop")
        self.sql("ALTER DATABASE shop RENAME TO seed")

    def pg_dump(self, dbname, *options):
        return subprocess.run([BIN / "pg_dump", "-h", self.sockets, "-p", str(self.port),
                               "-U", "postgres", *options, dbname],
                              capture_output=True, check=True).stdout

    def add_backup(self, content, hours_ago=1, suffix=".sql.gz", raw=False):
        """Puts a dump into the backup directory; compressed as the suffix says, unless `raw`."""
        path = self.backups / f"full_backup_{stamp(hours_ago)}{suffix}"
        path.write_bytes(content if raw or not suffix.endswith(".gz") else gzip.compress(content))
        os.utime(path, (time.time() - hours_ago * 3600,) * 2)
        return path

    def is_whole(self, name):
        """`old` or `new` for a database that is whole; raises for anything else."""
        seen = self.sql("""
            SELECT (SELECT string_agg(name, ' ') FROM version),
                   (SELECT count(*) FROM daos), (SELECT count(*) FROM members),
                   (SELECT count(*) FROM pg_index
                    WHERE indisvalid AND indrelid IN ('daos'::regclass, 'members'::regclass)),
                   (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated)
            """, name)
        if seen == ["old|0|0|3|1"]:
            return "old"
        if seen == [f"new|{ROWS}|{ROWS}|3|1"]:
            return "new"
        raise AssertionError(f"database {name} is neither old nor new: {seen}")

    def reset(self):
        """The morning after the wrong DELETE: old database served, application up, no run."""
        self.sql("".join(f'DROP DATABASE "{name}" WITH (FORCE);\n' for name in self.databases())
                 + "CREATE DATABASE shop TEMPLATE seed")
        self.old = self.oid("shop")
        shutil.rmtree(self.state, ignore_errors=True)
        self.service_flag.touch()

    # drctl.

    def write_configuration(self, extra="", **changes):
        """The configuration; `changes` replace keys of [database.shop] (None leaves one out)."""
        server = [str(BIN / "pg_ctl"), "-D", str(self.data), "-w", "-t", "20"]
        keys = {
            "connection": f"host={self.sockets} port={self.port} user=postgres",
            "os_user": self.user,
            "data_dir": str(self.data),
            "bin_dir": str(BIN),
            "server": "postgres",
            "stop": ["app"],
            "health": ["app"],
            **changes,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items() if value is not None]
        flag = json.dumps(str(self.service_flag))
        self.config.write_text(f"""
[state]
dir = "{self.state}"
[service.app]
manager = "command"
start = ["touch", {flag}]
stop = ["rm", "-f", {flag}]
status = ["test", "-e", {flag}]
[service.postgres]
manager = "command"
os_user = "{self.user}"
start = {json.dumps(server + ["-l", str(self.data / "log"), "start"])}
stop = {json.dumps(server + ["-m", "fast", "stop"])}
status = {json.dumps(server[:3] + ["status"])}
[health.app]
command = ["test", "-e", {flag}]
interval = "10ms"
[database.shop]
{chr(10).join(lines)}
[database.shop.backups]
dir = "{self.backups}"
pattern = "full_backup_*"
[[database.shop.verify]]
name = "daos"
sql = "SELECT count(d) FROM daos d"
min = {ROWS}
{extra}
""", encoding="utf-8")

    @functools.cached_property
    def drctl_for_everybody(self):
        return copy_for_everybody(self.drctl, self.root)

    def run(self, *arguments, wrapper=(), environment=None, user=None, timeout=120):
        """Runs drctl, also as another account; the result has stdout, stderr and returncode."""
        program = self.drctl_for_everybody if user else self.drctl
        argv = [*wrapper, program, *arguments, "-c", self.config]
        if user:
            argv = ["runuser", "-u", user, "--", *argv]
        return subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout, check=False,
                              env={**os.environ, **(environment or {})})

    def recover(self, *options, **how):
        return self.run("db-recover", "shop", "--yes", "--accept-data-loss", "30d", "--json",
                        *options, **how)

    # What must be as it was.

    def files(self):
        """A digest of the data directory, without what every start of a server writes anew."""
        digest = hashlib.sha256()
        for path in sorted(self.data.rglob("*")):
            if path.name in ("log", "postmaster.pid", "postmaster.opts", "current_logfiles"):
                continue
            digest.update(str(path.relative_to(self.data)).encode())
            if path.is_file() and not path.is_symlink():
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def server_answers(self):
        return self.psql("SELECT 1").returncode == 0

    def snapshot(self):
        """What a refused or undone run must leave as it was."""
        up = self.server_answers()
        return {
            "server": up,
            "databases": self.databases() if up else None,
            "files": None if up else self.files(),
            "service": self.service_flag.exists(),
        }
