#!/usr/bin/env python3
"""scripts/spark-augment on a local cluster of two workers: the sorted union is what one machine writes.

usage: spark.py PROGRAM SCRIPT     (run by ctest; 77: skipped without Java or pyspark)
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

PROGRAM, SCRIPT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
RULES = "error, mistake, slip\nwrong, incorrect, false\nsum => total\n"


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def union(folder):
    lines = []
    for path in glob.glob(os.path.join(folder, "part-*")):
        with open(path, encoding="utf-8") as file:
            lines += file.read().splitlines()
    return sorted(lines)


def main():
    with tempfile.TemporaryDirectory(prefix="misstep-spark-") as folder:
        at = lambda name: os.path.join(folder, name)
        rules = write(at("my.rules"), RULES)
        records = [{"text": f"a wrong {'sum' if i % 3 else 'error'} in step {i}, it is wrong", "label": "AB"[i % 4 == 0]}
                   for i in range(400)]
        table = write(at("in.jsonl"), "".join(json.dumps(r) + "\n" for r in records))
        for n, options in enumerate((["--copies", "2"], ["--to", "900", "--max-copies", "5"],
                                     ["--balance", "max", "--max-copies", "5"])):
            options = ["--rules", rules, "--seed", "5", *options]
            alone = subprocess.run([PROGRAM, "augment", table, "--format", "jsonl", "--quiet", *options],
                                   check=True, capture_output=True).stdout.decode()
            done = subprocess.run([sys.executable, SCRIPT, table, at(f"out{n}"), "--misstep", PROGRAM, "--partitions", "5",
                                   "--master", "local-cluster[2,1,1024]", "--", *options], capture_output=True, timeout=280)
            if done.returncode == 77:
                print(done.stderr.decode())
                return 77
            if done.returncode:
                print(done.stderr.decode()[-3000:])
                return 1
            if union(at(f"out{n}")) != sorted(alone.splitlines()):
                print(f"{options}: the union of the partitions is not what one machine writes")
                return 1
    print("3 runs, the same lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
