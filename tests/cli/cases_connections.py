"""Where the settings come from, and every entrance of the server."""

import os
import pathlib
import subprocess

from support import Case, free_port, proxy

HEALTH = ("operator", "cluster", "health")
LIST = ("workflow", "list", "-o", "none")


class Entrances(Case):
    def setUp(self):
        super().setUp()
        self.ca = ("--tls-ca-path", self.testbed.certificate("ca.pem"))
        self.client = ("--tls-cert-path", self.testbed.certificate("client.pem"),
                       "--tls-key-path", self.testbed.certificate("client.key"))

    def text_of(self, name):
        return pathlib.Path(self.testbed.certificate(name)).read_text()

    def test_health(self):
        self.assertEqual(self.ok(*HEALTH).out, "SERVING\n")
        self.assertEqual(self.json(*HEALTH), {"status": "SERVING"})
        self.assertEqual(self.ok(*HEALTH, "-o", "jsonl").out, '{"status":"SERVING"}\n')
        self.assertEqual(self.ok(*HEALTH, "-o", "none").out, "")

    def test_ipv6_and_name(self):
        self.ok(*HEALTH, address="address6")
        self.ok(*HEALTH, "--address", "localhost:" + self.testbed["address"].split(":")[1])
        self.ok(*HEALTH, "--address", "http://" + self.testbed["address"])

    def test_tls(self):
        self.ok(*HEALTH, *self.ca, address="tls")
        self.ok(*HEALTH, "--tls-ca-data", self.text_of("ca.pem"), address="tls")
        self.ok(*HEALTH, "--tls-disable-host-verification", address="tls")
        self.ok(*HEALTH, *self.ca, "--address", "https://" + self.testbed["tls"])

    def test_server_name(self):
        self.ok(*HEALTH, *self.ca, "--tls-server-name", "localhost", address="tls")

    def test_client_certificate(self):
        self.ok(*HEALTH, *self.ca, *self.client, address="mtls")
        self.ok(*HEALTH, *self.ca, "--tls-cert-data", self.text_of("client.pem"),
                "--tls-key-path", self.testbed.certificate("client.key"), address="mtls")

    def test_tls_variables(self):
        for ca, cert, key in (("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_CLIENT_CERT_PATH",
                               "TEMPORAL_TLS_CLIENT_KEY_PATH"),
                              ("TEMPORAL_TLS_CA", "TEMPORAL_TLS_CERT", "TEMPORAL_TLS_KEY")):
            self.ok(*HEALTH, address="mtls",
                    env={ca: self.testbed.certificate("ca.pem"),
                         cert: self.testbed.certificate("client.pem"),
                         key: self.testbed.certificate("client.key")})
        for ca, cert, key in (("TEMPORAL_TLS_SERVER_CA_CERT_DATA", "TEMPORAL_TLS_CLIENT_CERT_DATA",
                               "TEMPORAL_TLS_CLIENT_KEY_DATA"),
                              ("TEMPORAL_TLS_CA_DATA", "TEMPORAL_TLS_CERT_DATA",
                               "TEMPORAL_TLS_KEY_DATA")):
            self.ok(*HEALTH, address="mtls",
                    env={ca: self.text_of("ca.pem"), cert: self.text_of("client.pem"),
                         key: self.text_of("client.key")})

    def test_older_variables_win(self):
        self.ok(*HEALTH, address="tls",
                env={"TEMPORAL_TLS_SERVER_CA_CERT_PATH": self.testbed.certificate("other-ca.pem"),
                     "TEMPORAL_TLS_CA": self.testbed.certificate("ca.pem")})

    def test_tls_switches(self):
        ca = {"TEMPORAL_TLS_CA": self.testbed.certificate("ca.pem")}
        self.ok(*HEALTH, env={**ca, "TEMPORAL_TLS": "false"})
        self.ok(*HEALTH, "--tls=false", env=ca)
        self.ok(*HEALTH, env={**ca, "TEMPORAL_TLS": "TRUE"}, address="tls")
        self.ok(*HEALTH, *self.ca, env={"TEMPORAL_TLS": "0"}, address="tls")
        self.refused("TEMPORAL_TLS: use true or false", *HEALTH, env={"TEMPORAL_TLS": "yes"})
        self.refused("--tls=false contradicts", *HEALTH, "--tls=false", *self.ca)

    def test_api_key(self):
        key_file = self.file("key", b"testbed-key\n")
        self.ok(*LIST, *self.ca, "--api-key", "testbed-key", address="apiKey")
        self.ok(*LIST, *self.ca, env={"TEMPORAL_API_KEY": "testbed-key"}, address="apiKey")
        self.ok(*LIST, *self.ca, "--api-key-file", key_file, address="apiKey")
        self.ok(*LIST, *self.ca, "--api-key-file", "-", stdin=b"testbed-key", address="apiKey")
        self.ok(*LIST, "--tls=false", "--api-key", "testbed-key", address="apiKeyPlain")
        self.refused("UNAUTHENTICATED (server)", *LIST, *self.ca, address="apiKey")
        self.refused("PERMISSION_DENIED (server)", *LIST, *self.ca, "--api-key", "a-wrong-key",
                     address="apiKey")
        self.refused("give one of them", *LIST, "--api-key", "testbed-key", "--api-key-file",
                     key_file)
        self.refused("a header cannot carry", *LIST, *self.ca, "--api-key", "testbed-key\n",
                     address="apiKey")

    def test_debug_log_shows_calls_and_no_secret(self):
        run = self.ok(*LIST, *self.ca, "--api-key", "testbed-key", "--log-level", "debug",
                      address="apiKey")
        self.assertIn("ListWorkflowExecutions code=OK", run.err)


