"""Count a ctest run: ctest_report.py REPORT.xml OUT

Reads the JUnit file of `ctest --output-junit` and prints "passed failed skipped". OUT.skips gets a line
"name: reason" for each skipped test, and for each case that a program of many skipped by itself
(cmocka by name, unittest by number); OUT.failures gets each failed test's name and the end of what it
printed, because who reads the output of a machine far away has nothing else. A report without any test is an error: nothing ran.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

LINES_OF_A_FAILURE = 30


def reason(case):
    """The last line that a skipped test printed says why."""
    lines = [line.strip() for line in (case.findtext("system-out") or "").splitlines()]
    lines = [line for line in lines if line]
    return lines[-1] if lines else "no reason given"


def skipped_inside(case):
    """Names of the cases that a passing program skipped."""
    return sorted(set(re.findall(r"^\[  SKIPPED \] (\w+)$", case.findtext("system-out") or "", re.M)))


def skipped_by_unittest(case):
    """How many cases a passing program of Python's unittest skipped; it names them with -v only."""
    return sum(map(int, re.findall(r"^OK \(.*\bskipped=(\d+)", case.findtext("system-out") or "", re.M)))


def failure(case):
    """A failed test's name and the end of what it printed."""
    lines = [line.rstrip() for line in (case.findtext("system-out") or "").splitlines()]
    lines = [line for line in lines if line][-LINES_OF_A_FAILURE:]
    return "\n".join([f"failed: {case.get('name')}", *("    " + line for line in lines)]) + "\n"


def main(report, out_path):
    cases = ElementTree.parse(report).getroot().findall("testcase")
    if not cases:
        sys.exit("no test ran")
    skipped = [case for case in cases if case.get("status") in ("notrun", "disabled")
               and case.find("skipped") is not None and case.find("failure") is None]
    skipped = [case for case in skipped if "SKIP_RETURN_CODE" in case.find("skipped").get("message", "")]
    passed = [case for case in cases if case.get("status") == "run"]
    # All else failed: a test whose program is missing is "notrun" as well, and that is no skip.
    failed = [case for case in cases if case not in passed and case not in skipped]
    with open(out_path + ".failures", "w", encoding="utf-8") as out:
        out.writelines(map(failure, failed))
    with open(out_path + ".skips", "w", encoding="utf-8") as out:
        for case in skipped:
            out.write(f"{case.get('name')}: {reason(case)}\n")
        inside = [(case.get("name"), name) for case in passed for name in skipped_inside(case)]
        for program, name in inside:
            out.write(f"{program}: {name} was skipped by this program\n")
        unnamed = [(case.get("name"), skipped_by_unittest(case)) for case in passed if skipped_by_unittest(case)]
        for program, n in unnamed:
            out.write(f"{program}: {n} cases were skipped by this program (-v names them)\n")
    print(len(passed), len(failed), len(skipped) + len(inside) + sum(n for _, n in unnamed))


main(*sys.argv[1:])
