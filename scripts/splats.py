#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finds the kernel's complaints in a log: warnings, bugs, sanitizers, lockdep, leaks.

usage: splats.py LOG    prints them; exit status 1 if there are any
"""

import re
import sys

SIGN = re.compile(
    r"\bWARNING: |\bBUG: |\bkernel BUG at |\bOops[: ]|\bUBSAN: |\bKernel panic|"
    r"\bgeneral protection fault|\bunreferenced object 0x|\brefcount_t: |"
    r"\bINFO: (?:task .* blocked|rcu|possible|trying to register|lockdep)|"
    r"\bODEBUG: |\bDEBUG_LOCKS_WARN_ON|\bbad page state|\bstack segment:|"
    r"\bnot well-nested|\bunable to handle kernel|\bslab .* still has|\bdrm_mm_takedown|"
    r"\bMemory manager not clean")
GUESS = re.compile(r"\] +\? ")
LEAK = re.compile(r"\bunreferenced object 0x")
# Complaints that are not ours: what they begin with, and what is in their stack
FOREIGN = (
    # TTM 7.2 never calls list_lru_destroy() for its global pools: they leak with the last TTM device
    (LEAK, re.compile(r"\bttm_pool_type_init\b")),
    # User Mode Linux 7.2 walks the mappings of a process without its lock when two others flush it
    (re.compile(r"\bsuspicious RCU usage"), re.compile(r"\bflush_tlb_mm\+")),
)
LENGTH = 36


def record(lines, i):
    """The splat that begins with line i; a leak ends where the next one begins."""
    end = i + 1
    while end < min(i + LENGTH, len(lines)) and not (
            LEAK.search(lines[i]) and LEAK.search(lines[end])):
        end += 1
    return lines[i:end]


def foreign(splat):
    return any(sign.search(splat[0]) and any(map(cause.search, splat)) for sign, cause in FOREIGN)


def find(lines):
    """Each splat as the list of lines it begins with; those inside one are part of it. Words of
    the stack that the kernel itself doubts are left out."""
    found = []
    skip_to = 0
    lines = [line for line in lines if not GUESS.search(line)]
    for i, line in enumerate(lines):
        if i >= skip_to and SIGN.search(line):
            splat = record(lines, i)
            skip_to = i + len(splat)
            if not foreign(splat):
                found.append(splat)
    return found


def main():
    with open(sys.argv[1], errors="replace") as log:
        found = find([line.rstrip("\r\n") for line in log])
    for splat in found:
        print("\n".join(splat))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
