#!/usr/bin/env python3
"""The suites that others wrote, against minim. The last line is "N passed, N failed".

    run.py [PART...]    PART: conformance, grpc, http2, hpack

Wants what scripts/test interop builds: out/connect-client, build/interop, build/dev/tests/interop.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import suite_conformance  # noqa: E402
import suite_grpc  # noqa: E402
import suite_hpack  # noqa: E402
import suite_http2  # noqa: E402

PARTS = {
    "conformance": suite_conformance.run,
    "grpc": suite_grpc.run,
    "http2": suite_http2.run,
    "hpack": suite_hpack.run,
}


def main():
    names = sys.argv[1:] or list(PARTS)
    if not set(names) <= set(PARTS):
        sys.exit(__doc__)
    passed = failed = 0
    for name in names:
        print(f"-- {name}", flush=True)
        counts = PARTS[name]()
        if sum(counts) == 0:
            print(f"FAILED {name}: ran no case")
            failed += 1
        passed += counts[0]
        failed += counts[1]
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
