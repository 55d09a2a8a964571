"""tables.py: the files of transformer.py: tables in, predictions out whole or not at all, hashes of what was used."""
import csv
import gzip
import hashlib
import os

csv.field_size_limit(1 << 24)


class Failure(Exception):
    """What the user reads, and the exit code."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def hash_file(path, into):
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            into.update(block)


def hash_of(path):
    """SHA-256 of a file; of a folder that of its files' names and contents, in the order of their names."""
    digest = hashlib.sha256()
    if os.path.isfile(path):
        hash_file(path, digest)
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            full = os.path.join(folder, name)
            digest.update(os.path.relpath(full, path).encode() + b"\0")
            hash_file(full, digest)
    return digest.hexdigest()


def read_table(path, text_columns, others):
    """Texts (columns joined by a space, as misstep does) and the other columns, with each record's line."""
    try:
        opened = gzip.open(path, "rt", encoding="utf-8-sig", newline="") if path.endswith(".gz") else \
            open(path, encoding="utf-8-sig", newline="")
        with opened as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, None)
            if not header:
                raise Failure(3, f"{path}: the file is empty; a header is expected")
            for name in text_columns + others:
                if name not in header:
                    raise Failure(3, f"{path}: no column {name}; there are {', '.join(header)}")
            at_text = [header.index(name) for name in text_columns]
            rows, line = [], reader.line_num + 1
            for row in reader:
                if row and len(row) != len(header):
                    raise Failure(3, f"{path}:{line}: {len(row)} fields, {len(header)} are expected")
                if row or len(header) == 1:
                    rows.append((line, " ".join(row[i] for i in at_text) if row else "",
                                 [row[header.index(name)] for name in others]))
                line = reader.line_num + 1
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise Failure(3, f"{path}: {error}") from error
    if not rows:
        raise Failure(3, f"{path}: no records after the header")
    return header, rows


def read_all(o):
    """Training texts and labels, test texts, identifiers (or none), and the labels that the test file names."""
    texts = o.text_column.split(",")
    _, train = read_table(o.train, texts, [o.label_column])
    for line, _, (label,) in train:
        if not label:
            raise Failure(3, f"{o.train}:{line}: empty {o.label_column}; every record needs a label")
    header, test = read_table(o.test, texts, [o.id_column] if o.id_column else [])
    seen = read_table(o.test, texts, [o.label_column])[1] if o.label_column in header else []
    names = sorted({row[2][0] for row in train})
    if len(names) < 2:
        raise Failure(3, f"{o.train}: one label alone, '{names[0]}'; at least 2 are needed")
    labels = [names.index(row[2][0]) for row in train]
    unknown = sorted({row[2][0] for row in seen} - set(names) - {""})
    return [row[1] for row in train], labels, names, test, unknown


def write_whole(path, write):
    """A file that is whole or absent: under another name until write(file) is done."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def write_predictions(path, o, names, unknown, test, proba):
    def write(file):
        out = csv.writer(file, lineterminator="\n")
        out.writerow(([o.id_column] if o.id_column else []) + ["prediction", *names, *unknown])
        for (_, _, identifier), row in zip(test, proba):
            best = max(range(len(names)), key=row.__getitem__)
            out.writerow(identifier + [names[best], *(f"{p:.9g}" for p in row), *("0" for _ in unknown)])
    write_whole(path, write)
