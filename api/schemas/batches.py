"""What is answered about batches: orders that were decided together, and the proof of it."""

from __future__ import annotations

from uuid import UUID

from api.schemas.conventions import Instant, View


class Greedy(View):
    """What the orders would have come to, had each in turn taken those who cost it least."""

    orders_served: int
    cost: float


class CompetencePrice(View):
    """What another hour of somebody who has it would have been worth, at most; `price` is null
    where nobody has it."""

    specialty: str
    name: str
    price: float | None = None
    text: str


class Batch(View):
    """Costs, prices and the gap are in minutes of travel. `gap` says how far from the best it can
    be: nought is the best. An order of weight 1 that is left out counts `unit`.

    Without `proven` a check found something wrong, and gap and unit are null. `competences` are
    those that were scarce.
    """

    id: UUID
    at: Instant
    orders: int
    seats: int
    orders_served: int
    seats_filled: int
    cost: float
    proven: bool
    gap: float | None = None
    unit: float | None = None
    greedy: Greedy
    competences: list[CompetencePrice]


class Named(View):
    """Who was named for an order, and what her time is worth to the batch."""

    nurse_id: UUID
    cost: float
    price: float


class BatchOrder(View):
    """An order of a batch; `nurses` of those who could go were weighed against each other."""

    order_id: UUID
    seats: int
    weight: int
    nurses: int
    named: list[Named]


class BatchProof(Batch):
    """A batch with who was named. `checked` is false, and `refuted` says why, where the proof as it
    is kept does not hold. `cases` were distinguished."""

    orders_named: list[BatchOrder]
    cases: int
    checked: bool
    refuted: str | None = None
