#!/usr/bin/env python3
"""What the libraries of build/dev define for others: nothing outside namespace minim.

A shared object is linked from all of them, and its dynamic symbols are listed: a host that loads it
must see none of minim's, and none of what minim is built on.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build" / "dev"
# Weak template instances of the standard library and of protobuf's own headers are everybody's.
ALLOWED = re.compile(
    r"(minim::|google::protobuf::|std::|__gnu_cxx::|operator |typeinfo|vtable|guard variable"
    r"|descriptor_table_minim|scc_info_|InitDefaults|non-virtual thunk|virtual thunk"
    r"|nlohmann::minim_private|DW\.ref\.|__clang_call_terminate)")


def defined(path, *flags):
    text = subprocess.run(["nm", "-C", "--defined-only", *flags, str(path)], check=True,
                          capture_output=True, text=True).stdout
    for line in text.splitlines():
        match = re.match(r"[0-9a-f]+ ([A-Za-z]) (.*)", line)
        if match and match[1] in "TDBRVWu":
            yield match[2]


def foreign(path):
    return sorted({name for name in defined(path, "--extern-only") if not ALLOWED.search(name)})


def shared_object(archives, folder):
    made = pathlib.Path(folder, "libprobe.so")
    subprocess.run(["g++", "-shared", "-o", made, "-Wl,--whole-archive", *map(str, archives),
                    "-Wl,--no-whole-archive", "-lprotobuf-lite", "-lnghttp2", "-luv", "-lssl",
                    "-lcrypto", "-lz", "-lpthread"], check=True)
    # nghttp2's, libuv's and OpenSSL's stay in their own shared libraries.
    return sorted({name for name in defined(made, "-D") if "minim::" in name
                   and not re.match(r"(typeinfo|vtable)", name) and "std::" not in name})


def self_test(folder):
    source = pathlib.Path(folder, "bad.cc")
    source.write_text("int leaked_by_minim() { return 1; }\n")
    made = pathlib.Path(folder, "bad.o")
    subprocess.run(["g++", "-c", "-o", made, source], check=True)
    return foreign(made) == ["leaked_by_minim()"]


def main():
    passed, failed = 0, 0
    archives = sorted(p for p in TREE.glob("src/*/libminim_*.a")) + sorted(
        TREE.glob("proto/libminim_*.a"))
    if len(archives) < 8:
        print(f"FAILED only {len(archives)} libraries in {TREE}: scripts/test unit builds them")
        failed += 1
    with tempfile.TemporaryDirectory() as folder:
        good = self_test(folder)
        passed, failed = passed + good, failed + (not good)
        for archive in archives:
            names = foreign(archive)
            print(f"{archive.name}: {len(names)} foreign symbols")
            for name in names[:20]:
                print("FAILED", archive.name, name)
            passed, failed = passed + (not names), failed + bool(names)
        leaked = shared_object(archives, folder)
        for name in leaked[:20]:
            print("FAILED a shared object built from minim exports", name)
        passed, failed = passed + (not leaked), failed + bool(leaked)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
