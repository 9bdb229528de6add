"""`python -m bench.families` compiles what the families need: then no first answer waits."""

from __future__ import annotations

import importlib

from bench.families import MODULES


def main() -> None:
    """A family that compiles nothing has no `warm_up`."""
    for module in dict.fromkeys(MODULES.values()):
        warm_up = getattr(importlib.import_module(module), "warm_up", None)
        if warm_up is not None:
            warm_up()


if __name__ == "__main__":
    main()
