"""Includes go strictly downward: kernels < augment < pipeline's folders in the order of the data <
experiments < tests; inside kernels include < body < base < backend_table.h < cpu, linear < cuda < backend.c. The CPU
never knows of CUDA; CUDA's host side asks the CPU for what is done once a spelling."""

import os
import posixpath

from gate import matches, without_comments

RANKS = [("kernels/include/", 0), ("kernels/body/", 1), ("kernels/base/", 2), ("kernels/backend_table.h", 2.5),
         ("kernels/cpu/", 3), ("kernels/cuda/", 3.5), ("kernels/linear/", 3), ("kernels/", 4), ("augment/", 5),
         ("pipeline/files/", 6), ("pipeline/read/", 7), ("pipeline/features/", 8), ("pipeline/learn/", 9),
         ("pipeline/score/", 10), ("pipeline/report/", 11), ("pipeline/generate/", 11),
         ("pipeline/cli/", 12), ("experiments/", 13), ("tests/", 14)]
ROOTS = ["kernels/include", "kernels", "pipeline", "augment", "experiments", "tests/support"]


def layer(path):
    return next(((prefix, rank) for prefix, rank in RANKS if path.startswith(prefix)), (None, None))


def resolve(tree, path, name):
    for folder in [posixpath.dirname(path)] + ROOTS:
        candidate = posixpath.normpath(posixpath.join(folder, name))
        if candidate in tree.paths or os.path.exists(os.path.join(tree.root, candidate)):
            return candidate
    return None


def check(tree):
    for path in tree.find(".c", ".h", ".cu", ".cuh"):
        folder, rank = layer(path)
        if folder is None:
            yield path, 1, "lies in no layer of the tree"
            continue
        code = without_comments(tree.text(path))
        for line, match in matches(code, r'(?m)^[ \t]*#[ \t]*include[ \t]+"([^"]+)"'):
            target = resolve(tree, path, match.group(1))
            if target is None:
                yield path, line, f'"{match.group(1)}" is not a file of the tree'
                continue
            below, below_rank = layer(target)
            if below != folder and (below_rank is None or below_rank >= rank):
                yield path, line, f'{folder} includes "{match.group(1)}" of {below}: not downward'


CASES = [
    ({"kernels/cpu/count.c": '#include "misstep/csr.h"\n#include "body/count.h"\n',
      "kernels/include/misstep/csr.h": "", "kernels/body/count.h": ""}, None),
    ({"kernels/base/csr.c": '\n#include "read/records.h"\n', "pipeline/read/records.h": ""},
     "kernels/base/csr.c:2: kernels/base/ includes"),
    ({"kernels/cpu/a.c": '#include "cuda/a.h"\n', "kernels/cuda/a.h": ""}, "not downward"),
    ({"pipeline/read/a.c": '#include "learn/model.h"\n', "pipeline/learn/model.h": ""}, "not downward"),
    ({"pipeline/read/a.c": '#include "gone.h"\n'}, "not a file of the tree"),
    ({"pipeline/read/a.c": '/* #include "gone.h" */\n'}, None),
]
