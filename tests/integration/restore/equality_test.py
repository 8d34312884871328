#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What drctl restores equals what psql (or pg_restore) restores, on generated databases.

    equality_test.py --tool build/dev/tests/integration/restore/restore_tool              # all of them
    equality_test.py --tool … --seed 17 --keep /tmp/seed17                                # one again, files kept

Each seed makes a database, dumps it with some combination of pg_dump's options, restores it
twice and compares pg_dump of both: \\restrict lines removed, rows sorted within each COPY block.
"""

import argparse
import concurrent.futures
import os
import pathlib
import pwd
import random
import shutil
import subprocess
import sys
import tempfile

from schema_generator import Generator

BIN = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)

PLAIN_OPTIONS = [["--inserts"], ["--column-inserts"], ["--inserts", "--rows-per-insert=7"], ["--inserts", "--on-conflict-do-nothing"],
                 ["--clean"], ["--clean", "--if-exists"], ["--no-owner"], ["--quote-all-identifiers"], ["--disable-dollar-quoting"],
                 ["--use-set-session-authorization"], ["--load-via-partition-root"], ["--disable-triggers"], ["--blobs"], ["--no-comments"],
                 ["--no-privileges"], ["--section=pre-data", "--section=data", "--section=post-data"], ["--schema-only"], ["--verbose"]]


class Failure(Exception):
    pass


def run(argv, check=True, **options):
    done = subprocess.run([str(word) for word in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    if check and done.returncode != 0:
        raise Failure(f"{argv[0]}: exit {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}")
    return done


class Cluster:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.user = pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.as_user = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        self.environment = dict(os.environ, PGHOST=str(self.root), PGPORT="5432", PGUSER="postgres", PG_BIN_DIR=str(BIN),
                                PGOPTIONS="", PGCLIENTENCODING="UTF8")

    def __enter__(self):
        os.chmod(self.root, 0o755)
        if os.geteuid() == 0:
            shutil.chown(self.root, self.user)
        data = self.root / "data"
        run([*self.as_user, BIN / "initdb", "-D", data, "-N", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], cwd="/")
        with open(data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{self.root}'\nfsync = off\nfull_page_writes = off\n"
                       "wal_level = logical\nmax_connections = 60\nshared_buffers = 64MB\nautovacuum = off\n")
        run([*self.as_user, BIN / "pg_ctl", "-D", data, "-w", "-l", self.root / "log", "start"], cwd="/")
        self.psql("postgres", 'CREATE ROLE alice; CREATE ROLE "Bob Ü"; CREATE ROLE carol SUPERUSER;')
        return self

    def __exit__(self, *_):
        run([*self.as_user, BIN / "pg_ctl", "-D", self.root / "data", "-m", "immediate", "stop"], cwd="/", check=False)

    def client(self, program, *words, check=True, **options):
        return run([BIN / program, *words], check=check, env=self.environment, **options)

    def psql(self, database, sql, check=True):
        return self.client("psql", "-XAtq", "-v", f"ON_ERROR_STOP={int(check)}", "-d", database, check=check, input=sql.encode())

    def dump(self, database, *options):
        return self.client("pg_dump", *options, database).stdout


def normalized(dump, name):
    """Without what differs between any two dumps, and rows in order."""
    result, rows = [], None
    for line in dump.replace(name.encode(), b"DATABASE").split(b"\n"):
        if rows is not None and line != b"\\.":
            rows.append(line)
            continue
        if rows is not None:
            result += sorted(rows)
            rows = None
        if line.startswith((b"\\restrict ", b"\\unrestrict ")):
            continue
        result.append(line)
        if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;"):
            rows = []
    return result


def difference(expected, found):
    import difflib  # only where it is needed: it is slow on large inputs
    for at, (one, other) in enumerate(zip(expected, found)):
        if one != other:
            break
    else:
        at = min(len(expected), len(found))
    begin = max(0, at - 30)
    text = [[line.decode(errors="backslashreplace") for line in lines[begin:at + 60]] for lines in (expected, found)]
    return "\n".join(difflib.unified_diff(*text, "reference", "drctl", lineterm="", n=8))


class Case:
    def __init__(self, cluster, tool, seed, directory):
        self.cluster, self.tool, self.seed, self.directory = cluster, tool, seed, pathlib.Path(directory)
        self.random = random.Random(seed * 7919 + 1)
        self.source, self.reference, self.ours = (f"{kind}_{seed}_equality" for kind in ("src", "ref", "our"))
        self.format = self.random.choices(["plain", "custom", "directory", "tar"], [10, 1, 1, 1])[0]
        self.create = self.format == "plain" and self.random.random() < 0.2
        self.encoding = self.random.choice([None, None, None, None, "LATIN1"])
        self.options = self.choose_options()

    def choose_options(self):
        options = []
        if self.format == "plain":
            for option in self.random.sample(PLAIN_OPTIONS, self.random.choice([0, 1, 1, 2, 3])):
                if not (option[0] in ("--inserts", "--column-inserts") and any("insert" in each for each in options)):
                    options += option
            if self.create:
                options.append("--create")
        if self.encoding:
            options.append(f"--encoding={self.encoding}")
        return options

    def run(self):
        cluster, path = self.cluster, self.directory / f"{self.seed}.{self.format}"
        features, sql = Generator(self.seed, latin1=self.encoding is not None).generate()
        (self.directory / f"{self.seed}.generated.sql").write_text(sql, encoding="utf-8")
        self.title = f"{self.format} {' '.join(self.options)} [{' '.join(features)}]"
        cluster.psql("postgres", f"CREATE DATABASE {self.source} TEMPLATE template0 ENCODING UTF8")
        cluster.psql(self.source, sql)
        if self.create:
            cluster.psql("postgres", f"COMMENT ON DATABASE {self.source} IS 'it''s;'; ALTER DATABASE {self.source} SET work_mem = '5MB'; "
                                     f"ALTER ROLE alice IN DATABASE {self.source} SET search_path = 'x'; GRANT CREATE ON DATABASE {self.source} TO alice")
        cluster.client("pg_dump", *self.options, f"--format={self.format}", f"--file={path}", self.source)
        cluster.psql("postgres", f"CREATE DATABASE {self.ours} TEMPLATE template0 ENCODING UTF8")
        self.restore_reference(path)
        self.restore_ours(path)
        compared = ["--create"] if self.create else []
        expected, found = (normalized(cluster.dump(name, *compared), name) for name in (self.reference, self.ours))
        if expected != found:
            raise Failure("the dumps differ:\n" + difference(expected, found))

    def restore_reference(self, path):
        if self.format != "plain":
            self.cluster.psql("postgres", f"CREATE DATABASE {self.reference} TEMPLATE template0 ENCODING UTF8")
            self.cluster.client("pg_restore", "-d", self.reference, path)
            return
        text = path.read_bytes()
        if self.create:
            text = text.replace(self.source.encode(), self.reference.encode())
        else:
            self.cluster.psql("postgres", f"CREATE DATABASE {self.reference} TEMPLATE template0 ENCODING UTF8")
        done = self.cluster.client("psql", "-Xq", "-v", "ON_ERROR_STOP=0", "-d", "postgres" if self.create else self.reference, input=text)
        errors = [line for line in done.stderr.decode(errors="replace").splitlines() if "ERROR:" in line]
        if errors and "--clean" not in self.options:
            raise Failure("psql itself has failed: " + "\n".join(errors[:5]))

    def restore_ours(self, path):
        kind = "plain" if self.format == "plain" else "archive"
        jobs = self.random.choice([1, 2, 3])
        run([self.tool, kind, f"host={self.cluster.root} port=5432 user=postgres", self.ours, path, jobs], env=self.cluster.environment)

    def drop(self):
        for name in (self.source, self.reference, self.ours):
            # A subscription keeps its database.
            if self.cluster.psql("postgres", f"SELECT FROM pg_database WHERE datname = '{name}'").stdout:
                for subscription in self.cluster.psql(name, "SELECT quote_ident(subname) FROM pg_subscription s JOIN pg_database d ON d.oid = subdbid "
                                                            "WHERE datname = current_database()").stdout.decode().splitlines():
                    self.cluster.psql(name, f"ALTER SUBSCRIPTION {subscription} SET (slot_name = NONE); DROP SUBSCRIPTION {subscription}")
                self.cluster.psql("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def run_case(arguments, cluster, seed, directory):
    case = Case(cluster, arguments.tool, seed, directory)
    try:
        case.run()
        return None
    except Failure as failure:
        return f"seed {seed}: {getattr(case, 'title', '')}\n{failure}\nagain: {sys.argv[0]} --tool {arguments.tool} --seed {seed} --keep DIRECTORY"
    finally:
        case.drop()
        if not arguments.keep:
            for path in pathlib.Path(directory).glob(f"{seed}.*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True, help="restore_tool of the build")
    parser.add_argument("--seeds", type=int, default=200, help="how many databases")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--keep", help="directory to keep the dumps in")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if BIN is None:
        print("skipped: no PostgreSQL server is installed here")
        return 77
    seeds = [arguments.seed] if arguments.seed is not None else range(arguments.first, arguments.first + arguments.seeds)
    with tempfile.TemporaryDirectory(prefix="drctl-equality-") as root, Cluster(root) as cluster:
        directory = arguments.keep or os.path.join(root, "dumps")
        os.makedirs(directory, exist_ok=True)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            failures = [each for each in pool.map(lambda seed: run_case(arguments, cluster, seed, directory), seeds) if each]
    for failure in failures:
        print(failure + "\n")
    print(f"{len(seeds)} databases, {len(failures)} failures")
    return 1 if failures or len(seeds) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
