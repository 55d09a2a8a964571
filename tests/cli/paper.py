#!/usr/bin/env python3
"""misstep paper as a user meets it.

usage: paper.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
PAPER_KILLS: at how many moments the run is killed (4).
"""
import csv
import glob
import math
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "misstep"
KILLS = int(os.environ.get("PAPER_KILLS", "4"))
HERE = os.path.dirname(os.path.abspath(__file__))
FACTS = os.path.join(HERE, "..", "..", "..", "shared", "PAPER" + ".md")
XHTML = re.compile(r"<!DOCTYPE html>\n")


def run(*args, **more):
    done = subprocess.run([PROGRAM, *args], capture_output=True, timeout=900, **more)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def have_xgboost():
    return re.search(r"XGBoost +missing", run("info")[1]) is None


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def numbers(path):
    """The int32 array of a .npy file."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x93NUMPY\x01\x00", path
    n = struct.unpack("<H", data[8:10])[0]
    assert b"'<i4'" in data[10:10 + n], path
    return list(struct.unpack("<%di" % ((len(data) - 10 - n) // 4), data[10 + n:]))


def mean_of(cell):
    return float(cell.split()[0].rstrip("*"))


def setUpModule():
    """One run of everything, which most tests look at."""
    Case.base = tempfile.mkdtemp(prefix="misstep-paper-")
    unittest.addModuleCleanup(shutil.rmtree, Case.base, ignore_errors=True)
    Case.data = os.path.join(Case.base, "rows.csv")
    Case.dir = os.path.join(Case.base, "paper")
    code, _, err = run("generate", "-n", "360", "--seed", "3", "-q", "-o", Case.data)
    assert code == 0, err
    code, _, err = run("paper", "-o", Case.dir, "--data", Case.data, "--seeds", "2", "-q")
    assert code == 0, err


class Case(unittest.TestCase):
    base = data = dir = None

    def table(self, name):
        return rows(os.path.join(self.dir, name + ".csv"))

    def cells(self, where=None):
        return rows(os.path.join(where or self.dir, "cells.csv"))


class Published(Case):
    def test_every_number_is_the_one_of_the_notes(self):
        if not os.path.exists(FACTS):
            self.skipTest("the notes on the paper are not here")
        facts = " ".join(text(FACTS).split())
        labels = re.search(r"Table 1, label: count \(share\): (.*?); printed total", facts).group(1)
        want = [(n.strip(), c.replace(",", ""), s) for n, c, s in
                re.findall(r"([A-Z][A-Za-z ]+?) ([\d,]+) \(([\d.]+)(?: %)?\)", labels)]
        got = self.table("table1")[:9]
        self.assertEqual([(r["label"], r["published"], r["%, as printed"]) for r in got], want)
        accuracy = re.search(r"Table 2, accuracy % in that order: ([\d. ]+?)\. ", facts).group(1).split()
        self.assertEqual([100 * float(r["published"]) for r in self.table("table2")], [float(a) for a in accuracy])
        three = re.search(r"Table 3, P/R/F1: ([./\d ]+?)\. ", facts).group(1).split()
        self.assertEqual([float(r["published"]) for r in self.table("table3")],
                         [float(x) for triple in three for x in triple.split("/")])
        t4 = re.search(r"Table 4: average ([\d.]+) s, max ([\d.]+) s, min ([\d.]+) s per record, (\d+) records", facts)
        row = self.table("table4")[0]
        self.assertEqual([row["average"], row["max"], row["min"], row["records a minute"]],
                         [t4[1] + " s", t4[2] + " s", t4[3] + " s", t4[4]])
        t5 = re.search(r"Table 5: accuracy ([\d.]+) %, F1 ([\d.]+)\.", facts)
        t5_rows = self.table("table5")
        self.assertEqual([100 * float(t5_rows[0]["published"]), float(t5_rows[1]["published"])],
                         [float(t5[1]), float(t5[2])])

    def test_models_and_sizes_are_those_of_the_notes(self):
        if not os.path.exists(FACTS):
            self.skipTest("the notes on the paper are not here")
        facts = " ".join(text(FACTS).split())
        t6 = re.search(r"Table 6, accuracy/P/R/F1: (.*?)\. Table 7", facts).group(1)
        want = {}
        for part in t6.split(", "):
            name, values = part.rsplit(" ", 1)
            values = [float(v) for v in values.split("/")]
            want[name] = values
        want["TF-IDF + XGBoost (preset paper)"] = want.pop("TF-IDF + XGBoost")
        want["LightGBM (preset paper)"] = want.pop("LightGBM")
        want["Logistic regression"] = want.pop("LogReg")
        got = {}
        for r in self.table("table6"):
            if r["published"]:
                got.setdefault(r["model"], []).append(float(r["published"]))
        self.assertEqual(got, want)
        t7 = re.search(r"Table 7, rows .*?: accuracy ([\d. ]+); precision ([\d. ]+); recall ([\d. ]+); F1 ([\d. ]+)\.",
                       facts)
        got = self.table("table7")
        for k in range(4):
            self.assertEqual([float(r["published"]) for r in got[k:16:4]], [float(v) for v in t7[k + 1].split()])

    def test_sums(self):
        said = {r["where"]: r["its own numbers say"] for r in self.table("sums")}
        self.assertIn("29000, 1000 fewer", said["Table 1: counts"])
        self.assertIn("96.66 %", said["Table 1: shares"])
        self.assertIn("gives 91.75 %", said["Tables 2, 5, 6, 7 and the abstract"])
        self.assertIn("7 of 9 labels", said["Text, Table 3"])
        f1 = 2 * .9867 * .9654 / (.9867 + .9654)
        self.assertIn("give F1 %.4f; with 0.9854 it is 0.9860" % f1, said["Tables 6 and 7: recall"])
        self.assertIn("LightGBM 0.0038, BERT 0.0000, DistilBERT 0.0017: below chance", said["Table 6: baselines"])
        self.assertIn("0.345", said["Table 6: baselines"])
        self.assertIn("1.33 s", said["Table 4"])


class Reproduced(Case):
    def test_scores_follow_from_the_predictions(self):
        names = sorted({r["label"] for r in rows(self.data)})
        checked = 0
        for c in self.cells():
            if c["why_empty"]:
                continue
            test = rows(os.path.join(self.dir, re.search(r"--test (\S+)", c["command"])[1]))
            true = [names.index(r["label"]) for r in test]
            guess = numbers(os.path.join(self.dir, "predictions", c["key"] + ".npy"))
            self.assertEqual(len(guess), len(true))
            hit = sum(a == b for a, b in zip(true, guess))
            self.assertAlmostEqual(float(c["accuracy"]), hit / len(true), places=6)
            f1 = []
            for k in sorted(set(true) | set(guess)):
                both = sum(a == b == k for a, b in zip(true, guess))
                f1.append(2 * both / (true.count(k) + guess.count(k)))
            self.assertAlmostEqual(float(c["macro_f1"]), sum(f1) / len(f1), places=6)
            checked += 1
        self.assertGreater(checked, 50)

    def test_tables_are_means_over_seeds_with_t_intervals(self):
        value = [float(c["accuracy"]) for c in self.cells()
                 if (c["protocol"], c["rows"], c["copies"], c["model"]) == ("clean", "360", "0", "default")]
        cell = next(r for r in self.table("table6") if r["model"].startswith("misstep"))["clean protocol"]
        mean = sum(value) / 2
        half = 12.706 * abs(value[0] - value[1]) / 2
        self.assertEqual(cell.rstrip("*"), "%.4f [%.4f, %.4f]" % (mean, max(0, mean - half), min(1, mean + half)))

    def test_pairs_are_mcnemar_on_the_same_rows(self):
        by = {(c["protocol"], c["model"]): c for c in self.cells() if c["rows"] == "360" and c["seed"] == "0"
              and not c["why_empty"]}
        names = sorted({r["label"] for r in rows(self.data)})
        p, shown = [], []
        for r in self.table("pairs"):
            if r["protocol"] != "clean":
                continue
            key = {"misstep (default)": "default", "Logistic regression": "logistic", "SVM": "svm",
                   "LightGBM (preset paper)": "lightgbm", "Complement naive Bayes": "nb", "MiniLM-L6, fine-tuned": "minilm", "Majority class": "majority"}[r["model"]]
            c, x = by["clean", key], by["clean", "xgboost-paper"]
            test = rows(os.path.join(self.dir, re.search(r"--test (\S+)", c["command"])[1]))
            right = [[names[g] == t["label"] for g, t in zip(
                numbers(os.path.join(self.dir, "predictions", cell["key"] + ".npy")), test)] for cell in (c, x)]
            only = sum(a and not b for a, b in zip(*right)), sum(b and not a for a, b in zip(*right))
            self.assertEqual((int(r["only this right"]), int(r["only XGBoost right"])), only)
            n = sum(only)
            p.append(min(1, 2 * sum(math.comb(n, k) for k in range(min(only) + 1)) / 2 ** n))
            shown.append(r["p (McNemar, Holm)"])
        self.assertGreaterEqual(len(p), 3)
        floor = 0
        for done, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
            floor = max(floor, min(1, p[i] * (len(p) - done)))
            self.assertEqual(shown[i], "< 0.0001" if floor < 1e-4 else "%.4f" % floor)

    def test_twins_are_those_of_the_files(self):
        for c in self.cells():
            if c["model"] != "xgboost-paper" or c["rows"] != "360":
                continue
            train, test = [rows(os.path.join(self.dir, path))
                           for path in re.search(r"train (\S+) --test (\S+)", c["command"]).groups()]
            ids = {r["id"] for r in train}
            texts = {" ".join(r["text"].lower().split()) for r in train}
            want = ["text" if " ".join(r["text"].lower().split()) in texts else "copy" if r["id"] in ids else ""
                    for r in test]
            self.assertEqual([r["twin"] for r in test], want)
            if c["protocol"] == "clean":
                self.assertEqual(set(want), {""})
            else:
                self.assertGreater(want.count("copy"), len(want) / 2)

    def test_clean_sizes_are_nested_and_tested_on_the_same_records(self):
        part = {}
        for c in self.cells():
            if c["protocol"] == "clean" and c["seed"] == "1" and c["model"] == "default":
                part[int(c["rows"])] = re.search(r"train (\S+) --test (\S+)", c["command"]).groups()
        self.assertEqual(len({test for _, test in part.values()}), 1)
        before = set()
        for n in sorted(part):
            ids = {r["id"] for r in rows(os.path.join(self.dir, part[n][0]))}
            self.assertLess(abs(len(ids) - .8 * n), 8)
            self.assertLessEqual(before, ids)
            before = ids

    def test_a_cell_is_what_its_command_gives(self):
        c = next(c for c in self.cells() if (c["protocol"], c["model"], c["rows"], c["copies"]) ==
                 ("clean", "default", "180", "1"))
        place = tempfile.mkdtemp(dir=self.base)
        os.symlink(os.path.join(self.dir, "data"), os.path.join(place, "data"))
        env = dict(os.environ, PATH=os.path.dirname(PROGRAM) + ":" + os.environ["PATH"])
        done = subprocess.run(["sh", "-c", c["command"]], cwd=place, env=env, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = sorted({r["label"] for r in rows(self.data)})
        guess = numbers(os.path.join(self.dir, "predictions", c["key"] + ".npy"))
        self.assertEqual([r["label"] for r in rows(os.path.join(place, "predictions.csv"))], [names[g] for g in guess])

    def test_a_model_that_did_not_run_is_empty_with_its_reason(self):
        for r in self.table("table6"):
            if "BERT" in r["model"]:
                self.assertEqual((r["reproduced (paper protocol)"], r["clean protocol"]), ("", ""))
        for ending in ("md", "tex"):
            self.assertRegex(text(os.path.join(self.dir, "table6." + ending)), r"Empty \(BERT\): not run")
        for c in self.cells():
            self.assertNotEqual(bool(c["accuracy"]), bool(c["why_empty"]), c)
        for r in self.table("table6"):
            for column in ("reproduced (paper protocol)", "clean protocol"):
                self.assertTrue(r[column] == "" or mean_of(r[column]) > 0, r)


class Written(Case):
    def test_latex(self):
        tables = sorted(glob.glob(os.path.join(self.dir, "table?.tex")))
        self.assertEqual(len(tables), 7)
        for path in tables:
            tex = text(path)
            for mark in ("\\toprule", "\\midrule", "\\bottomrule"):
                self.assertEqual(tex.count(mark), 1, path)
            self.assertEqual(re.findall(r"\\begin\{(\w+)\}", tex), re.findall(r"\\end\{(\w+)\}", tex)[::-1])
            wide = len(re.search(r"\\begin\{tabular\}\{(\w+)\}", tex)[1])
            body = tex[tex.index("\\toprule"):tex.index("\\bottomrule")]
            for line in re.findall(r"(?m)^.*\\\\$", body):
                self.assertEqual(len(re.findall(r"(?<!\\)&", line)), wide - 1, line)
            self.assertIsNone(re.search(r"(?<!\\)[%#_]", body), path)
        if not shutil.which("pdflatex"):
            return
        main = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}%s\\end{document}"
        with open(os.path.join(self.base, "all.tex"), "w", encoding="utf-8") as file:
            file.write(main % "\n".join("\\input{%s}" % t for t in tables))
        done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=self.base,
                              capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])

    def test_every_format_holds_the_same_table(self):
        for i in range(1, 8):
            name = os.path.join(self.dir, "table%d" % i)
            cells = [c for r in self.table("table%d" % i) for k, c in r.items() if k != "cells"]
            lines = [line for line in text(name + ".md").splitlines() if line.startswith("| ")][2:]
            shown = [re.sub(r"\\(.)", r"\1", c).replace("&lt;", "<") for line in lines
                     for c in re.split(r"(?<!\\) \| ", line[2:-2])]
            self.assertEqual([c.strip() for c in shown], cells, name)

    def test_the_page_is_one_well_formed_file(self):
        page = text(os.path.join(self.dir, "index.html"))
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        root = ElementTree.fromstring(XHTML.sub("", page))
        ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
        self.assertEqual(len(ids), len(set(ids)))
        links = {e.attrib["href"] for e in root.iter() if "href" in e.attrib}
        self.assertTrue(all(link.startswith("#") for link in links))
        self.assertLessEqual({link[1:] for link in links}, set(ids))
        self.assertNotRegex(page, r"(?:src|data)=\"|@import|url\((?!#)")
        keys = [c["key"] for c in self.cells() if not c["why_empty"]]
        self.assertLessEqual(set(keys), set(ids))

    def test_every_number_of_a_run_leads_to_its_cells(self):
        page = text(os.path.join(self.dir, "index.html"))
        for name in ("table2", "table3", "table5", "table6", "table7"):
            section = page[page.index('<section id="%s">' % name):]
            section = section[:section.index("</section>")]
            for cell in re.findall(r'<td class="n">(.*?)</td>', section):
                if "[" in cell:
                    self.assertRegex(cell, r'^<a href="#(?:paper|clean)-')

    def test_figures(self):
        if not shutil.which("gnuplot"):
            self.skipTest("gnuplot is not installed")
        for name in ("figure3", "figure4"):
            for ending, begin in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
                with open(os.path.join(self.dir, name + "." + ending), "rb") as file:
                    self.assertEqual(file.read(len(begin)), begin)
        self.assertEqual(len(re.findall("<svg", text(os.path.join(self.dir, "index.html")))), 2)

    def test_data_of_ones_own_are_not_called_synthetic(self):
        self.assertNotIn("ynthetic", text(os.path.join(self.dir, "table1.md")).replace(self.data, ""))


class Resumed(Case):
    def results(self, where):
        kept = {}
        for c in self.cells(where):
            c.pop("seconds")
            kept[c["protocol"], c["rows"], c["copies"], c["model"], c["seed"]] = c
        return kept

    def test_killed_runs_go_on(self):
        place = os.path.join(self.base, "killed")
        command = [PROGRAM, "paper", "-o", place, "--data", self.data, "--seeds", "1", "--protocol", "clean", "-q"]
        random.seed(5)
        for _ in range(KILLS):
            child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(.1, 6))
            child.kill()
            child.wait()
        self.assertEqual(subprocess.run(command, stderr=subprocess.DEVNULL).returncode, 0)
        whole, got = self.results(self.dir), self.results(place)
        self.assertEqual(len(got), 23)
        for key, c in got.items():
            self.assertEqual(c, whole[key])
            if c["why_empty"]:
                continue
            name = os.path.join("predictions", c["key"] + ".npy")
            self.assertEqual(numbers(os.path.join(place, name)), numbers(os.path.join(self.dir, name)))

    def test_interrupted_once(self):
        place = os.path.join(self.base, "interrupted")
        child = subprocess.Popen([PROGRAM, "paper", "-o", place, "--data", self.data, "-q"], stderr=subprocess.PIPE)
        time.sleep(3)
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(timeout=60), 130)
        self.assertIn(b"the same command goes on", child.stderr.read())
        child.stderr.close()

    def test_nothing_is_computed_twice(self):
        ledgers = {p: os.path.getsize(p) for p in glob.glob(os.path.join(self.dir, "ledger", "*"))}
        latency = text(os.path.join(self.dir, "latency.json"))
        page = text(os.path.join(self.dir, "index.html"))
        code, _, err = run("paper", "-o", self.dir, "--data", self.data, "--seeds", "2", "-q")
        self.assertEqual(code, 0, err)
        now = {p: os.path.getsize(p) for p in glob.glob(os.path.join(self.dir, "ledger", "*"))}
        self.assertEqual(now, ledgers)
        self.assertEqual(text(os.path.join(self.dir, "latency.json")), latency)
        self.assertEqual(text(os.path.join(self.dir, "index.html")), page)

    def test_finished_cells_without_the_others(self):
        place = os.path.join(self.base, "finished")
        shutil.copytree(self.dir, place)
        code, _, err = run("paper", "-o", place, "--data", self.data, "--seeds", "3", "--finished", "-q")
        self.assertEqual(code, 0, err)
        self.assertIn("not all cells are computed yet", text(os.path.join(place, "table6.md")))
        self.assertEqual(rows(os.path.join(place, "table6.csv")), self.table("table6"))
        self.assertEqual({c["why_empty"] for c in self.cells(place) if c["seed"] == "2" and c["model"] == "default"},
                         {"not computed yet"})

    def test_damaged_predictions_are_computed_again(self):
        place = os.path.join(self.base, "damaged")
        shutil.copytree(self.dir, place)
        c = next(c for c in self.cells() if c["model"] == "majority")
        name = os.path.join("predictions", c["key"] + ".npy")
        with open(os.path.join(place, name), "wb") as file:
            file.write(b"nothing")
        code, _, err = run("paper", "-o", place, "--data", self.data, "--seeds", "2", "-q")
        self.assertEqual(code, 0, err)
        self.assertIn("not the predictions of its cell", err)
        self.assertEqual(numbers(os.path.join(place, name)), numbers(os.path.join(self.dir, name)))


class Refused(Case):
    def fails(self, code, words, *args):
        got = run("paper", *args)
        self.assertEqual(got[0], code, got[2])
        self.assertIn(words, got[2])

    def test_usage(self):
        self.fails(2, "where to? -o DIR")
        self.fails(2, "paper, clean or both, not fair", "-o", "x", "--protocol", "fair")
        self.fails(2, "1 .. 20, not 0", "-o", "x", "--seeds", "0")
        self.fails(2, "1 .. 64, not many", "-o", "x", "--workers", "many")
        self.fails(2, "no option --fast", "-o", "x", "--fast", "1")
        self.fails(2, "unexpected argument table6", "table6")
        self.assertIn("--quick", run("paper", "--help")[1])

    def test_bad_input(self):
        place = os.path.join(self.base, "bad")
        self.fails(3, "nowhere.csv", "-o", place, "--data", "nowhere.csv")
        self.fails(3, "words", "-o", place, "--data", self.data, "--text-column", "words")
        few = os.path.join(self.base, "few.csv")
        with open(few, "w", encoding="utf-8") as file:
            file.write("text,label\none,a\ntwo,b\n")
        self.fails(3, "2 records of 2 classes", "-o", place, "--data", few)
        self.fails(1, "No such file", "-o", os.path.join(self.base, "no", "folder"), "--data", self.data)

    def test_an_encoder_without_weights(self):
        place, folder = os.path.join(self.base, "bare"), os.path.join(self.base, "encoder")
        os.mkdir(folder)
        self.fails(3, "No such file", "-o", place, "--data", self.data, "--bert", folder + "s")
        self.fails(3, "no config.json", "-o", place, "--data", self.data, "--bert", folder)
        open(os.path.join(folder, "config.json"), "w", encoding="utf-8").close()
        self.fails(3, "no model.safetensors", "-o", place, "--data", self.data, "--distilbert", folder)

    def test_two_at_once(self):
        place = os.path.join(self.base, "twice")
        child = subprocess.Popen([PROGRAM, "paper", "-o", place, "--data", self.data, "-q"],
                                 stderr=subprocess.DEVNULL)
        try:
            time.sleep(2)
            self.fails(1, "another misstep paper works there", "-o", place, "--data", self.data)
        finally:
            child.kill()
            child.wait()


if __name__ == "__main__":
    if not have_xgboost():
        print("skipped: XGBoost is not installed")
        sys.exit(77)
    unittest.main()
