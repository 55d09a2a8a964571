"""Reads PTX text: statements with their line numbers, variable declarations, operand lists, C types.

The grammar is the part of PTX that nvcc 13.0 writes. Everything else raises PtxError with its line: the
translator never guesses.
"""

import re

SIZES = {"b8": 1, "u8": 1, "s8": 1, "b16": 2, "u16": 2, "s16": 2, "b32": 4, "u32": 4, "s32": 4, "f32": 4,
         "b64": 8, "u64": 8, "s64": 8, "f64": 8, "pred": 1}
# C names of the same types (typedefs of emu_ptx.h); bits are unsigned
C_TYPES = {name: name.replace("b", "u") if name[0] == "b" else name for name in SIZES}
C_TYPES["pred"] = "bool"


class PtxError(Exception):
    """A statement that this translator cannot turn into C."""

    def __init__(self, line, message):
        super().__init__("PTX line %d: %s" % (line, message))


def without_comments(text):
    """The text with comments blanked; every line keeps its number."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def split_operands(text):
    """Split at the commas outside of brackets."""
    parts, depth, current = [], 0, ""
    for ch in text:
        depth += (ch in "{[(") - (ch in "}])")
        if ch == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += ch
    if current.strip():
        parts.append(current.strip())
    return parts


LABEL = re.compile(r"([\w$]+):(?!:)")
DIRECTIVE = re.compile(r"\.(version|target|address_size|file|loc)\b[^\n]*")
HEADER = re.compile(r"(?:\.(?:visible|extern|weak)\s+)*\.(?:entry|func)\b")


def statements(text):
    """Yield (line, kind, text): kind is directive, open, close, label, header or statement."""
    pos, line = 0, 1
    while True:
        while pos < len(text) and text[pos].isspace():
            line += text[pos] == "\n"
            pos += 1
        if pos >= len(text):
            return
        if text[pos] in "{}":
            yield line, "open" if text[pos] == "{" else "close", text[pos]
            pos += 1
            continue
        match = DIRECTIVE.match(text, pos)
        if match:
            yield line, "directive", match.group(0)
            pos = match.end()
            continue
        match = LABEL.match(text, pos)
        if match:
            yield line, "label", match.group(1)
            pos = match.end()
            continue
        if text.startswith(".section", pos):
            end = text.index("}", pos) + 1
            line += text.count("\n", pos, end)
            pos = end
            continue
        kind = "header" if HEADER.match(text, pos) else "statement"
        end = statement_end(text, pos, stop=";{" if kind == "header" else ";")
        yield line, kind, text[pos:end].strip() + (";" if kind == "header" and text[end] == ";" else "")
        line += text.count("\n", pos, end)
        pos = end + (text[end] == ";")


def statement_end(text, pos, stop):
    """Position of the first character of `stop` outside of brackets and strings."""
    depth = 0
    while pos < len(text):
        ch = text[pos]
        if depth == 0 and ch in stop:
            return pos
        if ch == '"':
            pos = text.index('"', pos + 1)
        depth += (ch in "{[(") - (ch in "}])")
        pos += 1
    raise PtxError(text.count("\n"), "the text ends inside a statement")


VARIABLE = re.compile(
    r"^(?:\.(?:visible|extern|weak|common)\s+)*\.(?P<space>global|const|shared|local|param)\s+"
    r"(?:\.attribute\([^)]*\)\s*)?(?:\.align\s+(?P<align>\d+)\s+)?(?:\.(?P<vec>v2|v4)\s+)?\.(?P<type>\w+)\s+"
    r"(?P<name>[\w$%.]+)(?P<dims>(?:\[\d*\])*)\s*(?:=\s*(?P<init>.*))?$", re.S)
POINTER_NOTE = re.compile(r"\.ptr\s*(?:\.(?:global|const|shared|local)\s*)?(?:\.align\s+\d+)?")


class Variable:
    """One declared variable or parameter."""

    def __init__(self, line, text):
        match = VARIABLE.match(POINTER_NOTE.sub("", text).strip())
        if not match or match["type"] not in SIZES:
            raise PtxError(line, "cannot read the declaration: " + text[:200])
        count = int(match["vec"][1]) if match["vec"] else 1
        for dim in re.findall(r"\[(\d*)\]", match["dims"]):
            count *= int(dim) if dim else 0
        self.line, self.space, self.type, self.name = line, match["space"], match["type"], match["name"]
        self.align = int(match["align"] or SIZES[self.type])
        self.size, self.init = count * SIZES[self.type], match["init"]
        self.external = ".extern" in text


FUNCTION = re.compile(r"^\s*(?:\((.*?)\)\s*)?([\w$]+)\s*(?:\((.*?)\))?\s*(.*)$", re.S)


class Function:
    """The header of a kernel (.entry) or of a device function (.func)."""

    def __init__(self, line, text):
        head = re.match(r"(.*?)\.(entry|func)\b(.*?);?$", text, re.S)
        match = FUNCTION.match(head.group(3))
        self.line, self.name, self.is_kernel = line, match.group(2), head.group(2) == "entry"
        self.is_extern, self.is_prototype = ".extern" in head.group(1), text.endswith(";")
        self.result = [Variable(line, p) for p in split_operands(match.group(1) or "")]
        self.params = [Variable(line, p) for p in split_operands(match.group(3) or "")]
        limit = re.search(r"\.maxntid\s+(\d+)(?:\s*,\s*(\d+))?(?:\s*,\s*(\d+))?", match.group(4))
        self.max_threads = 1024
        if limit:
            self.max_threads = int(limit[1]) * int(limit[2] or 1) * int(limit[3] or 1)


def c_name(name):
    """A PTX name as part of a C name."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name.lstrip("%"))
