"""One order from the wish to its end, from the side of those who ordered and who assess it.

The nurses' side is theirs: here one only hears of it.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from demo.crowd.client import Json, Refused
from demo.crowd.ledger import ENDS, Line
from demo.crowd.mix import Wish
from demo.crowd.nurses import Staff
from demo.crowd.operators import Operator
from demo.crowd.patients import Patient
from demo.crowd.scene import News, Scene
from demo.crowd.temper import Course

# How long the operator leaves it to the waves before she telephones, in minutes, by urgency.
TELEPHONES_AFTER_MIN: Final = {"urgent": 20, "soon": 45, "routine": 240}
MORE_INFO_MIN: Final = 8
LATER: Final = timedelta(hours=1)
CONFIRMS_BEFORE: Final = timedelta(hours=2)
SENDING_S: Final = 2.0
# After these something may be owed: the visit, or the fee of a late cancellation.
WITH_BILL: Final = ("fulfilled", "cancelled")
# Who gives so few stars says why.
COMPLAINS_BELOW: Final = 2
# Without any news people look themselves after this long, in seconds of ours.
LOOK_AGAIN_S: Final = 120.0


@dataclass(slots=True, kw_only=True, eq=False)
class Errand:
    """One order and the people who care for it."""

    scene: Scene
    wish: Wish
    patient: Patient
    operator: Operator
    staff: Staff
    line: Line
    course: Course
    order: Json = field(default_factory=dict)
    news: News = field(init=False)
    placed_at: datetime = field(init=False)
    _beside: list[Any] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.news = News(number=self.wish.number)
        self.placed_at = self.scene.clock.now

    @property
    def has_ended(self) -> bool:
        return self.line.state in ENDS

    async def run(self) -> None:
        """Place it and see it through to its end. The patient has entered."""
        consent = await self.patient.read_consent(self.scene, self.wish)
        self._put_off()
        try:
            self.order = await self.patient.order(
                self.scene,
                self.wish,
                consent=consent,
                prefers_known=self.course.prefers_known,
            )
        except Refused as refusal:
            if refusal.slug != "invalid-request" or self.wish.earliest > self.scene.clock.now:
                raise
            self.scene.happens("wished for too late")
            return
        self.line.order_id = self.order["id"]
        self.scene.ledger.lines.append(self.line)
        self.scene.orders[self.line.order_id] = self.news
        try:
            self._go_beside(self._assess())
            self._go_beside(self._change_mind())
            self._go_beside(self._telephone())
            while not self.has_ended:
                has_rung = await self.news.bell.heard(LOOK_AGAIN_S)
                if not has_rung or self.news.state != self.line.state:
                    await self.look()
                self._react()
        finally:
            for task in self._beside:
                task.cancel()
            self.scene.retire(self.line.order_id)
        if self.line.state in WITH_BILL:
            await self.patient.pay(self.scene, self.line.order_id)
        if self.line.state == "fulfilled":
            await self._afterwards()

    def _put_off(self) -> None:
        """Signing in took its time: a window that has opened meanwhile is wished for later."""
        first = self.scene.clock.now + timedelta(
            seconds=max(60, SENDING_S * self.scene.clock.scale)
        )
        if self.wish.earliest < first:
            late = first - self.wish.earliest
            self.wish = replace(
                self.wish, earliest=self.wish.earliest + late, latest=self.wish.latest + late
            )

    async def look(self) -> None:
        """Read the timeline as it stands."""
        self.line.read(await self.patient.timeline(self.line.order_id))

    def _react(self) -> None:
        if self.line.state == "held":
            self._go_beside(self.operator.reopen(self.line.order_id))
        for visit_id, state in self.news.visits.items():
            if f"{visit_id} {state}" in self._seen:
                continue
            self._seen.add(f"{visit_id} {state}")
            if state == "scheduled":
                self._go_beside(self._be_ready(visit_id))
            if state == "en_route" and self.course.looks_at_map:
                self._go_beside(self.patient.look_at_map(self.scene, self.line.order_id))
            if state == "in_service":
                self._go_beside(self._at_home(visit_id))

    def _go_beside(self, work: Coroutine[Any, Any, Any]) -> None:
        self._beside.append(self.scene.spawn(work))

    async def _assess(self) -> None:
        order_id, course = self.line.order_id, self.course
        await self.scene.clock.sleep(60 * course.assess_after_min)
        if self.news.state != "submitted":
            self.scene.happens("approved by an earlier assessment")
            return
        if course.needs_info:
            await self.operator.assess(order_id, "need_info")
            await self.scene.clock.sleep(60 * MORE_INFO_MIN)
            await self.patient.answer(self.scene, order_id)
        await self.operator.assess(order_id, "reject" if course.is_rejected else "approve")

    async def _change_mind(self) -> None:
        """Call it off or move it, some time before (or after) the window opens."""
        now = self.scene.clock.now
        left = self.wish.earliest - now
        if self.course.cancels_after is not None:
            await self.scene.clock.until(now + left * self.course.cancels_after)
            await self.patient.cancel(self.scene, self.line.order_id, "临时有事，改日再约")
        elif self.course.reschedules_after is not None:
            await self.scene.clock.until(now + left * self.course.reschedules_after)
            await self.patient.reschedule(self.scene, self.order, LATER)

    async def _telephone(self) -> None:
        """Nobody has taken it for long: the operator sends somebody, if there is anybody."""
        await self.scene.clock.sleep(60 * TELEPHONES_AFTER_MIN[self.wish.urgency])
        if self.line.state != "open":
            return
        visit = await self.operator.assign(self.line.order_id)
        if visit is not None:
            nurse = self.staff.nurse(visit["nurse"]["id"], visit["staff_no"])
            await nurse.enter()
            nurse.set_out(visit["visit_id"])

    async def _be_ready(self, visit_id: str) -> None:
        """Say so when asked, some time before the visit."""
        await self.scene.clock.until(self.wish.earliest - CONFIRMS_BEFORE)
        await self.patient.confirm(self.scene, visit_id)

    async def _at_home(self, visit_id: str) -> None:
        """While the nurse is there: the signature near the end, seldom an alarm."""
        service = timedelta(minutes=self.order["duration_min"])
        if self.course.sos:
            self.scene.happens("SOS by the patient")
            await self.patient.post(f"{self.operator.alarm_url}/v1/visits/{visit_id}/sos", {})
        if self.course.signs:
            await self.scene.clock.sleep(0.6 * service.total_seconds())
            await self.patient.sign(self.scene, self.line.order_id)

    async def _afterwards(self) -> None:
        for nurse_id in self.line.came:
            if nurse_id not in self.patient.nurses_known:
                self.patient.nurses_known.append(nurse_id)
        if self.course.stars is not None:
            await self.scene.clock.sleep(600)
            await self.patient.rate(self.scene, self.line.order_id, self.course.stars)
            if self.course.stars <= COMPLAINS_BELOW:
                case_id = await self.patient.complain(self.scene, self.line.order_id)
                await self.operator.answer_complaint(case_id)
        for visit_id in self.news.visits:
            await self.operator.receive_waste(visit_id)
        if self.course.signs_after is not None:
            signs = list(self.course.signs_after)
            await self.patient.follow_up(self.scene, self.line.order_id, signs)
        self.line.look_at_bill(await self.patient.bill(self.line.order_id))
