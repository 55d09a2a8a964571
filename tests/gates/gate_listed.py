"""Every source is named in the CMakeLists.txt of its folder (or one above): none lies there unused.
Sources are listed, not globbed; tests/fuzz may, a target there is a file and nothing else."""

import posixpath
import re


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


CASES = [
    ({"kernels/CMakeLists.txt": "add_library(x base/a.c)\n", "kernels/base/a.c": "",
      "tests/fuzz/fuzz_x.c": ""}, None),
    ({"tests/unit/CMakeLists.txt": "foreach(t test_a test_b)\n", "tests/unit/test_a.c": ""}, None),
    ({"kernels/CMakeLists.txt": "add_library(x base/aa.c)\n", "kernels/base/a.c": ""}, "base/a.c:1: no CMakeLists"),
    ({"kernels/CMakeLists.txt": "file(GLOB x *.c)\n"}, "not globbed"),
]
