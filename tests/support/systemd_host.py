# SPDX-License-Identifier: Apache-2.0
"""Debian hosts that boot systemd for a test: a minimal root file system made once by mmdebstrap,
booted by systemd-nspawn in name spaces of its own (mounts, cgroups, processes, network).

    with SystemdHost(debian_root(cache)) as host:
        host.write("/etc/systemd/system/app.service", UNIT)
        host.run(["systemctl", "start", "app.service"])

Hosts die with the test, also when that is killed, and leave nothing behind but an empty directory
and control group then: what they write lies in memory, in a mount name space of their own.
"""

import argparse
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

# What drctl works on, and the libraries it is linked with (sanitizers too).
PACKAGES = ["systemd", "systemd-sysv", "dbus", "postgresql-15", "libarchive13", "libasan8",
            "libcurl4", "libfmt9", "libisal2", "libpq5", "libssl3", "libtomlplusplus3", "libubsan1"]
BUILD = [
    "--variant=minbase", "--include=" + ",".join(PACKAGES),
    "--aptopt=Acquire::Retries \"3\"", "--aptopt=APT::Install-Recommends \"false\"",
    "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    # Without a network they would only fail.
    "--customize-hook=chroot \"$1\" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer",
]
SUITE = "bookworm"

# Runs in a mount name space of its own. The host's root is the cached one with a layer in memory
# above it. Directories of the lower layer cannot be exchanged atomically, so PostgreSQL's are
# copied up. systemd-nspawn wants the unified cgroup hierarchy; where this machine has a hybrid
# one, the unified part is mounted in its place. Told to keep its unit, it leaves a
# reboot (status 133) to its caller.
BOOT = r"""
set -e
lower=$1 work=$2 name=$3
umount --recursive --lazy /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$name"
echo $$ > "/sys/fs/cgroup/$name/cgroup.procs"
mount -t tmpfs -o mode=0755 tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/work" overlay "$work/root"
rm -r "$work/root/var/lib/postgresql"
cp -a "$lower/var/lib/postgresql" "$work/root/var/lib/"
status=133
while [ "$status" = 133 ]; do
    status=0
    setpriv --pdeathsig KILL systemd-nspawn --quiet --boot --directory="$work/root" --machine="$name" --register=no \
        --keep-unit --private-network --resolv-conf=off --settings=no --link-journal=no \
        --console=pipe --notify-ready=yes || status=$?
done
exit "$status"
"""

PROBE = r"""
mount -t cgroup2 cgroup2 /mnt
mkdir "/mnt/drctl-probe-$$"
rmdir "/mnt/drctl-probe-$$"
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
"""


SKIPPED = 77  # as CMakeLists.txt tells ctest


def options(*names):
    """The options of a test program, all of them needed, and what is left for unittest."""
    parser = argparse.ArgumentParser()
    for name in names:
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_known_args()


def run_tests(rest):
    """Runs the tests of the program that calls, or says why this machine cannot."""
    reason = why_not()
    if reason is not None:
        print(f"SKIPPED: {reason}")
        return SKIPPED
    unittest.main(argv=[sys.argv[0], *rest])
    return 0


