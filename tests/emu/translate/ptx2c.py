"""Translate the PTX of one .cu (as nvcc 13.0 writes it) into one C file for the emulator's runtime.

usage: python3 ptx2c.py IN.ptx OUT.c MODULE      MODULE: a C name that no other .cu of the program has

Every PTX register becomes a local variable of its width, every instruction one C statement, every label a C
label. The C file defines __cudaRegisterFatBinary_MODULE, to which the host object's own call is renamed: that is
how the runtime knows which kernels and variables belong to which .cu.
"""

import re
import sys

from arithmetic import Arithmetic
from machine import Machine
from operands import Operands
from ptx_text import (C_TYPES, SIZES, Function, PtxError, Variable, c_name, split_operands, statements,
                      without_comments)

SHARED_GAP = 16  # bytes between two shared variables that no access may touch
INSTRUCTION = re.compile(r"^([a-z0-9_]+)((?:\.[A-Za-z0-9_:]+)*)\s*(.*)$", re.S)
GUARD = re.compile(r"^@(!?)(%?[\w$]+)\s+(.*)$", re.S)


def align(value, to):
    return (value + to - 1) // to * to


class Module:
    """What is declared at file level, and the C text that came out so far."""

    def __init__(self, name):
        self.name, self.out = name, []
        self.globals, self.shared, self.functions, self.kernels = {}, {}, {}, []
        self.shared_end, self.files, self.places, self.dynamic, self.architecture = 0, {}, [], [], 0

    def add_shared(self, variable):
        """Give a shared variable its place. Offsets are unique in the whole file; dynamic ones come last."""
        if variable.external:
            self.dynamic.append(variable)
            variable.offset = None
        else:
            variable.offset = align(self.shared_end, max(variable.align, 16))
            self.shared_end = variable.offset + variable.size + SHARED_GAP
        self.shared[variable.name] = variable


class Body(Operands, Arithmetic, Machine):
    """Translates the statements of one function."""

    def __init__(self, module, function, number):
        Operands.__init__(self, module)
        self.function, self.number = function, number
        self.labels_seen, self.branch_targets, self.pending_label = set(), {}, None
        self.calls, self.scopes, self.own_shared = set(), 0, []
        for i, result in enumerate(function.result):
            self.params[result.name] = "result_"
        self.layout, offset = [], 0
        for i, param in enumerate(function.params):
            if function.is_kernel:
                offset = align(offset, param.align)
                self.params[param.name] = "(param_ + %d)" % offset
                self.layout.append((offset, param.size))
                offset += param.size
            else:
                self.params[param.name] = "p%d_" % i

    def label(self, name):
        return "l%d_%s" % (self.number, c_name(name))

    def statement(self, text):
        """C of one PTX statement."""
        if text.startswith(".reg"):
            return self.declare_registers(text)
        if text.startswith(".branchtargets"):
            self.branch_targets[self.pending_label] = split_operands(text[len(".branchtargets"):])
            return ""
        if text.startswith((".callprototype", ".pragma")) or not text:
            return ""
        if re.match(r"^\.(shared|local|param|extern|visible|weak)\b", text):
            return self.declare_variable(Variable(self.line, text))
        guard = GUARD.match(text)
        if guard:
            return "if (%s%s) { %s }" % (guard[1], self.read(guard[2], "pred"), self.instruction(guard[3]))
        return self.instruction(text)

    def declare_registers(self, text):
        match = re.match(r"^\.reg\s+\.(\w+)\s+(.*)$", text, re.S)
        if match[1] not in SIZES:
            self.fail("registers of type " + match[1])
        names = []
        for part in split_operands(match[2]):
            many = re.match(r"^(%?[\w$]+)<(\d+)>$", part)
            names += ["%s%d" % (many[1], i) for i in range(int(many[2]))] if many else [part]
        suffix = "_s%d" % self.scopes if len(self.registers) > 1 else ""
        for name in names:
            self.registers[-1][name] = ("r_" + c_name(name) + suffix, match[1])
        kind = "bool" if match[1] == "pred" else "u%d" % (8 * SIZES[match[1]])
        return "%s %s;" % (kind, ", ".join(self.registers[-1][n][0] + " = 0" for n in names))

    def declare_variable(self, variable):
        name = c_name(variable.name)
        if variable.space == "shared":
            self.module.add_shared(variable)
            return ""
        if variable.space == "local":
            self.locals[variable.name] = "local_" + name
            return "_Alignas(16) unsigned char local_%s[%d]; const u64 local_begin_ = (u64)(uintptr_t)local_%s; " \
                "const u64 local_bytes_ = %d; (void)local_begin_; (void)local_bytes_;" % (
                    name, max(variable.size, 1), name, variable.size)
        self.params[variable.name] = "arg_%s_%d" % (name, self.scopes)
        return "_Alignas(16) unsigned char arg_%s_%d[%d];" % (name, self.scopes, max(variable.size, 8))

    def instruction(self, text):
        match = INSTRUCTION.match(text)
        name, mods = match[1], match[2].split(".")[1:]
        method = getattr(self, "op_" + name, None)
        if not method:
            self.fail("unknown instruction: " + " ".join(text.split())[:120])
        ty = next((m for m in reversed(mods) if m in SIZES), None)
        if ty is None and name in NEEDS_TYPE:
            self.fail("no known type in: " + " ".join(text.split())[:120])
        if name == "call":
            self.calls.update(re.findall(r"[\w$]+", match[3]))
        if any(m in ("f16", "f16x2", "bf16", "bf16x2", "b128") for m in mods):
            self.fail("unknown type in: " + " ".join(text.split())[:120])
        try:
            return method(mods, split_operands(match[3]), ty)
        except (KeyError, IndexError, StopIteration, ValueError) as error:
            self.fail("cannot translate (%r): %s" % (error, " ".join(text.split())[:120]))


