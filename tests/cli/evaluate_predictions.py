#!/usr/bin/env python3
"""misstep evaluate --predictions and misstep split as a user meets them: predictions of anybody's model get the
figures of a model's, and whatever does not match is an error that names its place.

usage: evaluate_predictions.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
"""
import csv
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "misstep"
TRUTH = "id,text,label\n7,one,A\n8,two,B\n9,three,C\n10,four,A\n"
LABELS = ["A", "B", "C", "A"]


def run(*args, stdin=None):
    done = subprocess.run([PROGRAM, *args], input=stdin, capture_output=True, timeout=300)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-predictions-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.truth = self.write("truth.csv", TRUTH)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def works(self, *args, **more):
        code, out, err = run(*args, **more)
        self.assertEqual(code, 0, f"{args}\n{out}\n{err}")
        return out

    def scores(self, made, *options, truth=None):
        """JSON scores of predictions given as CSV text."""
        path = self.write("made.csv", made)
        return json.loads(self.works("evaluate", "--predictions", path, truth or self.truth, "--format", "json", *options))

    def fails(self, words, made, *options, code=3, truth=None):
        path = self.write("made.csv", made)
        out_file = self.path("scores.json")
        got, out, err = run("evaluate", "--predictions", path, truth or self.truth, "-o", out_file, *options)
        self.assertEqual(got, code, f"{made!r} {options}\n{out}\n{err}")
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, err, (made, options))
        self.assertFalse(os.path.exists(out_file))
        return err


