"""What is kept of a decision decides the same again."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from dispatch import keeping
from dispatch.records import decisions
from matching import acceptance, assignment, certificate, decide, waves
from matching.acceptance import Acceptance
from tests import lies
from tests.matching.build import NOW, frame
from tests.matching.test_assignment import random_batch
from tests.matching.test_decide import crowd


def test_a_kept_batch_gives_the_same_choice_and_the_same_proof() -> None:
    two_seats = 0
    for seed in range(150):
        cases = crowd(seed)
        settled = decide.settle(decide.judge(cases, frame()), frame())
        kept = keeping.batch_of(settled.certificate, NOW)
        demands, claimed, beside = keeping.claim_of(kept)

        assert assignment.assign(demands) == settled.certificate.assignment, seed
        assert claimed.nurses == settled.certificate.assignment.nurses
        checked, refuted = certificate.judged(demands, claimed, beside)
        assert refuted is None
        assert checked == settled.certificate.checked
        two_seats += any(
            demand.seats == 2 and claimed.nurses[demand.order_id] for demand in demands
        )
        for decision in settled.decisions:
            named = claimed.nurses.get(decision.order_id, ())
            ranked = [one for one in decision.considered if one.cost is not None]
            assert [one.nurse_id for one in ranked[: len(named)]] == list(named)
            rest = ranked[len(named) :]
            assert rest == sorted(rest, key=lambda one: (one.cost and one.cost.total, one.nurse_id))
    assert two_seats > 50


def test_no_number_of_a_kept_proof_can_be_changed() -> None:
    """Nor of one with several cases, whose prices the arithmetic does not bind."""
    tried, cases = 0, 0
    for seed in range(400):
        batch = random_batch(seed)
        kept = keeping.batch_of(certificate.certify(batch), NOW)
        if len(kept.proof["cases"]) < 2 and seed >= 40:
            continue
        cases = max(cases, len(kept.proof["cases"]))
        assert keeping.batch_refuted(kept) is None
        for path, lie in lies.of(kept, but=keeping.NOT_DIGESTED):
            tried += 1
            assert keeping.batch_refuted(lie) is not None, (seed, path)
    assert tried > 3000
    assert cases > 1


def test_without_a_digest_the_arithmetic_stands_alone() -> None:
    """Rows of before there was one."""
    kept = replace(keeping.batch_of(certificate.certify(random_batch(1)), NOW), digest=None)
    assert keeping.batch_refuted(kept) is None
    assert keeping.batch_refuted(replace(kept, bound=kept.bound + 1)) is not None


def asked_again(kept: decisions.Decision) -> list[tuple[UUID, int]]:
    """Who is asked for which seat, by what was kept."""
    wave = kept.summary.wave
    assert wave is not None
    askable = [one for one in kept.considered if one.seats]
    chances = [one.chance for one in askable if one.chance is not None]
    size = wave.size
    if wave.waves is not None:
        assert len(chances) == len(askable)
        size = acceptance.wave_size(chances, len(wave.seats), wave.target, wave.waves, wave.most)
    open_to = {one.nurse_id: tuple(one.seats) for one in askable}
    reach = waves.Reach(
        seats=tuple(wave.seats),
        open_to=open_to,
        size=size,
        waves=wave.waves,
        target=wave.target,
        most=wave.most,
    )
    return waves.share_out(open_to, reach)


@pytest.mark.parametrize(
    "learned",
    [None, Acceptance(coefficients=(0.5, -0.8, 0.0, 0.1, 0.0, 0.0, 0.0))],
    ids=["by the policy", "by their chances"],
)
def test_a_kept_decision_asks_the_same_again(learned: Acceptance | None) -> None:
    frame_ = replace(frame(), acceptance=learned)
    sizes, asked = set(), 0
    for seed in range(80):
        for decision in decide.decide(crowd(seed), frame_):
            order = cast(Any, SimpleNamespace(id=decision.order_id, round=1))
            kept = keeping.decision_of(order, decision, 200, {}, NOW)
            if decision.plan.reach is None:
                assert kept.summary.wave is None
                continue
            sizes.add(decision.plan.reach.size)
            again = asked_again(kept)
            assert again == [(ask.nurse_id, ask.seat) for ask in decision.plan.asks], seed
            asked += len(again)
    assert asked > 200
    assert learned is None or len(sizes) > 2
