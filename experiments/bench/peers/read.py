"""pandas.read_csv of a file. --check: rows and a hash of all fields instead of times."""
import argparse

import pandas

from common import answer, peak_bytes, sha256, timed, timing, versions


def fields_hash(frame):
    """SHA-256 of all fields, row by row, each followed by the byte 0x1F."""
    return sha256(("\x1f".join(frame.to_numpy().ravel().tolist()) + "\x1f").encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.check:
        frame = pandas.read_csv(args.file, dtype=str, keep_default_na=False)
        answer(rows=len(frame), columns=len(frame.columns), hash=fields_hash(frame))
        return
    seconds, frame = timed(lambda: pandas.read_csv(args.file), args.repeats)
    answer(**timing(seconds), rows=len(frame), peak_bytes=peak_bytes(), versions=versions("pandas", "numpy"))


if __name__ == "__main__":
    main()
