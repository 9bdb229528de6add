"""SIGKILL of each process and of PostgreSQL under load: nothing acknowledged is lost or done twice.

The clients keep their own ledger of what they were told, and deadlines go on after every restart.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg
import pytest

from tests.acceptance import able, invariants
from tests.acceptance.clients import (
    OPERATOR,
    Answer,
    Json,
    Person,
    Refused,
    ServerClock,
    Wire,
    fill_record,
    time_text,
)
from tests.acceptance.supervised import Supervised, state_folder, supervising

KILLS: Final = 3
TARGETS: Final = ("api", "clock", "alarm", "postgres")
BETWEEN_S: Final = 0.5
GOES_ON_S: Final = 90

# Offers run for half a minute, the alarm's ladder climbs at 10, 20 and 40 s: a tenth of it here.
SCALE: Final = 10
PATIENTS: Final = 3
NURSES: Final = 16
PAUSE_S: Final = 0.3
LOOK_S: Final = 0.5
IGNORED: Final = 0.6
ASKED_AGAIN: Final = 400
PRESSES: Final = 0.3
SEED: Final = 9

# What `shangmen run` does, but with a small region instead of the whole demo.
SUPERVISOR: Final = """
import asyncpg, dataclasses, pathlib, sys
from api import __main__ as command, supervisor
from config import settings as configuration
from tests.acceptance import able
from tests.acceptance.processes import Deployment

settings = configuration.load()
folder, nurses = pathlib.Path(sys.argv[1]), int(sys.argv[2])

async def prepare(dsn):
    await command._migrate(settings.model_copy(update={"database_url": dsn}))
    made = Deployment(dsn=dsn, folder=folder, port=settings.port, alarm_port=settings.alarm_port)
    conn = await asyncpg.connect(dsn)
    now = await conn.fetchval("SELECT app_now()")
    await conn.close()
    await made.fill(able.build(now.date(), nurses=nurses, patients=1))

