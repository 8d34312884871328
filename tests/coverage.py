#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up gcovr's lines by folder of lib/, prints the table, and fails where a folder that decides
over data is below the limit."""

import json
import sys
from collections import defaultdict

LIMIT = 90.0
LIMITED = ("engine", "backup", "postgres", "procedures")


def main(path):
    covered, total = defaultdict(int), defaultdict(int)
    with open(path, encoding="utf-8") as file:
        for entry in json.load(file)["files"]:
            folder = entry["filename"].split("/")[1]
            covered[folder] += entry["line_covered"]
            total[folder] += entry["line_total"]
    low = []
    print(f"\n{'folder':<12}{'lines':>8}{'covered':>9}")
    for folder in sorted(total):
        percent = 100.0 * covered[folder] / max(total[folder], 1)
        limited = folder in LIMITED
        print(f"{folder:<12}{total[folder]:>8}{percent:>8.1f}%" + ("" if limited else "  (no limit)"))
        if limited and percent < LIMIT:
            low.append(folder)
    low += [f"{folder} (nothing measured)" for folder in LIMITED if folder not in total]
    if low:
        print(f"below {LIMIT:.0f}%: {', '.join(low)}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
