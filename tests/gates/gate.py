"""Run one gate over the tree, or prove that it can fail.

gate.py NAME ROOT [--build DIR]    problems as file:line: message, exit code 1 when there are any
gate.py NAME --self-test           runs the module's CASES: small trees, each with the words of the
                                   problem that must be found, or None where there must be none

A gate is a module gate_NAME.py with check(tree), which yields (path, line, message), and CASES.
Python 3's standard library only.
"""

import argparse
import importlib
import os
import re
import sys
import tempfile

SKIPPED_DIRS = {".git", ".deps", "out", "__pycache__"}
PRODUCT = ("kernels/", "augment/", "pipeline/", "experiments/")


class Skip(Exception):
    """The gate cannot be judged here; the message says why (ctest: skipped)."""


class Warn(str):
    """A message that is printed and does not fail."""


class Tree:
    """The files of a clone, by paths relative to its root; build folders and downloads are left out."""

    def __init__(self, root, build=None):
        self.root, self.build = os.path.abspath(root), build
        self.paths = []
        for folder, dirs, files in os.walk(self.root):
            dirs[:] = sorted(d for d in dirs if d not in SKIPPED_DIRS
                             and not (folder == self.root and d.startswith("build")))
            for name in sorted(files):
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    self.paths.append(os.path.relpath(path, self.root))
        self._texts = {}

    def find(self, *endings, under=("",)):
        return [p for p in self.paths if p.endswith(endings) and p.startswith(tuple(under))]

    def text(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self._texts[path] = file.read()
        return self._texts[path]

    def lines(self, path):
        return list(enumerate(self.text(path).split("\n"), 1))


C_PIECE = re.compile(r"/\*.*?\*/|//(?:\\\n|[^\n])*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text):
    """C source with comments blanked; lines and columns stay where they were."""
    return C_PIECE.sub(lambda m: blank(m) if m.group()[0] == "/" else m.group(), text)


def code_only(text):
    """C source with comments, strings and characters blanked."""
    return C_PIECE.sub(lambda m: blank(m) if m.group()[0] == "/" else
                       m.group()[0] + " " * (len(m.group()) - 2) + m.group()[-1], text)


def without_directives(code):
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", blank, code, flags=re.M)


def matches(code, pattern):
    """(line, match) for each match of a pattern in a text."""
    for match in re.finditer(pattern, code):
        yield code.count("\n", 0, match.start()) + 1, match


def run_case(gate, files):
    with tempfile.TemporaryDirectory() as root:
        for path, content in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(content)
            if content.startswith("#!"):
                os.chmod(full, 0o755)
        return [f"{p}:{n}: {m}" for p, n, m in gate.check(Tree(root, build=root)) if not isinstance(m, Warn)]


def self_test(gate):
    bad = 0
    wants = [wanted for _, wanted in gate.CASES]
    assert None in wants and any(wants), "CASES need one tree that passes and one that fails"
    for number, (files, wanted) in enumerate(gate.CASES, 1):
        found = run_case(gate, files)
        right = not found if wanted is None else any(wanted in line for line in found)
        if not right:
            bad += 1
            print(f"case {number}: expected {wanted or 'no problem'}, got {found or 'no problem'}")
    print(f"{len(gate.CASES) - bad} of {len(gate.CASES)} cases right")
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("root", nargs="?")
    parser.add_argument("--build")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    gate = importlib.import_module("gate_" + args.name)
    try:
        if args.self_test:
            return self_test(gate)
        problems = 0
        for path, line, message in gate.check(Tree(args.root, args.build)):
            problems += not isinstance(message, Warn)
            print(f"{path}:{line}: {'warning: ' if isinstance(message, Warn) else ''}{message}")
        print(f"{problems} problems")
        return 1 if problems else 0
    except Skip as why:
        print(f"skipped: {why}")
        return 77


if __name__ == "__main__":
    sys.modules["gate"] = sys.modules["__main__"]
    sys.exit(main())
