#!/usr/bin/env python3
"""Every public header compiles alone and twice: with gcc and clang, as C++20 and C++23, with and
without exceptions and RTTI, each pair of these at least once, under the warnings of the project.
Then two bad headers must be refused.

    check.py [--jobs N] [--include DIR] [HEADER...]     as minim/status.h; all without one
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAN = ("-fno-exceptions", "-fno-rtti")
# Each pair of two of the three choices occurs; all eight would take twice as long.
VARIANTS = (("g++", "-std=c++20", *LEAN), ("g++", "-std=c++23"),
            ("clang++-14", "-std=c++20"), ("clang++-14", "-std=c++2b", *LEAN))
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wno-sign-conversion",
            "-Werror")
# Sugar for hosts that have exceptions.
NEED_EXCEPTIONS = ("minim/throwing.h",)


def variants(header):
    if header not in NEED_EXCEPTIONS:
        return VARIANTS
    return tuple(tuple(flag for flag in variant if flag not in LEAN) for variant in VARIANTS)


def compile_alone(include, header, variant, folder):
    """What the compiler says, or nothing."""
    name = "_".join((header, *variant)).replace("/", "_")
    source = pathlib.Path(folder, name + ".cc")
    source.write_text(f'#include "{header}"\n#include "{header}"\n')
    launcher = ("ccache",) if shutil.which("ccache") else ()
    compiler, *flags = variant
    command = (*launcher, compiler, *flags, *WARNINGS, "-O0", f"-I{include}", "-c", str(source),
               "-o", str(source.with_suffix(".o")))
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return "" if done.returncode == 0 else " ".join(command) + "\n" + done.stdout


def check(include, headers, jobs, folder):
    """Yields (header, variant, complaint)."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        work = [(h, v, pool.submit(compile_alone, include, h, v, folder))
                for h in headers for v in variants(h)]
        for header, variant, future in work:
            yield header, variant, future.result()


def self_test(jobs):
    """Needs what it does not include; has no guard."""
    with tempfile.TemporaryDirectory() as folder:
        include = pathlib.Path(folder, "minim")
        include.mkdir()
        (include / "needs.h").write_text("#pragma once\ninline std::string x;\n")
        (include / "twice.h").write_text("struct Twice {};\n")
        seen = {h for h, _, bad in check(folder, ["minim/needs.h", "minim/twice.h"], jobs, folder)
                if not bad}
    return [f"self-test: {header} was accepted" for header in seen]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--include", default=str(ROOT / "include"))
    parser.add_argument("headers", nargs="*")
    options = parser.parse_args()
    top = pathlib.Path(options.include)
    headers = options.headers or sorted(str(p.relative_to(top)) for p in top.rglob("*.h"))
    # Names that stay the same, so that the compiler cache knows them.
    folder = ROOT / "build" / "headers"
    folder.mkdir(parents=True, exist_ok=True)

    problems = self_test(options.jobs)
    passed, failed = int(not problems), len(problems)
    print(*problems, sep="\n", end="\n" if problems else "")
    for header, variant, complaint in check(options.include, headers, options.jobs, folder):
        passed += not complaint
        failed += bool(complaint)
        if complaint:
            print(f"FAILED {header} with {' '.join(variant)}\n{complaint}")
        else:
            print(f"{header} {' '.join(variant)}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
