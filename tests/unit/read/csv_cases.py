"""Write random nasty tables and what Python's csv module reads in them.

usage: csv_cases.py FOLDER N SEED: FOLDER/i.csv (bytes) and FOLDER/i.txt (the dump of support.h, or
"error"). Bytes that are not UTF-8 are decoded with errors="replace".
"""
import csv
import io
import random
import sys

PIECES = ["word", "x", "", " ", ",", ",", '"', '""', '"', "\n", "\r\n", "\r", "\u00e9", "\ud55c",
          "\U0001f600", "\t", "5\"", "\n\n"]
BROKEN = [b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xf4\x90"]


def table(rng):
    """A well-formed table as csv.writer makes it, sometimes with one byte removed or added."""
    n_cols = rng.randint(1, 4)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=rng.choice(["\n", "\r\n", "\r"]),
                        quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer.writerow(["c%d" % i for i in range(n_cols)])
    for _ in range(rng.randint(0, 12)):
        writer.writerow(["".join(rng.choices(PIECES, k=rng.randint(0, 6))) for _ in range(n_cols)])
    return out.getvalue()


def soup(rng):
    n_cols = rng.randint(1, 3)
    return ",".join("abc"[:n_cols]) + "\n" + "".join(rng.choices(PIECES, k=rng.randint(0, 25)))


def spoil(rng, data):
    for _ in range(rng.randint(0, 3) if data else 0):
        at = rng.randrange(len(data))
        data = data[:at] + rng.choice(BROKEN) + data[at:]
    return data


def expected(text):
    """The dump, or "error" where the table is not one."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names, lines, before = None, [], 0
    try:
        for row in reader:
            line, before = before + 1, reader.line_num
            if not row and names and len(names) == 1:
                row = [""]
            if not row:
                continue
            if names is None:
                names = row
                if len(set(names)) < len(names):
                    return "error"
                continue
            if len(row) != len(names):
                return "error"
            lines.append("%d:%s\n" % (line, "|".join(row)))
    except csv.Error:
        return "error"
    return "error" if names is None else "|".join(names) + "\n" + "".join(lines)


def main():
    folder, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    for i in range(n):
        data = (table(rng) if i % 2 else soup(rng)).encode("utf-8")
        if i % 3 == 0:
            data = spoil(rng, data)
        if i % 7 == 0:
            data = b"\xef\xbb\xbf" + data
        with open("%s/%d.csv" % (folder, i), "wb") as f:
            f.write(data)
        text = data.decode("utf-8", "replace")
        with open("%s/%d.txt" % (folder, i), "wb") as f:
            f.write(expected(text[1:] if data[:3] == b"\xef\xbb\xbf" else text).encode("utf-8"))


main()