class Scores(Case):
    def test_predictions_alone(self):
        s = self.scores("prediction\nA\nB\nB\nB\n")
        self.assertEqual((s["rows"], s["classes"], s["accuracy"]), (4, 3, 0.5))
        self.assertEqual(s["confusion"], [[1, 1, 0], [0, 1, 0], [0, 1, 0]])
        self.assertAlmostEqual(s["macro_f1"], (2 / 3 + 1 / 2 + 0) / 3)
        self.assertEqual(len(s["accuracy_interval"]), 2)
        for name in ("log_loss", "log_loss_interval", "top3_accuracy", "map3", "expected_calibration_error"):
            self.assertNotIn(name, s)

    def test_table_leaves_out_what_needs_probabilities(self):
        path = self.write("made.csv", "prediction\nA\nB\nB\nB\n")
        out = self.works("evaluate", "--predictions", path, self.truth)
        self.assertIn("accuracy", out)
        self.assertNotIn("log loss", out)
        self.assertNotIn("calibration", out)

    def test_probabilities(self):
        s = self.scores("prediction,A,B,C\nA,.7,.2,.1\nB,0.1,0.8,0.1\nB,0,.6,.4\nB,.25,.5,.25\n")
        loss = -sum(math.log(p) for p in (.7, .8, .4, .25)) / 4
        self.assertAlmostEqual(s["log_loss"], loss, places=6)
        self.assertIn("expected_calibration_error", s)

    def test_columns_in_any_order_and_a_class_nobody_has(self):
        made = "prediction,D,C,B,A\n" + "".join(f"{p},0,{c},{b},{a}\n" for p, c, b, a in
                                                (("A", .1, .2, .7), ("B", .1, .8, .1), ("B", .4, .6, 0), ("B", .25, .5, .25)))
        s = self.scores(made)
        self.assertEqual(s["classes"], 4)
        self.assertAlmostEqual(s["log_loss"], -sum(math.log(p) for p in (.7, .8, .4, .25)) / 4, places=6)
        self.assertAlmostEqual(s["macro_f1"], (2 / 3 + 1 / 2 + 0) / 3)

    def test_prediction_that_is_not_the_likeliest(self):
        path = self.write("made.csv", "prediction,A,B,C\nA,.1,.8,.1\nB,.1,.8,.1\nC,0,.1,.9\nA,1,0,0\n")
        code, out, err = run("evaluate", "--predictions", path, self.truth, "--format", "json")
        self.assertEqual(code, 0, err)
        self.assertIn("1 predictions are not the label of highest probability", err)
        self.assertEqual(json.loads(out)["accuracy"], 1.0)

    def test_label_column_stands_for_prediction(self):
        self.assertEqual(self.scores("label\nA\nB\nC\nA\n")["accuracy"], 1)
        self.assertEqual(self.scores("label,prediction\nA,B\nB,B\nC,B\nA,B\n")["accuracy"], 0.25)

    def test_other_columns_are_the_users_own(self):
        s = self.scores("n,prediction,text,\n1,A,x,\n2,B,y,\n3,C,z,\n4,A,w,\n")
        self.assertEqual((s["accuracy"], s["classes"]), (1, 3))

    def test_a_label_only_predicted(self):
        s = self.scores("prediction\nA\nB\nC\nElse\n")
        self.assertEqual((s["accuracy"], s["classes"]), (0.75, 4))

    def test_identifiers(self):
        made = "id,prediction,A,B,C\n10,B,.4,.5,.1\n9,C,0,0,1\n7,A,1,0,0\n8,B,0,1,0\n"
        s = self.scores(made, "--id-column", "id")
        self.assertEqual(s["accuracy"], 0.75)
        self.assertAlmostEqual(s["log_loss"], -math.log(.4) / 4, places=6)
        ordered = "id,prediction,A,B,C\n7,A,1,0,0\n8,B,0,1,0\n9,C,0,0,1\n10,B,.4,.5,.1\n"
        self.assertEqual(self.scores(ordered), s)

    def test_an_identifier_right_of_the_prediction(self):
        made = "prediction,A,B,C,id\nC,0,0,1,9\nA,1,0,0,10\nA,1,0,0,7\nB,0,1,0,8\n"
        self.assertEqual(self.scores(made, "--id-column", "id")["accuracy"], 1)

    def test_label_column_and_formats(self):
        truth = self.write("truth.jsonl", "".join(json.dumps({"kind": k}) + "\n" for k in LABELS))
        made = self.write("made.tsv", "prediction\nA\nB\nC\nA\n")
        out = self.works("evaluate", "--predictions", made, truth, "--label-column", "kind", "--format", "json")
        self.assertEqual(json.loads(out)["accuracy"], 1)

    def test_saved(self):
        path = self.write("made.csv", "prediction\nA\nB\nC\nA\n")
        self.works("evaluate", "--predictions", path, self.truth, "-o", self.path("out.json"))
        with open(self.path("out.json")) as f:
            self.assertEqual(json.load(f)["accuracy"], 1)

    def test_random_tables(self):
        """Accuracy, macro F1 and log loss against their definitions."""
        draw = random.Random(5)
        names = ["x", 'a "quoted", name', "\u00e9t\u00e9", "z z"]
        for _ in range(10):
            n = draw.randint(1, 60)
            truth = [draw.choice(names) for _ in range(n)]
            rows = []
            for _ in range(n):
                weights = [draw.random() + 1e-3 for _ in names]
                rows.append([w / sum(weights) for w in weights])
            made = [names[max(range(4), key=lambda c: row[c])] for row in rows]
            with open(self.path("t.csv"), "w", newline="", encoding="utf-8") as f:
                csv.writer(f).writerows([["label", "text"], *([k, "t"] for k in truth)])
            with open(self.path("p.csv"), "w", newline="", encoding="utf-8") as f:
                csv.writer(f).writerows([["prediction", *names], *([k, *row] for k, row in zip(made, rows))])
            s = json.loads(self.works("evaluate", "--predictions", self.path("p.csv"), self.path("t.csv"), "--format", "json"))
            f1s = []
            for name in set(truth) | set(made):
                hit = sum(a == b == name for a, b in zip(truth, made))
                f1s.append(2 * hit / (truth.count(name) + made.count(name)))
            self.assertAlmostEqual(s["accuracy"], sum(a == b for a, b in zip(truth, made)) / n)
            self.assertAlmostEqual(s["macro_f1"], sum(f1s) / len(f1s))
            loss = -sum(math.log(row[names.index(k)]) for row, k in zip(rows, truth)) / n
            self.assertAlmostEqual(s["log_loss"], loss, places=5)


