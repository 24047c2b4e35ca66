"""Counts the tests of a JUnit report with Python's ElementTree as it streams: the other side of junit.ts."""

import sys
from xml.etree.ElementTree import iterparse

tests = failed = skipped = 0
for _, case in iterparse(sys.argv[1]):
    if case.tag == "testcase":
        tests += 1
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        case.clear()
print(tests, failed, skipped)
