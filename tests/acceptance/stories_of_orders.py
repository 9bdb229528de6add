"""What happens to orders: placed, assessed, asked for, declined, moved, held, taken back."""

from __future__ import annotations

from uuid import uuid4

from tests.acceptance.clients import time_text
from tests.acceptance.day import Decision, Nurse, Story, accept, ignore
from tests.acceptance.story_book import Book

book = Book()


@book.story(times=12)
async def plain(s: Story) -> None:
    """Ordered, approved, accepted, visited."""
    (seat,) = await s.assigned("RH01")
    await seat.attend()
    await s.until_state("fulfilled")
    s.happens("fulfilled")


@book.story(times=10)
async def sent_twice(s: Story) -> None:
    """A phone that lost the answer sends the order again, and gets the same one."""
    key, wish = str(uuid4()), s.wish("EC06")
    first = await s.patient.send("POST", "/v1/orders", wish, key=key)
    again = await s.patient.send("POST", "/v1/orders", wish, key=key)
    assert first.status == again.status == 201, first.body
    assert first.body == again.body, "the same key was answered otherwise"
    other = await s.patient.send("POST", "/v1/orders", wish | {"notes": "另一个"}, key=key)
    assert other.status == 422, other.body
    assert other.json()["type"] == "/problems/idempotency-key-reused", other.body
    keyless = await s.patient.send("POST", "/v1/orders", wish)
    assert keyless.status == 428, keyless.body
    s.begin(first.json())
    s.happens("order repeated with its key")
    await s.approve()
    (seat,) = await s.until_assigned()
    await seat.attend()


@book.story(times=8)
async def need_info(s: Story) -> None:
    """The assessor asks, the order waits; then she approves."""
    await s.place("EC08")
    ask = {"decision": "need_info", "note": "能否自行翻身？"}
    order = await s.day.reviewer.post(f"/v1/ops/orders/{s.order_id}/assess", ask)
    assert order["state"] == "submitted", order
    assert (await s.order())["assessment"]["decision"] == "need_info"
    s.happens("asked for information")
    await s.approve()
    (seat,) = await s.until_assigned()
    await seat.attend()


@book.story(times=10)
async def rejected(s: Story) -> None:
    await s.place("EC10")
    no = {"decision": "reject", "note": "需要住院"}
    order = await s.day.reviewer.post(f"/v1/ops/orders/{s.order_id}/assess", no)
    assert order["state"] == "rejected", order
    refusal = await s.patient.refused("POST", f"/v1/orders/{s.order_id}/cancel", {"reason": "-"})
    assert (refusal.status, refusal.slug) == (409, "illegal-transition"), refusal
    s.happens("rejected")


@book.story(times=12)
async def prescribed(s: Story) -> None:
    """A service that needs a prescription is refused without one, and ordered with one."""
    refusal = await s.patient.refused("POST", "/v1/orders", s.wish("EC04"))
    assert refusal.status == 422, refusal
    today = s.clock.now.date().isoformat()
    written = await s.patient.post(
        "/v1/prescriptions",
        {
            "patient_id": s.patient.patient_id,
            "service_codes": ["EC04"],
            "prescriber": "李医生",
            "institution": "金华市中心医院",
            "issued_on": today,
            "valid_until": s.clock.after(days=7).date().isoformat(),
            "items": [{"drug": "维生素B12", "dose": "0.5mg", "route": "im", "frequency": "qd"}],
        },
    )
    s.happens("prescribed")
    (seat,) = await s.assigned("EC04", prescription_id=written["id"])
    await seat.attend()


@book.story(times=6)
async def ordered_by_telephone(s: Story) -> None:
    """The service desk orders for a patient, who sees the order as any other of his."""
    wish = s.wish("LT02") | {"channel": "phone"}
    s.begin(await s.day.operator.post("/v1/ops/orders", wish))
    assert (await s.order())["channel"] == "phone"
    s.happens("ordered on behalf")
    await s.approve()
    (seat,) = await s.until_assigned()
    await seat.attend()


@book.story(times=15)
async def declined(s: Story) -> None:
    """The first two who are asked say no."""
    unwilling: set[int] = set()

    def choosy(nurse: Nurse) -> Decision:
        if len(unwilling) < 2:
            unwilling.add(nurse.staff_no)
        return Decision.DECLINE if nurse.staff_no in unwilling else Decision.ACCEPT

    s.decide = choosy
    (seat,) = await s.assigned("EC07")
    assert seat.nurse.staff_no not in unwilling, "who declined was sent"
    await seat.attend()


