"""What the nurse's client goes by without a network is what the lifecycle says."""

from __future__ import annotations

import json

from dispatch.lifecycles import VISIT, Role, VisitState
from tests.acceptance.processes import ROOT


def test_the_moves_that_a_phone_knows_are_the_nurses() -> None:
    known = json.loads((ROOT / "web" / "nurse" / "moves.json").read_text(encoding="utf-8"))
    told = {
        state.value: sorted({move.name for move in VISIT.allowed(state, Role.NURSE)})
        for state in VisitState
    }
    assert {state: sorted(names) for state, names in known.items()} == told