sys.exit(supervisor.run(dataclasses.replace(command._plan(settings), prepare=prepare)))
"""


# The deployment


@pytest.fixture
async def supervised(tmp_path: Path) -> AsyncIterator[Supervised]:
    """Its PostgreSQL is its own, whatever DATABASE_URL names."""
    argv = (sys.executable, "-c", SUPERVISOR, str(tmp_path), str(NURSES))
    settings = {"APP_TIME_SCALE": str(SCALE), "APP_OFFER_TTL_S": "30"}
    with state_folder() as state:
        async with supervising(argv, folder=tmp_path, state=state, settings=settings) as started:
            yield started


# The clients

LOST: Final = frozenset({"offer-taken", "offer-expired", "nurse-busy", "not-eligible"})


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What the clients were told; it lives outside of all that dies."""

    orders: list[str] = field(default_factory=list)
    approved: set[str] = field(default_factory=set)
    visits: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)
    records: list[tuple[str, str]] = field(default_factory=list)
    presses: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Town:
    """People who go on as if nothing were, until they are told to stop."""

    wire: Wire
    clock: ServerClock
    operator: Person
    alarm_url: str
    ledger: Ledger = field(default_factory=Ledger)
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def patient(self, person: Person, number: int) -> None:
        """Order, and have it approved; and again."""
        patient = await person.post(
            "/v1/patients",
            {"name": "王桂芬", "gender": "female", "birth_date": "1950-03-04", "relation": "self"},
        )
        home = {"lat": able.HOME[0], "lng": able.HOME[1] + number * 1e-3}
        address = await person.post(
            f"/v1/patients/{patient['id']}/addresses",
            {"label": "家", "text": "一路", "location": home},
        )
        while not self.closing.is_set():
            order = await person.post("/v1/orders", self.wish(patient["id"], address["id"]))
            self.ledger.orders.append(order["id"])
            path = f"/v1/ops/orders/{order['id']}/assess"
            await self.operator.post(path, {"decision": "approve", "note": "可以"})
            self.ledger.approved.add(order["id"])
            await asyncio.sleep(PAUSE_S * self.rng.uniform(0.5, 1.5))

    def wish(self, patient_id: str, address_id: str) -> Json:
        """Tomorrow or the day after, in the demo's hours."""
        now = self.clock.now
        day = now.date() + dt.timedelta(days=self.rng.choice((1, 2)))
        morning = dt.datetime.combine(day, dt.time(0, 30), dt.UTC)
        earliest = morning + dt.timedelta(minutes=self.rng.randrange(0, 600, 15))
        return {
            "patient_id": patient_id,
            "address_id": address_id,
            "service_codes": ["EC01"],
            "window": {
                "earliest": time_text(earliest),
                "latest": time_text(earliest + dt.timedelta(hours=2)),
            },
            "urgency": "routine",
            "consent": {"version": "1", "accepted_at": time_text(now)},
        }

    async def nurse(self, person: Person) -> None:
        """Take some offers and let others run out; go to each patient at once."""
        seen: set[str] = set()
        while not self.closing.is_set():
            for offer in await person.items("/v1/nurse/offers"):
                if offer["id"] not in seen:
                    seen.add(offer["id"])
                    if self.rng.random() >= IGNORED:
                        await self.accept(person, offer["id"])
            await asyncio.sleep(LOOK_S * self.rng.uniform(0.5, 1.5))

    async def accept(self, nurse: Person, offer_id: str) -> None:
        try:
            told = await nurse.post(f"/v1/offers/{offer_id}/accept")
        except Refused as refusal:
            if refusal.slug not in LOST:
                raise
            return
        self.ledger.visits[offer_id] = told["visit_id"]
        await self.attend(nurse, told["visit_id"])

    async def attend(self, nurse: Person, visit_id: str) -> None:
        path = f"/v1/visits/{visit_id}"
        door = (await nurse.get(path))["address"]["location"]
        place: Json = {"location": {"lat": door["lat"], "lng": door["lng"]}}
        for step, body in (
            ("depart", place),
            ("arrive", {**place, "accuracy_m": 5}),
            ("start", {"identity_confirmed": True}),
            ("complete", {**place, "summary": "顺利"}),
        ):
            if self.closing.is_set():
                return
            if step == "complete":
                await self.record(nurse, path, visit_id)
                for client_id in await fill_record(nurse, path, self.clock.now):
                    self.ledger.records.append((visit_id, client_id))
            if self.rng.random() < PRESSES:
                await self.press(nurse, visit_id)
            await nurse.post(f"{path}/{step}", {**body, "at": time_text(self.clock.now)})
            self.ledger.steps.append((visit_id, step))

    async def record(self, nurse: Person, path: str, visit_id: str) -> None:
        client_id = str(uuid4())
        at = time_text(self.clock.now)
        body = {"kind": "vitals", "data": {"pulse_bpm": 70}, "recorded_at": at}
        await nurse.post(f"{path}/records", {**body, "client_id": client_id})
        self.ledger.records.append((visit_id, client_id))

    async def press(self, nurse: Person, visit_id: str) -> None:
        """SOS, to the process that has nothing else to do."""
        url = f"{self.alarm_url}/v1/visits/{visit_id}/sos"
        answer: Answer = await nurse.send("POST", url, {"text": "help"}, key=str(uuid4()))
        assert answer.status == 201, answer.body
        self.ledger.presses[visit_id] += 1


# Looking

TIMES_DONE: Final[dict[str, str]] = {
    "orders": "SELECT id::text AS what, 1 AS times FROM orders",
    "visits": "SELECT offer_id || ' ' || id AS what, 1 AS times FROM visits",
    "presses": """
        SELECT a.visit_id::text AS what, count(*)::int AS times
          FROM alarms a JOIN audit u ON u.subject_id = a.id
         WHERE a.kind = 'sos' AND u.action IN ('alarm.raise', 'alarm.press_again') GROUP BY 1
    """,
    "steps": """
        SELECT subject_id || ' ' || move AS what, count(*)::int AS times FROM history
         WHERE subject = 'visit' AND move IN ('depart', 'arrive', 'start', 'complete') GROUP BY 1
    """,
    "records": """
        SELECT visit_id || ' ' || client_id AS what, count(*)::int AS times
          FROM visit_records GROUP BY 1
    """,
    "approved": """
        SELECT subject_id::text AS what, count(*)::int AS times FROM history
         WHERE subject = 'order' AND move = 'approve' GROUP BY 1
    """,
}


