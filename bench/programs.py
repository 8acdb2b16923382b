"""Rows about whole programs: sizes, an idle client, one `minim workflow signal`."""

import json
import os
import shutil
import subprocess
import time

from peers import CERT, ROOT, pairs, run
from report import at_most, line, median, skipped

MIB = 1 << 20


def sizes(_):
    for name, bound in (("hello-plain", 3.0), ("hello-tls", 6.5), ("minim", 7.0)):
        size = os.path.getsize(os.path.join(ROOT, "out", name)) / MIB
        line(f"static stripped {name}", size, "MiB", reach=at_most(size, bound))


def idle(server):
    for tree, name, target, flags, bound in (
            ("release-static-plain", "plaintext", server.plain, [], 3.0),
            ("release-static", "TLS", server.tls, ["--roots", CERT], 7.0)):
        program = os.path.join(ROOT, "build", tree, "bench/bench_idle")
        found = [pairs(run([program, "--target", target, *flags])) for _ in range(5)]
        resident = median([row["resident_kib"] for row in found]) / 1024
        line(f"idle connected, {name}", resident, "MiB", reach=at_most(resident, bound))


def measured(command):
    """(seconds, peak MiB) of one process."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {error.decode()}")
    return seconds, usage.ru_maxrss / 1024


def signal(_):
    testbed = os.path.join(ROOT, "out/testbed")
    if not os.path.exists(testbed):
        skipped("workflow signal", "no out/testbed; scripts/deps testbed, then again")
        return
    server = subprocess.Popen([testbed], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        ready = json.loads(server.stdout.readline())
        where = ["--address", ready["direct"], "--namespace", ready["namespace"]]
        tools = {"minim": os.path.join(ROOT, "out/minim")}
        if shutil.which("temporal"):
            tools["temporal"] = "temporal"
        run([tools["minim"], "workflow", "start", *where, "--type", "Interactive", "--task-queue",
             ready["taskQueue"], "--workflow-id", "bench-signal"])
        found = {name: [] for name in tools}
        for _ in range(15):
            for name, tool in tools.items():
                found[name].append(measured(
                    [tool, "workflow", "signal", *where, "--workflow-id", "bench-signal",
                     "--name", "note", "--input", '"hello"']))
        for column, unit, scale in ((0, "ms", 1e3), (1, "MiB", 1)):
            value = {name: median([row[column] for row in rows]) * scale
                     for name, rows in found.items()}
            what = "time" if column == 0 else "peak memory"
            peer = ("temporal", value["temporal"]) if "temporal" in value else None
            line(f"minim workflow signal, {what}", value["minim"], unit, peer)
    finally:
        server.stdin.close()
        server.wait(timeout=30)
