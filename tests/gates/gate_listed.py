"""Every source is named in the CMakeLists.txt of its folder (or one above): none lies there unused.
Sources are listed, not globbed; tests/fuzz may, a target there is a file and nothing else. Every kernel has a row in the
paper calculation of kernels/cuda/README.md."""

import posixpath
import re

PAPER = "kernels/cuda/README.md"


def check(tree):
    tests = "".join(tree.text(p) for p in tree.find("CMakeLists.txt", under=("tests/",)))
    for path in tree.find(".c", ".cu"):
        folder, name, listed = posixpath.dirname(path), posixpath.basename(path), False
        if folder == "tests/fuzz" and name.startswith("fuzz_"):
            continue
        if folder == "tests/support" and f"tests/support/{name}" in tests:
            continue  # shared by several test programs, which name it by its path
        while not listed:
            cmake = posixpath.join(folder, "CMakeLists.txt")
            text = tree.text(cmake) if cmake in tree.paths else ""
            relative = posixpath.relpath(path, folder or ".")
            listed = bool(re.search(rf"(?<![\w./-])(?:\S*/)?{re.escape(relative)}(?![\w.])", text)) \
                or bool(re.search(rf"(?<![\w./-]){re.escape(relative[:-2])}(?![\w.])", text))
            if not folder:
                break
            folder = posixpath.dirname(folder)
        if not listed:
            yield path, 1, "no CMakeLists.txt lists it"
    for path in tree.find("CMakeLists.txt"):
        for number, line in tree.lines(path):
            if re.match(r"\s*file\(\s*GLOB", line) and path != "tests/fuzz/CMakeLists.txt":
                yield path, number, "sources are listed, not globbed"
    rows = tree.text(PAPER) if PAPER in tree.paths else ""
    for path in tree.find(".cu", ".cuh", under=("kernels/cuda/",)):
        for number, line in tree.lines(path):
            kernel = re.match(r"(?:__global__.*?|\s+)\b(\w+_kernel)\(", line)
            if kernel and f"| {kernel.group(1)} |" not in rows:
                yield path, number, f"{PAPER} has no row for {kernel.group(1)}"


CASES = [
    ({"kernels/CMakeLists.txt": "add_library(x base/a.c)\n", "kernels/base/a.c": "",
      "tests/fuzz/fuzz_x.c": ""}, None),
    ({"tests/unit/CMakeLists.txt": "foreach(t test_a test_b)\n", "tests/unit/test_a.c": ""}, None),
    ({"kernels/CMakeLists.txt": "add_library(x base/aa.c)\n", "kernels/base/a.c": ""}, "base/a.c:1: no CMakeLists"),
    ({"kernels/CMakeLists.txt": "file(GLOB x *.c)\n"}, "not globbed"),
    ({"kernels/cuda/CMakeLists.txt": "a.cu\n", PAPER: "| a_kernel | byte |\n",
      "kernels/cuda/a.cu": "__global__ void __launch_bounds__(2)\n    a_kernel(int n) {\n"}, None),
    ({"kernels/cuda/CMakeLists.txt": "a.cu\n", PAPER: "| a_kernel | byte |\n",
      "kernels/cuda/a.cu": "__global__ void __launch_bounds__(2)\n    b_kernel(int n) {\n"}, "no row for b_kernel"),
    ({"kernels/cuda/CMakeLists.txt": "a.cu\n", "kernels/cuda/a.cu": "__global__ void c_kernel(int n) {\n"},
     "no row for c_kernel"),
]
