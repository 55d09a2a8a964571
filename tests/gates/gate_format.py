"""clang-format 14 has nothing to change."""

import os
import re
import shutil
import subprocess

from gate import Skip


def check(tree):
    tool = shutil.which("clang-format-14")
    if not tool:
        raise Skip("clang-format-14 is not installed")
    files = tree.find(".c", ".h", ".cu", ".cuh")
    done = subprocess.run([tool, "--dry-run", "-Werror", "--style=file", *files], cwd=tree.root,
                          capture_output=True, text=True, check=False)
    seen = set()
    for line in done.stderr.splitlines():
        match = re.match(r"(.+?):(\d+):\d+: error: ", line)
        if match and match.group(1) not in seen:
            seen.add(match.group(1))
            yield os.path.normpath(match.group(1)), match.group(2), "the first line that clang-format changes"
    if done.returncode and not seen:
        yield ".clang-format", 1, done.stderr.strip()[:300]


STYLE = "BasedOnStyle: LLVM\n"
CASES = [
    ({".clang-format": STYLE, "a.c": "int a;\n"}, None),
    ({".clang-format": STYLE, "a.c": "int a;\nint   b;\n"}, "a.c:2: the first line"),
    ({".clang-format": "Nonsense: 1\n", "a.c": "int a;\n"}, ".clang-format:1:"),
]
