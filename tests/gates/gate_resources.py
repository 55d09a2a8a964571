"""Registers, spills and shared memory of each kernel stay within kernels/cuda/resources.txt.

Reads what ptxas said (BUILD/kernels/cuda/NAME/NAME.resources). A table row is
    kernel architecture registers shared-bytes
A kernel that needs more than its row, spills, or has no row fails; one that needs less warns.
python3 -B tests/gates/gate_resources.py BUILD prints the table as it would be now.
"""

import os
import re
import sys

TABLE = "kernels/cuda/resources.txt"
COMPILING = re.compile(r"Compiling entry function '(\w+)' for 'sm_(\w+)'")
SPILLS = re.compile(r"(\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers(?:.*?(\d+) bytes smem)?")


def name_of(symbol):
    """The kernel's own name: _ZN12_GLOBAL__N_111sums_kernelEPKd -> sums_kernel; None where it is not ours (CUB's)."""
    if not symbol.startswith("_Z"):
        return symbol
    names, at = [], 2
    nested = symbol[2] == "N"  # else what follows the name are its parameters
    while at < len(symbol) and (nested or not names):
        digits = re.match(r"\d+", symbol[at:])
        if digits:
            begin = at + digits.end()
            names.append(symbol[begin:begin + int(digits.group())])
            at = begin + int(digits.group())
        elif symbol[at] in "NL" and not names:
            at += 1
        else:
            break
    return names[-1] + symbol[at:] * ("I" in symbol[at:at + 1]) if names and names[-1].endswith("_kernel") else None


def needs(build):
    """(kernel, architecture) -> (registers, shared, spilled, file) of all kernels of ours."""
    found = {}
    for folder, _, files in sorted(os.walk(os.path.join(build, "kernels", "cuda"))):
        for name in sorted(f for f in files if f.endswith(".resources")):
            path, at, spilled = os.path.join(folder, name), None, 0
            with open(path, encoding="utf-8", errors="replace") as text:
                for line in text:
                    begun, spills, used = COMPILING.search(line), SPILLS.search(line), USED.search(line)
                    if begun:
                        at, spilled = (name_of(begun.group(1)), begun.group(2)), 0
                    elif spills:
                        spilled += int(spills.group(1)) + int(spills.group(2))
                    elif used and at and at[0]:
                        found[at] = (int(used.group(1)), int(used.group(2) or 0), spilled, os.path.relpath(path, build))
    return found


def table_of(text):
    rows = {}
    for number, line in enumerate(text.split("\n"), 1):
        fields = line.split()
        if fields and not line.startswith("#"):
            rows[fields[0], fields[1]] = (int(fields[2]), int(fields[3]), number)
    return rows


def check(tree):
    from gate import Skip, Warn
    found = needs(tree.build or "")
    if not found:
        raise Skip("nothing from ptxas: the CUDA kernels were not compiled here (target misstep_cuda)")
    rows = table_of(tree.text(TABLE)) if TABLE in tree.paths else {}
    for (kernel, arch), (registers, shared, spilled, path) in sorted(found.items()):
        row = rows.pop((kernel, arch), None)
        if spilled:
            yield path, 1, f"{kernel} spills {spilled} bytes on sm_{arch}"
        if row is None:
            yield TABLE, 1, f"no row '{kernel} {arch} {registers} {shared}'"
        elif registers > row[0] or shared > row[1]:
            yield TABLE, row[2], f"{kernel} on sm_{arch} needs {registers} registers and {shared} bytes now"
        elif (registers, shared) != row[:2]:
            yield TABLE, row[2], Warn(f"{kernel} on sm_{arch} needs only {registers} registers and {shared} bytes now")
    archs = {arch for _, arch in found}
    for (kernel, arch), row in sorted(rows.items()):
        if arch in archs:
            yield TABLE, row[2], f"there is no kernel {kernel} on sm_{arch} any more"


def said(registers, spilled=0):
    return ("ptxas info    : Compiling entry function '_Z10sum_kernelPd' for 'sm_90'\n"
            f"    0 bytes stack frame, {spilled} bytes spill stores, 0 bytes spill loads\n"
            f"ptxas info    : Used {registers} registers, used 1 barriers, 64 bytes smem, 360 bytes cmem[0]\n")


CASES = [
    ({"kernels/cuda/a/a.resources": said(20), TABLE: "# head\nsum_kernel 90 20 64\n"}, None),
    ({"kernels/cuda/a/a.resources": said(18), TABLE: "sum_kernel 90 20 64\n"}, None),
    ({"kernels/cuda/a/a.resources": said(22), TABLE: "sum_kernel 90 20 64\n"}, "needs 22 registers"),
    ({"kernels/cuda/a/a.resources": said(20, 8), TABLE: "sum_kernel 90 20 64\n"}, "spills 8 bytes"),
    ({"kernels/cuda/a/a.resources": said(20)}, "no row 'sum_kernel 90 20 64'"),
    ({"kernels/cuda/a/a.resources": said(20), TABLE: "sum_kernel 90 20 64\nold_kernel 90 9 0\n"}, "no kernel old_kernel"),
]

if __name__ == "__main__" and len(sys.argv) == 2:
    print("# kernel architecture registers shared-bytes, by ptxas (tests/gates/gate_resources.py writes and checks it)")
    for (kernel_name, capability), (used_registers, used_shared, _, _) in sorted(needs(sys.argv[1]).items()):
        print(kernel_name, capability, used_registers, used_shared)
