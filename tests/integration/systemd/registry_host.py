# SPDX-License-Identifier: Apache-2.0
"""A host as people have it: Debian's stock PostgreSQL with peer authentication and its
configuration in /etc, an application with a socket that brings it back, dumps by cron, and drctl
installed and configured the way the guide says."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from systemd_host import SystemdHost  # noqa: E402

SERVER = "postgresql@15-main"
SERVER_CONFIGURATION = "/etc/postgresql/15/main/postgresql.conf"
CONFIGURATION = "/etc/drctl/drctl.toml"
APPLICATION_SOCKET = "/run/registry.sock"
DAOS = 500

APPLICATION_UNIT = """[Unit]
Description=DAO registry
After=postgresql.service
[Service]
User=registry
ExecStartPre=+/bin/bash -c 'echo started >> /run/registry-starts'
ExecStart=/usr/bin/perl /usr/local/bin/registry
Restart=always
[Install]
WantedBy=multi-user.target
"""
SOCKET_UNIT = f"""[Unit]
Description=DAO registry, where its clients connect
[Socket]
ListenStream={APPLICATION_SOCKET}
[Install]
WantedBy=sockets.target
"""
# Tells every client how many DAOs there are.
APPLICATION = r"""use IO::Socket::UNIX;
my $listener = IO::Socket::UNIX->new_from_fd(3, '+<') or die "started without its socket: $!";
while (my $client = $listener->accept) {
    print $client scalar `psql -Atc 'SELECT count(d) FROM daos d' registry 2>&1`;
}
"""
# Rows of `gate` can be written only while the file is not there: a restore waits at them for as
# long as a test needs to look around.
GATE = "/run/gate-closed"
SCHEMA = f"""
CREATE TABLE version(name text NOT NULL);
INSERT INTO version VALUES ('new');
CREATE TABLE daos(id int PRIMARY KEY, name text NOT NULL);
INSERT INTO daos SELECT i, 'dao ' || i FROM generate_series(1, {DAOS}) i;
GRANT SELECT ON daos TO registry;
CREATE FUNCTION gate_is_open() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    WHILE (pg_stat_file('{GATE}', true)).size IS NOT NULL LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
    RETURN true;
END $$;
CREATE TABLE gate(passed int CHECK (gate_is_open()));
INSERT INTO gate VALUES (1);
"""
VERIFICATION = f"""
[[database.registry.verify]]
name = "daos"
sql = "SELECT count(d) FROM daos d"
min = {DAOS}

