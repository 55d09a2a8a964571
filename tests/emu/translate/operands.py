"""Operands of PTX instructions as C expressions: registers, immediates, special registers, addresses."""

import re

from ptx_text import C_TYPES, SIZES, PtxError, c_name

SPECIAL = {"%laneid": "(emu_self->lin & 31)", "%warpid": "(emu_self->lin >> 5)",
           "%nwarpid": "((emu_self->block->n_threads + 31) / 32)", "%smid": "emu_multiprocessor()", "%nsmid": "4u",
           "%lanemask_eq": "(1u << (emu_self->lin & 31))", "%lanemask_lt": "((1u << (emu_self->lin & 31)) - 1)",
           "%lanemask_le": "((2u << (emu_self->lin & 31)) - 1)", "%lanemask_gt": "(~((2u << (emu_self->lin & 31)) - 1))",
           "%lanemask_ge": "(~((1u << (emu_self->lin & 31)) - 1))", "%clock": "(u32)emu_clock()",
           "%clock64": "emu_clock()", "%globaltimer": "emu_clock()", "%dynamic_smem_size": "emu_launch_now.dynamic_bytes",
           "%total_smem_size": "(emu_launch_now.dynamic_bytes + emu_launch_now.kernel->shared_bytes)"}
for axis, letter in enumerate("xyz"):
    SPECIAL["%tid." + letter] = "emu_self->tid[%d]" % axis
    SPECIAL["%ctaid." + letter] = "emu_self->block->index[%d]" % axis
    SPECIAL["%ntid." + letter] = "emu_launch_now.block[%d]" % axis
    SPECIAL["%nctaid." + letter] = "emu_launch_now.grid[%d]" % axis


class Operands:
    """Names that are visible at one place of one function, and how to read and write them.

    registers: stack of scopes {PTX name: (C name, type)}; locals, params: {name: C expression of a
    host address}; module: the Module with its globals, shared variables and functions.
    """

    def __init__(self, module):
        self.module = module
        self.line = 0
        self.registers = [{}]
        self.locals, self.params = {}, {}
        self.used_shared = set()

    def fail(self, message):
        raise PtxError(self.line, message)

    def register(self, name):
        for scope in reversed(self.registers):
            if name in scope:
                return scope[name]
        return None

    def symbol(self, name):
        """C expression (u64) of the address of a variable; shared ones are offsets into the block's window."""
        if name in self.module.shared:
            self.used_shared.add(name)
            offset = self.module.shared[name].offset
            return "DYNAMIC_SHARED" if offset is None else "%du" % offset
        if name in self.locals:
            return "(u64)(uintptr_t)" + self.locals[name]
        if name in self.params:
            return "(u64)(uintptr_t)" + self.params[name]
        if name in self.module.globals:
            return "g_" + c_name(name)
        if name in self.module.functions:
            return "(u64)(uintptr_t)f_" + c_name(name)
        return None

    def is_shared(self, name):
        return name in self.module.shared

    def immediate(self, text, ty):
        match = re.match(r"^0[fF]([0-9A-Fa-f]{8})$", text)
        if match:
            value = "as_f32(0x%su)" % match[1]
            return {"f32": value, "f64": "(f64)" + value}.get(ty, "((%s)0x%su)" % (C_TYPES[ty], match[1]))
        match = re.match(r"^0[dD]([0-9A-Fa-f]{16})$", text)
        if match:
            return ("as_f64(0x%sull)" if ty == "f64" else "((" + C_TYPES[ty] + ")0x%sull)") % match[1]
        match = re.match(r"^(-?)(0[xX][0-9A-Fa-f]+|\d+)U?$", text)
        if match:
            return "((%s)%s%sull)" % (C_TYPES[ty], match[1], match[2])
        return None

    def read(self, text, ty):
        """The operand as a C expression of type ty."""
        text = text.strip()
        if text.startswith("!"):
            return "(!%s)" % self.read(text[1:], ty)
        found = self.register(text)
        if found:
            name, kind = found
            if ty == "pred":
                return name
            if kind == "pred":
                self.fail("predicate %s used as a number" % text)
            if ty in ("f32", "f64"):
                return "as_%s(%s)" % (ty, name)
            return "((%s)%s)" % (C_TYPES[ty], name)
        if text in SPECIAL:
            return "((%s)%s)" % (C_TYPES[ty], SPECIAL[text])
        value = self.immediate(text, ty)
        if value:
            return value
        generic = re.match(r"^generic\(([\w$.]+)\)(.*)$", text)
        match = re.match(r"^([\w$.]+)\s*(?:\+\s*(-?\d+))?$", generic[1] + generic[2] if generic else text)
        address = self.symbol(match[1]) if match else None
        if not address:
            self.fail("unknown operand " + text)
        if generic and self.is_shared(match[1]):
            address = "(shared_base + %s)" % address
        return "((%s)(%s + %d))" % (C_TYPES[ty], address, int(match[2] or 0))

    def write(self, text, expression, ty):
        """C statement that stores an expression of type ty in the operand."""
        text = text.strip()
        if text == "_":
            return "(void)(%s);" % expression
        found = self.register(text)
        if not found:
            self.fail("unknown destination " + text)
        name, kind = found
        if kind == "pred":
            return "%s = (bool)(%s);" % (name, expression)
        if ty in ("f32", "f64"):
            return "%s = from_%s(%s);" % (name, ty, expression)
        width = C_TYPES["b%d" % (8 * SIZES[kind])]
        return "%s = (%s)(%s)(%s);" % (name, width, C_TYPES[ty], expression)

    def address(self, text, space):
        """C expression (u64) of the address in an operand such as [%rd1+8].

        Shared addresses become addresses of the block's window; parameters and locals are host addresses.
        """
        inside = re.match(r"^\[\s*(.*?)\s*(?:\+\s*(-?\w+))?\s*\]$", text.strip(), re.S)
        if not inside:
            self.fail("not an address: " + text)
        base, offset = inside[1], inside[2] or "0"
        found = self.register(base)
        if found:
            value = "(u64)" + found[0]
        else:
            value = self.symbol(base) or self.immediate(base, "u64")
            if not value:
                self.fail("unknown address " + text)
            if space == "" and self.is_shared(base):
                value = "(shared_base + %s)" % value
        value = "(%s + (u64)(s64)%s)" % (value, offset) if offset != "0" else value
        if space == "shared":
            return "(shared_base + (u32)(%s))" % value
        return value