@book.story(times=12, long_min=75)
async def expired(s: Story) -> None:
    """Nobody looks at the phone until an offer has run out; then the next wave is answered."""
    s.decide = ignore
    await s.place("EC01")
    await s.approve()
    await s.until_told("offer.expired")
    s.happens("expired")
    s.decide = accept
    (seat,) = await s.until_assigned()
    await seat.attend()


@book.story(times=6)
async def preferred(s: Story) -> None:
    """The nurse whom the patient asks for is asked first, and alone."""
    free = [nurse for nurse in s.day.nurses.values() if nurse.busy_with is None]
    wanted = s.day.rng.choice(free)
    asked: list[Nurse] = []

    def note(nurse: Nurse) -> Decision:
        asked.append(nurse)
        return Decision.ACCEPT

    s.decide = note
    nurse_id = (await wanted.get("/v1/me"))["nurse_id"]
    (seat,) = await s.assigned("EC01", preferences={"preferred_nurse_id": nurse_id})
    if wanted in asked:  # she may live too far away, or be on duty
        assert asked[0] is wanted, "the preferred nurse was not the first"
        s.happens("preferred nurse asked first")
    await seat.attend()


@book.story(times=4)
async def cancelled_while_submitted(s: Story) -> None:
    await s.place("CD01")
    await cancelled(s, fee_fen=0)


@book.story(times=5)
async def cancelled_while_open(s: Story) -> None:
    s.decide = ignore
    await s.place("CD01")
    await s.approve()
    await s.until_told("offer.created")
    await cancelled(s, fee_fen=0)
    await s.until_told("offer.withdrawn")
    s.happens("withdrawn")


@book.story(times=6)
async def cancelled_in_good_time(s: Story) -> None:
    """A nurse has agreed, but the visit is hours away: free."""
    await s.assigned("CD01", start_min=300)
    await cancelled(s, fee_fen=0)


