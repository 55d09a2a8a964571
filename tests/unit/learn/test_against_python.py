#!/usr/bin/env python3
"""Models against Python: the notebook's trees bit for bit, and a model read without misstep.

    test_against_python.py FIT_TOOL CLONE      exits 77 where the data or the packages are missing
"""
import csv
import gzip
import os
import subprocess
import sys
import tempfile

tool, clone = sys.argv[1:3]
sys.path.insert(0, os.path.join(clone, "scripts", "python"))
shared = os.environ.get("MISSTEP_SHARED", os.path.join(clone, "..", "shared"))
titles = os.path.join(shared, "data", "arxiv-titles.csv.gz")
try:
    import numpy as np
    import xgboost
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC
    from sklearn.utils.class_weight import compute_sample_weight
    from predict_with_numpy import predict
except ImportError as e:
    print("skipped:", e)
    sys.exit(77)
if not os.path.exists(titles):
    print("skipped: no", titles)
    sys.exit(77)

N_TRAIN, N_TEST, ROUNDS = 3000, 1000, 25


def read_titles():
    with gzip.open(titles, "rt", encoding="utf-8", newline="") as f:
        rows = [r for r, _ in zip(csv.DictReader(f), range(N_TRAIN + N_TEST))]
    text = [" ".join(r["text"].split()) for r in rows]
    return text, [r["label"] for r in rows]


def fit(folder, preset, threads):
    model, proba = os.path.join(folder, preset), os.path.join(folder, "proba.npy")
    done = subprocess.run([tool, preset, folder + "/train", folder + "/test", model, proba,
                           str(ROUNDS), str(threads)], stdout=subprocess.DEVNULL)
    if done.returncode == 77:
        sys.exit(77)
    assert done.returncode == 0, preset
    return model, np.load(proba)


def check_notebook(folder, text, label, preset="notebook", weight=None):
    """The notebook's classifier on scikit-learn's matrix gives the same float32 probabilities."""
    vectorizer = TfidfVectorizer(min_df=2)
    x = vectorizer.fit_transform(text[:N_TRAIN])
    names, y = np.unique(label[:N_TRAIN], return_inverse=True)
    trees = xgboost.XGBClassifier(n_estimators=ROUNDS, max_depth=4, learning_rate=0.1, subsample=0.8,
                                  colsample_bytree=0.8, tree_method="hist", n_jobs=2)
    want = trees.fit(x, y, sample_weight=weight).predict_proba(vectorizer.transform(text[N_TRAIN:]))
    for threads in (1, 2):
        model, got = fit(folder, preset, threads)
        assert got.dtype == want.dtype == np.float32
        differ = np.flatnonzero((got != want).any(axis=1))
        print(f"{preset}, {threads} threads: {len(differ)} of {len(want)} rows differ, "
              f"largest difference {abs(got - want).max():.3g}")
        assert len(differ) == 0
    return model


def check_bayes(folder, text, label, preset="nb", weight=None):
    """ComplementNB on the same counts: the same labels, probabilities to float32."""
    vectorizer = CountVectorizer(ngram_range=(1, 2))
    bayes = ComplementNB().fit(vectorizer.fit_transform(text[:N_TRAIN]), label[:N_TRAIN], weight)
    want = bayes.predict_proba(vectorizer.transform(text[N_TRAIN:]))
    _, got = fit(folder, preset, 1)
    print(f"{preset}: largest difference {abs(got - want).max():.3g}")
    assert abs(got - want).max() < 1e-6 and (got.argmax(1) == want.argmax(1)).all()


def check_svm(folder, text, label):
    """LinearSVC's decision values on the same matrix, both solved to the end."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    machine = LinearSVC(C=0.5, dual=False, tol=1e-9, max_iter=10000)
    want = machine.fit(vectorizer.fit_transform(text[:N_TRAIN]), label[:N_TRAIN]).decision_function(
        vectorizer.transform(text[N_TRAIN:]))
    _, got = fit(folder, "svm+words+exact", 2)
    print(f"svm: largest difference {abs(got - want).max():.3g}")
    assert abs(got - want).max() < 1e-4 and (got.argmax(1) == want.argmax(1)).all()


def logistic(x, y, c, **weights):
    """With a column of ones for the intercept, which is regularised as LIBLINEAR does it."""
    ones = hstack([x, np.ones((x.shape[0], 1))]).tocsr()
    model = LogisticRegression(C=c, fit_intercept=False, max_iter=5000, tol=1e-8,
                               class_weight=weights.get("class_weight"))
    model.fit(ones, y, weights.get("sample_weight"))
    return lambda other: model.predict_proba(hstack([other, np.ones((other.shape[0], 1))]).tocsr())


def check_balanced(folder, text, label):
    """--class-weight balanced is scikit-learn's: one multinomial fit, and a class against the rest,
    where a row weighs what its own class does."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    x, names = vectorizer.fit_transform(text[:N_TRAIN]), np.unique(label)
    other = vectorizer.transform(text[N_TRAIN:])
    y = np.array(label[:N_TRAIN])
    weight = compute_sample_weight("balanced", y)
    want = logistic(x, y, 2, class_weight="balanced")(other)
    _, got = fit(folder, "linear+multinomial+words+exact+balanced", 1)
    plain = fit(folder, "linear+multinomial+words+exact", 1)[1]
    print(f"multinomial, balanced: largest difference {abs(got - want).max():.3g}, "
          f"unweighted {abs(plain - want).max():.3g}")
    assert abs(got - want).max() < 2e-3 < abs(plain - want).max()
    want = np.stack([logistic(x, y == k, 5, sample_weight=weight)(other)[:, 1] for k in names], 1)
    want /= want.sum(1, keepdims=True)
    _, got = fit(folder, "linear+words+exact+balanced", 1)
    print(f"one against the rest, balanced: largest difference {abs(got - want).max():.3g}")
    assert abs(got - want).max() < 2e-3
    check_notebook(folder, text, label, "notebook+balanced", weight)
    check_bayes(folder, text, label, "nb+balanced", weight)


def check_reader(folder, preset, text):
    """predict_with_numpy.py reads the folder and gives our probabilities."""
    model, got = fit(folder, preset, 2)
    want = predict(model, text[N_TRAIN:])
    print(f"predict_with_numpy, {preset}: largest difference {abs(got - want).max():.3g}")
    assert got.shape == want.shape and abs(got - want).max() < 2e-6


def main():
    text, label = read_titles()
    with tempfile.TemporaryDirectory() as folder:
        for name, part in (("train", slice(0, N_TRAIN)), ("test", slice(N_TRAIN, None))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.writelines(f"{c}\t{t}\n" for c, t in zip(label[part], text[part]))
        check_notebook(folder, text, label)
        check_bayes(folder, text, label)
        check_svm(folder, text, label)
        check_balanced(folder, text, label)
        for preset in ("default", "linear", "nb", "svm", "multinomial", "raw", "words", "notebook"):
            check_reader(folder, preset, text)


main()
