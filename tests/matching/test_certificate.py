"""What is kept of a batch: the problem without those who cannot matter, its proof, its prices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching import assignment, certificate, texts
from tests.matching.test_assignment import demand, random_batch, worth


def test_who_costs_more_than_enough_others_cannot_matter() -> None:
    trimmed = 0
    for seed in range(300):
        demands = random_batch(seed)[:2]
        kept = certificate.certify(demands)
        best = assignment.assign(demands)

        named = dict(kept.assignment.nurses)
        assert worth(demands, named) == worth(demands, dict(best.nurses)), seed
        assert kept.checked is not None
        assert kept.checked.gap == 0
        trimmed += sum(map(len, (it.costs for it in demands))) > sum(
            map(len, (it.costs for it in kept.batch))
        )
    assert trimmed > 30


def test_what_nearest_first_would_have_come_to_stands_beside_it() -> None:
    kept = certificate.certify([demand(1, {101: 1.0, 102: 2.0}), demand(2, {101: 5.0})])

    assert (kept.assignment.orders_served, kept.assignment.total_cost) == (2, 7.0)
    assert (kept.beside.greedy_served, kept.beside.greedy_cost) == (1, 1_000)


def test_a_competence_has_a_price_where_all_who_have_it_are_wanted() -> None:
    plenty = replace(demand(1, {101: 1.0, 102: 2.0, 103: 3.0}), needs=frozenset({"wound_care"}))
    rivals = [
        replace(demand(order, {104: 1.0}), needs=frozenset({"picc", "wound_care"}))
        for order in (2, 3)
    ]
    nobody = replace(demand(4, {}), needs=frozenset({"dialysis"}))
    kept = certificate.certify([plenty, *rivals, nobody])

    assert kept.checked is not None
    assert kept.beside.competences.keys() == {"picc", "dialysis"}
    assert kept.beside.competences["dialysis"] is None
    assert kept.beside.competences["picc"]


def test_a_proof_that_does_not_hold_is_told() -> None:
    demands = [demand(1, {101: 1.0, 102: 2.0}), demand(2, {101: 5.0, 102: 9.0})]
    kept = certificate.certify(demands)
    found, beside = kept.assignment, kept.beside

    assert certificate.judged(demands, found, beside)[1] is None
    for lie, told, words in (
        (replace(found, bound=found.bound + 1), beside, "the bound is not what is proven"),
        (replace(found, bound=found.bound - 1), beside, "the bound is not what is proven"),
        (found, replace(beside, greedy_served=1), "taking the nearest comes to something else"),
        (found, replace(beside, greedy_cost=7), "taking the nearest comes to something else"),
        (found, replace(beside, competences={"picc": 1}), "a competence has another price"),
    ):
        assert certificate.judged(demands, lie, told) == (None, words)


@pytest.mark.parametrize(
    ("price", "left_out", "words"),
    [
        (None, True, "Nobody has it"),
        (8_900, True, "One more who has it could let another be served"),
        (1_240, False, "One more who has it would save 1.2 min of travel at most"),
    ],
)
def test_a_price_in_words(price: int | None, left_out: bool, words: str) -> None:
    assert texts.price(price, left_out, "en") == words
    assert texts.price(price, left_out, "zh-CN") != words
