"""PTX memory accesses, atomics, barriers, warp operations and jumps as C (calls into the runtime's emu_ptx.h)."""

from ptx_text import C_TYPES, SIZES, c_name, split_operands

ATOMIC = {"add": "(%(T)s)(old_ + b_)", "min": "(b_ < old_ ? b_ : old_)", "max": "(b_ > old_ ? b_ : old_)",
          "and": "(old_ & b_)", "or": "(old_ | b_)", "xor": "(old_ ^ b_)", "exch": "b_",
          "cas": "(old_ == b_ ? c_ : old_)", "inc": "(old_ >= b_ ? 0 : old_ + 1)",
          "dec": "(old_ == 0 || old_ > b_ ? b_ : old_ - 1)"}
STRONG = ("volatile", "relaxed", "acquire", "release")
SPACES = ("global", "shared", "local", "param", "const")
NO_EFFECT = ("membar", "fence", "prefetch", "prefetchu", "griddepcontrol", "discard", "applypriority", "pragma",
             "setmaxnreg")
REDUCTIONS = {"popc": 1, "and": 2, "or": 3}


def space_of(mods):
    for mod in mods:
        if mod.split("::")[0] in SPACES:
            return mod.split("::")[0]
    return ""


def vector_of(text):
    return split_operands(text[1:-1]) if text.startswith("{") else [text]


