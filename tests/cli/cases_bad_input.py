"""Bad addresses, certificates and servers: a text that says what to do, the right code, no hang."""

import time

from support import Case, bad_server, free_port, http2, rows, with_rows

LIST = ("workflow", "list", "-o", "none")
HEALTH = "/grpc.health.v1.Health/Check"


@with_rows
class Addresses(Case):
    @rows([
        ("port", "--address 'localhost:99999': '99999' is not a port (1 to 65535)",
         "localhost:99999"),
        ("port_text", "'http' is not a port", "localhost:http"),
        ("no_host", "--address ':7233'", ":7233"),
        ("space", "--address 'a b:1'", "a b:1"),
        ("scheme", "--address 'ftp://x'", "ftp://x"),
        ("v6", "--address '[::1'", "[::1"),
        ("empty", "--address is empty", ""),
    ])
    def test(self, text, address):
        self.refused(text, *LIST, "--address", address)

    def test_the_source_of_a_bad_value_is_named(self):
        self.refused("TEMPORAL_ADDRESS 'a b': 'a b' is not a host name", *LIST, address=None,
                     env={"TEMPORAL_ADDRESS": "a b"})
        self.refused("--address 'a b': ", *LIST, "--address", "a b")
        self.refused("TEMPORAL_API_KEY holds a character that a header cannot carry", *LIST,
                     env={"TEMPORAL_API_KEY": "testbed-key\n"})
        self.refused("--api-key holds a character", *LIST, "--api-key", "testbed-key\n")
        self.refused("--api-key-file holds a character", *LIST, "--api-key-file", "-",
                     stdin=b"testbed\x01-key")
        self.refused("TEMPORAL_NAMESPACE is not UTF-8", *LIST, env={"TEMPORAL_NAMESPACE": b"\xff"})

    def test_refused_port(self):
        port = free_port()
        self.refused(f"UNAVAILABLE (transport): cannot connect to 127.0.0.1:{port}", *LIST,
                     "--address", f"127.0.0.1:{port}")
        run = self.refused("connection refused; is the server running?", "rpc", HEALTH,
                           "--address", f"127.0.0.1:{port}", code=24)
        self.assertIn(str(port), run.err)

    def test_unresolvable_name(self):
        self.refused("cannot connect to no-such-host.invalid:7233: no-such-host.invalid: ", *LIST,
                     "--address", "no-such-host.invalid")


class Certificates(Case):
    def setUp(self):
        super().setUp()
        self.ca = ("--tls-ca-path", self.testbed.certificate("ca.pem"))

    def test_unknown_authority(self):
        self.refused("which is not among the trusted roots", *LIST, "--tls", address="tls")
        self.refused("give the server's CA in --tls-ca-path", *LIST, *self.ca, address="tlsOtherCa")

    def test_expired(self):
        self.refused("the server's certificate expired on ", *LIST, *self.ca, address="tlsExpired")

    def test_wrong_name(self):
        self.refused("is not for the address 127.0.0.1: it is for DNS:elsewhere.internal; set "
                     "--tls-server-name", *LIST, *self.ca, address="tlsWrongName")

    def test_no_alpn(self):
        self.refused("ALPN h2", *LIST, *self.ca, address="tlsNoAlpn")

    def test_client_certificate_wanted(self):
        self.refused("the server wants a client certificate; give one in --tls-cert-path", *LIST,
                     *self.ca, address="mtls")

    def test_client_certificate_of_another_authority(self):
        run = self.minim(*LIST, *self.ca, "--tls-cert-path",
                         self.testbed.certificate("other-client.pem"), "--tls-key-path",
                         self.testbed.certificate("other-client.key"), address="mtls")
        self.assertEqual(run.code, 1)
        self.assertIn("certificate", run.err)

    def test_key_of_another_certificate(self):
        run = self.refused("--tls-key-path does not belong to --tls-cert-path", *LIST, *self.ca,
                           "--tls-cert-path", self.testbed.certificate("client.pem"),
                           "--tls-key-path", self.testbed.certificate("other-client.key"))
        self.assertIn("other-client.key", run.err)

    def test_half_a_pair(self):
        self.refused("a client certificate needs its key: give --tls-key-path", *LIST,
                     "--tls-cert-path", self.testbed.certificate("client.pem"))
        self.refused("a client key needs its certificate: give --tls-cert-path", *LIST,
                     "--tls-key-path", self.testbed.certificate("client.key"))

    def test_files(self):
        self.refused("--tls-ca-path /nowhere/ca.pem: cannot read /nowhere/ca.pem: No such file",
                     *LIST, "--tls-ca-path", "/nowhere/ca.pem")
        self.refused("the file is empty", *LIST, "--tls-ca-path", self.file("empty", b""))
        self.refused("there is no PEM certificate in it", *LIST, "--tls-ca-path",
                     self.file("rubbish", b"rubbish"))
        self.refused("there is no PEM certificate in it, but a private key", *LIST,
                     "--tls-ca-path", self.testbed.certificate("ca.key"))

    def test_path_and_data(self):
        self.refused("--tls-ca-path and --tls-ca-data are for the same thing", *LIST, *self.ca,
                     "--tls-ca-data", "x")
        self.refused("TEMPORAL_TLS_CA and TEMPORAL_TLS_CA_DATA are for the same thing", *LIST,
                     env={"TEMPORAL_TLS_CA": "x", "TEMPORAL_TLS_CA_DATA": "y"})

    def test_tls_on_a_plaintext_port(self):
        self.refused("the server speaks plaintext on this port", *LIST, "--tls")

    def test_plaintext_on_a_tls_port(self):
        self.refused("does it want TLS?", *LIST, address="tls")


