#!/usr/bin/env python3
"""misstep sweep plot, labels-needed and export as a user meets them.

usage: look.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
"""
import csv
import fcntl
import html.parser
import io
import json
import os
import pty
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "misstep"
NAME = "\ud559\uc2b5 <b>&\"'"  # Korean, and what HTML and YAML would take for their own
SPEC = """data: rows.csv
parameters:
  linear_stop_words: {values: [none, english]}
  linear_c: {values: [0.1, 1]}
models: [linear, majority]
rows: [150, 300, 600]
seeds: [0, 1, 2]
"""


def run(*args, **more):
    done = subprocess.run([PROGRAM, *args], capture_output=True, timeout=600, **more)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def bytes_of(path):
    with open(path, "rb") as f:
        return f.read()


class Cells(html.parser.HTMLParser):
    """The table of a page, and every address in it."""

    def __init__(self):
        super().__init__()
        self.rows, self.text, self.addresses, self.title = [], None, [], ""
        self.open = None

    def handle_starttag(self, tag, attrs):
        self.addresses += [v for k, v in attrs if k in ("src", "href")]
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        self.open = tag

    def handle_data(self, data):
        if self.open == "title":
            self.title += data
        elif self.rows and self.rows[-1] and self.open in ("td", "button"):
            self.rows[-1][-1] += data

    def handle_endtag(self, tag):
        self.open = None


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="misstep-look-")
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        code, _, err = run("generate", "-n", "600", "--seed", "3", "-q", "-o", os.path.join(cls.base, "rows.csv"))
        assert code == 0, err
        with open(os.path.join(cls.base, "s.yaml"), "w", encoding="utf-8") as f:
            f.write(SPEC)
        code, _, err = run("sweep", "s.yaml", "-o", NAME, "--quiet", cwd=cls.base)
        assert code == 0, err

    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=self.base)
        os.symlink(os.path.join(self.base, NAME), os.path.join(self.dir, NAME))

    def path(self, name):
        return os.path.join(self.dir, name)

    def look(self, verb, *args, code=0, **more):
        got, out, err = run("sweep", verb, NAME, *args, cwd=self.dir, **more)
        self.assertEqual(got, code, err + out)
        return err if code else out

    def cells(self, *args):
        return list(csv.DictReader(io.StringIO(self.look("export", *args))))


