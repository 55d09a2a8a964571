#!/usr/bin/env python3
"""Device traffic of misstep vectorize per byte of text, counted by the emulator (tests/emu/README.md): a regression test,
and the table of kernels/cuda/README.md.

usage: traffic.py PROGRAM [--data FILE.csv.gz --rows N] [--options "--ngram-range 1,2"] [--most BYTES] [--table]
PROGRAM is a misstep with the kernels in it that runs them under the emulator. Without --data it counts 8,000 synthetic
statements. Exit code 1 when kernels move more than --most bytes (40) of global memory per byte of text, 77 when FILE is
not there.

"bytes" adds up what the lanes of all kernels load and store: what must move if every cache did its best. "sectors" adds
up the 32-byte sectors that each warp touches: what would move if nothing stayed in a cache. The truth lies between.
Copies and fills are no kernels and not in the sum; the table says what crosses the bus.
"""
import argparse
import csv
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

# GB/s of device memory and of the bus, one way, as published: T4 16 GB, A100 80 GB SXM, H100 80 GB SXM.
CARDS = (("T4", 320, 15.75), ("A100", 2039, 31.5), ("H100", 3350, 63.0))


def read_texts(path, n_rows):
    csv.field_size_limit(1 << 30)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return [row["text"] for row, _ in zip(csv.DictReader(stream), range(n_rows))]


def synthetic(program, folder):
    path = os.path.join(folder, "statements.csv")
    subprocess.run([program, "generate", "-n", "8000", "--seed", "7", "-o", path, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    with open(path, encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def count(program, folder, texts, options):
    """The emulator's counters of each kernel, and the bytes that cross the bus: text, starts, the matrix."""
    data, counters = os.path.join(folder, "texts.csv"), os.path.join(folder, "count.json")
    with open(data, "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["text"]] + [[text] for text in texts])
    matrix = os.path.join(folder, "x.npz")
    subprocess.run([program, "vectorize", data, "-o", matrix, "--device", "cuda:0", "--quiet", *options], check=True,
                   env={**os.environ, "MST_EMU_COUNT": counters, "MST_EMU_SCHEDULE": "inorder"})
    with open(counters, encoding="ascii") as stream:
        return json.load(stream), sum(len(text.encode()) + 8 for text in texts) + os.path.getsize(matrix)


def name_of(kernel):
    """Our kernel's own name; all kernels of one algorithm of CUB as one."""
    cub = re.search(r"detail::(\w+)::", kernel)
    return f"CUB {cub.group(1).replace('_', ' ')}" if cub else re.split(r"[(<]", kernel)[0].split("::")[-1].split()[-1]


def sum_up(kernels, n_bytes):
    """name -> [bytes, sectors, atomics per byte of text, launches], largest first."""
    rows = {}
    for k in kernels:
        row = rows.setdefault(name_of(k["kernel"]), [0.0, 0.0, 0.0, 0])
        row[0] += (k["global_load_bytes"] + k["global_store_bytes"]) / n_bytes
        row[1] += (k["global_load_sector_bytes"] + k["global_store_sector_bytes"]) / n_bytes
        row[2] += k["global_atomics"] / n_bytes
        row[3] += k["launches"]
    return sorted(rows.items(), key=lambda item: -item[1][0])


def times(row):
    """Milliseconds for a GB of text: all caches hit, none does."""
    return [f"{1000 * row[0] / memory:.1f} to {1000 * row[1] / memory:.1f}" for _, memory, _ in CARDS]


def print_table(rows, total, bus):
    print("| kernel | bytes | sectors | atomics | launches | " + " | ".join(f"{card}, ms" for card, _, _ in CARDS) + " |")
    print("|---" * (5 + len(CARDS)) + "|")
    for name, row in rows + [("all", total)]:
        print(f"| {name} | {row[0]:.2f} | {row[1]:.2f} | {row[2]:.3f} | {row[3]} | " + " | ".join(times(row)) + " |")
    print(f"| copies in and out | {bus:.2f} | | | | " + " | ".join(f"{1000 * bus / wire:.1f}" for _, _, wire in CARDS) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--data")
    parser.add_argument("--rows", type=int, default=60000)
    parser.add_argument("--options", default="")
    parser.add_argument("--most", type=float, default=40.0)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.data and not os.path.exists(options.data):
        print(f"{options.data} is not there: skipped")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.abspath(options.program)
        texts = read_texts(options.data, options.rows) if options.data else synthetic(program, folder)
        kernels, bus = count(program, folder, texts, options.options.split())
    n_bytes = sum(len(text.encode()) for text in texts)
    rows = sum_up(kernels, n_bytes)
    total = [sum(row[i] for _, row in rows) for i in range(4)]
    if options.table:
        print_table(rows, total, bus / n_bytes)
    print(f"{len(texts)} texts of {n_bytes} bytes: {total[0]:.1f} bytes per byte of text, {total[1]:.1f} in sectors; "
          f"at most {options.most:g} are allowed")
    return 0 if 0 < total[0] <= options.most else 1


if __name__ == "__main__":
    sys.exit(main())
