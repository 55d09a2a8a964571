"""Cut the input of the benchmarks: SOURCE.csv[.gz] -> FOLDER/all.csv, all-train.csv, all-test.csv, train.csv, test.csv.

all: the source's own bytes, decompressed, or its first --rows records; all-train, all-test: its first 80 % and the rest; train, test: the first
24,000 and the next 6,000 (fewer where there are fewer: 80 % and the rest). Written as RFC 4180, UTF-8, LF.
"""
import argparse
import csv
import gzip
import os
import shutil

from common import answer

NOTEBOOK_TRAIN, NOTEBOOK_TEST = 24000, 6000


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=0, help="0: all")
    args = parser.parse_args()
    csv.field_size_limit(1 << 30)
    opener = gzip.open if args.source.endswith(".gz") else open
    with opener(args.source, "rt", encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        rows = list(reader)
    if args.rows:
        rows = rows[: args.rows]
    cut = len(rows) * 4 // 5
    if len(rows) >= NOTEBOOK_TRAIN + NOTEBOOK_TEST:
        first, last = NOTEBOOK_TRAIN, NOTEBOOK_TRAIN + NOTEBOOK_TEST
    else:
        first, last = cut, len(rows)
    parts = {"all": rows, "all-train": rows[:cut], "all-test": rows[cut:], "train": rows[:first],
             "test": rows[first:last]}
    for name, part in parts.items():
        write(os.path.join(args.folder, name + ".csv"), header, part)
    if not args.rows:
        opener = gzip.open if args.source.endswith(".gz") else open
        with opener(args.source, "rb") as source, open(os.path.join(args.folder, "all.csv"), "wb") as file:
            shutil.copyfileobj(source, file)
    answer(bytes=os.path.getsize(os.path.join(args.folder, "all.csv")),
           **{name.replace("-", "_"): len(part) for name, part in parts.items()})


if __name__ == "__main__":
    main()
