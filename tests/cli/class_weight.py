#!/usr/bin/env python3
"""misstep train --class-weight and --augment weights, and both in a sweep.

usage: class_weight.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
"""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "misstep"
QUICK = ["--learner", "linear", "--bootstrap", "0", "--linear-char-features", "0", "--threads", "2", "-q"]


def run(*args, cwd=None):
    done = subprocess.run([PROGRAM, *args], capture_output=True, timeout=300, cwd=cwd)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class ClassWeight(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-class-weight-")
        self.made = os.path.join(self.dir, "made.csv")
        code, _, err = run("generate", "-n", "600", "--seed", "5", "-q", "-o", self.made)
        self.assertEqual(code, 0, err)
        with open(self.made, newline="", encoding="utf-8") as f:
            self.labels = sorted({row["label"] for row in csv.DictReader(f)})

    def tearDown(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def train(self, name, *more):
        code, _, err = run("train", self.made, "-o", self.path(name), *QUICK, *more)
        self.assertEqual(code, 0, err)
        with open(self.path(f"{name}/manifest.json"), encoding="utf-8") as f:
            return json.load(f)

    def bytes(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def test_balanced(self):
        manifest = self.train("balanced", "--class-weight", "balanced")
        model = manifest["model"]
        self.assertEqual(manifest["options"]["class-weight"], "balanced")
        for share, weight in zip(model["class_shares"], model["class_weights"]):
            self.assertAlmostEqual(share * weight * len(self.labels), 1, 5)
        self.assertNotIn("class_weights", self.train("plain")["model"])
        self.assertNotEqual(self.bytes("balanced/linear/coef.npy"), self.bytes("plain/linear/coef.npy"))
        # the same weights out of a file, and the run repeated by its manifest
        rows = "".join(f"{w!r},{label}\n" for label, w in zip(self.labels, model["class_weights"]))
        self.train("file", "--class-weight", self.write("w.csv", "weight,label\n" + rows))
        self.assertEqual(self.bytes("balanced/linear/coef.npy"), self.bytes("file/linear/coef.npy"))
        self.train("again", "--config", self.path("balanced/manifest.json"))
        self.assertEqual(self.bytes("balanced/linear/coef.npy"), self.bytes("again/linear/coef.npy"))

    def test_folds_with_a_rare_label(self):
        """A fold may lack a label that the file has; the data do not."""
        with open(self.made, "a", encoding="utf-8") as f:
            f.write("9998,only one like this,alone,4,angles\n")
        weights = self.write("w.csv", "label,weight\nalone,3\n")
        manifest = self.train("folds", "--folds", "3", "--class-weight", weights)
        self.assertEqual(sorted(set(manifest["model"]["class_weights"])), [1, 3])

    def test_refusals(self):
        cases = [("label,weight\nno such label,2\n", 3, ":2: column label: 'no such label' is no label"),
                 (f"label,weight\n{self.labels[0]},-2\n", 3, ":2: column weight: a number above 0"),
                 ("label,wait\nx,2\n", 3, "weight"), ("", 3, "empty")]
        for i, (text, want, words) in enumerate(cases):
            path = self.write(f"bad{i}.csv", text)
            code, _, err = run("train", self.made, "-o", self.path("m"), *QUICK, "--class-weight", path)
            self.assertEqual(code, want, err)
            self.assertIn(words, err)
            self.assertFalse(os.path.exists(self.path("m")))
        code, _, err = run("train", self.made, "-o", self.path("m"), *QUICK, "--class-weight", self.path("none"))
        self.assertEqual(code, 3, err)
        code, _, err = run("train", self.made, "-o", self.path("m"), *QUICK, "--linear-solver", "liblinear",
                           "--class-weight", "balanced")
        self.assertEqual(code, 2, err)
        self.assertIn("wide or multinomial", err)

    def test_duplicates_as_weights(self):
        """Twice each record, where no cut and no idf sees it: nearly the same model either way."""
        more = ["--augment", "duplicates", "--balance", "max", "--linear-min-df", "1", "--no-linear-use-idf",
                "--linear-eps", "1e-7"]
        self.train("rows", *more)
        more[1] = "weights"
        self.train("weights", *more)
        with open(self.path("rows/metrics.json"), encoding="utf-8") as f:
            rows = json.load(f)
        with open(self.path("weights/metrics.json"), encoding="utf-8") as f:
            weights = json.load(f)
        for score in ("accuracy", "macro_f1", "log_loss"):
            self.assertAlmostEqual(rows["test"][score], weights["test"][score], 3)
        self.assertEqual(len(self.bytes("rows/linear/coef.npy")), len(self.bytes("weights/linear/coef.npy")))

    def test_sweep_of_duplicates_as_weights(self):
        """In a sweep too; the paper's protocol divides copies, so it wants some."""
        self.write("w.yaml", "data: made.csv\nmodels: [xgboost, linear]\nprotocol: [clean, paper]\nparameters:\n"
                   "  linear_char_features: {value: 0}\n  n_estimators: {value: 3}\n"
                   "augment: {rules: [none, duplicates, weights], copies: 1}\n")
        code, _, err = run("sweep", "w.yaml", cwd=self.dir)
        self.assertEqual(code, 1, err)
        code, out, err = run("sweep", "results", "w", "--format", "csv", cwd=self.dir)
        self.assertEqual(code, 0, err)
        for row in csv.DictReader(out.splitlines()):
            refused = (row["protocol"], row["augment"]) == ("paper", "weights")
            self.assertEqual("divides copies" in row["error"], refused, row)
            self.assertEqual(row["macro_f1"] == "", refused, row)
            if row["augment"] == "weights" and not refused:
                self.assertEqual(row["n_copies"], "0")

    def test_sweep(self):
        """Weights are parameters like others; what a file of weights says belongs to a cell's key."""
        self.write("w.csv", f"label,weight\n{self.labels[2]},900\n")
        self.write("s.yaml", "data: made.csv\nseeds: [1]\nmodels: [xgboost, linear, nb, majority]\nparameters:\n"
                   "  linear_char_features: {value: 0}\n  n_estimators: {value: 3}\n"
                   "  class_weight: {values: [none, balanced, w.csv]}\n")
        code, _, err = run("sweep", "s.yaml", cwd=self.dir)
        self.assertEqual(code, 0, err)
        code, out, err = run("sweep", "results", "s", "--format", "csv", cwd=self.dir)
        self.assertEqual(code, 0, err)
        rows = list(csv.DictReader(out.splitlines()))
        self.assertEqual(len(rows), 12)
        for model in ("xgboost", "linear", "nb", "majority"):
            accuracy = {r["class_weight"]: r["accuracy"] for r in rows if r["model"] == model}
            self.assertEqual(set(accuracy), {"none", "balanced", "w.csv"})
            self.assertNotEqual(accuracy["none"], accuracy["w.csv"], model)
        self.write("w.csv", f"label,weight\n{self.labels[2]},800\n")
        code, _, err = run("sweep", "s.yaml", cwd=self.dir)
        self.assertEqual(code, 2, err)
        self.assertIn("of another spec", err)
        self.write("w.csv", "label,weight\nno such label,2\n")
        code, out, err = run("sweep", "s.yaml", "-o", "other", cwd=self.dir)
        self.assertEqual(code, 3, err)
        self.assertIn("s.yaml:7:43: w.csv:2: column label: 'no such label' is no label", err)
        self.assertFalse(os.path.exists(self.path("other")), "no cell was tried")


if __name__ == "__main__":
    unittest.main()
