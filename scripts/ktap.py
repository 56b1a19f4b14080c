#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the log of a KUnit guest, shows what failed, and writes one line a test.

usage: ktap.py LOG RESULTS

Counted are the innermost results: a case, or each parameter of a parameterised one. A kernel
splat, a leak, a module that does not load or unload, a suite cut short and a guest that did not
end are failures too. RESULTS: "pass|fail|skip <tab> test <tab> reason" a line.
"""

import pathlib
import re
import sys

import splats

RESULT = re.compile(r"^( *)(not ok|ok) \d+ ?-? ?(.*)$")
SUBTEST = re.compile(r"^( *)# Subtest: (.*)$")
PLAN = re.compile(r"^( *)1\.\.(\d+)$")
STAMP = re.compile(r"^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?")


class Reader:
    """Turns KTAP lines into results; depth is a line's indentation by four."""

    def __init__(self):
        self.results = []       # (status, name, reason, lines)
        self.names = {}         # depth -> name of the subtest open there
        self.plans = {}         # depth -> number of results still due
        self.children = {}      # depth -> results seen inside the one not yet reported
        self.context = []       # lines since the last result

    def line(self, line):
        if match := SUBTEST.match(line):
            self.names[len(match[1]) // 4] = match[2]
        elif match := PLAN.match(line):
            self.plans[len(match[1]) // 4] = int(match[2])
        elif match := RESULT.match(line):
            self.result(len(match[1]) // 4, match[2] == "ok", match[3])
            self.context = []
            return
        self.context.append(line)

    def result(self, depth, passed, text):
        name, _, directive = text.partition(" # ")
        inner = self.children.pop(depth + 1, [])
        missing = self.plans.pop(depth + 1, 0) - len(inner)
        status = "pass" if passed else "fail"
        if directive.upper().startswith("SKIP"):
            status = "skip"
        self.children.setdefault(depth, []).append(status)
        reason = directive[4:].strip() if status == "skip" else ""
        path = "/".join([self.names[d] for d in range(1, depth + 1) if d in self.names] + [name])
        if missing > 0:
            self.results.append(("fail", path, f"{missing} results missing", self.context))
        elif not inner or (status == "fail" and "fail" not in inner):
            self.results.append((status, path, reason, self.context))
        self.names.pop(depth + 1, None)


def read(log):
    """Results of the lines after the guest's start."""
    reader = Reader()
    lines = [STAMP.sub("", line.rstrip("\r\n")) for line in log]
    start = next((i for i, line in enumerate(lines) if line.startswith("nova-guest: start")), None)
    if start is None:
        return [("fail", "guest", "did not start", lines[-20:])]
    for line in lines[start:]:
        reader.line(line)
    results = reader.results
    if not results:
        results.append(("fail", "guest", "no test ran", lines[-20:]))
    for line in lines:
        if line.startswith("nova-guest: failed: "):
            results.append(("fail", line.split(": ", 2)[2], "", []))
    if not any(line.startswith("nova-guest: end") for line in lines):
        results.append(("fail", "guest", "did not end", lines[-20:]))
    for splat in splats.find(lines[start:]):
        results.append(("fail", "kernel log", splat[0].strip(), splat))
    return results


def main():
    with open(sys.argv[1], errors="replace") as log:
        results = read(log)
    label = pathlib.Path(sys.argv[2]).name
    count = {status: sum(r[0] == status for r in results) for status in ("pass", "fail", "skip")}
    with open(sys.argv[2], "w") as out:
        for status, name, reason, _ in results:
            out.write(f"{status}\t{label}: {name}\t{reason}\n")
    for status, name, reason, lines in results:
        if status == "fail":
            print(f"FAIL {name} {reason}".rstrip())
            print("".join(f"    {line}\n" for line in lines[-40:]), end="")
        elif status == "skip":
            print(f"skip {name}: {reason}")
    print(f"{label}: {count['pass']} passed, {count['fail']} failed, {count['skip']} skipped")
    return 1 if count["fail"] else 0


if __name__ == "__main__":
    sys.exit(main())
