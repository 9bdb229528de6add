"""The whole crowd: who is in it, how fast it orders, when it goes home.

It places orders one after the other and leaves each to its errand; it touches only those.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from config import areas
from demo import draws, roster
from demo import patients as enrolled
from demo.crowd import operators
from demo.crowd.client import Refused, ServerClock, Wire
from demo.crowd.errands import Errand
from demo.crowd.ledger import ENDS, Figures, Line, figures
from demo.crowd.mix import Kind, Mix, Service, Timing, kind_of
from demo.crowd.nurses import Staff
from demo.crowd.operators import Operator
from demo.crowd.patients import Patient, phone_of
from demo.crowd.scene import STREAMS_MAX, Scene
from demo.crowd.temper import Course

REQUESTS_AT_ONCE: Final = 32
ERRANDS_MAX: Final = 5_000
READ_CLOCK_S: Final = 5.0
LEAVE_S: Final = 10.0
CALL_OFF_S: Final = 30.0
# An order whose nurse is called back may look for another one: it is ended again.
ENDING_TRIES: Final = 5
PEOPLE: Final = (60, 3_000)
PEOPLE_AN_ORDER: Final = 0.6
# Faster than this nobody waits long for tomorrow.
FAST_SCALE: Final = 10.0
# On a fast clock an answer of some tenths of a second takes a nurse most of a minute: a jam makes
# itself worse. There the next order waits while so many that are fresh look for their nurse.
FRESH_MAX: Final = 16
FRESH: Final = timedelta(minutes=10)
ASK_AGAIN_S: Final = 0.1
NIGHT_SLOWER: Final = 4.0
CALLED_OFF: Final = "演示结束"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to happen. Without a number of `orders` it goes on until it is stopped.

    `rate`: orders a second of our own time. `lane`: whose accounts the patients have; two crowds
    at once on one server need different ones. No `timing`: what suits the server's clock.
    """

    orders: int | None
    rate: float
    seed: int
    lane: int
    timing: Timing | None = None
    limit_s: float | None = None
    under_way_max: int = ERRANDS_MAX
    people: int | None = None
    streams_max: int = STREAMS_MAX
    county: str | None = None
    """Only people who live in it order; by default those of all counties."""


