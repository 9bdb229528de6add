"""The crowd's nurses: the demo's own, each picking up her phone when an order of the crowd's rings.

Whatever else rings on her phone is somebody else's business and stays untouched.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from demo import draws
from demo.crowd import outings
from demo.crowd.client import Json, Person, Refused
from demo.crowd.operators import Operator
from demo.crowd.scene import News, Scene
from demo.crowd.streams import Event, Stream
from demo.crowd.temper import Nature

# How an accept may rightly be refused: others were quicker, or time has gone on.
LOST: Final = ("offer-taken", "offer-expired", "nurse-busy", "not-eligible")
NEAR: Final = timedelta(hours=3)
# What her answer takes on the wire, in seconds of ours: a fast clock makes much of it.
SENDING_S: Final = 1.0


@dataclass(slots=True, kw_only=True, eq=False)
class Nurse(Person):
    """One nurse with her phone."""

    scene: Scene = field(repr=False)
    operator: Operator = field(repr=False)
    staff_no: int
    nature: Nature
    nurse_id: str
    home: Json | None = None
    agenda: dict[str, datetime] = field(default_factory=dict)
    """Her visits to come and the time of each."""
    visits_had: int = 0
    on_the_road: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    _seen: set[str] = field(default_factory=set)
    _entering: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    _is_following: bool = False

    async def enter(self) -> None:
        """Sign in, once."""
        async with self._entering:
            if not self.token:
                await self.sign_in()

    def ring(self, offer_id: str, news: News, expires_at: datetime) -> None:
        """An offer has come; it may be told more than once. Who does not look does nothing."""
        if offer_id in self._seen:
            return
        self._seen.add(offer_id)
        self.scene.ledger.asked.add(self.nurse_id)
        rng = draws.stream(self.scene.seed, "answer", news.number, self.staff_no)
        if self.nature.looks(rng):
            self.scene.spawn(self._answer(rng, offer_id, expires_at))
        else:
            self.scene.happens("offers ignored")

    def set_out(self, visit_id: str) -> None:
        """A visit is hers now: from now on her phone listens, and she goes when it is time."""
        self.visits_had += 1
        self.agenda[visit_id] = self.scene.clock.now
        if not self._is_following and self.scene.streams < self.scene.streams_max:
            self._is_following = True
            self.scene.streams += 1
            self.scene.spawn(Stream(person=self).follow(self._hear))
        outing = outings.Outing(nurse=self, visit_id=visit_id, number=self.visits_had)
        self.scene.spawn(outing.run())

    def _hear(self, event: Event) -> None:
        self.scene.hear(event)
        news = self.scene.orders.get(str(event.data.get("order_id")))
        if event.name == "offer.created" and news is not None:
            expires_at = datetime.fromisoformat(event.data["expires_at"])
            self.ring(event.data["offer_id"], news, expires_at)

    async def _answer(self, rng: random.Random, offer_id: str, expires_at: datetime) -> None:
        clock = self.scene.clock
        left_s = (expires_at - clock.now).total_seconds() - SENDING_S * clock.scale
        await clock.sleep(self.nature.reacts_after_s(rng, left_s))
        await self.enter()
        offer = await self._find(offer_id)
        if offer is None:
            self.scene.happens("offers gone when looked at")
            return
        reason = self.nature.objects(
            rng, distance_m=offer["distance_m"], has_visit_near=self._has_visit_near(offer)
        )
        if reason is None:
            await self._accept(rng, offer_id)
        else:
            await self._decline(offer_id, reason)

    async def _find(self, offer_id: str) -> Json | None:
        """As her phone shows it before she decides."""
        offers = await self.items("/v1/nurse/offers")
        return next((offer for offer in offers if offer["id"] == offer_id), None)

    def _has_visit_near(self, offer: Json) -> bool:
        earliest = datetime.fromisoformat(offer["window"]["earliest"])
        return any(abs(at - earliest) < NEAR for at in self.agenda.values())

    async def _decline(self, offer_id: str, reason: str) -> None:
        with self.scene.expecting(*LOST, "illegal-transition"):
            await self.post(f"/v1/offers/{offer_id}/decline", {"reason": reason})
            self.scene.ledger.declines[reason] += 1

    async def _accept(self, rng: random.Random, offer_id: str) -> None:
        try:
            seat = await self.post(f"/v1/offers/{offer_id}/accept")
        except Refused as refusal:
            if refusal.slug not in LOST:
                raise
            self.scene.happens(f"accept refused: {refusal.slug}")
            return
        self.scene.happens("accepted")
        self.set_out(seat["visit_id"])
        if rng.random() < 0.05:  # tapped twice
            again = await self.post(f"/v1/offers/{offer_id}/accept")
            if again["visit_id"] != seat["visit_id"]:
                self.scene.ledger.faults["a second accept gave another visit"] += 1


@dataclass(slots=True, kw_only=True, eq=False)
class Staff:
    """Everybody who was ever asked, and the switchboard that lets the phones ring."""

    scene: Scene
    operator: Operator
    nurses: dict[str, Nurse] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _looking_up: asyncio.Lock = field(default_factory=asyncio.Lock)

    def nurse(self, nurse_id: str, staff_no: int) -> Nurse:
        """She, with her phone; not yet signed in when she is new."""
        if nurse_id not in self.nurses:
            self.nurses[nurse_id] = Nurse(
                wire=self.scene.wire,
                phone=f"+86139{staff_no:08d}",
                scene=self.scene,
                operator=self.operator,
                staff_no=staff_no,
                nature=Nature.draw(self.scene.seed, staff_no),
                nurse_id=nurse_id,
            )
        return self.nurses[nurse_id]

    def hear(self, event: Event, news: News) -> None:
        """An offer of an order of ours goes out. Her phone rings, also one that is not listening
        itself: a text message would wake it."""
        self.scene.spawn(self._connect(event, news))

    async def _connect(self, event: Event, news: News) -> None:
        nurse_id = event.data["nurse_id"]
        async with self._looking_up:
            if nurse_id not in self._numbers:
                self._numbers = await self.operator.staff_numbers()
        nurse = self.nurse(nurse_id, self._numbers[nurse_id])
        expires_at = datetime.fromisoformat(event.data["expires_at"])
        nurse.ring(event.data["offer_id"], news, expires_at)
