"""Sources are ASCII (escapes spell the rest), without tabs, trailing blanks or carriage returns."""

import re

NAMES = (".c", ".h", ".cu", ".cuh", ".py", ".txt", ".json", ".sh", ".clang-format", ".clang-tidy")


def is_source(tree, path):
    if "/corpus/" in path or path.startswith("tests/golden/") or path.startswith("tests/cli/"):
        return path.endswith((".c", ".h", ".py"))
    return path.endswith(NAMES) or path.startswith((".ci/",)) or tree.text(path).startswith("#!")


def check(tree):
    for path in tree.paths:
        if path.endswith((".md", ".gz", ".zst", ".npy", ".npz", ".png", ".svg")) or not is_source(tree, path):
            continue
        for number, line in tree.lines(path):
            odd = re.search(r"[^\x20-\x7e]", line)
            if odd:
                yield path, number, f"character U+{ord(odd.group()):04X} in a source"
            elif line.endswith(" "):
                yield path, number, "blank at the end of the line"
        if tree.text(path) and not tree.text(path).endswith("\n"):
            yield path, len(tree.lines(path)), "no newline at the end of the file"


CASES = [
    ({"a.c": "int a;\n", "README.md": "\u00bd\n", "tests/fuzz/corpus/x/1.txt": "\u00bd"}, None),
    ({"a.c": "int a;\n// \u00bd\n"}, "a.c:2: character U+00BD"),
    ({"a.py": "\tx = 1\n"}, "U+0009"),
    ({"scripts/x": "#!/bin/sh\necho  \n"}, "blank at the end"),
    ({"a.h": "int a;"}, "no newline"),
]
