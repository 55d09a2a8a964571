"""differential.py N SEED [--program PATH]: random option sets on random nasty texts, ours against
scikit-learn's TfidfVectorizer and CountVectorizer.

All cases go to one file and one run of vectorize_cases. Integers, terms and their order must be equal,
weights within 4 units in the last place of the requested type, and errors of the same kind. scikit-learn
adds a row up in the order in which it happens to be stored; its rows are sorted first here, because on
long rows another order alone moves its own result by more than 4 units. Code points
that Python's Unicode tables and ours know differently (tests/golden/tokens/unicode_differences.txt) are
not drawn. Exit code 0: all agree; 1: the first disagreements are printed; 77: scikit-learn is missing.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
    from sklearn.feature_selection import chi2
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent
ULPS = 4

WORDS = """the and of a I it's x 12 3/4 0.5 don't co-operate under_score __ _ naive caf\u00e9 CAF\u00c9
\u00c9cole e\u0301te\u0301 \u00df STRASSE \u0130stanbul \u03a3\u03a3 \u039f\u0394\u039f\u03a3 \uc624\ub958 \ubd84\uc218\ub97c \ud55c\uad6d\uc5b4 \ub354\ud558\uae30
\u5206\u6570 \u8a08\u7b97 \u0938\u0902\u0916\u094d\u092f\u093e \u00bd \u00b2 x\u00b2 \u2167 \u0663\u0664 \ufb01nd \u01c5 \U0001f600 \U0001d4d0 a\u200db wrong wrongly
wrong-footed because becauses fraction fractions denominator == != <= \\frac{1}{2} (6+2=8) , . ;; ...""".split()
SPACES = [" "] * 12 + ["  ", "\n", "\t", "\u00a0", "\u3000", "\x1c", "\x85", "\u2028", " \n ", ""]
PATTERNS = [r"(?u)\b\w+\b", r"(?u)\w", r"\S+", r"[a-z]+", r"(?u)\b(\w)\w*\b", r"\d+|\w+", r"[^,]+",
            r"(?u)\w*"]


def excluded_code_points():
    path = ROOT / "tests" / "golden" / "tokens" / "unicode_differences.txt"
    found = set()
    if path.exists():
        for line in path.read_text(encoding="ascii").splitlines():
            word = line.split("#")[0].split()
            if word:
                found.add(int(word[0].removeprefix("U+"), 16))
    return found


class Texts:
    """Random texts: a small pool of words, so that n-grams repeat, and now and then any code point."""

    def __init__(self, rng, excluded):
        self.rng = rng
        self.excluded = excluded
        self.pool = rng.sample(WORDS, rng.randint(3, len(WORDS)))

    def code_point(self):
        while True:
            top = self.rng.choice([0x80, 0x250, 0x3000, 0x10000, 0x20000])
            c = self.rng.randrange(1, top)
            if not 0xD800 <= c < 0xE000 and c not in self.excluded:
                return chr(c)

    def word(self):
        draw = self.rng.random()
        if draw < 0.85:
            return self.rng.choice(self.pool)
        if draw < 0.93:
            return "".join(self.code_point() for _ in range(self.rng.randint(1, 4)))
        return self.rng.choice(self.pool).swapcase()

    def text(self):
        if self.rng.random() < 0.06:
            return self.rng.choice(["", " ", "\n", "  \t ", ".", "a"])
        parts = []
        for _ in range(self.rng.choice([1, 2, 5, 10, 25])):
            parts += [self.word(), self.rng.choice(SPACES)]
        return "".join(parts)

    def corpus(self, n):
        texts = [self.text() for _ in range(n)]
        if texts and self.rng.random() < 0.3:
            texts += [self.rng.choice(texts) for _ in range(3)]
        return texts


def random_options(rng):
    o = {"analyzer": rng.choice(["word", "word", "word", "char", "char_wb", "char_wb"])}
    low = rng.randint(1, 4)
    o["ngram_range"] = [low, low + rng.randint(0, 3)] if rng.random() < 0.7 else [1, 1]
    if rng.random() < 0.03:
        o["ngram_range"] = [3, 2]
    o["lowercase"] = rng.random() < 0.8
    o["strip_accents"] = rng.choice([None, None, "ascii", "unicode"])
    o["stop_words"] = rng.choice([None, None, "english", rng.sample(WORDS, 5)])
    if rng.random() < 0.02:
        o["stop_words"] = "klingon"
    o["min_df"] = rng.choice([1, 1, 1, 1, 2, 2, 3, 0.0, 0.1, 0.34])
    o["max_df"] = rng.choice([1.0, 1.0, 1.0, 0.9, 0.5, 10, 4, 1])
    if rng.random() < 0.02 and o["stop_words"] != "klingon":  # one fault a case: which is named first is no promise
        o[rng.choice(["min_df", "max_df"])] = rng.choice([1.5, -0.5, 0])
    o["max_features"] = rng.choice([None, None, None, 1, 5, 50])
    o["binary"] = rng.random() < 0.2
    o["use_idf"] = rng.random() < 0.8
    o["smooth_idf"] = rng.random() < 0.7
    o["sublinear_tf"] = rng.random() < 0.3
    o["norm"] = rng.choice(["l2", "l2", "l1", None])
    o["dtype"] = rng.choice(["float64", "float64", "float32"])
    if o["analyzer"] == "word" and rng.random() < 0.3:
        o["token_pattern"] = rng.choice(PATTERNS)
    return o


def random_case(seed, number, excluded):
    rng = random.Random(f"{seed}:{number}")
    texts = Texts(rng, excluded)
    return {
        "options": random_options(rng),
        "fit": texts.corpus(rng.choice([0, 1, 2, 5, 10, 20, 20, 40, 60, 60])),
        "transform": texts.corpus(rng.choice([0, 1, 8])),
        "threads": rng.choice([1, 2, 3]),
    }


def our_choice(terms, df, tf, options, n_docs):
    """Terms that stay by our rule for max_features: ties go to the term that sorts first."""
    k = options["max_features"]
    weight = df if options["binary"] else tf
    order = sorted(range(len(terms)), key=lambda t: (-weight[t], t))[:k]
    return sorted(order)


def matrix(counts, weights):
    counts = counts.sorted_indices()
    weights = weights.sorted_indices()
    return {"indptr": weights.indptr, "indices": weights.indices, "data": weights.data,
            "count_indptr": counts.indptr, "count_indices": counts.indices, "counts": counts.data}


def expected(case):
    """scikit-learn's result of a case. max_features is applied here, by our tie rule."""
    o = case["options"]
    names = ("analyzer", "lowercase", "strip_accents", "stop_words", "binary", "min_df", "max_df",
             "token_pattern")
    kw = {k: o[k] for k in names if k in o}
    counter = CountVectorizer(ngram_range=tuple(o["ngram_range"]), dtype=np.dtype(o["dtype"]), **kw)
    weigher = TfidfTransformer(norm=o["norm"], use_idf=o["use_idf"], smooth_idf=o["smooth_idf"],
                               sublinear_tf=o["sublinear_tf"])
    try:
        x = counter.fit_transform(case["fit"])
        y = counter.transform(case["transform"])
    except ValueError as problem:
        return {"error": str(problem)}
    plain = CountVectorizer(ngram_range=tuple(o["ngram_range"]), **(kw | {"binary": False}))
    plain_x = plain.fit_transform(case["fit"])
    terms = list(counter.get_feature_names_out())
    df = np.asarray((plain_x > 0).sum(axis=0)).ravel()
    tf = np.asarray(plain_x.sum(axis=0)).ravel()
    if o["max_features"] and o["max_features"] < len(terms):
        kept = our_choice(terms, df, tf, o, len(case["fit"]))
        terms, df, tf = [terms[t] for t in kept], df[kept], tf[kept]
        x, y = x[:, kept], y[:, kept]
    x, y = x.sorted_indices(), y.sorted_indices()
    weighed = weigher.fit_transform(x)
    if y.shape[0]:
        weighed_y = weigher.transform(y)
    else:
        weighed_y = y.astype(o["dtype"])
    idf = weigher.idf_ if o["use_idf"] else np.ones(len(terms))
    plain_x = plain_x[:, [plain.vocabulary_[t] for t in terms]]
    chi2_y = np.arange(plain_x.shape[0]) % 3
    scores = chi2(x if o["binary"] else plain_x, chi2_y)[0] if plain_x.shape[0] >= 3 else None
    return {"chi2": scores, "terms": terms, "df": df, "tf": tf, "idf": idf,
            "fit": matrix(x, weighed), "transform": matrix(y, weighed_y)}


