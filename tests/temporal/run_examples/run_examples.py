#!/usr/bin/env python3
"""Runs the examples against the testbed and looks at what they print, as a user would.

usage: run_examples.py SOURCE_DIR EXAMPLES_DIR [MINIM]

MINIM is the tool: it plays the worker that the first program needs. The testbed is the one that
MINIM_TESTBED names, else SOURCE_DIR/out/testbed. The first program talks to localhost:7233, word
for word; where that port is taken its run is left out, and said so.
"""
import base64
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import unittest
import urllib.request

SOURCE, EXAMPLES = map(pathlib.Path, sys.argv[1:3])
MINIM = sys.argv[3] if len(sys.argv) > 3 else None
SERVICE = "/temporal.api.workflowservice.v1.WorkflowService/"
PROXY = "/run/proxy.sock"


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Testbed:
    def __init__(self, port):
        path = os.environ.get("MINIM_TESTBED") or str(SOURCE / "out/testbed")
        if not os.access(path, os.X_OK):
            sys.exit(f"no testbed at '{path}': build it with 'go build' in tests/testbed")
        self.process = subprocess.Popen([path, "--port", str(port)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline() or "null")
        if self.ready is None:
            sys.exit(f"the testbed at '{path}' ended without a ready line")

    def calls(self, method):
        url = f"http://{self.ready['control']}/calls?method={method}"
        return json.load(urllib.request.urlopen(url))["calls"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


DEFAULT_PORT_IS_FREE = port_is_free(7233)
bed = Testbed(7233 if DEFAULT_PORT_IS_FREE else 0)


def run(name, *arguments):
    return subprocess.run([EXAMPLES / name, *arguments], capture_output=True, text=True, timeout=60)


def rpc(method, message):
    """One call of WorkflowService through the tool."""
    done = subprocess.run([MINIM, "rpc", "--address", bed.ready["address"], "--json",
                           json.dumps(message), "--timeout", "60s", SERVICE + method],
                          capture_output=True, text=True, timeout=90)
    if done.returncode != 0:
        raise AssertionError(f"{method}: {done.stderr}")
    return json.loads(done.stdout)


def text64(text):
    return base64.b64encode(text.encode()).decode()


def greet():
    """A worker for one task: completes the workflow with a greeting of its argument."""
    task = rpc("PollWorkflowTaskQueue", {"namespace": "default", "taskQueue": {"name": "hello"}})
    started = task["history"]["events"][0]["workflowExecutionStartedEventAttributes"]
    name = started["input"][0]
    payload = {"metadata": {"encoding": text64("json/plain")}, "data": text64(f'"Hello, {name}!"')}
    rpc("RespondWorkflowTaskCompleted", {
        "namespace": "default",
        "taskToken": task["taskToken"],
        "commands": [{
            "commandType": "COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION",
            "completeWorkflowExecutionCommandAttributes": {"result": {"payloads": [payload]}},
        }],
    })


def forward(listener, address):
    """Connections of a unix socket go to the testbed."""
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        host, port = address.rsplit(":", 1)
        far = socket.create_connection((host, int(port)))
        for ends in ((near, far), (far, near)):
            threading.Thread(target=pump, args=ends, daemon=True).start()


def code_only(text):
    """Without comments and blanks: only what a compiler sees counts."""
    return "".join("".join(line.split("//")[0].split()) for line in text.splitlines())


class Examples(unittest.TestCase):
    def test_hello(self):
        self.assertIsNotNone(MINIM, "the tool, which plays the worker, is not built")
        self.assertTrue(DEFAULT_PORT_IS_FREE, "localhost:7233 is taken, which hello asks for")
        worker = threading.Thread(target=greet)
        worker.start()
        done = run("hello")
        worker.join()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "Hello, Ann!\n", ""))

    def test_coroutine(self):
        self.assertIsNotNone(MINIM, "the tool, which plays the worker, is not built")
        worker = threading.Thread(target=greet)
        worker.start()
        done = run("example_coroutine", bed.ready["address"])
        worker.join()
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_callbacks(self):
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(PROXY)
        except OSError:  # not ours to make: the example says what is missing
            done = run("example_callbacks")
            self.assertEqual(done.stdout, "the host's own timer\n")
            return
        try:
            listener.listen()
            threading.Thread(target=forward, args=(listener, bed.ready["address"]),
                             daemon=True).start()
            done = run("example_callbacks")
        finally:
            os.unlink(PROXY)
            listener.close()
        self.assertEqual((done.returncode, done.stdout), (0, "the host's own timer\n"))
        seen = bed.calls("SignalWorkflowExecution")[-1]["request"]
        self.assertEqual((seen["workflowExecution"]["workflowId"], seen["signalName"]),
                         ("greet-1", "wave"))

    def test_own_loop(self):
        done = run("example_own_loop", bed.ready["address"])
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "".join(f"reading {n} is with the server\n" for n in (1, 2, 3)), ""))
        seen = bed.calls("SignalWithStartWorkflowExecution")
        self.assertEqual([call["request"]["signalName"] for call in seen], ["reading"] * 3)
        self.assertEqual(len({call["connection"] for call in seen}), 1)

    def test_lists(self):
        address = bed.ready["address"]
        for number in range(3):
            subprocess.run([MINIM, "workflow", "start", "--address", address, "--type", "Listed",
                            "-t", "nobody", "-w", f"listed-{number}"], check=True,
                           capture_output=True, timeout=60)
        wanted = ["3 in all", "2 on the first page, more behind it",
                  *(f"listed-{number} Running" for number in range(3))]
        # The server's index is eventually consistent.
        for _ in range(1000):
            done = run("example_lists", address, "WorkflowType='Listed'")
            self.assertEqual(done.returncode, 0, done.stderr)
            if done.stdout.startswith(wanted[0]):
                break
        self.assertEqual(sorted(done.stdout.splitlines()), sorted(wanted))
        self.assertEqual(run("example_lists", address, "no such field").returncode, 1)

    def test_raw_call(self):
        address = bed.ready["address"]
        for service in ("", "temporal.api.workflowservice.v1.WorkflowService"):
            done = run("example_raw_call", address, service)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "serving\n", ""))
        done = run("example_raw_call", address, "no.such.Service")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("NOT_FOUND (server): "), done.stderr)

    def test_own_parts(self):
        done = run("example_own_parts", bed.ready["address"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^server \d+\.\d+")
        self.assertIn("minim: connected to temporal.example:7233\n", done.stderr)
        done = run("example_own_parts", "127.0.0.1:1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot connect to temporal.example:7233: 127.0.0.1:1: nobody listens",
                      done.stderr)

    def test_core_socket(self):
        host, port = bed.ready["address"].rsplit(":", 1)
        done = run("example_core_socket", host, port)
        self.assertEqual((done.returncode, done.stdout), (0, "OK, 2 bytes\n"))

    def test_core_bytes(self):
        done = run("example_core_bytes")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.endswith("bytes sent; OK: hello, Ann\n"), done.stdout)

    def test_readme_quotes_the_examples(self):
        sources = [code_only(path.read_text()) for path in (SOURCE / "examples").glob("*.cc")]
        blocks = re.findall(r"```cpp\n(.*?)```", (SOURCE / "README.md").read_text(), re.DOTALL)
        self.assertGreater(len(blocks), 0)
        for block in blocks:
            self.assertTrue(any(code_only(block) in source for source in sources), block)


if __name__ == "__main__":
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=2).result
    bed.stop()
    sys.exit(not result.wasSuccessful())
