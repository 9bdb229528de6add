"""What is kept of what the matcher decided: ids, numbers and codes, bounded; and the way back."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from dispatch.ids import new_id
from dispatch.records import batches, decisions, shortages
from dispatch.records.batches import Batch, Priced
from dispatch.records.orders import Order
from matching import certificate, decide, proof, shortage, spans
from matching.batch import SCALE, Assignment, Beside, Demand, Leaf, whole
from matching.certificate import Certificate
from matching.proof import Refuted
from matching.shortage import Shortage, Wanted
from matching.spans import Span

# Of those who were considered: the best, and of the refused some for each reason.
REFUSED_MAX: Final = 100
REFUSED_PER_RULE: Final = 10

# A shortage that holds on keeps its id and when it was found.
NOT_DIGESTED: Final = frozenset(("id", "found_at", "held_at", "ended_at", "digest"))

Hours = Mapping[UUID, Sequence[Span]]
"""What is left of nurses' shifts, by their ids."""


def decision_of(
    order: Order,
    decision: decide.Decision,
    eligible_max: int,
    travel: Mapping[str, Any],
    now: datetime,
    batch_id: UUID | None = None,
) -> decisions.Decision:
    """A decision as it is kept, and shown; `travel` tells by what ways were measured."""
    eligible = [one for one in decision.considered if one.eligible]
    asked = {ask.nurse_id for ask in decision.plan.asks}
    beyond = [one for one in eligible[eligible_max:] if one.nurse_id in asked]
    shown = [*eligible[:eligible_max], *beyond, *_sample(decision.considered)]
    alert, reach = decision.plan.alert, decision.plan.reach
    open_to = reach.open_to if reach else {}
    return decisions.Decision(
        order_id=order.id,
        round=order.round,
        wave=decision.plan.wave,
        asked=bool(decision.plan.asks),
        at=now,
        considered=[_line(one, open_to.get(one.nurse_id, ())) for one in shown],
        summary=decisions.Summary(
            considered=len(decision.considered),
            eligible=len(eligible),
            counts=dict(decision.counts),
            alternatives=[way.value for way in decision.alternatives],
            alert=alert.value if alert else None,
            wave=decisions.Wave(
                seats=list(reach.seats),
                size=reach.size,
                waves=reach.waves,
                target=reach.target,
                most=reach.most,
            )
            if reach
            else None,
        ),
        batch_id=batch_id,
        travel=dict(travel),
        nearest={
            str(one.nurse_id): (one.nearest.kind, one.nearest.value)
            for one in shown
            if one.nearest is not None
        },
    )


def batch_of(certified: Certificate, now: datetime) -> Batch:
    """A batch with its proof as it is kept."""
    found, demands = certified.assignment, certified.batch
    nurses = sorted({nurse for demand in demands for nurse in demand.costs})
    nurse_at = {nurse: place for place, nurse in enumerate(nurses)}
    order_at = {demand.order_id: place for place, demand in enumerate(demands)}
    kept = Batch(
        id=new_id(),
        at=now,
        orders=len(demands),
        seats=sum(demand.seats for demand in demands),
        orders_served=found.orders_served,
        seats_filled=found.seats_filled,
        cost=certificate.cost_of(demands, found.nurses),
        penalty=found.penalty,
        bound=found.bound,
        unit=None if certified.checked is None else certified.checked.unit,
        refuted=certified.refuted,
        greedy_served=certified.beside.greedy_served,
        greedy_cost=certified.beside.greedy_cost,
        competences=dict(certified.beside.competences),
        problem=batches.Problem(
            nurses=nurses,
            orders=[
                batches.Wanting(
                    order_id=demand.order_id,
                    seats=demand.seats,
                    weight=demand.weight,
                    needs=sorted(demand.needs),
                    costs=sorted((nurse_at[it], whole(cost)) for it, cost in demand.costs.items()),
                    named=[nurse_at[nurse] for nurse in found.nurses[demand.order_id]],
                )
                for demand in demands
            ],
        ),
        proof=batches.Proof(
            prices=_priced(found.prices, nurse_at),
            cases=[
                batches.Case(
                    forced=_places(leaf.forced, order_at),
                    dropped=_places(leaf.dropped, order_at),
                    prices=_priced(leaf.prices, nurse_at),
                )
                for leaf in found.leaves
            ],
        ),
    )
    return replace(kept, digest=digest_of(kept))


def batch_refuted(batch: Batch) -> str | None:
    """What is wrong with a kept batch, or None: its proof is checked as if nobody had before."""
    if not _as_kept(batch):
        return "the row is not as it was kept"
    return certificate.judged(*claim_of(batch))[1]


def claim_of(batch: Batch) -> tuple[list[Demand], Assignment, Beside]:
    """The problem of a kept batch and what was said of it, to be checked again."""
    nurses, orders = batch.problem["nurses"], batch.problem["orders"]
    demands = [
        Demand(
            order_id=order["order_id"],
            seats=order["seats"],
            weight=order["weight"],
            needs=frozenset(order["needs"]),
            costs={nurses[place]: cost / SCALE for place, cost in order["costs"]},
        )
        for order in orders
    ]
    found = Assignment(
        nurses={
            order["order_id"]: tuple(nurses[place] for place in order["named"]) for order in orders
        },
        orders_served=batch.orders_served,
        seats_filled=batch.seats_filled,
        total_cost=batch.cost / SCALE,
        prices=_by_nurse(batch.proof["prices"], nurses),
        penalty=batch.penalty,
        bound=batch.bound,
        leaves=tuple(
            Leaf(
                forced=frozenset(orders[place]["order_id"] for place in case["forced"]),
                dropped=frozenset(orders[place]["order_id"] for place in case["dropped"]),
                prices=_by_nurse(case["prices"], nurses),
            )
            for case in batch.proof["cases"]
        ),
    )
    beside = Beside(
        greedy_served=batch.greedy_served,
        greedy_cost=batch.greedy_cost,
        competences=batch.competences,
    )
    return demands, found, beside


