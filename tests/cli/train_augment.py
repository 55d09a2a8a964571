#!/usr/bin/env python3
"""misstep train with copies: made on the fly, found in the file, duplicates for comparison.

usage: train_augment.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
"""
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "misstep"
QUICK = ["--n-estimators", "3", "--bootstrap", "0", "--linear-char-features", "200", "--threads", "2"]
LEARNED = ["booster.ubj", "trees/terms.json", "trees/idf.npy", "trees/selected.npy", "linear/terms.json",
           "linear/idf.npy", "linear/coef.npy", "linear/intercept.npy", "chars/terms.json", "chars/idf.npy", "labels.json"]
RULES = """labels: A, B
error, mistake, slip
wrong, incorrect, false
"""


def run(*args):
    done = subprocess.run([PROGRAM, *args], capture_output=True, timeout=300)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="misstep-train-augment-")
        cls.made = os.path.join(cls.dir, "made.csv")
        code, _, err = run("generate", "-n", "400", "--seed", "5", "-q", "-o", cls.made)
        if code:
            raise RuntimeError(err)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, f"{self.id().rsplit('.', 1)[1]}-{name}")

    def rows(self, path):
        with open(path, newline="", encoding="utf-8") as f:
            return list(csv.DictReader(f))

    def table(self, name, rows, header):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
        with open(self.path(name), "w", encoding="utf-8", newline="") as f:
            f.write(out.getvalue())
        return self.path(name)

    def works(self, *args):
        code, out, err = run(*args)
        self.assertEqual(code, 0, err)
        return out, err

    def train(self, name, *args, source=None):
        model = self.path(name)
        out, err = self.works("train", source or self.made, "-o", model, *QUICK, *args)
        return model, out, err

    def fails(self, status, words, *args):
        model = self.path("never")
        code, _, err = run("train", *args, "-o", model)
        self.assertEqual(code, status, err)
        self.assertRegex(err, words)
        self.assertFalse(os.path.exists(model))

    def content(self, model, name):
        with open(os.path.join(model, name), "rb") as f:
            return f.read()

    def assert_same(self, one, other, names=LEARNED):
        for name in names:
            self.assertEqual(self.content(one, name), self.content(other, name), name)

    def metrics(self, model):
        return json.loads(self.content(model, "metrics.json"))


class TwoWays(Case):
    def test_edits_of_tokens_equal_exported_text(self):
        tokens, _, _ = self.train("tokens", "--augment", "elementary-maths", "--copies", "2", "--seed", "4")
        text = self.path("text.csv")
        self.works("augment", self.made, "-o", text, "--copies", "2", "--seed", "4", "-q")
        given, out, err = self.train("given", "--seed", "4", source=text)
        self.assert_same(tokens, given)
        self.assertRegex(err, r"it holds \d+ copies; \d+ of them trained, [1-9]\d* left out")
        self.assertIn("Training part before and after copies", out)

    def test_operations_that_make_spellings_and_ids(self):
        more = ["--operations", "spelling, split, synonym", "--edits", "1..3", "--id-column", "id", "--copies", "3"]
        tokens, _, _ = self.train("tokens", "--augment", "elementary-maths", *more)
        text = self.path("text.csv")
        self.works("augment", self.made, "-o", text, "--rules", "elementary-maths", *more, "-q")
        given, _, _ = self.train("given", source=text)
        self.assert_same(tokens, given)

    def test_order_of_a_given_file_and_json_lines(self):
        text = self.path("text.jsonl")
        self.works("augment", self.made, "-o", text, "--copies", "1", "-q")
        tokens, _, _ = self.train("tokens", "--augment", "elementary-maths")
        given, _, _ = self.train("given", source=text)
        self.assert_same(tokens, given)
        with open(text, encoding="utf-8") as f:
            lines = f.readlines()
        split = self.path("split.jsonl")
        with open(split, "w", encoding="utf-8") as f:
            f.writelines([line for line in lines if '"copy": 0' in line] + [line for line in lines if '"copy": 0' not in line])
        self.assert_same(tokens, self.train("moved", source=split)[0])

    def test_other_ways_to_train(self):
        text = self.path("text.csv")
        self.works("augment", self.made, "-o", text, "--copies", "1", "-q")
        for number, way in enumerate((["--learner", "linear"], ["--margin", "none"], ["--folds", "3"],
                                      ["--early-stopping", "2"], ["--group-column", "topic"],
                                      ["--analyzer", "maths"], ["--analyzer", "char_wb", "--ngram-range", "2,3"])):
            tokens, _, _ = self.train(f"tokens{number}", "--augment", "elementary-maths", *way)
            given, _, _ = self.train(f"given{number}", *way, source=text)
            self.assert_same(tokens, given, [name for name in LEARNED if os.path.exists(os.path.join(tokens, name))])
            one, other = self.metrics(tokens), self.metrics(given)
            scores = "cross_validation" if "--folds" in way else "test"
            self.assertEqual(one[scores], other[scores])