class Crowd:
    """One run. Enter it with `joined`, let it `play`, ask it for its `figures` at any time."""

    def __init__(self, plan: Plan, scene: Scene) -> None:
        self.plan = plan
        self.scene = scene
        self.errands: set[Errand] = set()
        self.placed = 0
        self.ended = 0
        self._operator = Operator(wire=scene.wire, phone=operators.PHONE, scene=scene)
        self._staff = Staff(scene=scene, operator=self._operator)
        self._people: dict[int, enrolled.Patient] = {}
        self._patients: dict[int, Patient] = {}
        self._mix: Mix | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    @contextlib.asynccontextmanager
    async def joined(cls, url: str, plan: Plan, *, patience_s: float) -> AsyncIterator[Self]:
        """Everybody is ready. `patience_s`: how long the server may take to answer at first.

        Raises `Unreachable`, and `Refused` by a server that is not in demo mode.
        """
        async with Wire.to(url, at_once=REQUESTS_AT_ONCE) as wire:
            clock = ServerClock(wire)
            await clock.read(patience_s=patience_s)
            scene = Scene(wire=wire, clock=clock, seed=plan.seed, streams_max=plan.streams_max)
            crowd = cls(plan, scene)
            try:
                await crowd._gather()
                yield crowd
            finally:
                await crowd.scene.clear()

    async def play(self, stop: asyncio.Event) -> None:
        """Place what is planned and see it to its end, or go when `stop` is set or time is up."""
        placing = asyncio.create_task(self._place_all())
        stopping = asyncio.create_task(stop.wait())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.plan.limit_s):
                    await asyncio.wait({placing, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    if placing.done():
                        placing.result()
        finally:
            for task in (placing, stopping):
                task.cancel()
            await asyncio.gather(placing, stopping, return_exceptions=True)

    def figures(self) -> Figures:
        wire = self.scene.wire
        return figures(
            self.scene.ledger, self.scene.clock.scale, wire.statuses, tried_again=wire.tried_again
        )

    async def look_round(self) -> None:
        """Bring the lines of all orders under way up to date, as far as there is time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                looks = (errand.look() for errand in self.errands if errand.line.order_id)
                await asyncio.gather(*looks, return_exceptions=True)

    async def call_off(self) -> None:
        """Leave nothing under way behind, as far as there is time: what is being placed is waited
        for, what has not begun is cancelled, and the operator ends what has."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                while not all(e.line.order_id for e in self.errands):  # noqa: ASYNC110
                    await asyncio.sleep(ASK_AGAIN_S)
        left = [errand for errand in self.errands if errand.line.order_id and not errand.has_ended]
        await self.scene.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CALL_OFF_S):
                calls = (self._end(errand.patient, errand.line.order_id) for errand in left)
                await asyncio.gather(*calls, return_exceptions=True)

    async def _gather(self) -> None:
        scene, plan = self.scene, self.plan
        await self._operator.enter(self._staff.hear)
        services = [
            Service(
                code=one["code"],
                category=one["category"],
                specialties=frozenset(one["specialties_required"]),
                requires_prescription=one["requires_prescription"],
                nurses_required=one["nurses_required"],
                duration_min=one["duration_min"],
                preconditions=tuple(one["preconditions"]),
            )
            for one in await self._operator.items("/v1/services")
        ]
        now = scene.clock.now
        today = now.astimezone(roster.ZONE).date()
        count = plan.people or int(PEOPLE_AN_ORDER * (plan.orders or 0))
        count = max(PEOPLE[0], min(PEOPLE[1], count))
        made = await asyncio.to_thread(enrolled.enrol, plan.seed, count, areas.load(), today)
        self._people = {one.patient_no: one for one in made if plan.county in (None, one.county)}
        kinds: dict[int, Kind] = {no: kind_of(one, now) for no, one in self._people.items()}
        timing = plan.timing or (Timing.DAY if scene.clock.scale >= FAST_SCALE else Timing.SOON)
        self._mix = Mix(plan.seed, services, kinds, timing)
        scene.spawn(self._keep_time())

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(READ_CLOCK_S)
            await self.scene.clock.read()

    async def _place_all(self) -> None:
        rng = draws.stream(self.plan.seed, "arrivals")
        slots = asyncio.Semaphore(self.plan.under_way_max)
        number = 0
        while self.plan.orders is None or number < self.plan.orders:
            await slots.acquire()
            while self._is_jammed:  # noqa: ASYNC110 - no event tells that a jam is over
                await asyncio.sleep(ASK_AGAIN_S)
            number += 1
            task = asyncio.create_task(self._run(number, slots))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(self._gap_s(rng))
        while self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def _is_jammed(self) -> bool:
        if self.scene.clock.scale < FAST_SCALE:
            return False
        since = self.scene.clock.now - FRESH
        seeking = (e for e in self.errands if e.news.state == "open" and e.placed_at >= since)
        return sum(1 for _ in seeking) >= FRESH_MAX

    def _gap_s(self, rng: random.Random) -> float:
        gap_s = rng.expovariate(self.plan.rate)
        hour = self.scene.clock.now.astimezone(roster.ZONE).hour
        is_night = not roster.SHIFT_FROM_H <= hour < roster.SHIFT_TO_H
        return gap_s * (NIGHT_SLOWER if is_night and self.plan.orders is None else 1)

    async def _run(self, number: int, slots: asyncio.Semaphore) -> None:
        """One errand as a task of the scene's, so that its faults are noted there."""
        if self._mix is None:
            raise RuntimeError("nobody has joined")
        wish = self._mix.draw(number, self.scene.clock.now)
        patient = self._patient(wish.patient_no)
        errand = Errand(
            scene=self.scene,
            wish=wish,
            patient=patient,
            operator=self._operator,
            staff=self._staff,
            line=Line(number=number, category=wish.category, patient_no=wish.patient_no),
            course=Course.draw(self.plan.seed, number, is_urgent=wish.urgency == "urgent"),
        )
        self.errands.add(errand)
        self.placed += 1
        task = self.scene.spawn(self._see_through(errand))
        try:
            await asyncio.wait({task})
        finally:
            self.errands.discard(errand)
            self.ended += 1
            slots.release()

    async def _see_through(self, errand: Errand) -> None:
        await errand.patient.enter(self.scene)
        if errand.patient.leftovers:
            await self._clear_up(errand.patient)
        await errand.run()

    def _patient(self, number: int) -> Patient:
        if number not in self._patients:
            self._patients[number] = Patient(
                wire=self.scene.wire,
                phone=phone_of(self.plan.lane, number),
                number=number,
                who=self._people[number],
            )
        return self._patients[number]

    async def _clear_up(self, patient: Patient) -> None:
        """End what an earlier run of this lane has left."""
        leftovers, patient.leftovers = patient.leftovers, []
        for order_id in leftovers:
            await self._end(patient, order_id)
            self.scene.happens("cleared up after an earlier run")

    async def _end(self, patient: Patient, order_id: str) -> None:
        """By the patient, or by the operator once a nurse is there."""
        for _ in range(ENDING_TRIES):
            try:
                await patient.post(f"/v1/orders/{order_id}/cancel", {"reason": CALLED_OFF})
            except Refused as refusal:
                if refusal.slug != "illegal-transition":
                    raise
            order = await patient.get(f"/v1/orders/{order_id}")
            if order["state"] in ENDS:
                return
            for visit in order["visits"]:
                await self._operator.end_for_her(visit["visit_id"])
