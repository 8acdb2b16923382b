"""Rows about calls: instructions, latency, throughput, CPU, allocations, open calls."""

import os
import re
import subprocess

import peers
from peers import CLIENTS, ELEVEN, FULL, WORK, pairs, run, run_measured, seconds_of
from report import at_least, at_most, line, median


def callgrind(server, client, shape, calls, in_flight):
    out = os.path.join(WORK, f"callgrind.{client}.{shape.name.split()[0]}.{in_flight}.{calls}")
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
         *CLIENTS[client](server, shape, calls, in_flight, clock=0)],
        capture_output=True, text=True)
    total = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or total is None:
        raise RuntimeError(f"callgrind of {client}: {done.stdout}{done.stderr}")
    if client == "h2load":
        seconds_of(client, done.stdout, calls)
    return int(total[1])


def per_call(server, client, shape, in_flight):
    """What 2,000 more calls cost, each: start-up and connecting cancel out."""
    few, many = (callgrind(server, client, shape, calls, in_flight) for calls in (500, 2500))
    return (many - few) / 2000


def instructions(server):
    for shape in (ELEVEN, FULL):
        for in_flight, bound in ((1, 17_500), (100, 15_700)):
            name = f"instructions {shape.name}, {in_flight} at once"
            own = per_call(server, "minim", shape, in_flight)
            peer = per_call(server, "h2load", shape, in_flight)
            line(name, own, "Ir/call", ("h2load", peer), reach=at_most(own, bound))
            if in_flight == 1 and shape is ELEVEN:
                line(name, own, "Ir/call", ("grpc++", per_call(server, "grpc++", shape, 1)))


def rounds(server, in_flight, calls, count=15):
    """Interleaved, so that a busy moment hits all alike. {client: [(seconds, cpu) of one call]}"""
    found = {client: [] for client in CLIENTS}
    for i in range(count):
        for client in sorted(CLIENTS, key=lambda name: (list(CLIENTS).index(name) + i) % 3):
            output, cpu = run_measured(CLIENTS[client](server, FULL, calls, in_flight))
            found[client].append((seconds_of(client, output, calls) / calls, cpu))
    return found


def ratio(found, index, client, peer):
    """The median of the rounds' ratios."""
    return median([own[index] / other[index] for own, other in zip(found[client], found[peer])])


def column(found, client, index):
    return median([row[index] for row in found[client]])


def latency(server):
    found = rounds(server, 1, 2000)
    own = column(found, "minim", 0) * 1e6
    for peer, bound in (("h2load", 1.1), ("grpc++", 0.8)):
        quotient = ratio(found, 0, "minim", peer)
        line("latency one at a time", own, "us", (peer, column(found, peer, 0) * 1e6), quotient,
             at_most(quotient, bound, f"<= {bound} x {peer}"))


def start_up_cpu(server, client):
    """What the process spends beside its calls."""
    return median([run_measured(CLIENTS[client](server, FULL, 100, 100))[1] for _ in range(5)])


def throughput(server):
    calls = 20_000
    found = rounds(server, 100, calls)
    for client, rows in found.items():
        base = start_up_cpu(server, client)
        found[client] = [(1 / seconds, (cpu - base) / (calls - 100)) for seconds, cpu in rows]
    own = column(found, "minim", 0)
    for peer in ("h2load", "grpc++"):
        quotient = ratio(found, 0, "minim", peer)
        reach = at_least(quotient, 0.9, ">= 0.9 x h2load") if peer == "h2load" else None
        line("throughput 100 in flight", own, "calls/s", (peer, column(found, peer, 0)), quotient,
             reach)
    own = column(found, "minim", 1) * 1e6
    for peer in ("h2load", "grpc++"):
        quotient = ratio(found, 1, "minim", peer)
        reach = at_most(quotient, 1, "<= h2load") if peer == "h2load" else None
        line("client CPU 100 in flight", own, "us/call", (peer, column(found, peer, 1) * 1e6),
             quotient, reach)


def allocations(server):
    for in_flight in (1, 100):
        output = run(peers.minim(server, FULL, 4000, in_flight, "bench_raw_calls_counted"))
        own = pairs(output)["allocations_per_call"]
        line(f"allocations, {in_flight} at once", own, "mallocs/call", reach=at_most(own, 10))


def open_calls(server):
    found = pairs(run([f"{peers.FAST}/bench_open_calls", "--target", server.plain, "--calls",
                       "10000", *FULL.custom_flags]))
    heap = found["heap_bytes_per_call"]
    line("10,000 open calls, heap", heap, "bytes/call", reach=at_most(heap, 2000))
    line("10,000 open calls, resident", found["resident_bytes_per_call"], "bytes/call",
         reach=at_most(found["resident_bytes_per_call"], 2000))
