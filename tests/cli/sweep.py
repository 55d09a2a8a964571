#!/usr/bin/env python3
"""misstep sweep as a user meets it.

usage: sweep.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
SWEEP_KILLS: at how many moments the run is killed (10).
"""
import csv
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "misstep"
KILLS = int(os.environ.get("SWEEP_KILLS", "10"))
SPEC = """data: rows.csv
method: grid
metric: {name: macro_f1, goal: maximize}
parameters:
  n_estimators: {values: [3, 6]}
  max_depth: {values: [2, 3]}
  margin: {values: [none, linear]}
models: [xgboost, linear, majority]
rows: [150, 300]
folds: 2
seeds: [0, 5]
"""
SMALL = """data: rows.csv
parameters: {preset: {value: notebook}, n_estimators: {values: [2, 4]}}
"""


def run(*args, **more):
    done = subprocess.run([PROGRAM, *args], capture_output=True, timeout=600, **more)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def have_xgboost():
    return re.search(r"XGBoost +missing", run("info")[1]) is None


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="misstep-sweep-")
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        code, _, err = run("generate", "-n", "300", "--seed", "3", "-q", "-o", os.path.join(cls.base, "rows.csv"))
        assert code == 0, err

    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=self.base)
        shutil.copy(os.path.join(self.base, "rows.csv"), self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def sweep(self, *args, **more):
        return run("sweep", *args, cwd=self.dir, **more)

    def good(self, *args, **more):
        code, out, err = self.sweep(*args, **more)
        self.assertEqual(code, 0, err + out)
        return out

    def results(self, folder):
        return list(csv.DictReader(io.StringIO(self.good("export", folder))))

    def figures(self, folder):
        """Everything but the time and the joules."""
        return [{k: v for k, v in row.items() if not k.endswith("seconds") and k != "joules"}
                for row in self.results(folder)]

    def ledgers(self, folder):
        where = self.path(folder + "/ledger")
        return sorted(os.path.join(where, n) for n in os.listdir(where))

    def lines(self, folder):
        out = []
        for name in self.ledgers(folder):
            with open(name, "rb") as f:
                out += f.read().splitlines()
        return out

    def refused(self, text, *words, code=3, args=()):
        spec = self.write("bad.yaml", text)
        got, out, err = self.sweep(spec, *args)
        self.assertEqual(got, code, err + out)
        for word in words:
            self.assertIn(word, err)
        self.assertFalse(os.path.exists(self.path("bad")), "a refused spec leaves no folder")


class Specs(Case):
    def test_unknown_names_say_where_and_what_is_near(self):
        self.refused("data: rows.csv\nparameters:\n  max_dept: {value: 3}\n", "bad.yaml:3:3:", "did you mean max_depth?")
        self.refused("data: rows.csv\nfold: 3\n", "bad.yaml:2:1:", "did you mean folds?")
        self.refused("data: rows.csv\nmetric: macro_f2\n", "bad.yaml:2:9:", "did you mean macro_f1?")
        self.refused("data: rows.csv\nmetric: log_loss\nmodels: [linear, svm]\n", "bad.yaml:2:9:", "'svm' lacks")
        self.refused("data: rows.csv\nmethod: grit\n", "bad.yaml:2:9:", "did you mean grid?")
        self.refused("data: rows.csv\nmodels: [xgbost]\n", "bad.yaml:2:10:", "did you mean xgboost?")
        self.refused("data: rows.csv\nparameters:\n  max_depth: {vales: [3]}\n", "bad.yaml:3:15:", "values")

    def test_values_are_checked_as_options(self):
        self.refused("data: rows.csv\nparameters:\n  max_depth: {values: [3, deep]}\n", "bad.yaml:3:27:", "whole number")
        self.refused("data: rows.csv\nparameters:\n  max_depth: {values: []}\n", "bad.yaml:3:23:", "at least one")
        self.refused("data: rows.csv\nparameters:\n  max_depth: {values: [3, 3]}\n", "stands twice")
        self.refused("data: rows.csv\nparameters:\n  seed: {value: 1}\n", "bad.yaml:3:3:", "seeds")
        self.refused("data: rows.csv\nparameters:\n  workers: {value: 2}\n", "bad.yaml:3:3:", "cannot be a parameter of a sweep")
        self.refused("data: rows.csv\nparameters:\n  text_column: {values: [a, b]}\n", "one value")
        self.refused("data: rows.csv\nrows: [10, x]\n", "bad.yaml:2:12:", "whole number")
        self.refused("data: rows.csv\ndata: rows.csv\n", "bad.yaml:2:1:", "stands twice")
        self.refused("data: [rows.csv\n", "bad.yaml:", ":")
        self.refused("", "empty")

    def test_what_must_fail_in_every_cell_is_found_before_the_first(self):
        """Files, rules, columns and patterns: at their place in the spec, whether listed or drawn."""
        head = "data: rows.csv\nmodels: linear\n"
        self.write("w.csv", "label,weight\nno such label,2\n")
        self.write("minus.csv", "label,weight\nno such label,-2\n")
        self.write("bad.rules", "language: en\n=> =>\n")
        for name, value, words in (
                ("class_weight", "w.csv", "w.csv:2: column label: 'no such label'"),
                ("class_weight", "minus.csv", "minus.csv:2: column weight: a number above 0"),
                ("class_weight", "gone.csv", "gone.csv"), ("stop_words", "gone.txt", "gone.txt"),
                ("linear_stop_words", "gone.txt", "gone.txt"), ("token_pattern", "'(a'", "token_pattern '(a'"),
                ("linear_token_pattern", "'(a)(b)'", "2 groups")):
            place = f"bad.yaml:4:{len(name) + 21}:"
            self.refused(head + f"parameters:\n  {name}: {{values: [none, {value}]}}\n", place, words)
            self.refused(head + f"parameters:\n  {name}: {{values: [none, {value}]}}\nmethod: random\nrun_cap: 9\n", place)
        for augment, place, words in (
                ("{rules: [none, bad.rules]}", 3, "bad.rules"), ("{rules: [none, gone.rules]}", 3, "gone.rules"),
                ("{rules: duplicates, lexicon: [[gone/here]]}", 3, "gone/here"),
                ("{rules: duplicates, operations: 'synonym,fly'}", 3, "fly"),
                ("{rules: duplicates, edits: 3..1}", 3, "3..1"), ("{rules: duplicates, balance: most}", 3, "most"),
                ("{rules: weights, copies: 0}", 3, "--copies 0"), ("{rules: duplicates}\nparameters: {id_column: {value: nr}}", 4, "nr")):
            self.refused(head + f"augment: {augment}\n", f"bad.yaml:{place}:", words)
        self.refused("data: rows.csv\nprotocol: paper\naugment: {rules: [duplicates, weights]}\n",
                     "bad.yaml:3:31:", "divides copies")
        svm = "data: rows.csv\nmodels: svm\n"
        self.refused(svm + "parameters: {class_weight: {values: [none, balanced]}}\n", "bad.yaml:3:44:", "svm takes no weights")
        self.refused(svm + "augment: {rules: weights}\n", "bad.yaml:3:18:", "svm takes no weights")

    def test_empty_range_and_ranges_in_a_grid(self):
        self.refused("data: rows.csv\nmethod: random\nrun_cap: 3\nparameters:\n  learning_rate: {min: 0.3, max: 0.1}\n",
                     "bad.yaml:5:24:", "empty")
        self.refused("data: rows.csv\nparameters:\n  learning_rate: {min: 0.1, max: 0.3}\n", "random or sobol")
        self.refused("data: rows.csv\nmethod: random\n", "run_cap")

    def test_a_billion_cells_are_counted_and_refused(self):
        numbers = ", ".join(str(i + 1) for i in range(1000))
        text = ("data: rows.csv\nparameters:\n  max_bin: {values: [%s]}\n  n_estimators: {values: [%s]}\n"
                "seeds: [%s]\n" % (numbers.replace("1, ", "", 1), numbers, numbers))
        self.refused(text, "999000000 cells", "--yes", code=2)
        self.refused(text, "two million", args=("--yes",))

    def test_rows_beyond_the_data(self):
        self.refused("data: rows.csv\nrows: 301\n", "rows 301", "300 records")
        self.refused("data: none.csv\n", "none.csv")
        self.refused("data: rows.csv\nparameters: {text_column: {value: txt}}\n", "txt")

    def test_draws_are_the_same_every_time_and_lie_in_their_range(self):
        for method in ("random", "sobol"):
            spec = self.write(method + ".yaml", "data: rows.csv\nmethod: %s\nrun_cap: 8\nmodels: xgboost\nparameters:\n"
                              "  n_estimators: {value: 1}\n  margin: {value: none}\n"
                              "  max_depth: {min: 2, max: 9}\n"
                              "  learning_rate: {min: 0.001, max: 0.3, distribution: log_uniform_values}\n"
                              "  subsample: {values: [0.5, 0.8]}\n" % method)
            self.good(spec, "-o", method)
            again = method + "-again"
            self.good(spec, "-o", again, "--workers", "1")
            rows = self.figures(method)
            self.assertEqual(rows, self.figures(again))
            self.assertEqual(len(rows), 8)
            self.assertGreater(len({r["max_depth"] for r in rows}), 3)
            for row in rows:
                self.assertTrue(2 <= int(row["max_depth"]) <= 9 and 0.001 <= float(row["learning_rate"]) <= 0.3)
        # the first points of the plain sequence: 0, 1/2, 3/4, 1/4, 3/8 (dimension 1) of 2 .. 9
        depths = [int(r["max_depth"]) for r in self.figures("sobol")][:5]
        self.assertEqual(depths, [2 + int(8 * u) for u in (0, 0.5, 0.75, 0.25, 0.375)])


class Results(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spec = os.path.join(cls.base, "all.yaml")
        with open(cls.spec, "w", encoding="utf-8") as f:
            f.write(SPEC)
        code, _, err = run("sweep", cls.spec, "-o", os.path.join(cls.base, "all"), cwd=cls.base)
        assert code == 0, err

    def all(self):
        return self.figures(os.path.join(self.base, "all"))

    def test_one_row_a_cell(self):
        rows = self.all()
        # xgboost: 2 x 2 x 2; linear and majority do not depend on these: once each
        self.assertEqual(len(rows), (8 + 1 + 1) * 2 * 2 * 2)
        self.assertEqual(list(rows[0])[:4], ["rows", "seed", "fold", "model"])
        self.assertEqual({r["model"] for r in rows}, {"xgboost", "linear", "majority"})
        self.assertEqual({r["error"] for r in rows}, {""})
        status = json.loads(self.good("status", os.path.join(self.base, "all"), "--format", "json"))[0]
        self.assertEqual((status["cells"], status["done"], status["open"]), (80, 80, 0))
        best = json.loads(self.good("best", os.path.join(self.base, "all"), "--format", "json", "--top", "3"))
        self.assertEqual(len(best), 3)
        self.assertGreaterEqual(best[0]["macro_f1"], best[1]["macro_f1"])
        self.assertIn("\\toprule", self.good("export", os.path.join(self.base, "all"), "--format", "latex"))

    def test_dry_run_counts_what_is_shared(self):
        out = self.good(self.spec, "--dry-run", "-o", "none")
        self.assertRegex(out, r"cells +80\n")
        self.assertRegex(out, r"trainings +48,")
        self.assertRegex(out, r"parts +8,")
        self.assertRegex(out, r"tree features +8 times")
        self.assertRegex(out, r"linear margins +8 times")
        self.assertRegex(out, r"to compute +80\n")
        self.assertFalse(os.path.exists(self.path("none")))

    def test_options_that_a_model_does_not_read_are_one_cell(self):
        """Whichever of their values stands first: it is not set for a model that would refuse it."""
        for model, options, n in (
                ("svm", "linear_solver: {values: [multinomial, wide, liblinear]}", 1),
                ("svm", "linear_folds: {values: [3, 4]}, linear_c: {values: [1, 2]}", 2),
                ("svm", "nb_alpha: {values: [1, 2]}, max_depth: {values: [3, 4]}, early_stopping: {values: [5, 6]}", 1),
                ("nb", "linear_solver: {values: [wide, liblinear]}, linear_c: {values: [1, 2]}, linear_eps: {values: [0.1, 0.2]}", 1),
                ("nb", "linear_char_features: {values: [300, 400]}, linear_norm: {values: [l1, l2]}", 1),
                ("nb", "linear_ngram_range: {values: [[1, 1], [1, 2]]}, nb_alpha: {values: [1, 2]}", 4),
                ("linear", "linear_folds: {values: [3, 4]}, xgb: {values: [[gamma=1], [gamma=2]]}", 1),
                ("linear", "linear_char_features: {value: 0}, linear_char_ngram_range: {values: [[2, 3], [2, 4]]}", 1),
                ("linear", "linear_char_ngram_range: {values: [[2, 3], [2, 4]]}, linear_solver: {values: [wide, liblinear]}", 4),
                ("majority", "linear_solver: {values: [wide, liblinear]}, nb_alpha: {values: [1, 2]}, max_depth: {values: [3, 4]}", 1),
                ("xgboost", "validation_size: {values: [0.1, 0.2]}, nb_alpha: {values: [1, 2]}", 1),
                ("xgboost", "early_stopping: {value: 5}, validation_size: {values: [0.1, 0.2]}", 2),
                ("xgboost", "margin: {value: none}, linear_solver: {values: [wide, liblinear]}", 1),
                ("xgboost", "linear_folds: {values: [3, 4]}, linear_solver: {values: [wide, liblinear]}", 4)):
            spec = self.write("one.yaml", f"data: rows.csv\nmodels: [{model}]\nparameters: {{{options}}}\n")
            self.assertRegex(self.good(spec, "--dry-run"), rf"cells +{n}\n", options)
        self.write("all.yaml", "data: rows.csv\nmodels: [linear, svm, nb, majority]\nparameters:\n"
                   "  linear_solver: {values: [multinomial, wide]}\n  early_stopping: {value: 5}\n"
                   "  linear_char_features: {value: 300}\n  xgb: {value: [gamma=1]}\n")
        self.good("all.yaml")
        rows = self.results("all")
        self.assertEqual([r["model"] for r in rows], ["linear", "linear", "majority", "nb", "svm"])
        self.assertEqual([r["linear_solver"] for r in rows], ["multinomial", "wide", "", "", ""])
        self.assertEqual([r["linear_char_features"] for r in rows], ["300", "300", "", "", "300"])
        self.assertEqual({r["error"] for r in rows}, {""})

    def test_ranks_of_decision_values(self):
        """What needs ranks alone is scored for a machine without probabilities too, and may be the goal."""
        self.write("svm.yaml", "data: rows.csv\nmetric: map3\nmodels: [linear, svm]\n")
        self.good("svm.yaml")
        for row in self.results("svm"):
            self.assertTrue(float(row["accuracy"]) < float(row["map3"]) < float(row["top3_accuracy"]) <= 1, row)
            self.assertEqual(row["log_loss"] == "", row["model"] == "svm", row)
            self.assertEqual(row["calibration_error"] == "", row["model"] == "svm", row)

    def test_joules_where_there_are_counters(self):
        """A machine without them, then a made-up one whose counter stands still."""
        spec = self.write("joules.yaml", "data: rows.csv\nmodels: majority\nseeds: [1, 2]\nrows: [300]\n")
        counters = self.path("powercap")
        env = {"MISSTEP_POWERCAP": counters}
        self.assertRegex(self.good(spec, "--dry-run", env=env), r"joules +not known: .*powercap has no counter")
        self.good(spec, "-o", "joules-none", env=env)
        self.assertEqual({r["joules"] for r in self.results("joules-none")}, {""})
        os.makedirs(os.path.join(counters, "intel-rapl:0"))
        for name, text in (("name", "package-0"), ("energy_uj", "123456"), ("max_energy_range_uj", "262143328850")):
            with open(os.path.join(counters, "intel-rapl:0", name), "w", encoding="utf-8") as f:
                f.write(text + "\n")
        self.assertRegex(self.good(spec, "--dry-run", env=env), r"joules +by the counters of 1 package,")
        self.good(spec, "-o", "joules-still", env=env)
        self.assertEqual({float(r["joules"]) for r in self.results("joules-still")}, {0.0})

    def test_each_cell_alone_has_the_same_bits(self):
        """A cell of a sweep of its own shares nothing with any other."""
        rows = [r for r in self.all() if r["rows"] == "300" and r["seed"] == "5" and r["fold"] == "1"]
        self.assertEqual(len(rows), 10)
        for i, row in enumerate(rows):
            parameters = "".join("  %s: {value: %s}\n" % (n, row[n])
                                 for n in ("n_estimators", "max_depth", "margin") if row[n])
            spec = self.write("one%d.yaml" % i, "data: rows.csv\nmodels: %s\nseeds: 5\nfolds: 2\nrows: [300]\n%s" % (
                row["model"], "parameters:\n" + parameters if parameters else ""))
            self.good(spec, "-o", "one%d" % i)
            alone = [r for r in self.figures("one%d" % i) if r["fold"] == "1"]
            self.assertEqual(len(alone), 1)
            for name, value in alone[0].items():
                self.assertEqual(value, row[name], (name, row))

    def test_a_cell_is_what_misstep_train_gives(self):
        spec = self.write("t.yaml", "data: rows.csv\nseeds: 4\nmodels: [xgboost, linear]\nparameters:\n"
                          "  n_estimators: {values: [3, 7]}\n  early_stopping: {values: [0, 2]}\n")
        self.good(spec)
        rows = self.figures("t")
        self.assertEqual(len(rows), 5)
        for i, row in enumerate(rows):
            more = []
            for name in ("n_estimators", "early_stopping"):
                if row[name]:
                    more += ["--" + name.replace("_", "-"), row[name]]
            code, _, err = run("train", self.path("rows.csv"), "-o", self.path("m%d" % i), "--seed", "4", "--learner",
                               row["model"], "--bootstrap", "0", "-q", *more)
            self.assertEqual(code, 0, err)
            with open(self.path("m%d/metrics.json" % i), encoding="utf-8") as f:
                metrics = json.load(f)["test"]
            for name in ("accuracy", "macro_f1", "log_loss"):
                self.assertEqual(float(row[name]), metrics[name], (name, row))

    def test_order_and_workers_change_nothing(self):
        whole = self.all()
        self.good(self.spec, "-o", "w1", "--workers", "1")
        self.assertEqual(self.figures("w1"), whole)
        for shard in ("3/3", "1/3", "2/3"):
            self.good(self.spec, "-o", "shards", "--shard", shard, "--workers", "1")
        self.assertEqual(self.figures("shards"), whole)
        self.assertEqual(len(self.lines("shards")), 80)

    def test_sizes_are_nested_and_share_their_test_part(self):
        for row in self.all():
            n_train, n_test = int(row["n_train"]), int(row["n_test"])
            self.assertAlmostEqual(n_test, 150, delta=3)
            self.assertAlmostEqual(n_train, int(row["rows"]) / 2, delta=3)


class Going_on(Case):
    def setUp(self):
        super().setUp()
        self.spec = self.write("s.yaml", SPEC)

    def start(self, folder, *args):
        return subprocess.Popen([PROGRAM, "sweep", self.spec, "-o", folder, "-q", *args], cwd=self.dir,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def test_killed_at_random_moments_it_ends_the_same(self):
        began = time.time()
        self.good(self.spec, "-o", "whole", "-q")
        whole, seconds = self.figures("whole"), time.time() - began
        seed = int(os.environ.get("MST_SEED", random.SystemRandom().randrange(10**6)))
        moments = random.Random(seed)
        for _ in range(KILLS):
            child = self.start("killed")
            time.sleep(moments.uniform(0, seconds / 3))
            child.send_signal(signal.SIGKILL)
            child.communicate()
        self.good(self.spec, "-o", "killed", "-q")
        self.assertEqual(self.figures("killed"), whole, "MST_SEED=%d" % seed)
        self.assertEqual(os.listdir(self.path("killed/lease")), [])

    def workers_of(self, pid):
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
            return [int(p) for p in f.read().split()]

    def test_a_killed_worker_is_replaced(self):
        child = self.start("w")
        deadline = time.time() + 60
        while not (os.path.isdir(self.path("w/ledger")) and self.ledgers("w")) and time.time() < deadline:
            time.sleep(0.02)
        for pid in self.workers_of(child.pid)[:1]:
            os.kill(pid, signal.SIGKILL)
        _, err = child.communicate(timeout=300)
        self.assertEqual(child.returncode, 0, err)
        self.assertIn(b"a worker died (signal 9)", err)
        rows = self.figures("w")
        self.assertEqual((len(rows), {r["error"] for r in rows}), (80, {""}))

    def test_ctrl_c_once_finishes_what_is_under_way(self):
        child = self.start("c")
        deadline = time.time() + 60
        while not (os.path.isdir(self.path("c/ledger")) and self.ledgers("c")) and time.time() < deadline:
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=120)
        self.assertEqual(child.returncode, 130, err)
        self.assertIn(b"the same command goes on", err)
        self.assertEqual(os.listdir(self.path("c/lease")), [])
        n = len(self.lines("c"))
        self.assertTrue(0 < n < 80, n)
        self.good(self.spec, "-o", "c", "-q")
        self.assertEqual(len(self.lines("c")), 80, "nothing was computed twice")

    def test_ctrl_c_twice_stops_now(self):
        spec = self.write("long.yaml", "data: rows.csv\nparameters: {n_estimators: {value: 100000}}\n")
        child = subprocess.Popen([PROGRAM, "sweep", spec, "-q"], cwd=self.dir, stderr=subprocess.PIPE)
        deadline = time.time() + 60
        while not (os.path.isdir(self.path("long/lease")) and os.listdir(self.path("long/lease"))) and (
                time.time() < deadline):
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)
        self.assertEqual(child.returncode, 130)
        self.assertEqual(os.listdir(self.path("long/lease")), [])

    def test_two_at_once_share_the_work(self):
        for folder in "abcde":  # where others compute, one may have done all before the other begins
            both = [self.start(folder, "--workers", "1") for _ in range(2)]
            for child in both:
                _, err = child.communicate(timeout=300)
                self.assertEqual(child.returncode, 0, err)
            self.assertEqual(len(self.lines(folder)), 80)
            if len(self.ledgers(folder)) == 2:
                return
        self.fail("one of two did everything, five times")

    def test_a_lease_of_another_machine_is_respected_then_taken_over(self):
        spec = self.write("l.yaml", SMALL)
        self.good(spec, "-q")
        key = json.loads(self.lines("l")[0])["cell"]["key"]
        for name in self.ledgers("l"):
            os.remove(name)
        lease = self.path("l/lease/" + key)
        with open(lease, "w", encoding="ascii") as f:
            f.write("elsewhere.00000000-1-1")
        _, _, err = self.sweep(spec)
        self.assertIn("under way on another machine", err)
        self.assertEqual(self.ledgers("l"), [])
        waits = subprocess.Popen([PROGRAM, "sweep", spec, "--wait", "-q"], cwd=self.dir, stderr=subprocess.DEVNULL)
        time.sleep(3)
        self.assertIsNone(waits.poll(), "--wait ended while a cell is under way")
        waits.terminate()
        self.assertEqual(waits.wait(60), 143)
        os.utime(lease, (time.time() - 100, time.time() - 100))
        self.good(spec)
        self.assertEqual(len(self.lines("l")), 2)


class Damage(Case):
    def setUp(self):
        super().setUp()
        self.spec = self.write("d.yaml", SMALL + "seeds: [0, 1, 2]\n")
        self.good(self.spec, "--workers", "1", "-q")
        self.ledger = self.ledgers("d")[0]
        with open(self.ledger, "rb") as f:
            self.bytes = f.read()
        self.whole = self.figures("d")

    def rewrite(self, content):
        with open(self.ledger, "wb") as f:
            f.write(content)

    def test_a_torn_last_line_is_repaired_and_said(self):
        for lost in (1, 30, 400):
            self.rewrite(self.bytes[:-lost])
            self.assertEqual(len(self.results("d")), 5)
            code, _, err = self.sweep(self.spec)
            self.assertEqual(code, 0, err)
            self.assertIn("the last line is torn", err)
            self.assertIn("cut off", err)
            self.assertEqual(self.figures("d"), self.whole)
            for name in self.ledgers("d")[0:]:
                if name != self.ledger:
                    os.remove(name)

    def test_a_damaged_middle_is_named(self):
        lines = self.bytes.splitlines(True)
        for damaged in (lines[2][:100] + b"x" + lines[2][101:], lines[2][:-5] + b"\n", b"\n", lines[2][1:]):
            self.rewrite(b"".join(lines[:2]) + damaged + b"".join(lines[3:]))
            for args in ((self.spec,), ("status", "d"), ("export", "d")):
                code, _, err = self.sweep(*args)
                self.assertEqual(code, 3, err)
                self.assertIn(os.path.basename(self.ledger) + ":3: damaged", err)

    def test_another_spec_in_the_folder_is_refused(self):
        other = self.write("e.yaml", SMALL + "seeds: [0, 1]\n")
        code, _, err = self.sweep(other, "-o", "d")
        self.assertEqual(code, 2, err)
        self.assertIn("another spec", err)
        with open(self.path("rows.csv"), "r+", encoding="utf-8") as f:
            f.write(f.read().splitlines()[1] + "\n")
        code, _, err = self.sweep(self.spec)
        self.assertEqual(code, 2, err)
        self.assertIn("SHA-256", err)

    def test_a_worker_of_another_version_is_refused(self):
        about = self.path("d/sweep.json")
        with open(about, encoding="utf-8") as f:
            text = f.read()
        with open(about, "w", encoding="utf-8") as f:
            f.write(re.sub(r"misstep [0-9.]+", "misstep 0.0.9", text))
        code, _, err = self.sweep(self.spec)
        self.assertEqual(code, 2, err)
        self.assertIn("was begun with misstep 0.0.9", err)

    def test_no_folder_of_a_sweep(self):
        os.mkdir(self.path("empty"))
        for verb in ("status", "results", "best", "export"):
            code, _, err = self.sweep(verb, "empty")
            self.assertEqual(code, 3, err)
            self.assertIn("sweep.json", err)

    def test_a_failed_cell_is_kept_with_its_error_and_tried_three_times(self):
        spec = self.write("f.yaml", "data: rows.csv\nparameters:\n  n_estimators: {value: 2}\n"
                          "  min_df: {values: [2, 299]}\n  margin: {value: none}\n  select: {value: none}\n")
        for attempt in (1, 2, 3, 3):
            code, _, err = self.sweep(spec)
            self.assertEqual(code, 1, err)
            self.assertEqual(len([x for x in self.lines("f") if b'"failed"' in x]), attempt)
        rows = self.results("f")
        self.assertEqual([bool(r["accuracy"]) for r in rows], [True, False])
        self.assertIn("min_df", rows[1]["error"])

    def test_a_failed_cell_is_tried_once_a_run(self):
        """However many workers come to it at the moment in which it fails."""
        spec = self.write("f.yaml", "data: rows.csv\nparameters:\n  n_estimators: {value: 2}\n"
                          "  min_df: {value: 299}\n  margin: {value: none}\n  select: {value: none}\n"
                          "seeds: [%s]\n" % ", ".join(map(str, range(40))))
        for folder in map(str, range(8)):
            code, _, err = self.sweep(spec, "-o", folder, "--workers", "8", "-q")
            self.assertEqual(code, 1, err)
            keys = [json.loads(x)["cell"]["key"] for x in self.lines(folder) if b'"failed"' in x]
            self.assertEqual((len(keys), len(set(keys))), (40, 40))

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_a_read_only_folder(self):
        os.chmod(self.dir, 0o500)
        self.addCleanup(os.chmod, self.dir, 0o700)
        code, _, err = self.sweep(self.spec, "-o", "new")
        self.assertEqual(code, 1, err)
        self.assertIn("Permission denied", err)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("mount"), "needs root to mount a small file system")
    def test_a_full_disk_and_a_read_only_one(self):
        small = self.path("small")
        os.mkdir(small)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], capture_output=True).returncode:
            self.skipTest("mounting is not allowed here")
        self.addCleanup(subprocess.run, ["umount", small], capture_output=True)
        spec = self.write("full.yaml", SPEC)
        with open(small + "/ballast", "wb") as f:
            f.write(b"x" * 28 * 1024)
        code, _, err = self.sweep(spec, "-o", "small/s", "-q")
        self.assertEqual(code, 1, err)
        self.assertIn("No space left on device", err)
        os.remove(small + "/ballast")
        subprocess.run(["mount", "-o", "remount,size=4m", small], check=True, capture_output=True)
        kept = len(self.results("small/s"))
        self.assertGreater(kept, 0)
        self.good(spec, "-o", "small/s", "-q")
        self.good(spec, "-o", "whole", "-q")
        self.assertEqual(self.figures("small/s"), self.figures("whole"))
        subprocess.run(["mount", "-o", "remount,ro", small], check=True, capture_output=True)
        code, _, err = self.sweep(spec, "-o", "small/t", "-q")
        self.assertEqual(code, 1, err)
        self.assertIn("Read-only file system", err)
        self.assertEqual(len(self.results("small/s")), 80)


class Usage(Case):
    def test_help_and_usage(self):
        code, out, _ = run("sweep", "--help")
        self.assertEqual(code, 0)
        self.assertIn("early_terminate", out)
        for args in ((), ("a.yaml", "--worker", "2"), ("a.yaml", "--shard", "3/2"), ("status",), ("a.yaml", "b.yaml")):
            code, _, err = self.sweep(*args)
            self.assertEqual(code, 2, args)
            self.assertIn("--help", err)


if __name__ == "__main__":
    if not have_xgboost():
        sys.exit(77)
    unittest.main(verbosity=2)
