#!/usr/bin/env python3
"""misstep train --learner lightgbm: against LightGBM's own Python package on the same matrix, and as a user meets it.

usage: lightgbm.py PROGRAM SOURCE [unittest arguments]     (run by ctest; skips with 77 where LightGBM is not installed)
"""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, SOURCE = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
QUICK = ["--learner", "lightgbm", "--bootstrap", "0", "-q", "--n-estimators", "20", "--seed", "3"]
FEW = 52  # rows of which some bags have no split
VENV = os.path.join(SOURCE, ".deps/venv/bin/python")

# Probabilities of a model's folder by lightgbm.Booster; and those of a training by LightGBM's own package.
PEER = """
import csv, json, sys
sys.path.insert(0, sys.argv[1]); sys.path.insert(0, sys.argv[2])
import numpy as np, lightgbm, predict_with_numpy as ours
_, _, _, task, model, train, test = sys.argv
rows = lambda path: list(csv.DictReader(open(path, encoding="utf-8", newline="")))
texts = [r["text"] for r in rows(test)]
if task == "read":
    p = ours.predict(model, texts)
else:
    names = json.load(open(model + "/labels.json", encoding="utf-8"))
    m = json.load(open(model + "/manifest.json", encoding="utf-8"))["trees"]
    weight = {"1": None, "2": np.array([2.0 if r["label"] == names[0] else 1.0 for r in rows(train)])}[task]
    matrix = lambda t: ours.matrix(model, "trees", m, t)
    y = [names.index(r["label"]) for r in rows(train)]
    booster = lightgbm.train(dict(objective="multiclass", num_class=len(names), learning_rate=0.1, max_depth=4, num_leaves=16,
        bagging_fraction=0.8, bagging_freq=1, feature_fraction=0.8, max_bin=256, seed=3, deterministic=True,
        force_col_wise=True, verbosity=-1, num_threads=1),
        lightgbm.Dataset(matrix([r["text"] for r in rows(train)]), y, weight=weight), 20)
    p = booster.predict(matrix(texts))
json.dump(p.tolist(), sys.stdout)
"""


