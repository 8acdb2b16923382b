#!/usr/bin/env python3
"""Runs every check of this folder but clang-tidy (tidy.py, which takes minutes the first time)."""

import sys

sys.dont_write_bytecode = True
import citations  # noqa: E402
import cpp  # noqa: E402
import documents  # noqa: E402
import layers  # noqa: E402
import layout  # noqa: E402
import lintlib  # noqa: E402
import programs  # noqa: E402
import text  # noqa: E402

CHECKS = (layers, cpp, text, documents, citations, programs, layout)
lintlib.main([rule for check in CHECKS for rule in check.RULES])
