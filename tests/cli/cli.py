#!/usr/bin/env python3
"""The program misstep as a user meets it: commands, their output, their exit codes, their files.

usage: cli.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
Every promise about bad input has a case that provokes it. Cases that need XGBoost skip without it.
"""
import csv
import gzip
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "misstep"


def run(*args, stdin=None, env=None, cwd=None, limit=None):
    """Run misstep; returns (exit code, stdout, stderr)."""
    environment = dict(os.environ, **(env or {}))
    done = subprocess.run([PROGRAM, *args], input=stdin, capture_output=True, cwd=cwd, env=environment,
                          timeout=600, preexec_fn=limit)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def has_xgboost():
    code, out, _ = run("info", "--format", "json")
    return code == 0 and any(r["what"] == "XGBoost" and r["found"] != "missing" for r in json.loads(out))


HAS_XGBOOST = has_xgboost()
needs_xgboost = unittest.skipUnless(HAS_XGBOOST, "XGBoost's library is missing: ./scripts/setup")


class Case(unittest.TestCase):
    """A folder of its own for each test, and the checks that repeat."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-cli-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(self.path(name), mode) as f:
            f.write(content)
        return self.path(name)

    def json_of(self, *parts):
        with open(os.path.join(*parts)) as f:
            return json.load(f)

    def left(self):
        """What lies in the folder, hidden files included."""
        return sorted(os.listdir(self.dir))

    def fails(self, code, words, *args, **more):
        got, out, err = run(*args, **more)
        self.assertEqual(got, code, f"{args}\nstdout: {out}\nstderr: {err}")
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, err, args)
        return err

    def works(self, *args, **more):
        code, out, err = run(*args, **more)
        self.assertEqual(code, 0, f"{args}\nstdout: {out}\nstderr: {err}")
        return out

    def statements(self, n=400, seed="7"):
        path = self.path(f"s{n}-{seed}.csv")
        if os.path.exists(path):
            return path
        self.works("generate", "-n", str(n), "--seed", seed, "-o", path, "--quiet")
        return path

    def small_model(self, *options):
        """A model that trains in a moment."""
        data, model = self.statements(), self.path("model")
        self.works("train", data, "-o", model, "--n-estimators", "3", "--bootstrap", "0", "--quiet", *options)
        return data, model


class Help(Case):
    def test_overview(self):
        out = self.works("--help")
        for command in ("info", "generate", "train", "predict", "evaluate", "vectorize", "vocabulary"):
            self.assertIn(command, out)

    def test_no_command_is_usage(self):
        self.assertEqual(run()[0], 2)

    def test_each_command_teaches(self):
        for command in ("info", "generate", "train", "predict", "evaluate", "vectorize", "vocabulary"):
            out = self.works(command, "--help")
            self.assertIn("examples:\n  misstep " + command, out)
            self.assertIn("--threads", out)
            self.assertEqual(out, self.works("help", command))

    def test_each_option_is_known(self):
        """What a command's help lists, the command takes: no option hides another of the same name."""
        for command in ("info", "generate", "train", "predict", "evaluate", "vectorize", "vocabulary", "augment",
                        "rules"):
            names = re.findall(r"^ +(?:-\w, )?--(?:\[no-\])?([a-z][a-z-]+)", self.works(command, "--help"), re.M)
            self.assertGreater(len(names), 3, command)
            for name in names:
                code, _, err = run(command, f"--{name}", "1", "--no-such-option")
                if name not in ("help", "version"):
                    self.assertEqual(code, 2, (command, name, err))
                self.assertNotIn(f"unknown option --{name}", err, command)

    def test_version(self):
        self.assertRegex(self.works("--version"), r"^misstep \d+\.\d+\.\d+$")


