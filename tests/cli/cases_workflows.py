"""start, execute, signal, signal-with-start, query, describe, result, cancel, terminate."""

import base64
import json
import uuid

from support import Case

PLAIN = {"encoding": base64.b64encode(b"json/plain").decode()}


class Start(Case):
    def start_words(self, workflow_type, workflow_id):
        return ("workflow", "start", "--type", workflow_type, "-t", self.testbed["taskQueue"], "-w",
                workflow_id)

    def request(self, *arguments, workflow_type="Nothing"):
        """The request that the server saw."""
        before = self.testbed.last_call()
        self.start(workflow_type, *arguments)
        return self.testbed.calls(before, method="StartWorkflowExecution")[0]["request"]

    def test_text(self):
        run = self.ok("workflow", "start", "--name", "Nothing", "-t", "testbed", "-w", "text-1")
        lines = run.out.splitlines()
        self.assertEqual(lines[0], "Running execution:")
        self.assertEqual([line.split()[0] for line in lines[1:]],
                         ["WorkflowId", "RunId", "Type", "Namespace", "TaskQueue"])
        self.assertEqual(lines[1], "  WorkflowId  text-1")

    def test_json(self):
        value = self.json("workflow", "start", "--type", "Nothing", "-t", "testbed")
        self.assertEqual(list(value), ["workflowId", "runId", "type", "namespace", "taskQueue"])
        self.assertEqual(str(uuid.UUID(value["workflowId"])), value["workflowId"])
        self.assertEqual(value["taskQueue"], "testbed")

    def test_none(self):
        self.assertEqual(self.ok("workflow", "start", "--type", "Nothing", "-t", "testbed", "-o",
                                 "none").out, "")

    def test_existing(self):
        workflow_id = f"cli-{uuid.uuid4()}"
        first = self.json(*self.start_words("Wait", workflow_id))
        self.assertEqual(self.json(*self.start_words("Wait", workflow_id)), first)
        self.refused("ALREADY_EXISTS (server)", *self.start_words("Wait", workflow_id),
                     "--fail-existing")
        again = self.json(*self.start_words("Wait", workflow_id), "--id-conflict-policy",
                          "TerminateExisting")
        self.assertNotEqual(again["runId"], first["runId"])

    def test_reuse(self):
        workflow_id = f"cli-{uuid.uuid4()}"
        first = self.json(*self.start_words("Nothing", workflow_id))
        self.ok("workflow", "result", "-w", workflow_id)
        reused = self.json(*self.start_words("Nothing", workflow_id), "--id-reuse-policy",
                           "RejectDuplicate")
        self.assertEqual(reused["runId"], first["runId"])
        self.refused("ALREADY_EXISTS", *self.start_words("Nothing", workflow_id),
                     "--id-reuse-policy", "RejectDuplicate", "--fail-existing")

    def test_request(self):
        request = self.request(
            "--execution-timeout", "1d12h", "--run-timeout", "1.5h", "--task-timeout", "5s",
            "--static-summary", 'a "b"', "--static-details", "more", "--priority-key", "2",
            "--fairness-key", "k", "--fairness-weight", "1.5", "--start-delay", "10ms",
            "--id-reuse-policy", "AllowDuplicateFailedOnly", "--id-conflict-policy", "UseExisting",
            "--memo", "big=12345678901234567890", "--memo", 'text="x=y"',
            "--search-attribute", 'CustomKeywordField="kw"', "--headers", "trace=[1]")
        data = lambda text: {"metadata": PLAIN, "data": base64.b64encode(text).decode()}
        for field, wanted in {
                "workflowExecutionTimeout": "129600s", "workflowRunTimeout": "5400s",
                "workflowTaskTimeout": "5s", "workflowStartDelay": "0.010s",
                "workflowIdReusePolicy": "WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY",
                "workflowIdConflictPolicy": "WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING",
                "priority": {"priorityKey": 2, "fairnessKey": "k", "fairnessWeight": 1.5},
                "memo": {"fields": {"big": data(b"12345678901234567890"),
                                    "text": data(b'"x=y"')}},
                "searchAttributes": {"indexedFields": {"CustomKeywordField": data(b'"kw"')}},
                "header": {"fields": {"trace": data(b"[1]")}},
                "userMetadata": {"summary": data(b'"a \\"b\\""'), "details": data(b'"more"')},
        }.items():
            self.assertEqual(request.get(field), wanted, field)

    def test_defaults(self):
        request = self.request()
        self.assertEqual(set(request), {"namespace", "workflowId", "workflowType", "taskQueue",
                                        "workflowTaskTimeout", "identity", "requestId"})
        self.assertEqual(request["workflowTaskTimeout"], "10s")

    def test_inputs(self):
        request = self.request("-i", ' {"a" : 1.0}', "-i", '"two"', workflow_type="Args")
        self.assertEqual([base64.b64decode(one["data"]) for one in request["input"]["payloads"]],
                         [b' {"a" : 1.0}', b'"two"'])

    def test_input_files(self):
        path = self.file("in.json", b'{"a": 1}\n')
        request = self.request("--input-file", path, workflow_type="Echo")
        self.assertEqual(base64.b64decode(request["input"]["payloads"][0]["data"]), b'{"a": 1}\n')
        before = self.testbed.last_call()
        self.start("Echo", "--input-file", "-", stdin=b"[1,2]")
        call = self.testbed.calls(before, method="StartWorkflowExecution")[0]
        self.assertEqual(base64.b64decode(call["request"]["input"]["payloads"][0]["data"]),
                         b"[1,2]")

    def test_input_meta(self):
        request = self.request("-i", "\x01raw", "-i", "x", "-i", "y", "--input-meta",
                               "encoding=binary/plain", "--input-meta", "k=1", "--input-meta",
                               "k=2", workflow_type="Args")
        found = [{key: base64.b64decode(value) for key, value in one["metadata"].items()}
                 for one in request["input"]["payloads"]]
        self.assertEqual(found, [{"encoding": b"binary/plain", "k": b"1"},
                                 {"encoding": b"binary/plain", "k": b"2"},
                                 {"encoding": b"binary/plain", "k": b"1"}])

    def test_input_base64(self):
        request = self.request("-i", base64.b64encode(b'{"a":1}').decode(), "--input-base64",
                               workflow_type="Echo")
        self.assertEqual(base64.b64decode(request["input"]["payloads"][0]["data"]), b'{"a":1}')

    def test_cron(self):
        workflow_id = self.start("Cron", "--cron", "0 0 1 1 *")
        value = self.json("workflow", "describe", "-w", workflow_id)
        self.assertEqual(value["workflowExecutionInfo"]["status"],
                         "WORKFLOW_EXECUTION_STATUS_RUNNING")
        self.ok("workflow", "terminate", "-w", workflow_id)

    def test_server_refuses(self):
        self.refused("INVALID_ARGUMENT (server)", "workflow", "start", "--type", "T", "-t", "q",
                     "--start-delay", "1h", "--cron", "* * * * *")
        self.refused("NOT_FOUND (server)", "workflow", "start", "--type", "T", "-t", "q", "-n",
                     "no-such-namespace")


