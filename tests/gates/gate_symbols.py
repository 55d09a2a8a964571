"""What our static libraries export begins with mst_ (public) or mst__ (between files of a folder).

In CUDA C++ kernels are called something_kernel, and a library's templates are weak symbols: the linker keeps one of each.
A kernel's name twice with the same parameters is an error of the linker's."""

import os
import re
import subprocess

from gate import Skip


def archives(tree):
    for folder, dirs, files in os.walk(tree.build):
        dirs[:] = [d for d in dirs if not (folder == tree.build and d == "tests")]  # helpers of tests may
        for name in sorted(files):
            if re.fullmatch(r"libmisstep_\w+\.a", name):
                yield os.path.join(folder, name)
            elif name.endswith("_for_self_test.c"):
                source = os.path.join(folder, name)
                subprocess.run(["gcc", "-c", source, "-o", source[:-1] + "o"], check=True)
                subprocess.run(["ar", "rcs", source[:-1] + "a", source[:-1] + "o"], check=True)
                yield source[:-1] + "a"


ALLOWED = re.compile(r"mst_|_Z\w*?(?:mst_|_kernel)")
WEAK_OF_CUDA = re.compile(r"_Z|DW\.ref\.|nvtx|InitializeInjectionNvtx")  # templates of CUB, and what CUB includes


def check(tree):
    found = list(archives(tree))
    if not found:
        raise Skip(f"no library of ours below {tree.build}")
    for archive in found:
        done = subprocess.run(["nm", "-A", "-g", "--defined-only", archive], capture_output=True,
                              text=True, check=True)
        for line in done.stdout.splitlines():
            where, _, symbol = line.rpartition(" ")
            weak = where[-1] in "WVu" and WEAK_OF_CUDA.match(symbol)
            if not weak and not ALLOWED.match(symbol):
                member = where.split(":")[1] if ":" in where else where
                yield os.path.basename(archive) + ":" + member, 1, f"exports '{symbol}': make it static or mst_"


CASES = [
    ({"a_for_self_test.c": "int mst_a(void) { return 0; } static int b; int mst__c(void) { return b; }\n"}, None),
    ({"a_for_self_test.c": "int helper(void) { return 0; }\n"}, "exports 'helper'"),
    ({"a_for_self_test.c": "int counter = 1;\n"}, "exports 'counter'"),
    ({"a_for_self_test.c": "int _Z10sum_kernelPd(void) { return 0; }\n"}, None),
    ({"a_for_self_test.c": "int _Z6helperPd(void) { return 0; }\n"}, "exports '_Z6helperPd'"),
]
