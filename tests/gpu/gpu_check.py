#!/usr/bin/env python3
"""scripts/gpu-check with a made-up card: the emulated misstep, stand-ins for nvidia-smi, cmake and ctest.

usage: gpu_check.py SCRIPT EMULATED_MISSTEP BENCH
What it does on a real card has never been seen; that its steps run, that a difference is found, and that a run which is
cut short leaves a report, is seen here.
"""
import importlib.machinery
import importlib.util
import json
import os
import shutil
import stat
import sys
import tempfile
import unittest

SCRIPT, MISSTEP, BENCH = (os.path.abspath(path) for path in sys.argv[1:4])
del sys.argv[1:4]
SMI = """#!/bin/sh
case "$1" in *pcie*) echo "4, 16" ;; *) echo "Made Up 9000, 580.1, 16384 MiB, 9.0, 1980 MHz, 2619 MHz" ;; esac
"""


class GpuCheck(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-gpu-check-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        for folder in ("bin", "build/bin", "work", "results"):
            os.makedirs(os.path.join(self.dir, folder))
        self.tool("bin/nvidia-smi", SMI)
        self.tool("bin/cmake", "#!/bin/sh\nexit 0\n")
        self.tool("bin/ctest", "#!/bin/sh\nexit 0\n")
        os.symlink(MISSTEP, os.path.join(self.dir, "build", "bin", "misstep"))
        # the bench has no emulated device: what it is asked for is done on the CPU
        self.tool("build/bin/misstep-bench", f'#!/bin/sh\nfor last; do :; done\nn=$(($# - 1))\n'
                  f'exec {BENCH} "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" cpu\n')
        path = os.environ["PATH"]
        os.environ["PATH"] = os.path.join(self.dir, "bin") + ":" + path
        self.addCleanup(os.environ.__setitem__, "PATH", path)
        loader = importlib.machinery.SourceFileLoader("gpu_check_script", SCRIPT)
        self.script = importlib.util.module_from_spec(importlib.util.spec_from_loader("gpu_check_script", loader))
        loader.exec_module(self.script)
        self.script.BUILD, self.script.WORK, self.script.RESULTS = (os.path.join(self.dir, x) for x in ("build", "work", "results"))
        self.script.MATRICES = self.script.MATRICES[:1]

    def tool(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def run_script(self, *arguments):
        sys.argv = [SCRIPT, "--no-setup", "--rows", "300", *arguments]
        code = self.script.main()
        reports = sorted(os.listdir(os.path.join(self.dir, "results")))
        steps = []
        for name in reports:
            if name.endswith(".json"):
                with open(os.path.join(self.dir, "results", name), encoding="utf-8") as file:
                    steps = json.load(file)["steps"]
        return code, reports, {step["step"]: step for step in steps}

    def test_steps_and_report(self):
        code, reports, steps = self.run_script("--quick")
        self.assertEqual([name.rsplit(".", 1)[1] for name in reports], ["json", "md"])
        self.assertIn("gpu-made-up-9000", reports[0])
        self.assertEqual(list(steps), ["card", "build", "tests", "bytes", "speed", "train", "files", "cuml"])
        for name in ("card", "build", "bytes", "speed", "files", "cuml"):
            self.assertEqual(steps[name]["result"], "passed", steps[name])
        self.assertIn("31.5 GB/s one way", str(steps["speed"]["rows"]))
        self.assertIn("over the bus", str(steps["speed"]["rows"]))
        # XGBoost has no GPU here: training on the card fails, and the run with it; on the CPU it has been right
        self.assertEqual((code, steps["train"]["result"]), (1, "FAILED"))
        self.assertIn("XGBoost trained on cpu, asked for cuda:0", steps["train"]["problem"])

    def test_a_difference_is_found(self):
        vectorize = self.script.Check.vectorize

        def spoil(check, device, options, path):
            seconds = vectorize(check, device, options, path)
            if device != "cpu":
                with open(path, "r+b") as file:
                    file.seek(-30, os.SEEK_END)
                    file.write(b"x")
            return seconds
        self.script.Check.vectorize = spoil
        code, _, steps = self.run_script("--quick")
        self.assertEqual((code, steps["bytes"]["result"]), (1, "FAILED"))
        self.assertIn("differ", steps["bytes"]["problem"])

    def test_no_card_writes_nothing(self):
        self.tool("bin/nvidia-smi", "#!/bin/sh\nexit 9\n")
        code, reports, _ = self.run_script()
        self.assertEqual((code, reports), (1, []))

    def test_cut_short(self):
        def stop(check):
            raise KeyboardInterrupt
        self.script.Check.bytes = stop
        with self.assertRaises(KeyboardInterrupt):
            self.run_script()
        with open(os.path.join(self.dir, "results", sorted(os.listdir(os.path.join(self.dir, "results")))[1]), encoding="utf-8") as file:
            self.assertIn("## tests: passed", file.read())


if __name__ == "__main__":
    unittest.main(verbosity=2)
