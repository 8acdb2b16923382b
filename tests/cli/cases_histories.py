"""show, list, count: histories and visibility."""

import re
import signal
import subprocess
import time
import uuid

from support import Case


class Show(Case):
    def test_text(self):
        workflow_id = self.start("Echo", "-i", "7")
        self.ok("workflow", "result", "-w", workflow_id)
        out = self.ok("workflow", "show", "-w", workflow_id).out
        self.assertRegex(out, r"^Progress:\n  ID   Time +Type\n  1 +\S+Z  WorkflowExecutionStarted")
        self.assertIn("Results:\n  Status          COMPLETED\n  Result          7\n", out)
        back = self.ok("workflow", "show", "-w", workflow_id, "--reverse").out
        ids = [re.findall(r"^  (\d+) ", text, re.M) for text in (out, back)]
        self.assertEqual(ids[0], ids[1][::-1])
        self.assertIn("Status          COMPLETED", back)

    def test_colours(self):
        workflow_id = self.start("Echo", "-i", "7")
        self.ok("workflow", "result", "-w", workflow_id)
        words = ("workflow", "show", "-w", workflow_id)
        self.assertIn("\x1b[32mWorkflowExecutionCompleted\x1b[0m",
                      self.ok(*words, "--color", "always").out)
        self.assertNotIn("\x1b", self.ok(*words).out)
        self.assertNotIn("\x1b", self.ok(*words, "--color", "always", "-o", "json").out)

    def test_detailed(self):
        workflow_id = self.start("Echo", "-i", "7")
        out = self.ok("workflow", "show", "-w", workflow_id, "--detailed").out
        self.assertTrue(out.startswith("[1] WorkflowExecutionStarted\n"), out)
        self.assertIn("\n  workflowExecutionStartedEventAttributes.workflowType.name: Echo\n", out)

    def test_json(self):
        workflow_id = self.start("Echo", "-i", "7")
        self.ok("workflow", "result", "-w", workflow_id)
        value = self.json("workflow", "show", "-w", workflow_id)
        self.assertEqual(list(value), ["events"])
        self.assertEqual([event["eventId"] for event in value["events"]],
                         [str(n + 1) for n in range(len(value["events"]))])
        started = value["events"][0]["workflowExecutionStartedEventAttributes"]
        self.assertEqual(started["input"]["payloads"][0]["data"], "Nw==")
        lines = self.ok("workflow", "show", "-w", workflow_id, "-o", "jsonl").out
        self.assertEqual(lines.count("\n"), 1)

    def test_long_history(self):
        workflow_id = self.start("LongHistory", "-i", "400", "-i", "1000")
        self.ok("workflow", "result", "-w", workflow_id)
        events = self.json("workflow", "show", "-w", workflow_id)["events"]
        self.assertGreater(len(events), 400)

    def test_follow(self):
        workflow_id = self.start("ContinueAsNew", "-i", "1", "-i", "0")
        first = self.json("workflow", "list", "-q", f'WorkflowId="{workflow_id}"')
        run_id = first[-1]["execution"]["runId"] if first else ""
        out = self.ok("workflow", "show", "-w", workflow_id, "-r", run_id, "--follow").out
        self.assertIn("WorkflowExecutionCompleted", out)

    def test_control_characters_do_not_reach_the_terminal(self):
        workflow_id = self.start("Echo", "-i", '"\\u001b]0;x\\u0007"', "--static-summary",
                                 "a\x1b[31mb")
        self.ok("workflow", "result", "-w", workflow_id)
        for words in (("show", "--detailed"), ("describe",), ("result",)):
            self.assertNotIn("\x1b", self.ok("workflow", *words, "-w", workflow_id).out)


