#!/usr/bin/env python3
"""Holds the static programs in out/ against tests/size/budgets.txt."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
GROWTH = 1.02


def judge(name, size, budget, limit):
    """A complaint, or None."""
    if size > limit:
        return f"{name} has {size} bytes, and {limit} is the limit"
    if size > budget * GROWTH:
        return f"{name} has {size} bytes, more than 2 % above its budget of {budget}: " \
               "make it smaller, or edit tests/size/budgets.txt in the same change"
    return None


def self_test():
    cases = [(100, 100, 200, True), (102, 100, 200, True), (103, 100, 200, False),
             (201, 200, 200, False)]
    return all((judge("x", size, budget, limit) is None) == good
               for size, budget, limit, good in cases)


def main():
    passed, failed = (1, 0) if self_test() else (0, 1)
    for line in (ROOT / "tests/size/budgets.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, budget, limit = line.split()
        program = ROOT / "out" / name
        if not program.exists():
            complaint = f"out/{name} is missing: scripts/test release"
        else:
            size = program.stat().st_size
            complaint = judge(name, size, int(budget), int(limit))
            print(f"{name} {size} bytes, {size / (1 << 20):.2f} MiB")
        if complaint:
            print("FAILED", complaint)
        passed, failed = passed + (not complaint), failed + bool(complaint)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
