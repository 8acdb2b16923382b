"""minim rpc: one call of any method, bytes in and out."""

from support import Case, rows, with_rows

HEALTH = "/grpc.health.v1.Health/Check"
SERVICE = "/temporal.api.workflowservice.v1.WorkflowService/"


@with_rows
class Rpc(Case):
    def test_bytes(self):
        run = self.ok("rpc", HEALTH)
        self.assertEqual((run.raw, run.err), (b"\x08\x01", "OK (server)\n"))
        self.assertEqual(self.ok("rpc", "--hex", HEALTH).out, "0801\n")
        self.assertEqual(self.ok("rpc", HEALTH, "-o", "none").out, "")

    def test_requests(self):
        name = "temporal.api.workflowservice.v1.WorkflowService".encode()
        message = bytes([0x0A, len(name)]) + name
        path = self.file("request", message)
        for words, stdin in ((("--data-hex", message.hex()), b""), (("--data-file", path), b""),
                             (("--data-file", "-"), message)):
            self.assertEqual(self.ok("rpc", *words, HEALTH, stdin=stdin).raw, b"\x08\x01")

    def test_json(self):
        run = self.ok("rpc", "--json", '{"service":""}', HEALTH)
        self.assertEqual((run.out, run.err), ('{\n  "status": "SERVING"\n}\n', "OK (server)\n"))
        self.assertEqual(self.ok("rpc", HEALTH, "-o", "jsonl").out, '{"status":"SERVING"}\n')
        self.assertEqual(self.ok("rpc", "--json", "{}", "--hex", HEALTH).out, "0801\n")

    def test_one_call_and_its_headers(self):
        before = self.testbed.last_call()
        self.ok("rpc", "--json", '{"namespace":"default"}', SERVICE + "ListWorkflowExecutions")
        self.ok("rpc", "--json", '{"namespace":"default"}', "--plain-grpc",
                SERVICE + "ListWorkflowExecutions")
        first, second = self.testbed.calls(before)
        self.assertEqual(first["metadata"]["temporal-namespace"], ["default"])
        self.assertLessEqual(set(second["metadata"]), {":authority", "content-type", "user-agent",
                                                       "grpc-accept-encoding"})

    def test_no_secret_of_the_environment_goes_to_foreign_servers(self):
        before = self.testbed.last_call()
        variables = {"TEMPORAL_API_KEY": "testbed-key", "TEMPORAL_GRPC_META_X_TOKEN": "a-wrong-key"}
        words = ("rpc", "--plain-grpc", "--json", '{"namespace":"default"}',
                 SERVICE + "ListWorkflowExecutions")
        self.ok(*words, env=variables)  # nor does the key turn TLS on
        self.ok(*words, "--api-key", "testbed-key", "--grpc-meta", "x-token=1", "--tls=false",
                env=variables)
        without, given = (call["metadata"] for call in self.testbed.calls(before))
        self.assertNotIn("authorization", without)
        self.assertNotIn("x-token", without)
        self.assertIn("authorization", given)
        self.assertEqual(given["x-token"], ["1"])

    def test_the_header_names_the_namespace_of_the_request(self):
        other = self.testbed["otherNamespace"]
        before = self.testbed.last_call()
        self.ok("rpc", "--json", f'{{"namespace":"{other}"}}', SERVICE + "ListWorkflowExecutions")
        name = other.encode()
        self.ok("rpc", "--data-hex", (bytes([0x0A, len(name)]) + name).hex(), "-n", "default",
                SERVICE + "ListWorkflowExecutions")
        for call in self.testbed.calls(before):
            self.assertEqual(call["metadata"]["temporal-namespace"], [other])

    def test_trace(self):
        words = ("workflow", "signal", "-w", "no-such", "--name", "s", "-i", '"a payload"',
                 "--api-key", "a-secret-key", "--tls=false")
        run = self.minim(*words, env={"MINIM_TRACE": "1"})
        self.assertNotEqual(run.code, 0)
        for line in (r"\* channel ready", r"1> SETTINGS, .*ENABLE_PUSH=0",
                     r"1> HEADERS stream 1 END_HEADERS, .*authorization=\(19 bytes\)",
                     r"1> DATA stream 1 END_STREAM, \d+ bytes\n",
                     r"1< HEADERS stream 1 END_STREAM END_HEADERS, .*grpc-status=5",
                     r"\* .*/SignalWorkflowExecution attempt 1: NOT_FOUND"):
            self.assertRegex(run.err, line)
        for secret in ("a-secret-key", "a payload"):
            self.assertNotIn(secret, run.err)
        for off in ("", "0"):
            self.assertNotIn("HEADERS", self.minim(*words, env={"MINIM_TRACE": off}).err)

    def test_timeout(self):
        before = self.testbed.last_call()
        self.ok("rpc", "--timeout", "5s", HEALTH)
        self.ok("rpc", "--json", '{"namespace":"default"}', "--timeout", "5s",
                SERVICE + "ListWorkflowExecutions")
        self.assertLessEqual(self.testbed.calls(before)[-1]["deadlineMs"], 5000)

    @rows([
        ("unknown_service", 22, "UNIMPLEMENTED (server): ", "/no.Such/Method"),
        ("unknown_method", 22, "UNIMPLEMENTED (server): ", SERVICE + "NoSuchMethod"),
        ("not_found", 15, "NOT_FOUND (server): ", "--json",
         '{"namespace":"default","execution":{"workflowId":"none"}}',
         SERVICE + "DescribeWorkflowExecution"),
        ("invalid", 13, "INVALID_ARGUMENT (server): ", SERVICE + "StartWorkflowExecution", "--json",
         '{"namespace":"default"}'),
        ("health_of_unknown", 15, "NOT_FOUND (server): ", "--json", '{"service":"x"}', HEALTH),
        ("deadline", 14, "DEADLINE_EXCEEDED (local): ", "--timeout", "1ns", HEALTH),
        ("refused_port", 24, "UNAVAILABLE (transport): cannot connect to 127.0.0.1:1", "--address",
         "127.0.0.1:1", HEALTH),
    ])
    def test_fails(self, code, text, *arguments):
        self.refused(text, "rpc", *arguments, code=code)

    def test_single_attempt(self):
        before = self.testbed.last_call()
        self.testbed.control("/fail", {"method": "ListWorkflowExecutions", "code": "UNAVAILABLE",
                                       "message": "injected", "times": 1})
        self.refused("UNAVAILABLE (server): injected", "rpc", "--json",
                     '{"namespace":"default"}', SERVICE + "ListWorkflowExecutions", code=24)
        self.assertEqual(len(self.testbed.calls(before)), 1)

    def test_other_commands_repeat(self):
        self.testbed.control("/fail", {"method": "ListWorkflowExecutions", "code": "UNAVAILABLE",
                                       "message": "injected", "times": 2})
        self.ok("workflow", "list", "-o", "none")

    @rows([
        ("path", "names no method: use /package.Service/Method", "Health/Check"),
        ("path_slashes", "names no method", "/a/b/c"),
        ("hex_odd", "--data-hex: an odd number of digits", "--data-hex", "0", HEALTH),
        ("hex_digit", "--data-hex: no hex digits at position 3", "--data-hex", "00zz", HEALTH),
        ("file", "--data-file: cannot read /nowhere: No such file", "--data-file", "/nowhere",
         HEALTH),
        ("json", "--json: ", "--json", "{", HEALTH),
        ("json_field", "--json: servce: no such field", "--json", '{"servce":""}', HEALTH),
        ("two", "give one of --data-hex, --data-file and --json", "--json", "{}", "--data-hex", "",
         HEALTH),
        ("no_schema", "is in no schema that minim has", "--json", "{}", "/no.Such/Method"),
        ("words", 'unexpected argument "b"', HEALTH, "b"),
    ])
    def test_refused(self, text, *arguments):
        self.refused(text, "rpc", *arguments)
