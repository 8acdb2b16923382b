#!/usr/bin/env python3
"""Documents: READMEs that fit, links that lead somewhere, what must be there."""

import posixpath
import re

import lintlib
from lintlib import Finding, Rule

MAX_FOLDER_README = 40
MAX_README = 120          # two screens
FIRST_SCREEN = 50         # both commands stand here
NEEDED = ("README.md", "LICENSE", "NOTICE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
          "docs/testing.md")


def find_long_readmes(tree):
    for path in tree.paths(suffixes=("/README.md",)):
        count = tree.text(path).count("\n")
        if count > MAX_FOLDER_README:
            yield Finding(path, 0, f"{count} lines, at most {MAX_FOLDER_README}")


def find_folders_without_readme(tree):
    sources = tree.paths(("src/",), (".cc",))
    for folder in sorted({path.split("/")[1] for path in sources}):
        if not tree.paths((f"src/{folder}/README.md",)):
            yield Finding(f"src/{folder}", 0,
                          "no README.md: purpose, what it must not know, what it lacks")


def find_bad_front_page(tree):
    for path in tree.paths(("README.md",)):
        lines = tree.text(path).splitlines()
        if len(lines) > MAX_README:
            yield Finding(path, 0, f"{len(lines)} lines, at most {MAX_README}")
        top = "\n".join(lines[:FIRST_SCREEN])
        demo, test = top.find("scripts/demo"), top.find("scripts/test")
        if demo < 0 or test < demo:
            yield Finding(path, 1, "scripts/demo, then scripts/test, belong into the first "
                          f"{FIRST_SCREEN} lines")


def find_missing(tree):
    for path in NEEDED:
        if path not in tree.paths((path,)):
            yield Finding(path, 0, "missing")


def find_dead_links(tree):
    everything = tree.paths()
    for path in tree.paths(suffixes=(".md",)):
        in_code = False  # where "[](" begins a function
        for number, line in tree.lines(path):
            in_code ^= line.startswith("```")
            if in_code:
                continue
            for target in re.findall(r"\]\(([^)#\s]+)", line):
                if "://" in target or target.startswith("mailto:"):
                    continue
                full = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
                if full not in everything and not any(p.startswith(full + "/") for p in everything):
                    yield Finding(path, number, f"{target}: no such file")


COMPLETE = {path: "x\n" for path in NEEDED}
FRONT = "# minim\n\n    scripts/demo\n    scripts/test\n"
RULES = [
    Rule("length of READMEs", find_long_readmes, [{"src/a/README.md": "\n" * 41}],
         [{"src/a/README.md": "\n" * 40}]),
    Rule("a README in each folder", find_folders_without_readme, [{"src/a/b.cc": "\n"}],
         [{"src/a/b.cc": "\n", "src/a/README.md": "\n"}]),
    Rule("front page", find_bad_front_page,
         [{"README.md": "\n" * 121}, {"README.md": "# minim\n"}, {"README.md": "\n" * 60 + FRONT}],
         [{"README.md": FRONT}]),
    Rule("documents there", find_missing, [{"README.md": "x\n"}], [COMPLETE]),
    Rule("links", find_dead_links, [{"a.md": "[b](b.md)\n"}],
         [{"d/a.md": "[b](../b.md#x) [c](https://example.com)\n", "b.md": "\n"},
          {"a.md": "```\n[](int x) {}\n```\n"}]),
]

if __name__ == "__main__":
    lintlib.main(RULES)