@book.story(times=6)
async def cancelled_late(s: Story) -> None:
    """The nurse is about to leave: a share of the price is owed."""
    await s.assigned("CD01")
    await cancelled(s, fee_fen=s.placed["price_fen"] * 20 // 100)
    s.happens("cancelled with a fee")


@book.story(times=5)
async def cancelled_on_her_way(s: Story) -> None:
    """The nurse is on her way: her visit fee is owed at least, and she is told."""
    (seat,) = await s.assigned("RH01")
    await seat.step("depart")
    visit_fee_fen = sum(
        line["amount_fen"] for line in s.placed["lines"] if line["kind"] == "visit_fee"
    )
    share_fen = s.placed["price_fen"] * 20 // 100
    await cancelled(s, fee_fen=max(visit_fee_fen, share_fen))
    assert (await seat.visit())["state"] == "cancelled"
    s.happens("cancelled with a fee")


async def cancelled(s: Story, *, fee_fen: int) -> None:
    """The patient takes it back, once with what she has not seen."""
    path = f"/v1/orders/{s.order_id}/cancel"
    stale = await s.patient.refused("POST", path, {"reason": "临时有事"}, if_match='"99"')
    assert (stale.status, stale.slug) == (412, "stale-version"), stale
    s.happens("stale version refused")
    order = await s.patient.post(path, {"reason": "临时有事"})
    assert (order["state"], order["cancellation_fee_fen"]) == ("cancelled", fee_fen), order
    s.happens("cancelled")
    if fee_fen == 0:
        s.happens("cancelled free of charge")


@book.story(times=6)
async def cancel_refused(s: Story) -> None:
    """The nurse stands at the door: it is too late."""
    (seat,) = await s.assigned("EC01")
    await seat.step("depart")
    await seat.until_time()
    await seat.step("arrive")
    refusal = await s.patient.refused("POST", f"/v1/orders/{s.order_id}/cancel", {"reason": "-"})
    assert (refusal.status, refusal.slug) == (409, "illegal-transition"), refusal
    assert refusal.problem["state"] == "assigned", refusal
    s.happens("cancellation refused after arrival")
    await seat.steps("start", "complete")


@book.story(times=4)
async def rescheduled_while_submitted(s: Story) -> None:
    await s.place("CD01")
    order = await rescheduled(s, start_min=40)
    assert (order["state"], order["round"]) == ("submitted", 1), order
    await s.approve()
    (seat,) = await s.until_assigned()
    await seat.attend()


@book.story(times=4)
async def rescheduled_while_open(s: Story) -> None:
    s.decide = ignore
    await s.place("CD01", start_min=90)
    await s.approve()
    await s.until_told("offer.created")
    s.decide = accept
    order = await rescheduled(s, start_min=40)
    assert order["round"] == 2, order
    (seat,) = await s.until_assigned(round_=2)
    await seat.attend()


@book.story(times=6)
async def rescheduled_while_assigned(s: Story) -> None:
    """The visit is given back, and the new window looks for a nurse anew."""
    (first,) = await s.assigned("CD01", start_min=90)
    order = await rescheduled(s, start_min=40)
    assert (order["state"], order["round"]) == ("open", 2), order
    (seat,) = await s.until_assigned(round_=2)
    assert seat.visit_id != first.visit_id
    assert (await first.visit())["state"] == "released"
    await seat.attend()


async def rescheduled(s: Story, *, start_min: float) -> dict[str, object]:
    body = {"window": s.window(start_min, 180)}
    order: dict[str, object] = await s.patient.post(f"/v1/orders/{s.order_id}/reschedule", body)
    s.happens("rescheduled")
    return order


@book.story(times=7)
async def held_and_reopened(s: Story) -> None:
    """An operator holds an order, looks into it, and lets it go on in a new round."""
    s.decide = ignore
    await s.place("EC06", start_min=60)
    await s.approve()
    await s.until_told("offer.created")
    assert (await s.operate("hold", reason="核实地址"))["state"] == "held"
    s.happens("held")
    s.decide = accept
    order = await s.operate("reopen", reason="已核实")
    assert (order["state"], order["round"]) == ("open", 2), order
    s.happens("reopened")
    (seat,) = await s.until_assigned(round_=2)
    await seat.attend()


@book.story(times=5, long_min=40)
async def held_and_lapsed(s: Story) -> None:
    s.decide = ignore
    await s.place("EC06", start_min=12, open_min=15)
    await s.approve()
    await s.operate("hold", reason="联系不上家属")
    await s.until_state("lapsed")
    s.happens("lapsed while held")


@book.story(times=6, long_min=40)
async def nobody_found(s: Story) -> None:
    """Nobody answers until the window has passed: said honestly, with what could be done."""
    s.decide = ignore
    await s.place("EC06", start_min=12, open_min=18)
    await s.approve()
    order = await s.until_state("lapsed")
    assert order["closing"]["alternatives"], order
    s.happens("lapsed while open")


@book.story(times=4, long_min=40)
async def never_assessed(s: Story) -> None:
    await s.place("EC06", start_min=12, open_min=15)
    await s.until_state("lapsed")
    s.happens("lapsed while submitted")


@book.story(times=8)
async def assigned_by_operator(s: Story) -> None:
    """Nobody answers; the operator picks one of those who could come, and telephones her."""
    s.decide = ignore
    await s.place("EC01", start_min=45)
    await s.approve()
    await s.until_told("offer.created")
    order = await s.put_somebody()
    assert order["state"] == "assigned", order
    s.happens("assigned by the operator")
    (seat,) = await s.until_assigned()
    await s.until_told("offer.withdrawn")
    await seat.attend()


@book.story(times=6)
async def redispatched(s: Story) -> None:
    """The operator takes the visit from its nurse; who comes is open again."""
    (first,) = await s.assigned("EC01", start_min=60)
    order = await s.operate("redispatch", reason="护士请病假")
    assert (order["state"], order["round"]) == ("open", 2), order
    s.happens("redispatched")
    (seat,) = await s.until_assigned(round_=2)
    assert seat.visit_id != first.visit_id
    await seat.attend()


@book.story(times=3)
async def cancelled_by_operator(s: Story) -> None:
    """Whatever the hour, the patient owes nothing."""
    await s.assigned("EC01")
    order = await s.operate("cancel", reason="天气原因")
    assert (order["state"], order["cancellation_fee_fen"]) == ("cancelled", 0), order
    s.happens("cancelled by the operator")


@book.story(times=3)
async def refused_fields(s: Story) -> None:
    """A window in the past and a service that does not exist are refused together."""
    wish = s.wish("XX99") | {"window": s.window(-60, 30)}
    refusal = await s.patient.refused("POST", "/v1/orders", wish)
    found = {tuple(error["loc"]) for error in refusal.problem["errors"]}
    assert refusal.status == 422, refusal
    assert {("body", "service_codes", 0), ("body", "window", "earliest")} <= found, refusal
    s.happens("refused fields")
    await s.place("EC01", consent={"version": "1", "accepted_at": time_text(s.clock.now)})
    await cancelled(s, fee_fen=0)