def why_not():
    """Why this machine cannot boot such a host, in words; None where it can."""
    if os.geteuid() != 0:
        return "only root can boot a host with systemd"
    for program in ("mmdebstrap", "systemd-nspawn", "nsenter", "setpriv", "unshare"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    # What it takes, tried: an unprivileged container says here what it lacks.
    tried = subprocess.run(["unshare", "--mount", "--net", "--", "/bin/sh", "-ec", PROBE],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if tried.returncode != 0:
        return f"this machine does not let us boot another host: {tried.stdout.strip()}"
    return None


def debian_root(cache):
    """The root file system below the directory `cache`, made if it is not there yet."""
    key = hashlib.sha256(repr((SUITE, BUILD)).encode()).hexdigest()[:12]
    root = pathlib.Path(cache).resolve() / f"debian-{SUITE}-{key}"
    root.parent.mkdir(parents=True, exist_ok=True)
    with open(root.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests that run side by side wait for the first
        if not root.exists():
            part = root.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            done = subprocess.run(["mmdebstrap", "--quiet", *BUILD, SUITE, str(part)],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=1200)
            if done.returncode != 0:
                raise RuntimeError(f"mmdebstrap made no root file system:\n{done.stdout[-4000:]}")
            part.rename(root)
    return root


class SystemdHost:
    """One booted host. It sees nothing of this machine's files but what is copied into it."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.leader = None  # process id of the host's init, as seen from here
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, timeout=180):
        """Boots, and returns once all of its units are up."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="drctl-systemd-"))
        # A machine's name must not end in what mkdtemp may end in.
        self.name = self.directory.name.replace("_", "0")
        (self.directory / "mounts").mkdir()
        self._listen()
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                       "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
                       "NOTIFY_SOCKET": str(self.directory / "notify")}
        try:
            with open(self.directory / "console", "wb") as console:
                self.process = subprocess.Popen(
                    ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation=private", "--", "/bin/sh", "-c", BOOT,
                     "boot", str(self.root), str(self.directory / "mounts"), self.name],
                    stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
                    env=environment)
            self._await_boot(timeout)
        except BaseException:
            self.close()
            raise

    def close(self):
        """Ends it as a power cut would."""
        if self.process is not None:
            if self.leader is not None:
                _kill(self.leader)
            else:
                self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process, self.leader = None, None
            _remove_cgroup(self.name)
        self.notices.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def reboot(self, timeout=180):
        """Boots it anew, as its reset button would. Files stay, but for those in /run and /tmp."""
        self._listen()
        leader, self.leader = self.leader, None
        os.kill(leader, signal.SIGRTMIN + 15)  # systemd(1): reboot immediately
        self._await_boot(timeout)

    def run(self, argv, check=True, user=None, input=None, timeout=120, environment=None):
        """Runs a program in the host, as root or `user`, and returns what it said."""
        command = [str(word) for word in argv]
        if user is not None:
            command = ["runuser", "-u", user, "--", *command]
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                     "HOME": "/root", "LC_ALL": "C.UTF-8", **(environment or {})}
        done = subprocess.run(["nsenter", "--target", str(self.leader), "--all", "--", *command],
                              input=input, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=timeout, env=variables)
        if check and done.returncode != 0:
            raise RuntimeError(f"{command} exited with {done.returncode}:\n"
                               f"{done.stdout}{done.stderr}")
        return done

    def path(self, inside):
        """A path of the host as it is reached from here, while it runs."""
        return pathlib.Path(f"/proc/{self.leader}/root") / str(inside).lstrip("/")

    def write(self, inside, content, mode=0o644):
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(mode)

    def copy(self, source, inside, mode=0o644):
        """Copies a file of this machine into the host."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(mode)

    def unit(self, name, prop):
        """A property of a unit, as `systemctl show` has it."""
        return self.run(["systemctl", "show", "--value", "-p", prop, "--", name]).stdout.strip()

    def wait_for(self, condition, what, timeout=60):
        """Until `condition()` is true; fails after `timeout` seconds with `what` was expected."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {timeout} s: {what}")
            time.sleep(0.05)

    def _listen(self):
        """For the notices of one boot. Later ones find nobody: systemd-nspawn would wait for ever
        for somebody to read them."""
        path = self.directory / "notify"
        path.unlink(missing_ok=True)
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(str(path))

    def _await_boot(self, timeout):
        deadline = time.monotonic() + timeout
        ready = False
        while not (ready and self.leader):
            self.notices.settimeout(0.5)
            try:
                notice = self.notices.recv(4096).decode()
            except TimeoutError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the host did not boot:\n{self.console()}") from None
                continue
            for line in notice.splitlines():
                if line.startswith("X_NSPAWN_LEADER_PID="):
                    self.leader = int(line.partition("=")[2])
                ready = ready or line == "READY=1"
        self.notices.close()

    def console(self):
        """The end of what it wrote on its console."""
        return (self.directory / "console").read_text(errors="replace")[-4000:]


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _remove_cgroup(name):
    """Removes the host's control groups, which are empty once it is gone."""
    for hierarchy in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        for directory, _, _ in os.walk(os.path.join(hierarchy, name), topdown=False):
            os.rmdir(directory)