class Servers(Case):
    def test_http1(self):
        self.refused("it speaks HTTP/1", *LIST, address="control")
        self.refused("it speaks HTTP/1", "rpc", HEALTH, address="control", code=24)

    def test_another_protocol(self):
        with bad_server(lambda one: one.sendall(b"220 mail.example ready\r\n")) as address:
            self.refused("cannot connect to " + address, *LIST, "--address", address)

    def test_http2_without_grpc(self):
        page = http2(b"\x8d\x0f\x10\x09text/html", b"<p>no such page</p>")
        with bad_server(page) as address:
            text = ("UNIMPLEMENTED (transport): not a gRPC response: HTTP status 404, content-type "
                    "'text/html'; is this a gRPC server? body: <p>no such page</p>")
            self.refused(text, *LIST, "--address", address)
            self.refused(text, "rpc", HEALTH, "--address", address, code=22)

    def test_a_reply_that_is_no_message(self):
        rubbish = http2(b"\x88\x0f\x10\x10application/grpc", b"\x00\x00\x00\x00\x02\xff\xff",
                        b"\x00\x0bgrpc-status\x010")
        with bad_server(rubbish) as address:
            self.refused("the server's reply cannot be read: malformed temporal.api.", *LIST,
                         "--address", address)
            self.refused("INTERNAL (local): the server's reply cannot be read: malformed "
                         "grpc.health.v1.HealthCheckResponse", "rpc", "--json", "{}", HEALTH,
                         "--address", address, code=23)
            self.assertEqual(self.ok("rpc", "--hex", HEALTH, "--address", address).out, "ffff\n")

    def test_a_reply_above_the_limit(self):
        huge = http2(b"\x88\x0f\x10\x10application/grpc", b"\x00\xff\xff\xff\xff",
                     b"\x00\x0bgrpc-status\x010")
        with bad_server(huge) as address:
            self.refused("received message larger than max (4294967295 vs. 134217728)", "rpc",
                         HEALTH, "--address", address, code=18)

    def test_hangs_up(self):
        with bad_server(lambda one: None) as address:
            self.refused("cannot connect to " + address, *LIST, "--address", address)

    def test_silent(self):
        with bad_server(lambda one: time.sleep(5)) as address:
            begin = time.monotonic()
            self.refused("cannot connect to " + address, "rpc", HEALTH, "--address", address,
                         "--client-connect-timeout", "500ms", code=24)
            self.refused("the command timeout of 1s has passed", *LIST, "--address", address,
                         "--command-timeout", "1s")
            self.refused("DEADLINE_EXCEEDED (local)", "rpc", HEALTH, "--address", address,
                         "--timeout", "500ms", code=14)
            self.assertLess(time.monotonic() - begin, 10)

    def test_control_characters_of_a_server(self):
        self.testbed.control("/fail", {"method": "CountWorkflowExecutions", "code": "INTERNAL",
                                       "message": "a\nb\x1b[31mc", "times": 99})
        try:
            self.refused("INTERNAL (server): a b?[31mc\n", "workflow", "count")
        finally:
            self.testbed.control("/reset", {})
