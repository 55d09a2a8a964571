#!/usr/bin/env python3
"""misstep bench --compare and --against, on made-up records and a made-up other program.

usage: bench.py PROGRAM CLONE [unittest arguments]     (run by ctest; --against needs the peers' Python)
"""
import csv
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

PROGRAM, CLONE = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
PEERS = os.access(os.path.join(CLONE, ".deps/venv/bin/python"), os.X_OK)


def run(*args):
    done = subprocess.run([PROGRAM, "bench", *args], capture_output=True, timeout=300)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def line(figure, runs, unit="s", date="2026-01-01T00:00:00Z", commit="a", **more):
    """One line of a result file; of several runs the median is the figure."""
    ours = more.pop("ours", None) or sorted(runs)[len(runs) // 2]
    o = {"stage": "read", "figure": figure, "unit": unit, "ours": ours, "peer": more.pop("peer", 1.0), "records": 100,
         "threads": 2, "quick": False, "machine": {"cpu": "X", "cores": 2, "commit": commit, "date": date}}
    if len(runs) > 1:
        o["our_run"] = {"answer": {"seconds": ours, "runs": runs}}
    o.update(more)
    return json.dumps(o) + "\n"


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-bench-test-")

    def tearDown(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def write(self, name, *lines):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(lines))
        return path

    def compare(self, old, new, *more):
        code, out, err = run("--compare", old, "--output", new, "--format", "csv", *more)
        self.assertEqual(code, 0, err)
        return {r["figure"]: r for r in csv.DictReader(out.splitlines())}


class Compare(Case):
    def test_verdicts(self):
        old = self.write("old/read-x.jsonl", line("slow", [1.0, 1.1, 0.9]), line("fast", [2.0, 2.1, 2.2]),
                         line("same", [1.0, 1.2, 0.9]), line("rate", [1.0, 1.1, 0.9], "records/s", ours=100.0),
                         line("memory", [50.0], "MB"), line("gone", [1.0]))
        self.write("new/read-x.jsonl", line("slow", [2.0, 2.1, 2.2], peer=1.5), line("fast", [1.0, 1.1, 0.9]),
                   line("same", [1.1, 1.0, 0.95]), line("rate", [2.0, 2.2, 1.8], "records/s", ours=50.0),
                   line("memory", [80.0], "MB"), line("other records", [1.0], records=7))
        rows = self.compare(old, os.path.join(self.dir, "new"))
        self.assertEqual({k: r["result"] for k, r in rows.items()},
                         {"slow": "slower", "fast": "faster", "same": "same", "rate": "slower", "memory": "one run"})
        self.assertEqual((rows["slow"]["ratio"], rows["slow"]["peer"], rows["rate"]["ratio"]), ("2.100", "1.500", "0.500"))
        code, out, err = run("--compare", old, "--output", os.path.join(self.dir, "new"))
        self.assertEqual(code, 0, err)
        self.assertIn("2 figures have no partner", out)
        code, out, err = run("--compare", old, "--output", os.path.join(self.dir, "new"), "--format", "json")
        self.assertEqual([r["result"] for r in json.loads(out) if r["figure"] == "slow"], ["slower"])

    def test_latest_line_counts_and_single_runs_add_up(self):
        """Whatever the order of files and lines; single runs of one commit are runs of a figure."""
        old = self.write("old/b.jsonl", line("f", [9.0, 9.1, 9.2], date="2026-03-01T00:00:00Z"),
                         line("f", [1.0, 1.1, 0.9], date="2026-01-01T00:00:00Z"))
        self.write("old/a.jsonl", line("f", [5.0, 5.1, 5.2], date="2026-02-01T00:00:00Z"),
                   *[line("train", [t], date=f"2026-01-0{i + 1}T00:00:00Z") for i, t in enumerate((1.0, 1.1, 1.2))],
                   line("train", [9.0], date="2025-01-01T00:00:00Z", commit="before"))
        new = self.write("new.jsonl", line("f", [9.0, 9.1, 9.2]), line("train", [2.0]),
                         line("train", [2.2], date="2026-01-02T00:00:00Z"))
        rows = self.compare(os.path.dirname(old), new)
        self.assertEqual((rows["f"]["ratio"], rows["f"]["result"]), ("1.000", "same"))
        self.assertEqual((rows["train"]["old runs"], rows["train"]["new runs"]), ("3", "2"))
        self.assertEqual(rows["train"]["result"], "slower")

    def test_refusals(self):
        good = self.write("good.jsonl", line("f", [1.0, 2.0, 3.0]))
        bad = self.write("bad.jsonl", line("f", [1.0]), "{no json\n")
        other = self.write("other.jsonl", line("f", [1.0], machine={"cpu": "Y", "cores": 2, "date": "", "commit": ""}))
        empty = self.write("empty.jsonl")
        for old, new, code, words in ((bad, good, 1, "bad.jsonl:2"), (good, "/nowhere", 1, "/nowhere"),
                                      (good, other, 1, "on both sides"), (empty, good, 1, "on both sides")):
            done = run("--compare", old, "--output", new)
            self.assertEqual(done[0], code, done)
            self.assertIn(words, done[2])
        self.assertEqual(self.compare(self.write("torn.jsonl", line("f", [1.0]), '{"stage": "re'), good)["f"]["old"], "1")
        self.assertEqual(run("--compare", good, "--against", PROGRAM, "read")[0], 2)
        self.assertEqual(run("--against", PROGRAM)[0], 2)
        self.assertEqual(run("--compare")[0], 2)

    def test_the_committed_results(self):
        """Nothing got slower than itself."""
        results = os.path.join(CLONE, "experiments/bench/results")
        self.assertTrue(all(r["result"] in ("same", "one run") for r in self.compare(results, results).values()))


@unittest.skipUnless(PEERS, "the peers' Python is not there")
class Against(Case):
    def setUp(self):
        super().setUp()
        self.data = os.path.join(self.dir, "data.csv")
        done = subprocess.run([PROGRAM, "generate", "-n", "400", "-q", "-o", self.data], capture_output=True)
        self.assertEqual(done.returncode, 0)

    def other(self, script):
        path = self.write("misstep-bench", "#!/bin/sh\n", script)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        return path

    def against(self, binary, *stages):
        return run(*stages, "--against", binary, "--data", self.data, "--repeats", "5", "--format", "csv")

    def test_faster_and_slower_programs(self):
        for seconds, result in ((1e-9, "slower"), (1e6, "faster")):
            code, out, err = self.against(self.other(f"echo '{{\"rows\": 400, \"seconds\": {seconds}}}'\n"), "read")
            self.assertEqual(code, 0, err)
            row, = csv.DictReader(out.splitlines())
            self.assertEqual((row["figure"], row["pairs"], row["result"]), ("CSV, whole file", "5", result))

    def test_itself(self):
        code, out, err = self.against(os.path.join(os.path.dirname(PROGRAM), "misstep-bench"), "read", "vectorize", "train")
        self.assertEqual(code, 0, err)
        rows = list(csv.DictReader(out.splitlines()))
        self.assertEqual([r["stage"] for r in rows], ["read"] + ["vectorize"] * 3 + ["train"])
        for r in rows:
            self.assertTrue(0.1 < float(r["ratio"]) < 10, r)

    def test_other_answers_and_refusals(self):
        code, out, err = self.against(self.other("echo '{\"rows\": 7, \"seconds\": 1}'\n"), "read")
        self.assertEqual(code, 1, err)
        self.assertIn("WRONG ANSWER", err)
        self.assertEqual(list(csv.DictReader(out.splitlines())), [])
        code, _, err = self.against(self.other("echo '{\"rows\": 400}'\n"), "read")
        self.assertEqual(code, 1, err)
        self.assertIn("no seconds", err)
        code, _, err = self.against(os.path.join(self.dir, "nothing"), "read")
        self.assertEqual(code, 1, err)
        self.assertIn("cannot be run", err)
        code, _, err = self.against(PROGRAM, "sweep")
        self.assertEqual(code, 1, err)
        self.assertIn("not sweep", err)


if __name__ == "__main__":
    unittest.main()