class Model(Case):
    """A model's predictions from a file get the model's own figures, digit by digit."""

    def test_same_as_the_model(self):
        data, model, made = self.path("s.csv"), self.path("model"), self.path("made.csv")
        self.works("generate", "-n", "400", "--seed", "7", "-o", data, "--quiet")
        self.works("train", data, "-o", model, "--learner", "linear", "--bootstrap", "0", "--quiet")
        self.works("predict", model, data, "-o", made, "--probabilities", "--top", "3", "--quiet")
        own = self.works("evaluate", model, data, "--format", "json")
        self.assertEqual(self.works("evaluate", "--predictions", made, data, "--format", "json"), own)
        self.works("predict", model, data, "-o", made, "--keep-columns", "id", "--force", "--quiet", "--probabilities")
        with open(made) as f:
            header, *lines = f.read().splitlines()
        self.write("made.csv", "\n".join([header, *reversed(lines)]) + "\n")
        self.assertEqual(self.works("evaluate", "--predictions", made, data, "--id-column", "id", "--format", "json"), own)


class BadInput(Case):
    def test_numbers_of_records(self):
        self.fails(["3 predictions for the 4 records", "--id-column"], "prediction\nA\nB\nC\n")
        self.fails("5 predictions for the 4 records", "prediction\nA\nB\nC\nA\nA\n")
        self.fails("no records after the header", "prediction\n")
        self.fails("no records after the header", "prediction\nA\n", truth=self.write("empty.csv", "text,label\n"))

    def test_columns(self):
        self.fails("expected in column prediction or label", "predicted\nA\nB\nC\nA\n")
        self.fails(["kind", "label"], "prediction\nA\nB\nC\nA\n", "--label-column", "kind")
        self.fails(["made.csv", "id"], "prediction\nA\nB\nC\nA\n", "--id-column", "id")
        self.fails(["truth.csv", "nr"], "nr,prediction\n1,A\n2,B\n3,C\n4,A\n", "--id-column", "nr")

    def test_empty_labels(self):
        self.fails("made.csv:3: empty prediction", "prediction,x\nA,1\n,1\nC,1\nA,1\n")
        truth = self.write("t.csv", "text,label\nx,A\ny,\n")
        self.fails("t.csv:3: empty label", "prediction\nA\nB\n", truth=truth)

    def test_identifiers(self):
        rows = "id,prediction\n7,A\n8,B\n9,C\n"
        self.fails(["truth.csv:5: id '10' is not in", "made.csv"], rows, "--id-column", "id")
        self.fails(["made.csv:6: id '11' is not in", "truth.csv"], rows + "10,A\n11,A\n", "--id-column", "id")
        self.fails("made.csv:5: id '8' is there twice, first at line 3", rows.replace("9,C", "9,C\n8,B"), "--id-column", "id")
        self.fails("made.csv:5: empty id", rows + ",A\n", "--id-column", "id")
        truth = self.write("t.csv", "id,label\n7,A\n8,B\n7,C\n")
        self.fails("t.csv:4: id '7' is there twice, first at line 2", rows, "--id-column", "id", truth=truth)

    def test_probabilities(self):
        good = "prediction,A,B,C\nA,.7,.2,.1\nB,.1,.8,.1\nC,0,.1,.9\nA,1,0,0\n"
        self.scores(good)
        for bad in ("high", "", "-0.1", "1.5", "nan", "inf", "0,7"):
            field = f'"{bad}"' if "," in bad else bad
            self.fails(["made.csv:3: column 'B'", "a probability from 0 to 1 is expected"], good.replace(".8", field))
        self.fails(["made.csv:3", "add up to 0.7"], good.replace("B,.1,.8,.1", "B,.1,.5,.1"))
        self.fails(["made.csv:1", "'C' has none"], "prediction,A,B\nA,.7,.3\nB,.1,.9\nC,0,1\nA,1,0\n")
        self.fails("made.csv:1", good.replace("prediction,A", "prediction,Z"))

    def test_broken_files(self):
        self.fails("made.csv:3", "prediction,A\nA,1\nB\nC,1\nA,1\n")
        self.fails("made.csv:2", b"prediction\n\xff\nB\nC\nA\n")
        err = self.fails(["made.csv:2", "--id-column"], b"prediction,x\n\xff,1\nB,1\nC,1\nA,1\n", "--decode-errors", "skip")
        self.assertIn("row numbers", err)
        self.fails("NOPE", "prediction\n", truth=self.path("NOPE.csv"))

    def test_usage(self):
        made = "prediction\nA\nB\nC\nA\n"
        self.fails("only the labelled file is expected", made, "extra.csv", code=2)
        code, _, err = run("evaluate", self.truth)
        self.assertEqual((code, "--predictions FILE" in err), (2, True), err)
        code, _, err = run("evaluate", "model", self.truth, "--id-column", "id")
        self.assertEqual((code, "--id-column matches --predictions" in err), (2, True), err)
        self.fails("is expected", made, "--format", "xml", code=2)

    def test_nothing_is_replaced(self):
        path = self.write("made.csv", "prediction\nA\nB\nC\nA\n")
        self.write("scores.json", "mine")
        code, _, err = run("evaluate", "--predictions", path, self.truth, "-o", self.path("scores.json"))
        self.assertEqual(code, 2, err)
        with open(self.path("scores.json")) as f:
            self.assertEqual(f.read(), "mine")


