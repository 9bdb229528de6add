"""One order from the first tap to the rating: the patient in a browser, the others by the contract.

It stops at every view, for whoever wants to look at it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.acceptance.clients import OPERATOR, Person, ServerClock, Wire, fill_record, time_text
from tests.browser.driving import Phone
from tests.browser.words import Words

Look = Callable[[str], Awaitable[None]]
HOME: Final = (29.100, 119.630)
LOOK_AGAIN_S: Final = 0.5
FIRST_OFFER_S: Final = 240.0


@dataclass(slots=True, kw_only=True)
class Story:
    """Who is in it, and how to look at a view."""

    phone: Phone
    wire: Wire
    clock: ServerClock
    words: Words
    look: Look

    async def sign_in(self) -> None:
        await self.phone.goto("/patient/")
        await self.phone.sees(self.words.sign_in)
        await self.look("sign-in")
        await self.phone.press(self.words.demo)
        await self.phone.sees(self.words.who)
        await self.look("home")

    async def add_person(self) -> None:
        phone, words = self.phone, self.words
        await phone.press(words.add_person)
        await phone.choose(words.parent)
        await phone.fill(words.name, "王秀兰")
        await phone.choose(words.female)
        await phone.fill(words.birth, "1951-03-08")
        await phone.fill(words.conditions, "高血压")
        await self.look("person")
        await phone.press(words.save)
        await phone.fill(words.address, "八一南街 88 号 3 幢 502")
        await phone.press(words.locate)
        await phone.sees(words.pinned)
        await phone.fill(words.floor, "5")
        await phone.choose(words.no_lift)
        await self.look("address")
        await phone.press(words.save_address)
        await phone.press(words.go_on)

    async def order(self) -> str:
        """The id of the order that was placed."""
        phone, words = self.phone, self.words
        await self.look("what")
        await phone.fill(words.say, "换药")
        await phone.choose(words.dressing)
        await self.look("found")
        await phone.press(words.next)
        await self.look("where")
        await phone.press(words.next)
        await phone.page.get_by_role("radio", name=words.possible).first.check(force=True)
        await phone.sees(words.total)
        await self.look("when")
        await phone.press(words.next)
        await phone.sees(words.consent)
        await phone.fill(words.signer, "王小明")
        await phone.choose(words.agree)
        await self.look("consent")
        await phone.press(words.place)
        await phone.page.wait_for_url("**/patient/orders/*")
        await phone.sees(words.submitted)
        await self.look("submitted")
        return phone.page.url.rpartition("/")[2]

    async def approve(self, order_id: str) -> Person:
        """The nurse who was asked first, once the operator has let the order through."""
        operator = await Person.sign_in(self.wire, OPERATOR)
        path = f"/v1/ops/orders/{order_id}"
        body = {"decision": "approve", "note": "可以上门"}
        await operator.post(f"{path}/assess", body)
        await self.phone.sees(self.words.open)
        await self.look("open")
        deadline = asyncio.get_running_loop().time() + FIRST_OFFER_S
        while asyncio.get_running_loop().time() < deadline:
            found = (await operator.get(f"{path}/candidates"))["items"]
            asked = next((each for each in found if each["offer_state"] == "sent"), None)
            if asked is not None:
                return await Person.sign_in(self.wire, f"+86139{asked['staff_no']:08d}")
            await asyncio.sleep(LOOK_AGAIN_S)
        raise AssertionError("nobody was asked")

    async def visit(self, nurse: Person, order_id: str, *, signed: bool = True) -> None:
        """She accepts, comes, does what is to be done and leaves; the patient sees it all move."""
        path = await self.come(nurse, order_id)
        await self.leave(nurse, path, signed=signed)

    async def come(self, nurse: Person, order_id: str) -> str:
        """She is in the home; the path of her visit."""
        phone, words = self.phone, self.words
        offers = (await nurse.get("/v1/nurse/offers"))["items"]
        offer = next(each for each in offers if each["order_id"] == order_id)
        visit_id = (await nurse.post(f"/v1/offers/{offer['id']}/accept"))["visit_id"]
        await phone.sees(words.assigned)
        await self.look("assigned")
        path = f"/v1/visits/{visit_id}"
        await nurse.post(f"{path}/depart", self._at(0.012))
        await nurse.post("/v1/nurse/positions", {"points": [self._point(0.008)]})
        await phone.sees(words.away)
        await self.look("en-route")
        await nurse.post(f"{path}/arrive", {**self._at(0.0), "accuracy_m": 10.0})
        await nurse.post(
            f"{path}/start", {"identity_confirmed": True, "at": time_text(self.clock.now)}
        )
        await phone.sees(words.in_service)
        await self.look("in-service")
        return path

    async def leave(self, nurse: Person, path: str, *, signed: bool) -> None:
        """She has done what was asked; `signed` on her phone, at the door."""
        await fill_record(nurse, path, self.clock.now)
        done: dict[str, Any] = {
            **self._at(0.0),
            "summary": "伤口清洁，愈合良好。",
            "early_reason": "伤口很小，很快完成。",
        }
        if signed:
            done["signature"] = {
                "signed_by": "王秀兰",
                "relation": "patient",
                "svg": "<svg></svg>",
            }
        await nurse.post(f"{path}/complete", done)
        await self.phone.sees(self.words.fulfilled)
        await self.look("fulfilled")

    async def thank(self) -> None:
        phone, words = self.phone, self.words
        # She had it signed on her phone at the door.
        await phone.sees(words.signed)
        await phone.choose(words.five_stars)
        await phone.press(words.send_rating)
        await phone.sees(words.own_rating)
        await self.look("rated")

    def _at(self, away_deg: float) -> dict[str, Any]:
        return {"location": self._place(away_deg), "at": time_text(self.clock.now)}

    def _point(self, away_deg: float) -> dict[str, Any]:
        at = time_text(self.clock.now)
        return {"location": self._place(away_deg), "recorded_at": at, "accuracy_m": 10.0}

    def _place(self, away_deg: float) -> dict[str, float]:
        return {"lat": HOME[0] + away_deg, "lng": HOME[1]}
