#!/usr/bin/env python3
"""misstep on a CUDA device, as a user meets it: the same files as on the CPU, and what goes wrong.

usage: device.py PROGRAM [unittest arguments]
PROGRAM is a misstep with the kernels in it that runs them under the emulator (tests/emu/README.md), whose environment
says what the machine has: MST_EMU_DEVICES, MST_EMU_MEMORY, MST_EMU_LOSE, MST_EMU_DRIVER.
"""
import csv
import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
TEXTS = ["Solved 3/4 + 1/2 wrongly", "", "forgot the unit, forgot the unit", "\u00c4pfel und \u03a3\u03a3 \u0130", " two  spaces ",
         "\ub367\uc148\uc744 \ube7c\uc448\uc73c\ub85c \uc798\ubabb \ud588\ub2e4", "x" * 200, "a b c d e f g", "emoji \U0001f600 here"]


class Device(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-device-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.data = os.path.join(self.dir, "texts.csv")
        with open(self.data, "w", encoding="utf-8") as file:
            file.write("text,label\n")
            for number in range(60):
                text = TEXTS[number % len(TEXTS)] + f" word{number % 7} w{number}"
                file.write(f'"{text}",{"abc"[number % 3]}\n')

    def run_program(self, *args, **environment):
        done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=600,
                              env={**os.environ, **environment})
        return done.returncode, done.stdout, done.stderr

    def matrix(self, device, *options, **environment):
        path = os.path.join(self.dir, f"{device.replace(':', '')}.npz")
        code, out, err = self.run_program("vectorize", self.data, "-o", path, "--device", device, "--force", "--quiet", *options,
                                          **environment)
        self.assertEqual(code, 0, out + err)
        return path

    def fails(self, words, *args, **environment):
        """Exit code 1, the words, and nothing written but what was there."""
        before = sorted(os.listdir(self.dir))
        code, out, err = self.run_program(*args, "-o", os.path.join(self.dir, "out.npz"), **environment)
        self.assertEqual(code, 1, f"{args} {environment}\n{out}{err}")
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(sorted(os.listdir(self.dir)), before)

    def test_same_matrix(self):
        for options in ([], ["--ngram-range", "1,2"], ["--analyzer", "char_wb", "--ngram-range", "2,4"],
                        ["--analyzer", "char", "--ngram-range", "1,3"], ["--analyzer", "maths"],
                        ["--norm", "none", "--min-df", "2", "--sublinear-tf"], ["--stop-words", "english", "--dtype", "float32"],
                        ["--token-pattern", r"\w+", "--ngram-range", "1,2"], ["--max-features", "20", "--binary"]):
            with self.subTest(options=options):
                self.assertTrue(filecmp.cmp(self.matrix("cpu", *options), self.matrix("cuda:0", *options), shallow=False))

    def test_same_vocabulary(self):
        for device in ("cpu", "cuda:0"):
            code, out, err = self.run_program("vocabulary", self.data, "-o", os.path.join(self.dir, device[:3] + ".voc"), "--device",
                                              device, "--quiet")
            self.assertEqual(code, 0, out + err)
        self.assertTrue(filecmp.cmp(os.path.join(self.dir, "cpu.voc"), os.path.join(self.dir, "cud.voc"), shallow=False))

    def test_same_predictions(self):
        model = os.path.join(self.dir, "model")
        code, out, err = self.run_program("train", self.data, "-o", model, "--learner", "nb", "--device", "cpu", "--quiet", "--bootstrap", "0")
        self.assertEqual(code, 0, out + err)
        said = {}
        for device in ("cpu", "cuda:0"):
            code, said[device], err = self.run_program("predict", model, self.data, "--device", device, "--probabilities", "--quiet")
            self.assertEqual(code, 0, err)
        self.assertEqual(said["cpu"], said["cuda:0"])
        self.assertEqual(len(said["cpu"].splitlines()), 61)

    def test_auto_is_the_device(self):
        code, out, _ = self.run_program("info", "--format", "json")
        self.assertEqual(code, 0)
        self.assertIn("cuda:0", out)

    def test_info_lists_devices(self):
        """Name, memory, compute capability and driver of each; without one, why."""
        def rows(**environment):
            code, out, err = self.run_program("info", "--format", "json", **environment)
            self.assertEqual(code, 0, out + err)
            return {row["what"]: row for row in json.loads(out)}
        two = rows(MST_EMU_DEVICES="2")
        for name in ("cuda:0", "cuda:1"):
            self.assertRegex(two[name]["found"], r"^.+, \d+\.\d GiB, compute capability \d+\.\d, driver for CUDA \d+\.\d+$")
        self.assertNotIn("cuda:2", two)
        for environment, word in (({"MST_EMU_DEVICES": "0"}, "no NVIDIA GPU"), ({"MST_EMU_DRIVER": "11040"}, "needs 13.0")):
            none = rows(**environment)
            self.assertEqual(none["GPU"]["found"], "none")
            self.assertIn(word, none["GPU"]["what its lack costs"])

    def test_info_tells_what_the_lack_of_cusparse_costs(self):
        code, out, _ = self.run_program("info", "--format", "csv", MISSTEP_CUSPARSE_LIB="/nowhere/libcusparse.so")
        self.assertEqual(code, 0)
        row = next(line for line in out.splitlines() if line.startswith("cuSPARSE"))
        self.assertIn("missing", row)
        self.assertIn("no linear fit on a GPU", row)

    def test_no_device(self):
        self.fails(["--device cuda"], "vectorize", self.data, "--device", "cuda", MST_EMU_DEVICES="0")

    def test_no_such_device(self):
        self.fails(["cuda:7", "cuda:1"], "vectorize", self.data, "--device", "cuda:7", MST_EMU_DEVICES="2")

    def test_second_device(self):
        code, out, err = self.run_program("vectorize", self.data, "-o", os.path.join(self.dir, "x.npz"), "--device", "cuda:1",
                                          MST_EMU_DEVICES="2")
        self.assertEqual(code, 0, out + err)

    def test_all_devices(self):
        """`cuda` on a machine with several: the corpus is dealt out to them, the file stays the same."""
        for options in ([], ["--ngram-range", "1,2", "--min-df", "2"], ["--analyzer", "char_wb", "--ngram-range", "2,4"],
                        ["--token-pattern", r"\w+", "--ngram-range", "1,2"], ["--max-features", "20", "--stop-words", "english"]):
            with self.subTest(options=options):
                several = self.matrix("cuda", *options, MST_EMU_DEVICES="3")
                self.assertTrue(filecmp.cmp(self.matrix("cpu", *options), several, shallow=False))
                self.assertTrue(filecmp.cmp(self.matrix("cuda:0", *options), several, shallow=False))

    def test_all_devices_work(self):
        """Each device has a part: what one cannot hold alone, two can."""
        with open(self.data, "w", encoding="utf-8") as file:
            file.write("text\n")
            for number in range(4000):
                file.write(f"w{number} w{number + 1} common words of all rows\n")
        memory = {"MST_EMU_MEMORY": "420000"}
        self.assertTrue(filecmp.cmp(self.matrix("cpu"), self.matrix("cuda", MST_EMU_DEVICES="4", **memory), shallow=False))
        self.fails(["no memory for"], "vectorize", self.data, "--device", "cuda", MST_EMU_DEVICES="1", **memory)

    def test_a_device_lost(self):
        for step in (2, 40, 90):
            with self.subTest(step=step):
                self.fails(["failure"], "vectorize", self.data, "--device", "cuda", MST_EMU_DEVICES="2", MST_EMU_LOSE=str(step))

    def train(self, name, *options, **environment):
        path = os.path.join(self.dir, name)
        code, out, err = self.run_program("train", self.data, "-o", path, "--learner", "linear", "--min-df", "1", "--quiet", *options,
                                          **environment)
        if code:
            self.assertFalse(os.path.exists(path))
            return code, err, None
        with open(os.path.join(path, "manifest.json"), encoding="utf-8") as file:
            return code, err, json.load(file)["model"]

    def test_linear_fit(self):
        """The device that fitted is in the manifest; its model predicts as the CPU's; a second run gives the same model."""
        code, err, model = self.train("gpu", "--device", "cuda", MST_EMU_DEVICES="2")
        if "needs cuSPARSE" in err:
            self.skipTest("no stand-in for cuSPARSE was built")
        self.assertEqual((code, model["device"], model["linear_device"]), (0, "cuda:0", "cuda:0"), err)
        self.assertEqual(self.train("again", "--device", "cuda:0")[0], 0)
        self.assertEqual(self.train("cpu", "--device", "cpu")[2]["linear_device"], "cpu")
        answers = {}
        for name in ("gpu", "again", "cpu"):
            out = os.path.join(self.dir, name + ".csv")
            code, _, err = self.run_program("predict", os.path.join(self.dir, name), self.data, "-o", out, "--device", "cpu", "--quiet")
            self.assertEqual(code, 0, err)
            with open(out, encoding="utf-8", newline="") as file:
                answers[name] = list(csv.reader(file))
        for name in ("linear/coef.npy", "linear/intercept.npy"):
            self.assertTrue(filecmp.cmp(os.path.join(self.dir, "gpu", name), os.path.join(self.dir, "again", name), shallow=False))
        self.assertEqual(answers["gpu"], answers["again"])
        self.assertEqual([row[:2] for row in answers["gpu"]], [row[:2] for row in answers["cpu"]])

    def test_copies(self):
        """Copies that a device draws and writes, one or several, give the CPU's model; so do programs that the host draws."""
        rules = os.path.join(self.dir, "own.rules")
        with open(rules, "w", encoding="utf-8") as file:
            file.write("forgot, missed\nwrongly => badly, in a wrong way\n\"the {w} twice\" -> \"twice the {w}\"\nspaces => gaps [p: 0.5]\n")
        for number, more in enumerate(([], ["--operations", "one-of(synonym, swap, split)"], ["--balance", "median"])):
            made = []
            for name, device, devices in (("cpu", "cpu", "1"), ("gpu", "cuda:0", "1"), ("gpus", "cuda", "3")):
                path = os.path.join(self.dir, f"{name}{number}")
                code, out, err = self.run_program("train", self.data, "-o", path, "--learner", "nb", "--min-df", "1", "--quiet",
                                                  "--augment", rules, "--copies", "3", *more, "--device", device, MST_EMU_DEVICES=devices)
                self.assertEqual(code, 0, out + err)
                made.append(path)
            for name in ("labels.json", "linear/terms.json", "linear/idf.npy", "linear/selected.npy", "linear/coef.npy", "linear/intercept.npy"):
                for other in made[1:]:
                    self.assertTrue(filecmp.cmp(os.path.join(made[0], name), os.path.join(other, name), shallow=False), f"{more} {name}")

    def test_copies_as_text(self):
        """misstep augment writes the same bytes, whoever found and drew the copies."""
        path = os.path.join(self.dir, "copies.csv")
        for more in ([], ["--copies", "3"], ["--balance", "60"], ["--operations", "one-of(synonym, swap, split)"], ["--check", "cross"]):
            made = []
            with self.subTest(more=more):
                for device, devices in (("cpu", "1"), ("cuda:0", "1"), ("cuda", "3")):
                    code, out, err = self.run_program("augment", self.data, "-o", path, "--seed", "4", "--force", "--quiet", *more,
                                                      "--device", device, MST_EMU_DEVICES=devices)
                    if "--check" in more and "needs cuSPARSE" in err:
                        self.skipTest("no stand-in for cuSPARSE was built")
                    self.assertEqual(code, 0, out + err)
                    with open(path, "rb") as file:
                        made.append(file.read())
                self.assertEqual(made, made[:1] * 3)
                self.assertGreater(made[0].count(b"\n"), 70)
        self.fails(["launch failure"], "augment", self.data, "--device", "cuda:0", MST_EMU_LOSE="9")

    def test_copies_lost(self):
        for step in (3, 12, 20):
            code, _, _ = self.train("lost", "--augment", "elementary-maths", "--device", "cuda:0", MST_EMU_LOSE=str(step))
            self.assertEqual(code, 1)

    def test_linear_fit_without_its_library(self):
        code, err, _ = self.train("none", "--device", "cuda", MISSTEP_CUSPARSE_LIB="/no/such/library.so")
        self.assertEqual(code, 1, err)
        for word in ("cuSPARSE", "/no/such/library.so", "--linear-solver liblinear"):
            self.assertIn(word, err)
        code, err, model = self.train("host", "--device", "cuda", "--linear-solver", "liblinear",
                                      MISSTEP_CUSPARSE_LIB="/no/such/library.so")
        self.assertEqual((code, model["linear_device"]), (0, "cpu"), err)

    def test_linear_fit_in_blocks(self):
        """A matrix that takes several calls of cuSPARSE gives the same model; a row that is no block's, an error with its number."""
        code, err, _ = self.train("whole", "--device", "cuda:0")
        if "needs cuSPARSE" in err:
            self.skipTest("no stand-in for cuSPARSE was built")
        self.assertEqual((code, self.train("blocks", "--device", "cuda:0", MST_CUDA_BLOCK_ENTRIES="300")[0]), (0, 0), err)
        for name in ("linear/coef.npy", "linear/intercept.npy"):
            self.assertTrue(filecmp.cmp(os.path.join(self.dir, "whole", name), os.path.join(self.dir, "blocks", name), shallow=False))
        code, err, _ = self.train("none", "--device", "cuda:0", MST_CUDA_BLOCK_ENTRIES="3")
        self.assertEqual(code, 3)
        self.assertRegex(err, r"row \d+ has \d+ entries, a linear fit on a GPU takes 3 at most: use --device cpu")

    def test_linear_fit_without_room(self):
        """What the text leaves may be too little: what is needed, what is free and what to do, and no model."""
        with open(self.data, "a", encoding="utf-8") as file:
            for number in range(400):
                file.write(f"a text of {number} and w{number % 50},{'abcdefgh'[number % 8]}\n")
        code, err, _ = self.train("none", "--device", "cuda:0", MST_EMU_MEMORY="500000")
        if "needs cuSPARSE" in err:
            self.skipTest("no stand-in for cuSPARSE was built")
        self.assertEqual(code, 1)
        self.assertRegex(err, r"no memory for a linear fit of \d+ rows, .* needs \d+ bytes .*, \d+ are free; take fewer features, or --device cpu")

    def test_linear_fit_lost(self):
        codes = {self.train("lost", "--device", "cuda", MST_EMU_LOSE=str(step))[0] for step in (120, 200, 300)}
        self.assertEqual(codes, {1})

    def test_old_driver(self):
        self.fails(["driver"], "vectorize", self.data, "--device", "cuda", MST_EMU_DRIVER="11040")

    def test_no_memory(self):
        self.fails(["memory", "bytes"], "vectorize", self.data, "--device", "cuda", MST_EMU_MEMORY="5000")

    def test_more_text_than_memory(self):
        """1.6 MB of text on a device of 0.8 MB: batch by batch, the same file."""
        with open(self.data, "w", encoding="utf-8") as file:
            file.write("text\n")
            for number in range(400):
                file.write(f"{'ab'[number % 2] * 4000} {'xyz'[number % 3] * 10} w{number % 9}\n")
        small = self.matrix("cuda:0", MST_EMU_MEMORY="800000")
        self.assertTrue(filecmp.cmp(self.matrix("cpu"), small, shallow=False))

    def test_every_memory(self):
        """Whatever fits: the same file as on the CPU, or an error with figures, and then no file."""
        for options in ([], ["--ngram-range", "1,2"], ["--analyzer", "char_wb", "--ngram-range", "2,4"]):
            expected, seen = self.matrix("cpu", *options), set()
            for kilobytes in (70, 100, 140, 160, 180, 200, 250, 300, 400, 600, 1000, 3000):
                path = os.path.join(self.dir, "any.npz")
                before = sorted(os.listdir(self.dir))
                code, out, err = self.run_program("vectorize", self.data, "-o", path, "--device", "cuda:0", "--quiet", *options,
                                                  MST_EMU_MEMORY=f"{kilobytes}000")
                seen.add(code)
                if code == 0:
                    self.assertTrue(filecmp.cmp(expected, path, shallow=False), f"{kilobytes} kB {options}")
                    os.remove(path)
                else:
                    self.assertEqual(code, 1, f"{kilobytes} kB {options}\n{out}{err}")
                    self.assertRegex(err, r"no memory for \d+ bytes, \d+ are free")
                    self.assertEqual(sorted(os.listdir(self.dir)), before)
            self.assertEqual(seen, {0, 1}, options)

    def test_lost_device(self):
        for step in (1, 3, 10, 30):
            with self.subTest(step=step):
                self.fails(["failure"], "vectorize", self.data, "--device", "cuda", "--ngram-range", "1,2", MST_EMU_LOSE=str(step))


if __name__ == "__main__":
    unittest.main()
