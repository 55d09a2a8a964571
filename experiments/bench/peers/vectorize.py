"""TfidfVectorizer.fit_transform on texts in memory; times it, then compares its matrix with ours.

--ours FOLDER holds X.npz, terms.txt (one JSON string a line) and df.npy as misstep-bench wrote them. Peak memory is
read before the comparison begins.
"""
import argparse
import json
import os

import numpy as np
import pandas
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from common import answer, peak_bytes, timed, timing, versions

LONG_SECONDS = 10  # what takes longer runs once


def ulps(a, b):
    """Distances of two arrays of positive doubles in units in the last place."""
    return np.abs(a.view(np.int64) - b.view(np.int64))


def far_rows(ours, x):
    """Rows with a value more than 4 ulp from scikit-learn's, and the largest distance."""
    largest, rows, step = 0, [], 1 << 22
    for begin in range(0, x.nnz, step):
        distance = ulps(ours.data[begin : begin + step], x.data[begin : begin + step])
        largest = max(largest, int(distance.max()))
        rows.append(np.searchsorted(x.indptr, begin + np.flatnonzero(distance > 4), side="right") - 1)
    return (np.unique(np.concatenate(rows)) if rows else np.zeros(0, int)), largest


def distance_in_order(ours, rows, texts, vectorizer):
    """Largest distance of the given rows from scikit-learn's weights divided by a norm summed in order of columns.

    scikit-learn adds the squares of a row in the order in which its terms first appeared in the corpus, ours from left
    to right; in long rows that alone moves values by more than 4 ulp. So there the sum is made again in our order.
    """
    plain = TfidfVectorizer(analyzer=vectorizer.analyzer, ngram_range=vectorizer.ngram_range, norm=None,
                            vocabulary=vectorizer.vocabulary_)
    plain.idf_ = vectorizer.idf_
    weights = plain.transform([texts[row] for row in rows])
    weights.sort_indices()
    largest = 0
    for i, row in enumerate(rows):
        w = weights.data[weights.indptr[i] : weights.indptr[i + 1]]
        value = w / np.sqrt(np.cumsum(w * w)[-1])
        largest = max(largest, int(ulps(ours.data[ours.indptr[row] : ours.indptr[row + 1]], value).max()))
    return largest


def compare(vectorizer, x, texts, folder):
    """Differences between scikit-learn's result and ours, in words; none is the right answer."""
    ours = scipy.sparse.load_npz(os.path.join(folder, "X.npz"))
    if ours.shape != x.shape:
        return [f"shape {ours.shape}, not {x.shape}"], {}
    if ours.nnz != x.nnz:
        return [f"{ours.nnz} entries, not {x.nnz}"], {}
    wrong = []
    with open(os.path.join(folder, "terms.txt"), encoding="utf-8") as file:
        if [json.loads(line) for line in file] != list(vectorizer.get_feature_names_out()):
            wrong.append("terms differ")
    if not np.array_equal(ours.indptr, x.indptr) or not np.array_equal(ours.indices, x.indices):
        wrong.append("pattern differs")
    df = np.bincount(x.indices, minlength=x.shape[1])
    if not np.array_equal(np.load(os.path.join(folder, "df.npy")), df):
        wrong.append("document frequencies differ")
    rows, largest = far_rows(ours, x)
    in_order = distance_in_order(ours, rows, texts, vectorizer) if len(rows) and not wrong else 0
    if in_order > 4:
        wrong.append(f"a value differs by {in_order} ulp")
    return wrong, {"max_ulp": largest, "rows_beyond_4_ulp": len(rows), "max_ulp_of_these_in_column_order": in_order}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--analyzer", default="word")
    parser.add_argument("--ngram-range", default="1,1")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ours")
    args = parser.parse_args()
    low, high = (int(n) for n in args.ngram_range.split(","))
    texts = pandas.read_csv(args.file, dtype=str, keep_default_na=False)["text"].tolist()
    vectorizer = TfidfVectorizer(analyzer=args.analyzer, ngram_range=(low, high))
    seconds, x = timed(lambda: vectorizer.fit_transform(texts), 1)
    peak = peak_bytes()
    if seconds[0] < LONG_SECONDS:
        seconds += timed(lambda: vectorizer.fit_transform(texts), args.repeats - 1)[0]
    fields = dict(timing(seconds), rows=x.shape[0], columns=x.shape[1], entries=x.nnz, peak_bytes=peak,
                  versions=versions("scikit-learn", "numpy", "scipy"))
    if args.ours:
        x.sort_indices()
        fields["wrong"], fields["comparison"] = compare(vectorizer, x, texts, args.ours)
    answer(**fields)


if __name__ == "__main__":
    main()
