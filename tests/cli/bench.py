#!/usr/bin/env python3
"""misstep bench: its stages, and --compare and --against on made-up records and a made-up other program.

usage: bench.py PROGRAM CLONE [unittest arguments]     (run by ctest; stages and --against need the peers' Python)
"""
import csv
import glob
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import time
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


@unittest.skipUnless(PEERS, "no virtual environment with the peers: ./scripts/setup --tests")
class Stages(Case):
    """They work and their answers are right; what they measure is no test."""

    def test_answers_are_right(self):
        data = os.path.join(self.dir, "statements.csv")
        subprocess.run([PROGRAM, "generate", "-n", "7000", "--seed", "7", "-q", "-o", data], check=True, timeout=300,
                       stdout=subprocess.DEVNULL)
        code, out, err = run("read", "vectorize", "predict", "--quick", "--repeats", "1", "--data", data, "--output",
                             os.path.join(self.dir, "results"), "--format", "json")
        self.assertEqual(code, 0, err)
        self.assertGreaterEqual(len(json.loads(out)), 8)

    def test_no_such_stage(self):
        self.assertEqual(run("dance")[0], 2)


class Effect(Case):
    """bench augment --effect --quick, on made-up sets under the names of the real ones."""
    RULES = ("none", "rules", "duplicates for rules", "weights for rules", "rules before the division")
    WORDNET = ("rules and WordNet", "duplicates for rules and WordNet", "weights for rules and WordNet")
    ARMS = {"maths-errors": RULES + WORDNET, "mwp-korean": RULES, "banking77": RULES + WORDNET, "generated": RULES + WORDNET}
    T = 12.7062  # Student's t of one degree of freedom, .975

    def setUp(self):
        super().setUp()
        rows = []
        for r in range(700):
            label = "abc"[r % 3]
            rows.append(["the %s of step %d is %d" % ({"a": "sum", "b": "product", "c": "angle"}[label], r, r * 7 % 31), label])
        for name, some in (("titles", rows), ("mwp-korean", rows), ("banking77-train", rows[::2]), ("banking77-test", rows[1::2])):
            self.write(name + ".csv", "text,label\n", *("%s,%s\n" % tuple(r) for r in some))
        self.write("maths-errors.csv", "student_step,teacher_note,problem_id,label\n",
                   *("%s,a note,%d,%s\n" % (r[0], i // 2, r[1]) for i, r in enumerate(rows)))
        self.command = ["augment", "--effect", "--quick", "--data", os.path.join(self.dir, "titles.csv"), "--output",
                        os.path.join(self.dir, "results"), "--format", "json"]

    def lines(self):
        with open(self.file, "rb") as f:
            return f.read().splitlines(True)

    def killed_after(self, n):
        """A run that was killed once its file had n lines."""
        child = subprocess.Popen([PROGRAM, "bench", *self.command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(child.wait)
        end = time.monotonic() + 120
        while child.poll() is None and time.monotonic() < end:
            files = glob.glob(os.path.join(self.dir, "results", "effect-*.jsonl"))
            if files:
                self.file = files[0]
                if len(self.lines()) >= n:
                    break
            time.sleep(0.01)
        child.kill()

    def test_killed_it_goes_on_and_its_table_is_of_its_lines(self):
        self.killed_after(2)
        first = json.loads(self.lines()[0])
        random.seed(3)
        cells = {}
        for name, arms in self.ARMS.items():
            for seed in (0, 1):
                for arm in arms:
                    cells[name, arm, seed] = {**first, "set": name, "arm": arm, "seed": seed, "accuracy": random.random(),
                                              "macro_f1": random.random(), "twins": 4}
        gone = ("generated", "rules", 1)
        kept = [(json.dumps(c) + "\n").encode() for key, c in cells.items() if key != gone]
        with open(self.file, "wb") as f:
            f.write(b"".join(kept) + b'{"set":"generated","rows":500,"se')
        code, out, err = run(*self.command)
        self.assertEqual(code, 0, err)
        self.assertEqual(self.lines()[:-1], kept)
        last = json.loads(self.lines()[-1])
        self.assertEqual((last["set"], last["arm"], last["seed"], last["rows"]), (*gone, 500))
        cells[gone] = last
        tables = json.loads(out)
        self.check(tables["copies"], cells)
        self.assertEqual([t for t in tables if t != "copies"], ["copied first"])
        self.assertEqual({r["set"] for r in tables["copied first"]}, set(self.ARMS))
        self.assertEqual(run(*self.command)[1], out)
        self.assertEqual(len(self.lines()), len(cells))

    def check(self, table, cells):
        """Means over the seeds, and paired differences with half of their interval."""
        self.assertEqual(len(table), 14)
        for row in table:
            score = {"accuracy": "accuracy", "macro F1": "macro_f1"}[row["score"]]
            of = {arm: [cells[row["set"], arm, seed][score] for seed in (0, 1)] for arm in self.ARMS[row["set"]]}
            by = row["copies by"]
            sides = {"none": of["none"], "duplicates": of["duplicates for " + by], "weights": of["weights for " + by], "copies": of[by]}
            for name, values in sides.items():
                self.assertAlmostEqual(row[name], sum(values) / 2, delta=.00051)
            for name in ("none", "duplicates", "weights"):
                a, b = (x - y for x, y in zip(of[by], sides[name]))
                mean, half = (a + b) / 2, self.T * abs(a - b) / 2
                said = row["copies - " + name].split()
                self.assertAlmostEqual(float(said[0]), mean, delta=.00051)
                self.assertAlmostEqual(float(said[1].strip("()")), half, delta=.00051)
                self.assertEqual(said[2:], ["*"] if abs(mean) > half else [])


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
