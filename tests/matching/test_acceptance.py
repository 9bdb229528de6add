"""Who says yes: the model finds what is there and is true; waves are as large as they must be."""

from __future__ import annotations

import random
from dataclasses import asdict
from datetime import timedelta
from math import exp, log1p, prod

import pytest

from matching import acceptance, learning, waves
from matching.acceptance import Acceptance, Answer, Ask
from matching.waves import Progress
from tests.matching.build import NOW, candidate, frame, hours, ident, need


def answers(count: int, seed: int = 1) -> list[Answer]:
    """Nurses with leanings of their own who like it near, well paid and by day."""
    rolled = random.Random(seed)  # noqa: S311
    found = []
    for number in range(count):
        nurse = rolled.randrange(100)
        ask = Ask(
            service="LT09" if rolled.random() < 0.5 else "EC01",
            distance_m=rolled.expovariate(1 / 5_000),
            pay_fen=rolled.randrange(8_000, 30_000),
            load=rolled.randrange(30),
            asked_at=NOW + timedelta(minutes=17 * number),
        )
        odds = -1.0 - 0.8 * log1p(ask.distance_m / 1000) + 0.4 * log1p(ask.pay_fen / 100)
        odds -= 1.5 * ask.measures()[-1] - (0.6 if ask.service == "LT09" else 0)
        odds += (nurse - 50) / 30
        accepted = rolled.random() < 1 / (1 + exp(-odds))
        found.append(Answer(ask=ask, nurse_id=ident(nurse), accepted=accepted))
    return found


def test_what_matters_is_found_and_what_does_not_is_nothing() -> None:
    made = learning.learn(answers(8_000))
    assert made is not None
    found = dict(zip(acceptance.TERMS, made.model.coefficients, strict=True))
    assert found["distance"] == pytest.approx(-0.8, abs=0.15)
    assert found["night"] == pytest.approx(-1.5, abs=0.3)
    assert found["load"] == pytest.approx(0, abs=0.1)
    liked = made.model.services["LT09"] - made.model.services["EC01"]
    assert liked == pytest.approx(0.6, abs=0.2)
    assert made.leanings[ident(95)] - made.leanings[ident(5)] == pytest.approx(3.0, abs=1.0)


def test_what_it_says_is_true_of_offers_it_has_not_seen() -> None:
    made = learning.learn(answers(8_000))
    assert made is not None
    unseen = answers(8_000, seed=2)
    said = [made.model.chance(one.ask, made.leanings[one.nurse_id]) for one in unseen]
    for low, high in ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 1.0)):
        part = [(p, one.accepted) for p, one in zip(said, unseen, strict=True) if low <= p < high]
        told, found = sum(p for p, _ in part), sum(accepted for _, accepted in part)
        assert len(part) > 200
        assert told / len(part) == pytest.approx(found / len(part), abs=0.05)
    assert sum(bar.offers for bar in made.model.reliability) == 1_200
    assert all(abs(bar.said - bar.found) < 0.15 for bar in made.model.reliability)


def test_one_answer_says_little_of_a_nurse() -> None:
    many = answers(4_000)
    ask = many[0].ask
    once = Answer(ask=ask, nurse_id=ident(901), accepted=True)
    often = [Answer(ask=ask, nurse_id=ident(902), accepted=True)] * 30
    made = learning.learn([once, *often, *many])
    assert made is not None
    assert 0 < made.leanings[ident(901)] < 1 < made.leanings[ident(902)]


def test_too_few_answers_teach_nothing() -> None:
    assert learning.learn(answers(learning.LEAST - 1)) is None
    yes = [Answer(ask=one.ask, nurse_id=one.nurse_id, accepted=True) for one in answers(1_000)]
    assert learning.learn(yes) is None


def test_it_is_kept_and_read_again() -> None:
    made = learning.learn(answers(1_000))
    assert made is not None
    assert Acceptance.of(asdict(made.model)) == made.model


@pytest.mark.parametrize("seed", range(50))
def test_a_wave_is_as_large_as_it_must_be_and_no_larger(seed: int) -> None:
    rolled = random.Random(seed)  # noqa: S311
    chances = [rolled.uniform(0.05, 0.9) for _ in range(20)]
    target, waves_, seats = rolled.uniform(0.5, 0.99), rolled.randint(1, 5), rolled.randint(1, 2)
    size = acceptance.wave_size(chances, seats, target, waves_, 12)

    def fails(size: int) -> list[float]:
        return [prod(1 - p for p in chances[seat::seats][:size]) for seat in range(seats)]

    may_fail = (1 - target) ** (1 / waves_)
    assert size == 12 or max(fails(size)) <= may_fail + 1e-9
    assert size == 1 or max(fails(size - 1)) > may_fail


def test_the_nearer_the_promise_the_fewer_waves() -> None:
    def left(minutes: float, done: int = 0) -> int:
        promise_at = NOW + timedelta(minutes=minutes)
        return acceptance.waves_in_all(NOW, promise_at, 180, done, 4)

    assert [left(-1), left(1), left(3), left(7), left(600)] == [1, 1, 2, 3, 4]
    assert left(1, done=2) == 3
    assert acceptance.waves_in_all(NOW, None, 180, 0, 4) == 4


def test_a_wave_asks_as_many_as_the_promise_needs() -> None:
    ranked = [candidate(nurse_id=ident(100 + n)) for n in range(20)]
    chances = {one.nurse_id: 0.3 for one in ranked}

    def asked(promise_h: float) -> int:
        wanted = need(promise_at=hours(promise_h))
        made = waves.plan(wanted, Progress(), ranked, {}, frame().policy, NOW, chances)
        return len(made.asks)

    # 0.7^3 is below 0.05^(1/4) = 0.47; 0.7^9 below 0.05.
    assert (asked(4), asked(0.01)) == (3, 9)
