"""The officially published schema: where it comes from, where it is kept, how it is read.

The Python SDK's wheel carries every .proto file of the services. It is fetched once, by name and
version, with pip; only the .proto files are kept, under <cache>/protos, beside a virtual
environment with the protobuf package that the other scripts here run in.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

WHEEL = "temporalio==1.35.0"
PYTHON_PROTOBUF = "protobuf==6.33.0"
# Of all .proto files together (see digest()): a registry that serves something else is noticed.
DIGEST = "e242efb4e2849000198643ecf679650e42fb71947856ed183795e74ac4d2e026"

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = "temporalio/bridge/sdk-core/crates/protos/protos/"
# Import roots inside the wheel, in order.
IMPORT_ROOTS = ("api_upstream", "api_cloud_upstream", "testsrv_upstream", ".")
# What the JSON tables and the schema check look at, besides what these files import.
ENTRY_ROOTS = ("api_upstream/temporal", "api_cloud_upstream/temporal",
               "testsrv_upstream/temporal")
ENTRY_FILES = ("grpc/health/v1/health.proto", "google/rpc/status.proto")


def fail(message):
    print(f"schema: {message}", file=sys.stderr)
    sys.exit(2)


def cache_dir():
    """MINIM_SCHEMA_DIR, or build/schema in the repository."""
    return pathlib.Path(os.environ.get("MINIM_SCHEMA_DIR") or ROOT / "build" / "schema").resolve()


def run(command, what):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-5:])
        fail(f"{what} failed (exit {done.returncode}):\n{tail}")
    return done.stdout


def digest(protos):
    total = hashlib.sha256()
    for path in sorted(protos.rglob("*.proto")):
        total.update(str(path.relative_to(protos)).encode() + b"\0")
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()


def protos_dir():
    """The folder of the published .proto files, fetched when it is not there yet."""
    cache = cache_dir()
    protos = cache / "protos"
    if protos.is_dir() and digest(protos) == DIGEST:
        return protos
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as temp:
        temp = pathlib.Path(temp)
        run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--only-binary=:all:", "--dest", str(temp), WHEEL],
            f"pip download {WHEEL} (is the package registry reachable?)")
        wheels = list(temp.glob("*.whl"))
        if len(wheels) != 1:
            fail(f"pip download {WHEEL}: {len(wheels)} wheels, expected 1")
        fresh = temp / "protos"
        with zipfile.ZipFile(wheels[0]) as wheel:
            for name in wheel.namelist():
                inside = name.removeprefix(PREFIX)
                if inside == name or not name.endswith(".proto") or ".." in name:
                    continue
                if inside.startswith("local/"):
                    continue
                target = fresh / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(wheel.read(name))
        if not fresh.is_dir() or digest(fresh) != DIGEST:
            found = digest(fresh) if fresh.is_dir() else "no .proto files"
            fail(f"{WHEEL} is not what it was: expected {DIGEST}, found {found}")
        shutil.rmtree(protos, ignore_errors=True)
        fresh.rename(protos)
    return protos


def run_in_venv():
    """Runs the calling script again in the virtual environment, unless it already runs there."""
    venv = cache_dir() / "venv"
    python = venv / "bin" / "python"
    stamp = venv / "installed"
    if not stamp.is_file() or stamp.read_text() != PYTHON_PROTOBUF:
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(venv)], "python3 -m venv")
        run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             PYTHON_PROTOBUF],
            f"pip install {PYTHON_PROTOBUF} (is the package registry reachable?)")
        stamp.write_text(PYTHON_PROTOBUF)
    if pathlib.Path(sys.prefix).resolve() != venv.resolve():
        os.execv(str(python), [str(python), *sys.argv])


def compile_files(import_roots, files, descriptor_set):
    run(["protoc", *[f"-I{root}" for root in import_roots], "--include_imports",
         f"--descriptor_set_out={descriptor_set}", *files], "protoc")
    from google.protobuf import descriptor_pb2  # only in the virtual environment
    parsed = descriptor_pb2.FileDescriptorSet()
    parsed.ParseFromString(pathlib.Path(descriptor_set).read_bytes())
    return parsed


def descriptors():
    """The published schema as a FileDescriptorSet: Temporal's API, cloud API and test service, gRPC
    health, google.rpc.Status, and all that they import."""
    protos = protos_dir()
    files = list(ENTRY_FILES)
    for root in ENTRY_ROOTS:
        base = protos / root.split("/")[0]
        files += [str(p.relative_to(base)) for p in sorted((protos / root).rglob("*.proto"))]
    files.append("google/protobuf/wrappers.proto")
    files.append("google/protobuf/struct.proto")
    files.append("google/protobuf/field_mask.proto")
    return compile_files([protos / root for root in IMPORT_ROOTS], files,
                         cache_dir() / "published.pb")
