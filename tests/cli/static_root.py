#!/usr/bin/env python3
"""The static tool in a root that holds nothing else: static_root.py TOOL [--xml FILE].

The root has the program, /etc/hosts, /etc/resolv.conf, a CA file, and each of several nsswitch.conf
in turn. Names come from the hosts file and from a name server of the test's own. Needs root. The
last line is "N passed, N failed".
"""

import argparse
import ctypes
import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

import support
from dns_server import DnsServer

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
PT_INTERP = 3

NSSWITCH = {
    "absent": None,
    "files_dns": "hosts: files dns\n",
    "mdns": "hosts: files mdns4_minimal [NOTFOUND=return] dns\n",
    "only_mdns": "hosts: mdns4_minimal [NOTFOUND=return] dns\n",
    "resolve": "hosts: files resolve dns\n",
    "compat": "hosts: files dns\nservices: compat\n",
}
NAMES = {"hosts": "temporal.hosts.test", "dns": "temporal.dns.test"}
HEALTH = "/grpc.health.v1.Health/Check"
SYSTEM_INFO = "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo"


def enter_own_network():
    """A network namespace with nothing but loopback, where port 53 is free."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        return  # not allowed here: port 53 of the machine has to do
    with socket.socket() as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP, b""))


def is_static(path):
    """True for an ELF file that asks for no program interpreter."""
    data = pathlib.Path(path).read_bytes()
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    kinds = [struct.unpack_from("<I", data, offset + i * size)[0] for i in range(count)]
    return data[:4] == b"\x7fELF" and PT_INTERP not in kinds


class StaticRoot(support.Case):
    dns = None

    def setUp(self):
        super().setUp()
        self.root = tempfile.mkdtemp(prefix="minim-root-")
        self.addCleanup(shutil.rmtree, self.root)
        os.mkdir(os.path.join(self.root, "etc"))
        shutil.copy(self.tool, os.path.join(self.root, "minim"))
        shutil.copy(self.testbed.certificate("ca.pem"), os.path.join(self.root, "ca.pem"))
        self.write("hosts", f"127.0.0.1 localhost\n127.0.0.1 {NAMES['hosts']}\n")
        self.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n")

    def write(self, name, text):
        pathlib.Path(self.root, "etc", name).write_text(text)

    def inside(self, *arguments):
        def enter():
            os.chroot(self.root)
            os.chdir("/")

        return subprocess.run(["/minim", *arguments], env={}, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=support.TIMEOUT, check=False,
                              preexec_fn=enter)

    def call(self, name, entrance, *arguments):
        port = self.testbed[entrance].rsplit(":", 1)[1]
        return self.inside("rpc", *arguments, "--address", f"{name}:{port}")

    def check(self, nsswitch, name):
        if nsswitch is not None:
            self.write("nsswitch.conf", nsswitch)
        done = self.call(name, "address", HEALTH)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, b"\x08\x01", b"OK (server)\n"))
        done = self.call(name, "tls", "--json", "{}", "--tls-ca-path", "/ca.pem",
                         "--tls-server-name", "localhost", SYSTEM_INFO)
        self.assertEqual((done.returncode, done.stderr), (0, b"OK (server)\n"))
        self.assertIn(b'"serverVersion"', done.stdout)

    def test_dns_is_asked(self):
        before = len(self.dns.asked)
        self.check(None, NAMES["dns"])
        self.assertIn(NAMES["dns"], {name for name, _ in self.dns.asked[before:]})

    def test_unknown_name(self):
        done = self.call("no-such-name.dns.test", "address", HEALTH)
        self.assertEqual(done.returncode, 24)
        self.assertIn(b"UNAVAILABLE (transport): cannot connect to no-such-name.dns.test",
                      done.stderr)

    def test_no_roots(self):
        done = self.call(NAMES["hosts"], "tls", "--tls", HEALTH)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Error: ", done.stderr)
        self.assertIn(b"--tls-ca-path", done.stderr)

    def test_identity_without_users(self):
        done = self.inside("workflow", "start", "--type", "Nothing", "-t", "testbed", "-o",
                           "none", "--address", self.testbed["address"])
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_help(self):
        self.assertIn(b"Usage: minim", self.inside("--help").stdout)


def add_rows():
    for row, nsswitch in NSSWITCH.items():
        for source, name in NAMES.items():
            def test(self, nsswitch=nsswitch, name=name):
                self.check(nsswitch, name)
            setattr(StaticRoot, f"test_{row}_{source}", test)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--xml")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("static_root.py: changing the root needs root: run it with sudo")
    if not is_static(options.tool):
        sys.exit(f"static_root.py: {options.tool} is not static: build it with -DMINIM_STATIC=ON")
    enter_own_network()
    try:
        StaticRoot.dns = DnsServer({NAMES["dns"]: "127.0.0.1"})
    except OSError as error:
        sys.exit(f"static_root.py: port 53 on 127.0.0.1 is needed for a name server: {error}")
    support.Case.tool = str(pathlib.Path(options.tool).resolve())
    support.Case.testbed = support.Testbed()
    add_rows()
    try:
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(StaticRoot)
        return support.run_all(suite, options.xml)
    finally:
        support.Case.testbed.close()


if __name__ == "__main__":
    sys.exit(main())
