"""The notebook: read_csv, TfidfVectorizer(min_df=2), XGBClassifier with the paper's settings, two scores.

seconds is the age of the process when the scores are known; what follows is not in it.
--predictions FILE keeps the predicted labels of TEST, one a line; --bulk FILE also times predicting all its texts.
"""
import argparse
import time

import pandas
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.preprocessing import LabelEncoder
from xgboost import XGBClassifier

from common import answer, peak_bytes, process_seconds, versions


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--n-estimators", type=int, default=300)
    parser.add_argument("--predictions")
    parser.add_argument("--bulk")
    args = parser.parse_args()
    train = pandas.read_csv(args.train, keep_default_na=False)
    test = pandas.read_csv(args.test, keep_default_na=False)
    encoder = LabelEncoder()
    y = encoder.fit_transform(train["label"])
    vectorizer = TfidfVectorizer(min_df=2)
    start = time.perf_counter()
    x = vectorizer.fit_transform(train["text"])
    vectorized = time.perf_counter()
    model = XGBClassifier(objective="multi:softprob", n_estimators=args.n_estimators, learning_rate=0.1, max_depth=4,
                          subsample=0.8, colsample_bytree=0.8, tree_method="hist", n_jobs=args.n_jobs)
    model.fit(x, y)
    fitted = time.perf_counter()
    predicted = encoder.inverse_transform(model.predict(vectorizer.transform(test["text"])))
    fields = {"accuracy": accuracy_score(test["label"], predicted),
              "macro_f1": f1_score(test["label"], predicted, average="macro"),
              "seconds_features": vectorized - start, "seconds_boosting": fitted - vectorized,
              "seconds": process_seconds(), "peak_bytes": peak_bytes(),
              "versions": versions("scikit-learn", "xgboost", "pandas")}
    if args.predictions:
        with open(args.predictions, "w", encoding="utf-8") as file:
            file.writelines(label + "\n" for label in predicted)
    if args.bulk:
        texts = pandas.read_csv(args.bulk, keep_default_na=False)["text"]
        start = time.perf_counter()
        model.predict(vectorizer.transform(texts))
        fields["bulk_seconds"] = time.perf_counter() - start
        fields["bulk_rows"] = len(texts)
    answer(**fields)


if __name__ == "__main__":
    main()