class Promises(Case):
    def test_threads_change_nothing(self):
        models = [self.train(f"m{n}", "--augment", "elementary-maths", "--copies", "2", "--balance", "median",
                             "--threads", str(n))[0] for n in (1, 2, 7)]
        self.assert_same(models[0], models[1])
        self.assert_same(models[0], models[2])

    def test_a_manifest_repeats_the_run(self):
        first, _, _ = self.train("first", "--augment", "elementary-maths", "--copies", "1", "--balance", "0.5",
                                 "--max-copies", "4", "--operations", "synonym", "--seed", "9")
        again = self.path("again")
        self.works("train", self.made, "-o", again, "--config", os.path.join(first, "manifest.json"))
        self.assert_same(first, again)
        options = json.loads(self.content(first, "manifest.json"))["options"]
        for name, value in (("augment", "elementary-maths"), ("copies", 1), ("balance", "0.5"), ("max-copies", 4),
                            ("operations", "synonym"), ("seed", 9)):
            self.assertEqual(options[name], value, name)
        self.assertRegex(options["rules-hash"], "^[0-9a-f]{64}$")

    def test_changed_rules_stop_the_repetition(self):
        rules = self.path("my.rules")
        with open(rules, "w", encoding="utf-8") as f:
            f.write("error, mistake\n")
        first, _, _ = self.train("first", "--augment", rules)
        with open(rules, "a", encoding="utf-8") as f:
            f.write("wrong, incorrect\n")
        config = ["--config", os.path.join(first, "manifest.json")]
        self.fails(3, "rules of --augment have changed", self.made, *config)
        self.works("train", self.made, "-o", self.path("other"), *config, "--augment", "elementary-maths")

    def test_the_test_part_is_the_one_without_copies(self):
        plain, _, _ = self.train("plain", "--learner", "majority")
        copied, _, _ = self.train("copied", "--learner", "majority", "--augment", "elementary-maths")
        for metrics in (plain, copied):
            self.assertEqual(self.metrics(metrics)["run"]["split"], self.metrics(plain)["run"]["split"])
        self.assertEqual(self.metrics(plain)["test"]["confusion"], self.metrics(copied)["test"]["confusion"])
        self.assertEqual(self.metrics(plain)["run"]["test records"], self.metrics(copied)["run"]["test records"])

    def test_nothing_of_a_tested_record_trains(self):
        # Each record has a word of its own: no word of a tested record may be a term of the model.
        rows = [(f"a wrong error of own{n}x here", "AB"[n % 2], "test" if n % 5 == 0 else "train") for n in range(100)]
        table = self.table("own.csv", rows, ("text", "label", "part"))
        text = self.path("text.csv")
        self.works("augment", table, "-o", text, "--copies", "3", "-q", "--operations", "swap, synonym")
        more = ["--min-df", "1", "--linear-min-df", "1", "--select", "none", "--split-column", "part"]
        for name, source, augment in (("tokens", table, ["--augment", "elementary-maths", "--copies", "3"]),
                                      ("given", text, [])):
            model, _, _ = self.train(name, *more, *augment, source=source)
            for part in ("trees", "linear"):
                terms = json.loads(self.content(model, f"{part}/terms.json"))
                own = {int(n) for term in terms for n in re.findall(r"own(\d+)x", term)}
                self.assertEqual(own, {n for n in range(100) if n % 5}, f"{name} {part}")

    def test_no_copy_says_what_a_tested_record_says(self):
        rules = self.path("my.rules")
        with open(rules, "w", encoding="utf-8") as f:
            f.write("error, mistake\n")
        # Record n + 1 is what the rule makes of record n; it is tested.
        rows = [(f"{'Mistake' if n % 2 else 'Error'}  here {n // 2}", "AB"[n // 2 % 2], "test" if n % 4 == 1 else "train")
                for n in range(80)]
        table = self.table("rows.csv", rows, ("text", "label", "part"))
        text = self.path("text.csv")
        self.works("augment", table, "-o", text, "--rules", rules, "-q")
        more = ["--split-column", "part", "--learner", "linear"]
        tokens, _, err = self.train("tokens", "--augment", rules, *more, source=table)
        self.assertIn("20 further copies left out: equal to a tested text", err)
        given, _, err = self.train("given", *more, source=text)
        self.assertIn("20 left out: equal to a tested text", err)
        for model in (tokens, given):
            copies = self.metrics(model)["augmentation"]
            self.assertEqual((copies["copies"], copies["left out: equal to a tested text"]), (40, 20))
        self.assert_same(tokens, given, ["linear/terms.json", "linear/coef.npy", "linear/idf.npy"])

    def test_duplicates_are_as_many_as_copies(self):
        copied, _, _ = self.train("copied", "--augment", "elementary-maths", "--copies", "2")
        doubled, _, err = self.train("doubled", "--augment", "duplicates", "--copies", "2")
        self.assertEqual(self.metrics(copied)["augmentation"], self.metrics(doubled)["augmentation"])
        self.assertRegex(err, r"\d+ duplicates")
        plain, _, _ = self.train("plain")
        terms = set(json.loads(self.content(doubled, "linear/terms.json")))
        self.assertGreaterEqual(terms, set(json.loads(self.content(plain, "linear/terms.json"))))
        # A duplicate adds no word: with a minimum of one document the terms are the plain model's.
        one = ["--linear-min-df", "1", "--min-df", "1"]
        names = ["linear/terms.json", "trees/terms.json"]
        self.assert_same(self.train("plain1", *one)[0], self.train("doubled1", *one, "--augment", "duplicates")[0], names)

    def test_balance_raises_labels(self):
        rows = [(f"a wrong error in step {n}", "A") for n in range(60)] + [(f"an incorrect mistake and a wrong error of {n}", "B") for n in range(15)]
        rules = self.path("my.rules")
        with open(rules, "w", encoding="utf-8") as f:
            f.write(RULES)
        table = self.table("rows.csv", rows, ("text", "label"))
        for number, (more, after) in enumerate(((["--balance", "max"], [48, 48]), (["--balance", "30"], [48, 30]),
                                                (["--balance", "0.5"], [48, 24]),
                                                (["--balance", "max", "--max-copies", "1"], [48, 24]),
                                                (["--copies", "1", "--balance", "median"], [96, 24]),
                                                (["--copies", "1"], [96, 24]))):
            model, _, _ = self.train(f"m{number}", "--augment", rules, *more, "--learner", "linear", source=table)
            labels = self.metrics(model)["augmentation"]
            self.assertEqual((labels["records"], labels["records and copies"]), ([48, 12], after), more)


class BadInput(Case):
    def test_options(self):
        self.fails(2, "copies 0", self.made, "--augment", "elementary-maths", "--copies", "0")
        self.fails(2, "--balance most: max, median", self.made, "--augment", "elementary-maths", "--balance", "most")
        self.fails(2, "--copies needs --augment", self.made, "--copies", "2")
        self.fails(2, "--rules needs --augment", self.made, "--rules", "elementary-maths")
        self.fails(2, "'?nowhere", self.made, "--augment", "nowhere")
        self.fails(2, "no column|nosuch", self.made, "--augment", "elementary-maths", "--operations", "nosuch")

    def test_rules_that_apply_nowhere_are_said(self):
        rules = self.path("my.rules")
        with open(rules, "w", encoding="utf-8") as f:
            f.write("zzzq, zzzp\n")
        model, _, err = self.train("model", "--augment", rules)
        self.assertRegex(err, r"warning: (\d+) of \1 copies could not be made: \1 without anything that applies")
        self.assert_same(model, self.train("plain")[0])

    def test_files_with_copies(self):
        text = self.path("text.csv")
        self.works("augment", self.made, "-o", text, "--copies", "1", "-q")
        self.fails(3, "holds copies.*test file of records alone", self.made, "--test", text)
        self.fails(3, "holds copies already", text, "--augment", "elementary-maths")
        rows = self.rows(text)
        header = list(rows[0])
        lost = [list(row.values()) for row in rows if row["parent"] != rows[0]["parent"] or row["copy"] != "0"]
        self.fails(3, r"text.csv|a copy of '.*' is not in the file|which is not in the file",
                   self.table("lost.csv", lost, header))
        odd = [list({**row, "copy": "one" if n == 1 else row["copy"]}.values()) for n, row in enumerate(rows)]
        self.fails(3, ":3: the column copy holds no number", self.table("odd.csv", odd, header))
        other = [list({**row, "label": "Other" if row["copy"] != "0" else row["label"]}.values()) for row in rows]
        self.fails(3, "expected that of its record at line", self.table("other.csv", other, header))

    def test_records_without_copies_train_as_ever(self):
        text = self.path("text.csv")
        self.works("augment", self.made, "-o", text, "--copies", "0", "-q")
        self.assert_same(self.train("plain")[0], self.train("given", source=text)[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
