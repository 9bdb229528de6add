"""Owns what is kept of a batch, so that anybody may judge it again: the problem, the choice, its
proof, and what taking the nearest would have come to.

Whether the proof holds is `matching/proof.py`'s to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from matching import assignment, proof
from matching.batch import Assignment, Beside, Demand, nearest_first, whole
from matching.proof import Checked, Refuted


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """`batch` is the problem, of each order only the nurses who can matter.

    `checked` is None where the check found something wrong, which `refuted` names.
    """

    batch: tuple[Demand, ...]
    assignment: Assignment
    checked: Checked | None
    refuted: str | None
    beside: Beside


def certify(batch: Sequence[Demand]) -> Certificate:
    """The best assignment of the batch, checked, beside what the orders would take in this order.

    A proof that does not hold is told, not raised: nobody waits for a nurse because of it.
    """
    trimmed = tuple(_trimmed(batch))
    found = assignment.assign(trimmed)
    greedy = nearest_first(trimmed)
    beside = Beside(
        greedy_served=sum(1 for named in greedy.values() if named),
        greedy_cost=cost_of(trimmed, greedy),
        competences=_prices(trimmed, found),
    )
    checked, refuted = judged(trimmed, found, beside)
    return Certificate(
        batch=trimmed, assignment=found, checked=checked, refuted=refuted, beside=beside
    )


def judged(
    batch: Sequence[Demand], found: Assignment, beside: Beside
) -> tuple[Checked, None] | tuple[None, str]:
    """What the check says: what is true of the assignment, or what is not."""
    try:
        proof.check_beside(batch, found, beside)
        return proof.check(batch, found), None
    except Refuted as refusal:
        return None, str(refusal)


def cost_of(batch: Sequence[Demand], named: Mapping[UUID, Sequence[UUID]]) -> int:
    """The sum for all who are named, in thousandths."""
    return sum(whole(demand.costs[nurse]) for demand in batch for nurse in named[demand.order_id])


def _trimmed(batch: Sequence[Demand]) -> list[Demand]:
    """Of one nurse more than there are seats in the batch somebody is always left for an order, so
    that who comes after them can be no better."""
    enough = 1 + sum(demand.seats for demand in batch)
    return [
        demand
        if len(demand.costs) <= enough
        else replace(
            demand,
            costs=dict(sorted(demand.costs.items(), key=lambda it: (whole(it[1]), it[0]))[:enough]),
        )
        for demand in batch
    ]


def _prices(batch: Sequence[Demand], found: Assignment) -> dict[str, int | None]:
    holders: dict[str, set[UUID]] = {}
    for demand in batch:
        for slug in demand.needs:
            holders.setdefault(slug, set()).update(demand.costs)
    least = {
        slug: min((found.prices.get(nurse, 0) for nurse in who), default=None)
        for slug, who in sorted(holders.items())
    }
    return {slug: price for slug, price in least.items() if price != 0}
