"""Each file says at its head what it is for; each public function has its comment right before it, and
functions that stand line under line share the comment above the first.

A declaration that frees, finishes or closes needs none: the words _free, _fini and _close mean one thing here.
"""

import re

from gate import code_only, without_directives

HEADERS = ("kernels/include/", "pipeline/")


def check_header(tree, path):
    text = tree.text(path)
    code = without_directives(code_only(text))
    depth, start, shared = 0, 0, -1
    code = re.sub(r'extern\s*"\s*"\s*\{', lambda m: re.sub(r"[^\n]", " ", m.group()), code)
    for i, char in enumerate(code):
        depth = max(0, depth + (char == "{") - (char == "}"))
        if char == "}" and depth == 0:
            start = i + 1
        if char != ";" or depth:
            continue
        declaration = code[start:i]
        begin = start + len(declaration) - len(declaration.lstrip())
        start = i + 1
        name = re.search(r"\b(mst_\w+)\s*\(", declaration)
        function = name and not re.match(r"\s*(typedef|static|\})", declaration)
        line = text.count("\n", 0, begin) + 1
        ends = function and re.match(r"\s*void\s+\w+_(free|fini|close)\b", declaration)
        if ends or line == shared + 1 or re.search(r"\*/[ \t]*\n?[ \t]*\Z", text[:begin]):
            shared = text.count("\n", 0, i) + 1  # the line on which it ends
        elif function:
            yield path, line, f"{name.group(1)} has no comment right before it"


def check(tree):
    for path in tree.find(".c", ".h", ".cu", ".cuh"):
        if not re.match(r"\s*(/\*|//)", tree.text(path)):
            yield path, 1, "the file does not open with a comment that says what it is for"
        if path.endswith(".h") and path.startswith(HEADERS):
            yield from check_header(tree, path)


FINE = """/* a */
#ifdef __cplusplus
extern "C" {
#endif
/* Do. */
int mst_do(int a,
  int b);
int mst_do_more(void);

void mst_x_free(int *x);
typedef int mst_fn(int);
static inline int mst_i(void) { return 1; }
"""
CASES = [
    ({"pipeline/read/a.h": FINE}, None),
    ({"pipeline/read/a.h": "/* a */\n\n/* Do. */\nint mst_do(void);\n\nint mst_more(void);\n"},
     "pipeline/read/a.h:6: mst_more has no comment"),
    ({"kernels/include/misstep/a.h": "/* a */\n/* Far. */\n\nint mst_do(void);\n"}, "mst_do has no comment"),
    ({"kernels/base/a.c": "int a;\n"}, "does not open with a comment"),
]
