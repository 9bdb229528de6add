"""One visit from its nurse's side: when she leaves, what her phone sends, how she errs.

Every step carries the time at which she took it; without a network they are kept and sent later.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from config import geometry
from demo import draws, record_sheet
from demo.crowd.client import Json, Refused, Unreachable, time_text
from demo.crowd.scene import VISIT_ENDS, Scene
from demo.crowd.temper import Conduct
from demo.record_sheet import Form

if TYPE_CHECKING:
    from demo.crowd.nurses import Nurse

TRACK_EVERY_S: Final = 150
# Never faster than this in our own seconds, however fast the server's time runs.
TRACK_EVERY_REAL_S: Final = 2.0
DOORSTEP_MIN: Final = (1, 4)
ACCURACY_M: Final = (5, 30)
AWAY_M: Final = 600
SOS_PATIENCE_S: Final = 3.0
DOZE_MIN: Final = 5
# Of the time after which she would be asked whether she is well.
CHECKS_IN_AFTER: Final = 0.8
# Nothing stands against it, and nothing is done otherwise.
DOOR_CHECK: Final = {"outcome": "proceed"}
# A visit is given up by the clock an hour after its planned start; she calls before.
OFFLINE_FOR_MIN_MAX: Final = 45
RELEASE_REASONS: Final = ("临时有事", "科室加班", "家人生病")


class _Over(Exception):
    """The visit has ended meanwhile, by somebody else."""


@dataclass(slots=True, kw_only=True, eq=False)
class Outing:
    """One nurse's way to one visit and through it."""

    nurse: Nurse = field(repr=False)
    visit_id: str
    number: int
    visit: Json = field(default_factory=dict)
    kept: list[tuple[str, Json | Form, str]] = field(default_factory=list)
    """Calls that wait for a network: path, body, retry key."""
    is_online: bool = True
    _rng: random.Random = field(default_factory=random.Random)

    @property
    def scene(self) -> Scene:
        return self.nurse.scene

    @property
    def path(self) -> str:
        return f"/v1/visits/{self.visit_id}"

    async def run(self) -> None:
        """The whole of it, until it ends in whatever way."""
        self._rng = draws.stream(self.scene.seed, "outing", self.nurse.staff_no, self.number)
        conduct = Conduct.draw(self.scene.seed, self.nurse.staff_no, self.number)
        ended = self.scene.end_of(self.visit_id)
        try:
            if self.nurse.home is None:
                self.nurse.home = (await self.nurse.get("/v1/nurse/profile"))["location"]
            self.visit = await self.nurse.get(self.path)
            if self.visit["state"] in VISIT_ENDS:
                raise _Over
            self.nurse.agenda[self.visit_id] = self._planned("planned_start")
            await self._go(conduct)
        except _Over:
            self.scene.happens("called back by the end of the visit")
        finally:
            ended.set()
            self.scene.ended.pop(self.visit_id, None)
            self.nurse.agenda.pop(self.visit_id, None)

    async def _go(self, conduct: Conduct) -> None:
        planned = self._planned("planned_start")
        way = timedelta(seconds=self.visit["travel_s"])
        leaves_at = planned - way - timedelta(minutes=conduct.early_min)
        if conduct.releases_after is not None:
            now = self.scene.clock.now
            await self._until(now + max(timedelta(), leaves_at - now) * conduct.releases_after)
            await self._release()
            return
        if conduct.is_no_show:
            self.scene.happens("did not come")
            await self.scene.end_of(self.visit_id).wait()
            return
        await self._until(leaves_at)
        if conduct.early_min < 0:
            self.scene.happens("left late")
        async with self.nurse.on_the_road:  # she may still be at the visit before
            await self._until(leaves_at)
            await self._depart()
            await self._travel(way * conduct.pace, planned)
            await self._serve(conduct)
        await self._go_home()

    async def _release(self) -> None:
        with self.scene.expecting("illegal-transition"):
            await self.nurse.post(
                f"{self.path}/release", {"reason": self._rng.choice(RELEASE_REASONS)}
            )
            self.scene.happens("released by the nurse")

    async def _depart(self) -> None:
        """As soon as every seat of the order is filled: a partner may still be missing; or the
        patient's condition has changed, and an assessor sees to it."""
        while True:
            try:
                await self._step("depart", location=self._home())
                return
            except Refused as refusal:
                if refusal.slug == "rule-refused":
                    self.scene.happens("waited for an assessment")
                elif (
                    refusal.slug == "illegal-transition" and refusal.problem["state"] == "scheduled"
                ):
                    self.scene.happens("waited for a partner")
                else:
                    raise
            await self._until(self.scene.clock.now + timedelta(minutes=DOZE_MIN))

    async def _travel(self, way: timedelta, planned: datetime) -> None:
        """On the road, telling where she is; not much too early at the door."""
        set_out = self.scene.clock.now
        there = max(set_out + way, planned - timedelta(minutes=10))
        self.scene.ledger.travels.append((self.visit["travel_s"], self.visit["distance_m"]))
        every = timedelta(seconds=max(TRACK_EVERY_S, TRACK_EVERY_REAL_S * self.scene.clock.scale))
        while self.scene.clock.now + every < there:
            await self._until(self.scene.clock.now + every)
            part = min(1.0, (self.scene.clock.now - set_out) / max(way, every))
            await self._report(part)
        await self._until(there)

    async def _report(self, part: float) -> None:
        home, door = self._home(), self._door()
        here = {name: home[name] + (door[name] - home[name]) * part for name in ("lat", "lng")}
        now = time_text(self.scene.clock.now)
        point = {"location": here, "recorded_at": now, "accuracy_m": self._accuracy()}
        await self._send("/v1/nurse/positions", {"points": [point]})

    async def _serve(self, conduct: Conduct) -> None:
        length = self._planned("planned_end") - self._planned("planned_start")
        stay = length * conduct.stay
        self.is_online = not (
            conduct.is_offline and stay < timedelta(minutes=OFFLINE_FOR_MIN_MAX - 5)
        )
        await self._arrive(conduct)
        doorstep_min = self._rng.uniform(*DOORSTEP_MIN)
        await self._until(self.scene.clock.now + timedelta(minutes=doorstep_min))
        if conduct.abort_reason is not None and conduct.abort_reason != "clinical":
            await self._abort(conduct.abort_reason)
            return
        told = await self._step("start", identity_confirmed=True, door_check=DOOR_CHECK)
        self.visit = told or self.visit
        await self._stay(stay * 0.3)
        entries = await self._sheet()
        vitals = {**entries.pop("before", {}).get("vitals", {}), **self._vitals()}
        await self._record("vitals", vitals, twice=conduct.sends_twice)
        if conduct.sos:
            await self._sos()
        if conduct.abort_reason == "clinical":
            await self._abort("clinical")
            return
        await self._stay(stay * 0.5)
        for kind, data in entries.pop("any", {}).items():
            await self._record(kind, data)
        await self._stay(stay * 0.2)
        for kind, data in entries.pop("after", {}).items():
            await self._record(kind, data)
        if not self.is_online:
            await self._come_back(conduct)
        await self._step("complete", location=self._door(), summary="生命体征平稳，服务顺利完成。")
        self.scene.happens("completed by the nurse")

    async def _stay(self, length: timedelta) -> None:
        """Be with the patient, and say that she is well as often as she is asked to."""
        until = self.scene.clock.now + length
        every_min = (self.visit["welfare"] or {}).get("every_min")
        if every_min:
            gap = timedelta(minutes=every_min) * CHECKS_IN_AFTER
            while self.scene.clock.now + gap < until:
                await self._until(self.scene.clock.now + gap)
                await self._step("check-in")
                self.scene.happens("checked in")
        await self._until(until)

    async def _arrive(self, conduct: Conduct) -> None:
        if conduct.is_outside and self.is_online:
            away = {"location": self._away(), "accuracy_m": self._accuracy()}
            try:
                await self._step("arrive", **away)
            except Refused as refusal:
                if refusal.slug != "outside-geofence":
                    raise
                self.scene.happens("arrived outside the geofence")
                await self._step("arrive", **away, override_reason="定位漂移，已在门口")
            return
        await self._step("arrive", location=self._door(), accuracy_m=self._accuracy())

    async def _abort(self, reason: str) -> None:
        if not self.is_online:
            await self._flush()
        await self._step("abort", reason=reason)
        self.scene.happens(f"aborted: {reason}")

    async def _come_back(self, conduct: Conduct) -> None:
        """The network is there again: what was kept goes out first, in its order."""
        await self._until(self.scene.clock.now + timedelta(minutes=conduct.offline_after_min))
        await self._flush()
        self.scene.happens("steps sent late")

    async def _sos(self) -> None:
        """To the process for alarms; when that does not answer, to the other way in."""
        body = {"location": self._door(), "at": time_text(self.scene.clock.now)}
        self.scene.happens("SOS by the nurse")
        try:
            url = f"{self.nurse.operator.alarm_url}{self.path}/sos"
            await self.nurse.post(url, body, patience_s=SOS_PATIENCE_S)
        except Unreachable:
            await self.nurse.post(f"{self.path}/sos", body)

    async def _go_home(self) -> None:
        """Be sent from home again, unless there is more to do."""
        if self.nurse.home is None or len(self.nurse.agenda) > 1:
            return
        available = (await self.nurse.get("/v1/nurse/profile"))["available"]
        place = {"available": available, "location": self.nurse.home}
        await self.nurse.put("/v1/nurse/availability", place)

    async def _sheet(self) -> dict[str, dict[str, Json]]:
        """What she will enter, by when and kind; the photo that it names is taken now."""
        fields, now, photo = self.visit["record_fields"], self.scene.clock.now, str(uuid4())
        if record_sheet.wants_photo(fields):
            form = record_sheet.photo_form(photo, time_text(now))
            await self._send(f"{self.path}/attachments", form)
        entries: dict[str, dict[str, Json]] = {}
        for when, kind, data in record_sheet.filled(fields, today=now.date(), photo=photo):
            entries.setdefault(when, {})[kind] = data
        return entries

    async def _record(self, kind: str, data: Json, *, twice: bool = False) -> None:
        body = {
            "kind": kind,
            "data": data,
            "recorded_at": time_text(self.scene.clock.now),
            "client_id": str(uuid4()),
        }
        for _ in range(1 + twice):
            await self._send(f"{self.path}/records", body)

    async def _step(self, name: str, **more: Any) -> Json | None:
        body = {"at": time_text(self.scene.clock.now), **more}
        return await self._send(f"{self.path}/{name}", body)

    async def _send(self, path: str, body: Json | Form) -> Json | None:
        """Now, or kept while there is no network: then there is no answer.

        Raises `_Over` once the visit has ended.
        """
        key = str(uuid4())
        if not self.is_online:
            self.kept.append((path, body, key))
            return None
        try:
            told: Json = await self.nurse.post(path, body, key=key)
        except Refused as refusal:
            if refusal.slug != "illegal-transition" or not self._has_ended(refusal):
                raise
            self.scene.happens("steps for an ended visit")
            raise _Over from None
        return told

    async def _flush(self) -> None:
        self.is_online = True
        kept, self.kept = self.kept, []
        for path, body, key in kept:
            try:
                await self.nurse.post(path, body, key=key)
            except Refused as refusal:
                if refusal.slug != "illegal-transition":
                    raise
                self.scene.happens("steps for an ended visit")
                raise _Over from None

    async def _until(self, at: datetime) -> None:
        """Wait for that time. Raises `_Over` if the visit ends before, and she hears of it."""
        ended = self.scene.end_of(self.visit_id)
        waiting = asyncio.create_task(self.scene.clock.until(at))
        telling = asyncio.create_task(ended.wait())
        try:
            await asyncio.wait({waiting, telling}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            telling.cancel()
        if ended.is_set() and self.is_online:
            raise _Over

    def _has_ended(self, refusal: Refused) -> bool:
        if self.scene.end_of(self.visit_id).is_set():
            return True
        return refusal.problem.get("state") in VISIT_ENDS

    def _planned(self, name: str) -> datetime:
        return datetime.fromisoformat(self.visit[name])

    def _door(self) -> Json:
        place = self.visit["address"]["location"]
        return {"lat": place["lat"], "lng": place["lng"]}

    def _home(self) -> Json:
        home = self.nurse.home or self._door()
        return {"lat": home["lat"], "lng": home["lng"]}

    def _away(self) -> Json:
        """A phone that believes to be some streets off."""
        door = self._door()
        x_m, y_m = geometry.JINHUA.project(door["lat"], door["lng"])
        lat, lng = geometry.JINHUA.locate(x_m + AWAY_M, y_m)
        return {"lat": round(lat, 6), "lng": round(lng, 6)}

    def _accuracy(self) -> float:
        return round(self._rng.uniform(*ACCURACY_M), 1)

    def _vitals(self) -> Json:
        systolic = self._rng.randint(105, 160)
        return {
            "systolic_mmhg": systolic,
            "diastolic_mmhg": systolic - self._rng.randint(35, 60),
            "pulse_bpm": self._rng.randint(58, 96),
            "temperature_c": round(self._rng.uniform(36.1, 37.4), 1),
            "spo2_pct": self._rng.randint(93, 99),
        }
