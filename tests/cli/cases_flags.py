"""Words, flags and help: nothing here needs a server."""

import os

from support import Case, rows, with_rows

COMMANDS = ("workflow start", "workflow execute", "workflow signal", "workflow signal-with-start",
            "workflow query", "workflow describe", "workflow result", "workflow cancel",
            "workflow terminate", "workflow list", "workflow count", "workflow show",
            "operator cluster health", "rpc")

START = ("workflow", "start", "--type", "T", "-t", "q")


@with_rows
class Help(Case):
    @rows([(name.replace(" ", "_"), name) for name in COMMANDS])
    def test_command(self, name):
        run = self.ok(*name.split(), "--help", address=None)
        lines = run.out.splitlines()
        self.assertLessEqual(len(lines), 26, "a screen")
        self.assertLessEqual(max(map(len, lines)), 80, run.out)
        self.assertIn("\nExample:\n  minim " + name, run.out)
        self.assertEqual(run.out, self.ok("help", *name.split(), address=None).out)

    def test_root_and_groups(self):
        for words in ((), ("--help",), ("-h",), ("workflow", "--help"), ("help", "workflow")):
            run = self.ok(*words, address=None)
            self.assertIn("Usage: minim", run.out)
            self.assertEqual(run.err, "")
        for name in COMMANDS:
            self.assertIn(name, self.ok(address=None).out)

    def test_options_show_no_value_of_a_variable(self):
        run = self.ok("options", env={"TEMPORAL_API_KEY": "testbed-key"}, address=None)
        self.assertIn("TEMPORAL_API_KEY", run.out)
        self.assertIn("--command-timeout", run.out)

    def test_flags_before_and_between_the_words_of_a_command(self):
        for words in (("-o", "json", "workflow", "list"), ("workflow", "-o", "json", "list"),
                      ("--output", "json", "workflow", "list"), ("-ojson", "workflow", "list"),
                      ("--tls=false", "-n", "default", "workflow", "--output=json", "list")):
            self.assertEqual(self.ok(*words, "-q", 'WorkflowId="none"').out, "[\n]\n")
        self.refused("no command beside --output", "--output", "json", address=None)
        self.refused("no command beside --output", "--output", address=None)

    def test_version(self):
        for word in ("--version", "-v"):
            self.assertRegex(self.ok(word, address=None).out, r"^minim version \d+\.\d+\.\d+\n$")


