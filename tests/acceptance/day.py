"""A day in town: who is in it, how they hear of things, what each does with an offer or a visit.

It goes through the public contract only; what is to happen is written in the stories.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import uuid4

from demo.nurses import Nurse as Hired
from tests.acceptance.clients import (
    AUDITOR,
    OPERATOR,
    REVIEWER,
    Event,
    Json,
    Person,
    Refused,
    ServerClock,
    Stream,
    Wire,
    fill_record,
    time_text,
)

T = TypeVar("T")

# The middle of the town in which the patients live, and how far around it.
CENTRE: Final = (29.100, 119.625)
AROUND_DEG: Final = 0.03

LOOK_AGAIN_S: Final = 5.0
GIVE_UP_S: Final = 240.0
STREAMS_AT_ONCE: Final = 20
# Orders that wait for their first offer: as many more are approved as the dispatcher keeps up with,
# so that a slow machine has a quieter day and not a jam.
SEARCHES_AT_ONCE: Final = 6
FIRST_OFFER_S: Final = 20.0
# Some have the phone in their hand; the others find that somebody was quicker, or are needed.
QUICK: Final = 0.6
REACTION_QUICK_S: Final = (0.0, 0.3)
REACTION_SLOW_S: Final = (0.8, 1.6)

# How an accept may rightly be refused, when others were quicker or time has gone on.
LOST: Final = frozenset({"offer-taken", "offer-expired", "nurse-busy", "not-eligible"})


class Decision(StrEnum):
    """What a nurse does with an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    IGNORE = "ignore"


@dataclass(slots=True, kw_only=True)
class Nurse(Person):
    """A nurse with her phone. She takes part in one story at a time."""

    staff_no: int
    lat: float
    lng: float
    busy_with: Story | None = field(default=None, repr=False)
    accepting: bool = False
    gone: set[str] = field(default_factory=set, repr=False)

    @property
    def location(self) -> Json:
        return {"lat": self.lat, "lng": self.lng}


@dataclass(slots=True, kw_only=True)
class Patient(Person):
    """An account with one profile and its address."""

    patient_id: str = ""
    address_id: str = ""
    location: Json = field(default_factory=dict)


