"""Divides records that were copied before, as the paper did: SOURCE FOLDER -> FOLDER/leaky-train.csv, FOLDER/leaky-test.csv.

SOURCE is what "misstep augment" wrote. A fifth of its rows, at most --test, is drawn by the seed, originals and copies alike. The answer counts
the tested rows that have a twin in the training part: the same record, a copy of it, or its original.
"""
import argparse
import csv
import os
import random

from common import answer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("folder")
    parser.add_argument("--test", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    csv.field_size_limit(1 << 30)
    with open(args.source, encoding="utf-8", newline="") as file:
        rows = [(r["text"], r["label"], r["parent"]) for r in csv.DictReader(file)]
    random.Random(args.seed).shuffle(rows)
    n_test = min(len(rows) // 5, args.test)
    parts = {"leaky-test.csv": rows[:n_test], "leaky-train.csv": rows[n_test:]}
    labels = {label for _, label, _ in parts["leaky-train.csv"]}
    parts["leaky-test.csv"] = [r for r in parts["leaky-test.csv"] if r[1] in labels]
    for name, part in parts.items():
        with open(os.path.join(args.folder, name), "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["text", "label"])
            writer.writerows(r[:2] for r in part)
    trained = {r[2] for r in parts["leaky-train.csv"]}
    answer(train=len(parts["leaky-train.csv"]), test=len(parts["leaky-test.csv"]),
           twins=sum(r[2] in trained for r in parts["leaky-test.csv"]))


if __name__ == "__main__":
    main()
