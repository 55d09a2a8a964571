#!/usr/bin/env python3
"""The stopwatch of scripts/gpu-check (rate.c): what it prints is what it was given, on the CPU and on the device.

usage: rate.py PROGRAM
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))


class Rate(unittest.TestCase):
    def run_program(self, text, *args):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "texts")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return subprocess.run([PROGRAM, path, *args], capture_output=True, text=True, timeout=100)

    def test_figures(self):
        """3 documents, 4 words in 5 entries of 12 bytes; ends of lines are no text."""
        for device in ("cpu", os.environ.get("MST_TEST_DEVICE", "cuda:0")):
            done = self.run_program("aa bb\n\ncc dd aa\n", device, "word", "1", "1", "2")
            self.assertEqual(done.returncode, 0, done.stderr)
            said = json.loads(done.stdout)
            self.assertEqual((said["text_bytes"], said["matrix_bytes"]), (13, 4 * 8 + 5 * 12))
            self.assertEqual(len(said["seconds"]), 2)
            self.assertTrue(all(s > 0 for s in [*said["seconds"], said["in_per_second"], said["out_per_second"]]), said)

    def test_lengths_matter(self):
        sizes = [json.loads(self.run_program("aa bb\n", "cpu", "word", "1", n, "1").stdout)["matrix_bytes"] for n in "12"]
        self.assertEqual(sizes, [16 + 2 * 12, 16 + 3 * 12])

    def test_refused(self):
        for args, word in ((("cuda:77", "word", "1", "1", "1"), "cuda:77"), (("cpu", "letters", "1", "1", "1"), "char_wb"),
                           (("cpu", "word", "1", "1", "0"), "repeats"), (("cpu",), "expected")):
            done = self.run_program("aa bb\n", *args)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()
