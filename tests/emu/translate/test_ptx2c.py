"""What the translator refuses: each piece of PTX must end in an error that names its line.

usage: python3 test_ptx2c.py
"""

import sys

from ptx2c import translate
from ptx_text import PtxError

FRAME = """.version 9.0
.target sm_90
.address_size 64
.visible .entry k(
  .param .u64 k_param_0
)
{
  .reg .pred   %%p<3>;
  .reg .b32   %%r<5>;
  .reg .b64   %%rd<5>;
  %s
  ret;
}
"""
LINE = 11
REFUSED = ["wgmma.mma_async.sync %r1, %r2;", "add.f16 %r1, %r2, %r3;", "ld.global.b128 %rd1, [%rd2];",
           "mov.u32 %r1, %envreg0;", "add.s32 %r9, %r1, %r2;", "atom.global.add.noftz.f16x2 %r1, [%rd1], %r2;",
           "mul.rn.sat.f32 %r1, %r2, %r3;", "cvt.sat.f32.f32 %r1, %r2;", "setp.weird.s32 %p1, %r1, %r2;",
           "call.uni (param0), elsewhere, (param1);", "tex.2d.v4.f32.f32 {%r1}, [t, {%r2}];", "min.NaN.f32 %r1, %r2, %r3;",
           "sqrt.rz.f64 %rd1, %rd2;", ".reg .b128 %q<2>;"]
ACCEPTED = ["add.s32 %r1, %r2, 5;", "@%p1 bra DONE;\nDONE:", "ld.param.u64 %rd1, [k_param_0];", "bar.sync 0;"]


def main():
    complaints = []
    for text in REFUSED:
        try:
            translate(FRAME % text, "test")
            complaints.append("accepted: " + text)
        except PtxError as error:
            if not str(error).startswith("PTX line %d:" % LINE):
                complaints.append("another line: %s: %s" % (text, error))
    for text in ACCEPTED:
        translate(FRAME % text, "test")
    print("\n".join(complaints) or "%d refused, %d accepted" % (len(REFUSED), len(ACCEPTED)))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