NEEDS_TYPE = set(n[3:] for n in dir(Arithmetic) if n.startswith("op_")) | {"ld", "st", "atom", "red", "mov"}


def translate_body(module, function, stream, number):
    """C of a function whose opening brace is the next statement; registers the kernel in the module."""
    body, out = Body(module, function, number), module.out
    first_shared = len(module.shared)
    if function.is_kernel:
        out.append("static void k_%d(unsigned char *param_) {" % number)
    else:
        out.append("%s {" % prototype(function))
    out.append("const u64 shared_base = emu_self->block->shared_base; unsigned carry = 0; (void)shared_base; "
               "(void)carry;")
    depth = 0
    for line, kind, text in stream:
        body.line = line
        if kind == "open":
            depth += 1
            if depth > 1:
                body.scopes += 1
                body.registers.append({})
                out.append("{")
        elif kind == "close":
            depth -= 1
            if depth == 0:
                break
            body.registers.pop()
            out.append("}")
        elif kind == "label":
            body.pending_label = text
            body.labels_seen.add(text)
            out.append("%s:;" % body.label(text))
        elif kind == "directive":
            note_directive(module, line, text)
        else:
            out.append(body.statement(text))
    out.append("}")
    function.used_shared = set(body.used_shared) | set(list(module.shared)[first_shared:])
    function.calls, function.layout, function.number = body.calls, body.layout, number


def note_directive(module, line, text):
    match = re.match(r"\.loc\s+(\d+)\s+(\d+)", text)
    if match:
        outer = re.search(r"inlined_at\s+(\d+)\s+(\d+)", text)
        module.places.append((line, int(match[1]), int(match[2])) + (
            (int(outer[1]), int(outer[2])) if outer else (0, 0)))
    match = re.match(r'\.file\s+(\d+)\s+"([^"]*)"', text)
    if match:
        module.files[int(match[1])] = match[2]
    match = re.match(r"\.target\s+sm_(\d+)", text)
    if match:
        module.architecture = int(match[1])


def prototype(function):
    params = ["unsigned char *result_"] + ["unsigned char *p%d_" % i for i in range(len(function.params))]
    return "static void f_%s(%s)" % (c_name(function.name), ", ".join(params))


def translate_global(module, variable):
    """A __device__ or __constant__ variable: its image and the places in it that hold addresses."""
    name, parts, moves = c_name(variable.name), [], []
    if variable.external:
        raise PtxError(variable.line, "variable of another file: " + variable.name)
    operands = Operands(module)
    operands.line = variable.line
    if variable.init:
        text = variable.init.strip()
        values = split_operands(text[1:-1] if text.startswith("{") else text)
        for i, value in enumerate(values):
            symbol = re.match(r"^(?:generic\()?([A-Za-z_$][\w$]*)\)?\s*(?:\+\s*(-?\d+))?$", value)
            if symbol and SIZES[variable.type] == 8:
                target = operands.symbol(symbol[1])
                if not target or symbol[1] in module.functions:
                    operands.fail("initial value " + value)
                moves.append((i * 8, "g_" + c_name(symbol[1]), int(symbol[2] or 0)))
                value = "0"
            number = operands.immediate(value, "b%d" % (8 * SIZES[variable.type]))
            if number is None:
                operands.fail("initial value " + value)
            parts.append(number)
        module.out.append("static const %s init_%s[] = {%s};" % (
            C_TYPES["b%d" % (8 * SIZES[variable.type])], name, ", ".join(parts)))
    module.out.append("static u64 g_%s;" % name)
    for offset, target, addend in moves:
        variable.moves = getattr(variable, "moves", []) + [(offset, target, addend)]
    module.globals[variable.name] = variable