class Machine:
    """Methods op_<name>(mods, ops, ty) -> C statement; the class that uses them has read, write, address, fail."""

    def access(self, kind, ops_address, space, size):
        """C declaration of the host pointer m_ of a checked access."""
        address = self.address(ops_address, space)
        if space == "param":
            return "unsigned char *m_ = (unsigned char *)(uintptr_t)(%s);" % address
        if space == "local":
            bounds = "local_begin_, local_bytes_" if self.locals else "0, 0"
            return "unsigned char *m_ = emu_local(%s, %d, %d, %s);" % (address, size, self.line, bounds)
        return "unsigned char *m_ = emu_%s(%s, %d, %d);" % (kind, address, size, self.line)

    def op_ld(self, mods, ops, ty):
        if "b128" in mods:
            self.fail("128-bit registers")
        kind = "load_strong" if any(m in STRONG for m in mods) else "load"
        targets, c, size = vector_of(ops[0]), C_TYPES[ty], SIZES[ty]
        loads = " ".join("%s v%d_; memcpy(&v%d_, m_ + %d, %d);" % (c, i, i, i * size, size)
                         for i in range(len(targets)))
        stores = " ".join(self.write(t, "v%d_" % i, ty) for i, t in enumerate(targets))
        return "{ %s %s %s }" % (self.access(kind, ops[1], space_of(mods), size * len(targets)), loads, stores)

    op_ldu = op_ld

    def op_st(self, mods, ops, ty):
        kind = "store_strong" if any(m in STRONG for m in mods) else "store"
        sources, c, size = vector_of(ops[1]), C_TYPES[ty], SIZES[ty]
        stores = " ".join("{ const %s v_ = %s; memcpy(m_ + %d, &v_, %d); }" % (c, self.read(s, ty), i * size, size)
                          for i, s in enumerate(sources))
        return "{ %s %s }" % (self.access(kind, ops[0], space_of(mods), size * len(sources)), stores)

    def op_atom(self, mods, ops, ty):
        name = next((m for m in mods if m in ATOMIC), None)
        if not name or ty not in SIZES or len(vector_of(ops[2])) > 1:
            self.fail("unknown atomic operation")
        c, third = C_TYPES[ty], ""
        if name == "cas":
            third = "const %s c_ = %s;" % (c, self.read(ops[3], ty))
        return "{ %s %s old_; memcpy(&old_, m_, %d); const %s b_ = %s; %s const %s new_ = (%s)%s; " \
            "memcpy(m_, &new_, %d); %s }" % (
                self.access("atomic", ops[1], space_of(mods), SIZES[ty]), c, SIZES[ty], c, self.read(ops[2], ty),
                third, c, c, ATOMIC[name] % {"T": c} if "%" in ATOMIC[name] else ATOMIC[name], SIZES[ty],
                self.write(ops[0], "old_", ty))

    def op_red(self, mods, ops, ty):
        return self.op_atom(mods, ["_"] + ops, ty)

    def op_mov(self, mods, ops, ty):
        if ops[0].startswith("{"):
            parts = vector_of(ops[0])
            bits = 8 * SIZES[ty] // len(parts)
            return "{ const u64 t_ = %s; %s }" % (self.read(ops[1], unsigned_bits(ty)), " ".join(
                self.write(p, "t_ >> %d" % (i * bits), "u%d" % bits) for i, p in enumerate(parts)))
        if ops[1].startswith("{"):
            parts = vector_of(ops[1])
            bits = 8 * SIZES[ty] // len(parts)
            return self.write(ops[0], " | ".join("(u64)%s << %d" % (self.read(p, "u%d" % bits), i * bits)
                                                 for i, p in enumerate(parts)), unsigned_bits(ty))
        kind = unsigned_bits(ty) if ty != "pred" and self.register(ops[1]) else ty
        return self.write(ops[0], self.read(ops[1], kind), kind)

    def op_cvta(self, mods, ops, ty):
        value = self.read(ops[1], ty)
        if any(m.startswith("shared") for m in mods):
            value = "(u64)%s %s shared_base" % (value, "-" if "to" in mods else "+")
        return self.write(ops[0], value, ty)

    def op_isspacep(self, mods, ops, ty):
        return self.write(ops[0], "emu_is_space(%s, '%s')" % (self.read(ops[1], "u64"), mods[0][0]), "pred")

    def op_bra(self, mods, ops, ty):
        turn = "emu_turn(%d); " % self.line if ops[0] in self.labels_seen else ""
        return "{ %sgoto %s; }" % (turn, self.label(ops[0]))

    def op_brx(self, mods, ops, ty):
        cases = " ".join("case %d: goto %s;" % (i, self.label(t)) for i, t in enumerate(self.branch_targets[ops[1]]))
        return "emu_turn(%d); switch (%s) { %s default: emu_trap(%d); }" % (
            self.line, self.read(ops[0], "u32"), cases, self.line)

    def op_ret(self, mods, ops, ty):
        return "return;"

    def op_exit(self, mods, ops, ty):
        if not self.function.is_kernel:
            self.fail("exit inside a function")
        return "return;"

    def op_trap(self, mods, ops, ty):
        return "emu_trap(%d);" % self.line

    op_brkpt = op_trap

    def op_bar(self, mods, ops, ty):
        if "warp" in mods:
            return "emu_warp_sync(%s, %d);" % (self.read(ops[0], "u32"), self.line)
        reduction = next((m for m in mods if m in REDUCTIONS), None)
        if reduction:
            value = "emu_barrier(%d, %s, %d)" % (REDUCTIONS[reduction], self.read(ops[-1], "pred"), self.line)
            return self.write(ops[0], value, "u32" if reduction == "popc" else "pred")
        if ops[0] == "0" and len(ops) == 1:
            return "emu_barrier(0, 0, %d);" % self.line
        count = self.read(ops[1], "u32") if len(ops) > 1 else "0"
        return "emu_named_barrier(%s, %s, %d, %d);" % (self.read(ops[0], "u32"), count, "arrive" in mods, self.line)

    op_barrier = op_bar

    def op_nanosleep(self, mods, ops, ty):
        return "emu_yield();"

    def op_activemask(self, mods, ops, ty):
        return self.write(ops[0], "1u << (emu_self->lin & 31)", "u32")

    def op_vote(self, mods, ops, ty):
        mode = next(m for m in mods if m in ("ballot", "any", "all", "uni"))
        value = "emu_warp(EMU_%s, %s, %s, 0, %d)" % (mode.upper(), self.read(ops[2], "u32"),
                                                    self.read(ops[1], "pred"), self.line)
        return self.write(ops[0], value, "u32" if mode == "ballot" else "pred")

    def op_shfl(self, mods, ops, ty):
        mode = next(m for m in mods if m in ("up", "down", "bfly", "idx"))
        outs = ops[0].split("|")
        second = self.write(outs[1], "in_", "pred") if len(outs) > 1 else ""
        return "{ bool in_; const u32 from_ = emu_shuffle_source('%s', %s, %s, &in_); " \
            "const u32 v_ = (u32)emu_warp(EMU_SHUFFLE, %s, %s, from_, %d); (void)in_; %s %s }" % (
                mode[0], self.read(ops[2], "u32"), self.read(ops[3], "u32"), self.read(ops[4], "u32"),
                self.read(ops[1], "u32"), self.line, self.write(outs[0], "v_", "u32"), second)

    def op_match(self, mods, ops, ty):
        outs, kind = ops[0].split("|"), "ANY" if "any" in mods else "ALL"
        value = "emu_warp(EMU_MATCH_%s, %s, (u64)%s, 0, %d)" % (kind, self.read(ops[2], "u32"),
                                                               self.read(ops[1], ty), self.line)
        if len(outs) == 1:
            return self.write(outs[0], value, "u32")
        return "{ const u32 v_ = (u32)%s; %s %s }" % (value, self.write(outs[0], "v_", "u32"),
                                                      self.write(outs[1], "v_ != 0", "pred"))

    def op_redux(self, mods, ops, ty):
        name = next(m for m in mods if m in ("add", "min", "max", "and", "or", "xor"))
        value = "emu_warp(EMU_REDUCE_%s, %s, (u64)(s64)%s, 0, %d)" % (name.upper(), self.read(ops[2], "u32"),
                                                                     self.read(ops[1], ty), self.line)
        return self.write(ops[0], value, ty)

    def op_call(self, mods, ops, ty):
        result = None
        if ops[0].startswith("("):
            result, ops = ops[0][1:-1].strip(), ops[1:]
        arguments = split_operands(ops[1][1:-1]) if len(ops) > 1 else []
        pointers = [self.params[result] if result else "0"] + [self.params[a] for a in arguments]
        if self.register(ops[0]):
            kinds = ", ".join(["unsigned char *"] * len(pointers))
            target = "((void (*)(%s))(uintptr_t)%s)" % (kinds, self.read(ops[0], "u64"))
        elif ops[0] in self.module.functions:
            target = "f_" + c_name(ops[0])
        elif ops[0] in ("vprintf", "__assertfail"):
            target = "emu_" + ops[0].strip("_")
            pointers = pointers + [str(self.line)]
        else:
            self.fail("call of a function that is not in this file: " + ops[0])
        return "%s(%s);" % (target, ", ".join(pointers))


def unsigned_bits(ty):
    return "u%d" % (8 * SIZES[ty]) if ty != "pred" else ty


def _no_effect(self, mods, ops, ty):
    return ";"


for _name in NO_EFFECT:
    setattr(Machine, "op_" + _name, _no_effect)
