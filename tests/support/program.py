# SPDX-License-Identifier: Apache-2.0
"""The program under test, as a person at a terminal runs it, and where other accounts may too."""

import pathlib
import shutil
import signal

# Tests that are run in the background inherit that these are ignored, and would hand that on. A
# handler of ours is none in the programs that we start.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler)


def copy_for_everybody(program, directory):
    """Copies `program` of a build tree and our library below `directory`, which everybody must be
    able to enter, and returns the copy. The build tree may lie where only its owner may look, as
    below /root. The program finds its library relative to itself, here as there."""
    program, directory = pathlib.Path(program).resolve(), pathlib.Path(directory)
    build = program.parent.parent
    for source in (program, *build.glob("lib/libdrctl.so.*")):
        copy = directory / source.relative_to(build)
        copy.parent.mkdir(exist_ok=True)
        copy.parent.chmod(0o755)  # whatever the umask
        shutil.copy(source, copy, follow_symlinks=False)
        if not copy.is_symlink():
            copy.chmod(0o755)
    return directory / program.relative_to(build)