@with_rows
class Refused(Case):
    @rows([
        ("command", "unknown command: minim bogus", "bogus"),
        ("subcommand", "unknown command: minim workflow bogus", "workflow", "bogus"),
        ("group", "minim workflow needs a command", "workflow"),
        ("flag", "unknown flag: --limt", "workflow", "list", "--limt", "3"),
        ("flag_keeps_its_value_secret", "unknown flag: --api-kee;", "workflow", "list",
         "--api-kee=testbed-key"),
        ("letter", "unknown flag: -z", "workflow", "list", "-z"),
        ("missing_value", "flag needs a value: --query", "workflow", "list", "--query"),
        ("required", "missing required flag: --type, --task-queue", "workflow", "start"),
        ("stray_word", 'unexpected argument "false"', *START, "--fail-existing", "false"),
        ("switch", 'invalid value "maybe" for --fail-existing', *START, "--fail-existing=maybe"),
        ("number", 'invalid value "-1" for --limit', "workflow", "list", "--limit=-1"),
        ("number_text", 'invalid value "ten" for --limit', "workflow", "list", "--limit", "ten"),
        ("number_range", 'invalid value "99999999999" for --priority-key: use a whole number from '
         "0 to 2147483647", *START, "--priority-key", "99999999999"),
        ("fraction", 'invalid value "-1" for --fairness-weight: use a number', *START,
         "--fairness-weight=-1"),
        ("fraction_range", 'invalid value "1e999" for --fairness-weight', *START,
         "--fairness-weight", "1e999"),
        ("duration_negative", 'invalid value "-5s" for --run-timeout: use a duration such as',
         *START, "--run-timeout=-5s"),
        ("duration", 'invalid value "10" for --run-timeout: use a duration such as', *START,
         "--run-timeout", "10"),
        ("duration_unit", 'invalid value "3w"', *START, "--run-timeout", "3w"),
        ("duration_range", "invalid value", *START, "--run-timeout", "99999999d"),
        ("choice", 'invalid value "yaml" for --output: use one of text,json,jsonl,none', "workflow",
         "list", "-o", "yaml"),
        ("choice_case", 'invalid value "fail" for --id-conflict-policy', *START,
         "--id-conflict-policy", "fail"),
        ("utf8", "the value of --query is not UTF-8", "workflow", "list", "--query", b"\xff"),
        ("no_word", "missing argument: /package.Service/Method", "rpc"),
        ("follow_reverse", "--follow and --reverse exclude each other", "workflow", "show", "-w",
         "x", "--follow", "--reverse"),
        ("profile", "--profile: minim does not read profile files yet", "workflow", "list",
         "--profile", "prod"),
        ("env", "--env: minim does not read profile files yet", "workflow", "list", "--env=x"),
        ("config_file", "--config-file: minim does not", "workflow", "list", "--config-file", "x"),
        ("codec", "--codec-endpoint: minim has no codecs yet", "workflow", "list",
         "--codec-endpoint", "http://x"),
        ("target_none", "give either --workflow-id or --query", "workflow", "cancel"),
        ("target_both", "give either --workflow-id or --query", "workflow", "cancel", "-w", "a",
         "-q", "b"),
        ("run_of_batch", "--run-id goes with --workflow-id only", "workflow", "cancel", "-q", "b",
         "-r", "x"),
        ("reason_of_one", "--reason goes with --query only", "workflow", "signal", "--name", "n",
         "-w", "a", "--reason", "x"),
        ("batch_reason", "needs a --reason", "workflow", "terminate", "-q", "x", "-y"),
        ("cancel_headers", "--headers: a cancellation carries no headers", "workflow", "cancel",
         "-w", "a", "--headers", "a=1"),
        ("fail_existing", "--fail-existing: a workflow that runs already", "workflow",
         "signal-with-start", "--type", "T", "-t", "q", "-w", "a", "--signal-name", "s",
         "--fail-existing"),
    ])
    def test(self, text, *arguments):
        self.refused(text, *arguments, address=None)

    def test_profile_variables(self):
        for name in ("TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE", "TEMPORAL_ENV"):
            self.refused(f"{name} is set", "workflow", "list", env={name: "x"})
            self.ok("workflow", "list", env={name: ""})
            self.ok("workflow", "list", "--disable-config-file", env={name: "x"})


@with_rows
class Inputs(Case):
    def test_file_of_the_greatest_size(self):  # kMaxInputBytes
        path = self.file("zeros", b"")
        for size, text in ((134217728, "--input #1 is not valid JSON"),
                           (134217729, "it is larger than 134217728 bytes")):
            os.truncate(path, size)
            self.refused(text, *START, "--input-file", path)

    @rows([
        ("json", "--input #1 is not valid JSON: line 1", "-i", "Ann"),
        ("second", "--input #2 is not valid JSON", "-i", "1", "-i", "{"),
        ("mixed", "--input and --input-file cannot be mixed", "-i", "1", "--input-file", "x"),
        ("file", "cannot read /nowhere/x: No such file", "--input-file", "/nowhere/x"),
        ("base64", "--input #1 is not valid base64", "-i", "%%%", "--input-base64"),
        ("meta_pair", "--input-meta: use KEY=VALUE", "-i", "1", "--input-meta", "x"),
        ("meta_count", "more values than the 1 inputs", "-i", "1", "--input-meta", "a=1",
         "--input-meta", "a=2"),
        ("memo_pair", "--memo: use KEY=VALUE", "--memo", "x"),
        ("memo_json", "--memo a: not valid JSON", "--memo", "a=text"),
        ("search_json", "--search-attribute a: not valid JSON", "--search-attribute", "a=text"),
        ("headers_json", "--headers a: not valid JSON", "--headers", "a=text"),
        ("file_without_end", "--input-file: cannot read /dev/zero: it is larger than 134217728",
         "--input-file", "/dev/zero"),
        ("folder", "--input-file: cannot read /: Is a directory", "--input-file", "/"),
        ("memo_trailing", "--memo a: not valid JSON", "--memo", "a=1 2"),
    ])
    def test(self, text, *arguments):
        self.refused(text, *START, *arguments)
