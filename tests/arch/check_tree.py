#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Applies the rules to the tree: check_tree.py ROOT. Prints what breaks them; exits 1 if any does."""

import pathlib
import subprocess
import sys

import rules

FOLDERS = ("apps", "cmake", "completions", "docs", "lib", "tests", ".ci")


def paths_of(root):
    """Tracked files; outside of a checkout, all files of the known folders."""
    listing = subprocess.run(
        ["git", "-C", str(root), "-c", "safe.directory=*", "ls-files", "-z"],
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0 and listing.stdout:
        return [path for path in listing.stdout.decode().split("\0") if path]
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*")]
    found += list(root.glob("*"))
    return [str(path.relative_to(root)) for path in found if "__pycache__" not in path.parts]


def texts_of(root):
    """Path -> text; files that are not text are left out, as are those just deleted."""
    texts = {}
    for path in sorted(paths_of(root)):
        try:
            texts[path] = (root / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    return texts


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    texts = texts_of(root)
    sources = sum(path.endswith(rules.CPP) for path in texts)
    if sources == 0:
        print(f"there are no sources below {root}")
        return 1
    broken = [one for path, text in texts.items() for one in rules.violations(path, text)]
    broken += rules.decisions(texts)
    broken += rules.stale_allowances(texts)
    print("\n".join(broken) if broken else f"{sources} sources keep to the architecture")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
