"""The crowd's dispatcher: she assesses its orders, hears who is asked, takes up alarms, helps out.

She is the demo's operator, and sees everybody's orders; she acts on those of the crowd only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from demo import draws
from demo.crowd.client import Json, Person
from demo.crowd.scene import News, Scene
from demo.crowd.streams import Event, Stream

PHONE: Final = "+8613800000001"
# Should the event of an alarm be missed, it is in the list, read after so many seconds of ours.
LOOK_AGAIN_S: Final = 15.0
# The assessment holds no longer, and another one is waited for.
UNSURE: Final = ("rule-refused",)
ACKNOWLEDGES_S: Final = (8, 35)
RESOLVES_S: Final = (90, 400)
NOTES: Final = {
    "sos": "已电话联系现场，情况稳定，无需出警。",
    "overdue": "已电话联系护士，服务已结束。",
    "not_departed": "已电话提醒护士出发。",
    "not_coming": "已电话联系途中的护士。",
    "late_step": "已与护士核对到访时间。",
    "check_in": "已电话联系护士，平安。",
    "dark": "已电话联系护士，手机恢复信号。",
}


@dataclass(slots=True, kw_only=True, eq=False)
class Operator(Person):
    """One dispatcher's desk."""

    alarm_url: str = ""
    scene: Scene = field(repr=False)
    _handling: set[str] = field(default_factory=set)
    _on_offer: Callable[[Event, News], None] = field(init=False, repr=False)

    async def enter(self, on_offer: Callable[[Event, News], None]) -> None:
        """Sign in and follow the stream of all that happens; pass on who is asked."""
        self._on_offer = on_offer
        await self.sign_in()
        self.alarm_url = (await self.get("/v1/me"))["alarm_url"]
        stream = Stream(person=self, path="/v1/ops/stream")
        self.scene.spawn(stream.follow(self._hear))
        await stream.connected.wait()
        self.scene.spawn(self._watch_alarms())
        self.scene.spawn(self._watch_reviews())

    async def assess(self, order_id: str, decision: str) -> None:
        """Approve, reject or ask for more."""
        note = {"approve": "可居家服务。", "reject": "病情不适合居家服务，请到院就诊。"}
        body = {"decision": decision, "note": note.get(decision, "请补充近期病历。")}
        if decision == "approve":
            body |= {"outcome": "pass"}
        with self.scene.expecting("illegal-transition"):
            await self.post(f"/v1/ops/orders/{order_id}/assess", body)
            self.scene.happens(f"assessed: {decision}")

    async def reopen(self, order_id: str) -> None:
        with self.scene.expecting("illegal-transition"):
            await self.post(f"/v1/ops/orders/{order_id}/reopen", {"reason": "继续寻找护士"})
            self.scene.happens("reopened")

    async def staff_numbers(self) -> dict[str, int]:
        """Of all nurses, by their ids."""
        return {one["id"]: one["staff_no"] for one in await self.items("/v1/ops/nurses")}

    async def assign(self, order_id: str) -> Json | None:
        """Send the best nurse whom nobody has asked yet, as agreed by telephone; the visit that
        she got with her staff number, or nothing."""
        page = await self.get(f"/v1/ops/orders/{order_id}/candidates?limit=200")
        ready = [o for o in page["items"] if o["eligible"] and o["offer_id"] is None]
        for one in ready[:3]:
            body = {"nurse_id": one["nurse_id"], "reason": "电话联系后指派"}
            with self.scene.expecting("nurse-busy", "not-eligible", "illegal-transition", *UNSURE):
                told = await self.post(f"/v1/ops/orders/{order_id}/assign", body)
                self.scene.happens("assigned by the operator")
                hers = (v for v in told["visits"] if v["nurse"]["id"] == one["nurse_id"])
                visit: Json = next(hers)
                return {**visit, "staff_no": one["staff_no"]}
        return None

    async def end_for_her(self, visit_id: str) -> None:
        """End a visit whose nurse cannot: by where it stands."""
        visit = await self.get(f"/v1/visits/{visit_id}")
        step = {"in_service": "complete", "arrived": "abort", "en_route": "abort"}
        if move := step.get(visit["state"]):
            with self.scene.expecting("illegal-transition"):
                body = {"reason": "other: 护士手机无法使用，电话确认"}
                await self.post(f"/v1/ops/visits/{visit_id}/{move}", body)
                self.scene.happens("ended by the operator")

    async def receive_waste(self, visit_id: str) -> None:
        """Take in what a nurse has brought back from a visit, if it made waste."""
        waste = (await self.get(f"/v1/visits/{visit_id}"))["waste"]
        if waste is None or waste["state"] not in ("out", "late"):
            return
        items = [{"category": one["category"], "containers": 1} for one in waste["categories"]]
        with self.scene.expecting("already-settled"):
            body = {"received_by": "供应室值班员", "items": items}
            await self.post(f"/v1/ops/visits/{visit_id}/waste/receive", body)
            self.scene.happens("waste received")

    async def answer_complaint(self, case_id: str) -> None:
        """Take it up, and let her off a part of what she pays for it."""
        path = f"/v1/ops/cases/{case_id}"
        with self.scene.expecting("illegal-transition"):
            await self.post(f"{path}/take-up")
            body = {"outcome": "justified", "text": "已与护士沟通并致歉。", "credit_fen": 1000}
            await self.post(f"{path}/settle", body)
            self.scene.happens("complaints answered")

    def _hear(self, event: Event) -> None:
        self.scene.hear(event)
        news = self.scene.orders.get(str(event.data.get("order_id")))
        if news is None:
            return
        if event.name == "offer.created":
            self._on_offer(event, news)
        elif event.name == "alarm.raised":
            self._take_up(event.data, news)

    async def _watch_alarms(self) -> None:
        """An alarm must not be missed with an event: the list is looked at now and then."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            for alarm in await self.items("/v1/ops/alarms?state=raised"):
                news = self.scene.orders.get(str(alarm["order_id"]))
                if news is not None:
                    self._take_up({**alarm, "alarm_id": alarm["id"]}, news)

    async def _watch_reviews(self) -> None:
        """An order that was approved comes again when the patient's condition has changed."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            for order in await self.items("/v1/ops/assessments"):
                if order["id"] in self.scene.orders and order["state"] != "submitted":
                    await self.assess(order["id"], "approve")
                    self.scene.happens("assessed again")

    def _take_up(self, alarm: Json, news: News) -> None:
        if alarm["alarm_id"] not in self._handling:
            self._handling.add(alarm["alarm_id"])
            self.scene.happens(f"alarm: {alarm['kind']}")
            self.scene.spawn(self._handle(alarm, news))

    async def _handle(self, alarm: Json, news: News) -> None:
        """Acknowledge it, see to it, resolve it."""
        alarm_id, kind = alarm["alarm_id"], alarm["kind"]
        rng = draws.stream(self.scene.seed, "alarm", news.number, kind)
        try:
            await self.scene.clock.sleep(rng.uniform(*ACKNOWLEDGES_S))
            with self.scene.expecting("illegal-transition"):
                await self.post(f"/v1/ops/alarms/{alarm_id}/acknowledge")
            await self.scene.clock.sleep(rng.uniform(*RESOLVES_S))
            if kind == "overdue":
                await self.end_for_her(alarm["visit_id"])
            with self.scene.expecting("illegal-transition"):
                note = {"note": NOTES.get(kind, "已处理。")}
                await self.post(f"/v1/ops/alarms/{alarm_id}/resolve", note)
        finally:
            self._handling.discard(alarm_id)
