#!/usr/bin/env python3
"""experiments/baselines/transformer.py and scripts/baseline as a user meets them, on a BERT of 16 dimensions that is made
here with random weights: it learns words that give their label away, and what is bad input is said.

usage: transformer.py PROGRAM [unittest arguments]
Skipped (77) without PyTorch and transformers: scripts/setup --transformer, or MISSTEP_TRANSFORMER_PYTHON names a Python.
"""
import csv
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "misstep"
CLONE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(CLONE, "experiments", "baselines", "transformer.py")
PYTHON = os.environ.get("MISSTEP_TRANSFORMER_PYTHON") or os.path.join(CLONE, ".deps", "transformer", "bin", "python")
MAKE_MODEL = """
import sys, torch
from transformers import BertConfig, BertModel, BertTokenizerFast
folder, words = sys.argv[1], sys.argv[2:]
open(folder + "/words.txt", "w").write("\\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words))
BertTokenizerFast(folder + "/words.txt").save_pretrained(folder)
torch.manual_seed(1)
BertModel(BertConfig(vocab_size=5 + len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                     intermediate_size=32, max_position_embeddings=130, initializer_range=0.3)).save_pretrained(folder)
"""
CHECK_FIT = """
import sys
sys.path.insert(0, sys.argv[1])
import torch, transformer
torch.manual_seed(3)
x, labels = torch.randn(200, 5, dtype=torch.float64), torch.randint(0, 3, (200,)).tolist()
w, b = transformer.logistic(torch, x, labels, 3, 2.0)
residual = (x @ w + b).softmax(1) - torch.nn.functional.one_hot(torch.tensor(labels), 3)
print(float((w / 2.0 + x.T @ residual).abs().max()), float(residual.sum(0).abs().max()))
"""
WORDS = {"add": "Calculation", "unit": "Unit", "graph": "Graph"}
FILLERS = "the pupil wrote a wrong answer here and there".split()


def has_libraries():
    return os.access(PYTHON, os.X_OK) and subprocess.run([PYTHON, "-c", "import torch, transformers"],
                                                         capture_output=True, check=False).returncode == 0


def run(*args, env=None):
    done = subprocess.run([*args], capture_output=True, timeout=300, env={**os.environ, **(env or {})}, cwd=CLONE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp(prefix="misstep-transformer-")
        cls.model = os.path.join(cls.shared, "tiny")
        os.mkdir(cls.model)
        subprocess.run([PYTHON, "-c", MAKE_MODEL, cls.model, *WORDS, *FILLERS], check=True, capture_output=True)
        draw = random.Random(4)
        for name, n in (("train", 120), ("test", 45)):
            with open(os.path.join(cls.shared, name + ".csv"), "w", newline="", encoding="utf-8") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(["id", "text", "label"])
                for number in range(n):
                    word = draw.choice(list(WORDS))
                    words = draw.sample(FILLERS, draw.randint(1, 7)) + [word]
                    draw.shuffle(words)
                    out.writerow([f"{name}{number}", " ".join(words), WORDS[word]])

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.shared, ignore_errors=True)

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-transformer-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.train, self.test = (os.path.join(self.shared, name) for name in ("train.csv", "test.csv"))

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def command(self, *options, train=None, test=None, model=None, out="p.csv"):
        return [PYTHON, SCRIPT, "--train", train or self.train, "--test", test or self.test, "--model", model or self.model,
                "-o", self.path(out), "--batch", "16", "--threads", "1", "--device", "cpu", *options]

    def predict(self, *options, **more):
        code, out, err = run(*self.command("--quiet", *options, **more))
        self.assertEqual(code, 0, out + err)
        path = self.path(more.get("out", "p.csv"))
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with open(path[:-4] + ".json", encoding="utf-8") as file:
            return rows, json.load(file), err

    def fails(self, code, words, *options, env=None, **more):
        before = sorted(os.listdir(self.dir))
        got, out, err = run(*self.command("--quiet", *options, **more), env=env)
        self.assertEqual(got, code, f"{options} {more}\n{out}{err}")
        self.assertNotIn("Traceback", err)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, err)
        self.assertEqual(sorted(os.listdir(self.dir)), before)

    def scores(self, *options, made="p.csv", test=None):
        code, out, err = run(PROGRAM, "evaluate", "--predictions", self.path(made), test or self.test, "--format", "json", *options)
        self.assertEqual(code, 0, err)
        return json.loads(out)


