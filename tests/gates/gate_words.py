"""No unfinished work, no dangerous C function, no allocation past mst_alloc, nothing that only one machine has."""

import re

from gate import PRODUCT, code_only, matches

UNFINISHED = r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"
BANNED = r"\b(?:strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|s?rand|tmpnam|alloca)\s*\("
ALLOCATION = r"(?<![\w.>])(?:malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf)\s*\("
# Spelled in halves, so that this file passes its own gate.
PRIVATE = [
    (r"\bpy" r"pi\.|python" r"hosted\.|\bdeb\.deb" r"ian|(?:ftp|security|archive)\.(?:\w+\.)?deb" r"ian\.org",
     "a package registry's host: leave it to pip's and apt's configuration"),
    (r"(?<![\w.$}])/(?:wo" r"rk|ro" r"ot)/|/home/\w+/|/tmp/\w*job", "a path of one machine"),
]
ALLOWED = {"kernels/base/alloc.c": ALLOCATION}


def check(tree):
    for path in tree.paths:
        if path.endswith((".gz", ".zst", ".npy", ".npz", ".png")) or "/corpus/" in path:
            continue
        text = tree.text(path)
        if not path.startswith("tests/gates/"):
            for line, match in matches(text, UNFINISHED):
                yield path, line, f"'{match.group()}': finish it or write down why not"
        for pattern, why in PRIVATE:
            for line, match in matches(text, pattern):
                yield path, line, f"'{match.group()}': {why}"
        for line, match in matches(text if not path.startswith("tests/gates/") else "", r"\b([A-Z]+\.md)\b"):
            if not any(p == match.group(1) or p.endswith("/" + match.group(1)) for p in tree.paths):
                yield path, line, f"names {match.group(1)}, which the tree does not have"
    for path in tree.find(".c", ".h", ".cu", ".cuh", under=PRODUCT):
        code = code_only(tree.text(path))
        for pattern, why in ((BANNED, "is banned"), (ALLOCATION, "goes past mst_alloc")):
            if ALLOWED.get(path) == pattern:
                continue
            for line, match in matches(code, pattern):
                yield path, line, f"'{re.sub(r'[^a-z]', '', match.group())}' {why}"


CASES = [
    ({"kernels/a.c": "void mst_free(void *p); /* free( */ x = y->free(z);\n",
      "kernels/base/alloc.c": "free(p);\n"}, None),
    ({"kernels/a.c": "\nfree(p);\n"}, "kernels/a.c:2: 'free' goes past"),
    ({"kernels/a.c": "strcpy(a, b);\n"}, "'strcpy' is banned"),
    ({"kernels/a.c": "/* TO" "DO: more */\n"}, "finish it"),
    ({"scripts/x": "curl https://py" "pi.org/simple\n"}, "a package registry's host"),
    ({"scripts/x": "cd /wo" "rk/main\n"}, "a path of one machine"),
    ({"a.c": "/* see NO" "SUCH.md */\n"}, "which the tree does not have"),
]
