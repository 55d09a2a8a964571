"""Every command and option of misstep that the README shows is known to the program's own --help, and
its Python is the script that the tests run."""

import os
import re
import subprocess

from gate import Skip


def commands(tree):
    """(line, words) of each `misstep ...` in the README's code blocks and inline code."""
    inside, held, first = False, "", 0
    for number, line in tree.lines("README.md"):
        if line.startswith("```"):
            inside = not inside
            continue
        if not inside:
            for code in re.findall(r"`((?:build/bin/)?misstep [^`]*)`", line):
                yield number, code
            continue
        first, held = (first, held + line) if held else (number, line)
        if held.endswith("\\"):
            held = held[:-1] + " "
            continue
        for part in re.split(r"\s#|[|;]|&&", held):
            match = re.match(r"\s*(?:\$\s*)?((?:\./)?(?:build/bin/)?misstep\s.*)", part)
            if match:
                yield first, match.group(1)
        held = ""


def help_of(program, *command):
    done = subprocess.run([program, *command, "--help"], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout if done.returncode == 0 else None


def knows(text, option):
    """--no-x counts where the help shows --[no-]x or --x/--no-x."""
    plain = "--" + option[5:] if option.startswith("--no-") else option
    return any(re.search(rf"(?<![\w-]){re.escape(o)}(?![\w-])", text)
               for o in {option, "--[no-]" + plain[2:]})


SCRIPT = "scripts/python/predict_with_numpy.py"


def python_block(tree):
    """The README's Python, which must be SCRIPT to the letter."""
    match = re.search(r"```python\n(.*?)```", tree.text("README.md"), re.S)
    if match and (SCRIPT not in tree.paths or match.group(1) != tree.text(SCRIPT)):
        line = tree.text("README.md")[:match.start()].count("\n") + 1
        yield "README.md", line, f"the Python block is not {SCRIPT}"


def check(tree):
    program = next((p for p in (os.path.join(tree.build or "", "bin/misstep"),) if os.path.exists(p)), None)
    if "README.md" not in tree.paths:
        raise Skip("there is no README.md")
    yield from python_block(tree)
    if not program:
        raise Skip("the program is not built")
    known = {}
    for line, command in commands(tree):
        words = command.split()[1:]
        name = words[0] if words and re.fullmatch(r"[a-z]+", words[0]) else None
        if name not in known:
            known[name] = help_of(program, *([name] if name else []))
        if known[name] is None:
            yield "README.md", line, f"'misstep {name or ''} --help' fails"
            continue
        for option in re.findall(r"(?<![\w-])(--?[A-Za-z][\w-]*)", " ".join(words)):
            if option != "--help" and not knows(known[name], option):
                yield "README.md", line, f"misstep {name or ''}: --help does not know {option}"


HELP = "#!/bin/sh\n[ $1 = train ] || exit 2\necho '  -o, --output DIR  --[no-]lowercase  --seed N'\n"
CASES = [
    ({"bin/misstep": HELP, "README.md":
      "```\n$ misstep train a.csv \\\n  --seed 7 -o x --no-lowercase  # --nonsense\n```\n"}, None),
    ({"bin/misstep": HELP, "README.md": "\n```\nmisstep train a.csv --sed 7\n```\n"},
     "README.md:3: misstep train: --help does not know --sed"),
    ({"bin/misstep": HELP, "README.md": "Use `misstep dance x`.\n"}, "'misstep dance --help' fails"),
    ({"bin/misstep": HELP, SCRIPT: "x = 1\n", "README.md": "```python\nx = 1\n```\n"}, None),
    ({"bin/misstep": HELP, SCRIPT: "x = 1\n", "README.md": "a\n```python\nx = 2\n```\n"},
     "README.md:2: the Python block is not"),
]