class Variables(Case):
    def seen(self, *arguments, **options):
        """The metadata of the one call that a run of the tool makes."""
        before = self.testbed.last_call()
        self.ok(*LIST, *arguments, **options)
        calls = self.testbed.calls(before)
        self.assertEqual(len(calls), 1, "no call before or after the one asked for")
        return calls[0]

    def test_namespace(self):
        other = self.testbed["otherNamespace"]
        self.assertEqual(self.seen()["request"]["namespace"], "default")
        self.assertEqual(self.seen(env={"TEMPORAL_NAMESPACE": other})["request"]["namespace"],
                         other)
        self.assertEqual(self.seen(env={"TEMPORAL_NAMESPACE": ""})["request"]["namespace"],
                         "default")
        call = self.seen("-n", "default", env={"TEMPORAL_NAMESPACE": other})
        self.assertEqual(call["metadata"]["temporal-namespace"], ["default"])

    def test_metadata(self):
        call = self.seen("--grpc-meta", "x-b=2", "--grpc-meta", "x-c=a=b",
                         env={"TEMPORAL_GRPC_META_X_A": "1", "TEMPORAL_GRPC_META_X_B": "1",
                              "TEMPORAL_GRPC_META_X_D": ""})
        self.assertEqual({key: value for key, value in call["metadata"].items()
                          if key.startswith("x-")},
                         {"x-a": ["1"], "x-b": ["2"], "x-c": ["a=b"]})
        self.refused("--grpc-meta: use KEY=VALUE", *LIST, "--grpc-meta", "x")
        self.refused("--grpc-meta or TEMPORAL_GRPC_META_*", *LIST, "--grpc-meta", "te=a-wrong-key")

    def test_authority(self):
        call = self.seen("--client-authority", "name.internal")
        self.assertEqual(call["metadata"][":authority"], ["name.internal"])
        call = self.seen(env={"TEMPORAL_CLIENT_AUTHORITY": "other.internal"})
        self.assertEqual(call["metadata"][":authority"], ["other.internal"])

    def test_switched_off(self):
        variables = {"TEMPORAL_NAMESPACE": "nowhere", "TEMPORAL_TLS": "true",
                     "TEMPORAL_API_KEY": "a-wrong-key", "TEMPORAL_CODEC_ENDPOINT": "http://x"}
        self.seen("--disable-config-env", "--address", self.testbed["address"], env=variables)

    def test_address_flag_wins(self):
        self.ok(*HEALTH, "--address", self.testbed["address"],
                env={"TEMPORAL_ADDRESS": f"localhost:{free_port()}"})

    def test_default_address(self):
        run = self.minim(*HEALTH, address=None, env={"TEMPORAL_ADDRESS": ""})
        if run.code != 0:  # there may be a server of somebody's
            self.assertIn("cannot connect to localhost:7233", run.err)

    def test_codec_variable(self):
        self.refused("TEMPORAL_CODEC_ENDPOINT is set", *LIST,
                     env={"TEMPORAL_CODEC_ENDPOINT": "http://x"})

    def test_identity(self):
        workflow_id = self.start("Nothing", "--identity", "who-asks")
        events = self.json("workflow", "show", "-w", workflow_id)["events"]
        attributes = events[0]["workflowExecutionStartedEventAttributes"]
        self.assertEqual(attributes["identity"], "who-asks")
        workflow_id = self.start("Nothing")
        events = self.json("workflow", "show", "-w", workflow_id)["events"]
        attributes = events[0]["workflowExecutionStartedEventAttributes"]
        self.assertRegex(attributes["identity"], r"^minim:tester@.+")

    def test_profile_file_that_is_not_read(self):
        os.makedirs(os.path.join(self.home, ".config/temporalio"))
        self.file(".config/temporalio/temporal.toml", b"")
        self.assertIn("Warning: ", self.ok(*LIST).err)
        self.assertEqual(self.ok(*LIST, "--disable-config-file").err, "")


