"""Sizes a reader can hold; the first number warns, the second fails.

file 300 / 500 lines, header 250 (warns), function 40 / 80 lines from its opening to its closing brace,
control statements nested 3 / 4 deep (else-if is no level, nor is a plain block), parameters 6 / 8, line 100.
"""

import re

from gate import Warn, code_only, without_directives

CODE = (".c", ".h", ".cu", ".cuh")
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\S")
PAIRS = {"(": ")", "[": "]", "{": "}"}


def tokenize(code):
    tokens, line, last = [], 1, 0
    for match in TOKEN.finditer(code):
        line += code.count("\n", last, match.start())
        last = match.start()
        tokens.append((match.group(), line))
    return tokens


def closing(tokens, i):
    """Index of the bracket that closes the one at i."""
    opener, closer, depth = tokens[i][0], PAIRS[tokens[i][0]], 0
    while True:
        depth += (tokens[i][0] == opener) - (tokens[i][0] == closer)
        if depth == 0:
            return i
        i += 1


def functions(tokens):
    """(name, parameters, open brace, close brace) of each function that is defined at file level."""
    i = 0
    while i < len(tokens):
        if tokens[i][0] == "{" and i and tokens[i - 1][0] == ")":
            opened, depth = i - 1, 1
            while depth:
                opened -= 1
                depth += (tokens[opened][0] == ")") - (tokens[opened][0] == "(")
            inside, commas, level = tokens[opened + 1:i - 1], 0, 0
            for text, _ in inside:
                level += (text in "([{") - (text in ")]}")
                commas += text == "," and level == 0
            count = 0 if not inside or [t for t, _ in inside] == ["void"] else commas + 1
            end = closing(tokens, i)
            yield tokens[opened - 1][0], count, i, end
            i = end
        elif tokens[i][0] == "{" and tokens[i - 1][0] != '"':
            i = closing(tokens, i)
        i += 1


class Nesting:
    """Walks the statements of one body; deepest is how many control statements stand around one."""

    def __init__(self, tokens):
        self.tokens, self.deepest, self.line = tokens, 0, 0

    def enter(self, i, depth):
        if depth > self.deepest:
            self.deepest, self.line = depth, self.tokens[i][1]
        return self.statement(i, depth)

    def block(self, i, depth):
        i += 1
        while self.tokens[i][0] != "}":
            i = self.statement(i, depth)
        return i + 1

    def statement(self, i, depth):
        word = self.tokens[i][0]
        if word == "{":
            return self.block(i, depth)
        if word in ("if", "for", "while", "switch"):
            i = self.enter(closing(self.tokens, i + 1) + 1, depth + 1)
            while word == "if" and self.tokens[i][0] == "else":
                if self.tokens[i + 1][0] != "if":
                    return self.enter(i + 1, depth + 1)
                i = self.enter(closing(self.tokens, i + 2) + 1, depth + 1)
            return i
        if word == "do":
            return self.simple(self.enter(i + 1, depth + 1))
        if word in ("case", "default"):
            while self.tokens[i][0] != ":":
                i += 1
            return i + 1
        if self.tokens[i + 1][0] == ":" and re.match(r"\w", word):
            return i + 2
        return self.simple(i)

    def simple(self, i):
        while self.tokens[i][0] != ";":
            i = closing(self.tokens, i) + 1 if self.tokens[i][0] in PAIRS else i + 1
        return i + 1


def limit(value, warn, fail, what):
    if value > fail:
        return f"{what} {value}, at most {fail}"
    return Warn(f"{what} {value}, better {warn}") if value > warn else None


def check_functions(tree, path):
    code = without_directives(code_only(tree.text(path)))
    code = re.sub(r'extern\s*"\s*"\s*\{', lambda m: re.sub(r"[^\n]", " ", m.group()), code)
    tokens = tokenize(code)
    while tokens and tokens[-1][0] == "}" and sum((t == "{") - (t == "}") for t, _ in tokens) < 0:
        tokens.pop()  # the brace of extern "C"
    for name, parameters, start, end in functions(tokens):
        line = tokens[start][1]
        yield path, line, limit(tokens[end][1] - line + 1, 40, 80, f"lines of {name}:")
        yield path, line, limit(parameters, 6, 8, f"parameters of {name}:")
        walk = Nesting(tokens)
        walk.block(start, 0)
        yield path, walk.line, limit(walk.deepest, 3, 4, f"nesting in {name}:")


def check(tree):
    for path in tree.find(*CODE):
        count = tree.text(path).count("\n")
        found = [(path, 1, limit(count, 300, 500, "lines:"))]
        if path.endswith(".h") and 250 < count <= 300:
            found.append((path, 1, Warn(f"header lines: {count}, better 250")))
        try:
            found += check_functions(tree, path)
        except (IndexError, KeyError):
            found.append((path, 1, "the braces cannot be followed: keep #if branches balanced"))
        yield from (one for one in found if one[2] is not None)
        for number, line in tree.lines(path):
            if len(line) > 100:
                yield path, number, f"{len(line)} columns, at most 100"


def nested(levels):
    return "void f(int a) {\n" + "for (;;)\n" * levels + "a++;\n}\n"


FINE = """
struct s { int a[2]; };
static const struct s table[] = {{{1, 2}}, {{3, 4}}};
int f(int a, int (*g)(int, int)) {
  if (a) return 1; else if (g) { a = 2; } else a = 3;
  struct s x = {.a = {1, 2}};
  switch (a) { case 1: for (;;) { while (1) break; } default: break; }
  do a++; while (a < 3);
done:
  return a + x.a[0];
}
"""
CASES = [
    ({"a.c": FINE, "b.c": nested(4)}, None),
    ({"a.c": "int a;\n" * 501}, "lines: 501"),
    ({"a.c": "void f(void) {\n" + "g();\n" * 80 + "}\n"}, "lines of f: 82"),
    ({"a.c": nested(5)}, "nesting in f: 5"),
    ({"a.c": "void f(void) {\n if (1) { for (;;) { if (2) {} else { while (1) { do { g(); } while (0); } } } }\n}\n"},
     "nesting in f: 5"),
    ({"a.c": "int f(" + ", ".join(f"int a{i}" for i in range(9)) + ") { return 0; }\n"}, "parameters of f: 9"),
    ({"a.c": "// " + "x" * 98 + "\n"}, "101 columns"),
    ({"a.h": 'extern "C" {\nstatic inline void f(void) {\n' + "g();\n" * 80 + "}\n}\n"}, "lines of f"),
]
