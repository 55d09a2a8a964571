#!/usr/bin/env python3
"""Read a word model of misstep without misstep: predict_with_numpy.py MODEL/ < texts, one a line."""
import json
import re
import sys

import numpy as np
import scipy.sparse as sp
import xgboost


def words_of(text, o):
    words = re.findall(o["token_pattern"] or r"(?u)\b\w\w+\b", text)
    words = [w for w in words if w not in (o["stop_words"] or [])]
    low, high = o["ngram_range"]
    grams = [(i, i + n) for n in range(low, high + 1) for i in range(len(words) - n + 1)]
    return [" ".join(words[i:j]) for i, j in grams]


def chars_of(text, o):  # inside words; a word shorter than the shortest n-gram counts once
    low, high = o["ngram_range"]
    words = [f" {w} " for w in text.split()]
    sizes = [(w, n) for w in words for n in range(low, max(low, min(high, len(w))) + 1)]
    return [w[i:i + n] for w, n in sizes for i in range(max(1, len(w) - n + 1))]


def terms_of(text, o):
    text = text.lower() if o["lowercase"] else text
    return (chars_of if o["analyzer"] == "char_wb" else words_of)(text, o)


def matrix(folder, part, o, texts):
    kept = np.load(f"{folder}/{part}/selected.npy")
    terms = json.load(open(f"{folder}/{part}/terms.json", encoding="utf-8"))
    column = {terms[t]: i for i, t in enumerate(kept)}
    pairs = [(d, column[t]) for d, x in enumerate(texts) for t in terms_of(x, o) if t in column]
    row, col = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    x = sp.csr_matrix((np.ones(len(row)), (row, col)), (len(texts), len(kept)))  # sums to counts
    x.data = np.minimum(x.data, 1) if o["binary"] else x.data
    x.data = 1 + np.log(x.data) if o["tf"] == "sublinear" else x.data
    if o["tf"] == "relative":
        x = sp.diags(1 / np.maximum(np.asarray(x.sum(1)).ravel(), 1)) @ x
    x = sp.csr_matrix(x @ sp.diags(np.load(f"{folder}/{part}/idf.npy")[kept]))
    if o["norm"] != "none":
        size = np.sqrt(x.multiply(x).sum(1)) if o["norm"] == "l2" else abs(x).sum(1)
        x = sp.csr_matrix(sp.diags(1 / np.maximum(np.asarray(size).ravel(), 1e-300)) @ x)
    x.eliminate_zeros()
    return x.astype(np.float32)


def predict(folder, texts):  # [len(texts), classes], columns in the order of labels.json
    m = json.load(open(f"{folder}/manifest.json", encoding="utf-8"))
    if m["model"]["learner"] not in ("xgboost", "lightgbm", "linear", "svm", "nb", "majority"):
        sys.exit(f"{folder}: learner {m['model']['learner']} is unknown to this script")
    if m["model"]["learner"] == "majority":
        return np.tile(np.float32(m["model"]["class_shares"]), (len(texts), 1))
    if "linear" in m:
        parts = [p for p in ("linear", "chars") if p in m]
        x = sp.hstack([matrix(folder, p, m[p], texts) for p in parts]).astype(np.float64)
        z = x @ np.load(f"{folder}/linear/coef.npy") + np.load(f"{folder}/linear/intercept.npy")
        if m["model"]["learner"] == "svm":
            return z  # decision values: the highest counts
        p = 1 / (1 + np.exp(-z))
        if m["model"]["linear_solver"] == "multinomial":
            p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        if m["model"]["learner"] in ("linear", "nb"):
            return p
    x, margin = matrix(folder, "trees", m["trees"], texts), None
    if "linear" in m:
        raw = m["model"]["margin"] == "raw"
        margin = (z if raw else np.log(np.maximum(p, 1e-6))).astype(np.float32)
    if m["model"]["learner"] == "lightgbm":
        import lightgbm
        booster = lightgbm.Booster(model_file=f"{folder}/lightgbm.txt")
        z = booster.predict(x, raw_score=True) + (0 if margin is None else margin)
        p = np.exp(z - z.max(1, keepdims=True))
        return p / p.sum(1, keepdims=True)
    x = xgboost.DMatrix(x)
    if margin is not None:
        x.set_base_margin(margin)
    return xgboost.Booster(model_file=f"{folder}/booster.ubj").predict(x)


if __name__ == "__main__":
    names = json.load(open(f"{sys.argv[1]}/labels.json", encoding="utf-8"))
    for row in predict(sys.argv[1], sys.stdin.read().splitlines()):
        print(f"{names[row.argmax()]}\t{row.max():.4f}")
