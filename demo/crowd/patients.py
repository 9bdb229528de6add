"""The crowd's patients: accounts of their own, who order, change their minds, sign and rate."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from demo import patients as enrolled
from demo import roster
from demo.crowd.client import Json, Person, time_text
from demo.crowd.mix import Kind, Wish, kind_of
from demo.crowd.scene import Scene
from demo.crowd.streams import Stream

UNDER_WAY: Final = ("submitted", "open", "held", "assigned")
PRESCRIPTION_DAYS: Final = 30
# On what basis each kind of patient may be served at home.
BASES: Final = {
    Kind.NEWBORN: "mother_newborn",
    Kind.MOTHER: "mother_newborn",
    Kind.ELDER: "elderly_disabled",
    Kind.ADULT: "convalescent",
}


def phone_of(lane: int, patient_no: int) -> str:
    """A number that no sign-in of the demo has; each lane is a household register of its own."""
    return f"+861387{lane % 100:02d}{patient_no:05d}"


@dataclass(slots=True, kw_only=True, eq=False)
class Patient(Person):
    """One account with one profile and its address."""

    number: int
    who: enrolled.Patient = field(repr=False)
    patient_id: str = ""
    address_id: str = ""
    door: Json = field(default_factory=dict)
    nurses_known: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    """Orders that an earlier run has left without an end."""
    _entering: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def enter(self, scene: Scene) -> None:
        """Sign in, with a profile and an address: those of an earlier run if there are any."""
        async with self._entering:
            if self.address_id:
                return
            await self.sign_in()
            known = await self.items("/v1/patients")
            if known:
                self.patient_id = known[0]["id"]
                for state in UNDER_WAY:
                    self.leftovers += [
                        o["id"] for o in await self.items(f"/v1/orders?state={state}")
                    ]
            else:
                self.patient_id = (await self.post("/v1/patients", self._profile()))["id"]
            homes = await self.items(f"/v1/patients/{self.patient_id}/addresses")
            home = homes[0] if homes else await self._move_in()
            self.door = {"lat": home["location"]["lat"], "lng": home["location"]["lng"]}
            if scene.streams < scene.streams_max // 2:
                scene.streams += 1
                scene.spawn(Stream(person=self).follow(scene.hear))
            self.address_id = home["id"]

    async def order(self, scene: Scene, wish: Wish, *, consent: str, prefers_known: bool) -> Json:
        """Place it, with the prescription that it needs."""
        body: Json = {
            "patient_id": self.patient_id,
            "address_id": self.address_id,
            "service_codes": list(wish.service_codes),
            "window": {"earliest": time_text(wish.earliest), "latest": time_text(wish.latest)},
            "urgency": wish.urgency,
            "notes": "演示订单，由模拟患者下单。",
            "consent": {"version": consent, "accepted_at": time_text(scene.clock.now)},
            "eligibility_basis": BASES[kind_of(self.who, scene.clock.now)],
            "preconditions": list(wish.preconditions),
        }
        if wish.needs_prescription:
            body["prescription_id"] = await self._prescribe(scene, wish)
            scene.happens("prescribed")
        if prefers_known and self.nurses_known:
            body["preferences"] = {"preferred_nurse_id": self.nurses_known[-1]}
            scene.happens("asked for the same nurse")
        told: Json = await self.post("/v1/orders", body)
        return told

    async def read_consent(self, scene: Scene, wish: Wish) -> str:
        """Read the texts of her services as they are now; the version that she agrees to."""
        codes = ",".join(wish.service_codes)
        texts = await self.items(f"/v1/consents?service_codes={codes}")
        scene.happens("consented")
        return str(texts[0]["version"])

    async def answer(self, scene: Scene, order_id: str) -> None:
        """Say what the assessor asked for."""
        with scene.expecting("illegal-transition"):
            await self.post(f"/v1/orders/{order_id}/answer", {"text": "近期无发热，可自行翻身。"})
            scene.happens("answered the assessor")

    async def confirm(self, scene: Scene, visit_id: str) -> None:
        """Be ready for the visit, unless it has gone another way meanwhile."""
        with scene.expecting("illegal-transition"):
            await self.post(f"/v1/visits/{visit_id}/confirmation", {"answer": "yes"})
            scene.happens("was ready")

    async def look_at_map(self, scene: Scene, order_id: str) -> None:
        with scene.expecting("not-tracking"):
            await self.get(f"/v1/orders/{order_id}/tracking")
            scene.happens("looked where the nurse is")

    async def sign(self, scene: Scene, order_id: str) -> None:
        with scene.expecting("already-confirmed", "not-finished"):
            await self.post(f"/v1/orders/{order_id}/confirm", {"signed_by": self.who.name})
            scene.happens("signed")

    async def bill(self, order_id: str) -> Json:
        told: Json = await self.get(f"/v1/orders/{order_id}/bill")
        return told

    async def follow_up(self, scene: Scene, order_id: str, signs: list[str]) -> None:
        """Say how she is after the visit, as she is asked to."""
        for case in await self.items("/v1/cases?kind=follow_up"):
            if case["order_id"] == order_id and case["state"] == "waiting":
                with scene.expecting("illegal-transition"):
                    await self.post(f"/v1/cases/{case['id']}/answer", {"signs": signs})
                    scene.happens("told of alarm signs" if signs else "well after the visit")

    async def complain(self, scene: Scene, order_id: str) -> str:
        """About a visit that she was not content with; the case's id."""
        body = {"kind": "attitude", "text": "护士态度不好，希望改进。"}
        scene.happens("complained")
        return str((await self.post(f"/v1/orders/{order_id}/complaint", body))["id"])

    async def pay(self, scene: Scene, order_id: str) -> None:
        """Pay what is owed, if anything is, on the provider's page; the provider tells of it."""
        bill = await self.bill(order_id)
        if bill["state"] not in ("due", "overdue"):
            return
        with scene.expecting("payment-unavailable", "nothing-to-pay"):
            told = await self.post(f"/v1/bills/{bill['id']}/pay")
            try:
                async with self.wire.session.post(told["payments"][-1]["pay_url"]) as answer:
                    scene.happens("paid" if answer.status == 200 else "could not pay")
            except aiohttp.ClientError:
                scene.happens("could not pay")

    async def rate(self, scene: Scene, order_id: str, stars: int) -> None:
        body: Json = {"stars": stars}
        if stars <= 3:
            body["comment"] = "护士来得比约定的时间晚。"
        await self.post(f"/v1/orders/{order_id}/rating", body)
        scene.happens("rated")

    async def cancel(self, scene: Scene, order_id: str, reason: str) -> None:
        with scene.expecting("illegal-transition"):
            await self.post(f"/v1/orders/{order_id}/cancel", {"reason": reason})
            scene.happens("cancelled by the patient")

    async def reschedule(self, scene: Scene, order: Json, later: timedelta) -> None:
        window = {
            name: time_text(datetime.fromisoformat(at) + later)
            for name, at in order["window"].items()
        }
        with scene.expecting("illegal-transition"):
            await self.post(f"/v1/orders/{order['id']}/reschedule", {"window": window})
            scene.happens("rescheduled by the patient")

    async def timeline(self, order_id: str) -> list[Json]:
        return await self.items(f"/v1/orders/{order_id}/timeline")

    async def _prescribe(self, scene: Scene, wish: Wish) -> str:
        today = scene.clock.now.astimezone(roster.ZONE).date()
        last = wish.latest.astimezone(roster.ZONE).date() + timedelta(days=PRESCRIPTION_DAYS)
        body = {
            "patient_id": self.patient_id,
            "service_codes": list(wish.service_codes),
            "prescriber": "演示医师",
            "institution": "演示医院",
            "issued_on": today.isoformat(),
            "valid_until": last.isoformat(),
            "items": [{"procedure": code} for code in wish.service_codes],
        }
        return str((await self.post("/v1/prescriptions", body))["id"])

    def _profile(self) -> Json:
        who = self.who
        return {
            "name": who.name,
            "gender": who.gender,
            "birth_date": who.birth_date.isoformat(),
            "relation": who.relation,
            "phone": self.phone,
            "conditions": list(who.conditions),
            "allergies": list(who.allergies),
            "emergency_contact": {"name": who.emergency_name, "phone": self.phone},
        }

    async def _move_in(self) -> Json:
        who = self.who
        body: Json = {
            "label": who.label,
            "text": who.address,
            "location": {"lat": who.lat, "lng": who.lng},
            "access_notes": who.access_notes,
            "floor": who.floor,
            "has_lift": who.has_lift,
        }
        told: Json = await self.post(f"/v1/patients/{self.patient_id}/addresses", body)
        return told
