"""The kernels' PTX holds no fused multiply-add, no approximation and no flush to zero: what the host computes, they do.

Reads every *.ptx below BUILD/kernels/cuda, where nvcc left them, one a source and architecture; but for linear/, whose
exp and log promise an optimum, not the host's bits.
"""

import os
import re

from gate import Skip

FORBIDDEN = re.compile(r"\b(fma\.\w+(?:\.\w+)*|mad\.\w+(?:\.\w+)*\.f(?:32|64)|\w+(?:\.\w+)*\.(?:approx|ftz)(?:\.\w+)*)\b")


def files_below(folder, ending):
    for where, _, files in sorted(os.walk(folder)):
        for name in sorted(files):
            if name.endswith(ending):
                yield os.path.join(where, name)


def check(tree):
    top = os.path.join(tree.build or "", "kernels", "cuda")
    found = [path for path in files_below(top, ".ptx") if not path.startswith(os.path.join(top, "linear", ""))]
    if not found:
        raise Skip("no PTX: the CUDA kernels were not compiled here (cmake --build BUILD --target misstep_cuda)")
    for path in found:
        entry = "?"
        with open(path, encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                opened = re.search(r"\.(?:entry|func)\s.*?(\w+)\s*\(?$", line)
                entry = opened.group(1) if opened else entry
                code = line.split("//")[0]
                for match in FORBIDDEN.finditer(code) if ";" in code else ():
                    yield os.path.relpath(path, tree.build), number, f"'{match.group(1)}' in {entry}"


HEAD = ".visible .entry sum_kernel(\n"
CASES = [
    ({"kernels/cuda/a/a.ptx": HEAD + "add.rn.f64 %fd1, %fd2, %fd3;\nmad.lo.s32 %r1, %r2, %r3, %r4;\n"}, None),
    ({"kernels/cuda/a/a.ptx": HEAD + "fma.rn.f64 %fd1, %fd2, %fd3, %fd4;\n"}, "'fma.rn.f64' in sum_kernel"),
    ({"kernels/cuda/a/a.ptx": HEAD + "div.approx.f32 %f1, %f2, %f3;\n"}, "div.approx.f32"),
    ({"kernels/cuda/a/a.ptx": HEAD + "add.s32 %r1, %r2, %r3;\n",
      "kernels/cuda/linear/b/b.ptx": HEAD + "fma.rn.f64 %fd1, %fd2, %fd3, %fd4;\n"}, None),
    ({"kernels/cuda/a/a.ptx": HEAD + "add.ftz.f32 %f1, %f2, %f3;\n"}, "add.ftz.f32"),
]
