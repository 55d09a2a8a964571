#!/usr/bin/env python3
"""Write tests/golden/score/score.json: scikit-learn's figures for random labels and probabilities,
and for the decision values of a linear SVM, of which ranks alone count.

Usage: score.py [OUTPUT]. Needs the pinned scikit-learn of the virtual environment. Probabilities are
integers over 4096, so that they are exact in float32 and rows sum to exactly 1; ties, zeros and
classes that occur only on one side are frequent.
"""
import json
import os
import sys
import warnings

import numpy as np
from sklearn import metrics as m
from sklearn.svm import LinearSVC

UNIT = 4096


def random_rows(rng, n_rows, n_classes, skill, coarse):
    """Integers [n_rows, n_classes] with sum UNIT; coarse steps make ties and zeros."""
    weight = rng.gamma(0.4, size=(n_rows, n_classes))
    label = rng.integers(0, n_classes, n_rows)
    weight[np.arange(n_rows), label] += skill
    share = np.floor(weight / weight.sum(axis=1, keepdims=True) * (UNIT // coarse)).astype(int) * coarse
    share[np.arange(n_rows), share.argmax(axis=1)] += UNIT - share.sum(axis=1)
    return label, share


def top3(label, proba):
    """Rank of the true class, ties by lower class number: share in the top 3 and MAP@3."""
    own = proba[np.arange(len(label)), label][:, None]
    classes = np.arange(proba.shape[1])[None, :]
    rank = 1 + (proba > own).sum(axis=1) + ((proba == own) & (classes < label[:, None])).sum(axis=1)
    return float((rank <= 3).mean()), float(np.where(rank <= 3, 1.0 / rank, 0.0).mean())


def calibration_error(label, proba):
    """15 bins of the top probability, each closed on the right."""
    top, hit = proba.max(axis=1), proba.argmax(axis=1) == label
    bins = np.clip(np.ceil(top * 15).astype(int) - 1, 0, 14)
    gaps = [abs(hit[bins == b].sum() - top[bins == b].sum()) for b in range(15)]
    return float(sum(gaps) / len(label))


def case(label, share, score=None):
    """share: of UNIT; or score: decision values, without what needs probabilities."""
    proba = share / UNIT if score is None else score
    n_classes = proba.shape[1]
    predicted = proba.argmax(axis=1)
    every = list(range(n_classes))
    figures = {
        "accuracy": m.accuracy_score(label, predicted),
        "balanced_accuracy": m.balanced_accuracy_score(label, predicted),
    }
    if score is None:
        figures["log_loss"] = m.log_loss(label, proba, labels=every) if n_classes > 1 else 0.0
        figures["expected_calibration_error"] = calibration_error(label, proba)
    for average in ("macro", "micro", "weighted"):
        p, r, f, _ = m.precision_recall_fscore_support(label, predicted, average=average, zero_division=0)
        figures |= {f"{average}_precision": p, f"{average}_recall": r, f"{average}_f1": f}
    figures["top3_accuracy"], figures["map3"] = top3(label, proba)
    has_ties = any(len(set(row)) < n_classes for row in proba.tolist())
    if not has_ties and n_classes > 3:
        assert figures["top3_accuracy"] == m.top_k_accuracy_score(label, proba, k=3, labels=every)
    p, r, f, s = m.precision_recall_fscore_support(label, predicted, labels=every, zero_division=0)
    return {
        "classes": n_classes, "label": label.tolist(),
        **({"share": share.ravel().tolist()} if score is None else {"score": score.ravel().tolist()}),
        "figures": {key: float(value) for key, value in figures.items()},
        "precision": p.tolist(), "recall": r.tolist(), "f1": f.tolist(), "support": s.tolist(),
        "confusion": m.confusion_matrix(label, predicted, labels=every).ravel().tolist(),
    }


def svm_case(rng, n_classes):
    """What LinearSVC decides of rows that it has not seen, as float32."""
    label = rng.integers(0, n_classes, 240)
    row = rng.normal(size=(240, 6)) + rng.normal(size=(n_classes, 6))[label]
    fitted = LinearSVC(dual=False, random_state=0).fit(row[:160], label[:160])
    return case(label[160:], None, fitted.decision_function(row[160:]).astype(np.float32).astype(float))


def main():
    warnings.simplefilter("ignore")
    here = os.path.dirname(os.path.abspath(__file__))
    default = os.path.join(here, "..", "..", "tests", "golden", "score", "score.json")
    path = sys.argv[1] if len(sys.argv) > 1 else default
    rng = np.random.default_rng(20240607)
    shapes = [(1, 2), (2, 2), (30, 2), (50, 3), (40, 4), (120, 9), (7, 12), (60, 12), (90, 5), (25, 40)]
    cases = [case(*random_rows(rng, d, c, skill, coarse))
             for d, c in shapes for skill, coarse in ((0.2, 1), (1.5, 1), (0.5, 256))]
    cases.append(case(np.zeros(5, int), np.full((5, 1), UNIT)))
    cases.append(case(np.array([1, 1, 1]), np.array([[UNIT, 0, 0]] * 3)))
    tied = rng.integers(0, 2, (60, 6))
    tied = tied[np.isin(tied.sum(axis=1), (1, 2, 4))]  # equal shares that are exact
    share = tied * (UNIT // tied.sum(axis=1, keepdims=True))
    cases.append(case(rng.integers(0, 6, len(share)), share))  # ties for the first place
    cases += [svm_case(rng, n_classes) for n_classes in (4, 9)]
    with open(path, "w", encoding="ascii") as f:
        f.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
