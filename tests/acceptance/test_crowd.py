"""The crowd on the real processes: its table says what the database says, and it touches its own.

Everybody in it errs far more often here than in the demo, so that a minute sees it all happen.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import asyncpg
import pytest

from demo import region
from demo.crowd import client, temper
from demo.crowd import crowd as crowds
from demo.crowd.crowd import Crowd, Plan
from demo.crowd.ledger import ENDS, Figures, Ledger, Spread, figures, gini
from demo.crowd.mix import Timing
from demo.region import Region
from dispatch import migrate
from tests.acceptance import invariants
from tests.acceptance.clients import OPERATOR, REVIEWER, Person, ServerClock, Wire, time_text
from tests.acceptance.conftest import COUNTY, MORNING
from tests.acceptance.conftest import SEED as REGION_SEED
from tests.acceptance.processes import Deployment

# While nurses are sought, minutes pass in the time of an answer at most; while they are on their
# way and at work, hours pass. The crowd is told of the slow pace only, and follows what it reads.
SEEKING_SCALE: Final = 8
VISITING_SCALE: Final = 100
READS_CLOCK_S: Final = 0.5
ORDERS: Final = 60
RATE: Final = 5.0
PEOPLE: Final = 400
SEED: Final = 4
ASSIGNED: Final = 40
SEEKING_S: Final = 60.0
COMPLETED: Final = 12
VISITING_S: Final = 75.0
LOOK_S: Final = 0.25
STRANGER: Final = "+8613650000001"

ODDS: Final = {
    "CANCELS": 0.15,
    "RESCHEDULES": 0.15,
    "REJECTED": 0.1,
    "NEEDS_INFO": 0.15,
    "PREFERS_KNOWN_NURSE": 1.0,
    "RELEASES": 0.15,
    "LATE": 0.4,
    "OFFLINE": 0.4,
    "OUTSIDE": 0.3,
    "ABORTS": 0.15,
    "NURSE_SOS": 0.4,
    "SENDS_TWICE": 0.5,
}
HAPPENED: Final = frozenset(
    {
        "accepted",
        "alarm: sos",
        "arrived outside the geofence",
        "assessed: approve",
        "assessed: need_info",
        "assessed: reject",
        "cancelled by the patient",
        "completed by the nurse",
        "left late",
        "offers ignored",
        "rated",
        "released by the nurse",
        "rescheduled by the patient",
        "signed",
        "SOS by the nurse",
        "steps sent late",
    }
)
# What was answered in the instant in which all went home may not have reached the ledger.
UNHEARD_MAX: Final = 3

LINES: Final = """
    SELECT o.id::text AS order_id, o.patient_id::text, o.state::text,
           min(h.at) FILTER (WHERE h.subject = 'order' AND h.move = 'approve') AS approved_at,
           min(h.at) FILTER (WHERE h.subject = 'offer' AND h.move = 'send') AS offered_at,
           min(h.at) FILTER (WHERE h.subject = 'order' AND h.move = 'assign') AS assigned_at,
           count(*) FILTER (WHERE h.subject = 'offer' AND h.move = 'send') AS offers
      FROM orders o JOIN history h ON h.order_id = o.id
     WHERE o.account_id <> $1
     GROUP BY o.id
"""
VISITS: Final = """
    SELECT nurse_id::text, count(*) AS visits FROM visits
     WHERE state = 'completed' AND account_id <> $1 GROUP BY nurse_id
"""
DECLINES: Final = """
    SELECT f.decline_reason AS reason, count(*) FROM offers f JOIN orders o ON o.id = f.order_id
     WHERE f.state = 'declined' AND o.account_id <> $1 GROUP BY 1
"""
WAYS: Final = """
    SELECT travel_s, distance_m FROM visits WHERE departed_at IS NOT NULL AND account_id <> $1
"""
ACCEPTED: Final = """
    SELECT count(*) FROM offers f JOIN orders o ON o.id = f.order_id
     WHERE f.state = 'accepted' AND o.account_id <> $1
"""
STEPS_ON_FOREIGN: Final = """
    SELECT h.subject, h.move, h.actor_role::text FROM history h JOIN orders o ON o.id = h.order_id
     WHERE o.account_id = $1 AND h.actor_role <> 'clock' AND h.id > $2
