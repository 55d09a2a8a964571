"""One training and one test part for the effect of copies: SOURCE[,SOURCE] FOLDER -> FOLDER/train.csv, FOLDER/test.csv; FOLDER/all.csv is the training part and a quarter as many tested records.

Groups (a column, joined with equal texts: lower case, white space and punctuation aside) are drawn by the seed and never divided. The test part is a
fifth of the records, at most --test; the training part is the first --rows of the rest (0: all of them), whole records in drawn order, so
that smaller parts are the beginnings of larger ones. Test records of labels that the training part lacks are left out.
"""
import argparse
import csv
import gzip
import os
import random
import re

from common import answer


def read(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write(path, records):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label", "group"])
        writer.writerows(records)


def find(parent, x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


def units(records, has_group):
    """The unit of each record: linked by group or by text."""
    parent, known = list(range(len(records))), {}
    for i, (text, _, group) in enumerate(records):
        keys = [("text", " ".join(re.findall(r"\w+", text.lower())))] + ([("group", group)] if has_group else [])
        for key in keys:
            parent[find(parent, i)] = find(parent, known.setdefault(key, i))
    return [find(parent, i) for i in range(len(records))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources")
    parser.add_argument("folder")
    parser.add_argument("--text", default="text")
    parser.add_argument("--group", default="")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--test", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    csv.field_size_limit(1 << 30)
    columns = args.text.split(",")
    records = [(" ".join(r[c] for c in columns if r[c]), r["label"], r[args.group] if args.group else "")
               for source in args.sources.split(",") for r in read(source)]
    unit = units(records, bool(args.group))
    members = {}
    for i, u in enumerate(unit):
        members.setdefault(u, []).append(i)
    order = list(members)
    random.Random(args.seed).shuffle(order)
    wanted, test = min(len(records) // 5, args.test), []
    while len(test) < wanted:
        test += members[order.pop()]
    train = [i for u in order for i in members[u]]
    train = train[: args.rows] if args.rows else train
    labels = {records[i][1] for i in train}
    kept = [i for i in test if records[i][1] in labels]
    write(os.path.join(args.folder, "train.csv"), [records[i] for i in train])
    write(os.path.join(args.folder, "test.csv"), [records[i] for i in kept])
    write(os.path.join(args.folder, "all.csv"), [records[i] for i in train + kept[: len(train) // 4]])
    answer(train=len(train), test=len(kept), left_out=len(test) - len(kept))


if __name__ == "__main__":
    main()