class Execute(Case):
    def words(self, workflow_type):
        return ("workflow", "execute", "--type", workflow_type, "-t", self.testbed["taskQueue"])

    def test_text(self):
        out = self.ok(*self.words("Echo"), "-i", '{"b":1,"a":[]}').out
        for part in ("Running execution:\n", "\n\nProgress:\n  ID   Time", "Z  WorkflowExecution"
                     "Started\n", "WorkflowExecutionCompleted\n\nResults:\n  RunTime ",
                     '\n  Result          {"b":1,"a":[]}\n  ResultEncoding  json/plain\n'):
            self.assertIn(part, out)

    def test_json(self):
        value = self.json(*self.words("Echo"), "-i", "12345678901234567890")
        self.assertEqual(list(value), ["workflowId", "runId", "type", "namespace", "taskQueue",
                                       "durationMillis", "status", "closeEvent", "result"])
        self.assertEqual((value["status"], value["result"]), ("COMPLETED", 12345678901234567890))

    def test_json_detailed(self):
        value = self.json(*self.words("Echo"), "-i", "1", "--detailed")
        events = value["history"]["events"]
        self.assertEqual(events[0]["eventType"], "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED")
        started = events[0]["workflowExecutionStartedEventAttributes"]
        self.assertEqual(started["input"]["payloads"][0]["metadata"], PLAIN)
        self.assertEqual(value["closeEvent"]["workflowExecutionCompletedEventAttributes"]["result"],
                         [1])

    def test_no_result_and_null(self):
        self.assertIsNone(self.json(*self.words("Nothing"))["result"])
        self.assertEqual(self.json(*self.words("Result"), "-i", '"null"')["result"],
                         {"metadata": {"encoding": "YmluYXJ5L251bGw="}})

    def test_continued(self):
        value = self.json(*self.words("ContinueAsNew"), "-i", "2", "-i", "0")
        self.assertEqual((value["status"], value["result"]), ("COMPLETED", 2))
        out = self.ok(*self.words("ContinueAsNew"), "-i", "1", "-i", "0").out
        self.assertEqual(out.count("WorkflowExecutionStarted"), 2)
        self.assertIn("WorkflowExecutionContinuedAsNew", out)

    def test_failure_text(self):
        run = self.minim(*self.words("FailChain"))
        self.assertEqual((run.code, run.err), (1, "Error: workflow failed\n"))
        self.assertIn("  Failure\n    Message: outer\n    Type: Outer\n", run.out)
        self.assertIn("\n            Message: inner\n", run.out)

    def test_failure_json(self):
        run = self.minim(*self.words("FailChain"), "-o", "json")
        self.assertEqual((run.code, run.err), (1, "Error: workflow failed\n"))
        self.assertEqual(run.json()["status"], "FAILED")
        self.assertIsNone(run.json()["result"])

    def test_timeout_of_the_workflow(self):
        run = self.minim(*self.words("Wait"), "--run-timeout", "1s", "-o", "json")
        self.assertEqual((run.code, run.json()["status"]), (1, "TIMEOUT"))

    def test_command_timeout(self):
        run = self.minim(*self.words("Wait"), "--command-timeout", "1s", "-o", "json")
        self.assertEqual((run.code, run.out), (1, ""))
        self.assertIn("Error: the command timeout of 1s has passed: ", run.err)


