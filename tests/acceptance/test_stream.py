"""A reader whose connection breaks again and again hears of everything, once and in order."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from typing import Final

import asyncpg
import pytest

from tests.acceptance.clients import (
    OPERATOR,
    Event,
    Json,
    Person,
    ServerClock,
    Stream,
    Wire,
    time_text,
)
from tests.acceptance.processes import Deployment

SEED: Final = 3
PATIENT: Final = "+8613860000001"
STRANGER: Final = "+8613860000002"
ORDERS: Final = 60
CUTS: Final = 12
LIMIT_S: Final = 60

LAST_SEQ: Final = "SELECT max(seq) FROM outbox"
UNNUMBERED: Final = "SELECT count(*) FROM outbox WHERE seq IS NULL"
# What an operator of no particular institution may see of the outbox, in order.
FOR_STAFF: Final = "SELECT seq, event FROM outbox WHERE staff AND seq > $1 ORDER BY seq"
FOR_ACCOUNT: Final = """
    SELECT seq, event FROM outbox WHERE account_ids @> ARRAY[$2::uuid] AND seq > $1 ORDER BY seq
"""


@pytest.mark.acceptance
@pytest.mark.timeout(180)
async def test_a_stream_is_taken_up_without_a_gap(
    deployment: Deployment, owner: asyncpg.Connection
) -> None:
    await deployment.start("clock", "api")
    async with Wire.to(deployment.url, at_once=8) as wire:
        patient, stranger, operator = [
            await Person.sign_in(wire, phone) for phone in (PATIENT, STRANGER, OPERATOR)
        ]
        order = await _order(wire, patient)
        begun = await owner.fetchval(LAST_SEQ) or 0
        async with (
            _reading(patient, "/v1/stream") as hers,
            _reading(operator, "/v1/ops/stream") as theirs,
            _reading(stranger, "/v1/stream") as nothing,
        ):
            streams = [hers, theirs]
            making = asyncio.create_task(_make(patient, order))
            rng = random.Random(SEED)  # noqa: S311 - the same cuts again
            for number in range(CUTS):
                await _until(lambda: theirs.heard_of(4 * (number + 1)))  # noqa: B023
                rng.choice(streams).stream.cut()
            await deployment.stop("api")  # a release: all streams end, and come again
            await deployment.start("api")
            await making
            await _until_numbered(owner)
            wanted = await owner.fetch(FOR_ACCOUNT, begun, patient.account_id)
            seen = await owner.fetch(FOR_STAFF, begun)
            await _until(lambda: hers.heard_of(len(wanted)) and theirs.heard_of(len(seen)))
    assert hers.told == [(row["seq"], row["event"]) for row in wanted]
    assert theirs.told == [(row["seq"], row["event"]) for row in seen]
    assert nothing.told == []
    assert len(wanted) >= 2 * ORDERS
    assert hers.stream.ended + theirs.stream.ended > CUTS


class _Reader:
    """What one person has heard so far."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.told: list[tuple[int, str]] = []

    def hear(self, event: Event) -> None:
        self.told.append((event.id, event.name))

    def heard_of(self, count: int) -> bool:
        return len(self.told) >= count


@contextlib.asynccontextmanager
async def _reading(person: Person, path: str) -> AsyncIterator[_Reader]:
    reader = _Reader(Stream(person=person, path=path))
    task = asyncio.create_task(reader.stream.follow(reader.hear))
    await reader.stream.connected.wait()
    try:
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _order(wire: Wire, patient: Person) -> Json:
    """The body of an order of a patient who has just enrolled."""
    clock = ServerClock(wire)
    await clock.read()
    profile = {"name": "王桂英", "gender": "female", "birth_date": "1950-01-01", "relation": "self"}
    patient_id = (await patient.post("/v1/patients", profile))["id"]
    place = {"label": "家", "text": "中山路1号", "location": {"lat": 29.1, "lng": 119.63}}
    address = await patient.post(f"/v1/patients/{patient_id}/addresses", place)
    return {
        "patient_id": patient_id,
        "address_id": address["id"],
        "service_codes": ["EC01"],
        "window": {
            "earliest": time_text(clock.after(hours=3)),
            "latest": time_text(clock.after(hours=5)),
        },
        "urgency": "routine",
        "consent": {"version": "1", "accepted_at": time_text(clock.now)},
    }


async def _make(patient: Person, order: Json) -> None:
    for _ in range(ORDERS):
        placed = await patient.post("/v1/orders", order)
        await patient.post(f"/v1/orders/{placed['id']}/cancel", {"reason": "改期"})


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not holds():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.05)


async def _until_numbered(owner: asyncpg.Connection) -> None:
    async with asyncio.timeout(LIMIT_S):
        while await owner.fetchval(UNNUMBERED):  # noqa: ASYNC110 - the relay tells nobody
            await asyncio.sleep(0.1)
