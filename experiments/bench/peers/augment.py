"""textaugment's EDA and nlpaug's SynonymAug on the texts of a file, with WordNet 3.0; and a check of our copies.

usage: augment.py FILE --ours COPIES.csv [--texts N]
The packages are looked for in $MISSTEP_AUGMENT_PEERS or .deps/augment-peers (scripts/setup --augment-peers). NLTK's data
are put together from Debian's wordnet-base, so nothing is downloaded. What the two packages import but do not need here
(translation, downloads) is replaced by empty modules; NLTK's tagger, whose model cannot be had offline, by a constant.
"""
import argparse
import csv
import os
import re
import shutil
import sys
import tempfile
import time
import types
from importlib.metadata import version

from common import answer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PACKAGES = os.environ.get("MISSTEP_AUGMENT_PEERS", os.path.join(ROOT, ".deps", "augment-peers"))
WORDNET = "/usr/share/wordnet"
LEXNAMES = ["adj.all 3", "adj.pert 3", "adv.all 4"]
LEXNAMES += [f"noun.{n} 1" for n in """Tops act animal artifact attribute body cognition communication event feeling food
group location motive object person phenomenon plant possession process quantity relation shape state substance
time""".split()]
LEXNAMES += [f"verb.{n} 2" for n in """body change cognition communication competition consumption contact creation emotion
motion perception possession social stative weather""".split()] + ["adj.ppl 3"]
STOP_WORDS = "a an and are as at be by for from has he in is it its of on that the to was were will with".split()


def nltk_data(folder):
    """A folder as NLTK wants it: WordNet's own files, the names of its parts, no translations."""
    target = os.path.join(folder, "corpora", "wordnet")
    os.makedirs(target)
    os.makedirs(os.path.join(folder, "corpora", "omw-1.4"))
    for name in os.listdir(WORDNET):
        if os.path.isfile(os.path.join(WORDNET, name)):
            shutil.copy(os.path.join(WORDNET, name), target)
    with open(os.path.join(target, "lexnames"), "w", encoding="ascii") as file:
        for i, line in enumerate(LEXNAMES):
            file.write("%02d\t%s\n" % (i, line.replace(" ", "\t")))


def load_peers(folder):
    """(name, function of a text) of each peer."""
    sys.path.insert(0, PACKAGES)
    for name in ("gdown", "googletrans", "gensim", "nest_asyncio", "requests"):
        sys.modules.setdefault(name, types.ModuleType(name))
    package = types.ModuleType("textaugment")  # its own __init__ imports translators
    package.__path__ = [os.path.join(PACKAGES, "textaugment")]
    sys.modules["textaugment"] = package
    import nltk
    nltk.data.path = [folder]
    nltk.download = lambda *args, **more: True
    nltk.pos_tag = lambda tokens, **more: [(token, "NN") for token in tokens]
    nltk.tag.pos_tag = nltk.pos_tag
    from textaugment.eda import EDA
    import nlpaug.augmenter.word as word
    eda, synonym = EDA(stop_words=STOP_WORDS, random_state=7), word.SynonymAug(aug_src="wordnet", lang="eng")
    return [("eda", lambda text: eda.synonym_replacement(text, n=1)),
            ("nlpaug", lambda text: synonym.augment(text)[0])]


def numbers(text):
    return sorted(re.findall(r"\d+", text))


def measure(work, texts):
    work(texts[0])  # WordNet is loaded here
    n, n_changed, start = 0, 0, time.process_time()
    outputs = []
    for text in texts:
        outputs.append(work(text))
    seconds = time.process_time() - start
    for text, out in zip(texts, outputs):
        n += 1
        n_changed += numbers(text) != numbers(str(out))
    return {"per_second": n / seconds, "numbers_changed": n_changed / n}


def apply_edits(text, edits):
    """The copy that provenance describes: "12+5>mistake|..." on the bytes of the original."""
    out, at, text = [], 0, text.encode()
    for edit in re.findall(r"(\d+)\+(\d+)>((?:(?!\|\d+\+\d+>).)*)", edits, re.S):
        first, size = int(edit[0]), int(edit[1])
        out += [text[at:first], edit[2].encode()]
        at = first + size
    return b"".join(out + [text[at:]]).decode()


def check(path, most=30000):
    """What is wrong with our copies: edits that do not give the text, numbers that changed, doubles."""
    wrong, parents, seen = {}, {}, set()
    n = 0
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["copy"] == "0":
                parents[row["parent"]] = row["text"]
                seen = {row["text"]}
                continue
            n += 1
            own = parents[row["parent"]]
            if apply_edits(own, row["edits"]) != row["text"]:
                wrong["edits"] = row["text"]
            if numbers(own) != numbers(row["text"]):
                wrong["numbers"] = row["text"]
            if row["text"] in seen:
                wrong["double"] = row["text"]
            seen.add(row["text"])
            if n == most:
                break
    return n, sorted(wrong.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--ours", required=True)
    parser.add_argument("--texts", type=int, default=2000)
    args = parser.parse_args()
    n_checked, wrong = check(args.ours)
    fields = {"n_checked": n_checked, "wrong": wrong}
    if os.path.isdir(PACKAGES) and os.path.isdir(WORDNET):
        with open(args.file, newline="", encoding="utf-8") as file:
            texts = [row["text"] for row, _ in zip(csv.DictReader(file), range(args.texts))]
        with tempfile.TemporaryDirectory(prefix="misstep-nltk-") as folder:
            nltk_data(folder)
            for name, work in load_peers(folder):
                fields[name] = measure(work, texts)
        fields["versions"] = {name: version(name) for name in ("textaugment", "nlpaug", "nltk")}
    answer(**fields)


if __name__ == "__main__":
    main()
