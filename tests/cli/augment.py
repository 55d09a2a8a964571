#!/usr/bin/env python3
"""misstep augment and misstep rules as a user meets them.

usage: augment.py PROGRAM [unittest arguments]     (run by ctest; the standard library alone)
"""
import csv
import html.parser
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
RULES = """labels: A, B
error, mistake, slip
wrong, incorrect
"lost {n} steps" <-> "{n} steps lost"
sum => total [label: A]
"""
ROWS = [("a wrong error", "A"), ("the sum, 3 + 4 = 7, is wrong", "A"), ("he lost 2 steps", "B"),
        ("nothing here", "B"), ('an error, "said" he', "A")]


def run(*args, stdin=None):
    done = subprocess.run([PROGRAM, *args], input=stdin, capture_output=True, timeout=300)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-augment-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.rules = self.write("my.rules", RULES)
        self.table = self.rows_file("in.csv", ROWS)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def read(self, path):
        with open(path, "rb") as f:
            return f.read()

    def rows_file(self, name, rows, header=("text", "label")):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
        return self.write(name, out.getvalue())

    def works(self, *args, **more):
        code, out, err = run(*args, **more)
        self.assertEqual(code, 0, f"{args}\nstdout: {out}\nstderr: {err}")
        return out

    def fails(self, code, words, *args, **more):
        got, out, err = run(*args, **more)
        self.assertEqual(got, code, f"{args}\nstdout: {out}\nstderr: {err}")
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, err, args)
        return err

    def augment(self, *args, table=None, **more):
        out = self.works("augment", table or self.table, "--rules", self.rules, *args, **more)
        return list(csv.DictReader(io.StringIO(out)))

    def many(self, n=3000):
        words = ["error", "wrong", "sum", "steps", "the", "slip", "3", "answer", "mistake", "a"]
        rows = [(" ".join(words[(i * 7 + k * k * 3 + i // 9) % 10] for k in range(5 + i % 7)) + f" {i}",
                 "AB"[i % 5 == 0]) for i in range(n)]
        return self.rows_file("many.csv", rows)


class Copies(Case):
    def test_provenance(self):
        rows = self.augment("--copies", "3", "--seed", "1")
        originals = [r for r in rows if r["copy"] == "0"]
        self.assertEqual([(r["text"], r["label"]) for r in originals], ROWS)
        self.assertEqual(len({r["parent"] for r in originals}), len(ROWS))
        self.assertTrue(all(r["rules"] == r["edits"] == "" for r in originals))
        own = {r["parent"]: r for r in originals}
        copies = [r for r in rows if r["copy"] != "0"]
        self.assertGreater(len(copies), 6)
        for r in copies:
            parent = own[r["parent"]]
            self.assertEqual(r["label"], parent["label"])
            self.assertNotEqual(r["text"], parent["text"])
            text = parent["text"].encode()
            for edit in reversed(r["edits"].split("|")):
                at, length, new = re.fullmatch(r"(\d+)\+(\d+)>(.*)", edit).groups()
                text = text[:int(at)] + new.encode() + text[int(at) + int(length):]
            self.assertEqual(text.decode(), r["text"])
            self.assertEqual(len(r["rules"].split(";")), len(r["edits"].split("|")))
            self.assertTrue(all(re.fullmatch(r"my:\d+|article", x) for x in r["rules"].split(";")))
        texts = [(r["parent"], r["text"]) for r in rows]
        self.assertEqual(len(texts), len(set(texts)))

    def test_labels(self):
        rows = self.augment("--copies", "9")
        self.assertTrue(any("total" in r["text"] for r in rows))
        table = self.rows_file("b.csv", [("the sum is wrong", "B")])
        self.assertFalse(any("total" in r["text"] for r in self.augment("--copies", "9", table=table)))

    def test_threads_batches_and_order_change_nothing(self):
        table = self.many()
        one = self.works("augment", table, "--rules", self.rules, "--copies", "2", "--threads", "1")
        two = self.works("augment", table, "--rules", self.rules, "--copies", "2", "--threads", "3")
        self.assertEqual(one, two)
        lines = self.read(table).decode().splitlines()
        shards = [self.write(f"s{k}.csv", "\n".join(lines[:1] + lines[1 + k::3][::-1]) + "\n") for k in range(3)]
        parts = [self.works("augment", s, "--rules", self.rules, "--copies", "2") for s in shards]
        union = sorted(line for p in parts for line in p.splitlines()[1:])
        self.assertEqual(union, sorted(one.splitlines()[1:]))

    def test_more_copies_keep_the_first(self):
        two, five = self.augment("--copies", "2"), self.augment("--copies", "5")
        self.assertEqual(two, [r for r in five if int(r["copy"]) <= 2])

    def test_seed_and_id(self):
        self.assertEqual(self.augment("--seed", "4"), self.augment("--seed", "4"))
        table = self.many(200)
        self.assertNotEqual(self.augment("--seed", "4", table=table), self.augment("--seed", "5", table=table))
        table = self.rows_file("id.csv", [("r1", "a wrong error"), ("r2", "a wrong error")], ("id", "text"))
        rows = self.augment("--id-column", "id", "--copies", "3", table=table)
        self.assertEqual({r["parent"] for r in rows}, {"r1", "r2"})

    def test_to(self):
        table = self.many(300)
        for n in (301, 400, 777):
            rows = self.augment("--to", str(n), table=table)
            self.assertEqual(len(rows), n)
            self.assertEqual(len({r["text"] for r in rows}), n, "a copy reads like a record or another copy")
            spread = [sum(r["parent"] == o["parent"] for r in rows) for o in rows if o["copy"] == "0"]
            self.assertLessEqual(max(spread) - min(spread), 1 if n < 600 else 3)
        code, out, err = run("augment", table, "--rules", self.rules, "--to", "100000000")
        self.assertEqual(code, 0)
        self.assertRegex(err, r"\d+ copies fewer than asked for: \d+ of 99999700")
        self.assertEqual(len(self.augment("--to", "300", table=table)), 300)
        self.fails(3, ["--to 299", "300 records already"], "augment", table, "--rules", self.rules, "--to", "299")

    def test_balance(self):
        table = self.rows_file("u.csv", [(f"a wrong error in step {i}, the error is wrong", "A") for i in range(60)] +
                               [(f"an incorrect sum in step {i}, a wrong error", "B") for i in range(20)])

        def count(*args):
            rows = self.augment(*args, table=table)
            return [sum(r["label"] == k for r in rows) for k in "AB"]
        self.assertEqual(count("--balance", "max"), [60, 60])
        self.assertEqual(count("--balance", "0.5"), [60, 30])
        self.assertEqual(count("--balance", "70"), [70, 70])
        self.assertEqual(count("--balance", "median"), [60, 20])
        self.assertEqual(count("--balance", "max", "--max-copies", "1"), [60, 40])
        self.fails(2, "--balance some", "augment", table, "--rules", self.rules, "--balance", "some")
        empty = self.rows_file("e.csv", [("a", "A"), ("b", "")])
        self.fails(3, ["e.csv:3", "empty label"], "augment", empty, "--rules", self.rules, "--balance", "max")

    def test_twins_get_no_copies(self):
        table = self.rows_file("t.csv", [("a wrong error", "A")] * 2 + [("the error", "A"), ("a mistake", "B")])
        code, out, err = run("augment", table, "--rules", self.rules, "--to", "6")
        self.assertEqual(code, 0)
        self.assertIn("2 records are there more than once", err)
        rows = list(csv.DictReader(io.StringIO(out)))
        self.assertEqual([r["copy"] for r in rows[:2]], ["0", "0"])
        texts = [r["text"] for r in rows if r["copy"] != "0"]
        self.assertEqual(len(texts), len(set(texts)))

    def test_shards_follow_one_plan(self):
        """The sorted union of the shards, however the set is cut, is what the whole file gives."""
        with open(self.many(500), newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        for goal in (["--to", "1300"], ["--balance", "max"]):
            options = ["--rules", self.rules, "--max-copies", "5", "--seed", "3", *goal]
            whole = self.works("augment", self.path("many.csv"), *options).splitlines(True)[1:]
            for n in (2, 5):
                shards = [self.rows_file(f"{i}.csv", rows[i::n], header) for i in range(n)]
                plans = []
                for i in reversed(range(n)):
                    self.works("augment", shards[i], "--make-plan", "-f", "-o", self.path(f"{i}.plan"), *options)
                    plans.append(self.path(f"{i}.plan"))
                self.works("augment", "--merge", *plans, "-f", "-o", self.path("all.plan"))
                self.works("augment", "--merge", *reversed(plans), "-f", "-o", self.path("same.plan"))
                self.assertEqual(self.read(self.path("all.plan")), self.read(self.path("same.plan")))
                union = []
                for shard in shards:
                    with open(shard, "rb") as file:  # a shard may come by standard input
                        out = run("augment", "--plan", self.path("all.plan"), *options, stdin=file.read())[1]
                    union += out.splitlines(True)[1:]
                self.assertEqual(sorted(union), sorted(whole))

    def test_plans_that_do_not_fit(self):
        options = ["--rules", self.rules, "--to", "8"]
        self.fails(2, "--max-copies N is expected", "augment", self.table, "--make-plan", *options)
        self.fails(2, "--to and --balance", "augment", self.table, "--make-plan", "--max-copies", "2")
        self.works("augment", self.table, "--make-plan", "--max-copies", "2", "-o", self.path("p"), *options)
        self.fails(3, ["different settings", "--seed 0", "--seed 1"], "augment", self.table, "--plan", self.path("p"),
                   "--max-copies", "2", "--seed", "1", *options)
        other = self.rows_file("o.csv", [("another wrong error", "A")])
        self.fails(3, ["o.csv:2", "does not know this record"], "augment", other, "--plan", self.path("p"),
                   "--max-copies", "2", *options)
        with open(self.path("p"), "r+b") as file:
            file.truncate(60)
        self.fails(3, "damaged or cut off", "augment", self.table, "--plan", self.path("p"), "--max-copies", "2", *options)
        self.fails(3, "no plan of misstep", "augment", "--merge", self.table)
        self.fails(3, "absent", "augment", "--merge", self.path("absent"))
        self.fails(2, "one FILE is expected", "augment", self.table, self.table)

    def test_shortfall_is_said(self):
        code, _, err = run("augment", self.table, "--rules", self.rules, "--copies", "50")
        self.assertEqual(code, 0)
        self.assertIn("copies could not be made", err)

    def test_without_originals(self):
        self.assertTrue(all(r["copy"] != "0" for r in self.augment("--no-originals")))

    def test_operations(self):
        rows = self.augment("--operations", "swap", "--copies", "2")
        self.assertTrue(any(r["rules"].startswith("swap") for r in rows))
        _, _, err = run("augment", self.table, "--rules", self.rules, "--operations", "swap")
        self.assertIn("do not see it", err)
        self.assertIn("order of words only", err)
        self.fails(2, "did you mean 'synonym'", "augment", self.table, "--operations", "synonim")
        self.fails(2, "--edits 3..1", "augment", self.table, "--edits", "3..1")


class Formats(Case):
    def test_filter(self):
        self.assertEqual(self.works("augment", "--rules", self.rules, stdin=self.read(self.table)),
                         self.works("augment", self.table, "--rules", self.rules))

    def test_json_lines(self):
        table = self.write("in.jsonl", "".join(json.dumps({"text": t, "label": k}) + "\n" for t, k in ROWS))
        out = self.works("augment", table, "--rules", self.rules)
        rows = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([{k: str(v) for k, v in r.items()} for r in rows], self.augment())
        out = self.works("augment", "--input-format", "jsonl", "--rules", self.rules, stdin=self.read(table))
        self.assertEqual([json.loads(line) for line in out.splitlines()], rows)

    def test_tsv_and_format(self):
        self.works("augment", self.table, "--rules", self.rules, "-o", self.path("o.tsv"))
        with open(self.path("o.tsv"), newline="") as f:
            self.assertEqual(list(csv.DictReader(f, delimiter="\t")), self.augment())
        self.fails(2, "csv, tsv or jsonl", "augment", self.table, "--rules", self.rules, "--format", "xml")

    def test_output_is_whole_or_absent(self):
        bad = self.write("bad.csv", "text,label\nan error,A\nan error,A,B\n")
        self.fails(3, "bad.csv:3", "augment", bad, "--rules", self.rules, "-o", self.path("o.csv"))
        self.assertFalse(os.path.exists(self.path("o.csv")))
        self.works("augment", self.table, "--rules", self.rules, "-o", self.path("o.csv"))
        self.fails(2, "--force", "augment", self.table, "--rules", self.rules, "-o", self.path("o.csv"))

    def test_bad_input(self):
        broken = self.write("b.csv", b"text,label\nan \xff error,A\n")
        self.fails(3, "b.csv:2", "augment", broken, "--rules", self.rules)
        self.fails(3, "txt", "augment", self.table, "--rules", self.rules, "--text-column", "txt")
        self.fails(3, "nofile", "augment", self.path("nofile.csv"), "--rules", self.rules)
        self.fails(2, "one of them", "augment", self.table, "--rules", self.rules, "--to", "9", "--copies", "2")
        self.fails(2, "twice", "augment", "--rules", self.rules, "--to", "9",
                   stdin=b"text\na\n")
        self.fails(2, "one column", "augment", self.table, "--text-column", "text,label", "--rules", self.rules)

    def test_copies_of_copies(self):
        out = self.works("augment", self.table, "--rules", self.rules)
        again = self.write("again.csv", out)
        self.fails(3, ["again.csv", "copies are made of originals"], "augment", again, "--rules", self.rules)

    def test_empty(self):
        table = self.write("none.csv", "text,label\n")
        self.assertEqual(self.works("augment", table, "--rules", self.rules), "text,label,parent,copy,rules,edits\n")

    def test_long_line(self):
        csv.field_size_limit(1 << 25)
        table = self.rows_file("long.csv", [("a wrong error, " * 700000, "A")])
        rows = self.augment(table=table)
        self.assertEqual(len(rows), 2)

    def test_closed_pipe(self):
        table = self.many(30000)
        with subprocess.Popen([PROGRAM, "augment", table, "--rules", self.rules, "-q"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as p:
            p.stdout.read(100)
            p.stdout.close()
            err = p.stderr.read().decode()
            self.assertEqual(p.wait(), 1)
        self.assertIn("standard output", err)
        self.assertEqual(err.count("\n"), 1, err)

    def test_closed_pipe_leaves_no_report(self):
        with subprocess.Popen([PROGRAM, "augment", "--rules", self.rules, "-q", "--report", self.path("report")],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
            p.stdout.close()
            try:
                p.stdin.write(b"text,label\n" + b"a wrong error,A\n" * 100000)
                p.stdin.close()
            except BrokenPipeError:
                pass
            p.stderr.read()
            self.assertEqual(p.wait(), 1)
        self.assertFalse(os.path.exists(self.path("report")))


class Page(html.parser.HTMLParser):
    """Tags opened and closed in order, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.seen, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.text += data


class Report(Case):
    def test_three_files(self):
        table = self.rows_file("r.csv", [("a wrong error <script>alert(1)</script> & \"x\"", "<b>A</b>"), ("the error", "B"),
                                         ("nothing", "B")])
        folder = self.path("report")
        self.works("augment", table, "--rules", self.rules, "--copies", "3", "--report", folder, "-o", self.path("o.csv"))
        with open(self.path("report/report.json"), encoding="utf-8") as file:
            report = json.load(file)
        rows = list(csv.DictReader(io.StringIO(self.read(self.path("o.csv")).decode())))
        copies = [r for r in rows if r["copy"] != "0"]
        self.assertEqual(report["records"], {"<b>A</b>": 1, "B": 2})
        self.assertEqual(sum(report["copies"].values()), len(copies))
        applied = {rule["name"]: sum(rule["applied"].values()) for rule in report["rules"]}
        told = [name for r in copies for name in r["rules"].split(";")]
        self.assertEqual({k: v for k, v in applied.items() if v}, {k: told.count(k) for k in told})
        words = [re.findall(r"[a-z0-9]+", r["text"].lower()) for r in rows]
        self.assertEqual(report["ngrams"], len({g for w in words for g in [*w, *zip(w, w[1:])]}))
        own = [w for w, r in zip(words, rows) if r["copy"] == "0"]
        self.assertEqual(report["ngrams_of_records"], len({g for w in own for g in [*w, *zip(w, w[1:])]}))
        page = Page()
        page.feed(self.read(self.path("report/report.html")).decode())
        page.close()
        self.assertEqual((page.open, page.wrong), ([], []))
        self.assertNotIn("script", page.seen)
        self.assertNotIn("b", page.seen)
        self.assertIn("<script>alert(1)</script> & \"x\"", page.text)
        self.assertIn("svg", page.seen)
        self.assertNotIn(b"http://", self.read(self.path("report/report.html")).replace(b"http://www.w3.org/2000/svg", b""))
        text = self.read(self.path("report/report.txt")).decode()
        self.assertIn("could apply", text)

    def test_folder(self):
        folder = self.path("report")
        self.works("augment", self.table, "--rules", self.rules, "--report", folder)
        self.fails(2, "--force", "augment", self.table, "--rules", self.rules, "--report", folder)
        self.works("augment", self.table, "--rules", self.rules, "--report", folder, "--force", "--to", "7")

    def test_check(self):
        """A rule that writes the other label's word flips; the harmless rule's copies stay."""
        rows = [(f"{('an error', 'a total')[i % 2]} in line {i * 37 % 91}, wrong {i % 7}", "AB"[i % 2]) for i in range(240)]
        table = self.rows_file("c.csv", rows)
        rules = self.write("flip.rules", "error => total [name: bad]\nwrong, incorrect [name: good]\n")
        self.works("train", table, "-o", self.path("model"), "--learner", "linear", "-q")
        for goal in (["--copies", "3"], ["--to", "400"]):
            code, out, err = run("augment", table, "--rules", rules, "--check", self.path("model"), *goal)
            self.assertEqual(code, 0, err)
            made = list(csv.DictReader(io.StringIO(out)))
            self.assertTrue(any(r["copy"] != "0" for r in made))
            self.assertFalse([r for r in made if "bad" in r["rules"]])
            self.assertRegex(err, r"bad +(\d+) of +\1 edits \(100.00 %\)")
        self.fails(3, "absent", "augment", table, "--rules", rules, "--check", self.path("absent"))
        bare = self.rows_file("bare.csv", [("an error",)], ("text",))
        self.fails(3, "no column 'label'", "augment", bare, "--rules", rules, "--check", self.path("model"))

    def test_check_cross(self):
        """No model sees what it judges: a word that one odd record has alone teaches it nothing."""
        rows = [(f"{('an error', 'a total')[i % 2]} in line {i * 37 % 91}, wrong {i % 7}", "AB"[i % 2]) for i in range(240)]
        rows += [("a total in line 999, wrong zebra", "A"), ("a total in line 999, wrong  ZEBRA", "A")]
        table = self.rows_file("c.csv", rows)
        rules = self.write("flip.rules", "error => total [name: bad]\nwrong, incorrect [name: good]\n")
        common = ["augment", table, "--rules", rules, "--copies", "3", "--check", "cross"]
        dropped = list(csv.DictReader(io.StringIO(self.works(*common, "--threads", "1"))))
        flagged = list(csv.DictReader(io.StringIO(self.works(*common, "--check-action", "flag", "--report", self.path("r"), "--threads", "2"))))
        self.assertNotIn("check", dropped[0])
        self.assertEqual({r["check"] for r in flagged if r["copy"] == "0"}, {""})
        for r in flagged:
            if r["copy"] != "0":
                odd = "zebra" in r["text"].lower()
                self.assertEqual(r["check"], "" if odd else "flips" if "bad" in r["rules"] else "holds", r)
        self.assertTrue(any("zebra" in r["text"] and r["copy"] != "0" for r in dropped))
        self.assertEqual(dropped, [{k: v for k, v in r.items() if k != "check"} for r in flagged if r["check"] != "flips"])
        report = json.loads(self.read(self.path("r/report.json")))
        for rule in report["rules"]:
            with_rule = [r for r in flagged if rule["name"] in r["rules"].split(";") and r["check"]]
            self.assertEqual((rule["judged"], rule["flipped"]), (len(with_rule), sum(r["check"] == "flips" for r in with_rule)))
        self.assertIn("flipped %", self.read(self.path("r/report.txt")).decode())
        self.assertIn("<th>flipped</th>", self.read(self.path("r/report.html")).decode())
        lines = self.works(*common, "--check-action", "flag", "--format", "jsonl").splitlines()
        self.assertEqual([json.loads(x)["check"] for x in lines], [r["check"] for r in flagged])
        self.fails(2, "not standard input", "augment", "--rules", rules, "--check", "cross", stdin=b"text,label\na,b\n")
        self.fails(2, "not on all shards", *common[:4], "--check", "cross", "--to", "300", "--max-copies", "3", "--make-plan")
        self.fails(3, "one class only", "augment", self.rows_file("one.csv", [("an error", "A"), ("a wrong", "A")] * 9),
                   "--rules", rules, "--check", "cross")
        taken = self.rows_file("has.csv", [(*row, "x") for row in rows], ("text", "label", "check"))
        self.fails(3, "column 'check' already", "augment", taken, "--rules", rules, "--check", "cross", "--check-action", "flag")

    def test_protect(self):
        phrases = self.write("phrases.txt", "# what stays\nwrong\nmistake slip\n")
        for value in (phrases, "[Ww]r[o]ng"):
            texts = " ".join(r["text"] for r in self.augment("--copies", "4", "--protect", value) if r["copy"] != "0")
            self.assertNotIn("incorrect", texts)
            self.assertIn("mistake", texts)
        self.fails(3, "--protect:1:18", "augment", self.table, "--rules", self.rules, "--protect", "[")
        table = self.rows_file("top.csv", [("a wrong sum", "A"), ("the wrong error", "B")] * 3)
        rows = self.augment("--copies", "3", "--protect-top", "2", table=table)
        self.assertEqual({len(set(r["text"].split()) & {"sum", "total", "error", "mistake", "slip"} - {"total", "mistake", "slip"})
                          for r in rows}, {1})
        self.fails(2, "not standard input", "augment", "--protect-top", "2", "--rules", self.rules, stdin=b"text,label\n")


class Rules(Case):
    def test_check(self):
        out = self.works("rules", "check", self.rules, "--format", "json")
        self.assertEqual([(r["lines"], r["classes"], r["one way"], r["paraphrases"]) for r in json.loads(out)],
                         [(4, 2, 1, 1)])

    def test_errors_have_places(self):
        cases = [("a1, b1\nb1, c1\n", ["bad.rules:2:1", "line 1"]), ("a1 => b1\nb1 => a1\n", "cycle"),
                 ("a1 =>\n", ["bad.rules:1:6", "nothing"]), ("a1, b1 [label: C]\n", ["1:16", "unknown label"]),
                 ("operations: shuffle\n", ["1:13", "no operation"]), ('"x {op}" -> "y"\n', ["1:5", "no slot"])]
        for text, words in cases:
            bad = self.write("bad.rules", text)
            self.fails(3, words, "rules", "check", bad)
            self.fails(3, words, "augment", self.table, "--rules", bad, "-o", self.path("never.csv"))
            self.assertFalse(os.path.exists(self.path("never.csv")))

    def refuses(self, text, *words):
        """rules check and augment name the place, end with 3 and leave no output behind."""
        bad = self.write("bad.rules", text)
        self.fails(3, list(words), "rules", "check", bad)
        self.fails(3, list(words), "augment", self.table, "--rules", bad, "-o", self.path("never"), "--report", self.path("folder"))
        self.assertEqual([x for x in os.listdir(self.path("")) if x.startswith(("never", "folder"))], [])

    def test_long_lines(self):
        """Ten million bytes in one line: a phrase, many words, many phrases, many values, a comment."""
        size = 10**7
        self.refuses("a1, b1\n" + "x" * size + " => y\n", "bad.rules:2:1:", "bytes")
        self.refuses("a1, b1\n" + "xy " * (size // 3) + "=> y\n", "bad.rules:2:1:")
        self.refuses("a1, b1\n" + ", ".join(f"p{i}" for i in range(size // 10)) + "\n", "bad.rules:2:310:", "at most 64")
        self.refuses("{op}: " + ", ".join(f"p{i}" for i in range(size // 10)) + "\n\"in {op}\" -> \"of {op}\"\n", "bad.rules:2:1:", "4096")
        self.refuses("protect: " + "x" * size + "\n", "bad.rules:1:", "bytes")
        self.works("rules", "check", self.write("good.rules", "a1, b1\n# " + "c" * size + "\n"))

    def test_a_million_lines(self):
        """A cycle through a million rules names its ends, and so does a phrase that stands twice."""
        n = 10**6
        self.refuses("".join(f"w{i} => w{i + 1}\n" for i in range(n - 1)) + f"w{n - 1} => w0\n", f"bad.rules:{n}:", "line 1 ", "cycle")
        n = 10**5
        self.refuses("".join(f"w{i} => x{i}\n" for i in range(n - 1)) + "w7, y\n", f"bad.rules:{n}:1:", "line 8 ")

    def test_ambiguous_patterns(self):
        """Patterns that can match the same words are both named, whatever slots they are written with."""
        for text in ('"lost {n} steps" -> "{n} steps lost"\n"lost 3 steps" -> "some lost" [keeps: value]\n',
                     '"error in {w}" -> "slip in {w}"\n"error in adding" -> "slip"\n',
                     '{op}: adding, dividing\n"in {op}" -> "while {op}"\n"in dividing" -> "at dividing"\n'):
            last = text.count("\n")
            self.refuses(text, f"bad.rules:{last}:1:", f"line {last - 1} ")

    def test_broken_text(self):
        self.refuses(b"a1, b1\nc\xff1, d1\n", "bad.rules:2:2:", "UTF-8")
        self.refuses(b"a1, b1\nc\x001, d1\n", "bad.rules:2:2:", "zero byte")
        self.refuses(" , \n", "bad.rules:1:")
        self.refuses("a1\n", "bad.rules:1:3:", "one phrase alone")

    def test_list_and_show(self):
        names = [r["rules"] for r in json.loads(self.works("rules", "list", "--format", "json"))]
        self.assertIn("forms.en", names)
        for name in names:
            shown = self.write("shown.rules", self.works("rules", "show", name))
            self.works("rules", "check", shown)
        self.fails(2, "forms.en", "rules", "show", "nothing")
        self.fails(2, "check FILE", "rules", "chek", "x")
        self.fails(2, "no rules called", "augment", self.table, "--rules", "elementary-math")

    def test_explain(self):
        out = self.works("augment", "--rules", self.rules, "--explain", "A wrong sum: lost 2 steps", "--format", "json")
        found = {(r["what stands there"], r["what may stand there"]) for r in json.loads(out)}
        self.assertEqual(found, {("wrong", "incorrect"), ("sum", "total"), ("lost 2 steps", "2 steps lost")})

    def test_particle_behind_a_slot_of_one_syllable(self):
        """The file writes one form of the particle; each value takes the form that its last sound asks for."""
        su, gap, cha, hap, rul, eul = "\uc218", "\uac12", "\ucc28", "\ud569", "\ub97c", "\uc744"
        rules = self.write("ko.rules", f'language: ko\n{{op}}: {su} (noun: {cha}), {gap} (noun: {hap})\n'
                                       f'"{{op}}{rul} AA" -> "{{op:noun}}{rul} BB"\n')
        for before, after in ((su + rul, cha + rul), (gap + eul, hap + eul)):
            self.assertIn(after + " BB", self.works("augment", "--rules", rules, "--explain", before + " AA"))

    def test_paper(self):
        out = self.works("rules", "list", "--format", "json")
        if "elementary-maths.en" not in out:
            self.skipTest("the shipped rules are not there")
        out = self.works("augment", "--explain", "Calculation error in subtraction: an incorrect sum, 2 steps missing")
        for words in ["Mistake in subtracting numbers", "wrong", "omitted"]:
            self.assertIn(words, out)


if __name__ == "__main__":
    unittest.main(verbosity=1)
