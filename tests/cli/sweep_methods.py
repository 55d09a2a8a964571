#!/usr/bin/env python3
"""misstep sweep's protocols, copies, searches and budgets.

usage: sweep_methods.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
"""
import json
import os
import random
import subprocess
import sys
import unittest

import sweep
from sweep import Case, have_xgboost, run

COPIES = """data: rows.csv
protocol: [clean, paper]
augment: {rules: [none, duplicates, elementary-maths], copies: [1, 3]}
parameters: {n_estimators: {values: [3, 5]}}
models: [xgboost, linear]
rows: [150, 300]
seeds: [0, 1]
"""


class Protocols(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(os.path.join(cls.base, "copies.yaml"), "w", encoding="utf-8") as f:
            f.write(COPIES)
        code, _, err = run("sweep", "copies.yaml", "-o", "copies", cwd=cls.base)
        assert code == 0, err

    def rows(self):
        return self.figures(os.path.join(self.base, "copies"))

    def test_copies_that_are_not_made_are_one_cell(self):
        rows = self.rows()
        # none; two kinds of copies in two numbers: five; 3 trainings each; 2 sizes, seeds, protocols
        self.assertEqual(len(rows), 5 * 3 * 8)
        self.assertEqual({r["protocol"] for r in rows}, {"clean", "paper"})
        self.assertEqual({r["copies"] for r in rows if r["augment"] == "none"}, {""})
        self.assertEqual({r["error"] for r in rows}, {""})

    def test_clean_cells_are_what_misstep_train_gives(self):
        for augment, copies in (("none", ""), ("duplicates", "3"), ("elementary-maths", "1")):
            for model in ("xgboost", "linear"):
                row = [r for r in self.rows() if r["augment"] == augment and r["copies"] == copies and r["seed"] == "1"
                       and r["rows"] == "300" and r["protocol"] == "clean" and r["model"] == model
                       and r["n_estimators"] in ("", "5")][0]
                more = ["--augment", augment] + (["--copies", copies] if copies else [])
                if model == "xgboost":
                    more += ["--n-estimators", "5"]
                out = self.path("m-" + augment + model)
                code, _, err = run("train", self.path("rows.csv"), "-o", out, "--seed", "1", "--learner", model,
                                   "--bootstrap", "0", "-q", *more)
                self.assertEqual(code, 0, err)
                with open(out + "/metrics.json", encoding="utf-8") as f:
                    metrics = json.load(f)["test"]
                for name in ("accuracy", "macro_f1", "log_loss"):
                    self.assertEqual(float(row[name]), metrics[name], (name, row))

    def test_clean_has_no_twins_and_one_test_part(self):
        clean = [r for r in self.rows() if r["protocol"] == "clean"]
        self.assertEqual({r["n_twins"] for r in clean}, {"0"})
        self.assertEqual({r["accuracy_twins"] for r in clean}, {""})
        for r in clean:
            self.assertEqual(r["accuracy"], r["accuracy_alone"])
        for seed in ("0", "1"):
            self.assertEqual(len({r["n_test"] for r in clean if r["seed"] == seed}), 1)

    def test_paper_divides_after_copying_and_counts_the_leak(self):
        for r in self.rows():
            if r["protocol"] == "clean":
                continue
            all_rows = int(r["n_train"]) + int(r["n_test"])
            times = 1 + int(r["copies"] or 0)
            self.assertLessEqual(all_rows, times * int(r["rows"]))  # rules cannot make every copy
            self.assertGreaterEqual(all_rows, (0.7 + 0.3 / times) * times * int(r["rows"]) - 1)
            self.assertAlmostEqual(int(r["n_test"]) / all_rows, 0.2, delta=0.03)
            n, twins = int(r["n_test"]), int(r["n_twins"])
            if r["augment"] == "duplicates":
                self.assertGreater(twins, 0.6 * n)
            right = 0.0
            for share, count in ((r["accuracy_twins"], twins), (r["accuracy_alone"], n - twins)):
                right += float(share or 0) * count
            self.assertAlmostEqual(right / n, float(r["accuracy"]), places=9)

    def test_workers_folds_and_alone_the_same(self):
        spec = self.write("f.yaml", COPIES.replace("seeds: [0, 1]", "folds: 3").replace("[150, 300]", "[200]"))
        self.good(spec, "-o", "one", "--workers", "1")
        self.good(spec, "-o", "three", "--workers", "3")
        rows = self.figures("one")
        self.assertEqual(rows, self.figures("three"))
        pooled = sum(int(r["n_test"]) for r in rows if r["protocol"] == "paper" and r["model"] == "linear"
                     and r["augment"] == "duplicates" and r["copies"] == "3")
        self.assertGreater(pooled, 600)  # every row is tested once
        alone = self.write("a.yaml", "data: rows.csv\nprotocol: paper\nrows: 200\nfolds: 3\nmodels: linear\n"
                           "augment: {rules: elementary-maths, copies: 3}\n")
        self.good(alone)
        for row in self.figures("a"):
            same = [r for r in rows if all(r[n] == row[n] for n in
                                           ("fold", "model", "protocol", "augment", "copies", "rows"))]
            self.assertEqual(len(same), 1)
            for name, value in row.items():
                self.assertEqual(value, same[0][name], name)

    def test_a_rule_files_content_is_in_the_keys(self):
        self.write("mine.rules", "language: en\nerror, mistake\n")
        spec = self.write("r.yaml", "data: rows.csv\nmodels: linear\naugment: {rules: [mine.rules]}\n")
        self.good(spec)
        self.good(spec)
        self.write("mine.rules", "language: en\nerror, slip\n")
        code, _, err = self.sweep(spec)
        self.assertEqual(code, 2, err)
        self.assertIn("another spec", err)
        os.remove(self.path("mine.rules"))
        code, _, err = self.sweep(spec)
        self.assertEqual(code, 3, err)
        self.assertIn("mine.rules", err)

    def test_bad_words(self):
        self.refused("data: rows.csv\nprotocol: papers\n", "bad.yaml:2:11:", "did you mean paper?")
        self.refused("data: rows.csv\nprotocol: [paper, paper]\n", "stands twice")
        self.refused("data: rows.csv\nprotocol: paper\nfolds: {column: id}\n", "at random")
        self.refused("data: rows.csv\naugment: {copies: 2}\n", "bad.yaml:2:10:", "rules")
        self.refused("data: rows.csv\naugment: {rules: none, copys: 2}\n", "did you mean copies?")
        self.refused("data: rows.csv\naugment: {rules: [none], copies: []}\n", "empty")
        self.refused("data: rows.csv\naugment: {rules: [none], copies: -1}\n", "bad.yaml:2:34:")
        self.refused("data: rows.csv\nparameters: {copies: {value: 1}}\naugment: {rules: none, copies: 2}\n",
                     "stands twice")


SEARCH = """data: rows.csv
method: %s
run_cap: 18
draw_seed: 4
metric: {name: log_loss, goal: minimize}
parameters:
  margin: {value: none}
  max_depth: {min: 2, max: 9}
  learning_rate: {min: 0.001, max: 0.5, distribution: log_uniform_values}
seeds: [0, 1]
early_terminate: {type: hyperband, min_iter: 3, max_iter: 27}
"""
LINEAR = """data: rows.csv
method: asha
run_cap: 9
models: linear
parameters: {linear_c: {min: 0.001, max: 30, distribution: log_uniform_values}}
rows: [60, 150, 300]
folds: 2
resource: rows
"""


def by_rung(rows, column):
    out = {}
    for row in rows:
        out.setdefault(int(row[column]), []).append(row)
    return out


class Halving(Case):
    def check_rungs(self, rungs, levels, counts, identity, metric, sign):
        """Counts, and that the best of each rung, and nobody else, stand on the next."""
        self.assertEqual(sorted(rungs), levels)
        for level, upper, n in zip(levels, levels[1:] + [None], counts):
            scores = {}
            for row in rungs[level]:
                scores.setdefault(row[identity], []).append(sign * float(row[metric]))
            self.assertEqual(len(scores), n)
            if upper is None:
                continue
            order = sorted(scores, key=lambda name: -sum(scores[name]) / len(scores[name]))
            self.assertEqual(set(order[:n // 3]), {row[identity] for row in rungs[upper]})

    def test_asha_promotes_the_best_third(self):
        spec = self.write("asha.yaml", SEARCH % "asha")
        dry = self.good(spec, "--dry-run")
        self.assertRegex(dry, r"rung 2 +6 configurations at 9 rounds")
        self.assertRegex(dry, r"cells +52\n")
        self.good(spec, "-q")
        rungs = by_rung(self.figures("asha"), "n_estimators")
        self.check_rungs(rungs, [3, 9, 27], [18, 6, 2], "learning_rate", "log_loss", -1)
        status = json.loads(self.good("status", "asha", "--format", "json"))[0]
        self.assertEqual((status["cells"], status["done"], status["open"]), (52, 52, 0))

    def test_rungs_of_rows(self):
        spec = self.write("rows.yaml", LINEAR)
        self.good(spec, "-q")
        rungs = by_rung(self.figures("rows"), "rows")
        self.check_rungs(rungs, [60, 150, 300], [9, 3, 1], "linear_c", "macro_f1", 1)
        self.assertRegex(self.good(spec, "--dry-run"), r"rung 3 +1 configurations at 300 rows")

    def test_a_grid_with_early_terminate(self):
        spec = self.write("grid.yaml", "data: rows.csv\nparameters:\n  max_depth: {values: [2, 3, 4, 5]}\n"
                          "  n_estimators: {value: 8}\n"
                          "early_terminate: {type: hyperband, s: 2, eta: 2}\n")
        self.good(spec, "-q")
        rungs = by_rung(self.figures("grid"), "n_estimators")
        self.assertEqual({k: len(v) for k, v in rungs.items()}, {2: 4, 4: 2, 8: 1})

    def test_a_parallel_search_is_the_sequential_one(self):
        for method, text in (("hyperband", SEARCH % "hyperband"), ("rows", LINEAR)):
            spec = self.write(method + ".yaml", text)
            self.good(spec, "-q", "-o", method + "1", "--workers", "1")
            self.good(spec, "-q", "-o", method + "3", "--workers", "3")
            rows = self.figures(method + "1")
            self.assertEqual(rows, self.figures(method + "3"))
            both = [subprocess.Popen([sweep.PROGRAM, "sweep", spec, "-o", method + "2", "-q", "--workers", "1"],
                                     cwd=self.dir, stderr=subprocess.PIPE) for _ in range(2)]
            for process in both:
                self.assertEqual(process.wait(300), 0, process.stderr.read())
                process.stderr.close()
            self.assertEqual(rows, self.figures(method + "2"))
        rungs = by_rung(self.figures("hyperband1"), "n_estimators")
        # brackets of 10, 5 and 3: those of the second begin at 9 rounds, of the third at 27
        self.assertEqual({k: len(v) // 2 for k, v in rungs.items()}, {3: 10, 9: 3 + 5, 27: 1 + 1 + 3})

    def test_killed_at_random_moments_it_ends_the_same(self):
        spec = self.write("s.yaml", SEARCH % "asha")
        self.good(spec, "-q", "-o", "whole")
        draw = random.Random(5)
        for _ in range(sweep.KILLS // 2):
            process = subprocess.Popen([sweep.PROGRAM, "sweep", spec, "-o", "killed", "-q"], cwd=self.dir,
                                       stderr=subprocess.DEVNULL)
            try:
                process.wait(draw.uniform(0.05, 0.8))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.good(spec, "-q", "-o", "killed")
        self.assertEqual(self.figures("killed"), self.figures("whole"))

    def test_bad_words(self):
        begin = "data: rows.csv\nmethod: asha\n"
        self.refused(begin, "run_cap")
        self.refused(begin + "run_cap: 3\n", "how many rounds at most")
        self.refused(begin + "run_cap: 3\nresource: rounds\nmodels: linear\n", "only xgboost has rounds")
        self.refused(begin + "run_cap: 3\nresource: rows\n", "bad.yaml:4:11:", "2 to")
        self.refused(begin + "run_cap: 3\nresource: time\n", "bad.yaml:4:11:", "rounds, rows")
        more = "run_cap: 3\nearly_terminate: {type: hyperband, "
        self.refused(begin + more + "min_iter: 9, max_iter: 9}\n", "no rung below")
        self.refused(begin + more + "min_iter: 9, s: 2, max_iter: 90}\n", "say the same")
        self.refused(begin + more + "max_itr: 9}\n", "did you mean max_iter?")
        self.refused(begin + more + "eta: 1}\n", "from 2 to")
        self.refused(begin + "run_cap: 3\nearly_terminate: {type: envelope}\n", "hyperband")
        self.refused(begin + "run_cap: 3\nearly_terminate: {eta: 3}\n", "type")
        self.refused("data: rows.csv\nresource: rows\n", "belongs to")
        self.refused(begin + more + "max_iter: 9}\nparameters: {n_estimators: {values: [3, 4]}}\n", "one value")
        self.refused("data: rows.csv\nmethod: bayes\nrun_cap: 3\n", "bad.yaml:2:9:", "order in which")


class Budgets(Case):
    GRID = "data: rows.csv\nmodels: linear\nparameters: {linear_c: {values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}}\n"

    def test_cells_are_the_same_for_any_number_of_workers(self):
        spec = self.write("b.yaml", self.GRID + "budget: {cells: 4}\n")
        code, _, err = self.sweep(spec, "--workers", "1")
        self.assertEqual(code, 0, err)
        self.assertIn("ended by the budget", err)
        rows = self.figures("b")
        self.assertEqual(len(rows), 4)
        self.good(spec, "-o", "b3", "--workers", "3")
        self.assertEqual(self.figures("b3"), rows)
        self.good(spec)
        self.assertEqual(self.figures("b"), rows)
        spec = self.write("b.yaml", self.GRID)  # without a budget the same folder goes on
        self.good(spec)
        self.assertEqual(len(self.figures("b")), 6)

    def test_hours_and_dollars_end_it_and_keep_what_is_finished(self):
        spec = self.write("h.yaml", self.GRID + "budget: {hours: 0.0000001}\n")
        code, _, err = self.sweep(spec, "--workers", "1")
        self.assertEqual(code, 0, err)
        self.assertIn("ended by the budget", err)
        rows = self.figures("h")
        self.assertEqual(len(rows), 1)
        self.good(spec)
        self.assertEqual(self.figures("h"), rows)
        spec = self.write("h.yaml", self.GRID + "budget: {dollars: 100, dollars_per_hour: 0.5}\n")
        self.good(spec)
        self.assertEqual(len(self.figures("h")), 6)
        self.assertIn(rows[0], self.figures("h"))

    def test_no_more_workers_than_fit(self):
        spec = self.write("m.yaml", self.GRID)
        self.assertRegex(self.good(spec, "--dry-run", "--workers", "3", "--memory", "1M"),
                         r"memory +about [0-9]+ MB a worker, 1 MB there: 1 workers")
        code, _, err = self.sweep(spec, "--workers", "3", "--memory", "1M")
        self.assertEqual(code, 0, err)
        self.assertIn("1 of 3 workers", err)
        self.assertEqual(len(self.figures("m")), 6)
        self.assertRegex(self.good(spec, "--dry-run", "--workers", "3", "--memory", "1T"),
                         r"memory +up to [0-9]+ MB a worker, [0-9]+ MB there: 3 workers")
        for bad in ("0", "-1G", "8X", "G", "8GB", ""):
            code, _, err = self.sweep(spec, "--memory", bad)
            self.assertEqual(code, 2, bad)

    def test_a_dry_run_says_the_time(self):
        spec = self.write("t.yaml", self.GRID + "budget: {cells: 3}\n")
        self.assertRegex(self.good(spec, "--dry-run"), r"expected time +known when")
        self.good(spec)
        self.write("t.yaml", self.GRID)
        self.assertRegex(self.good(spec, "--dry-run"), r"to compute +3\n.*\nexpected time +[0-9]+ s with")

    def test_bad_words(self):
        self.refused("data: rows.csv\nbudget: {cells: 0}\n", "bad.yaml:2:17:", "from 1")
        self.refused("data: rows.csv\nbudget: {hours: -1}\n", "above 0")
        self.refused("data: rows.csv\nbudget: {dollars: 3}\n", "dollars_per_hour")
        self.refused("data: rows.csv\nbudget: {}\n", "expected")
        self.refused("data: rows.csv\nbudget: {hour: 1}\n", "did you mean hours?")


if __name__ == "__main__":
    if not have_xgboost():
        sys.exit(77)
    unittest.main(verbosity=2)