"""
LAST_STEP: Final = "SELECT max(id) FROM history"


@pytest.fixture(scope="module")
def people() -> Region:
    """The demo's institutions, and its nurses who live in one county; no patients."""
    built = region.build(today=MORNING.date(), seed=REGION_SEED, patient_count=0)
    return replace(built, nurses=tuple(one for one in built.nurses if one.county == COUNTY))


@pytest.fixture
def server_settings() -> dict[str, str]:
    return {"APP_TIME_SCALE": str(SEEKING_SCALE), "APP_WAVE_SIZES": "[3, 3, 3]"}


@pytest.fixture
def wilder(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, odds in ODDS.items():
        monkeypatch.setattr(temper, name, odds)
    monkeypatch.setattr(crowds, "READ_CLOCK_S", READS_CLOCK_S)
    monkeypatch.setattr(client, "LEAP_S", READS_CLOCK_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """Orders of somebody else: one waits for its assessment, one for a nurse, one has an alarm."""

    account_id: str
    alarm_id: str
    order_ids: frozenset[str]


@pytest.mark.acceptance
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("wilder")
async def test_a_crowd_tells_what_happened_and_touches_its_own(
    deployment: Deployment, owner: asyncpg.Connection
) -> None:
    await deployment.start("clock", "alarm", "api")
    async with Wire.to(deployment.url, at_once=4) as wire:
        await migrate.set_clock(deployment.dsn, SEEKING_SCALE)
        strangers = await _strangers(wire)
        since = await owner.fetchval(LAST_STEP)
        ledger, told = await _play(deployment)
        operator = await Person.sign_in(wire, OPERATOR)
        for line in ledger.lines:
            line.read(await operator.items(f"/v1/ops/orders/{line.order_id}/timeline"))
    assert told.faults == {}
    assert told.server_errors == 0
    assert sorted(HAPPENED - told.happened.keys()) == []
    assert await _untouched(owner, strangers, since) == []
    under_way = await invariants.list_under_way(owner)
    assert under_way.keys() <= strangers.order_ids, "the crowd has left nothing behind"
    assert [str(each) for each in await invariants.settled(owner)] == []
    await _same_as_database(owner, strangers, ledger)


async def _play(deployment: Deployment) -> tuple[Ledger, Figures]:
    plan = Plan(
        orders=ORDERS,
        rate=RATE,
        seed=SEED,
        lane=1,
        timing=Timing.SOON,
        people=PEOPLE,
        county=COUNTY,
    )
    async with Crowd.joined(deployment.url, plan, patience_s=30) as crowd:
        stop = asyncio.Event()
        playing = asyncio.create_task(crowd.play(stop))
        await _until(lambda: crowd.figures().assigned >= ASSIGNED, SEEKING_S)
        await migrate.set_clock(deployment.dsn, VISITING_SCALE)
        await _until(lambda: _has_seen_all(crowd.figures()), VISITING_S)
        stop.set()
        await playing
        await crowd.look_round()
        told = crowd.figures()
        await crowd.call_off()
        return crowd.scene.ledger, told


def _has_seen_all(told: Figures) -> bool:
    return told.happened.keys() >= HAPPENED and told.visits >= COMPLETED


async def _until(holds: Callable[[], bool], within_s: float) -> None:
    """Wait for that, but so long at most; what is missing then is asserted afterwards."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110 - of what is seen, not told
                await asyncio.sleep(LOOK_S)


async def _same_as_database(
    owner: asyncpg.Connection, strangers: Strangers, ledger: Ledger
) -> None:
    """Nothing that was acknowledged is missing, nothing is there that was not, and all agree."""
    told = figures(ledger, SEEKING_SCALE, {})
    lines = await owner.fetch(LINES, strangers.account_id)
    assert {line.order_id for line in ledger.lines} == {row["order_id"] for row in lines}
    states = Counter(row["state"] for row in lines)
    assert told.ends == {state: states[state] for state in ENDS}
    assert (told.placed, told.under_way) == (len(lines), 0)
    assert told.assigned == sum(row["assigned_at"] is not None for row in lines)
    assert told.offers == sum(row["offers"] for row in lines)
    assert told.first_offer == _spread(lines, "offered_at")
    assert told.assignment == _spread(lines, "assigned_at")
    visits = {r["nurse_id"]: r["visits"] for r in await owner.fetch(VISITS, strangers.account_id)}
    assert (told.visits, told.nurses_active) == (sum(visits.values()), len(visits))
    assert told.gini == gini([visits.get(nurse, 0) for nurse in ledger.asked | visits.keys()])
    declines = Counter(
        {row["reason"]: row["count"] for row in await owner.fetch(DECLINES, strangers.account_id)}
    )
    ways = Counter(
        (row["travel_s"], row["distance_m"])
        for row in await owner.fetch(WAYS, strangers.account_id)
    )
    assert ledger.declines <= declines
    assert Counter(ledger.travels) <= ways
    accepted = await owner.fetchval(ACCEPTED, strangers.account_id)
    assert ledger.happened["accepted"] <= accepted
    unheard = (declines - ledger.declines).total() + accepted - ledger.happened["accepted"]
    assert unheard + ways.total() - len(ledger.travels) <= UNHEARD_MAX


def _spread(lines: list[asyncpg.Record], until: str) -> Spread:
    return Spread.of(
        (row[until] - row["approved_at"]).total_seconds()
        for row in lines
        if row["approved_at"] and row[until]
    )


async def _strangers(wire: Wire) -> Strangers:
    """Three orders for tomorrow, which the crowd meets on its board, phones and list of alarms."""
    clock = ServerClock(wire)
    await clock.read()
    stranger = await Person.sign_in(wire, STRANGER)
    operator = await Person.sign_in(wire, OPERATOR)
    reviewer = await Person.sign_in(wire, REVIEWER)
    orders = [await _place(stranger, clock) for _ in range(3)]
    for order_id in orders[1:]:
        note = {"decision": "approve", "note": "可居家"}
        await reviewer.post(f"/v1/ops/orders/{order_id}/assess", note)
    candidates = await operator.items(f"/v1/ops/orders/{orders[2]}/candidates")
    nurse = next(one for one in candidates if one["eligible"])
    body = {"nurse_id": nurse["nurse_id"], "reason": "电话已确认"}
    assigned = await operator.post(f"/v1/ops/orders/{orders[2]}/assign", body)
    alarm_url = (await stranger.get("/v1/me"))["alarm_url"]
    visit_id = assigned["visits"][0]["visit_id"]
    alarm = await stranger.post(f"{alarm_url}/v1/visits/{visit_id}/sos")
    return Strangers(
        account_id=stranger.account_id, alarm_id=alarm["alarm_id"], order_ids=frozenset(orders)
    )


async def _place(stranger: Person, clock: ServerClock) -> str:
    profile = {
        "name": "陈阿姨",
        "gender": "female",
        "birth_date": "1950-05-15",
        "relation": "self",
        "conditions": [],
        "allergies": [],
    }
    patient = await stranger.post("/v1/patients", profile)
    home = {"label": "家", "text": "婺城区中山路1号", "location": {"lat": 29.1, "lng": 119.63}}
    address = await stranger.post(f"/v1/patients/{patient['id']}/addresses", home)
    earliest = clock.after(hours=26)
    body: dict[str, Any] = {
        "patient_id": patient["id"],
        "address_id": address["id"],
        "service_codes": ["EC01"],
        "window": {
            "earliest": time_text(earliest),
            "latest": time_text(earliest + timedelta(hours=4)),
        },
        "urgency": "routine",
        "consent": {"version": "1", "accepted_at": time_text(clock.after(hours=-1))},
    }
    return str((await stranger.post("/v1/orders", body))["id"])


async def _untouched(
    owner: asyncpg.Connection, strangers: Strangers, since: int
) -> list[dict[str, Any]]:
    """What people have done to orders or alarms that were not theirs to touch."""
    steps = await owner.fetch(STEPS_ON_FOREIGN, strangers.account_id, since)
    alarm = "SELECT state::text FROM alarms WHERE id = $1 AND state <> 'raised'"
    return [dict(row) for row in [*steps, *await owner.fetch(alarm, strangers.alarm_id)]]
