"""The echo server, and the command lines of its clients: same method, headers and message."""

import os
import re
import resource
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FAST = os.path.join(ROOT, "build/bench/bench")
WORK = os.path.join(ROOT, "build/bench/run")
CERT, KEY, PAYLOAD = (os.path.join(WORK, name) for name in ("cert.pem", "key.pem", "payload"))
MESSAGE = b"m" * 100

CUSTOM = [("authorization", "Bearer abcdefghijklmnopqrstuvwxyz012345"),  # 39 bytes
          ("x-tenant", "bench-tenant-1"), ("x-trace", "4bf92f3577b34da6")]
TEMPORAL = [("client-name", "minim"), ("client-version", "0.1.0"),
            ("supported-features", "follows-next-run-id"), ("temporal-namespace", "default")]


class Shape:
    """A method and a set of header fields."""

    def __init__(self, name, path, minim_flags, fields, custom=CUSTOM):
        self.name, self.path, self.minim_flags = name, path, minim_flags
        self.fields, self.custom = fields, custom  # beyond gRPC's own: of h2load; of the others

    @property
    def custom_flags(self):
        return [word for key, value in self.custom for word in ("--header", f"{key}:{value}")]


# What a Temporal call carries: 16 fields.
FULL = Shape("all headers",
             "/temporal.api.workflowservice.v1.WorkflowService/SignalWorkflowExecution", [],
             TEMPORAL + [("grpc-accept-encoding", "gzip")] + CUSTOM)
# Eleven fields: pseudo-headers, te, content-type, grpc-timeout, user-agent, and three.
ELEVEN = Shape("11 headers", "/grpc.testing.TestService/UnaryCall",
               ["--temporal", "0", "--accept-gzip", "0"], CUSTOM)


class Server:
    def __enter__(self):
        os.makedirs(WORK, exist_ok=True)
        with open(PAYLOAD, "wb") as file:
            file.write(b"\0" + len(MESSAGE).to_bytes(4, "big") + MESSAGE)
        if not os.path.exists(CERT):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-keyout", KEY, "-out", CERT, "-days",
                 "3650", "-subj", "/CN=localhost", "-addext",
                 "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
        self.process = subprocess.Popen(
            [f"{FAST}/bench_echo_server", "--cert", CERT, "--key", KEY], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        ports = pairs(self.process.stdout.readline())
        self.plain, self.tls = (f"127.0.0.1:{int(ports[name])}" for name in ("plain", "tls"))
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=20)


def pairs(text):
    return {key: float(value) for key, value in re.findall(r"(\w+)=([-\d.]+)", text)}


def minim(server, shape, calls, in_flight, program="bench_raw_calls", clock=1):
    return [f"{FAST}/{program}", "--target", server.plain, "--path", shape.path, "--calls",
            str(calls), "--in-flight", str(in_flight), "--clock", str(clock), *shape.minim_flags,
            *shape.custom_flags]


def grpcpp(server, shape, calls, in_flight, clock=1):
    return [f"{FAST}/bench_grpcpp_calls", "--target", server.plain, "--path", shape.path,
            "--calls", str(calls), "--in-flight", str(in_flight), "--clock", str(clock),
            *shape.custom_flags]


def h2load(server, shape, calls, in_flight, clock=1):
    del clock  # it always reads one
    fields = [("te", "trailers"), ("content-type", "application/grpc"),
              ("grpc-timeout", "29999870u"), ("user-agent", "grpc-c++-minim/0.1.0"), *shape.fields]
    words = [word for key, value in fields for word in ("-H", f"{key}: {value}")]
    return ["h2load", "-c1", "-t1", "-m", str(in_flight), "-n", str(calls), "-d", PAYLOAD, *words,
            f"http://{server.plain}{shape.path}"]


CLIENTS = {"minim": minim, "h2load": h2load, "grpc++": grpcpp}


def run(command):
    """Standard output; an exception with what it said if it failed."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {' '.join(command)}\n"
                           f"{done.stdout}{done.stderr}")
    return done.stdout


def run_measured(command):
    """(standard output, seconds of user and system time) of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return output, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def seconds_of(client, output, calls):
    """How long the calls took by the client's own clock, connecting included. All must be good."""
    if client != "h2load":
        return pairs(output)["seconds"]
    if f" {calls} succeeded, 0 failed" not in output:
        raise RuntimeError(f"h2load: not every call succeeded\n{output}")
    number, unit = re.search(r"finished in ([\d.]+)(us|ms|s|m)\b", output).groups()
    return float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]