class Usage(Case):
    def test_unknown_command(self):
        self.fails(2, "'trian' is not a command", "trian")

    def test_unknown_option_names_the_nearest(self):
        self.fails(2, "did you mean --max-depth?", "train", "x.csv", "--maxdepth", "3")

    def test_bad_values_say_what_is_expected(self):
        for option, value, words in (("--max-depth", "deep", "a whole number from 0 to 64"),
                                     ("--subsample", "1.5", "a number from"),
                                     ("--ngram-range", "2,1", "MIN,MAX"),
                                     ("--min-df", "1.5", "a count from 1"),
                                     ("--analyzer", "words", "word|char|char_wb|maths"),
                                     ("--select", "chi2", "chi2:K"),
                                     ("--xgb", "gamma", "NAME=VALUE"),
                                     ("--device", "gpu", "auto, cpu, cuda or cuda:N")):
            self.fails(2, words, "train", "x.csv", "-o", self.path("m"), option, value)
        self.assertEqual(self.left(), [])

    def test_missing_value(self):
        self.fails(2, "a value is expected", "train", "x.csv", "-o")

    def test_missing_and_extra_arguments(self):
        self.fails(2, "something is missing", "train", "-o", "m")
        self.fails(2, "unexpected argument 'b.csv'", "train", "a.csv", "b.csv", "-o", "m")

    def test_no_output(self):
        self.fails(2, "-o MODEL is missing", "train", self.statements())

    def test_contradictions(self):
        data = self.statements()
        for extra in (["--test", data, "--folds", "3"], ["--split-column", "topic", "--test-size", "0.3"],
                      ["--sublinear-tf", "--relative-tf"], ["--learner", "linear", "--early-stopping", "3"]):
            self.fails(2, "", "train", data, "-o", self.path("m"), *extra)

    def test_min_df_above_max_df(self):
        data = self.statements()
        self.fails(2, "max_df corresponds to < documents than min_df", "vectorize", data, "-o", self.path("x.npz"),
                   "--min-df", "50", "--max-df", "10")
        self.assertFalse(os.path.exists(self.path("x.npz")))

    def test_cuda_is_an_error_not_a_cpu_run(self):
        self.fails(1, "built without CUDA", "train", self.statements(), "-o", self.path("m"), "--device", "cuda")

    def test_output_exists(self):
        data = self.statements()
        self.write("x.npz", "precious")
        self.fails(2, "--force", "vectorize", data, "-o", self.path("x.npz"))
        with open(self.path("x.npz")) as f:
            self.assertEqual(f.read(), "precious")

    def test_config_errors_name_file_and_key(self):
        data = self.statements()
        config = self.write("run.json", '{"max_depht": 3}')
        self.fails(2, ["run.json", "max-depht", "max-depth"], "train", data, "-o", self.path("m"), "--config", config)
        config = self.write("bad.json", '{"max_depth": 3,\n')
        self.fails(3, "bad.json", "train", data, "-o", self.path("m"), "--config", config)


