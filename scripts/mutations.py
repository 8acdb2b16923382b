"""The changes that scripts/mutate tries: what universalmutator (PyPI) proposes for a line, less
most of what cannot compile or changes nothing, since each of these costs a compiler's run."""

import contextlib
import os
import re
import subprocess
import sys

TOOL = "universalmutator==1.14.1"
RULES = ["universal.rules", "c_like.rules", "cpp.rules"]
# What no change of compiles: declarations at the left margin, labels, what is no code.
NO_CODE = re.compile(r"^(\S|\s*(//|#|\}|using |public:|private:|case |default:|$))")
DECLARATION = re.compile(r"^\s*(const|static|auto|(?!return|else|delete)[A-Za-z_][\w:<>,*& ]*)"
                         r" [a-z_]\w*( =|;|\{|\()")
# Conditions and arguments that the proposals have cut in the wrong place.
NONSENSE = re.compile(r"!\(.*const |!\(auto |if \(!\(![^()]*\([^()]*\)\) |\(,|"
                      r"(?<!if)(?<!&&)(?<!\|\|)(?<!return) \(\d==\d\)|\w\(\d==\d")
OPERATOR = "<>=!&|+-*/%"


def load_mutator(work):
    """The tool's module, which is installed below `work`."""
    folder = work / "tool"
    if not (folder / "universalmutator").exists():
        venv = work / "venv"
        subprocess.run(["/usr/bin/python3", "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin" / "pip", "install", "--quiet", "--no-deps",
                        "--disable-pip-version-check", "--target", folder, TOOL], check=True)
    sys.path.insert(0, str(folder))
    from universalmutator import mutator  # pylint: disable=import-error,import-outside-toplevel
    return mutator


def in_loop(lines, number, heads):
    """Whether one of these words begins a line around line `number` of a function."""
    indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
    for line in reversed(lines[:number - 1]):
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth < indent:
            if line.lstrip().startswith(heads):
                return True
            indent = depth
    return False


def may_compile(lines, number, change, words):
    """False for most of the proposals that cannot compile or change nothing."""
    before, code = lines[number - 1].rstrip("\n"), re.sub(r'"[^"]*"', '""', change)
    if "".join(change.split()) == "".join(before.split()) or "//" in before:
        return False
    if "/*" in code:  # a statement left out, which must be a whole one
        return (before.endswith(";") and before.count("(") == before.count(")")
                and re.search(r"[;{}:]$|^\s*//", lines[number - 2].rstrip()) is not None
                and not DECLARATION.match(before)
                and not (before.lstrip().startswith("return") and lines[number].startswith("}")))
    if not set(re.findall(r"[A-Za-z_]\w*", code)) <= words:
        return False
    added = re.search(r" (break|continue);$", change)
    if added and change.startswith(before):
        heads = ("for", "while") + (("switch",) if added[1] == "break" else ())
        return (before.endswith((";", "{", "}")) and in_loop(lines, number, heads)
                and not before.lstrip().startswith(("return", "break", "continue", "switch")))
    if any(change.count(a) - change.count(b) != before.count(a) - before.count(b)
           for a, b in ("()", "[]", "{}")) or NONSENSE.search(code):
        return False
    # An operator between two operands has blanks around it; others are parts of types.
    start = len(os.path.commonprefix([before, change]))
    end = len(os.path.commonprefix([before[start:][::-1], change[start:][::-1]]))
    head, tail = before[:start].rstrip(OPERATOR), before[len(before) - end:].lstrip(OPERATOR)
    token = before[len(head):len(before) - len(tail)]
    if token and not token.strip(OPERATOR):
        into = change[len(head):len(change) - len(tail)]
        if token in ("!", "++", "--"):
            return into in ("", "++", "--")
        return (head.endswith(" ") and tail.startswith(" ")
                and not (token in ("+", "+=") and '"' in head[-3:] + tail[:3])
                and not (set(into) & set("<>") and tail.startswith(" nullptr")))
    return re.match(r"\d", token) is None or re.search(r"[\w.]$", head) is None


def of_file(mutator, text):
    """By line number, the changes that are worth a try."""
    lines, by_line = text.splitlines(keepends=True), {}
    words = set(re.findall(r"[A-Za-z_]\w*", text)) | {"break", "continue", "max", "min", "if"}
    with contextlib.redirect_stdout(None):
        proposed = mutator.mutants_regexp(lines, RULES, ignorePatterns=[], ignoreStringOnly=True)
    for number, change, *_ in proposed:
        change = " ".join(part.strip() for part in change.splitlines())
        change = re.match(r"\s*", lines[number - 1])[0] + change
        if not NO_CODE.match(lines[number - 1]) and may_compile(lines, number, change, words):
            by_line.setdefault(number, []).append(change)
    return by_line
