"""Runs the rows that are named, or all; scripts/bench builds what they need."""

import sys

import calls
import peers
import programs
import report

ROWS = {"sizes": programs.sizes, "idle": programs.idle, "instructions": calls.instructions,
        "allocations": calls.allocations, "open": calls.open_calls, "latency": calls.latency,
        "throughput": calls.throughput, "signal": programs.signal}


def main(names):
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        sys.exit(f"scripts/bench: no row '{unknown[0]}'; there are: {' '.join(ROWS)}")
    names = names or list(ROWS)
    needs_server = any(name not in ("sizes", "signal") for name in names)
    print("name value unit | peer value unit | ratio   target", flush=True)
    failed = []

    def go(server):
        for name in names:
            try:
                ROWS[name](server)
            except (RuntimeError, OSError, KeyError, ValueError) as error:
                failed.append(name)
                print(f"{name:34} failed: {error}", flush=True)

    if needs_server:
        with peers.Server() as server:
            go(server)
    else:
        go(None)
    print(f"missed: {', '.join(report.missed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
