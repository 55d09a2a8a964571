#!/usr/bin/env python3
"""misstep sweep on CUDA devices: its workers are forks, and CUDA must not have been started before fork.

usage: device_sweep.py PROGRAM [unittest arguments]
PROGRAM is a misstep-sweep that runs the kernels under the emulator (tests/emu/README.md), which refuses CUDA to a child
of a process that uses it, as the driver does. Only models that need no GPU build of XGBoost.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
SPEC = """data: texts.csv
models: [nb, majority]
metric: accuracy
rows: [60, 90]
seeds: [0, 1]
"""


class DeviceSweep(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="misstep-device-sweep-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        with open(os.path.join(self.dir, "texts.csv"), "w", encoding="utf-8") as file:
            file.write("text,label\n")
            for n in range(120):
                file.write(f"word{n % 7} step {n % 5} of label{n % 3} w{n},{'abc'[n % 3]}\n")
        with open(os.path.join(self.dir, "spec.yaml"), "w", encoding="utf-8") as file:
            file.write(SPEC)

    def sweep(self, *args, **environment):
        done = subprocess.run([PROGRAM, *args], cwd=self.dir, capture_output=True, text=True, timeout=300,
                              env={**os.environ, **environment})
        return done.returncode, done.stdout, done.stderr

    def results(self, device, **environment):
        code, out, err = self.sweep("spec.yaml", "-o", "cells-" + device, "--workers", "2", "--device", device, "-q", **environment)
        self.assertEqual(code, 0, out + err)
        code, out, err = self.sweep("export", "cells-" + device, "--format", "json")
        self.assertEqual(code, 0, out + err)
        drop = {"key", "seconds", "cpu_seconds", "device", "folder", "joules", "memory", "worker", "host", "date"}
        rows = [{k: v for k, v in row.items() if k not in drop and "second" not in k} for row in json.loads(out)]
        return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))

    def test_workers_have_the_device(self):
        self.assertEqual(self.results("cpu"), self.results("cuda", MST_EMU_DEVICES="2"))

    def test_dry_run_tells_the_memory(self):
        code, out, err = self.sweep("spec.yaml", "-o", "cells", "--dry-run", "--workers", "8", "--device", "cuda", MST_EMU_DEVICES="2",
                                    MST_EMU_MEMORY="2500000000")
        self.assertEqual(code, 0, out + err)
        self.assertIn("5000 MB free on 2 GPUs", out)
        self.assertIn(": 4 workers", out)

    def test_no_gpu(self):
        code, out, err = self.sweep("spec.yaml", "-o", "cells", "--device", "cuda", MST_EMU_DEVICES="0")
        self.assertEqual(code, 1, out + err)
        self.assertIn("--device cuda", err)
        self.assertFalse(os.path.exists(os.path.join(self.dir, "cells")))

    def test_no_such_gpu(self):
        code, out, err = self.sweep("spec.yaml", "-o", "cells", "--device", "cuda:7", MST_EMU_DEVICES="2")
        self.assertEqual(code, 1, out + err)
        self.assertIn("cuda:0, cuda:1", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
