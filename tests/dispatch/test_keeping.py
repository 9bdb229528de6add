"""What is kept of a decision decides the same again."""

from __future__ import annotations

from dispatch import keeping
from matching import assignment, certificate, decide
from tests.matching.build import NOW, frame
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
