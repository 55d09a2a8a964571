#!/usr/bin/env python3
"""misstep sweep's protocols, copies, searches and budgets.

usage: sweep_methods.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
"""
import json
import os
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


if __name__ == "__main__":
    if not have_xgboost():
        sys.exit(77)
    unittest.main(verbosity=2)
