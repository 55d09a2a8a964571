#!/usr/bin/env python3
"""scripts/gpu-check without a GPU: its steps over stand-ins of every tool that it calls, and over the emulated program.

usage: gpu_check.py CLONE [PROGRAM RATE] [unittest arguments]
What is shown: the order, what the report holds after each step, what a failure in each step gives, and that a run which is
killed leaves what it had found. Nothing is shown about a GPU. PROGRAM and RATE are a misstep and a device_rate with the
emulator in them (tests/emu/README.md); without them the cases that use them skip.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

CLONE = os.path.abspath(sys.argv.pop(1))
EMULATED = [os.path.abspath(sys.argv.pop(1)) for _ in range(2)] if len(sys.argv) > 2 and os.path.exists(sys.argv[2]) else []

# One program under many names. STAND_IN: words that change what it does, "TOOL:WHAT ...".
TOOL = r'''#!/usr/bin/python3
import json, os, shutil, sys, time
name, args, root = os.path.basename(sys.argv[0]), sys.argv[1:], os.environ["STAND_IN_ROOT"]
wish = dict(w.split(":") for w in os.environ.get("STAND_IN", "").split())
with open(os.path.join(root, "calls"), "a") as calls:
    calls.write(" ".join([name, *args]) + "\n")
def after(option):
    return args[args.index(option) + 1]
if wish.get(name) == "fail":
    sys.exit(name + " was told to fail")
if wish.get(name) == "sleep":
    time.sleep(60)
if name == "nvidia-smi":
    print(os.environ.get("STAND_IN_CARD", "NVIDIA H100 80GB HBM3") + ", 580.1, 81559 MiB, 9.0, 1980 MHz, 2619 MHz")
elif name == "git":
    print("abc1234" if args[0] == "rev-parse" else "")
elif name == "cmake" and "--build" in args:
    folder = os.path.join(after("--build"), "bin")
    os.makedirs(folder, exist_ok=True)
    for program in ("misstep", "device_rate", "gpu_cuda_tokens", "gpu_test_pieces", "gpu_fuzz_tokens"):
        real = os.environ.get("STAND_IN_" + program.upper())
        path = os.path.join(folder, program)
        if not os.path.exists(path):
            os.symlink(real or os.path.abspath(sys.argv[0]), path)
elif name == "ctest":
    bad = wish.get(name) == "bad"
    with open(after("--output-junit"), "w") as file:
        file.write("<testsuite><testcase name='a' status='run'/><testcase name='b' status='%s'>%s</testcase></testsuite>"
                   % (("fail", "<failure/>") if bad else ("run", "")))
    sys.exit(8 if bad else 0)
elif name == "compute-sanitizer":
    sys.exit(9 if wish.get(name) == after("--tool") else 0)
elif name == "python3":
    if wish.get(name) != "cuml":
        sys.exit("Traceback\nnot installed: No module named 'cudf'")
    print(0.5)
elif name == "misstep" and args[0] == "info":
    print("cuda:0  a card" if wish.get(name) != "none" else "GPU  none")
elif name == "misstep" and args[0] == "generate":
    with open(after("-o"), "w") as file:
        file.write("text,label\n" + 'two "words",a\n'.replace('"', "") * 10)
elif name == "misstep" and args[0] == "vectorize":
    with open(after("-o"), "w") as file:
        file.write("matrix" + after("--device") * (wish.get(name) == "differs"))
elif name == "misstep" and args[0] == "train":
    if wish.get(name) == "cusparse" and after("--device") != "cpu" and "liblinear" not in args:
        sys.exit("misstep: the linear fit on a GPU needs cuSPARSE")
    device = "cpu" if wish.get(name) == "silent" else after("--device")
    os.makedirs(after("-o"), exist_ok=True)
    for file, what in (("metrics", {"test": {"accuracy": 0.5, "macro_f1": 0.25}}),
                       ("manifest", {"model": {"device": device, "linear_device": device}})):
        with open(os.path.join(after("-o"), file + ".json"), "w") as stream:
            json.dump(what, stream)
elif name == "device_rate":
    fast = args[1] != "cpu"
    print(json.dumps({"text_bytes": 10**9, "matrix_bytes": 10**9, "seconds": [3, 0.1 if fast else 1.0, 2], "in_per_second": 2e10,
                      "out_per_second": 2e10}))
'''
STEPS = ["card", "build", "tests", "bytes", "speed", "train", "files", "sanitizer"]


class GpuCheck(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="misstep-gpu-check-")
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        for path in ("scripts", "tests/support", "experiments/bench/results", "tools"):
            os.makedirs(os.path.join(self.root, path))
        for path in ("scripts/gpu-check", "tests/support/ctest_report.py"):
            shutil.copy(os.path.join(CLONE, path), os.path.join(self.root, path))
        for name in ("nvidia-smi", "git", "cmake", "ctest", "compute-sanitizer", "python3"):
            path = os.path.join(self.root, "tools", name)
            with open(path, "w", encoding="ascii") as file:
                file.write(TOOL)
            os.chmod(path, 0o755)

    def start(self, *args, wish="", **environment):
        environment = {**os.environ, "PATH": os.path.join(self.root, "tools"), "STAND_IN_ROOT": self.root, "STAND_IN": wish, **environment}
        return subprocess.Popen(["/usr/bin/python3", "-B", os.path.join(self.root, "scripts", "gpu-check"), "--no-setup", *args],
                                env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def check(self, *args, **settings):
        """Exit code, what was printed, and the report: step -> {key: value}."""
        process = self.start(*args, **settings)
        out, err = process.communicate(timeout=300)
        return process.returncode, out + err, self.report()

    def report(self):
        found = glob.glob(os.path.join(self.root, "experiments/bench/results/*.json"))
        if not found:
            return None
        with open(found[0], encoding="utf-8") as file:
            self.steps = json.load(file)["steps"]
        with open(found[0][:-5] + ".md", encoding="utf-8") as file:
            self.markdown = file.read()
        for step in self.steps:
            self.assertIn(f"## {step['step']}: {step['result']}, ", self.markdown)
            for key, value in step["rows"]:
                self.assertIn(f"- {key}: {value}\n", self.markdown)
        self.results = {step["step"]: step["result"] for step in self.steps}
        return {step["step"]: dict(step["rows"]) for step in self.steps}

    def calls(self, name):
        with open(os.path.join(self.root, "calls"), encoding="ascii") as file:
            return [line for line in file.read().splitlines() if line.split()[0] == name]

    def test_all_passes(self):
        code, said, report = self.check()
        self.assertEqual(code, 0, said)
        self.assertEqual([step["step"] for step in self.steps], STEPS)
        self.assertEqual(set(self.results.values()), {"passed"})
        self.assertEqual(report["card"]["GPU"], "NVIDIA H100 80GB HBM3")
        self.assertEqual(report["tests"], {"passed": "2", "failed": "0", "skipped": "0"})
        self.assertEqual(report["bytes"]["words 1-2"], "equal, 6 bytes")
        self.assertIn("-DMISSTEP_CUDA_ARCHITECTURES=90", self.calls("cmake")[0])
        self.assertIn("linear part on cuda:0", report["train"]["cuda:0"])
        self.assertEqual([call.split()[2] for call in self.calls("compute-sanitizer")],
                         [tool for tool in ("memcheck", "racecheck", "initcheck", "synccheck") for _ in range(2)])
        self.assertFalse([call for call in self.calls("compute-sanitizer") if "fuzz" in call])

    def test_figures_of_speed(self):
        """10^9 bytes in 0.1 s: 10 GB/s; in and out at 20 GB/s each take 0.1 s; 35.18 bytes a byte are 352 of 3350 GB/s."""
        speed = self.check()[2]["speed"]
        self.assertEqual(speed["words"], "cuda:0 10.000 GB/s (100.0 ms), cpu 1.000 GB/s, 10.00 x")
        self.assertTrue(speed["words, copies alone"].startswith("100% of it, at 20.0 GB/s in and 20.0 out"))
        self.assertTrue(speed["words, device memory"].startswith("11% of its published bandwidth"))
        self.assertEqual(speed["bar"], "met: 5 GB/s of words")
        self.assertIn("not installed", speed["words, cuML"])

    def test_another_card(self):
        speed = self.check(STAND_IN_CARD="Some Card 1", wish="python3:cuml")[2]["speed"]
        self.assertNotIn("bar", speed)
        self.assertIn("no published bandwidth", speed["words, device memory"])
        self.assertEqual(speed["words, cuML"], "2.000 GB/s (500.0 ms)")

    def test_no_gpu(self):
        code, said, report = self.check(wish="nvidia-smi:fail")
        self.assertEqual((code, report), (1, None))
        self.assertIn("there is no GPU to check here; nothing was written", said)
        os.remove(os.path.join(self.root, "tools", "nvidia-smi"))
        code, said, report = self.check()
        self.assertEqual((code, report), (1, None))
        self.assertIn("nvidia-smi: not found", said)

    def test_a_failure_in_each_step(self):
        """Named in the report and by the exit code; later steps still run, but after a failed build none can."""
        for wish, step, words in (("ctest:bad", "tests", "ctest"), ("misstep:differs", "bytes", "differ"),
                                  ("device_rate:fail", "speed", "told to fail"), ("misstep:silent", "train", "configuration says cpu"),
                                  ("compute-sanitizer:racecheck", "sanitizer", "racecheck, gpu_cuda_tokens")):
            with self.subTest(wish=wish):
                code, said, report = self.check(wish=wish)
                self.assertEqual(code, 1, said)
                self.assertEqual({name for name, result in self.results.items() if result != "passed"}, {step})
                self.assertEqual(list(report), STEPS)
                problem = next(s["problem"] for s in self.steps if s["step"] == step)
                self.assertIn(words, problem)
                self.assertIn(problem, self.markdown)
        for wish in ("cmake:fail", "misstep:none"):
            with self.subTest(wish=wish):
                code, said, report = self.check(wish=wish)
                self.assertEqual((code, list(report), self.results["build"]), (1, ["card", "build"], "FAILED"), said)

    def test_what_a_failed_step_had_found(self):
        report = self.check(wish="ctest:bad")[2]
        self.assertEqual(report["tests"], {"passed": "1", "failed": "1", "skipped": "0"})
        report = self.check(wish="compute-sanitizer:racecheck")[2]
        self.assertEqual(report["sanitizer"], {"memcheck": "2 programs clean", "racecheck": "0 programs clean, 2 not",
                                               "initcheck": "2 programs clean", "synccheck": "2 programs clean"})

    def test_killed(self):
        """By a rented machine's end in the last step: all before it is there, and the step is said to be cut short."""
        process = self.start(wish="compute-sanitizer:sleep")
        try:
            limit = time.monotonic() + 60
            while not (os.path.exists(os.path.join(self.root, "calls")) and self.calls("compute-sanitizer")):
                self.assertLess(time.monotonic(), limit)
                self.assertIsNone(process.poll())
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        report = self.report()
        self.assertEqual([name for name in report if self.results[name] == "passed"], STEPS[:-1])
        self.assertEqual(self.results.get("sanitizer", "CUT SHORT"), "CUT SHORT")

    def test_without_a_library(self):
        report = self.check(wish="misstep:cusparse")[2]
        self.assertIn("LIBLINEAR", report["train"]["cuSPARSE"])
        self.assertEqual(self.results["train"], "passed")

    def test_quick(self):
        code, said, report = self.check("--quick", "--rows", "3000")
        self.assertEqual((code, list(report)), (0, STEPS[:-1]), said)
        self.assertIn("-n 300 ", self.calls("misstep")[1] + " ")

    def test_the_emulated_program(self):
        """What the real program prints and writes is what the script reads, on two devices; XGBoost alone has no GPU here."""
        if not EMULATED:
            self.skipTest("no emulated program was built")
        code, said, report = self.check("--quick", "--rows", "3000", STAND_IN_MISSTEP=EMULATED[0], STAND_IN_DEVICE_RATE=EMULATED[1],
                                        MST_EMU_DEVICES="2")
        self.assertIn("compute capability", report["build"]["misstep info"])
        for name in ("words", "words 1-2", "char_wb 2-4"):
            self.assertRegex(report["bytes"][name], r"^equal, \d+ bytes$", said)
            self.assertRegex(report["speed"][name], r"^cuda:0 \d+\.\d{3} GB/s ")
        self.assertEqual({name for name, result in self.results.items() if result != "passed"}, {"train"} if code else set(), said)
        problem = next(step["problem"] for step in self.steps if step["step"] == "train")
        if "./scripts/setup" in problem:
            self.skipTest("XGBoost's library is missing: ./scripts/setup")
        self.assertIn("XGBoost trained on cpu, asked for cuda:0" if code else "", problem)
        self.assertRegex(report["train"]["cpu"], r"^accuracy 0\.\d{4}, macro F1 0\.\d{4}, [\d.]+ s, linear part on cpu$")


if __name__ == "__main__":
    unittest.main()
