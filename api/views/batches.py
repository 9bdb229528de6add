"""A kept batch in minutes and words."""

from __future__ import annotations

from api.schemas import batches as schemas
from api.wire import Call
from dispatch import keeping
from dispatch.records.batches import Batch, Wanting
from matching import texts
from matching.batch import SCALE


def batch_view(batch: Batch, call: Call) -> schemas.Batch:
    """The figures of a batch."""
    return schemas.Batch(
        id=batch.id,
        at=batch.at,
        orders=batch.orders,
        seats=batch.seats,
        orders_served=batch.orders_served,
        seats_filled=batch.seats_filled,
        cost=batch.cost / SCALE,
        proven=batch.unit is not None,
        gap=None if batch.unit is None else (batch.penalty - batch.bound) / SCALE,
        unit=None if batch.unit is None else batch.unit / SCALE,
        greedy=schemas.Greedy(orders_served=batch.greedy_served, cost=batch.greedy_cost / SCALE),
        competences=[
            _competence(slug, price, batch, call) for slug, price in batch.competences.items()
        ],
    )


def proof_view(batch: Batch, call: Call) -> schemas.BatchProof:
    """A batch with its proof, which is checked here as if nobody had checked it before."""
    refuted = keeping.batch_refuted(batch)
    prices = dict(batch.proof["prices"])
    return schemas.BatchProof(
        **dict(batch_view(batch, call)),
        orders_named=[_order(order, batch, prices) for order in batch.problem["orders"]],
        cases=len(batch.proof["cases"]),
        checked=refuted is None,
        refuted=refuted,
    )


def _order(order: Wanting, batch: Batch, prices: dict[int, int]) -> schemas.BatchOrder:
    costs = dict(order["costs"])
    return schemas.BatchOrder(
        order_id=order["order_id"],
        seats=order["seats"],
        weight=order["weight"],
        nurses=len(costs),
        named=[
            schemas.Named(
                nurse_id=batch.problem["nurses"][place],
                cost=costs[place] / SCALE,
                price=prices.get(place, 0) / SCALE,
            )
            for place in order["named"]
        ],
    )


def _competence(slug: str, price: int | None, batch: Batch, call: Call) -> schemas.CompetencePrice:
    known = call.catalogue.specialties.get(slug)
    left_out = any(slug in it["needs"] and not it["named"] for it in batch.problem["orders"])
    return schemas.CompetencePrice(
        specialty=slug,
        name=known.label.in_language(call.language) if known else slug,
        price=None if price is None else price / SCALE,
        text=texts.price(price, left_out, call.language),
    )
