"""Score a CSV of predictions with scikit-learn: --column of PREDICTIONS against label of TEST, row by row.

--same FILE: labels, one a line, that the predictions should equal; the number that differ is reported.
--bulk FILE --offset N: predictions of a larger file whose rows from N on are TEST's; labels and probabilities that
differ are counted: a record's result may not depend on the batch it came in.
"""
import argparse

import pandas
from sklearn.metrics import accuracy_score, f1_score

from common import answer, versions


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("predictions")
    parser.add_argument("test")
    parser.add_argument("--column", default="label")
    parser.add_argument("--same")
    parser.add_argument("--bulk")
    parser.add_argument("--offset", type=int, default=0)
    args = parser.parse_args()
    predicted = pandas.read_csv(args.predictions, dtype=str, keep_default_na=False)[args.column]
    label = pandas.read_csv(args.test, dtype=str, keep_default_na=False)["label"]
    fields = {"rows": len(predicted), "rows_expected": len(label), "versions": versions("scikit-learn", "pandas")}
    if len(predicted) == len(label):
        fields["accuracy"] = accuracy_score(label, predicted)
        fields["macro_f1"] = f1_score(label, predicted, average="macro")
    if args.same:
        with open(args.same, encoding="utf-8") as file:
            other = file.read().splitlines()
        fields["n_different"] = sum(a != b for a, b in zip(predicted, other)) + abs(len(predicted) - len(other))
    if args.bulk:
        alone = pandas.read_csv(args.predictions, dtype=str, keep_default_na=False)
        bulk = pandas.read_csv(args.bulk, dtype=str, keep_default_na=False)
        part = bulk.iloc[args.offset : args.offset + len(alone)].reset_index(drop=True)
        columns = [args.column, "probability"]
        fields["bulk_rows"] = len(bulk)
        fields["n_bulk_different"] = int((part[columns] != alone[columns]).any(axis=1).sum())
    answer(**fields)


if __name__ == "__main__":
    main()
