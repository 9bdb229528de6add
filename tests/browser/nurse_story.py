"""One visit from the offer to the summary: the nurse on her phone, the others by the contract.

It stops at every view, for whoever wants to look at it.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, Final

from demo import record_sheet
from tests.acceptance.clients import OPERATOR, Json, Person, ServerClock, Wire, time_text
from tests.browser.care_story import FIRST_OFFER_S, HOME, LOOK_AGAIN_S, Look
from tests.browser.driving import Phone
from tests.browser.nurse_words import Words

PATIENT: Final = "+8613700008811"
DRESSING: Final = "RH01"
NAME: Final = "王秀兰"
AWAY: Final = (29.108, 119.630)


@dataclass(slots=True, kw_only=True)
class Booking:
    """An order that is out for offers, and the nurses who are asked."""

    patient: Person
    operator: Person
    order_id: str
    asked: list[int]


async def book(wire: Wire, clock: ServerClock, *, code: str, asked: int = 1) -> Booking:
    """Place and approve an order, and wait until so many nurses are asked."""
    patient = await Person.sign_in(wire, PATIENT)
    operator = await Person.sign_in(wire, OPERATOR)
    order = await patient.post("/v1/orders", await _order(patient, clock, code))
    path = f"/v1/ops/orders/{order['id']}"
    await operator.post(f"{path}/assess", {"decision": "approve", "note": "可以上门"})
    deadline = asyncio.get_running_loop().time() + FIRST_OFFER_S
    while asyncio.get_running_loop().time() < deadline:
        found = (await operator.get(f"{path}/candidates"))["items"]
        sent = [each["staff_no"] for each in found if each["offer_state"] == "sent"]
        if len(sent) >= asked:
            return Booking(patient=patient, operator=operator, order_id=order["id"], asked=sent)
        await asyncio.sleep(LOOK_AGAIN_S)
    raise AssertionError("too few nurses were asked")


async def _order(patient: Person, clock: ServerClock, code: str) -> Json:
    person = await patient.post(
        "/v1/patients",
        {
            "name": NAME,
            "gender": "female",
            "birth_date": "1951-03-08",
            "relation": "parent",
            "phone": "+8613700008812",
            "conditions": ["高血压"],
            "allergies": ["青霉素"],
        },
    )
    address = await patient.post(
        f"/v1/patients/{person['id']}/addresses",
        {
            "label": "家",
            "text": "八一南街 88 号 3 幢 502",
            "location": {"lat": HOME[0], "lng": HOME[1]},
            "access_notes": "单元门请按 502",
            "floor": 5,
            "has_lift": False,
        },
    )
    start = clock.after(minutes=50)
    return {
        "patient_id": person["id"],
        "address_id": address["id"],
        "service_codes": [code],
        "window": {"earliest": time_text(start), "latest": time_text(start + timedelta(hours=1))},
        "urgency": "soon",
        "notes": "请从北门进",
        "preferences": {},
        "consent": {
            "version": "1",
            "accepted_at": time_text(clock.now),
            "signer": "王小明",
            "relation": "child",
        },
    }


@dataclass(slots=True, kw_only=True)
class NurseStory:
    """Who is in it, and how to look at a view."""

    phone: Phone
    wire: Wire
    clock: ServerClock
    words: Words
    look: Look

    async def sign_in(self, staff_no: int) -> None:
        phone, words = self.phone, self.words
        await phone.goto("/nurse/")
        await phone.sees(words.sign_in)
        await self.look("sign-in")
        await phone.fill(words.number, f"139{staff_no:08d}")
        await phone.press(words.ask)
        await phone.fill(words.code, "000000")
        await phone.page.locator("button[type=submit]").click()
        await phone.sees(words.waiting)

    async def accept(self, order_id: str) -> str:
        """The id of the visit that she got."""
        phone, words = self.phone, self.words
        await phone.page.get_by_role("button", name=words.accept).first.wait_for()
        await phone.sees(words.stairs)
        await self.look("offer")
        await phone.press(words.decline)
        await phone.sees(words.why_not)
        await self.look("decline")
        await phone.press(words.back)
        await phone.page.get_by_role("button", name=words.accept).first.click()
        await phone.page.wait_for_url("**/nurse/visits/*")
        await phone.sees(NAME)
        await self.look("visit-planned")
        return phone.page.url.rpartition("/")[2]

    async def look_around(self) -> None:
        """The views besides the visit."""
        phone, words = self.phone, self.words
        for tab, seen, view in (
            (words.day, words.show_map, "day"),
            (words.duty, words.radius, "duty"),
            (words.me, words.why_none, "me"),
        ):
            await (
                phone.page.get_by_role("navigation")
                .get_by_role("link", name=re.compile(f"{tab}$"))
                .click()
            )
            await phone.sees(seen)
            await self.look(view)
            if view == "day":
                await phone.press(words.show_map)
                await phone.page.locator(".leaflet-interactive").first.wait_for()
                await self.look("map")
            if view == "me":
                await phone.press(words.why_each)
                await phone.sees(words.ranked)
                await phone.page.get_by_text(words.parts).first.click()
                await phone.sees(words.travel)
                await self.look("why")

    async def offline(self, *, is_off: bool) -> None:
        if is_off:
            # From now on the phone has what it needs to open the page by itself.
            await self.phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await self.phone.page.context.set_offline(is_off)

    async def is_sent(self) -> None:
        """Wait until nothing waits on the phone any more."""
        waiting = self.phone.page.get_by_text(self.words.unsent)
        await waiting.wait_for(state="detached")

    async def come(self, visit_id: str) -> None:
        """She sets out, is far from the door, then in front of it."""
        phone, words = self.phone, self.words
        await phone.goto(f"/nurse/visits/{visit_id}")
        await phone.press(words.depart)
        await phone.page.get_by_role("button", name=words.arrive).wait_for()
        await self.look("en-route")
        await phone.press(words.arrive)
        await phone.sees(words.far)
        await self.look("far")
        await phone.press(words.close)
        await self.phone.page.context.set_geolocation(
            {"latitude": HOME[0], "longitude": HOME[1], "accuracy": 12}
        )
        await phone.press(words.arrive)
        await phone.page.get_by_role("button", name=words.start).wait_for()
        await self.look("arrived")

    async def knock(self) -> None:
        phone, words = self.phone, self.words
        await phone.press(words.nobody)
        await phone.press(words.rang)
        await phone.sees("✓")
        await self.look("door")
        await phone.press(words.close)

    async def begin(self) -> None:
        phone, words = self.phone, self.words
        await phone.press(words.start)
        await self.look("identity")
        await phone.choose(words.same)
        await phone.choose(words.fit)
        await phone.press(words.begin)
        await phone.sees(words.record)
        await self.look("in-service")

    async def record(self) -> None:
        """All that is asked, an odd value first."""
        phone, words = self.phone, self.words
        systolic = phone.page.get_by_label(words.systolic).first
        await systolic.fill("999")
        await phone.sees(words.out_of_range)
        await systolic.fill("195")
        await phone.sees(words.unusual)
        await self.look("odd-value")
        await self._fill_required()
        for part in await phone.page.get_by_role("button", name=words.save_part).all():
            await part.click()
        await phone.sees(words.record_done)
        await self.look("recorded")

    async def _fill_required(self) -> None:
        page = self.phone.page
        for box in await page.locator("form input, form textarea, form fieldset").all():
            name = await box.evaluate(
                "e => e.tagName + ' ' + (e.type || '') + ' ' + (e.inputMode || '')"
            )
            label = await box.evaluate(
                "e => (e.labels?.[0] ?? e.querySelector('legend'))?.textContent ?? ''"
            )
            if self.words.optional in label:
                continue
            await self._fill_box(box, name, label)

    async def _fill_box(self, box: Any, name: str, label: str) -> None:
        match name.split():
            case ["FIELDSET", *_]:
                await box.locator("input").first.check(force=True)
            case ["INPUT", "file", *_]:
                await box.set_input_files(
                    {"name": "wound.jpg", "mimeType": "image/jpeg", "buffer": record_sheet.photo()}
                )
            case [_, "date", *_]:
                await box.fill(
                    (self.clock.now + timedelta(days=20)).astimezone(UTC).strftime("%Y-%m-%d")
                )
            case [_, "text", ("numeric" | "decimal")]:
                await box.fill(self.words.value_for(label))
            case ["TEXTAREA", *_]:
                await box.fill(self.words.nothing_odd)

    async def finish(self) -> None:
        phone, words = self.phone, self.words
        await phone.fill(words.early, "伤口很小，很快完成")
        await phone.fill(words.summary, "伤口清洁，愈合良好。")
        pad = phone.page.get_by_role("img", name=re.compile(words.sign_here))
        await pad.scroll_into_view_if_needed()
        where = await pad.bounding_box()
        assert where is not None
        mouse = phone.page.mouse
        await mouse.move(where["x"] + 40, where["y"] + 60)
        await mouse.down()
        await mouse.move(where["x"] + 180, where["y"] + 90, steps=6)
        await mouse.up()
        await self.look("finish")
        await phone.press(words.complete)
        await phone.sees(words.completed)
        await self.look("completed")
