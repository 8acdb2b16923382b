#!/usr/bin/env python3
"""clang-tidy over the sources of src/, by .clang-tidy. A file that was clean is skipped while it,
every header of ours that it includes, its flags, .clang-tidy and the tool stay the same.

    tidy.py [--jobs N] [--tree DIR] [FILE...]      DIR is a built tree: build/dev

What is known to be clean is kept in $XDG_CACHE_HOME/minim/tidy (~/.cache/minim/tidy).
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = "clang-tidy-19"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") \
    / "minim" / "tidy"


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def headers_of(tree):
    """What ninja knows of each object file: the headers of ours it includes, generated ones too."""
    found, current = {}, None
    for line in output("ninja", "-C", str(tree), "-t", "deps").splitlines():
        if not line.startswith(" "):
            current = found.setdefault(line.split(":")[0], [])
        elif line.strip():
            path = pathlib.Path(tree, line.strip()).resolve()
            if path.is_relative_to(ROOT):
                current.append(path)
    return found


def key_of(entry, headers, version):
    digest = hashlib.sha256(version.encode())
    digest.update((ROOT / ".clang-tidy").read_bytes())
    digest.update(entry["command"].replace(str(ROOT), "").encode())
    for path in sorted({pathlib.Path(entry["file"]), *headers}):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def tidy(tree, file):
    """The complaints about one file."""
    done = subprocess.run([TOOL, "-p", str(tree), "--quiet",
                           # Flags of g++; and what clang says of libstdc++ itself.
                           "--extra-arg=-Wno-unknown-warning-option",
                           "--extra-arg=-Wno-deprecated-declarations", str(file)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        return ""
    return done.stdout or done.stderr or f"{TOOL} ended with {done.returncode}"


def self_test():
    """A file that must be refused; what the check is good for is to fail."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "bad.cc")
        file.write_text("int f(int x) {\n  if (x == x) return 1;\n  return 2;\n}\n")
        done = subprocess.run([TOOL, "--quiet", f"--config-file={ROOT}/.clang-tidy", str(file),
                               "--", "-std=c++20"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False)
        return done.returncode != 0 and "misc-redundant-expression" in done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--tree", type=pathlib.Path, default=ROOT / "build" / "dev")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    wanted = {str(pathlib.Path(file).resolve()) for file in options.files}

    CACHE.mkdir(parents=True, exist_ok=True)
    version = re.search(r"version \S+", output(TOOL, "--version")).group()
    headers = headers_of(options.tree)
    passed, failed = (1, 0) if self_test() else (0, 1)
    work = []
    for entry in json.loads((options.tree / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        if not file.is_relative_to(ROOT / "src") or (wanted and str(file) not in wanted):
            continue
        built = re.search(r" -o (\S+)", entry["command"]).group(1)
        stamp = CACHE / key_of(entry, headers.get(built, []), version)
        if stamp.exists():
            passed += 1
        else:
            work.append((file, stamp))
    print(f"{passed - 1} files have not changed since they were clean, {len(work)} to do",
          flush=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = [(file, stamp, pool.submit(tidy, options.tree, file)) for file, stamp in work]
        for file, stamp, future in futures:
            complaint = future.result()
            if complaint:
                failed += 1
                print(f"FAILED {file.relative_to(ROOT)}\n{complaint}", flush=True)
            else:
                passed += 1
                stamp.touch()
                print(file.relative_to(ROOT), flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
