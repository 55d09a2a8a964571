"""PTX arithmetic, logic, comparison and conversion as C (helpers of the same names are in emu_arith.h)."""

from ptx_text import C_TYPES, SIZES

ROUNDINGS = ("rz", "rm", "rp")
COMPARE = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
           "lo": "<", "ls": "<=", "hi": ">", "hs": ">="}
BITWISE = {"and": "&", "or": "|", "xor": "^"}


def is_float(ty):
    return ty in ("f32", "f64")


def unsigned(ty):
    return "u%d" % (8 * SIZES[ty])


class Arithmetic:
    """Methods op_<name>(mods, ops, ty) -> C statement; the class that uses them has read, write and fail."""

    def simple(self, ops, ty, pattern, in_types=None, out=None):
        """One destination, C pattern with {0} {1} {2} for the sources."""
        types = in_types or [ty] * (len(ops) - 1)
        values = [self.read(op, t) for op, t in zip(ops[1:], types)]
        return self.write(ops[0], pattern.format(*values, T=C_TYPES[out or ty]), out or ty)

    def float_op(self, sign, mods, ops, ty):
        mode = next((m for m in mods if m in ROUNDINGS), None)
        if "sat" in mods:
            self.fail("saturated float arithmetic")
        if not mode:
            return self.simple(ops, ty, "{0} %s {1}" % sign)
        return self.simple(ops, ty, "(%s)emu_rounded_%s('%s', '%s', {0}, {1}, 0)" % (ty, ty, sign, mode[1]))

    def carry_op(self, sign, mods, ops, ty, carry_in):
        """add/sub with carry; the carry flag of sub is a borrow."""
        wide = "u64" if SIZES[ty] == 4 else "u128"
        u, bits = unsigned(ty), 8 * SIZES[ty]
        keep = "carry = (unsigned)(t_ >> %d) & 1;" % bits if "cc" in mods else ""
        return "{ const %s t_ = (%s)%s %s %s %s; %s %s }" % (
            wide, wide, self.read(ops[1], u), sign, self.read(ops[2], u), sign + " carry" if carry_in else "",
            keep, self.write(ops[0], "(%s)t_" % u, u))

    def op_add(self, mods, ops, ty, sign="+"):
        if is_float(ty):
            return self.float_op(sign, mods, ops, ty)
        if "cc" in mods:
            return self.carry_op(sign, mods, ops, ty, False)
        if "sat" in mods:
            return self.simple(ops, ty, "saturate_s32((s64){0} %s (s64){1})" % sign)
        u = unsigned(ty)
        return self.simple(ops, ty, "{0} %s {1}" % sign, [u, u])

    def op_sub(self, mods, ops, ty):
        return self.op_add(mods, ops, ty, "-")

    def op_addc(self, mods, ops, ty):
        return self.carry_op("+", mods, ops, ty, True)

    def op_subc(self, mods, ops, ty):
        return self.carry_op("-", mods, ops, ty, True)

    def product(self, mods, ops, ty):
        """(C expression of the product of operands 1 and 2, its type)."""
        a, b = self.read(ops[1], ty), self.read(ops[2], ty)
        if "wide" in mods:
            out = "%s%d" % (ty[0], 16 * SIZES[ty])
            return "((%s)%s * (%s)%s)" % (out, a, out, b), out
        if "hi" in mods:
            return "mul_hi_%s(%s, %s)" % (C_TYPES[ty], a, b), ty
        u = unsigned(ty)
        return "(%s)((u64)%s * (u64)%s)" % (u, self.read(ops[1], u), self.read(ops[2], u)), ty

    def op_mul(self, mods, ops, ty):
        if is_float(ty):
            return self.float_op("*", mods, ops, ty)
        value, out = self.product(mods, ops, ty)
        return self.write(ops[0], value, out)

    def op_mad(self, mods, ops, ty):
        if is_float(ty):
            return self.op_fma(mods, ops, ty)
        if "cc" in mods:
            return self.op_madc(mods, ops, ty, False)
        value, out = self.product(mods, ops, ty)
        if "sat" in mods:
            self.fail("mad.sat")
        return self.write(ops[0], "(u64)(%s) + (u64)%s" % (value, self.read(ops[3], out)), out)

    def op_madc(self, mods, ops, ty, carry_in=True):
        value, _ = self.product(mods, ops, ty)
        u, wide, bits = unsigned(ty), "u64" if SIZES[ty] == 4 else "u128", 8 * SIZES[ty]
        keep = "carry = (unsigned)(t_ >> %d) & 1;" % bits if "cc" in mods else ""
        return "{ const %s t_ = (%s)(%s)(%s) + %s %s; %s %s }" % (
            wide, wide, u, value, self.read(ops[3], u), "+ carry" if carry_in else "", keep,
            self.write(ops[0], "(%s)t_" % u, u))

    def op_fma(self, mods, ops, ty):
        mode = next((m for m in mods if m in ROUNDINGS), None)
        if mode:
            return self.simple(ops, ty, "(%s)emu_rounded_%s('f', '%s', {0}, {1}, {2})" % (ty, ty, mode[1]))
        return self.simple(ops, ty, ("fmaf" if ty == "f32" else "fma") + "({0}, {1}, {2})")

    def op_div(self, mods, ops, ty):
        if is_float(ty):
            return self.float_op("/", mods, ops, ty)
        return self.simple(ops, ty, "div_{T}({0}, {1})")

    def op_rem(self, mods, ops, ty):
        return self.simple(ops, ty, "rem_{T}({0}, {1})")

    def op_min(self, mods, ops, ty, name="min"):
        if "NaN" in mods or "xorsign" in mods:
            self.fail(name + " with NaN or xorsign")
        return self.simple(ops, ty, name + "_{T}({0}, {1})")

    def op_max(self, mods, ops, ty):
        return self.op_min(mods, ops, ty, "max")

    def op_abs(self, mods, ops, ty):
        return self.simple(ops, ty, {"f32": "fabsf({0})", "f64": "fabs({0})"}.get(ty, "({0} < 0 ? 0 - {0} : {0})"))

    def op_neg(self, mods, ops, ty):
        return self.simple(ops, ty, "-{0}" if is_float(ty) else "0 - {0}")

    def op_sad(self, mods, ops, ty):
        return self.simple(ops, ty, "({0} < {1} ? {1} - {0} : {0} - {1}) + {2}")

    def op_and(self, mods, ops, ty, sign="&"):
        return self.simple(ops, ty, "{0} %s {1}" % sign)

    def op_or(self, mods, ops, ty):
        return self.op_and(mods, ops, ty, "|")

    def op_xor(self, mods, ops, ty):
        return self.op_and(mods, ops, ty, "^")

    def op_not(self, mods, ops, ty):
        return self.simple(ops, ty, "!{0}" if ty == "pred" else "~{0}")

    def op_shl(self, mods, ops, ty):
        return self.simple(ops, ty, "shl_{T}({0}, {1})", [unsigned(ty), "u32"], unsigned(ty))

    def op_shr(self, mods, ops, ty):
        return self.simple(ops, ty, "shr_{T}({0}, {1})", [ty, "u32"])

    def op_shf(self, mods, ops, ty):
        return self.simple(ops, "u32", "shf_%s({0}, {1}, {2}, %d)" % (mods[0], "clamp" in mods))

    def op_lop3(self, mods, ops, ty):
        return self.simple(ops, "u32", "lop3({0}, {1}, {2}, {3})")

    def op_prmt(self, mods, ops, ty):
        if len(mods) > 1:
            self.fail("prmt with a mode")
        return self.simple(ops, "u32", "prmt({0}, {1}, {2})")

    def op_bfe(self, mods, ops, ty):
        return self.simple(ops, ty, "(%s)bfe((u64)(s64){0}, %d, {1}, {2}, %d)"
                           % (C_TYPES[ty], 8 * SIZES[ty], ty[0] == "s"), [ty, "u32", "u32"])

    def op_bfi(self, mods, ops, ty):
        return self.simple(ops, ty, "bfi({0}, {1}, %d, {2}, {3})" % (8 * SIZES[ty]), [ty, ty, "u32", "u32"])

    def op_bfind(self, mods, ops, ty):
        return self.simple(ops, ty, "bfind((u64)(s64){0}, %d, %d, %d)"
                           % (8 * SIZES[ty], ty[0] == "s", "shiftamt" in mods), [ty], "u32")

    def op_bmsk(self, mods, ops, ty):
        return self.simple(ops, "u32", "bmsk({0}, {1}, %d)" % ("clamp" in mods))

    def op_brev(self, mods, ops, ty):
        return self.simple(ops, ty, "brev((u64){0}, %d)" % (8 * SIZES[ty]))

    def op_popc(self, mods, ops, ty):
        return self.simple(ops, ty, "(u32)__builtin_popcountll((u64){0})", out="u32")

    def op_clz(self, mods, ops, ty):
        return self.simple(ops, ty, "clz((u64){0}, %d)" % (8 * SIZES[ty]), out="u32")

    def op_dp4a(self, mods, ops, ty):
        return self.simple(ops, "u32", "dp4a({0}, {1}, {2}, %d, %d)" % (mods[0] == "s32", mods[1] == "s32"))

    def op_selp(self, mods, ops, ty):
        return self.simple(ops, ty, "({2} ? {0} : {1})", [ty, ty, "pred"])

    def op_slct(self, mods, ops, ty):
        kinds = [m for m in mods if m in SIZES]
        return self.simple(ops, kinds[0], "({2} >= 0 ? {0} : {1})", [kinds[0], kinds[0], kinds[1]], kinds[0])

    def comparison(self, compare, ty, ops):
        """C truth of comparing operands 1 and 2. Float: ne is false with a NaN; a name ending in u is true."""
        kind = unsigned(ty) if compare in ("lo", "ls", "hi", "hs") else ty
        a, b = self.read(ops[1], kind), self.read(ops[2], kind)
        unordered = "(isnan(%s) || isnan(%s))" % (a, b)
        if compare in ("num", "nan"):
            return ("!" if compare == "num" else "") + unordered
        if compare in COMPARE:
            ordered = "(!%s && " % unordered if compare == "ne" and is_float(ty) else "("
            return "%s%s %s %s)" % (ordered, a, COMPARE[compare], b)
        if compare[:-1] in COMPARE and compare[-1] == "u":
            return "(%s || %s %s %s)" % (unordered, a, COMPARE[compare[:-1]], b)
        return self.fail("unknown comparison " + compare)

    def op_setp(self, mods, ops, ty):
        join = next((m for m in mods if m in BITWISE), None)
        test, outs = self.comparison(mods[0], ty, ops), ops[0].split("|")
        rest = " %s %s" % (BITWISE[join], self.read(ops[3], "pred")) if join else ""
        second = self.write(outs[1], "!t_" + rest, "pred") if len(outs) > 1 else ""
        first = self.write(outs[0], "t_" + rest, "pred")
        if not second:
            return self.write(outs[0], test + rest, "pred")
        return "{ const bool t_ = %s; const bool q_ = !t_%s; %s %s }" % (
            test, rest, first, self.write(outs[1], "q_", "pred"))

    def op_set(self, mods, ops, ty):
        out, kind = [m for m in mods if m in SIZES]
        return self.write(ops[0], "%s ? %s : 0" % (self.comparison(mods[0], kind, ops),
                                                   "1.0f" if out == "f32" else "0xffffffffu"), out)

    def op_cvt(self, mods, ops, ty):
        out, source = [m for m in mods if m in SIZES]
        mode = next((m for m in mods if m[0] == "r" and m in ("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi")), "rn")
        value = self.read(ops[1], source)
        if is_float(source):
            return self.write(ops[0], self.from_float(value, source, out, mode, mods), out)
        if is_float(out):
            if mode == "rn":
                return self.write(ops[0], "(%s)%s" % (out, value), out)
            kind = "s" if source[0] == "s" else "u"
            return self.write(ops[0], "emu_int_to_%s_%s((%s64)%s, '%s')" % (out, kind, kind, value, mode[1]), out)
        if "sat" in mods:
            value = "saturate(%s, %d, %d, %d)" % ("(s128)" + value, 8 * SIZES[out], out[0] == "s", 0)
        return self.write(ops[0], value, out)

    def from_float(self, value, source, out, mode, mods):
        if "sat" in mods:
            self.fail("cvt.sat of a float")
        if is_float(out):
            if mode.endswith("i"):
                return "(%s)round_to_int(%s, '%s')" % (out, value, mode[1])
            if SIZES[out] >= SIZES[source] or mode == "rn":
                return "(%s)%s" % (out, value)
            return "emu_rounded_f32('n', '%s', %s, 0, 0)" % (mode[1], value)
        return "(%s)float_to_int(round_to_int(%s, '%s'), %d, %d, %d)" % (
            C_TYPES[out], value, mode[1], 8 * SIZES[out], out[0] == "s", source == "f64")

    def unary_float(self, name, mods, ops, ty):
        """Functions of one float: sqrt.rn and rcp.rn are exact, the approximate ones are libm's."""
        if name in ("sqrt", "rcp") and not any(m in ("rn", "approx") for m in mods):
            self.fail(name + " in an unusual rounding mode")
        return self.simple(ops, ty, "ptx_%s_%s({0})" % (name, ty))

    def op_testp(self, mods, ops, ty):
        test = {"nan": "isnan", "finite": "isfinite", "infinite": "isinf", "normal": "isnormal"}[mods[0]]
        return self.simple(ops, ty, test + "({0})", out="pred")

    def op_copysign(self, mods, ops, ty):
        return self.simple(ops, ty, ("copysignf" if ty == "f32" else "copysign") + "({1}, {0})")


for _name in ("sqrt", "rsqrt", "rcp", "ex2", "lg2", "sin", "cos", "tanh"):
    setattr(Arithmetic, "op_" + _name,
            lambda self, mods, ops, ty, name=_name: self.unary_float(name, mods, ops, ty))