class Day:
    """Everybody on duty, and one place where the operators' stream is read."""

    def __init__(self, wire: Wire, clock: ServerClock, seed: int) -> None:
        self.wire = wire
        self.clock = clock
        self.rng = random.Random(seed)  # noqa: S311 - the same day again
        self.happened: Counter[str] = Counter()
        self.events: dict[str, list[Event]] = defaultdict(list)
        self.cast: dict[str, Story] = {}
        self.nurses: dict[int, Nurse] = {}
        self.patients: list[Patient] = []
        self.operator: Person
        self.reviewer: Person
        self.auditor: Person
        self.alarm_url = ""
        self._searches = asyncio.Semaphore(SEARCHES_AT_ONCE)
        self._bells: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.faults: list[BaseException] = []

    @contextlib.asynccontextmanager
    async def staffed(self, hired: list[Hired], patients: int) -> AsyncIterator[None]:
        """Let everybody come in and listen to their streams, until the block ends."""
        self.operator = await Person.sign_in(self.wire, OPERATOR)
        self.reviewer = await Person.sign_in(self.wire, REVIEWER)
        self.auditor = await Person.sign_in(self.wire, AUDITOR)
        self.alarm_url = (await self.operator.get("/v1/me"))["alarm_url"]
        streams = [Stream(person=self.operator, path="/v1/ops/stream")]
        self.spawn(streams[0].follow(self._hear))
        await asyncio.gather(*(self._enrol(number) for number in range(patients)))
        slots = asyncio.Semaphore(STREAMS_AT_ONCE)

        async def come_in(one: Hired) -> None:
            async with slots:
                nurse = await self._come_in(one)
                stream = Stream(person=nurse)
                streams.append(stream)
                self.spawn(stream.follow(lambda event: self._hear_as(nurse, event)))
                await stream.connected.wait()

        await asyncio.gather(*(come_in(one) for one in hired if not one.suspended))
        await streams[0].connected.wait()
        try:
            yield
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self.happened["streams taken up again"] = sum(stream.ended for stream in streams)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run beside; what it raises is a fault of the day."""
        task = asyncio.create_task(work)
        self._tasks.add(task)

        def done(_: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                self.faults.append(error)

        task.add_done_callback(done)

    async def until(
        self,
        order_id: str,
        look: Callable[[], Awaitable[T | None]],
        *,
        what: str,
        hint: Callable[[], bool] = lambda: True,
        within_s: float = GIVE_UP_S,
    ) -> T:
        """Look until there is something: when an event of the order makes it likely, and now and
        then without."""
        try:
            async with asyncio.timeout(within_s):
                likely = True
                while True:
                    bell = self._bells.setdefault(order_id, asyncio.Event())
                    found = await look() if likely else None
                    if found is not None:
                        return found
                    try:
                        async with asyncio.timeout(LOOK_AGAIN_S):
                            await bell.wait()
                        likely = hint()
                    except TimeoutError:
                        likely = True
        except TimeoutError:
            told = Counter(event.name for event in self.events[order_id])
            raise AssertionError(
                f"order {order_id}: not {what} within {within_s:g} s; told: {dict(told)}"
            ) from None

    def told(self, order_id: str, name: str, **data: object) -> list[Event]:
        """What the operators have heard of an order: the events of that name with these data."""
        return [
            event
            for event in self.events[order_id]
            if event.name == name and data.items() <= event.data.items()
        ]

    def _hear(self, event: Event) -> None:
        order_id = event.data.get("order_id")
        if order_id is not None:
            self.events[order_id].append(event)
            if (bell := self._bells.pop(order_id, None)) is not None:
                bell.set()

    def _hear_as(self, nurse: Nurse, event: Event) -> None:
        if event.name in ("offer.withdrawn", "offer.expired"):
            nurse.gone.add(event.data["offer_id"])
        elif event.name == "offer.created":
            self.spawn(self._answer(nurse, event.data["offer_id"], event.data["order_id"]))

    async def _come_in(self, one: Hired) -> Nurse:
        nurse = await Nurse.sign_in(
            self.wire, one.phone, staff_no=one.staff_no, lat=one.lat, lng=one.lng
        )
        self.nurses[nurse.staff_no] = nurse
        return nurse

    async def _enrol(self, number: int) -> None:
        patient = await Patient.sign_in(self.wire, f"+86138{50_000_000 + number}")
        lat = CENTRE[0] + self.rng.uniform(-AROUND_DEG, AROUND_DEG)
        lng = CENTRE[1] + self.rng.uniform(-AROUND_DEG, AROUND_DEG)
        patient.location = {"lat": round(lat, 6), "lng": round(lng, 6), "crs": "wgs84"}
        profile = {
            "name": f"王桂英{number}",
            "gender": self.rng.choice(["female", "male"]),
            "birth_date": f"19{self.rng.randint(35, 65)}-0{self.rng.randint(1, 9)}-15",
            "relation": "parent",
            "conditions": ["高血压"],
            "allergies": ["青霉素"],
        }
        patient.patient_id = (await patient.post("/v1/patients", profile))["id"]
        address = {
            "label": "家",
            "text": f"婺城区中山路{number}号3单元",
            "location": patient.location,
            "access_notes": "按门铃",
        }
        path = f"/v1/patients/{patient.patient_id}/addresses"
        patient.address_id = (await patient.post(path, address))["id"]
        self.patients.append(patient)

    @contextlib.asynccontextmanager
    async def search(self, order_id: str) -> AsyncIterator[None]:
        """Begin when few enough orders wait for their first offer; end when this one has it."""

        async def look() -> bool | None:
            return bool(self.told(order_id, "offer.created")) or None

        async with self._searches:
            yield
            with contextlib.suppress(AssertionError):
                await self.until(order_id, look, what="offered", within_s=FIRST_OFFER_S)

    async def _answer(self, nurse: Nurse, offer_id: str, order_id: str) -> None:
        story = self.cast.get(order_id)
        decision = Decision.IGNORE if story is None else story.decide(nurse)
        if story is None or decision is Decision.IGNORE:
            return
        quick = self.rng.random() < QUICK
        await asyncio.sleep(self.rng.uniform(*(REACTION_QUICK_S if quick else REACTION_SLOW_S)))
        if offer_id in nurse.gone or nurse.accepting:
            return
        taken = nurse.busy_with is not None and nurse.busy_with is not story
        if decision is Decision.DECLINE or taken:
            await self._decline(nurse, offer_id, "busy" if taken else "too_far")
            return
        nurse.accepting = True
        try:
            if await self._accept(nurse, offer_id, story):
                nurse.busy_with = story
        finally:
            nurse.accepting = False

    async def _decline(self, nurse: Nurse, offer_id: str, reason: str) -> None:
        try:
            await nurse.post(f"/v1/offers/{offer_id}/decline", {"reason": reason})
        except Refused as refusal:
            if refusal.slug not in {*LOST, "illegal-transition"}:
                raise
        else:
            self.happened["declined"] += 1

    async def _accept(self, nurse: Nurse, offer_id: str, story: Story) -> bool:
        """As a phone does: look at the offer, then take it; some tap twice, or lose the answer."""
        seen = [one for one in await nurse.items("/v1/nurse/offers") if one["id"] == offer_id]
        if not seen:
            return False
        story.check_offer(seen[0])
        key = str(uuid4())
        path = f"/v1/offers/{offer_id}/accept"
        answer = await nurse.send("POST", path, {}, key=key)
        if answer.status != 200:
            slug = answer.json()["type"].removeprefix("/problems/")
            if slug not in LOST:
                raise Refused(f"POST {path}", answer.status, answer.json())
            self.happened[f"accept refused: {slug}"] += 1
            return False
        self.happened["accepted"] += 1
        story.win(answer.json()["visit_id"], nurse)
        if self.rng.random() < 0.3:
            again = await nurse.send("POST", path, {}, key=key)
            assert (again.status, again.body) == (200, answer.body), (
                "a retry was answered otherwise"
            )
            self.happened["accept repeated with its key"] += 1
            other = await nurse.send("POST", path, {}, key=str(uuid4()))
            if other.status == 200:  # else the visit has been taken from her meanwhile
                assert other.json()["visit_id"] == answer.json()["visit_id"], "a second visit"
                self.happened["accept repeated with another key"] += 1
        return True


def accept(_: Nurse) -> Decision:
    return Decision.ACCEPT


def ignore(_: Nurse) -> Decision:
    return Decision.IGNORE


@dataclass(slots=True, kw_only=True, eq=False)
class Story:
    """One order from its placing to its end, told by what its people do."""

    day: Day
    patient: Patient
    name: str
    decide: Callable[[Nurse], Decision] = accept
    order_id: str = ""
    placed: Json = field(default_factory=dict)
    nurses: dict[str, Nurse] = field(default_factory=dict)  # by the visit that each of them has
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def clock(self) -> ServerClock:
        return self.day.clock

    def happens(self, what: str) -> None:
        self.day.happened[what] += 1

    def win(self, visit_id: str, nurse: Nurse) -> None:
        """She has heard that the visit is hers."""
        self.nurses[visit_id] = nurse
        self.heard.set()

    def wish(
        self,
        *codes: str,
        start_min: float = 15,
        open_min: float = 240,
        urgency: str = "routine",
        **more: Any,
    ) -> Json:
        """The body of an order whose visit may start `start_min` from now, and `open_min` on."""
        return {
            "patient_id": self.patient.patient_id,
            "address_id": self.patient.address_id,
            "service_codes": list(codes or ("EC01",)),
            "window": self.window(start_min, open_min),
            "urgency": urgency,
            "notes": "请轻声敲门",
            "consent": {"version": "1", "accepted_at": time_text(self.clock.now)},
            **more,
        }

    def window(self, start_min: float, open_min: float) -> Json:
        return {
            "earliest": time_text(self.clock.after(minutes=start_min)),
            "latest": time_text(self.clock.after(minutes=start_min + open_min)),
        }

    async def place(self, *codes: str, **more: Any) -> None:
        self.begin(await self.patient.post("/v1/orders", self.wish(*codes, **more)))

    def begin(self, order: Json) -> None:
        """From here on nurses who are asked for this order look it up in this story."""
        assert order["state"] == "submitted", order
        self.placed = order
        self.order_id = order["id"]
        self.day.cast[self.order_id] = self

    async def approve(self) -> None:
        """Where an earlier assessment had approved it already, a nurse may have it by now."""
        note = {"decision": "approve", "note": "可居家"}
        async with self.day.search(self.order_id):
            order = await self.day.reviewer.post(f"/v1/ops/orders/{self.order_id}/assess", note)
            assert order["state"] in ("open", "assigned"), order

    async def order(self) -> Json:
        told: Json = await self.patient.get(f"/v1/orders/{self.order_id}")
        return told

    async def until_state(self, *states: str, round_: int | None = None) -> Json:
        """Wait until the order is in one of these states (in that round)."""

        async def look() -> Json | None:
            order = await self.order()
            here = order["state"] in states and round_ in (None, order["round"])
            return order if here else None

        def hint() -> bool:
            told = [e for e in self.day.events[self.order_id] if e.name.startswith("order.")]
            return bool(told) and told[-1].data["state"] in states

        return await self.day.until(
            self.order_id, look, hint=hint, what=f"{' or '.join(states)} ({self.name})"
        )

    async def until_told(self, event: str, count: int = 1, **data: object) -> None:
        """Wait until the operators have heard of that so many times."""

        async def look() -> bool | None:
            return len(self.day.told(self.order_id, event, **data)) >= count or None

        await self.day.until(self.order_id, look, what=f"told of {event} ({self.name})")

    async def until_assigned(self, round_: int | None = None) -> list[Seat]:
        """Wait until every seat is filled; the seats in their order."""
        order = await self.until_state("assigned", round_=round_)
        async with asyncio.timeout(GIVE_UP_S):
            # The order may be told before the answer reaches the nurse who made it so.
            while not {visit["visit_id"] for visit in order["visits"]} <= self.nurses.keys():
                await self.heard.wait()
                self.heard.clear()
        seats = [
            Seat(
                story=self,
                nurse=self.nurses[visit["visit_id"]],
                visit_id=visit["visit_id"],
                planned_start=datetime.fromisoformat(visit["planned_start"]),
                planned_end=datetime.fromisoformat(visit["planned_end"]),
            )
            for visit in order["visits"]
        ]
        assert len(seats) == order["seats"], order
        return seats

    async def assigned(self, *codes: str, **more: Any) -> list[Seat]:
        """Placed, approved and accepted."""
        await self.place(*codes, **more)
        await self.approve()
        return await self.until_assigned()

    async def operate(self, step: str, **body: Any) -> Json:
        told: Json = await self.day.operator.post(f"/v1/ops/orders/{self.order_id}/{step}", body)
        return told

    async def put_somebody(self) -> Json:
        """The operator fills a seat with one of those who could come and has nothing else to do."""
        for candidate in await self.day.operator.items(
            f"/v1/ops/orders/{self.order_id}/candidates"
        ):
            nurse = self.day.nurses.get(candidate["staff_no"])
            if nurse is not None and nurse.busy_with is None and candidate["eligible"]:
                nurse.busy_with = self
                try:
                    order = await self.operate(
                        "assign", nurse_id=candidate["nurse_id"], reason="电话已确认"
                    )
                except Refused as refusal:
                    # What the list said may be past by the time that she is telephoned.
                    if refusal.slug not in LOST:
                        raise
                    nurse.busy_with = None
                    continue
                for visit in order["visits"]:
                    self.win(visit["visit_id"], nurse)
                return order
        raise AssertionError(f"nobody is left who could be put on order {self.order_id}")

    def check_offer(self, offer: Json) -> None:
        """Before she accepts a nurse learns enough to decide, and not where exactly it is."""
        for name in ("window", "area", "distance_m", "travel_s", "pay_fen", "materials", "why"):
            assert offer[name] is not None, f"an offer without {name}: {offer}"
        hidden = str(offer)
        assert "中山路" not in hidden, "the street is told before accepting"
        assert "王桂英" not in hidden, "the name is told before accepting"
        assert {move["name"] for move in offer["moves"]} == {"accept", "decline"}, offer

    def end(self) -> None:
        """Let go of the nurses."""
        for nurse in self.day.nurses.values():
            if nurse.busy_with is self:
                nurse.busy_with = None
        self.decide = ignore


@dataclass(slots=True, kw_only=True)
class Seat:
    """One nurse's visit of a story, and her phone's steps in it."""

    story: Story
    nurse: Nurse
    visit_id: str
    planned_start: datetime
    planned_end: datetime

    @property
    def path(self) -> str:
        return f"/v1/visits/{self.visit_id}"

    @property
    def door(self) -> Json:
        return {name: self.story.patient.location[name] for name in ("lat", "lng")}

    def body(self, step: str, at: datetime | None = None) -> Json:
        """What her phone sends with a step; `at` is when she took it, by default now."""
        told: Json = {"at": time_text(at or self.story.clock.now)}
        match step:
            case "depart":
                told["location"] = self.nurse.location
            case "arrive":
                told |= {"location": self.door, "accuracy_m": 12.0}
            case "start":
                told["identity_confirmed"] = True
            case "complete":
                told |= {"location": self.door, "summary": "生命体征平稳"}
        return told

    async def step(self, step: str, at: datetime | None = None, **more: Any) -> Json:
        if step == "complete":
            await self.fill(at)
        told: Json = await self.nurse.post(f"{self.path}/{step}", self.body(step, at) | more)
        return told

    async def fill(self, at: datetime | None = None) -> None:
        """Enter all that the visit asks to be recorded."""
        await fill_record(self.nurse, self.path, at or self.story.clock.now)

    async def steps(self, *steps: str) -> Json:
        """One after the other, as she goes."""
        told: Json = {}
        for step in steps:
            told = await self.step(step)
        return told

    async def until_time(self, ahead_min: float = 10) -> None:
        """Wait until the visit is so near."""
        await self.story.clock.until(self.planned_start - timedelta(minutes=ahead_min))

    async def attend(self) -> None:
        """The whole visit, about its time: half an hour early at most."""
        await self.step("depart")
        await self.until_time(29)
        told = await self.steps("arrive", "start", "complete")
        assert told["state"] == "completed", told

    async def visit(self) -> Json:
        told: Json = await self.nurse.get(self.path)
        return told

    async def sos(self, by: Person, **body: Any) -> Json:
        """Pressed on the phone of the nurse or of the patient, to the process for alarms."""
        told: Json = await by.post(f"{self.story.day.alarm_url}{self.path}/sos", body)
        return told

    async def record(self, kind: str, data: Json, client_id: str | None = None) -> Json:
        body = {
            "kind": kind,
            "data": data,
            "recorded_at": time_text(self.story.clock.now),
            "client_id": client_id or str(uuid4()),
        }
        told: Json = await self.nurse.post(f"{self.path}/records", body)
        return told
