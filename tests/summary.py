#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the closing lines of tests/run.sh from the results that ctest wrote: which tests failed,
which were skipped and why, and how many of each."""

import sys
import xml.etree.ElementTree as ElementTree


def reason_of(output):
    """What a skipped test said: behind GoogleTest's `Skipped`, else its last line."""
    lines = [line.strip() for line in (output or "").splitlines() if line.strip()]
    for line, following in zip(lines, lines[1:]):
        if line.endswith(": Skipped"):
            return following
    return lines[-1] if lines else "it does not say why"


def main(path):
    failed, skipped, passed = [], {}, 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("skipped") is not None:
            reason = reason_of(case.findtext("system-out"))
            skipped.setdefault(reason, []).append(case.get("name"))
        elif case.get("status") == "run":
            passed += 1
        else:
            failed.append(case.get("name"))
    if skipped:
        print("\nSkipped:")
        for reason, names in sorted(skipped.items()):
            print(f"  {reason}: {', '.join(sorted(names))}")
    if failed:
        print("\nFailed:")
        for name in sorted(failed):
            print(f"  {name}")
    count = sum(len(names) for names in skipped.values())
    print(f"\n{passed} passed, {len(failed)} failed" + (f", {count} skipped" if count else ""))


if __name__ == "__main__":
    main(sys.argv[1])
