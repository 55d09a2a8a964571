#!/bin/sh
# compile.sh REPORT COMMAND...: run nvcc; what it says goes to REPORT, and is shown if it fails.
report=$1
shift
"$@" >"$report" 2>&1 || { cat "$report" >&2; exit 1; }