class Predictions(Case):
    LEARN = ("--epochs", "15", "--learning-rate", "0.02")

    def test_fine_tuned(self):
        rows, about, _ = self.predict(*self.LEARN)
        self.assertEqual(len(rows), 45)
        self.assertEqual(list(rows[0]), ["prediction", *sorted(WORDS.values())])
        for row in rows:
            proba = {name: float(row[name]) for name in WORDS.values()}
            self.assertAlmostEqual(sum(proba.values()), 1, places=6)
            self.assertEqual(row["prediction"], max(proba, key=proba.get))
        scores = self.scores()
        self.assertGreater(scores["accuracy"], 0.9)
        self.assertLess(scores["log_loss"], 0.5)
        self.assertEqual(len(about["losses"]), 15)
        self.assertLess(about["losses"][-1], about["losses"][0])

    def test_frozen(self):
        _, about, _ = self.predict("--frozen", "--cost", "1000")
        self.assertGreater(self.scores()["accuracy"], 0.9)
        self.assertEqual((about["losses"], about["model"]["kind"]), ([], "BertModel"))

    def test_manifest(self):
        _, about, _ = self.predict("--epochs", "1")
        self.assertEqual((about["train"]["rows"], about["test"]["rows"], about["train"]["cut"]), (120, 45, 0))
        self.assertEqual(about["labels"], sorted(WORDS.values()))
        self.assertEqual(about["options"]["epochs"], 1)
        self.assertEqual(set(about["versions"]), {"python", "torch", "transformers", "tokenizers"})
        self.assertGreater(about["texts_per_second"]["train"], 0)
        self.assertEqual(len(about["model"]["sha256"]), 64)
        other = self.path("other")
        shutil.copytree(self.model, other)
        with open(os.path.join(other, "words.txt"), "a", encoding="utf-8") as file:
            file.write("\n")
        self.assertNotEqual(self.predict("--epochs", "1", model=other, out="q.csv")[1]["model"], about["model"])

    def test_same_seed_same_bytes(self):
        contents = []
        for out, seed in (("a.csv", "5"), ("b.csv", "5"), ("c.csv", "6")):
            self.predict("--epochs", "2", "--seed", seed, out=out)
            with open(self.path(out), "rb") as file:
                contents.append(file.read())
        self.assertEqual(contents[0], contents[1])
        self.assertNotEqual(contents[0], contents[2])

    def test_neighbours_change_nothing(self):
        one, _, _ = self.predict("--frozen", out="a.csv")
        other, _, _ = self.predict("--frozen", "--batch", "7", out="b.csv")
        for a, b in zip(one, other):
            self.assertAlmostEqual(float(a["Unit"]), float(b["Unit"]), places=4)

    def test_optimum(self):
        """The gradient of the logistic regression vanishes where it stopped."""
        code, out, err = run(PYTHON, "-c", CHECK_FIT, os.path.dirname(SCRIPT))
        self.assertEqual(code, 0, err)
        for value in out.split():
            self.assertLess(float(value), 1e-4)

    def test_identifiers(self):
        rows, _, _ = self.predict("--frozen", "--id-column", "id")
        self.assertEqual(rows[3]["id"], "test3")
        by_row = self.scores()
        with open(self.path("p.csv"), encoding="utf-8") as file:
            header, *lines = file.read().splitlines()
        self.write("p.csv", "\n".join([header, *reversed(lines)]) + "\n")
        self.assertEqual(self.scores("--id-column", "id"), by_row)

    def test_a_label_that_training_lacks(self):
        test = self.write("t.csv", "text,label\nthe unit,Unit\nthe graph,Elsewhere\n")
        rows, _, err = self.predict("--frozen", test=test)
        self.assertIn("not in training: Elsewhere", err)
        self.assertEqual([row["Elsewhere"] for row in rows], ["0", "0"])
        self.assertEqual(self.scores(test=test)["classes"], 4)

    def test_without_labels_and_long_texts(self):
        test = self.write("t.csv", "text\n" + "unit " * 50 + "\n\n")
        rows, about, _ = self.predict("--frozen", "--max-length", "20", test=test)
        self.assertEqual((len(rows), about["test"]["cut"]), (2, 1))

    def test_keep(self):
        self.predict("--frozen")
        before = os.stat(self.path("p.csv")).st_mtime_ns
        _, _, err = self.predict("--frozen", "--keep")
        self.assertIn("is there already", err)
        self.assertEqual(os.stat(self.path("p.csv")).st_mtime_ns, before)
        _, about, _ = self.predict("--frozen", "--keep", "--cost", "3")
        self.assertEqual(about["options"]["cost"], 3)
        self.write("p.csv", "damaged")
        self.assertEqual(len(self.predict("--frozen", "--keep", "--cost", "3")[0]), 45)

    def test_interrupted(self):
        started = subprocess.Popen(self.command("--epochs", "100000"), stderr=subprocess.DEVNULL)
        time.sleep(6)
        started.send_signal(signal.SIGINT)
        self.assertEqual(started.wait(60), 130)
        self.assertEqual(os.listdir(self.dir), [])

    def test_progress(self):
        code, _, err = run(*self.command("--epochs", "1"))
        self.assertEqual(code, 0, err)
        self.assertRegex(err, r"training: 120 of 120 texts, [\d.]+/s, 0 s left, epoch 1 of 1, loss \d")