def shortage_of(short: Shortage, free_hours: Hours, now: datetime) -> shortages.Shortage:
    """The certificate with all that is needed to count again."""
    hull = Span(
        min(one.opens_at for one in short.orders), max(one.hull.ends_at for one in short.orders)
    )
    place = {nurse.nurse_id: number for number, nurse in enumerate(short.nurses)}
    kept = shortages.Shortage(
        id=new_id(),
        county=short.orders[0].county,
        order_ids=sorted(one.order_id for one in short.orders),
        starts_at=hull.starts_at,
        ends_at=hull.ends_at,
        seats=short.seats,
        visits_max=short.visits_max,
        certificate=shortages.Certificate(
            orders=[
                shortages.Short(
                    order_id=one.order_id,
                    seats=one.seats,
                    opens_at=one.opens_at,
                    closes_at=one.closes_at,
                    lasts_s=one.lasts_s,
                    needs=sorted(one.needs),
                    nurses=sorted(place[nurse_id] for nurse_id in one.nurse_ids),
                )
                for one in short.orders
            ],
            nurses=[
                shortages.Able(
                    nurse_id=nurse.nurse_id,
                    visits_max=nurse.visits_max,
                    free_hours=[
                        (span.starts_at, span.ends_at)
                        for span in spans.within(free_hours.get(nurse.nurse_id, ()), [hull])
                    ],
                )
                for nurse in short.nurses
            ],
        ),
        found_at=now,
        held_at=now,
    )
    return replace(kept, digest=digest_of(kept))


def shortage_holds(kept: shortages.Shortage) -> bool:
    """Whether a kept certificate adds up: counted again from its own orders, nurses and hours."""
    if not _as_kept(kept):
        return False
    nurses = kept.certificate["nurses"]
    orders = tuple(
        Wanted(
            order_id=one["order_id"],
            seats=one["seats"],
            county=kept.county,
            opens_at=one["opens_at"],
            closes_at=one["closes_at"],
            lasts_s=one["lasts_s"],
            needs=frozenset(one["needs"]),
            nurse_ids=frozenset(nurses[number]["nurse_id"] for number in one["nurses"]),
        )
        for one in kept.certificate["orders"]
    )
    claimed = Shortage(
        orders=orders,
        nurses=tuple(
            shortage.Able(nurse_id=nurse["nurse_id"], visits_max=nurse["visits_max"])
            for nurse in nurses
        ),
        seats=kept.seats,
        visits_max=kept.visits_max,
    )
    hours = {nurse["nurse_id"]: [Span(*span) for span in nurse["free_hours"]] for nurse in nurses}
    try:
        proof.check_shortage(claimed, orders, hours)
    except Refuted:
        return False
    return (kept.order_ids, kept.starts_at, kept.ends_at) == (
        sorted(one.order_id for one in orders),
        min(one.opens_at for one in orders),
        max(one.closes_at + timedelta(seconds=one.lasts_s) for one in orders),
    )


def digest_of(kept: Batch | shortages.Shortage) -> str:
    """SHA-256 of a proof as it is kept, in hex: the arithmetic alone would let some of its numbers
    be changed (other prices can prove the same bound)."""
    said = {
        one.name: getattr(kept, one.name) for one in fields(kept) if one.name not in NOT_DIGESTED
    }
    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    return hashlib.sha256(orjson.dumps(said, default=_spelled, option=options)).hexdigest()


def _spelled(value: object) -> str:
    """Alike before it was kept and after, when times come in another zone and UUIDs are the
    driver's own."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _as_kept(kept: Batch | shortages.Shortage) -> bool:
    return kept.digest is None or kept.digest == digest_of(kept)


def _places(order_ids: Iterable[UUID], order_at: Mapping[UUID, int]) -> list[int]:
    return sorted(order_at[order_id] for order_id in order_ids)


def _priced(prices: Mapping[UUID, int], nurse_at: Mapping[UUID, int]) -> Priced:
    return sorted((nurse_at[nurse], price) for nurse, price in prices.items() if price)


def _by_nurse(prices: Collection[tuple[int, int]], nurses: Sequence[UUID]) -> dict[UUID, int]:
    return {nurses[place]: price for place, price in prices}


def _sample(considered: Sequence[decide.Considered]) -> list[decide.Considered]:
    """Of the refused, some for each rule, in their order."""
    shown: Counter[str] = Counter()
    sample: list[decide.Considered] = []
    for one in considered:
        rules = {refusal.rule for refusal in one.refusals}
        if any(shown[rule] < REFUSED_PER_RULE for rule in rules) and len(sample) < REFUSED_MAX:
            shown.update(rules)
            sample.append(one)
    return sample


def _line(one: decide.Considered, seats: Sequence[int]) -> decisions.Considered:
    return decisions.Considered(
        nurse_id=one.nurse_id,
        distance_m=one.distance_m,
        rank=one.rank,
        cost=one.cost.total if one.cost else None,
        parts=dict(one.cost.parts) if one.cost else None,
        start_at=one.fit.start_at if one.fit else None,
        travel_s=one.fit.travel_in_s if one.fit else None,
        refusals=[
            decisions.Refusal(rule=it.rule, value=it.value, threshold=it.threshold)
            for it in one.refusals
        ],
        chance=one.chance,
        seats=list(seats),
    )
