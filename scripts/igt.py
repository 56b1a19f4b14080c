#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads what IGT programs printed, shows what failed, and writes one line a subtest.

usage: igt.py DIRECTORY LABEL RESULTS STATUS

DIRECTORY holds PROGRAM.igt files of guest/igt-run. STATUS is that of the machine: if it is not
0 the run as a whole failed. RESULTS: "pass|fail|skip <tab> test <tab> reason" a line.
"""

import pathlib
import re
import sys

SUBTEST = re.compile(r"^Subtest (\S+): (SUCCESS|SKIP|FAIL|CRASH|TIMEOUT|ABORT)")
STARTING = re.compile(r"^Starting subtest: (\S+)")
REQUIREMENT = re.compile(r"Test requirement(?: not met in [^:]*:\d+)?: *(.*)")
EXIT = re.compile(r"^exit status (\d+)$")
STATUS = {"SUCCESS": "pass", "SKIP": "skip"}
DEBUG = re.compile(r"-DEBUG: ")
SKIPPED = 77
NO_DEVICE = "!(fd<0)"


def program(path):
    """(status, name, reason, lines) of each subtest, or of the program if it has none."""
    results, section, requirement, code = [], [], "", None
    lines = path.read_text(errors="replace").splitlines()
    for line in lines:
        if DEBUG.search(line):
            continue
        section.append(line)
        if STARTING.match(line):
            section, requirement = [line], ""
        elif match := REQUIREMENT.search(line):
            requirement = match[1]
        elif match := SUBTEST.match(line):
            status = STATUS.get(match[2], "fail")
            reason = requirement if status == "skip" else "" if status == "pass" else match[2]
            results.append((status, f"{path.stem}@{match[1]}", reason, section))
            section = []
        elif match := EXIT.match(line):
            code = int(match[1])
    if code is None:
        results.append(("fail", path.stem, "did not end", lines[-20:]))
    elif not results:
        status = {0: "pass", SKIPPED: "skip"}.get(code, "fail")
        reason = requirement if status == "skip" else f"exit status {code}"
        results.append((status, path.stem, "" if status == "pass" else reason, lines[-40:]))
    elif code not in (0, SKIPPED) and not any(r[0] == "fail" for r in results):
        results.append(("fail", path.stem, f"exit status {code}", lines[-40:]))
    return worst(results)


def worst(results):
    """One result a name: a subtest that crashes in a child is reported by parent and child."""
    kept = {}
    for result in results:
        if result[1] not in kept or result[0] == "fail":
            kept[result[1]] = result
    return list(kept.values())


def main():
    directory, label, out, machine = sys.argv[1:]
    results = []
    for path in sorted(pathlib.Path(directory).glob("*.igt")):
        results += program(path)
    if machine != "0" or not results:
        results.append(("fail", "machine", f"status {machine}", []))
    if results and all(reason == NO_DEVICE for _, _, reason, _ in results):
        results = [("fail", "machine", "no render node", [])]
    with open(out, "w") as file:
        for status, name, reason, _ in results:
            file.write(f"{status}\tigt {label}: {name}\t{reason}\n")
    for status, name, reason, lines in results:
        if status == "fail":
            print(f"FAIL {name} {reason}".rstrip())
            print("".join(f"    {line}\n" for line in lines[-40:]), end="")
    count = {status: sum(r[0] == status for r in results) for status in ("pass", "fail", "skip")}
    print(f"igt {label}: {count['pass']} passed, {count['fail']} failed, {count['skip']} skipped")
    return 1 if count["fail"] else 0


if __name__ == "__main__":
    sys.exit(main())