def run(*args, env=None):
    done = subprocess.run([PROGRAM, *args], capture_output=True, timeout=300, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def library():
    rows = json.loads(run("info", "--format", "json")[1])
    return next(r["found"] for r in rows if r["what"] == "LightGBM")


class LightGBM(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-lightgbm-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        for name, rows, seed in (("train.csv", "500", "5"), ("test.csv", "80", "6")):
            self.ok("generate", "-n", rows, "--seed", seed, "-q", "-o", self.path(name))

    def path(self, name):
        return os.path.join(self.dir, name)

    def ok(self, *args, env=None):
        code, out, err = run(*args, env=env)
        self.assertEqual(code, 0, err)
        return out

    def fails(self, code, *args, env=None):
        got, _, err = run(*args, env=env)
        self.assertEqual(got, code, err)
        return err

    def train(self, name, *more):
        self.ok("train", self.path("train.csv"), "--test", self.path("test.csv"), "-o", self.path(name), *QUICK, *more)
        with open(self.path(name + "/metrics.json"), encoding="utf-8") as f:
            return json.load(f)

    def bytes(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def proba(self, name):
        with open(self.path(name + "/labels.json"), encoding="utf-8") as f:
            names = json.load(f)
        out = self.ok("predict", self.path(name), self.path("test.csv"), "--probabilities", "-q", "-o", "-")
        return [[float(row[n]) for n in names] for row in csv.DictReader(out.splitlines())]

    def peer(self, task, name):
        if not os.path.exists(VENV):
            self.skipTest("no .deps/venv: scripts/setup --tests makes it")
        package = os.path.dirname(os.path.dirname(os.path.dirname(library().split(", ", 1)[1])))
        done = subprocess.run([VENV, "-B", "-c", PEER, package, os.path.join(SOURCE, "scripts/python"), task, self.path(name),
                               self.path("train.csv"), self.path("test.csv")], capture_output=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return json.loads(done.stdout)

    def assertNear(self, a, b, most):
        self.assertEqual(len(a), len(b))
        self.assertLess(max(abs(x - y) for p, q in zip(a, b) for x, y in zip(p, q)), most)

    def test_without_margins_it_is_lightgbms_own_training(self):
        self.train("m", "--margin", "none")
        self.assertNear(self.proba("m"), self.peer("1", "m"), 1e-6)

    def test_weights_are_lightgbms_own(self):
        self.train("m", "--margin", "none")
        with open(self.path("m/labels.json"), encoding="utf-8") as f:
            first = json.load(f)[0]
        with open(self.path("w.csv"), "w", encoding="utf-8") as f:
            f.write("label,weight\n%s,2\n" % first)
        self.train("w", "--margin", "none", "--class-weight", self.path("w.csv"))
        self.assertNear(self.proba("w"), self.peer("2", "w"), 1e-6)
        self.assertNotEqual(self.bytes("m/lightgbm.txt"), self.bytes("w/lightgbm.txt"))

    def few(self, n):
        """Files of the two most frequent classes, n rows to train on."""
        for name, most in (("train.csv", n), ("test.csv", 20)):
            with open(self.path(name), encoding="utf-8", newline="") as f:
                rows = [r for r in csv.DictReader(f) if r["label"] in ("Calculation Error", "Concept Deficiency")][:most]
            with open(self.path(name), "w", encoding="utf-8", newline="") as f:
                out = csv.DictWriter(f, rows[0].keys())
                out.writeheader()
                out.writerows(rows)

    def rounds(self, name):
        with open(self.path(name + "/manifest.json"), encoding="utf-8") as f:
            return json.load(f)["model"]["n_rounds"]

    def test_rows_that_no_tree_can_split(self):
        self.few(24)
        for name, more in (("none", ("--margin", "none")), ("linear", ()), ("stopping", ("--early-stopping", "2"))):
            self.train(name, *more)
            self.assertEqual(self.rounds(name), 1)
            self.assertEqual(len(self.proba(name)), 20)
        self.assertNear(self.proba("none"), self.peer("1", "none"), 1e-6)

    def test_training_goes_on_after_a_round_without_a_split(self):
        self.few(FEW)
        self.train("m", "--margin", "none")
        self.assertIn(self.rounds("m"), range(2, 20))
        self.assertNear(self.proba("m"), self.peer("1", "m"), 1e-6)

    def test_python_reads_the_folder(self):
        for name, more in (("linear", ()), ("raw", ("--margin", "raw")), ("none", ("--margin", "none"))):
            self.train(name, *more)
            self.assertNear(self.proba(name), self.peer("read", name), 1e-5)
            self.assertIn("lightgbm.Booster", self.bytes(name + "/README.md").decode())

    def test_threads_change_nothing(self):
        self.train("one", "--threads", "1")
        self.train("two", "--threads", "2")
        self.assertEqual(self.bytes("one/lightgbm.txt"), self.bytes("two/lightgbm.txt"))
        self.assertEqual(self.proba("one"), self.proba("two"))

    def test_a_loaded_model_has_the_scores_of_training(self):
        said = self.train("m")["test"]
        out = self.ok("evaluate", self.path("m"), self.path("test.csv"), "--bootstrap", "0", "--format", "json", "-q")
        for name in ("accuracy", "macro_f1", "log_loss"):
            self.assertEqual(json.loads(out)[name], said[name])

    def test_other_parameters_of_lightgbm(self):
        self.train("m", "--lightgbm", "num_leaves=5", "--lightgbm", "min_child_samples=3")
        text = self.bytes("m/lightgbm.txt")
        self.assertIn(b"[num_leaves: 5]", text)
        self.assertIn(b"[min_data_in_leaf: 3]", text)
        self.ok("train", self.path("train.csv"), "--test", self.path("test.csv"), "-o", self.path("n"), "--config",
                self.path("m/manifest.json"), "-q")
        self.assertEqual(self.bytes("n/lightgbm.txt"), text)

    def test_early_stopping_keeps_the_best_rounds(self):
        self.train("m", "--early-stopping", "2", "--learning-rate", "1", "--n-estimators", "200", "--margin", "none")
        rounds = self.rounds("m")
        self.assertLess(rounds, 200)
        self.assertEqual(self.bytes("m/lightgbm.txt").count(b"\nTree="), rounds * 9)

    def test_in_a_sweep(self):
        with open(self.path("s.yaml"), "w", encoding="utf-8") as f:
            f.write("data: train.csv\nmodels: [lightgbm]\nseeds: [1]\nparameters: {max_depth: {values: [2, 3]}, n_estimators: {value: 5}}\n")
        with open(self.path("both.yaml"), "w", encoding="utf-8") as f:
            f.write("data: train.csv\nmodels: [lightgbm, linear]\nseeds: [1]\nparameters: {lightgbm: {values: [num_leaves=3, num_leaves=9]}, "
                    "n_estimators: {value: 5}}\n")
        self.ok("sweep", self.path("both.yaml"), "-o", self.path("both"), "--quiet")
        rows = json.loads(self.ok("sweep", "results", self.path("both"), "--format", "json"))
        self.assertEqual(sorted(r["model"] for r in rows), ["lightgbm", "lightgbm", "linear"])
        self.assertEqual(len({r["log_loss"] for r in rows}), 3)
        self.ok("sweep", self.path("s.yaml"), "-o", self.path("s"), "--quiet")
        rows = json.loads(self.ok("sweep", "results", self.path("s"), "--format", "json"))
        self.assertEqual([r["model"] for r in rows], ["lightgbm"] * 2)
        self.assertNotEqual(rows[0]["log_loss"], rows[1]["log_loss"])
        with open(self.path("s/sweep.json"), encoding="utf-8") as f:
            self.assertRegex(json.load(f)["versions"], ", LightGBM " + library().split(", ", 1)[0])

    def test_what_is_refused(self):
        data = self.path("train.csv")
        out = self.path("never")
        err = self.fails(1, "train", data, "-o", out, *QUICK, env={"MISSTEP_LIGHTGBM_LIB": "/nowhere/lib.so"})
        self.assertIn("scripts/setup --lightgbm", err)
        err = self.fails(1, "train", data, "-o", out, *QUICK, env={"MISSTEP_LIGHTGBM_LIB": "libc.so.6"})
        self.assertIn("LightGBM 4.0", err)
        self.assertIn("--learner xgboost", self.fails(2, "train", data, "-o", out, *QUICK, "--xgb", "gamma=1"))
        self.assertIn("--learner xgboost", self.fails(2, "train", data, "-o", out, *QUICK, "--workers", "2"))
        err = self.fails(2, "train", data, "-o", out, "--lightgbm", "num_leaves=8")
        self.assertIn("--lightgbm needs --learner lightgbm", err)
        for given, said in (("eta=1", "use --learning-rate"), ("leaves=3", "no parameter leaves"), ("lambda_l1=two", "lambda_l1=two")):
            self.assertIn(said, self.fails(2, "train", data, "-o", out, *QUICK, "--lightgbm", given))
        err = self.fails(2, "train", data, "-o", out, *QUICK, "--subsample", "0.001")
        self.assertIn("--subsample 0.001 of 400 training rows is none", err)
        self.assertFalse(os.path.exists(out))

    def test_versions_are_told_and_compared(self):
        version, path = library().split(", ", 1)
        self.train("m", "--margin", "none")
        with open(self.path("m/manifest.json"), encoding="utf-8") as f:
            manifest = f.read()
        said = '"lightgbm": "%s"' % version
        self.assertIn(said, manifest)
        for other, what in (("99.0.0", "written by LightGBM 99.0.0, read by " + version), ("new", "which LightGBM wrote it")):
            with open(self.path("m/manifest.json"), "w", encoding="utf-8") as f:
                f.write(manifest.replace(said, '"lightgbm": "%s"' % other))
            self.assertIn(what, self.fails(3, "predict", self.path("m"), self.path("test.csv"), "-o", self.path("p.csv")))
        shutil.copy(path, self.path("alone.so"))  # without its package it is known by its hash
        env = {"MISSTEP_LIGHTGBM_LIB": self.path("alone.so")}
        self.assertRegex(run("info", "--format", "json", env=env)[1], '"sha256:[0-9a-f]{16}, ')
        self.ok("train", self.path("train.csv"), "--test", self.path("test.csv"), "-o", self.path("n"), *QUICK, "--margin", "none", env=env)
        self.ok("predict", self.path("n"), self.path("test.csv"), "-o", self.path("p.csv"))
        self.assertEqual(self.bytes("m/lightgbm.txt"), self.bytes("n/lightgbm.txt"))

    def test_a_damaged_booster(self):
        self.train("m", "--margin", "none")
        with open(self.path("m/lightgbm.txt"), "r+b") as f:
            f.truncate(1000)
        self.assertIn("lightgbm.txt", self.fails(3, "predict", self.path("m"), self.path("test.csv"), "-o", self.path("p.csv")))


if __name__ == "__main__":
    if library() == "missing":
        print("skipped: no LightGBM: scripts/setup --lightgbm")
        sys.exit(77)
    unittest.main()
