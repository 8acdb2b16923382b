"""gRPC's interop cases against grpc-go's server and one on grpc++, plaintext and TLS."""

import pathlib
import subprocess
import tempfile

from paths import PROGRAMS, ROOT, report, run_cases

CASES = [
    "empty_unary", "large_unary", "special_status_message", "status_code_and_message",
    "unimplemented_method", "unimplemented_service", "custom_metadata",
    "timeout_on_sleeping_server", "cancel_after_begin", "pick_first_unary", "long_lived_channel",
    "rpc_soak", "channel_soak",
]
# grpc-go's server does not know these two.
COMPRESSION_CASES = ["client_compressed_unary", "server_compressed_unary"]
PEERS = {
    "grpc-go": (ROOT / "build/interop/peer_grpcgo", CASES),
    "grpc++": (PROGRAMS / "interop_peer_grpcpp", CASES + COMPRESSION_CASES),
}


def make_certificate(folder):
    """A certificate for 127.0.0.1 that is its own root: (certificate, key)."""
    certificate, key = pathlib.Path(folder, "server.pem"), pathlib.Path(folder, "server.key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=interop", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    return certificate, key


def run_peer(prefix, program, cases, identity):
    """`identity`: certificate and key, or nothing for plaintext."""
    with subprocess.Popen([program, *identity], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as peer:
        port = peer.stdout.readline().strip()
        said = run_cases(prefix, f"127.0.0.1:{port}", identity[0] if identity else "-", cases)
        peer.stdin.close()  # its order to end
        try:
            peer.wait(timeout=20)
        except subprocess.TimeoutExpired:
            peer.kill()
            said["server"] = "did not end with its standard input"
    return report(prefix, said)


def run():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        certified = make_certificate(folder)
        for name, (program, cases) in PEERS.items():
            for how, identity in (("plaintext", ()), ("TLS", certified)):
                counts = run_peer(f"{name} {how}", program, cases, identity)
                passed += counts[0]
                failed += counts[1]
    return passed, failed
