"""Commands for all workflows that a filter finds."""

import time
import uuid

from support import Case


class Batch(Case):
    def setUp(self):
        super().setUp()
        self.testbed.control("/dynamic", {
            "key": "frontend.MaxConcurrentBatchOperationPerNamespace", "value": 100})
        mark = uuid.uuid4().hex
        self.query = f'CustomKeywordField="{mark}"'
        self.ids = [self.start("Interactive", "--search-attribute",
                               f'CustomKeywordField="{mark}"') for _ in range(2)]
        end = time.monotonic() + 20
        while self.json("workflow", "count", "-q", self.query).get("count") != "2":
            self.assertLess(time.monotonic(), end, "two workflows never became visible")
            time.sleep(0.1)

    def tearDown(self):
        for workflow_id in self.ids:
            self.minim("workflow", "terminate", "-w", workflow_id)

    def test_signal(self):
        run = self.ok("workflow", "signal", "-q", self.query, "--name", "add", "-i", "4", "-y",
                      "--rps", "100")
        self.assertRegex(run.out, r"^Started batch for job ID: [0-9a-f-]{36}\n$")
        end = time.monotonic() + 30
        for workflow_id in self.ids:
            while True:
                state = self.json("workflow", "query", "-w", workflow_id, "--name", "state")
                if state["queryResult"][0]["value"] == 4:
                    break
                self.assertLess(time.monotonic(), end, state)
                time.sleep(0.2)

    def test_terminate(self):
        value = self.json("workflow", "terminate", "-q", self.query, "--reason", "all", "--yes")
        self.assertEqual(list(value), ["batchJobId"])
        for workflow_id in self.ids:
            run = self.minim("workflow", "result", "-w", workflow_id, "-o", "json",
                             "--command-timeout", "30s")
            self.assertEqual(run.json()["status"], "TERMINATED")

    def test_prompt(self):
        words = ("workflow", "cancel", "-q", self.query)
        for answer in (b"", b"n\n", b"yep\n"):
            run = self.minim(*words, stdin=answer)
            self.assertEqual((run.code, run.out), (1, ""))
            self.assertIn("approximately 2 workflow(s)? y/N: Error: user denied", run.err)
        self.refused("give --yes", *words, "-o", "json")
        before = self.testbed.last_call()
        self.ok(*words, stdin=b"YES\n")
        request = self.testbed.calls(before, method="StartBatchOperation")[0]["request"]
        self.assertEqual(request["reason"], "Requested from CLI by tester")
        self.assertIn("cancellationOperation", request)
