"""The counters of one kernel whose traffic is known: 1000 ints read and written by 8 blocks of 128 threads.

usage: python3 count.py EMU_SEEDED
"""

import json
import os
import subprocess
import sys
import tempfile

WANT = {"launches": 1, "blocks": 8, "threads": 1024, "thread_barriers": 0, "global_loads": 1000,
        "global_load_bytes": 4000, "global_load_sector_bytes": 4000, "global_stores": 1000, "global_store_bytes": 4000,
        "global_store_sector_bytes": 4000, "global_atomics": 0, "shared_loads": 0, "shared_stores": 0,
        "shared_atomics": 0, "warp_accesses": 64, "lane_accesses": 2000}


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "count.json")
        subprocess.run([sys.argv[1], "last_element", "0"], check=True, env=dict(os.environ, MST_EMU_COUNT=path))
        with open(path, encoding="ascii") as stream:
            kernels = json.load(stream)
    got = {k: v for k, v in kernels[0].items() if k != "kernel"}
    if len(kernels) != 1 or "copy_kernel" not in kernels[0]["kernel"] or got != WANT:
        print("counted", kernels, "expected", WANT, sep="\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