def error_kind(message):
    kinds = {"ngram_range": "ngram", "max_df corresponds": "cuts", "empty vocabulary": "empty",
             "no terms remain": "pruned", "stop": "stop", "min_df": "min_df", "max_df": "max_df"}
    for words, kind in kinds.items():
        if words in message:
            return kind
    return message


def ulps(got, want, dtype):
    dtype = np.dtype(dtype)
    got, want = np.asarray(got, dtype=dtype), np.asarray(want, dtype=dtype)
    return np.abs(got - want) / np.spacing(np.abs(want))


def compare(case, got, want):
    """What disagrees, in words; None where nothing does."""
    if "error" in want or "error" in got:
        ours = error_kind(got.get("message", "no error"))
        theirs = error_kind(want.get("error", "no error"))
        return None if ours == theirs else f"error {ours!r} against {theirs!r}"
    for name in ("terms", "df", "tf"):
        if list(got[name]) != list(want[name]):
            return f"{name}: {list(got[name])[:20]} against {list(want[name])[:20]}"
    if want["chi2"] is not None and not np.allclose(got["chi2"], want["chi2"], rtol=1e-12, atol=1e-12):
        return "chi2"
    dtype = case["options"]["dtype"]
    if len(got["idf"]) and ulps(got["idf"], want["idf"], dtype).max() > ULPS:
        return "idf"
    for part in ("fit", "transform"):
        for name in ("indptr", "indices", "count_indptr", "count_indices", "counts"):
            if list(got[part][name]) != [int(v) for v in want[part][name]]:
                return f"{part} {name}"
        if len(got[part]["data"]):
            off = ulps(got[part]["data"], want[part]["data"], dtype).max()
            if off > ULPS:
                return f"{part} data: {off} ulp"
    return None


def run_program(program, cases):
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "cases.jsonl"), pathlib.Path(folder, "results.jsonl")
        with source.open("w", encoding="utf-8") as out:
            for case in cases:
                out.write(json.dumps(case) + "\n")
        subprocess.run([program, source, target], check=True)
        with target.open(encoding="utf-8") as results:
            return [json.loads(line) for line in results]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("n", type=int, help="number of cases")
    parser.add_argument("seed", type=int, help="cases of the same seed are the same")
    parser.add_argument("--program", default=str(ROOT / "build" / "bin" / "vectorize_cases"))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    excluded = excluded_code_points()
    cases = [random_case(args.seed, i, excluded) for i in range(args.n)]
    results = run_program(args.program, cases)
    wrong = errors = 0
    for number, (case, got) in enumerate(zip(cases, results, strict=True)):
        want = expected(case)
        errors += "error" in want
        problem = compare(case, got, want)
        if problem:
            wrong += 1
            if wrong <= 10:
                print(f"case {number} of seed {args.seed}: {problem}")
                print(f"  options {json.dumps(case['options'])}")
    print(f"{args.n} cases, {errors} of them errors, {wrong} disagree (seed {args.seed})")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
