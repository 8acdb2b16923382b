#!/usr/bin/env python3
"""Runs the tool as a program against the testbed: run.py TOOL [--xml FILE] [NAME...].

NAME picks tests as unittest does: workflows.Start.test_text. The last line is "N passed, N failed".
"""

import argparse
import pathlib
import sys
import unittest

import support

MODULES = ("flags", "connections", "workflows", "histories", "batches", "rpc", "bad_input")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--xml")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    support.Case.tool = str(pathlib.Path(options.tool).resolve())
    names = [f"cases_{name}" for name in options.names or MODULES]
    support.Case.testbed = support.Testbed()
    try:
        suite = unittest.defaultTestLoader.loadTestsFromNames(names)
        return support.run_all(suite, options.xml)
    finally:
        support.Case.testbed.close()


if __name__ == "__main__":
    sys.exit(main())