class BadInput(Case):
    def test_files(self):
        self.fails(3, "NOPE.csv", train=self.path("NOPE.csv"))
        self.fails(3, ["t.csv", "a header is expected"], train=self.write("t.csv", ""))
        self.fails(3, "no records after the header", train=self.write("t.csv", "text,label\n"))
        self.fails(3, "t.csv:3: 3 fields, 2 are expected", train=self.write("t.csv", "text,label\na,A\nb,B,C\n"))
        self.fails(3, "t.csv:3: empty label", train=self.write("t.csv", "text,label\na,A\nb,\n"))
        self.fails(3, "one label alone", train=self.write("t.csv", "text,label\na,A\nb,A\n"))
        self.fails(3, "t.csv", train=self.write("t.csv", b"text,label\n\xff,A\n"))
        self.fails(3, "t.csv.gz", train=self.write("t.csv.gz", b"text,label\na,A\n"))
        self.fails(3, ["no column kind", "text, label"], "--label-column", "kind")
        self.fails(3, "no column nr", "--id-column", "nr")
        self.fails(3, "no column words", "--text-column", "text,words")

    def test_models(self):
        self.fails(3, "a folder with config.json", model=self.path("none"))
        os.mkdir(self.path("bad"))
        self.write("bad/config.json", "{}")
        self.fails(1, "--model", model=self.path("bad"))
        self.fails(2, "reads at most 130", "--max-length", "131")

    def test_options(self):
        for option, value in (("--epochs", "0"), ("--batch", "0"), ("--max-length", "2"), ("--learning-rate", "nan"),
                              ("--cost", "-1"), ("--seed", "-1")):
            self.fails(2, "is expected", option, value)
        self.fails(2, "ends in .csv", out="predictions")
        code, _, err = run(PYTHON, SCRIPT, "--train", self.train)
        self.assertEqual((code, "--test is missing" in err), (2, True), err)

    def test_existing_result(self):
        self.write("p.csv", "mine")
        self.fails(2, "--force replaces it")

    def test_diverging(self):
        self.fails(1, "smaller --learning-rate", "--learning-rate", "1e30", "--epochs", "3")

    def test_missing_libraries(self):
        os.mkdir(self.path("none"))
        self.write("none/torch.py", "raise ImportError('No module named torch')\n")
        self.fails(1, ["No module named torch", "scripts/setup --transformer"], env={"PYTHONPATH": self.path("none")})


class Baseline(Case):
    """scripts/baseline: every row on one split, scored by misstep."""

    def run_rows(self, *options, code=0):
        data = os.path.join(self.shared, "train.csv")
        got, out, err = run("/usr/bin/python3", os.path.join(CLONE, "scripts", "baseline"), data, "-o", self.path("rows"),
                            "--model", self.model, "--max-length", "30", *options, env={"MISSTEP": PROGRAM})
        self.assertEqual(got, code, out + err)
        return out, err

    @unittest.skipUnless(os.path.exists(os.path.join(CLONE, ".deps", "transformer", ".stamp")), "scripts/setup --transformer")
    def test_rows(self):
        out, _ = self.run_rows("--only", "majority,frozen,fine-tuned", "--epochs", "1")
        rows = [line for line in out.splitlines() if line.startswith("| ")][1:]
        self.assertEqual([row.split("|")[1].strip() for row in rows], ["majority", "tiny, frozen", "tiny, fine-tuned"])
        for row in rows:
            self.assertTrue(all(math.isfinite(float(cell.split()[0].replace(",", ""))) for cell in row.split("|")[2:-1]))
        again, err = self.run_rows("--only", "majority,frozen,fine-tuned", "--epochs", "1")
        self.assertEqual(err.count("is there already"), 2)
        self.assertEqual([line for line in again.splitlines() if line.startswith("| ")], ["| " + line[2:] for line in
                         out.splitlines() if line.startswith("| ")])

    @unittest.skipUnless(os.path.exists(os.path.join(CLONE, ".deps", "transformer", ".stamp")), "scripts/setup --transformer")
    def test_a_row_that_cannot_run_is_empty(self):
        out, err = self.run_rows("--only", "majority,frozen", "--max-length", "4000", code=1)
        self.assertIn("| tiny, frozen |  |  |  |  |  |", out)
        self.assertIn("reads at most 130", err)

    def test_refused(self):
        self.run_rows("--only", "majority")
        got, _, err = run("/usr/bin/python3", os.path.join(CLONE, "scripts", "baseline"), self.train, "-o", self.path("rows"),
                          "--seed", "9", env={"MISSTEP": PROGRAM})
        self.assertEqual((got, "another split" in err), (1, True), err)
        self.run_rows("--only", "everything", code=2)


if __name__ == "__main__":
    if not has_libraries():
        print("skipped: no Python with torch and transformers (scripts/setup --transformer)")
        sys.exit(77)
    unittest.main()
