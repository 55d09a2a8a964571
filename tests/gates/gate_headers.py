"""Every header stands alone and may be included twice, without a warning: the public ones of kernels/include
as C11, C17 and C++17 for anybody's program, the others as C11 and C17 with the tree's own _GNU_SOURCE."""

import concurrent.futures
import os
import shutil
import subprocess

from gate import PRODUCT, Skip

PUBLIC = "kernels/include/"


def compile_header(tree, path, language, standard):
    roots = [f"-I{os.path.join(tree.root, r)}" for r in ("kernels/include", "kernels", "pipeline", "augment", "experiments")]
    done = subprocess.run(
        ["gcc", *([] if path.startswith(PUBLIC) else ["-D_GNU_SOURCE"]), "-Wno-psabi", "-x",
         language, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
         "-fsyntax-only", "-fdiagnostics-plain-output", *roots, "-"],
        input=f'#include "{tree.root}/{path}"\n#include "{tree.root}/{path}"\n',
        capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error" in line] or [done.stderr.strip()]
    return path, 1, f"as {standard}: {lines[0].replace(tree.root + '/', '')}"


def check(tree):
    if not shutil.which("g++"):
        raise Skip("g++ is not installed")
    work = []
    for path in tree.find(".h", under=PRODUCT):
        work += [(tree, path, "c", "c11"), (tree, path, "c", "c17")]
        if path.startswith(PUBLIC):
            work.append((tree, path, "c++", "c++17"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        yield from filter(None, pool.map(lambda one: compile_header(*one), work))


GUARD = "#ifndef A_H\n#define A_H\n%s\n#endif\n"
CASES = [
    ({"kernels/include/misstep/a.h": GUARD % "#include <stdint.h>\nint32_t mst_a(void);"}, None),
    ({"kernels/include/misstep/a.h": GUARD % "int32_t mst_a(void);"}, "as c11"),
    ({"kernels/include/misstep/a.h": "struct a { int b; };\n"}, "redefinition"),
    ({"kernels/include/misstep/a.h": GUARD % "int mst_new(int class);"}, "as c++17"),
]
