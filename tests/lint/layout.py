#!/usr/bin/env python3
"""C++ is laid out as .clang-format says, by the one version that this is checked with."""

import subprocess

import lintlib
from lintlib import Finding, Rule

TOOL = "clang-format-19"
OURS = ("src/", "include/", "tests/", "fuzz/", "examples/", "bench/")


def find_other_layout(tree):
    for path in tree.paths(OURS, (".h", ".cc")):
        text = tree.text(path)
        done = subprocess.run([TOOL, f"--style=file:{lintlib.ROOT}/.clang-format",
                               f"--assume-filename={path}"],
                              input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
        if done != text:
            changed = sum(a != b for a, b in zip(text.splitlines(), done.splitlines()))
            first = next((n for n, (a, b) in enumerate(zip(text.splitlines(), done.splitlines()), 1)
                          if a != b), 1)
            yield Finding(path, first, f"{TOOL} -i {path} (about {changed} lines change)")


RULES = [Rule("clang-format", find_other_layout, [{"src/a.cc": "int  x ;\n"}],
              [{"src/a.cc": "int x;\n"}])]

if __name__ == "__main__":
    lintlib.main(RULES)