class Split(Case):
    def setUp(self):
        super().setUp()
        self.data = self.path("s.csv")
        self.works("generate", "-n", "300", "--seed", "7", "-o", self.data, "--quiet")

    def rows(self, path):
        with open(path, newline="", encoding="utf-8") as f:
            return list(csv.DictReader(f))

    def test_what_train_decides(self):
        both = self.path("both.csv")
        self.works("split", self.data, "-o", both, "--seed", "3", "--test-size", "0.25", "--quiet")
        options = ["--learner", "linear", "--bootstrap", "0", "--quiet", "--format", "json"]
        own = self.works("train", self.data, "-o", self.path("m1"), "--seed", "3", "--test-size", "0.25", *options)
        given = self.works("train", both, "-o", self.path("m2"), "--seed", "3", "--split-column", "split", *options)
        self.assertEqual(json.loads(own)["test"], json.loads(given)["test"])

    def test_parts_join_to_the_whole(self):
        for part in ("train", "test", "both"):
            self.works("split", self.data, "-o", self.path(part + ".csv"), "--part", part, "--quiet")
        train, test, both = (self.rows(self.path(part + ".csv")) for part in ("train", "test", "both"))
        whole = self.rows(self.data)
        said = [row.pop("split") for row in both]
        self.assertEqual(both, whole)
        self.assertEqual(train, [row for row, part in zip(whole, said) if part == "train"])
        self.assertEqual(test, [row for row, part in zip(whole, said) if part == "test"])
        self.assertTrue(train and test)

    def test_folds(self):
        out = self.path("folds.csv")
        self.works("split", self.data, "-o", out, "--folds", "3", "--quiet")
        self.assertEqual({row["fold"] for row in self.rows(out)}, {"0", "1", "2"})
        options = ["--learner", "linear", "--bootstrap", "0", "--quiet", "--format", "json"]
        own = self.works("train", self.data, "-o", self.path("m1"), "--folds", "3", *options)
        given = self.works("train", out, "-o", self.path("m2"), "--fold-column", "fold", *options)
        self.assertEqual(json.loads(own)["cross_validation"], json.loads(given)["cross_validation"])

    def test_groups_and_threads(self):
        one = self.works("split", self.data, "--group-column", "topic", "--threads", "1", "--quiet")
        self.assertEqual(one, self.works("split", self.data, "--group-column", "topic", "--threads", "2", "--quiet"))
        parts = {}
        for row in csv.DictReader(one.splitlines()):
            parts.setdefault(row["topic"], set()).add(row["split"])
        self.assertTrue(all(len(p) == 1 for p in parts.values()))

    def refused(self, code, words, *args):
        before = sorted(os.listdir(self.dir))
        got, out, err = run("split", *args)
        self.assertEqual((got, out), (code, ""), err)
        self.assertIn(words, err)
        self.assertEqual(sorted(os.listdir(self.dir)), before)

    def test_bad_input(self):
        both = self.path("both.csv")
        self.works("split", self.data, "-o", both, "--quiet")
        self.refused(3, "has a column split already", both)
        self.refused(2, "contradict each other", self.data, "--part", "test", "--folds", "3")
        self.refused(2, "split writes csv", self.data, "--format", "json")
        self.refused(2, "--folds 1", self.data, "--folds", "1")
        self.refused(2, "both|train|test", self.data, "--part", "tset")
        self.refused(3, "nosuch", self.data, "--label-column", "nosuch")
        self.refused(2, "--force", self.data, "-o", both)
        self.works("augment", self.data, "-o", self.path("more.csv"), "--quiet")
        self.refused(3, "holds copies", self.path("more.csv"))


if __name__ == "__main__":
    unittest.main()