async def compare(owner: asyncpg.Connection, ledger: Ledger) -> None:
    """Whatever was acknowledged is there once, and nothing is there that nobody asked for.

    The clients asked again with the same key until they were answered: no outcome is unknown.
    """
    told: dict[str, Counter[str]] = {
        "orders": Counter(ledger.orders),
        "approved": Counter(ledger.approved),
        "visits": Counter(f"{offer_id} {visit_id}" for offer_id, visit_id in ledger.visits.items()),
        "steps": Counter(f"{visit_id} {step}" for visit_id, step in ledger.steps),
        "records": Counter(f"{visit_id} {client_id}" for visit_id, client_id in ledger.records),
        "presses": ledger.presses,
    }
    for name, query in TIMES_DONE.items():
        done = Counter({row["what"]: row["times"] for row in await owner.fetch(query)})
        assert done == told[name], name
        assert done, f"there were no {name}"


GOES_ON: Final = {
    "offers expire": "SELECT FROM offers WHERE state = 'expired' AND ended_at > $1",
    "waves go out": "SELECT FROM offers WHERE wave > 1 AND sent_at > $1",
    "alarms climb": """
        SELECT FROM outbox
         WHERE event = 'alarm.raised' AND created_at > $1 AND (data->>'step')::int >= 2
    """,
    "events are told": "SELECT FROM outbox WHERE seq IS NOT NULL AND created_at > $1",
    "evidence is sealed": """
        SELECT FROM audit JOIN audit_chain ON audit_id = id WHERE at > $1
    """,
}


async def goes_on(owner: asyncpg.Connection, since: dt.datetime) -> None:
    """Every kind of deadline that has come since then is kept."""
    waiting = dict(GOES_ON)
    try:
        async with asyncio.timeout(GOES_ON_S):
            while waiting:
                for name, query in list(waiting.items()):
                    if await owner.fetch(f"{query} LIMIT 1", since):
                        del waiting[name]
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"since the last kill it is not so that {list(waiting)}") from None


async def rampage(supervised: Supervised) -> None:
    """Kill everything in turn; of PostgreSQL's deaths one falls into its recovery."""
    rng = random.Random(SEED)  # noqa: S311 - the same rampage again
    for number in range(KILLS):
        for target in rng.sample(TARGETS, len(TARGETS)):
            await asyncio.sleep(BETWEEN_S)
            pids = {name: supervised.pid_of(name) for name in ("api", "alarm", "clock")}
            await supervised.kill(target)
            if target == "postgres":
                if number == 0:
                    await supervised.kill(target)
                # Whoever lost the database waits for it, and does not die of it.
                await supervised.ready()
                assert pids == {name: supervised.pid_of(name) for name in pids}
            await supervised.ready()


PHONES: Final = "SELECT '+86139' || lpad(staff_no::text, 8, '0') AS phone FROM nurses"


@pytest.mark.acceptance
@pytest.mark.timeout(400)
async def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    supervised: Supervised,
) -> None:
    deployment = supervised.deployment
    owner = await asyncpg.connect(deployment.dsn)
    phones = [row["phone"] for row in await owner.fetch(PHONES)]
    await owner.close()
    async with Wire.to(deployment.url, at_once=16, tries=ASKED_AGAIN) as wire:
        clock = ServerClock(wire)
        await clock.read()
        operator = await Person.sign_in(wire, OPERATOR)
        nurses = [await Person.sign_in(wire, phone) for phone in phones]
        patients = [
            await Person.sign_in(wire, f"+8613655560{number:03d}") for number in range(PATIENTS)
        ]
        town = Town(wire=wire, clock=clock, operator=operator, alarm_url=deployment.alarm_url)
        async with asyncio.TaskGroup() as life:
            for number, person in enumerate(patients):
                life.create_task(town.patient(person, number))
            for person in nurses:
                life.create_task(town.nurse(person))
            await rampage(supervised)
            owner = await asyncpg.connect(deployment.dsn)
            await goes_on(owner, await owner.fetchval("SELECT app_now()"))
            town.closing.set()
    assert min(supervised.deaths[target] for target in TARGETS) >= KILLS
    await compare(owner, town.ledger)
    assert await invariants.settled(owner) == []
    await owner.close()
