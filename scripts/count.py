#!/usr/bin/env python3
"""Counts what a test runner wrote and shows what failed; the last line is "N passed, N failed".

    count.py ctest FILE TREE   FILE is ctest's JUnit output. A GoogleTest program that ran as one
                               ctest test (TREE/gtest/NAME.xml) counts by its cases.
    count.py go FILE           FILE is the output of go test -json; subtests count.
    count.py rows FILE...      FILEs are ctest's JUnit output. Each row of the fault list
                               (docs/wire.md) needs a test named by it, as Faults.R042NoError, that
                               ran and passed, and none that failed. They count as one test.
    count.py --self-test
"""

import json
import pathlib
import re
import sys
import tempfile
import xml.etree.ElementTree as ET

MAX_LINES = 60
ROWS = 158


def show(name, output):
    print(f"FAILED {name}")
    lines = (output or "").strip().splitlines()
    if len(lines) > MAX_LINES:
        print(f"   | ({len(lines) - MAX_LINES} lines before)")
    for line in lines[-MAX_LINES:]:
        print(f"   | {line[:300]}")


def gtest_cases(file):
    """Passed and failed cases of one GoogleTest report."""
    passed = failed = 0
    for case in ET.parse(file).getroot().iter("testcase"):
        if case.find("failure") is None and case.get("result") == "completed":
            passed += 1
        else:
            failed += 1
    return passed, failed


def count_ctest(file, tree):
    """Each test is run, fail, or one of several words for not run: skipped, disabled, not built.
    What was not run has failed, for nobody would see it otherwise."""
    passed = failed = 0
    for case in ET.parse(file).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        report = pathlib.Path(tree, "gtest", f"{name}.xml")
        if status == "run":
            cases = gtest_cases(report) if report.exists() else (1, 0)
            passed += cases[0]
            failed += cases[1]
        else:
            cases = gtest_cases(report) if report.exists() else (0, 0)
            passed += cases[0]
            failed += max(1, cases[1])
            show(name, case.findtext("system-out"))
    return passed, failed


def count_go(file):
    passed = failed = 0
    output, failed_packages, failed_in = {}, [], set()
    for line in pathlib.Path(file).read_text(errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            output.setdefault((None, None), []).append(line + "\n")
            continue
        key = (event.get("Package"), event.get("Test"))
        action = event.get("Action")
        if action in ("output", "build-output"):
            output.setdefault(key, []).append(event.get("Output", ""))
        elif action == "pass" and key[1]:
            passed += 1
        elif action in ("fail", "skip") and key[1]:
            failed += 1
            failed_in.add(key[0])
            show(key[1], "".join(output.get(key, [])))
        elif action == "fail":
            failed_packages.append(key)
    for key in failed_packages:
        if key[0] not in failed_in:  # did not build, or ended early
            failed += 1
            lines = [text for k, texts in output.items() if k[1] is None for text in texts]
            show(key[0], "".join(lines))
    return passed, failed


def covered_rows(files):
    """By number: whether all tests named by the row have passed."""
    rows = {}
    for file in files:
        for case in ET.parse(file).getroot().iter("testcase"):
            # R042ToR055 names a range, and is no row's own.
            match = re.fullmatch(r"\w+\.R(\d{3})(?!ToR\d)[A-Z]\w*", case.get("name"))
            if match:
                row = int(match[1])
                rows[row] = rows.get(row, True) and case.get("status") == "run"
    return rows


def count_rows(files):
    missing_files = [file for file in files if not pathlib.Path(file).exists()]
    for file in missing_files:
        print(f"{file} is missing: run this in one go with the suites unit and system")
    if missing_files:
        return 0, 1
    rows = covered_rows(files)
    good = [row for row in range(1, ROWS + 1) if rows.get(row)]
    for row in range(1, ROWS + 1):
        if row not in rows:
            print(f"no test named R{row:03} has run")
        elif not rows[row]:
            print(f"a test named R{row:03} has failed")
    print(f"{len(good)} of {ROWS} rows of the fault list")
    return (1, 0) if len(good) == ROWS else (0, 1)


CTEST_SAMPLE = """<testsuite tests="5">
<testcase name="a" status="run"/><testcase name="whole" status="run"/>
<testcase name="b" status="fail"><failure/><system-out>why</system-out></testcase>
<testcase name="c" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
<testcase name="d_NOT_BUILT" status="notrun"><skipped message="Unable to find executable"/>
</testcase>
</testsuite>"""
ROWS_SAMPLE = """<testsuite>
<testcase name="Faults.R001Good" status="run"/><testcase name="Faults.R002Bad" status="fail"/>
<testcase name="Faults.R003Good" status="run"/><testcase name="Other.R003Bad" status="fail"/>
<testcase name="Faults.R004ToR006Range" status="run"/><testcase name="Faults.Ring" status="run"/>
<testcase name="Faults.R007NotRun" status="notrun"/></testsuite>"""
GTEST_SAMPLE = """<testsuites><testsuite>
<testcase name="x" status="run" result="completed"/>
<testcase name="y" status="run" result="completed"/>
<testcase name="z" status="run" result="completed"><failure/></testcase>
<testcase name="s" status="run" result="skipped"/></testsuite></testsuites>"""
GO_SAMPLE = """{"Action":"pass","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"B","Output":"why"}
{"Action":"fail","Package":"p","Test":"B"}
{"Action":"skip","Package":"p","Test":"C"}
{"Action":"fail","Package":"p"}
{"Action":"build-output","ImportPath":"q","Output":"syntax error"}
{"Action":"fail","Package":"q"}
"""


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        (tree / "gtest").mkdir()
        (tree / "gtest" / "whole.xml").write_text(GTEST_SAMPLE)
        (tree / "c.xml").write_text(CTEST_SAMPLE)
        (tree / "go.json").write_text(GO_SAMPLE)
        (tree / "rows.xml").write_text(ROWS_SAMPLE)
        all_rows = "".join(f'<testcase name="A.R{row:03}X" status="run"/>'
                           for row in range(1, ROWS + 1))
        (tree / "all.xml").write_text(f"<testsuite>{all_rows}</testsuite>")
        results = [count_ctest(tree / "c.xml", tree) == (3, 5),
                   count_go(tree / "go.json") == (1, 3),
                   covered_rows([tree / "rows.xml"]) == {1: True, 2: False, 3: False, 7: False},
                   count_rows([tree / "rows.xml"]) == (0, 1),
                   count_rows([tree / "all.xml"]) == (1, 0),
                   count_rows([tree / "none.xml"]) == (0, 1)]
    return results.count(True), results.count(False)


def main():
    if sys.argv[1:2] == ["ctest"] and len(sys.argv) == 4:
        passed, failed = count_ctest(sys.argv[2], sys.argv[3])
    elif sys.argv[1:2] == ["go"] and len(sys.argv) == 3:
        passed, failed = count_go(sys.argv[2])
    elif sys.argv[1:2] == ["rows"] and len(sys.argv) > 2:
        passed, failed = count_rows(sys.argv[2:])
    elif sys.argv[1:] == ["--self-test"]:
        passed, failed = self_test()
    else:
        sys.exit(__doc__)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
