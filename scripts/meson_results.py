#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns meson's test log into one line a test; a TAP program counts as its tests.

usage: meson_results.py testlog.json RESULTS
RESULTS: "pass|fail|skip <tab> test <tab> reason" a line.
"""

import json
import re
import sys

TAP = re.compile(r"^(not ok|ok)\b *\d*(?: -)? *([^#]*)(?:# *(SKIP|TODO)\b *(.*))?", re.I)
STATUS = {"OK": "pass", "EXPECTEDFAIL": "pass", "SKIP": "skip"}


def cases(test):
    """(status, name, reason) of one entry of the log."""
    name = test["name"]
    found = [match for line in test.get("stdout", "").splitlines() if (match := TAP.match(line))]
    status = STATUS.get(test["result"], "fail")
    if not found:
        return [(status, name, "" if status == "pass" else test["result"])]
    results = []
    for match in found:
        skip = (match[3] or "").upper() == "SKIP"
        result = "skip" if skip else "pass" if match[1] == "ok" else "fail"
        results.append((result, f"{name}: {match[2].strip()}", match[4] or ""))
    if status == "fail" and not any(result[0] == "fail" for result in results):
        results.append(("fail", name, test["result"]))
    return results


def main():
    with open(sys.argv[1]) as log, open(sys.argv[2], "w") as out:
        for line in log:
            for status, name, reason in cases(json.loads(line)):
                out.write(f"{status}\tuser: {name}\t{reason}\n")


if __name__ == "__main__":
    main()
