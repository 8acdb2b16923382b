#!/usr/bin/env python3
"""Scripts: executable just where they start with an interpreter, and clean for their checkers."""

import pathlib
import subprocess
import sys
import tempfile

import lintlib
from lintlib import Finding, Rule


def interpreter(tree, path):
    first = tree.text(path).split("\n", 1)[0]
    return first[2:] if first.startswith("#!") else ""


def find_bad_modes(tree):
    for path in tree.paths():
        if path.startswith("fuzz/corpus/"):
            continue
        if tree.is_executable(path) and not interpreter(tree, path):
            yield Finding(path, 1, "executable, but does not say of what: no #! line")
        if interpreter(tree, path) and not tree.is_executable(path):
            yield Finding(path, 1, "starts with #! but is not executable")


def find_loose_shell(tree):
    for path in tree.paths():
        if not interpreter(tree, path).endswith(("sh", "bash")):
            continue
        head = "\n".join(tree.text(path).splitlines()[:30])
        if "set -eu" not in head and "lib.sh" not in head:
            yield Finding(path, 1, "no set -eu, and does not source scripts/lib.sh")


def find_shellcheck(tree):
    scripts = [p for p in tree.paths() if interpreter(tree, p).endswith(("sh", "bash"))]
    with tempfile.TemporaryDirectory() as folder:
        # A copy, so that samples and the repository are treated alike.
        for path in scripts + tree.paths(("scripts/",), (".sh",)):
            copy = pathlib.Path(folder, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(tree.text(path))
        if scripts:
            out = subprocess.run(["shellcheck", "-x", "-P", "SCRIPTDIR", "-f", "gcc", *scripts],
                                 cwd=folder, stdout=subprocess.PIPE, text=True, check=False).stdout
            for line in out.splitlines():
                path, number, _, text = line.split(":", 3)
                yield Finding(path, int(number), text.strip())


def find_python_that_does_not_parse(tree):
    for path in tree.paths():
        if path.endswith(".py") or "python" in interpreter(tree, path):
            try:
                compile(tree.text(path), path, "exec")
            except SyntaxError as error:
                yield Finding(path, error.lineno or 0, f"python: {error.msg}")


BASH = "#!/usr/bin/env bash\nset -eu\n"
RULES = [
    Rule("modes", find_bad_modes, [{"a*": "x\n"}, {"a": BASH}], [{"a*": BASH, "b": "x\n"}]),
    Rule("set -eu", find_loose_shell, [{"a*": "#!/bin/sh\nx\n"}], [{"a*": BASH}]),
    Rule("shellcheck", find_shellcheck, [{"a*": BASH + 'rm $1\n'}], [{"a*": BASH + 'rm "$1"\n'}]),
    Rule("python", find_python_that_does_not_parse, [{"a.py": "def\n"}], [{"a.py": "x = 1\n"}]),
]

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    lintlib.main(RULES)
