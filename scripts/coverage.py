#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Coverage of our modules by source file.

usage: coverage.py TREE DIR GOAL

Each folder of DIR holds the counters (.gcda) and notes (.gcno) of one run. Runs are of different
builds, so what they say is merged by line: a line is reached if any run reached it; of the branches
of a line those count that any run took. Tests are no part of what is measured. Lines that no run
reached are left in DIR/unreached, as FILE:FIRST-LAST. Fails if fewer than GOAL per cent are reached.
"""

import collections
import json
import os
import re
import subprocess
import sys

TEST = re.compile(r"_test\.[ch]$|/kunit/|_(rig|check|gsp_client)\.[ch]$|/bench/")


class File:
    def __init__(self):
        self.lines = collections.Counter()
        self.branches = {}

    def add_line(self, line):
        number = line["line_number"]
        self.lines[number] += line["count"]
        taken = [branch["count"] > 0 for branch in line.get("branches", [])]
        known = self.branches.setdefault(number, taken)
        if len(known) == len(taken):
            self.branches[number] = [a or b for a, b in zip(known, taken)]
        elif sum(taken) > sum(known):
            self.branches[number] = taken

    def reached(self):
        return sum(1 for count in self.lines.values() if count), len(self.lines)

    def taken(self):
        of_lines = self.branches.values()
        return sum(sum(line) for line in of_lines), sum(len(line) for line in of_lines)

    def holes(self):
        """Ranges of lines with code that nothing reached, ended by a reached one"""
        first = last = None
        for number in sorted(self.lines) + [None]:
            if number is not None and not self.lines[number]:
                first, last = first or number, number
            elif first:
                yield first, last
                first = None


def gcov(counters):
    """What gcov says of one object file"""
    out = subprocess.run(
        ["gcov", "--json-format", "--stdout", "--branch-probabilities", os.path.basename(counters)],
        cwd=os.path.dirname(counters), check=True, capture_output=True)
    return json.loads(out.stdout)["files"]


def ours(tree, name):
    """The path in our tree of a file as the compiler was given it, or None"""
    path = "kernel/" + re.sub(r"^(.*/mod-[^/]*/kernel/|\./)", "", name)
    if TEST.search(path) or not os.path.exists(os.path.join(tree, path)):
        return None
    return path


def collect(tree, folder):
    files = collections.defaultdict(File)
    for where, _, names in os.walk(folder):
        for name in names:
            if not name.endswith(".gcda"):
                continue
            for entry in gcov(os.path.join(where, name)):
                path = ours(tree, entry["file"])
                for line in entry["lines"] if path else []:
                    files[path].add_line(line)
    return files


def share(part, whole):
    return 100.0 * part / whole if whole else 100.0


def show(name, lines, branches):
    print("%-44s %5d %5d %5.1f %%   %5d %5d %5.1f %%" % (
        name, *lines, share(*lines), *branches, share(*branches)))


def add(pairs):
    return tuple(map(sum, zip(*pairs)))


def main():
    tree, folder, goal = sys.argv[1], sys.argv[2], float(sys.argv[3])
    files = collect(tree, folder)
    print("%-44s %11s %9s %11s" % ("file", "lines", "", "branches"))
    for name in sorted(files):
        show(name, files[name].reached(), files[name].taken())
    with open(os.path.join(folder, "unreached"), "w", encoding="utf-8") as out:
        for name in sorted(files):
            for first, last in files[name].holes():
                out.write("%s:%d-%d\n" % (name, first, last))
    lines = add(file.reached() for file in files.values())
    show("total", lines, add(file.taken() for file in files.values()))
    return share(*lines) < goal


if __name__ == "__main__":
    sys.exit(main())
