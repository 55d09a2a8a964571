"""A grid over 3 folds: GridSearchCV(Pipeline(TfidfVectorizer(min_df=2), XGBClassifier)) with one XGBoost thread a trial.

prepare SOURCE.csv FOLDER   FOLDER/sweep.csv: the first --rows records and the fold that GridSearchCV's own
                            StratifiedKFold(3) tests them in, FOLDER/equal.yaml, the same grid for misstep, and
                            FOLDER/trees.yaml, that grid on the features which misstep gives to trees
search FOLDER               the search; scores of every fold into FOLDER/peer.json; seconds is the age of the process
judge FOLDER OURS.json      the largest difference between our cells and the peer's, and the accuracy of the best
                            setting (mean over the folds) on either side
"""
import argparse
import json
import os

import pandas
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder
from xgboost import XGBClassifier

from common import answer, peak_bytes, process_seconds, versions

FOLDS = 3
DEPTHS, RATES = [3, 4], [0.1, 0.2]
SCORES = {"accuracy": ("accuracy", 1), "macro_f1": ("f1_macro", 1), "log_loss": ("neg_log_loss", -1)}


def load(folder):
    table = pandas.read_csv(os.path.join(folder, "sweep.csv"), keep_default_na=False)
    return table["text"], LabelEncoder().fit_transform(table["label"])


def prepare(args):
    table = pandas.read_csv(args.paths[0], keep_default_na=False, nrows=args.rows)
    codes = LabelEncoder().fit_transform(table["label"])
    table["fold"] = 0
    for fold, (_, test) in enumerate(StratifiedKFold(FOLDS).split(table["text"], codes)):
        table.loc[test, "fold"] = fold
    table.to_csv(os.path.join(args.paths[1], "sweep.csv"), index=False, lineterminator="\n")
    grid = ("data: sweep.csv\nmethod: grid\nmetric: accuracy\nfolds: {column: fold}\nparameters:\n"
            "  preset: {value: notebook}\n  n_estimators: {values: %s}\n  max_depth: {values: %s}\n"
            "  learning_rate: {values: %s}\n" % (args.estimators, DEPTHS, RATES))
    for name, more in ("equal.yaml", ""), ("trees.yaml", "  norm: {value: none}\n  select: {value: 'chi2:2000'}\n"):
        with open(os.path.join(args.paths[1], name), "w", encoding="utf-8") as file:
            file.write(grid + more)
    answer(rows=len(table), cells=len(args.estimators) * len(DEPTHS) * len(RATES) * FOLDS)


def search(args):
    texts, codes = load(args.paths[0])
    model = Pipeline([("tfidf", TfidfVectorizer(min_df=2)),
                      ("xgb", XGBClassifier(objective="multi:softprob", subsample=0.8, colsample_bytree=0.8,
                                            tree_method="hist", n_jobs=1))])
    grid = {"xgb__n_estimators": args.estimators, "xgb__max_depth": DEPTHS, "xgb__learning_rate": RATES}
    done = GridSearchCV(model, grid, cv=FOLDS, n_jobs=args.n_jobs, refit=False,
                        scoring={name: scorer for name, (scorer, _) in SCORES.items()}).fit(texts, codes)
    cells = []
    for i, p in enumerate(done.cv_results_["params"]):
        for fold in range(FOLDS):
            scores = {name: sign * float(done.cv_results_[f"split{fold}_test_{name}"][i])
                      for name, (_, sign) in SCORES.items()}
            cells.append({"fold": fold, "n_estimators": p["xgb__n_estimators"], "max_depth": p["xgb__max_depth"],
                          "learning_rate": p["xgb__learning_rate"], **scores})
    with open(os.path.join(args.paths[0], "peer.json"), "w", encoding="utf-8") as file:
        json.dump(cells, file)
    answer(seconds=process_seconds(), fits=len(cells), peak_bytes=peak_bytes(),
           versions=versions("scikit-learn", "xgboost", "pandas"))


def judge(args):
    with open(os.path.join(args.paths[0], "peer.json"), encoding="utf-8") as file:
        peer = json.load(file)
    with open(args.paths[1], encoding="utf-8") as file:
        ours = json.load(file)

    def setting(cell):
        return cell["n_estimators"], cell["max_depth"], cell["learning_rate"]

    def best(cells):
        settings = {setting(cell) for cell in cells}
        return max(sum(c["accuracy"] for c in cells if setting(c) == one) / FOLDS for one in settings)
    mine = {(cell["fold"], *setting(cell)): cell for cell in ours}
    missing = [cell for cell in peer if (cell["fold"], *setting(cell)) not in mine]
    worst = 1.0 if missing else max(abs(mine[(cell["fold"], *setting(cell))][score] - cell[score])
                                    for cell in peer for score in SCORES)
    answer(cells=len(ours), n_missing=len(missing), worst=worst, best=best(ours), best_peer=best(peer))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["prepare", "search", "judge"])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--rows", type=int, default=10000)
    parser.add_argument("--estimators", type=lambda s: [int(n) for n in s.split(",")], default=[100, 200, 300])
    parser.add_argument("--n-jobs", type=int, default=2)
    args = parser.parse_args()
    {"prepare": prepare, "search": search, "judge": judge}[args.what](args)


if __name__ == "__main__":
    main()