def closure(module, kernel):
    """Shared variables that a kernel or a function it calls names."""
    seen, todo, used = set(), [kernel], set()
    while todo:
        function = todo.pop()
        used |= function.used_shared
        for name in function.calls:
            if name in module.functions and name not in seen:
                seen.add(name)
                todo.append(module.functions[name])
    if any(f.number is None for f in todo):
        used = set(module.shared)
    return used


def write_tables(module):
    """The tables from which the runtime registers the module."""
    out = module.out
    for variable in module.globals.values():
        name, moves = c_name(variable.name), getattr(variable, "moves", [])
        out.append("static const emu_move moves_%s[] = {%s{0, 0, 0}};" % (
            name, "".join("{%d, &%s, %d}, " % m for m in moves)))
    out.append("static const emu_variable variables_[] = {")
    for v in module.globals.values():
        n = c_name(v.name)
        out.append('{"%s", &g_%s, %d, %d, %s, %d, moves_%s, %d},' % (
            v.name, n, v.size, v.align, "init_" + n if v.init else "0", v.space == "const", n,
            len(getattr(v, "moves", []))))
    out.append("{0}};")
    for kernel in module.kernels:
        used = [module.shared[n] for n in sorted(closure(module, kernel)) if not module.shared[n].external]
        out.append("static const emu_span params_%d[] = {%s{0, 0, 0}};" % (
            kernel.number, "".join("{%d, %d, 0}, " % p for p in kernel.layout)))
        out.append("static const emu_span shared_%d[] = {%s{0, 0, 0}};" % (
            kernel.number, "".join('{%d, %d, "%s"}, ' % (v.offset, v.size, v.name) for v in used)))
        kernel.shared_bytes, kernel.n_shared = sum(align(v.size, v.align) for v in used), len(used)
    out.append("static const emu_kernel kernels_[] = {")
    for k in module.kernels:
        out.append('{"%s", k_%d, params_%d, %d, shared_%d, %d, %d, %d, &module_},' % (
            k.name, k.number, k.number, len(k.layout), k.number, k.n_shared, k.shared_bytes, k.max_threads))
    out.append("{0}};")
    out.append("static const unsigned places_[][5] = {%s{0, 0, 0, 0, 0}};" % "".join(
        "{%d, %d, %d, %d, %d}, " % place for place in module.places))
    last = max(module.files, default=0)
    out.append("static const char *const files_[] = {%s};" % ", ".join(
        '"%s"' % module.files.get(i, "?") for i in range(last + 1)))
    out.append('static const emu_module module_ = {"%s", kernels_, %d, variables_, %d, places_, %d, files_, %d, %d};' % (
        module.name, len(module.kernels), len(module.globals), len(module.places), module.architecture,
        align(module.shared_end, 1024)))
    out.append("void **__cudaRegisterFatBinary_%s(void *image) { (void)image; return emu_register(&module_); }"
               % module.name)


def translate(text, name):
    text = without_comments(text)
    module, number = Module(name), 0
    stream = statements(text)
    for line, kind, statement in stream:
        if kind == "directive":
            note_directive(module, line, statement)
        elif kind == "header":
            function = Function(line, statement)
            number += 1
            function.number, function.calls, function.used_shared = None, set(), set()
            if not function.is_kernel and not function.is_extern and function.name not in module.functions:
                module.functions[function.name] = function
                module.out.append(prototype(function) + ";")
            if function.is_prototype:
                continue
            if not function.is_kernel:
                module.functions[function.name] = function
            translate_body(module, function, stream, number)
            if function.is_kernel:
                module.kernels.append(function)
        elif statement:
            variable = Variable(line, statement)
            if variable.space == "shared":
                module.add_shared(variable)
            else:
                translate_global(module, variable)
    write_tables(module)
    head = ['/* Written by ptx2c.py: the kernels of module %s. */' % name, '#include "emu_ptx.h"',
            "#define DYNAMIC_SHARED %du" % align(module.shared_end, 1024), "static const emu_module module_;"]
    return "\n".join(head + [o for o in module.out if o]) + "\n"


def main():
    source, target, name = sys.argv[1:4]
    with open(source, encoding="ascii") as stream:
        text = stream.read()
    try:
        result = translate(text, name)
    except PtxError as error:
        sys.exit("%s: %s" % (source, error))
    with open(target, "w", encoding="ascii") as stream:
        stream.write(result)


if __name__ == "__main__":
    main()
