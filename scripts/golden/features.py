"""features.py: write tests/golden/features/cases.jsonl: vectorizer cases with scikit-learn's results.

One JSON object a line: {"case": ..., "expected": ...}; the first line names the library versions. The
corpus is nasty on purpose; cases with random options come from scripts/differential.py (seed 20).
"""

import json
import pathlib
import sys
import warnings

import numpy
import sklearn

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
import differential  # noqa: E402

CORPUS = [
    "The answer is wrong because 6 + 2 = 8, not 9.", "", "   ", "wrong wrong WRONG",
    "caf\u00e9 CAF\u00c9 cafe\u0301 na\u00efve", "\ud55c\uad6d\uc5b4 \ub2f5\uc774 \ud2c0\ub838\ub2e4",
    "\ubd84\uc218\ub97c \uc798\ubabb \ub354\ud588\ub2e4 \ud55c\uad6d\uc5b4", "x\u00b2 + \u00bd \u2167 \u0663",
    "a I x", "under_score __ _a a_", "line\none\r\ntwo\tthree\u00a0four\u3000five",
    "the and of", "\u039f\u0394\u039f\u03a3 \u03a3\u03a3 STRASSE stra\u00dfe \u0130stanbul",
    "don't co-operate 3/4 0.5", "\U0001f600 \U0001d4d0bc emoji", "wrong because the fraction is wrong",
]
OPTIONS = [
    {}, {"ngram_range": [1, 2]}, {"ngram_range": [2, 3], "stop_words": "english"},
    {"analyzer": "char", "ngram_range": [1, 3]}, {"analyzer": "char_wb", "ngram_range": [2, 4]},
    {"analyzer": "char_wb", "ngram_range": [5, 7]}, {"min_df": 2}, {"max_df": 0.12},
    {"max_features": 5}, {"binary": True, "ngram_range": [1, 2]}, {"sublinear_tf": True},
    {"use_idf": False}, {"smooth_idf": False}, {"norm": "l1"}, {"norm": None}, {"dtype": "float32"},
    {"strip_accents": "ascii"}, {"strip_accents": "unicode", "analyzer": "char_wb"},
    {"lowercase": False}, {"token_pattern": r"\S+", "ngram_range": [1, 2]},
    {"token_pattern": r"[^,]+", "ngram_range": [1, 2]}, {"stop_words": ["wrong", "because"]},
]
DEFAULTS = {
    "analyzer": "word", "ngram_range": [1, 1], "lowercase": True, "strip_accents": None,
    "stop_words": None, "min_df": 1, "max_df": 1.0, "max_features": None, "binary": False,
    "use_idf": True, "smooth_idf": True, "sublinear_tf": False, "norm": "l2", "dtype": "float64",
}


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, numpy.ndarray)):
        return [plain(v) for v in value]
    return value.item() if isinstance(value, numpy.generic) else value


def main():
    warnings.simplefilter("ignore")
    cases = [{"options": DEFAULTS | o, "fit": CORPUS, "transform": CORPUS[3:6] + ["unknown words"],
              "threads": 2} for o in OPTIONS]
    excluded = differential.excluded_code_points()
    drawn = (differential.random_case(20, i, excluded) for i in range(60))
    cases += [case for case in drawn if len(case["fit"]) in (5, 10)][:12]
    target = ROOT / "tests" / "golden" / "features" / "cases.jsonl"
    with target.open("w", encoding="ascii") as out:
        out.write(json.dumps({"made_by": "scripts/golden/features.py", "python": sys.version.split()[0],
                              "scikit-learn": sklearn.__version__, "numpy": numpy.__version__}) + "\n")
        for case in cases:
            expected = plain(differential.expected(case))
            if "error" in expected:
                expected["error"] = differential.error_kind(expected["error"])
            out.write(json.dumps({"case": case, "expected": expected}) + "\n")
    print(f"{target}: {len(cases)} cases")


if __name__ == "__main__":
    main()
