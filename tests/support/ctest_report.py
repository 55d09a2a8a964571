"""Count a ctest run: ctest_report.py REPORT.xml SKIPS.txt

Reads the JUnit file of `ctest --output-junit`, prints "passed failed skipped" and writes a line
"name: reason" for each skipped test, and for each case that a program of many skipped by itself
(cmocka). A report without any test is an error: nothing ran.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree


def reason(case):
    """The last line that a skipped test printed says why."""
    lines = [line.strip() for line in (case.findtext("system-out") or "").splitlines()]
    lines = [line for line in lines if line]
    return lines[-1] if lines else "no reason given"


def skipped_inside(case):
    """Names of the cases that a passing program skipped."""
    return sorted(set(re.findall(r"^\[  SKIPPED \] (\w+)$", case.findtext("system-out") or "", re.M)))


def main(report, skips):
    cases = ElementTree.parse(report).getroot().findall("testcase")
    if not cases:
        sys.exit("no test ran")
    skipped = [case for case in cases if case.get("status") in ("notrun", "disabled")
               and case.find("skipped") is not None and case.find("failure") is None]
    skipped = [case for case in skipped if "SKIP_RETURN_CODE" in case.find("skipped").get("message", "")]
    passed = [case for case in cases if case.get("status") == "run"]
    with open(skips, "w", encoding="utf-8") as out:
        for case in skipped:
            out.write(f"{case.get('name')}: {reason(case)}\n")
        inside = [(case.get("name"), name) for case in passed for name in skipped_inside(case)]
        for program, name in inside:
            out.write(f"{program}: {name} was skipped by this program\n")
    # All else failed: a test whose program is missing is "notrun" as well, and that is no skip.
    print(len(passed), len(cases) - len(passed) - len(skipped), len(skipped) + len(inside))


main(*sys.argv[1:])
