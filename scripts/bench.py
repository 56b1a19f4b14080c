#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Collects the figures of a benchmark's log into JSON and prints them as a table.

usage: bench.py LOG JSON

A row has name, unit, ours, peer, ratio, goal, min, max; ratio >= goal means met. A log without
rows, or with a kernel splat, is an error; a missed goal is not, it is shown.
"""

import json
import sys

import splats

MARK = "nova-bench: "
COLUMNS = ("name", "unit", "ours", "peer", "ratio", "goal", "min", "max")


def cell(value):
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main():
    with open(sys.argv[1], errors="replace") as log:
        lines = log.read().splitlines()
    rows = [json.loads(line.split(MARK, 1)[1]) for line in lines if MARK + "{" in line]
    with open(sys.argv[2], "w") as out:
        json.dump(rows, out, indent=1)
        out.write("\n")
    table = [COLUMNS] + [tuple(cell(row.get(column)) for column in COLUMNS) for row in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(COLUMNS))]
    for number, line in enumerate(table):
        cells = [f"{c:<{w}}" if i < 2 else f"{c:>{w}}" for i, (c, w) in enumerate(zip(line, widths))]
        row = rows[number - 1] if number else {}
        missed = row.get("goal") is not None and row.get("ratio", 0) < row["goal"]
        print("  ".join(cells) + ("  missed" if missed else ""))
    bad = splats.find(lines) + [[line] for line in lines if "nova-guest: failed" in line]
    for splat in bad:
        print("\n".join(splat))
    if not rows:
        print("no figures; the log ends:")
        print("\n".join(lines[-20:]))
    return 0 if rows and not bad else 1


if __name__ == "__main__":
    sys.exit(main())
