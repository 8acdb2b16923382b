"""What the checks share: the tree of files, findings, rules that prove themselves, the report.

A rule carries samples that it must refuse and samples that it must accept; both are tried before
the tree is looked at, so a rule that has stopped seeing anything fails. A sample is {path: text}.
"""

import dataclasses
import pathlib
import re
import stat
import subprocess
import sys
from typing import Callable, Iterable

ROOT = pathlib.Path(__file__).resolve().parents[2]
CPP = (".h", ".cc", ".inc")


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line or 1}: {self.text}"


class Tree:
    """Files by path; text is None for files that are no text."""

    def __init__(self, files, executable=()):
        self._files, self._executable, self._code = dict(files), set(executable), {}

    @staticmethod
    def of_repository(root=ROOT):
        command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()
        files, executable = {}, set()
        for path in filter(None, out.split("\0")):
            file = root / path
            if not file.is_file() or file.is_symlink():
                continue
            data = file.read_bytes()
            try:
                files[path] = None if b"\0" in data else data.decode()
            except UnicodeDecodeError:
                files[path] = None
            if file.stat().st_mode & stat.S_IXUSR:
                executable.add(path)
        return Tree(files, executable)

    def paths(self, prefixes=("",), suffixes=("",)):
        """Sorted paths of text files."""
        return sorted(p for p, text in self._files.items() if text is not None and
                      p.startswith(tuple(prefixes)) and p.endswith(tuple(suffixes)))

    def text(self, path):
        return self._files[path]

    def lines(self, path):
        """(number, line) pairs."""
        return enumerate(self._files[path].splitlines(), 1)

    def code(self, path):
        """The text of a C++ file with comments and literals blanked, line by line the same."""
        if path not in self._code:
            self._code[path] = blank_comments_and_literals(self._files[path])
        return self._code[path]

    def code_lines(self, path):
        return enumerate(self.code(path).splitlines(), 1)

    def is_executable(self, path):
        return path in self._executable


TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"(?P<d>[^\s()\\]{0,16})\(.*?\)(?P=d)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'", re.S)


def blank_comments_and_literals(text):
    # Paths of #include lines stay.
    keep = re.compile(r'^[ \t]*#[ \t]*include[^\n]*', re.M)
    kept = [m.span() for m in keep.finditer(text)]

    def blank(match):
        if any(a <= match.start() < b and match.group()[0] == '"' for a, b in kept):
            return match.group()
        inner = re.sub(r"[^\n]", " ", match.group())
        return '""' + inner[2:] if match.group().startswith(('"', 'R"')) else inner
    return TOKEN.sub(blank, text)


@dataclasses.dataclass
class Rule:
    name: str
    find: Callable[[Tree], Iterable[Finding]]
    refuses: list
    accepts: list = dataclasses.field(default_factory=list)


def sample_tree(sample):
    """A path that ends in * is executable."""
    return Tree({p.rstrip("*"): text for p, text in sample.items()},
                {p.rstrip("*") for p in sample if p.endswith("*")})


def self_test(rule):
    """What is wrong with the rule itself."""
    wrong = []
    for sample in rule.refuses:
        if not list(rule.find(sample_tree(sample))):
            wrong.append(f"{rule.name}: does not notice {sample}")
    for sample in rule.accepts:
        for finding in rule.find(sample_tree(sample)):
            wrong.append(f"{rule.name}: refuses a good sample: {finding}")
    if not rule.refuses:
        wrong.append(f"{rule.name}: has no sample that it refuses")
    return wrong


def run(rules, tree=None):
    """Tries the rules on themselves and on the tree; returns (passed, failed)."""
    tree = tree or Tree.of_repository()
    passed = failed = 0
    for rule in rules:
        for problems in (self_test(rule), [f"{f} [{rule.name}]" for f in rule.find(tree)]):
            for problem in problems:
                print(problem)
            passed += not problems
            failed += bool(problems)
    return passed, failed


def main(rules):
    passed, failed = run(rules)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def pattern_rule(name, pattern, why, prefixes, suffixes=CPP, *, code=True, accepts=(), refuses,
                 except_paths=()):
    """A rule that refuses lines with `pattern`; code=True looks past comments and literals."""
    regex = re.compile(pattern)

    def find(tree):
        for path in tree.paths(prefixes, suffixes):
            if path.startswith(tuple(except_paths)):
                continue
            for number, line in tree.code_lines(path) if code else tree.lines(path):
                match = regex.search(line)
                if match:
                    yield Finding(path, number, f"{match.group().strip()}: {why}")
    sample = prefixes[0] + "sample" + suffixes[0]
    return Rule(name, find, [{sample: text} for text in refuses],
                [{sample: text} for text in accepts])