class Proxies(Case):
    def test_the_network_s_proxy(self):
        far = ("--address", "temporal.invalid:7233")
        with proxy(self.testbed["address"]) as (address, requests):
            variables = {"HTTPS_PROXY": f"http://ann:testbed-key@{address}"}
            self.assertEqual(self.ok(*HEALTH, *far, env=variables).out, "SERVING\n")
            self.assertTrue(requests[0].startswith("CONNECT temporal.invalid:7233 HTTP/1.1\r\n"))
            self.assertIn("Basic YW5uOnRlc3RiZWQta2V5\r\n", requests[0])
            # Neither for this machine nor where NO_PROXY says so.
            self.ok(*HEALTH, env=variables)
            self.ok(*HEALTH, address="address6", env=variables)
            self.refused("cannot connect to temporal.invalid:7233", *LIST, *far,
                         env={**variables, "NO_PROXY": "invalid"})
            self.assertEqual(len(requests), 1)

    def test_refusals(self):
        far = ("--address", "temporal.invalid:7233")
        with proxy("", b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as (address, _):
            run = self.refused("407", *LIST, *far, env={"HTTPS_PROXY": f"http://{address}"})
            self.assertIn(address, run.err)
        self.refused("connection refused", *LIST, *far,
                     env={"HTTPS_PROXY": f"http://127.0.0.1:{free_port()}"})
        self.refused("HTTPS_PROXY: its scheme is not known: use http:// or https://", *LIST, *far,
                     env={"HTTPS_PROXY": "socks5://ann:testbed-key@x"})


class Pipes(Case):
    def test_nobody_reads(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([self.tool, "workflow", "list", "-o", "json"], stdout=writer,
                              stderr=subprocess.PIPE, timeout=60, check=False,
                              env=self.environment(TEMPORAL_ADDRESS=self.testbed["address"]))
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_closed_standard_streams(self):
        # The first socket would get the number of a stream that is closed.
        for closed, code in ((0, 0), (1, 1), (2, 0)):
            done = subprocess.run([self.tool, *HEALTH], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=60, check=False,
                                  preexec_fn=lambda closed=closed: os.close(closed),
                                  env=self.environment(TEMPORAL_ADDRESS=self.testbed["address"]))
            self.assertEqual(done.returncode, code, (closed, done))
            if closed == 1:
                self.assertIn(b"cannot write to standard output", done.stderr)
            else:
                self.assertEqual(done.stdout, b"SERVING\n")
        done = subprocess.run([self.tool, "workflow", "start", "--type", "T", "-t", "q",
                               "--input-file", "-"], capture_output=True, timeout=60, check=False,
                              preexec_fn=lambda: os.close(0), env=self.environment())
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"--input-file: cannot read -: ", done.stderr)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([self.tool, *HEALTH], stdout=full, stderr=subprocess.PIPE,
                                  timeout=60, check=False,
                                  env=self.environment(TEMPORAL_ADDRESS=self.testbed["address"]))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Error: cannot write to standard output: No space left", done.stderr)
