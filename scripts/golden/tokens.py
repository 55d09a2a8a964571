"""Write tests/golden/tokens: a nasty corpus, what scikit-learn's analyzers make of it, and the code
points that Python and utf8proc know differently. Run it with the tests' virtual environment:

    .deps/venv/bin/python scripts/golden/tokens.py

corpus.txt     one document a line, escaped (\\\\ \\n \\t \\r, \\xNN for other control characters)
expected.txt   sections "@ analyzer lowercase strip_accents token_pattern", then one line a document:
               its units, escaped, each followed by a tab. analyzer char_wb lists words: the only
               n-grams of a length that no word reaches.
unicode_differences.txt   one code point a line, hexadecimal, and what differs
"""
import ctypes
import ctypes.util
import os
import platform
import random
import unicodedata

import sklearn
from sklearn.feature_extraction.text import CountVectorizer

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "tokens")
PATTERNS = [
    r"(?u)\b\w+\b", r"[a-z]+", r"\S+", r"(\w)\w*", r"\d*", r"(?:a|b)?", r"\w+(?:'\w+)?",
    r"[^\s,.]+", r"(a)|b", r"a{,2}b", r"(?<=\s)\w", r"^\w+|\w+$", r"\w+\Z", r"[\S]+", r"[^\S]+",
    r"\u0041|\xe9", r"(?a)\w+", r"(?s).{3}", r"[^\W\d_]+", r"\v|\t", r"a*?", r"(?u:\w+)",
]
WRITTEN = [
    "", " ", "\n", "   ", "a", " a", "a ", "  a  b ", "one two", "\tone\n\ntwo\t three",
    "The quick brown fox, 1,234.5 + x_1 = y-2!", "caf\u00e9 cafe\u0301 na\u00efve \u00c5ngstr\u00f6m",
    "I\u0130\u0131i STRASSE Stra\u00dfe \u1e9e", "\u039f\u0394\u039f\u03a3 \u03a3 \u03a3\u03a3 \u03a3.\u0391 \u0391\u03a3' b",
    "\u0391\u03a3\u00ad\u0391 \u0391.\u03a3. \u03a3\u0391\u03a3-\u03a3", "\uac00\ub098\ub2e4 \uc218\ud559 \ubb38\uc81c\ub97c 3\ubc88 \ud480\uc5c8\ub2e4.",
    "\u1112\u1161\u11ab\u1100\u1173\u11af \ud55c\uae00", "\u00bd \u2153 x\u00b2 H\u2082O \u2467 \u2460\u2461 \u2167 \u0663\u0664",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 family \u2764\ufe0f heart", "a\u200db a\u00adb a\u200bb",
    "\u0915\u094d\u0937\u0947\u0924\u094d\u0930 \u0939\u093f\u0928\u094d\u0926\u0940", "\u65e5\u672c\u8a9e\u30c6\u30ad\u30b9\u30c8 \uff21\uff22\uff23 \uff11\uff12",
    "1990\u20132000 \u201cquoted\u201d \u2018it\u2019s\u2019", "a\u00a0b\u3000c\u2028d\u0085e\u1680f", "x\x1cy\x1dz\x1fw \x00nul",
    "\ufb01ne \ufb03x \u2122 \u210c \u2103 \u00a8 \ufdfa", "a\u0301\u0323 \u1e69 \u0344 \u0345", "\u00aa\u00ba\u02b0 \u24b6\u24d0 \U0001d49c\U0001f170",
    "don't rock'n'roll o\u2019clock", "_under_score __ _ a_ 9_9", "MiXeD CaSe WoRdS ABC abc", "a" * 300,
    "b\u00e9" * 40 + "  " + "\ud55c" * 33, "0123456789abcdef 0123456789abcdefg 01234567 012345678", "\u180ex\u200ey",
]