class Handle(Case):
    def test_signal_query_result(self):
        one = ("-w", self.start("Interactive"))
        self.assertEqual(self.ok("workflow", "signal", *one, "--name", "add", "-i", "5").out,
                         "Signal workflow succeeded\n")
        self.assertEqual(self.ok("workflow", "signal", *one, "--type", "note", "-i", '"n"', "-o",
                                 "json").out, "")
        self.assertEqual(self.ok("workflow", "query", *one, "--name", "state").out,
                         'Query result:\n  QueryResult  {"value":5,"notes":["n"],"updates":0}\n')
        self.assertEqual(self.json("workflow", "query", *one, "--type", "add", "-i", "1", "-i",
                                   "2"), {"queryResult": [3]})
        self.refused("INVALID_ARGUMENT (server)", "workflow", "query", *one, "--name", "fail")
        self.ok("workflow", "signal", *one, "--name", "finish")
        value = self.json("workflow", "result", *one)
        self.assertEqual(list(value), ["workflowId", "runId", "namespace", "status", "closeEvent",
                                       "result"])
        self.assertEqual(value["result"], {"value": 5, "notes": ["n"], "updates": 0})
        self.assertEqual(self.ok("workflow", "result", *one, "-r", value["runId"]).out,
                         'Results:\n  Status          COMPLETED\n  Result          '
                         '{"value":5,"notes":["n"],"updates":0}\n'
                         '  ResultEncoding  json/plain\n')
        self.refused("query was rejected, workflow has status: Completed", "workflow", "query",
                     *one, "--name", "state", "--reject-condition", "not_open")

    def test_headers_travel(self):
        workflow_id = self.start("Interactive")
        before = self.testbed.last_call()
        self.ok("workflow", "signal", "-w", workflow_id, "--name", "add", "-i", "1", "--headers",
                "h=true")
        self.ok("workflow", "query", "-w", workflow_id, "--name", "state", "--headers", "h=true")
        wanted = {"fields": {"h": {"metadata": PLAIN, "data": "dHJ1ZQ=="}}}
        signal = self.testbed.calls(before, method="SignalWorkflowExecution")[0]["request"]
        query = self.testbed.calls(before, method="QueryWorkflow")[0]["request"]
        self.assertEqual((signal["header"], query["query"]["header"]), (wanted, wanted))
        self.ok("workflow", "terminate", "-w", workflow_id)

    def test_signal_with_start(self):
        words = ("workflow", "signal-with-start", "--type", "Interactive", "-t", "testbed",
                 "--signal-name", "add", "--signal-input", "3", "-w", f"cli-{uuid.uuid4()}")
        value = self.json(*words)
        self.assertEqual(list(value), ["workflowId", "runId", "type", "namespace"])
        self.assertEqual(self.json(*words), value)
        self.assertIn("Running execution:\n", self.ok(*words).out)
        state = self.json("workflow", "query", "-w", value["workflowId"], "--name", "state")
        self.assertEqual(state["queryResult"][0]["value"], 9)
        self.refused("missing required flag: --workflow-id", *words[:-2])

    def test_cancel(self):
        one = ("-w", self.start("WaitCancel"))
        self.assertEqual(self.ok("workflow", "cancel", *one).out, "Canceled workflow\n")
        run = self.minim("workflow", "result", *one, "-o", "json")
        self.assertEqual((run.code, run.json()["status"]), (1, "CANCELED"))

    def test_terminate(self):
        one = ("-w", self.start("Wait"))
        self.assertEqual(self.ok("workflow", "terminate", *one).out, "Workflow terminated\n")
        run = self.minim("workflow", "result", *one)
        self.assertIn("  Status  TERMINATED\n  Reason  Requested from CLI by tester\n", run.out)
        one = ("-w", self.start("Wait"))
        self.ok("workflow", "terminate", *one, "--reason", "why not", "-o", "json")
        run = self.minim("workflow", "result", *one, "-o", "json")
        self.assertEqual(run.json()["closeEvent"]
                         ["workflowExecutionTerminatedEventAttributes"]["reason"], "why not")

    def test_missing(self):
        for words in (("signal", "--name", "x"), ("query", "--name", "x"), ("describe",),
                      ("result",), ("cancel",), ("terminate",), ("show",)):
            self.refused("NOT_FOUND (server): ", "workflow", *words, "-w", "no-such-workflow")

    def test_describe(self):
        workflow_id = self.start("Pending", "--memo", "m=[1]", "--static-summary", "sum",
                                 "--search-attribute", 'CustomKeywordField="kw"')
        self.ok("workflow", "query", "-w", workflow_id, "--name", "token")
        out = self.ok("workflow", "describe", "-w", workflow_id).out
        for part in ("Execution Info:\n  WorkflowId ", f"  {workflow_id}\n", "  Status  ",
                     'Memo                  {"m":[1]}', '"CustomKeywordField":"kw"}',
                     'StaticSummary  "sum"', "Pending Child Workflows: 0"):
            self.assertIn(part, out)
        value = self.json("workflow", "describe", "-w", workflow_id)
        self.assertEqual(value["workflowExecutionInfo"]["memo"], {"fields": {"m": [1]}})
        self.assertNotIn("closeEvent", value)
        raw = self.ok("workflow", "describe", "-w", workflow_id, "--raw").json()
        self.assertEqual(raw["workflowExecutionInfo"]["memo"]["fields"]["m"]["metadata"], PLAIN)
        points = self.json("workflow", "describe", "-w", workflow_id, "--reset-points")
        self.assertIsInstance(points, list)
        full = self.json("workflow", "describe", "-w", workflow_id,
                         "--no-json-shorthand-payloads")
        self.assertEqual(full["workflowExecutionInfo"]["memo"]["fields"]["m"]["metadata"], PLAIN)
        self.ok("workflow", "terminate", "-w", workflow_id)

    def test_describe_what_is_rare(self):
        workflow_id = f"cli-{uuid.uuid4()}"
        service = "/temporal.api.workflowservice.v1.WorkflowService/"
        rare = {"namespace": "default", "workflowId": workflow_id, "requestId": workflow_id}
        self.ok("rpc", service + "StartWorkflowExecution", "--json", json.dumps(
            {**rare, "workflowType": {"name": "Wait"}, "taskQueue": {"name": "nobody"},
             "versioningOverride": {"autoUpgrade": True},
             "completionCallbacks": [{"nexus": {"url": "temporal://system"}}]}))
        self.ok("rpc", service + "PauseWorkflowExecution", "--json",
                json.dumps({**rare, "identity": "tester", "reason": "lunch"}))
        out = self.ok("workflow", "describe", "-w", workflow_id).out
        for part in ("\nPause Info:\n  Identity    tester\n", "\n  Reason      lunch\n",
                     '\nVersioning Info:\n  VersioningOverride  {"autoUpgrade":true,',
                     "\nCallbacks: 1\n\n", "temporal://system"):
            self.assertIn(part, out)
        self.ok("workflow", "terminate", "-w", workflow_id)

    def test_describe_closed(self):
        workflow_id = self.start("Echo", "-i", "7")
        self.ok("workflow", "result", "-w", workflow_id)
        value = self.json("workflow", "describe", "-w", workflow_id)
        self.assertEqual(value["result"], 7)
        self.assertEqual(list(value), sorted(value))
        self.assertIn("Results:\n  Status          COMPLETED\n  Result          7\n",
                      self.ok("workflow", "describe", "-w", workflow_id).out)
