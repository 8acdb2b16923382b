#!/usr/bin/env python3
"""What holds for every text file of ours: ASCII, line ends, widths, no words of some kinds."""

import re

import lintlib
from lintlib import Finding, Rule

# Not written by hand, or data.
DATA = ("fuzz/corpus/", "tests/testbed/go.sum", "tests/size/budgets.txt")
# Columns. Tables in documents may be wider, and so may a line that holds a link.
WIDTHS = {".h": 100, ".cc": 100, ".py": 100, ".sh": 100, ".cmake": 100, "CMakeLists.txt": 100,
          ".proto": 100, ".md": 150}


def ours(tree):
    return [path for path in tree.paths() if not path.startswith(DATA)]


def find_non_ascii(tree):
    for path in ours(tree):
        for number, line in tree.lines(path):
            if not line.isascii():
                bad = next(c for c in line if not c.isascii())
                yield Finding(path, number, f"U+{ord(bad):04X} is not ASCII")


def find_bad_line_ends(tree):
    for path in ours(tree):
        text = tree.text(path)
        if "\r" in text:
            yield Finding(path, text[:text.index("\r")].count("\n") + 1, "carriage return")
        if text and not text.endswith("\n"):
            yield Finding(path, text.count("\n") + 1, "no newline at the end")
        for number, line in tree.lines(path):
            if line != line.rstrip():
                yield Finding(path, number, "blank at the end of the line")


def find_tabs(tree):
    for path in ours(tree):
        if path.endswith((".go", "go.mod", ".gitmodules")):
            continue  # gofmt's way
        for number, line in tree.lines(path):
            if "\t" in line:
                yield Finding(path, number, "tab")


def find_long_lines(tree):
    for path in ours(tree):
        width = next((w for end, w in WIDTHS.items() if path.endswith(end)), None)
        first = tree.text(path)[:40]
        if width is None and first.startswith("#!"):
            width = 100
        if width is None:
            continue
        for number, line in tree.lines(path):
            exempt = path.endswith(".md") and (line.startswith("|") or "](" in line)
            if len(line) > width and not exempt:
                yield Finding(path, number, f"{len(line)} columns, at most {width}")


# Written so that this file does not refuse itself.
WORDS = [
    (r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b", "do it, or file an issue"),
    (r"(?<![\w.])/wor[k]/|(?<![\w.])/hom[e]/\w|(?<![\w.])/roo[t]/", "a path of one machine"),
    (r"proxy\.golan[g]\.org|\bpyp[i]\.org|pythonhoste[d]\.org|registry\.npmj[s]|deb\.debia[n]\.org"
     r"|repo1?\.mave[n]|crate[s]\.io", "a registry's host"),
    (r"(?i)\b(pseudo)?hac[k]\b", "say what it does"),
]


def find_words(tree):
    for path in ours(tree):
        for number, line in tree.lines(path):
            for pattern, why in WORDS:
                match = re.search(pattern, line)
                if match:
                    yield Finding(path, number, f"{match.group()}: {why}")


RULES = [
    Rule("ASCII", find_non_ascii, [{"a.md": "caf\u00e9\n"}], [{"a.md": "cafe\n"}]),
    Rule("line ends", find_bad_line_ends, [{"a.h": "x\r\n"}, {"a.h": "x"}, {"a.h": "x \n"}],
         [{"a.h": "x\n"}, {"a.h": ""}]),
    Rule("no tabs", find_tabs, [{"a.h": "\tx\n"}], [{"a.go": "\tx\n"}]),
    Rule("width", find_long_lines,
         [{"a.h": "x" * 101 + "\n"}, {"run": "#!/bin/sh\n" + "x" * 101 + "\n"}],
         [{"a.h": "x" * 100 + "\n"}, {"a.md": "|" + "x" * 200 + "\n"},
          {"a.txt": "x" * 200 + "\n"}]),
    Rule("words", find_words,
         [{"a.h": "// TO" + "DO later\n"}, {"a.md": "see /wor" + "k/main\n"},
          {"a": "https://pyp" + "i.org/x\n"}],
         [{"a.md": "docs/wor" + "k/x and a network/ho" + "me/x\n"}]),
]

if __name__ == "__main__":
    lintlib.main(RULES)