def random_documents(n):
    """Documents drawn from characters that have a history of trouble."""
    rng = random.Random(20261122)
    letters = list("abAB9_ .,'-:\n\t") + list(
        "\u03a3\u03c3\u0391\u0130\u0131\u00df\u1e9e\u00bd\u00b2\u2103\u2122\ufb01\uac00\ud7a3\u1100\u2460\u24b6\u00e9\u0301\u200d\u0345\u00aa\u02b0"
        "\u0663\u2167\u65e5\u30fc\u00a8\u1680\u00a0\u3000\x85\x1c\u00ad\u0308") + ["  ", "\u03a3", "ab", "\u0391\u03a3"]
    return ["".join(rng.choice(letters) for _ in range(rng.randint(1, 25))) for _ in range(n)]


def escape(text):
    short = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return "".join(short.get(c) or (c if " " <= c != "\x7f" else "\\x%02x" % ord(c)) for c in text)


def analyzer(name, lowercase, accents, pattern):
    options = dict(lowercase=lowercase, strip_accents=accents)
    if name == "char_wb":
        grams = CountVectorizer(analyzer=name, ngram_range=(10**6, 10**6), **options).build_analyzer()
        return lambda text: [gram[1:-1] for gram in grams(text)]
    if pattern is not None:
        options["token_pattern"] = pattern
    return CountVectorizer(analyzer=name, **options).build_analyzer()


def write_expected(documents, stamp):
    cases = [(name, low, acc, None) for name in ("word", "char", "char_wb") for low in (True, False)
             for acc in (None, "ascii", "unicode")]
    cases += [("word", True, None, pattern) for pattern in PATTERNS]
    with open(os.path.join(FOLDER, "expected.txt"), "w", encoding="utf-8", newline="\n") as out:
        out.write(stamp)
        for name, low, acc, pattern in cases:
            out.write("@ %s %d %s %s\n" % (name, low, acc or "none", pattern or ""))
            run = analyzer(name, low, acc, pattern)
            for document in documents:
                out.write("".join(escape(unit) + "\t" for unit in run(document)) + "\n")


def difference(utf8proc, cp):
    """Why utf8proc and Python disagree about cp, or None."""
    c = chr(cp)
    if utf8proc.utf8proc_category_string(cp).decode() != unicodedata.category(c):
        return "unassigned" if unicodedata.category(c) == "Cn" else "category"
    if cp != 0x130 and chr(utf8proc.utf8proc_tolower(cp)) != c.lower():
        return "lower"
    parts = (ctypes.c_int32 * 64)()
    n = utf8proc.utf8proc_decompose_char(cp, parts, 64, 1 << 2 | 1 << 4, None)
    return None if "".join(map(chr, parts[:n])) == unicodedata.normalize("NFKD", c) else "nfkd"


def write_differences(stamp):
    utf8proc = ctypes.CDLL(ctypes.util.find_library("utf8proc"))
    utf8proc.utf8proc_category_string.restype = ctypes.c_char_p
    utf8proc.utf8proc_version.restype = ctypes.c_char_p
    utf8proc.utf8proc_decompose_char.restype = ctypes.c_ssize_t
    utf8proc.utf8proc_decompose_char.argtypes = [
        ctypes.c_int32, ctypes.POINTER(ctypes.c_int32), ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p]
    found = [(cp, difference(utf8proc, cp)) for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]
    with open(os.path.join(FOLDER, "unicode_differences.txt"), "w", encoding="ascii", newline="\n") as out:
        out.write(stamp + "# utf8proc %s\n" % utf8proc.utf8proc_version().decode())
        out.writelines("%04x %s\n" % (cp, why) for cp, why in found if why)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    stamp = "# by scripts/golden/tokens.py: scikit-learn %s, Python %s, Unicode %s\n" % (
        sklearn.__version__, platform.python_version(), unicodedata.unidata_version)
    documents = WRITTEN + random_documents(80)
    with open(os.path.join(FOLDER, "corpus.txt"), "w", encoding="utf-8", newline="\n") as out:
        out.write(stamp)
        out.writelines(escape(document) + "\n" for document in documents)
    write_expected(documents, stamp)
    write_differences(stamp)


if __name__ == "__main__":
    main()
