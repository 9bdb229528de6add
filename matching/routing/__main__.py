"""`python -m matching.routing` compiles the engine, so that no first plan waits for it."""

from __future__ import annotations

import contextlib

from matching.routing.search import warm_up

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        warm_up()
