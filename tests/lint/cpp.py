#!/usr/bin/env python3
"""Rules for C++ that no tool knows: traps of our compilers, empty tests, sizes of files."""

import re

import lintlib
from lintlib import Finding, Rule, pattern_rule

OURS = ("src/", "include/", "tests/", "fuzz/", "examples/", "bench/")
MAX_LINES = 450


def find_braced_awaits(tree):
    """g++ 12 destroys the members of a braced temporary inside a co_await expression twice: an
    operation gets a name before it is awaited. Looks from each co_await to the end of the
    expression."""
    for path in tree.paths(OURS, lintlib.CPP):
        code = tree.code(path)
        for match in re.finditer(r"(?<!operator )\bco_await\b", code):
            depth = 0
            for position in range(match.end(), len(code)):
                char = code[position]
                depth += (char in "([") - (char in ")]")
                if depth < 0 or (char == ";" and depth == 0):
                    break
                if char == "{":
                    yield Finding(path, code[:match.start()].count("\n") + 1,
                                  "braces inside a co_await expression: name the operation first")
                    break


def find_long_files(tree):
    for path in tree.paths(("src/", "include/"), (".h", ".cc")):
        count = tree.text(path).count("\n")
        if count > MAX_LINES:
            yield Finding(path, 0, f"{count} lines, at most {MAX_LINES}: split it by nouns")


def find_headers_without_guard(tree):
    for path in tree.paths(OURS, (".h",)):
        code = tree.code(path)
        if "#pragma once" not in code and not re.search(r"#ifndef (\w+)\s+#define \1\b", code):
            yield Finding(path, 1, "no include guard")


RULES = [
    Rule("no braces in co_await", find_braced_awaits,
         [{"src/a.cc": "co_await minim::connect(r, {.target = x});"},
          {"examples/a.cc": "auto r = co_await Operation{1};"}],
         [{"src/a.cc": "if (co_await std::move(op)) { f(); }\n// co_await x{}\nauto y = Foo{1};"},
          {"src/a.cc": "Awaiter operator co_await(Operation&& o) { return {}; }"}]),
    Rule("length of files", find_long_files, [{"src/a.cc": "\n" * 451}],
         [{"src/a.cc": "\n" * 450}]),
    Rule("include guards", find_headers_without_guard, [{"src/a.h": "int x;\n"}],
         [{"src/a.h": "#pragma once\n"}, {"src/a.h": "#ifndef A_H\n#define A_H\n#endif\n"}]),
    pattern_rule("no NOLINT", "NOLINT|clang-format off", "change the code, or the check for all",
                 OURS, code=False, refuses=["int x;  // NOLINT"]),
    pattern_rule("tests that test", r"\b(EXPECT|ASSERT)_(TRUE|FALSE)\((true|false)\)"
                 r"|\b(EXPECT|ASSERT)_EQ\((\w+), \5\)|^\s*GTEST_SKIP\b|\bDISABLED_|\bSUCCEED\(\)",
                 "a test that cannot fail, or does not run", ("tests/", "fuzz/"),
                 refuses=["EXPECT_TRUE(true);", "TEST(A, DISABLED_B) {}", "GTEST_SKIP();",
                          "EXPECT_EQ(x, x);"],
                 accepts=["EXPECT_TRUE(ok);  // GTEST_SKIP",
                          'if (!gzip_available()) GTEST_SKIP() << "built without gzip";']),
    pattern_rule("no sleeping", r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(::|\b)sleep\s*\(\d",
                 "wait for what is expected, with a limit", OURS,
                 refuses=["std::this_thread::sleep_for(1s);", " sleep(1);"],
                 accepts=["sleep(std::chrono::hours(5), 1);"]),
    pattern_rule("library prints nothing", r"\b(cout|cerr|clog|printf|puts|fprintf|abort)\b",
                 "a library neither prints nor ends its host", ("src/",),
                 refuses=['std::fprintf(stderr, "x");'],
                 # Result::value() without a value, which is the caller's own mistake.
                 except_paths=("src/cli/", "src/base/status.cc")),
    pattern_rule("no throw in the library", r"\bthrow\b|\btry\s*\{|\bcatch\s*\(",
                 "errors are values; sugar is in throwing.h", ("src/", "include/"),
                 refuses=["throw 1;", "try {"],
                 # json.h: what a host's own conversions throw, where it has exceptions.
                 except_paths=("src/cli/", "include/minim/throwing.h", "include/minim/json.h")),
]

if __name__ == "__main__":
    lintlib.main(RULES)