class Figures(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("gnuplot"):
            self.skipTest("no gnuplot")

    def data(self, name):
        with open(self.path(name), newline="", encoding="utf-8") as f:
            return list(csv.DictReader(f))

    def test_a_curve_has_the_means_of_the_best_configuration(self):
        self.look("plot", "--x", "rows", "--y", "macro_f1", "--by", "model", "-o", "curve.svg")
        points = {(r["series"], float(r["x"])): r for r in self.data("curve.csv")}
        self.assertEqual(len(points), 6)
        by = {}
        for c in self.cells():
            key = c["model"], float(c["rows"]), c["linear_stop_words"], c["linear_c"]
            by.setdefault(key, []).append(float(c["macro_f1"]))
        for (model, rows), point in points.items():
            best = max((sum(v) / 3, v) for k, v in by.items() if k[:2] == (model, rows))
            mean, values = best
            spread = (sum((x - mean) ** 2 for x in values) / 2) ** 0.5
            self.assertAlmostEqual(float(point["y"]), mean, places=12)
            self.assertAlmostEqual(float(point["high"]) - mean, 4.302652729749462 * spread / 3 ** 0.5, places=8)
        svg = bytes_of(self.path("curve.svg")).decode()
        self.assertIn("95 % t interval over 3 seeds", svg)
        self.assertIn("best of up to 4 configurations", svg)

    def test_the_same_cells_are_the_same_bytes_in_every_format(self):
        for kind in ("svg", "pdf", "png"):
            self.look("plot", "-o", "a." + kind)
            self.look("plot", "-o", "b." + kind)
            self.assertEqual(bytes_of(self.path("a." + kind)), bytes_of(self.path("b." + kind)))

    def test_filters_and_means(self):
        self.look("plot", "--x", "linear_c", "--by", "linear_stop_words", "--where", "model=linear", "--where", "rows=600",
                  "--y", "accuracy", "-o", "c.svg")
        self.assertEqual({(r["series"], float(r["x"])) for r in self.data("c.csv")},
                         {(s, x) for s in ("none", "english") for x in (0.1, 1)})
        self.look("plot", "--where", "model=linear", "--others", "mean", "-o", "m.svg")
        cells = [c for c in self.cells() if c["model"] == "linear" and c["rows"] == "150"]
        mean = sum(float(c["macro_f1"]) for c in cells) / len(cells)
        self.assertAlmostEqual(float(self.data("m.csv")[0]["y"]), mean, places=12)

    def test_names_on_x_are_bars(self):
        self.look("plot", "--x", "linear_stop_words", "--by", "model", "--where", "model=linear", "-o", "n.svg")
        svg = bytes_of(self.path("n.svg")).decode()
        self.assertIn(">english<", svg)

    def test_pareto(self):
        out = self.look("plot", "--kind", "pareto", "-o", "p.svg")
        edge = [r for r in self.data("p.csv") if r["series"] == "frontier"]
        points = [r for r in self.data("p.csv") if r["series"] != "frontier"]
        for e in edge:  # nothing is quicker and better
            self.assertFalse([p for p in points if float(p["x"]) < float(e["x"]) and float(p["y"]) > float(e["y"])])
        self.assertEqual([r["label"] for r in edge], [chr(65 + i) for i in range(len(edge))])
        self.assertIn("Frontier", out)

    def test_surface(self):
        self.look("plot", "--kind", "surface", "--x", "rows", "--by", "linear_c", "--where", "model=linear", "-o", "s.svg")
        self.assertEqual([(r["rows"], r["linear_c"]) for r in self.data("s.csv")],
                         [(rows, c) for c in ("0.1", "1") for rows in ("150", "300", "600")])

    def test_importance_adds_up_and_is_refused_where_the_data_do_not_say(self):
        self.look("plot", "--kind", "importance", "--where", "model=linear", "-o", "i.svg")
        shares = [float(r["y"]) for r in self.data("i.csv")]
        self.assertEqual(len(shares), 3)
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertLessEqual(sum(shares), 1 + 1e-9)
        self.assertIn("one model", self.look("plot", "--kind", "importance", "-o", "i.svg", code=2))
        self.assertIn("importance needs 3 seeds",
                      self.look("plot", "--kind", "importance", "--where", "model=linear", "--where", "seed=1",
                                code=2))
        self.assertIn("no parameter varies",
                      self.look("plot", "--kind", "importance", "--where", "model=majority", "--where", "rows=300",
                                code=2))
        self.assertIn("above the noise",
                      self.look("plot", "--kind", "importance", "--y", "n_train", "--where", "model=linear",
                                "--where", "rows=600", code=2))

    def test_labels_needed(self):
        out = self.look("labels-needed", "--f1", "0.8", "--format", "csv", "--where", "model=linear", "-o", "l.pdf")
        rows = list(csv.DictReader(io.StringIO(out)))
        self.assertEqual(len(rows), 9)
        for r in rows:  # an answer with its interval, or a reason
            self.assertEqual(bool(r["labels"]), not r["remark"])
            if r["labels"]:
                self.assertLessEqual(float(r["low"]), float(r["labels"]))
                self.assertLessEqual(float(r["labels"]), float(r["high"]))
        self.assertTrue(any(r["remark"] for r in rows))
        self.assertTrue(os.path.getsize(self.path("l.pdf")))
        self.assertIn("no such class", self.look("labels-needed", "--f1", "0.8", "--class", "x", code=2))
        self.assertIn("needs 3", self.look("labels-needed", "--f1", "0.8", "--where", "seed=1", code=2))
        self.assertIn("needs 3", self.look("labels-needed", "--f1", "0.8", "--where", "rows=150", code=2))

    def test_bad_questions(self):
        self.assertIn("did you mean macro_f1?", self.look("plot", "--y", "macro_f2", code=2))
        self.assertIn("NAME=VALUE", self.look("plot", "--where", "rows", code=2))
        self.assertIn("no finished cell", self.look("plot", "--where", "rows=7", code=2))
        self.assertIn(".svg, .pdf or .png", self.look("plot", "-o", "a.gif", code=2))
        self.assertIn("not a number", self.look("plot", "--y", "model", code=2))
        self.assertIn("no such kind", self.look("plot", "--kind", "pie", code=2))
        self.assertIn("at most 16", self.look("plot", "--x", "rows", "--by", "seconds", code=2))
        self.assertIn("--x and --by", self.look("plot", "--kind", "surface", code=2))
        self.assertIn("--f1", self.look("labels-needed", code=2))
        self.assertIn("unknown option", self.look("labels-needed", "--f1", "1.5", code=2))
        self.assertEqual([n for n in os.listdir(self.dir) if n != NAME], [])

    def test_no_gnuplot_is_said(self):
        env = dict(os.environ, PATH="/nowhere")
        self.assertIn("apt-get install gnuplot", self.look("plot", "-o", "a.svg", code=1, env=env))


class Exports(Case):
    def test_latex_is_booktabs(self):
        out = self.look("export", "--format", "latex")
        for word in ("\\toprule", "\\midrule", "\\bottomrule", "macro\\_f1"):
            self.assertIn(word, out)

    def test_sqlite(self):
        self.look("export", "--format", "sqlite", "-o", "r.sqlite")
        self.look("export", "--format", "sqlite", "-o", "r.sqlite")  # replaced
        db = sqlite3.connect(self.path("r.sqlite"))
        rows = db.execute("SELECT rows, seed, model, linear_c, macro_f1, error, dollars FROM cells").fetchall()
        cells = self.cells()
        self.assertEqual(len(rows), len(cells))
        for got, want in zip(rows, cells):
            self.assertEqual((got[0], got[1], got[2]), (int(want["rows"]), int(want["seed"]), want["model"]))
            self.assertEqual(got[3], float(want["linear_c"]) if want["linear_c"] else None)
            self.assertEqual(got[4], float(want["macro_f1"]))
            self.assertEqual(got[5:], (None, None))
        about = dict(db.execute("SELECT name, value FROM sweep"))
        self.assertEqual(about["metric"], "macro_f1")
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        db.close()

    def test_mlflow(self):
        self.look("export", "--format", "mlflow", "-o", "mlruns")
        experiment, = os.listdir(self.path("mlruns"))
        self.assertRegex(experiment, r"^\d+$")
        meta = bytes_of(self.path("mlruns/%s/meta.yaml" % experiment)).decode()
        self.assertIn("experiment_id: '%s'" % experiment, meta)
        self.assertIn("name: '%s'" % NAME.replace("'", "''"), meta)
        cells = {(c["rows"], c["seed"], c["model"], c["linear_c"], c["linear_stop_words"]): c for c in self.cells()}
        runs = [n for n in os.listdir(self.path("mlruns/" + experiment)) if n != "meta.yaml"]
        self.assertEqual(len(runs), len(cells))
        for name in runs:
            self.assertRegex(name, r"^[0-9a-f]{32}$")
            at = self.path("mlruns/%s/%s/" % (experiment, name))
            params = {n: bytes_of(at + "params/" + n).decode() for n in os.listdir(at + "params")}
            cell = cells.pop(tuple(params.get(n, "") for n in ("rows", "seed", "model", "linear_c", "linear_stop_words")))
            time, value, step = bytes_of(at + "metrics/macro_f1").decode().split()
            self.assertEqual((float(value), step), (float(cell["macro_f1"]), "0"))
            run_meta = bytes_of(at + "meta.yaml").decode()
            for line in ("run_id: " + name, "status: 3", "start_time: " + time, "lifecycle_stage: active"):
                self.assertIn(line, run_meta)
            self.assertTrue(os.path.isdir(at + "artifacts"))
        self.assertIn("exists", self.look("export", "--format", "mlflow", "-o", "mlruns", code=2))

    def test_html_is_one_file_that_holds_every_cell(self):
        self.look("export", "--format", "html", "-o", "r.html")
        page = Cells()
        text = bytes_of(self.path("r.html")).decode("utf-8")
        page.feed(text)
        self.assertEqual(page.addresses, [])
        self.assertNotRegex(text.replace("http://www.w3.org/2000/svg", ""), r"https?://|@import|url\(")
        self.assertEqual(page.title, NAME)
        cells = self.cells()
        head, rows = page.rows[0], page.rows[1:]
        self.assertEqual(head, list(cells[0]))
        self.assertEqual(rows, [list(c.values()) for c in cells])
        self.assertIn("prefers-color-scheme: dark", text)

    def test_prices(self):
        with open(self.path("p.json"), "w", encoding="utf-8") as f:
            json.dump({"dollars_per_cpu_hour": 36}, f)
        for c in self.cells("--prices", "p.json"):
            self.assertAlmostEqual(float(c["dollars"]), float(c["cpu_seconds"]) / 100, places=8)
        for bad in ({"dollars_per_cpu_hour": -1}, {}, {"dollars_per_cpu_hour": 1, "euros": 2},
                    {"dollars_per_cpu_hour": 1, "hosts": {"a": "x"}}):
            with open(self.path("p.json"), "w", encoding="utf-8") as f:
                json.dump(bad, f)
            self.assertIn("p.json", self.look("export", "--prices", "p.json", code=3))
        self.assertIn("none.json", self.look("export", "--prices", "none.json", code=3))

    def test_bad_formats_and_paths(self):
        self.assertIn("no format", self.look("export", "--format", "xls", code=2))
        self.assertIn("/nowhere", self.look("export", "--format", "html", "-o", "/nowhere/r.html", code=1))
        self.assertIn("/nowhere", self.look("export", "--format", "sqlite", "-o", "/nowhere/r.sqlite", code=1))
        code, _, err = run("sweep", "plot", "none", cwd=self.dir)
        self.assertEqual((code, "none/sweep.json" in err), (3, True))

    def test_a_sweep_that_has_only_begun(self):
        os.makedirs(self.path("young/ledger"))
        shutil.copy(self.path(NAME + "/sweep.json"), self.path("young"))
        for form in ("csv", "json", "latex", "sqlite", "mlflow", "html"):
            code, _, err = run("sweep", "export", "young", "--format", form, "-o", "y." + form, cwd=self.dir)
            self.assertEqual(code, 0, err)
        code, _, err = run("sweep", "plot", "young", cwd=self.dir)
        self.assertEqual(code, 2)
        self.assertIn("no finished cell", err)

    def test_help(self):
        code, out, _ = run("sweep", "plot", "--help")
        self.assertEqual(code, 0)
        for word in ("--kind", "--others", "labels-needed", "Examples", "--prices"):
            self.assertIn(word, out)


def on_terminal(lines, columns, *args, **more):
    """What a run writes to a terminal of that size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    child = subprocess.Popen([PROGRAM, *args], stderr=theirs, **more)
    os.close(theirs)
    out = b""
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # the other end is closed
            some = b""
        if not some:
            break
        out += some
    os.close(ours)
    return child.wait(60), out.decode().replace("\r\n", "\n")


class Live(Case):
    def test_a_terminal_has_a_table_in_its_place(self):
        code, out = on_terminal(24, 60, "sweep", "../s.yaml", "-o", "t", cwd=self.dir)
        self.assertEqual(code, 0, out)
        self.assertNotRegex(out, r"cells: \d")
        screens = out.split("\r\x1b[J")[1:]
        for screen in screens[:-1]:
            self.assertTrue(screen.endswith("\x1b[6A"), repr(screen))
            self.assertEqual(screen.count("\n"), 6)
        last = screens[-1].split("\n")
        self.assertEqual(last[:2], ["", "cells     [####################] 45 of 45"])
        self.assertRegex(last[2], r"^rate +\d+ an hour$")
        self.assertRegex(last[3], r"^best +macro_f1 0\.\d{4}$")
        self.assertRegex(last[4], r"^linear +36 of 36; best 0\.\d{4}, rows \d+, seed \d, linear_s")
        self.assertRegex(last[5], r"^majority +9 of 9; best 0\.\d{4}, rows \d+, seed \d$")
        for line in last[:6]:
            self.assertLessEqual(len(line), 60)

    def test_a_small_terminal_has_a_line(self):
        code, out = on_terminal(5, 60, "sweep", "../s.yaml", "-o", "t", cwd=self.dir)
        self.assertEqual(code, 0, out)
        self.assertIn("cells: 45 of 45", out)
        self.assertNotIn("rate", out)

    def test_no_terminal_no_escapes(self):
        code, out, err = run("sweep", "../s.yaml", "-o", "t", cwd=self.dir)
        self.assertEqual((code, out), (0, ""))
        self.assertNotIn("\x1b", err)
        self.assertRegex(err, r"(?m)^cells: 45 of 45, \d+/h, best macro_f1 0\.\d{4}$")


@unittest.skipUnless(shutil.which("node"), "no node")
class Scripts(Case):
    def test_the_page_s_script_is_whole(self):
        """A script that does not parse is a page that does not sort."""
        self.look("export", "--format", "html", "-o", "r.html")
        script = re.search(r"<script>(.*)</script>", bytes_of(self.path("r.html")).decode(), re.S).group(1)
        with open(self.path("s.js"), "w", encoding="utf-8") as f:
            f.write(script)
        done = subprocess.run(["node", "--check", "s.js"], cwd=self.dir, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
