"""Where things are, and how a program of cases is run."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/dev/tests/interop"
SECONDS = 300  # for one run of a program; nothing comes near it


def run_cases(prefix, target, roots, names):
    """{case: what is wrong, "" if nothing}, as interop_cases says it."""
    command = [PROGRAMS / "interop_cases", target, roots, *names]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        lines, ended = done.stdout.splitlines(), f"ended with {done.returncode} {done.stderr}"
    except (OSError, subprocess.TimeoutExpired) as problem:
        lines, ended = [], str(problem)
    said = dict.fromkeys(names, f"{prefix} said nothing of it: {ended.strip()}")
    for line in lines:
        verdict, _, rest = line.partition(" ")
        name, _, complaint = rest.partition(": ")
        if verdict in ("passed", "FAILED") and name in said:
            said[name] = "" if verdict == "passed" else complaint or "failed"
    return said


def report(prefix, said):
    """Prints a line for each case; the numbers of those that passed and that failed."""
    for name, complaint in said.items():
        print(f"FAILED {prefix} {name}: {complaint}" if complaint else f"passed {prefix} {name}")
    failed = sum(map(bool, said.values()))
    return len(said) - failed, failed
