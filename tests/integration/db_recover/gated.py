# SPDX-License-Identifier: Apache-2.0
"""A recovery that waits in the middle of its restore until the test has done its worst."""

import contextlib
import subprocess
import time

from support import HostTest

DEADLINE = 60


def wait_until(condition, what):
    """Polls; fails after a deadline that only a machine in trouble needs."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.01)


class GatedTest(HostTest):
    """The only backup has a table whose rows are not let in as long as the gate is closed: a
    constraint of it waits while a file is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        host = cls.host
        cls.gate = host.root / "gate-closed"
        host.sql("CREATE DATABASE gated")
        host.sql(host.dump.decode() + f"""
            CREATE FUNCTION public.gate() RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN
                WHILE (pg_catalog.pg_stat_file('{cls.gate}', true)).size IS NOT NULL LOOP
                    PERFORM pg_catalog.pg_sleep(0.01);
                END LOOP;
                RETURN true;
            END $$;
            ALTER TABLE public.version ADD CHECK (public.gate());
            """, "gated")
        host.dump = host.pg_dump("gated")
        host.sql("DROP DATABASE gated")
        host.backup.unlink()
        host.backup = host.add_backup(host.dump)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.open_gate)
        self.close_gate()

    def close_gate(self):
        self.gate.touch()

    def open_gate(self):
        self.gate.unlink(missing_ok=True)

    def waits_at_gate(self):
        return self.host.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' "
                             "AND datname LIKE 'shop\\_\\_copy\\_%'") == ["1"]

    @contextlib.contextmanager
    def mid_restore(self, *options, **how):
        """A recovery of its own process, which stands at the gate."""
        argv = [self.host.drctl, "db-recover", "shop", "--yes", "--accept-data-loss", "30d", "--json",
                *options, "-c", self.host.config]
        with subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how) as run:
            try:
                wait_until(lambda: run.poll() is not None or self.waits_at_gate(), "the restore")
                self.assertIsNone(run.poll(), "it ended before its restore")
                yield run
            finally:
                self.open_gate()
                if run.poll() is None:
                    run.kill()

    def ended(self, run):
        """What a run has printed, once it has ended."""
        out, err = run.communicate(timeout=DEADLINE)
        return subprocess.CompletedProcess(run.args, run.returncode, out, err)

    def assert_as_before(self):
        """Old database served, application running and not held."""
        self.assertEqual(self.host.oid("shop"), self.host.old)
        self.assertEqual(self.host.is_whole("shop"), "old")
        self.assertTrue(self.host.service_flag.exists(), "the application does not run")
        self.assertEqual(list((self.host.state / "held").glob("*/app")), [])

    def copies(self):
        return [name for name in self.host.databases() if name != "shop"]


def pending_signals(pid):
    """Whether a process has signals that it has not taken yet."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return any(line.startswith("ShdPnd:") and int(line.split()[1], 16) for line in status)