class BadInput(Case):
    """Exit code 3, the place named, nothing half-written."""

    def bad(self, content, words, *options, name="in.csv"):
        path = self.write(name, content)
        for command in (["vectorize", path, "-o", self.path("x.npz")],
                        ["train", path, "-o", self.path("m"), "--learner", "majority"]):
            self.fails(3, words, *command, *options)
        self.assertEqual(self.left(), [name])

    def test_missing_file(self):
        self.fails(3, "nowhere.csv", "vectorize", self.path("nowhere.csv"), "-o", self.path("x.npz"))

    def test_directory(self):
        self.fails(3, "directory", "vectorize", self.dir, "-o", self.path("x.npz"))

    def test_empty(self):
        self.bad("", "empty")

    def test_header_only(self):
        self.bad("text,label\n", "no records")

    def test_no_such_column(self):
        self.bad("txt,label\na b,x\n", ['no column "text"', "txt, label"])

    def test_nul_byte(self):
        self.bad(b"text,label\nab\0cd,x\n", ["in.csv:2", "NUL"])

    def test_unclosed_quote(self):
        self.bad('text,label\n"fine",x\n"open,y\nmore,z\n', ["in.csv:3", "quote"])

    def test_ragged(self):
        self.bad("text,label\none two,x\nthree,y,z\n", ["in.csv:3", "3 fields", "2"])

    def test_broken_utf8(self):
        self.bad(b"text,label\nfine words,x\nbro\xffken,y\n", ["in.csv:3", "UTF-8"])
        path = self.path("in.csv")
        self.works("vectorize", path, "-o", self.path("r.npz"), "--decode-errors", "replace")
        code, _, err = run("vectorize", path, "-o", self.path("s.npz"), "--decode-errors", "skip")
        self.assertEqual(code, 0)
        self.assertIn("1 records with broken UTF-8 left out, the first at line 3", err)

    def test_huge_field(self):
        path = self.write("in.csv", "text,label\n" + "a" * 3_000_000 + ",x\n")
        self.fails(3, "--max-field-bytes", "vectorize", path, "-o", self.path("x.npz"), "--max-field-bytes", "1000000")

    def test_all_empty(self):
        path = self.write("in.csv", "text,label\n,x\n,y\n,x\n,y\n")
        self.fails(3, "empty vocabulary", "vectorize", path, "-o", self.path("x.npz"))

    def test_stop_words_leave_nothing(self):
        path = self.write("in.csv", "text,label\nthe and,x\nof the,y\n")
        self.fails(3, "empty vocabulary", "vectorize", path, "-o", self.path("x.npz"), "--stop-words", "english")

    def test_one_class(self):
        path = self.write("in.csv", "text,label\n" + "".join(f"word{i} common,x\n" for i in range(20)))
        self.fails(3, "one class", "train", path, "-o", self.path("m"), "--learner", "linear")
        self.assertEqual(self.left(), ["in.csv"])

    def test_empty_label(self):
        path = self.write("in.csv", "text,label\nsome words,x\nother words,\n")
        self.fails(3, ["in.csv:3", "empty label"], "train", path, "-o", self.path("m"), "--learner", "majority")

    def test_split_column(self):
        path = self.write("in.csv", "text,label,part\na b,x,train\nc d,y,dev\n")
        self.fails(3, ["in.csv:3", "train or test"], "train", path, "-o", self.path("m"), "--split-column", "part",
                   "--learner", "majority")
        path = self.write("in2.csv", "text,label,part\nab cd,x,train\nab ef,z,train\ncd ef,y,test\n")
        self.fails(3, ["in2.csv:4", "test part only"], "train", path, "-o", self.path("m"), "--split-column", "part",
                   "--learner", "majority")

    def test_field_of_100_megabytes(self):
        path = self.write("in.csv", "text,label\n" + "a" * 100_000_000 + ",x\n")
        self.fails(3, ["in.csv:2", "--max-field-bytes"], "vectorize", path, "-o", self.path("x.npz"))

    def test_damaged_gzip(self):
        packed = gzip.compress(b"text,label\nsome words,x\n" * 1000)
        self.bad(packed[:len(packed) // 2], "gzip", name="in.csv.gz")


class Learning(Case):
    @needs_xgboost
    def test_small_class_is_said_not_fatal(self):
        rows = [f"alpha{i % 7} beta{i % 5},x" for i in range(40)] + [f"gamma{i % 7} delta{i % 5},y" for i in range(40)]
        path = self.write("in.csv", "text,label\n" + "\n".join(rows) + "\nlonely words,z\n")
        code, _, err = run("train", path, "-o", self.path("m"), "--n-estimators", "2")
        self.assertEqual(code, 0, err)
        self.assertIn("class 'z' is too small to be divided", err)

    @needs_xgboost
    def test_model_folder_and_predictions(self):
        data, model = self.small_model()
        manifest = self.json_of(model, "manifest.json")
        self.assertEqual(manifest["options"]["max-depth"], 4)
        metrics = self.json_of(model, "metrics.json")
        self.assertGreater(metrics["test"]["accuracy"], 0.2)
        for name in ("labels.json", "booster.ubj", "trees/terms.json", "trees/idf.npy", "trees/selected.npy",
                     "linear/terms.json", "linear/idf.npy", "linear/selected.npy", "linear/coef.npy",
                     "linear/intercept.npy", "chars/terms.json", "chars/idf.npy", "chars/selected.npy"):
            self.assertTrue(os.path.exists(os.path.join(model, name)), name)
        self.works("predict", model, data, "-o", self.path("p.csv"), "--top", "3", "--keep-columns", "id,topic",
                   "--probabilities")
        with open(self.path("p.csv"), newline="") as f:
            rows = list(csv.DictReader(f))
        self.assertEqual(len(rows), 400)
        labels = self.json_of(model, "labels.json")
        for row in rows[:20]:
            self.assertAlmostEqual(sum(float(row[k]) for k in labels), 1.0, places=5)
            self.assertEqual(float(row["probability"]), max(float(row[k]) for k in labels))
            self.assertLessEqual(float(row["probability_2"]), float(row["probability"]))
        lines = self.works("predict", model, data, "--format", "jsonl", "--quiet").splitlines()
        self.assertEqual([json.loads(l)["label"] for l in lines], [r["label"] for r in rows])

    @needs_xgboost
    def test_same_model_for_any_threads_and_from_its_manifest(self):
        data, model = self.small_model("--threads", "1")
        for name, options in (("two", ["--threads", "2", "--n-estimators", "3"]),
                              ("seven", ["--threads", "7", "--n-estimators", "3"]),
                              ("again", ["--config", os.path.join(model, "manifest.json")])):
            self.works("train", data, "-o", self.path(name), "--quiet", *options)
            for part in ("booster.ubj", "linear/coef.npy", "trees/idf.npy", "trees/terms.json", "chars/terms.json",
                         "chars/idf.npy", "linear/intercept.npy"):
                with open(os.path.join(model, part), "rb") as a, open(os.path.join(self.path(name), part), "rb") as b:
                    self.assertEqual(a.read(), b.read(), (name, part))

    @needs_xgboost
    def test_evaluate(self):
        data, model = self.small_model()
        out = json.loads(self.works("evaluate", model, data, "--format", "json", "--quiet"))
        self.assertGreater(out["accuracy"], 0.2)
        self.assertIn("accuracy", self.works("evaluate", model, data, "-o", self.path("scores.json")))
        self.assertEqual(self.json_of(self.path("scores.json"))["accuracy"], out["accuracy"])
        bad = self.write("bad.csv", "text,label\nsome words,Calculation Error\nother words,No Such Error\n")
        self.fails(3, ["bad.csv:3", "No Such Error", "Calculation Error"], "evaluate", model, bad)

    @needs_xgboost
    def test_standard_input_and_formats(self):
        data, model = self.small_model()
        with open(data, "rb") as f:
            content = f.read()
        want = self.works("predict", model, data, "--quiet")
        self.assertEqual(self.works("predict", model, "-", "--quiet", stdin=content), want)
        packed = self.write("d.csv.gz", gzip.compress(content))
        self.assertEqual(self.works("predict", model, packed, "--quiet"), want)
        rows = list(csv.DictReader(io.StringIO(content.decode())))
        lines = self.write("d.jsonl", "".join(json.dumps(r) + "\n" for r in rows))
        got = [l.split(",", 1)[1] for l in self.works("predict", model, lines, "--quiet").splitlines()]
        self.assertEqual(got, [l.split(",", 1)[1] for l in want.splitlines()])

    @needs_xgboost
    def test_character_ngrams_in_the_linear_part(self):
        data, model = self.small_model("--linear-char-features", "150", "--linear-char-ngram-range", "2,3")
        terms = self.json_of(model, "chars", "terms.json")
        self.assertEqual(len(terms), 150)
        self.assertEqual(terms, sorted(terms))
        self.assertLessEqual({len(t) for t in terms}, {2, 3})
        options = self.json_of(model, "manifest.json")["options"]
        self.assertEqual(options["linear-char-features"], 150)
        self.assertEqual(options["linear-char-ngram-range"], "2,3")
        score = json.loads(self.works("evaluate", model, data, "--format", "json", "--quiet"))["accuracy"]
        with open(data, newline="") as f:
            want = [r["label"] for r in csv.DictReader(f)]
        out = io.StringIO(self.works("predict", model, data, "--quiet"))
        got = [r["label"] for r in csv.DictReader(out)]
        self.assertAlmostEqual(sum(a == b for a, b in zip(got, want)) / len(want), score)
        self.fails(2, "--linear-char-features", "train", data, "-o", self.path("x"), "--linear-char-features", "many")
        self.fails(2, "--linear-char-ngram-range", "train", data, "-o", self.path("x"), "--linear-char-ngram-range",
                   "4,2")

    @needs_xgboost
    def test_models_and_manifests_from_before_character_ngrams(self):
        """Without them the folder is what earlier programs wrote; their manifests repeat their runs."""
        data, model = self.small_model("--linear-char-features", "0", "--linear-c", "5")
        self.assertFalse(os.path.exists(os.path.join(model, "chars")))
        manifest = self.json_of(model, "manifest.json")
        self.assertEqual(manifest["format_version"], 1)
        self.assertNotIn("chars", manifest)
        del manifest["options"]["linear-char-features"], manifest["options"]["linear-char-ngram-range"]
        with open(os.path.join(model, "manifest.json"), "w") as f:
            json.dump(manifest, f)
        self.works("predict", model, data, "--quiet")
        self.works("train", data, "-o", self.path("again"), "--quiet", "--config", os.path.join(model, "manifest.json"))
        self.assertFalse(os.path.exists(self.path("again/chars")))
        for part in ("booster.ubj", "linear/coef.npy"):
            with open(os.path.join(model, part), "rb") as a, open(os.path.join(self.path("again"), part), "rb") as b:
                self.assertEqual(a.read(), b.read(), part)

    @needs_xgboost
    def test_damaged_models(self):
        data, model = self.small_model()
        for name in ("booster.ubj", "labels.json", "trees/idf.npy", "linear/coef.npy", "chars/terms.json",
                     "manifest.json"):
            copy = self.path("copy")
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(model, copy)
            target = os.path.join(copy, name)
            with open(target, "rb") as f:
                content = f.read()
            with open(target, "wb") as f:
                f.write(content[:len(content) // 2])
            self.fails(3, os.path.basename(name), "predict", copy, data)
        os.remove(os.path.join(copy, "manifest.json"))
        self.fails(3, "manifest.json", "predict", copy, data)
        self.fails(3, "", "predict", self.path("no-model"), data)

    def test_xgboost_missing(self):
        self.fails(1, ["/nowhere/libxgboost.so", "scripts/setup"], "train", self.statements(), "-o", self.path("m"),
                   env={"MISSTEP_XGBOOST_LIB": "/nowhere/libxgboost.so"})

    @needs_xgboost
    def test_unknown_xgb_parameter(self):
        self.fails(2, "no_such_thing", "train", self.statements(), "-o", self.path("m"), "--xgb", "no_such_thing=1")
        self.assertFalse(os.path.exists(self.path("m")))

    @needs_xgboost
    def test_cross_validation(self):
        data, model = self.small_model("--folds", "3")
        metrics = self.json_of(model, "metrics.json")
        self.assertEqual(metrics["cross_validation"]["rows"], 400)

    def test_given_splits(self):
        words = ["alpha beta", "gamma delta", "alpha gamma", "beta delta", "alpha delta", "beta gamma"]
        rows = [f"{words[i % 6]} n{i},{'xy'[i % 2]},{'test' if i % 5 == 0 else 'train'},f{i % 3}" for i in range(60)]
        path = self.write("in.csv", "text,label,part,fold\n" + "\n".join(rows) + "\nbeta gamma n5,y,train,f0\n")
        code, _, err = run("train", path, "-o", self.path("a"), "--learner", "linear", "--split-column", "part")
        self.assertEqual(code, 0, err)
        self.assertIn("1 test records have a twin in training", err)
        self.assertEqual(self.json_of(self.path("a"), "metrics.json")["test"]["rows"], 12)
        self.works("train", path, "-o", self.path("b"), "--learner", "linear", "--fold-column", "fold", "--quiet")
        self.assertEqual(self.json_of(self.path("b"), "metrics.json")["cross_validation"]["rows"], 61)
        code, _, err = run("train", path, "-o", self.path("c"), "--learner", "linear", "--test", path)
        self.assertEqual(code, 0, err)
        self.assertIn("61 test records have a twin in training", err)

    def test_stop_word_file_and_pattern(self):
        data = self.write("in.csv", "text,label\none two three,x\ntwo three four,y\n")
        stop = self.write("stop.txt", "two\n\nfour\n")
        self.works("vectorize", data, "-o", self.path("x.npz"), "--stop-words", stop, "--terms", self.path("t.json"),
                   "--ngram-range", "1,2")
        self.assertEqual(self.json_of(self.path("t.json")), ["one", "one three", "three"])
        self.works("vectorize", data, "-o", self.path("x.npz"), "-f", "--token-pattern", "[a-z](o|e)", "--terms",
                   self.path("t.json"))
        self.assertEqual(self.json_of(self.path("t.json")), ["e", "o"])
        self.fails(2, "token_pattern", "vectorize", data, "-o", self.path("y.npz"), "--token-pattern", "(a")
        self.fails(3, "nowhere.txt", "vectorize", data, "-o", self.path("y.npz"), "--stop-words", "nowhere.txt")

    def test_learners_without_xgboost(self):
        for learner in ("linear", "majority"):
            data, model = self.statements(), self.path(learner)
            self.works("train", data, "-o", model, "--learner", learner, "--quiet")
            self.works("predict", model, data, "--quiet")


    def test_machine_without_probabilities(self):
        data, model = self.statements(), self.path("svm")
        out = self.works("train", data, "-o", model, "--learner", "svm")
        self.assertIn("accuracy", out)
        self.assertNotIn("log loss", out)
        self.assertIn("top-3 accuracy", out)  # ranks are enough for it
        self.assertNotIn("calibration", out)
        scores = self.json_of(os.path.join(model, "metrics.json"))["test"]
        self.assertNotIn("log_loss", scores)
        self.assertTrue(scores["accuracy"] < scores["map3"] < scores["top3_accuracy"] <= 1)
        with open(os.path.join(model, "README.md"), encoding="utf-8") as card:
            self.assertNotIn("booster", card.read())
        rows = self.works("predict", model, data, "--quiet", "--top", "2").splitlines()
        self.assertEqual(rows[0], "line,label,score,label_2,score_2")
        self.fails(2, ["no probabilities", "--learner linear"], "predict", model, data, "--probabilities")
        scores = json.loads(self.works("evaluate", model, data, "--format", "json", "--quiet"))
        self.assertNotIn("log_loss", scores)
        with open(data, newline="", encoding="utf-8") as f:
            truth = [row["label"] for row in csv.DictReader(f)]
        rows = csv.DictReader(io.StringIO(self.works("predict", model, data, "--quiet", "--top", "3")))
        top = [[row["label"], row["label_2"], row["label_3"]] for row in rows]
        self.assertAlmostEqual(scores["top3_accuracy"], sum(t in three for t, three in zip(truth, top)) / len(truth))
        self.assertAlmostEqual(scores["map3"], sum(1 / (three.index(t) + 1) for t, three in zip(truth, top) if t in three)
                               / len(truth))
        self.works("train", data, "-o", self.path("folds"), "--learner", "svm", "--folds", "3", "--quiet")


class Features(Case):
    def test_shards_merge_to_the_whole(self):
        whole = self.statements(600)
        with open(whole) as f:
            lines = f.readlines()
        a, b = self.write("a.csv", "".join(lines[:201])), self.write("b.csv", "".join(lines[:1] + lines[201:]))
        for path in (whole, a, b):
            self.works("vocabulary", path, "-o", path + ".voc", "--ngram-range", "1,2")
        self.works("vocabulary", "--merge", a + ".voc", b + ".voc", "-o", self.path("ab.voc"))
        with open(whole + ".voc", "rb") as x, open(self.path("ab.voc"), "rb") as y:
            self.assertEqual(x.read(), y.read())
        self.works("vectorize", whole, "-o", self.path("x.npz"), "--ngram-range", "1,2", "--min-df", "2")
        self.works("vectorize", whole, "-o", self.path("y.npz"), "--vocabulary", self.path("ab.voc"),
                   "--ngram-range", "1,2", "--min-df", "2")
        with open(self.path("x.npz"), "rb") as x, open(self.path("y.npz"), "rb") as y:
            self.assertEqual(x.read(), y.read())

    def test_threads_do_not_matter(self):
        data = self.statements()
        for n in ("1", "2", "7"):
            self.works("vectorize", data, "-o", self.path(n + ".npz"), "--threads", n, "--ngram-range", "1,3")
        contents = []
        for n in ("1", "2", "7"):
            with open(self.path(n + ".npz"), "rb") as f:
                contents.append(f.read())
        self.assertEqual(contents[0], contents[1])
        self.assertEqual(contents[0], contents[2])

    def test_terms_and_svmlight(self):
        data = self.statements()
        self.works("vectorize", data, "-o", self.path("x.svm"), "--terms", self.path("t.json"), "--norm", "none",
                   "--no-use-idf", "--analyzer", "maths")
        terms = self.json_of(self.path("t.json"))
        self.assertEqual(terms, sorted(terms))
        with open(self.path("x.svm")) as f:
            rows = f.read().splitlines()
        self.assertEqual(len(rows), 400)
        entries = [e.split(":") for e in rows[0].split()[1:]]
        self.assertTrue(entries)
        self.assertTrue(all(int(i) < len(terms) and float(v) >= 1 for i, v in entries))

    def test_cuts_come_after_the_merge(self):
        self.fails(2, "--min-df", "vocabulary", self.statements(), "-o", self.path("a.voc"), "--min-df", "2")


class Compare(Case):
    SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "compare")

    def test_settings_by_name(self):
        for words, said in ((["--only", "linear SVM,bogus"], "--only bogus: there are logistic regression"),
                            (["--only"], "--only needs a value"), (["--seeds", "x"], "--seeds x")):
            done = subprocess.run(["/usr/bin/python3", "-B", self.SCRIPT, "rows.csv", *words], capture_output=True, text=True,
                                  timeout=60)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(said, done.stderr)
            self.assertNotIn("Traceback", done.stderr)


class Survival(Case):
    """Ctrl-C, kill -9, a full disk: the old state or the new one, never a half."""

    def catches(self, pid, number):
        """Has a process a handler for a signal yet? Where others compute it may be a while."""
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            caught = next(line for line in f if line.startswith("SigCgt:"))
        return int(caught.split()[1], 16) >> (number - 1) & 1

    def interrupted(self, number, delay):
        data, model = self.statements(3000), self.path("m")
        child = subprocess.Popen([PROGRAM, "train", data, "-o", model, "--n-estimators", "2000"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not self.catches(child.pid, number) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(delay)
        child.send_signal(number)
        _, err = child.communicate(timeout=120)
        return child.returncode, err.decode(), model

    @needs_xgboost
    def test_ctrl_c_and_term(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            got, err, model = self.interrupted(number, 1.0)
            self.assertEqual(got, code, err)
            self.assertFalse(os.path.exists(model))
            self.assertFalse([n for n in self.left() if n.startswith(".misstep")], self.left())
            for name in self.left():
                os.remove(self.path(name))

    @needs_xgboost
    def test_kill_leaves_no_half_model(self):
        data, model = self.small_model()
        with open(os.path.join(model, "manifest.json")) as f:
            old = f.read()
        for delay in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5):
            child = subprocess.Popen([PROGRAM, "train", data, "-o", model, "--force", "--n-estimators", "5", "--quiet"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            child.kill()
            child.wait()
            self.works("predict", model, data, "-o", self.path("p.csv"), "--force", "--quiet")
        self.works("train", data, "-o", model, "--force", "--n-estimators", "3", "--bootstrap", "0", "--quiet")
        self.assertEqual([n for n in self.left() if n.startswith(".misstep")], [])
        with open(os.path.join(model, "manifest.json")) as f:
            self.assertEqual(json.loads(f.read())["options"], json.loads(old)["options"])

    def test_full_disk(self):
        data = self.statements(2000)

        def no_room():
            import resource
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        self.fails(1, "x.npz", "vectorize", data, "-o", self.path("x.npz"), limit=no_room)
        self.assertFalse([n for n in self.left() if "npz" in n or n.startswith(".misstep")], self.left())

    def test_closed_pipe(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "info"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"No space left", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
