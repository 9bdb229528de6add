"""`python -m bench`: every benchmark in turn, each in a process of its own, then the tables.

What fails is told at the end, and does not stop the others.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from typing import Final

from bench import table

# In this order, with about how many minutes each takes on two cores.
BENCHES: Final = {
    "start": 1,
    "placing": 3,
    "accepting": 3,
    "positions": 2,
    "first_offer": 5,
    "tick": 5,
    "batches": 1,
    "memory": 4,
    "streams": 2,
    "assign": 3,
}


def main() -> int:
    """Run those that are asked for; 1 if one of them failed."""
    given = _parser().parse_args()
    names = given.only or list(BENCHES)
    # Modules are compiled once, as an installation has them: compiling costs time and memory.
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    failed = []
    began = time.monotonic()
    for number, name in enumerate(names, start=1):
        gone_min = (time.monotonic() - began) / 60
        about = "" if given.quick else f", about {BENCHES[name]} min"
        print(f"[{number}/{len(names)}] {name}{about}; {gone_min:.1f} min gone", file=sys.stderr)
        argv = [sys.executable, "-m", f"bench.{name}", *(["--quick"] if given.quick else [])]
        if subprocess.run(argv, env=environment, check=False).returncode:  # noqa: S603
            failed.append(name)
    print(f"{(time.monotonic() - began) / 60:.1f} min in all", file=sys.stderr)
    if not given.quick:
        table.main()
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    made.add_argument(
        "--only", action="append", choices=list(BENCHES), help="this one; may be repeated"
    )
    made.add_argument(
        "--quick", action="store_true", help="small, to see that each works; keeps no results"
    )
    return made


if __name__ == "__main__":
    sys.exit(main())
