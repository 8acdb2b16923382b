"""The connectrpc conformance suite, client mode: every unary case of gRPC over HTTP/2."""

import re
import subprocess

from paths import ROOT

# 100 on the reference server in plaintext, 100 with TLS, 50 on the grpc-go server. Another number
# means that the suite or config.yaml has changed, or that cases were not run.
CASES = 250
SECONDS = 300


def run():
    """Passed and failed cases. Prints the runner's own account."""
    command = [
        ROOT / "build/interop/connectconformance", "--mode", "client",
        "--conf", ROOT / "tests/interop/conformance/config.yaml",
        "--", ROOT / "out/connect-client",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(f"FAILED conformance: {problem}")
        return 0, 1
    print(done.stdout + done.stderr, end="")
    total = re.search(r"^Total cases: (\d+)$", done.stdout, re.MULTILINE)
    counts = re.search(r"^(\d+) passed, (\d+) failed", done.stdout, re.MULTILINE)
    if total is None or counts is None:
        print(f"FAILED conformance: no summary, exit code {done.returncode}")
        return 0, 1
    passed, failed = int(counts[1]), int(counts[2])
    if int(total[1]) != CASES or passed + failed != CASES:
        print(f"FAILED conformance: {passed} and {failed} of {total[1]} cases, {CASES} are wanted")
        failed += 1
    elif done.returncode != 0 and failed == 0:
        print(f"FAILED conformance: the runner ended with exit code {done.returncode}")
        failed = 1
    return passed, failed
