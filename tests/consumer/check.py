#!/usr/bin/env python3
"""Uses minim as others do: installed into an empty prefix and found by CMake and by pkg-config, and
added as a subdirectory. Each consumer is built and run.

    check.py [--tree DIR]      DIR is a built tree with install rules: build/dev
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "build" / "consumer"
PREFIX = WORK / "prefix"
# A host with its own ideas: other flags than ours.
HOST_FLAGS = ("-O1", "-frtti", "-fexceptions", "-Wall", "-Wextra", "-Werror")


def run(*command, **settings):
    print("$ " + " ".join(str(part) for part in command), flush=True)
    subprocess.run([str(part) for part in command], check=True, **settings)


def install(tree):
    shutil.rmtree(PREFIX, ignore_errors=True)
    run("cmake", "--install", tree, "--prefix", PREFIX)
    headers = {str(p.relative_to(ROOT)) for p in (ROOT / "include").rglob("*.h")}
    installed = {str(p.relative_to(PREFIX)) for p in (PREFIX / "include").rglob("*.h")}
    assert headers == installed, f"headers that differ: {headers ^ installed}"


def configure(name, *settings):
    shutil.rmtree(WORK / name, ignore_errors=True)
    run("cmake", "-S", HERE / name, "-B", WORK / name, "-G", "Ninja",
        f"-DCMAKE_CXX_FLAGS={' '.join(HOST_FLAGS)}", *settings)


def build_and_run(name):
    run("cmake", "--build", WORK / name, "--parallel", os.environ.get("JOBS", os.cpu_count()))
    for program in ("core", "client", "mixed"):
        run(WORK / name / program)


def installed():
    configure("installed", f"-DCMAKE_PREFIX_PATH={PREFIX}")
    build_and_run("installed")


def newer_is_refused():
    """The version file says no to what we are not."""
    source = WORK / "newer"
    source.mkdir(parents=True, exist_ok=True)
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(newer LANGUAGES CXX)\n"
        "find_package(minim 99.0 CONFIG QUIET)\n"
        "if(minim_FOUND)\n  message(FATAL_ERROR \"took an old minim for 99.0\")\nendif()\n")
    run("cmake", "-S", source, "-B", source / "build", "-G", "Ninja", "--fresh",
        f"-DCMAKE_PREFIX_PATH={PREFIX}")


def pkg_config():
    where = dict(os.environ, PKG_CONFIG_PATH=str(next(PREFIX.rglob("minim.pc")).parent))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "minim"], env=where, check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    program = WORK / "pkgconfig_client"
    run("g++", "-std=c++20", *HOST_FLAGS, HERE / "client.cc", "-o", program, *flags)
    run(program)


def added():
    configure("added", f"-DMINIM_SOURCE={ROOT}")
    build_and_run("added")


def change_is_noticed():
    """The check of a parent's flags can fail: a minim that sets one is refused."""
    bad = WORK / "bad_minim"
    bad.mkdir(parents=True, exist_ok=True)
    (bad / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(bad LANGUAGES CXX)\n"
        "set(CMAKE_CXX_FLAGS \"-O3\" PARENT_SCOPE)\n")
    done = subprocess.run(["cmake", "-S", str(HERE / "added"), "-B", str(WORK / "bad"), "-G",
                           "Ninja", "--fresh", f"-DMINIM_SOURCE={bad}"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode != 0 and "minim changed CMAKE_CXX_FLAGS" in done.stdout, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tree", default=str(ROOT / "build" / "dev"))
    tree = parser.parse_args().tree
    WORK.mkdir(parents=True, exist_ok=True)
    steps = [("install", lambda: install(tree)), ("find_package", installed),
             ("version", newer_is_refused), ("pkg-config", pkg_config),
             ("add_subdirectory", added), ("self-test", change_is_noticed)]
    passed = failed = 0
    for name, step in steps:
        print(f"-- {name}", flush=True)
        try:
            step()
            passed += 1
        except (AssertionError, OSError, StopIteration, subprocess.CalledProcessError) as error:
            failed += 1
            print(f"FAILED {name}: {error!r}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
