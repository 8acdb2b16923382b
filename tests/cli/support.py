"""What the tests of the tool share: the testbed, runs of the tool, small bad servers, a report."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request
import uuid
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT = 60  # of one run of the tool: nothing may hang


class Testbed:
    """A real server with fixture workflows; tests/testbed/README.md says which."""

    def __init__(self):
        program = os.environ.get("MINIM_TESTBED", str(ROOT / "out" / "testbed"))
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is not there: build the testbed, or set MINIM_TESTBED")
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{program} ended before it was ready")
        self.ready = json.loads(line)

    def __getitem__(self, name):
        return self.ready[name]

    def certificate(self, name):
        return os.path.join(self.ready["certDir"], name)

    def control(self, path, body=None, **query):
        url = f"http://{self.ready['control']}{path}?{urllib.parse.urlencode(query)}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=20) as reply:
            return json.loads(reply.read() or b"null")

    def calls(self, since, **query):
        return self.control("/calls", since=since, **query)["calls"]

    def last_call(self):
        return self.control("/calls", since=2**31)["last"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class Run:
    """One run of the tool, ended."""

    def __init__(self, arguments, done):
        self.arguments = arguments
        self.code = done.returncode
        self.raw = done.stdout
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"minim {' '.join(self.arguments)}\ncode {self.code}\n{self.out}\n{self.err}"


class Case(unittest.TestCase):
    """Runs the tool in an environment of its own: no variable of the caller's reaches it."""

    tool = ""
    testbed = None
    secrets = ("testbed-key", "a-wrong-key", "PRIVATE KEY")

    def environment(self, **variables):
        return {"HOME": self.home, "PATH": "/usr/bin:/bin", "USER": "tester", **variables}

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="minim-cli-")
        self.addCleanup(shutil.rmtree, self.home)

    def minim(self, *arguments, env=None, stdin=b"", address="address"):
        """`address`: a key of the testbed's ready line, or None for none."""
        variables = {} if address is None else {"TEMPORAL_ADDRESS": self.testbed[address]}
        variables.update(env or {})
        done = subprocess.run([self.tool, *arguments], env=self.environment(**variables),
                              input=stdin, capture_output=True, timeout=TIMEOUT, check=False)
        run = Run(arguments, done)
        for secret in self.secrets:
            self.assertNotIn(secret, run.out + run.err)
        self.assertNotIn("AddressSanitizer", run.err)
        return run

    def ok(self, *arguments, **options):
        run = self.minim(*arguments, **options)
        self.assertEqual(run.code, 0, run)
        return run

    def json(self, *arguments, **options):
        return self.ok(*arguments, "-o", "json", **options).json()

    def refused(self, text, *arguments, code=1, **options):
        """One line of error that has `text`, and nothing on standard output."""
        run = self.minim(*arguments, **options)
        self.assertEqual(run.code, code, run)
        self.assertIn(text, run.err, run)
        self.assertEqual(run.err.count("\n"), 1, run)
        self.assertEqual(run.out, "", run)
        if code == 1:
            self.assertTrue(run.err.startswith("Error: "), run)
        return run

    def start(self, workflow_type, *arguments, **options):
        """Starts a fixture workflow and returns its id."""
        workflow_id = f"cli-{uuid.uuid4()}"
        self.ok("workflow", "start", "--type", workflow_type, "-t", self.testbed["taskQueue"], "-w",
                workflow_id, *arguments, **options)
        return workflow_id

    def file(self, name, data):
        path = pathlib.Path(self.home, name)
        path.write_bytes(data)
        return str(path)


def rows(table):
    """Gives a class one test for each row of a table: (name, argument...)."""

    def decorate(function):
        function.rows = table
        return function

    return decorate


def with_rows(cls):
    """Makes the tests that rows() asked for."""
    for name, function in list(vars(cls).items()):
        for row in getattr(function, "rows", ()):
            def test(self, function=function, row=row):
                function(self, *row[1:])
            setattr(cls, f"{name}_{row[0]}", test)
        if hasattr(function, "rows"):
            delattr(cls, name)
    return cls


@contextlib.contextmanager
def bad_server(behave):
    """A TCP server on loopback; `behave(connection)` runs for each connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                behave(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def http2(headers, data, trailers=b""):
    """A behaviour for bad_server: one HTTP/2 reply; header blocks as HPACK has them."""

    def frame(kind, flags, stream, payload):
        return (len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") +
                payload)

    def behave(one):
        one.sendall(frame(4, 0, 0, b"") + frame(4, 1, 0, b""))
        seen = b""
        while b"\x01\x04\x00\x00\x00\x01" not in seen:  # HEADERS of the first stream
            part = one.recv(65536)
            if not part:
                return
            seen += part
        end = frame(1, 5, 1, trailers) if trailers else b""
        one.sendall(frame(1, 4, 1, headers) + frame(0, 0 if trailers else 1, 1, data) + end)
        while one.recv(65536):
            pass

    return behave


@contextlib.contextmanager
def proxy(address, refusal=None):
    """An HTTP CONNECT proxy: each tunnel leads to `address`, whatever it was asked for; or every
    request gets `refusal`. Yields its own address and the requests that it has seen."""
    requests = []

    def pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def behave(near):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            data = near.recv(4096)
            if not data:
                return
            head += data
        requests.append(head.decode())
        if refusal is not None:
            near.sendall(refusal)
            return
        host, port = address.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as far:
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(far, near), daemon=True)
            back.start()
            pump(near, far)
            back.join()

    with bad_server(behave) as own:
        yield own, requests


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Report(unittest.TextTestResult):
    """Counts cases, and keeps them for the file that scripts/count.py reads."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.cases = []

    def addSuccess(self, test):
        super().addSuccess(test)
        self.cases.append((test.id(), None))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.cases.append((test.id(), self.failures[-1][1]))

    def addError(self, test, err):
        super().addError(test, err)
        self.cases.append((test.id(), self.errors[-1][1]))


def run_all(suite, xml):
    """Runs a suite, writes the report and prints the counts; the exit code."""
    result = unittest.TextTestRunner(resultclass=Report, verbosity=1, stream=sys.stdout).run(suite)
    failed = sum(1 for _, why in result.cases if why is not None)
    if xml:
        suites = ET.Element("testsuites")
        group = ET.SubElement(suites, "testsuite")
        for name, why in result.cases:
            case = ET.SubElement(group, "testcase", name=name, status="run", result="completed")
            if why is not None:
                ET.SubElement(case, "failure").text = why
        pathlib.Path(xml).parent.mkdir(parents=True, exist_ok=True)
        ET.ElementTree(suites).write(xml)
    print(f"{len(result.cases) - failed} passed, {failed} failed")
    return 1 if failed or not result.cases else 0