class Listing(Case):
    def setUp(self):
        super().setUp()
        self.mark = uuid.uuid4().hex
        self.query = f'CustomKeywordField="{self.mark}"'
        for _ in range(3):
            workflow_id = self.start("Nothing", "--search-attribute",
                                     f'CustomKeywordField="{self.mark}"')
            self.ok("workflow", "result", "-w", workflow_id)
        end = time.monotonic() + 20
        while time.monotonic() < end:  # visibility follows a little later
            rows = self.json("workflow", "list", "-q", self.query)
            if [row["status"] for row in rows] == ["WORKFLOW_EXECUTION_STATUS_COMPLETED"] * 3:
                return
            time.sleep(0.1)
        self.fail("three workflows never became visible")

    def test_list(self):
        words = ("workflow", "list", "-q", self.query)
        lines = self.ok(*words).out.splitlines()
        self.assertEqual(lines[0].split(), ["Status", "WorkflowId", "Type", "StartTime"])
        self.assertEqual([line.split()[0] for line in lines[1:]], ["Completed"] * 3)
        paged = self.ok(*words, "--page-size", "1").out.splitlines()
        self.assertEqual([len(paged), paged[0].split()], [4, lines[0].split()])
        self.assertEqual(len(self.ok(*words, "--limit", "2").out.splitlines()), 3)
        self.assertEqual(self.ok(*words, "-o", "none").out, "")

    def test_times(self):
        words = ("workflow", "list", "-q", self.query, "--limit", "1", "--time-format")
        self.assertRegex(self.ok(*words, "relative").out, r"(now|seconds? ago)\n$")
        self.assertRegex(self.ok(*words, "iso").out, r"  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$")
        self.assertRegex(self.ok(*words, "raw").out,
                         r"  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC\n$")

    def test_list_json(self):
        words = ("workflow", "list", "-q", self.query)
        run = self.ok(*words, "-o", "json", "--page-size", "2")
        self.assertTrue(run.out.startswith('[\n{\n  "execution": {\n'), run)
        self.assertTrue(run.out.endswith("}\n]\n"), run)
        self.assertEqual(run.out.count("\n},\n{\n"), 2)
        self.assertEqual(len(run.json()), 3)
        self.assertEqual(len(self.ok(*words, "-o", "jsonl").out.splitlines()), 3)
        self.assertEqual(self.ok("workflow", "list", "-q", 'WorkflowId="none"', "-o", "json").out,
                         "[\n]\n")

    def test_page_size_is_lowered_to_the_limit(self):
        before = self.testbed.last_call()
        self.ok("workflow", "list", "-q", self.query, "--page-size", "50", "--limit", "2")
        sizes = [call["request"].get("pageSize") for call in self.testbed.calls(before)]
        self.assertEqual(sizes, [2])

    def test_count(self):
        self.assertEqual(self.ok("workflow", "count", "-q", self.query).out, "Total: 3\n")
        grouped = self.query + " GROUP BY ExecutionStatus"
        self.assertEqual(self.ok("workflow", "count", "-q", grouped).out,
                         'Total: 3\nGroup total: 3, values: "Completed"\n')
        self.assertEqual(self.json("workflow", "count", "-q", grouped),
                         {"count": "3", "groups": [{"groupValues": ["Completed"], "count": "3"}]})

    def test_bad_filter(self):
        run = self.minim("workflow", "list", "-q", "no filter", "-o", "json")
        self.assertEqual((run.code, run.out), (1, ""))
        self.assertIn("Error: INVALID_ARGUMENT (server): ", run.err)


class Interrupts(Case):
    def interrupt(self, which, *arguments, stdin=subprocess.DEVNULL, delay=1.0):
        process = subprocess.Popen([self.tool, *arguments], stdin=stdin, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE,
                                   env=self.environment(TEMPORAL_ADDRESS=self.testbed["address"]))
        time.sleep(delay)
        self.assertIsNone(process.poll())
        begin = time.monotonic()
        process.send_signal(which)
        process.wait(10)  # and not communicate(): that ends standard input
        out, err = process.communicate()
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(process.returncode, 1)
        return out, err.decode()

    def test_long_poll(self):
        workflow_id = self.start("Wait")
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.assertEqual(self.interrupt(which, "workflow", "result", "-w", workflow_id),
                             (b"", "Error: interrupted\n"))
        self.ok("workflow", "terminate", "-w", workflow_id)

    def test_prompt(self):
        _, err = self.interrupt(signal.SIGINT, "workflow", "cancel", "-q", 'WorkflowId="none"',
                                stdin=subprocess.PIPE)
        self.assertTrue(err.endswith("Error: interrupted\n"), err)
