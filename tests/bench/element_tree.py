"""Counts the tests of a JUnit report with Python's ElementTree: the other side of junit.ts."""

import sys
from xml.etree.ElementTree import parse

tests = failed = skipped = 0
for case in parse(sys.argv[1]).getroot().iter("testcase"):
    tests += 1
    if case.find("failure") is not None or case.find("error") is not None:
        failed += 1
    elif case.find("skipped") is not None:
        skipped += 1
print(tests, failed, skipped)
