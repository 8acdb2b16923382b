#!/usr/bin/env python3
"""Tests that documents name: they are there. Limits: each has some.

`Suite.Name` is one test, `Suite.R047` each whose name begins with that row, `Suite.Na...` and
`Suite.Na*` what begins so, `Prefix/Suite.Name/...` a test with parameters, a lone `R047` that row
in any suite.
"""

import re

import lintlib
from lintlib import Finding, Rule

TEST = re.compile(r"^[ \t]*TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)
PARAMETERS = re.compile(r"\bINSTANTIATE_TEST_SUITE_P\([\s\\]*(\w+)\s*,")
CITED = re.compile(r"`(?:(?P<prefix>[A-Z]\w*)/)?(?P<suite>[A-Z]\w*)\.(?P<name>[A-Z]\w*)?"
                   r"(?P<rest>\*|\.\.\.)?(?:/[\w.*]+)?`|`(?P<row>R\d{3})`")
ROW = re.compile(r"R\d{3}")
PLACEHOLDER = ("Suite", "Name")


def tests_of(tree):
    """All (suite, name) pairs, and the prefixes of suites with parameters."""
    tests, prefixes = set(), set()
    for path in tree.paths(("tests/",), (".cc", ".h")):
        tests.update(TEST.findall(tree.code(path)))
        prefixes.update(PARAMETERS.findall(tree.code(path)))
    return tests, prefixes


def is_there(cited, tests, prefixes):
    suite, name = cited["suite"], cited["name"] or ""
    if cited["row"]:
        return any(test.startswith(cited["row"]) for _, test in tests)
    if cited["prefix"] and cited["prefix"] not in prefixes:
        return False
    if cited["rest"] or ROW.fullmatch(name):
        return any(other == suite and test.startswith(name) for other, test in tests)
    return (suite, name) in tests


def find_missing_tests(tree):
    tests, prefixes = tests_of(tree)
    for path in tree.paths(("docs/",), (".md",)):
        in_code = False
        for number, line in tree.lines(path):
            in_code ^= line.startswith("```")
            for cited in CITED.finditer("" if in_code else line):
                if (cited["suite"], cited["name"]) != PLACEHOLDER and not is_there(
                        cited, tests, prefixes):
                    yield Finding(path, number, f"{cited.group()}: no such test")


LIMITS = "docs/limits.md"
CONSTANT = re.compile(r"`(?:\w+::)*(k[A-Z]\w+)`")


def find_bad_limits(tree):
    """Each row of the tables names a test, and each constant is one of the sources."""
    sources = "\n".join(tree.code(path) for path in tree.paths(("src/", "include/"), (".cc", ".h")))
    constants = set(re.findall(r"\b(k[A-Z]\w+)\b", sources))
    for path in tree.paths((LIMITS,)):
        for number, line in tree.lines(path):
            cells = line.split("|")
            if len(cells) < 3 or cells[1].strip() in ("name", "---"):
                continue
            if not CITED.search(cells[-2]) and "`test_" not in cells[-2]:
                yield Finding(path, number, "the last column names no test")
            for name in CONSTANT.findall(cells[1]):
                if name not in constants:
                    yield Finding(path, number, f"{name} is no constant of the sources")


A_TEST = "TEST(Faults, R047Refused) {}\nTEST_F(Loop,\n       Runs) {}\n"
ONE_WITH_PARAMETERS = "TEST_P(Start, Cron) {}\nINSTANTIATE_TEST_SUITE_P(Faces, Start, All());\n"


def sample(line):
    return {"docs/a.md": line + "\n", "tests/a_test.cc": A_TEST + ONE_WITH_PARAMETERS}


RULES = [
    Rule("tests that documents name", find_missing_tests,
         [sample(line) for line in ("`Faults.R048`", "`Faults.R04`", "`Faults.Refused`", "`R048`",
                                    "| a | `Loop.Run` |", "`Loop.Stops...`", "`Loops.*`",
                                    "`Loop.Runs`, `Loop.Stops`", "`Face/Start.Cron/0`",
                                    "`Faces/Start.Delay/Blocking`")] +
         [{"docs/a.md": "`Loop.Runs`\n", "tests/a_test.cc": "// TEST(Loop, Runs)\n"}],
         [sample(line) for line in ("`Faults.R047`, `R047`", "`Faults.R047Refused`", "`Loop.Runs`",
                                    "`Loop.Ru...`", "`Loop.*`", "`Suite.Name`",
                                    "`Faces/Start.Cron/Blocking`", "`Faces/Start.*`", "`a.b`",
                                    "```\n`Loop.Stops`\n```")]),
    Rule("limits and their tests", find_bad_limits,
         [{LIMITS: row + "\n", "src/a.h": "constexpr int kMaxA = 1;  // kMaxB\n"}
          for row in ("| `kMaxA` | 1 | x |  |", "| `kMaxB` | 1 | x | `Loop.Runs` |",
                      "| `a::kMaxC` | 1 | x | `Loop.Runs` |", "| `max_a` | 1 | `Loop.Runs` | x |")],
         [{LIMITS: "| name | what | tests |\n|---|---|---|\n| `a::kMaxA` (b) | c | `Loop.Runs` |\n"
                   "| d | e | `test_d` (f) |\n",
           "src/a.h": "constexpr int kMaxA = 1;\n"}]),
]

if __name__ == "__main__":
    lintlib.main(RULES)