[health.registry]
command = ["systemctl", "--quiet", "is-active", "registry.service"]
"""


class Running:
    """A drctl that runs in a host while a test looks around, in a unit of its own: a process that
    was started from outside could outlive its host."""

    UNIT = "running.service"
    OUTPUT = "/run/running.json"

    def __init__(self, host, *words):
        self.host = host
        host.run(["systemctl", "--quiet", "stop", self.UNIT], check=False)
        host.run(["systemctl", "--quiet", "reset-failed", self.UNIT], check=False)
        host.run(["systemd-run", "--quiet", "--unit", self.UNIT, "-p", "RemainAfterExit=yes",
                  "-p", f"StandardOutput=truncate:{self.OUTPUT}", "-p", "StandardError=journal",
                  "drctl", *words, "--json"])

    def ended(self):
        return self.host.unit(self.UNIT, "SubState") in ("exited", "failed")

    def kill(self):
        """Ends it at once; its sessions with the server stay behind."""
        self.host.systemctl("kill", "--kill-whom=main", "--signal=KILL", self.UNIT)
        self.host.wait_for(self.ended, "its death")

    def result(self):
        """Waits for its end; the exit code and the report."""
        self.host.wait_for(self.ended, "the end of the run")
        return (int(self.host.unit(self.UNIT, "ExecMainStatus")),
                parse_report(self.host.path(self.OUTPUT).read_text()))


def parse_report(output):
    try:
        return json.loads(output)
    except json.JSONDecodeError:
        raise AssertionError(f"no report: {output!r}") from None


class RegistryHost(SystemdHost):
    """Boots, and is set up once: `seed` is the template of the database whose rows are old."""

    def install_drctl(self, cmake, build):
        """What `cmake --install` lays below /usr/local, as the guide has it."""
        with tempfile.TemporaryDirectory(prefix="drctl-install-") as staged:
            subprocess.run([cmake, "--install", build, "--prefix", "/usr/local", "--strip"],
                           env={**os.environ, "DESTDIR": staged}, check=True,
                           stdout=subprocess.DEVNULL)
            shutil.copytree(f"{staged}/usr/local", self.path("/usr/local"), symlinks=True,
                            dirs_exist_ok=True)

    def set_up(self):
        self.run(["useradd", "--system", "registry"])
        self.write("/usr/local/bin/registry", APPLICATION)
        self.write("/etc/systemd/system/registry.service", APPLICATION_UNIT)
        self.write("/etc/systemd/system/registry.socket", SOCKET_UNIT)
        self.sql("CREATE ROLE registry LOGIN")
        self.sql("CREATE DATABASE registry")
        self.sql(SCHEMA, "registry")
        self.path("/backups/postgres").mkdir(parents=True)
        self.run(["bash", "-o", "pipefail", "-c",
                  "runuser -u postgres -- pg_dump registry | gzip "
                  "> /backups/postgres/full_backup_$(date -u +%Y%m%d_%H%M%S).sql.gz"])
        self.systemctl("daemon-reload")
        self.systemctl("enable", "--now", "registry.socket", "registry.service")
        self.configure()
        self.sql("UPDATE version SET name = 'old'", "registry")
        self.systemctl("stop", "registry.socket", "registry.service")
        self.sql("ALTER DATABASE registry RENAME TO seed")

    def configure(self):
        """As a user does: `config init` drafts, a person adds what it cannot know."""
        self.run(["drctl", "config", "init"])
        text = self.path(CONFIGURATION).read_text()
        stop = 'stop = ["registry"]\n'
        assert text.count(stop) == 1, text
        text = text.replace(stop, stop + 'health = ["registry"]\n') + VERIFICATION
        self.write(CONFIGURATION, text, mode=0o640)
        self.run(["drctl", "config", "check"])

    def reset(self):
        """Everything runs, nothing was ever recovered."""
        self.path(GATE).unlink(missing_ok=True)
        self.systemctl("start", SERVER)
        for name in self.databases():
            self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        self.sql("CREATE DATABASE registry TEMPLATE seed")
        shutil.rmtree(self.path("/var/lib/drctl"), ignore_errors=True)
        for leftover in self.drop_ins():
            self.path(leftover).unlink()
        self.systemctl("daemon-reload")
        self.systemctl("reset-failed")
        self.systemctl("enable", "registry.socket", "registry.service")
        self.systemctl("start", "registry.socket")
        self.systemctl("start", "registry.service")

    def damage(self):
        """Overwrites the table's first page on the disk; the server finds out when it reads it."""
        self.sql("CHECKPOINT")
        table = self.sql("SELECT pg_relation_filepath('daos')", "registry")[0]
        self.systemctl("stop", SERVER)
        with open(self.path(f"/var/lib/postgresql/15/main/{table}"), "r+b") as file:
            file.write(b"\xde\xad\xbe\xef" * 2048)
        self.systemctl("start", SERVER)

    # What it looks like.

    def systemctl(self, *words):
        return self.run(["systemctl", "--quiet", *words])

    def sql(self, statement, dbname="postgres"):
        """Rows as lines."""
        return self.run(["psql", "-XAtqv", "ON_ERROR_STOP=1", "-d", dbname], user="postgres",
                        input=statement).stdout.splitlines()

    def databases(self):
        return self.sql("SELECT datname FROM pg_database WHERE NOT datistemplate "
                        "AND datname NOT IN ('postgres', 'seed') ORDER BY 1")

    def oid(self, name="registry"):
        return self.sql(f"SELECT oid FROM pg_database WHERE datname = '{name}'")[0]

    def state(self, unit):
        return self.unit(unit, "ActiveState")

    def starts(self):
        """How often the application was started."""
        path = self.path("/run/registry-starts")
        return len(path.read_text().splitlines()) if path.exists() else 0

    def drop_ins(self):
        """Of drctl, in the host."""
        return self.run(["find", "/run/systemd/system", "-name", "*drctl*"]).stdout.split()

    def poke(self):
        """What the application tells a client; None where nobody listens."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(60)
            try:
                client.connect(str(self.path(APPLICATION_SOCKET)))
                return client.makefile().read().strip()
            except (ConnectionError, FileNotFoundError):
                return None

    # drctl.

    def drctl(self, *words):
        """Runs it as root without a terminal, like cron."""
        return self.run(["drctl", *words], check=False)

    def drctl_json(self, *words):
        """The exit code and the report."""
        done = self.drctl(*words, "--json")
        return done.returncode, parse_report(done.stdout)
