"""Libraries do not print and do not end the process: below the command line a failure is a status."""

from gate import code_only, matches

LIBRARIES = ("kernels/", "augment/", "pipeline/")
CALLS = (r"\b(?:printf|vprintf|puts|putchar|perror|exit|_exit|_Exit|quick_exit|abort|err|errx|warn|warnx)"
         r"\s*\(|\bstderr\b|\bstdout\b|\bSTD(?:OUT|ERR)_FILENO\b")
# Files that may name stdout: "-" as an output path is standard output, which is no printing.
STREAMS = {"pipeline/files/stream.c": ("stdout", "STDOUT_FILENO")}


def check(tree):
    for path in tree.find(".c", ".h", ".cu", ".cuh", under=LIBRARIES):
        if path.startswith("pipeline/cli/"):
            continue
        for line, match in matches(code_only(tree.text(path)), CALLS):
            word = match.group().rstrip("( \t\n")
            if word not in STREAMS.get(path, ()):
                yield path, line, f"'{word}' in a library: return a status"


CASES = [
    ({"kernels/base/a.c": '/* printf("x") */ const char *s = "exit(1)"; int my_exit(int);\n'}, None),
    ({"pipeline/cli/main.c": 'printf("x"); exit(1);\n'}, None),
    ({"pipeline/read/a.c": 'int f(void) {\n  printf("x");\n}\n'}, "pipeline/read/a.c:2: 'printf'"),
    ({"kernels/cpu/a.c": "fputs(s, stderr);\n"}, "'stderr'"),
    ({"kernels/cpu/a.c": "if (bad) abort();\n"}, "'abort'"),
]
