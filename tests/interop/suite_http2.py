"""gRPC's HTTP/2 cases, and what the server must have seen in each."""

import math

from paths import report, run_cases
from peer_http2 import PADDING, SMALL_FRAME, Server, large_answer

SMALL_FRAMES = math.ceil(len(large_answer()) / SMALL_FRAME)
# One connection, one request, one stream at a time, unless it says otherwise here.
USUAL = {"connections": 1, "requests": 1, "open": 1}
WANTED = {
    "goaway": {"connections": 2, "requests": 2},
    "rst_after_header": {},
    "rst_during_data": {},
    "rst_after_data": {},
    "ping": {"pings": 3, "pings_acked": 3},
    "max_streams": {"requests": 16},
    "data_frame_padding": {"frames": SMALL_FRAMES, "padding": SMALL_FRAMES * (PADDING + 1)},
    "no_df_padding_sanity_test": {"frames": SMALL_FRAMES, "padding": 0},
}


def run():
    said = {}
    for case, wanted in WANTED.items():
        server = Server(case)
        complaint = run_cases("HTTP/2", f"127.0.0.1:{server.port}", "-", [case])[case]
        server.close()
        complaints = [complaint] if complaint else []
        complaints += [f"the server says: {problem}" for problem in server.problems]
        for name, count in {**USUAL, **wanted}.items():
            if server.seen[name] != count:
                complaints.append(f"the server saw {name} {server.seen[name]}, not {count}")
        said[case] = "; ".join(complaints)
    return report("HTTP/2", said)
