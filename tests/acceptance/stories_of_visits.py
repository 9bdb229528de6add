"""What happens on the way and in the home: steps, records, alarms, visits that are broken off."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from tests.acceptance.clients import Json, Refused, time_text
from tests.acceptance.day import Seat, Story, ignore
from tests.acceptance.story_book import Book

book = Book()


@book.story(times=25, long_min=75)
async def cared_for(s: Story) -> None:
    """A visit with all that belongs to it, up to the rating."""
    (seat,) = await s.assigned("EC01")
    sheet = await seat.visit()
    assert sheet["patient"]["name"].startswith("王桂英"), sheet
    assert sheet["address"]["text"].startswith("婺城区中山路"), sheet
    not_yet = await s.patient.refused("GET", f"/v1/orders/{s.order_id}/tracking")
    assert (not_yet.status, not_yet.slug) == (409, "not-tracking"), not_yet
    await seat.step("depart")
    await on_the_road(seat)
    await seat.until_time()
    await seat.steps("arrive", "start")
    await recorded(seat)
    signed = await s.patient.post(f"/v1/orders/{s.order_id}/confirm", {"signed_by": "王桂英"})
    assert signed["signed_at"] is not None
    await completed_twice(seat)
    await s.until_state("fulfilled")
    s.happens("fulfilled")
    await rated(s)
    hidden = await seat.visit()
    assert hidden["patient"]["name"] is None, "the name is told after the visit"
    assert hidden["address"] is None or hidden["address"]["text"] is None, hidden
    events = await s.patient.items(f"/v1/orders/{s.order_id}/timeline")
    assert [event["state"] for event in events if event["subject"] == "order"][-1] == "fulfilled"
    assert len(await s.patient.items(f"/v1/patients/{s.patient.patient_id}/records")) >= 2


async def on_the_road(seat: Seat) -> None:
    """Positions come in any order; the patient sees the newest, and when she will be there."""
    s = seat.story
    await s.clock.until(
        s.clock.after(seconds=40)
    )  # what was recorded before she left does not count
    now, door, home = s.clock.now, seat.door, seat.nurse.location
    points: list[Json] = [
        {
            "location": {
                name: home[name] + (door[name] - home[name]) * share for name in ("lat", "lng")
            },
            "recorded_at": time_text(now - timedelta(seconds=30 * (1 - share))),
            "accuracy_m": 15.0,
        }
        for share in (0.5, 0.1, 0.9, 0.3)
    ]
    taken = await seat.nurse.post("/v1/nurse/positions", {"points": points})
    assert taken == {"accepted": len(points), "ignored": 0}, taken
    seen = await s.patient.get(f"/v1/orders/{s.order_id}/tracking")
    newest = points[2]["location"]
    assert abs(seen["nurse_location"]["lat"] - newest["lat"]) < 0.001, (seen, newest)
    assert abs(seen["nurse_location"]["lng"] - newest["lng"]) < 0.001, (seen, newest)
    assert seen["eta"] is not None, seen
    s.happens("followed on the way")


async def recorded(seat: Seat) -> None:
    """Sent, sent again, and refused where it cannot be true."""
    client_id = str(uuid4())
    vitals = {"systolic_mmhg": 138, "diastolic_mmhg": 84, "pulse_bpm": 72, "temperature_c": 36.6}
    body = {
        "kind": "vitals",
        "data": vitals,
        "recorded_at": time_text(seat.story.clock.now),
        "client_id": client_id,
    }
    path = f"{seat.path}/records"
    first = await seat.nurse.send("POST", path, body, key=str(uuid4()))
    again = await seat.nurse.send("POST", path, body, key=str(uuid4()))
    assert (first.status, again.status) == (201, 200), (first.body, again.body)
    assert first.json()["id"] == again.json()["id"], "a record was kept twice"
    seat.story.happens("record sent again")
    await seat.record("note", {"text": "患者精神好"})
    false = body | {"data": {"pulse_bpm": 900}, "client_id": str(uuid4())}
    refusal = await seat.nurse.refused("POST", path, false)
    assert refusal.status == 422, refusal
    assert len(await seat.nurse.items(path)) == 2


async def completed_twice(seat: Seat) -> None:
    """The answer to the last step is lost; the phone sends it again."""
    refusal = await seat.nurse.refused("POST", f"{seat.path}/complete", seat.body("complete"))
    assert (refusal.status, refusal.slug) == (422, "record-incomplete"), refusal
    assert ["records", "education", "topics"] in [e["loc"] for e in refusal.problem["errors"]]
    await seat.fill()
    key, body = str(uuid4()), seat.body("complete")
    path = f"{seat.path}/complete"
    first = await seat.nurse.send("POST", path, body, key=key)
    again = await seat.nurse.send("POST", path, body, key=key)
    assert (first.status, again.status) == (200, 200), (first.body, again.body)
    assert first.body == again.body, "the same key was answered otherwise"
    seat.story.happens("step repeated with its key")


async def rated(s: Story) -> None:
    path = f"/v1/orders/{s.order_id}/rating"
    await s.patient.post(path, {"stars": s.day.rng.randint(3, 5), "comment": "很好"})
    refusal = await s.patient.refused("POST", path, {"stars": 1})
    assert (refusal.status, refusal.slug) == (409, "already-rated"), refusal
    s.happens("rated")


@book.story(times=10)
async def released(s: Story) -> None:
    """The nurse gives the visit back; another takes it."""
    (first,) = await s.assigned("EC07", start_min=50)
    visit = await first.nurse.post(f"{first.path}/release", {"reason": "临时加班"})
    assert visit["state"] == "released", visit
    s.happens("released")
    (seat,) = await s.until_assigned(round_=2)
    assert seat.nurse is not first.nurse, "who gave it back was sent"
    await seat.attend()


@book.story(times=6, long_min=75)
async def offline(s: Story) -> None:
    """A phone without a network keeps the steps, and sends them long after, in order."""
    (seat,) = await s.assigned("EC01")
    await seat.until_time(0)
    start_at = seat.planned_start
    await s.clock.until(start_at + timedelta(minutes=20))
    for step, after_min in {"depart": -20, "arrive": -2, "start": 1}.items():
        await seat.step(step, start_at + timedelta(minutes=after_min))
    told = await seat.step("complete", start_at + timedelta(minutes=8))
    assert told["state"] == "completed", told
    assert "late_sync" in told["flags"], told["flags"]
    s.happens("steps sent late")


@book.story(times=5)
async def wrong_door(s: Story) -> None:
    """Far from the address an arrival needs a reason, and the operator sees it."""
    (seat,) = await s.assigned("EC01")
    await seat.step("depart")
    await seat.until_time()
    far = {"lat": seat.door["lat"] + 0.02, "lng": seat.door["lng"]}
    path = f"{seat.path}/arrive"
    refusal = await seat.nurse.refused("POST", path, seat.body("arrive") | {"location": far})
    assert (refusal.status, refusal.slug) == (422, "outside-geofence"), refusal
    assert refusal.problem["distance_m"] > 1000, refusal
    told = await seat.step("arrive", location=far, override_reason="小区另一侧大门")
    assert "outside_geofence" in told["flags"], told["flags"]
    s.happens("arrived outside the geofence")
    await seat.steps("start", "complete")


@book.story(times=8)
async def broken_off_clinically(s: Story) -> None:
    """Sending another nurse would be wrong: the order fails."""
    (seat,) = await s.assigned("EC01")
    await seat.step("depart")
    await seat.until_time()
    await seat.steps("arrive", "start")
    await seat.step("abort", reason="clinical")
    order = await s.until_state("failed")
    assert order["round"] == 1, order
    s.happens("aborted, and failed")


@book.story(times=8, long_min=90)
async def broken_off_and_planned_again(s: Story) -> None:
    """Her car breaks down: another nurse is looked for, in a new round."""
    (first,) = await s.assigned("EC01")
    await first.step("depart")
    visit = await first.step("abort", reason="other")
    assert visit["state"] == "aborted", visit
    (seat,) = await s.until_assigned(round_=2)
    assert seat.visit_id != first.visit_id
    await seat.attend()
    await s.until_state("fulfilled")
    s.happens("aborted, and planned again")


@book.story(times=5, long_min=110)
async def missed(s: Story) -> None:
    """She never sets out: reminded, then the operator is told, then it is given up by the clock."""
    (seat,) = await s.assigned("EC01", open_min=60)
    await s.until_state("failed")
    s.happens("missed, and failed")
    kinds = {event.data["kind"] for event in s.day.told(s.order_id, "alarm.raised")}
    assert "not_departed" in kinds, kinds
    late = await seat.nurse.refused(
        "POST", f"{seat.path}/arrive", seat.body("arrive", seat.planned_start)
    )
    assert (late.status, late.slug) == (409, "illegal-transition"), late
    await s.until_told("alarm.raised", kind="late_step")
    s.happens("a step for an ended visit kept")


@book.story(times=5, long_min=150)
async def missed_and_planned_again(s: Story) -> None:
    """She never comes, and the window is long enough for another nurse."""
    (first,) = await s.assigned("EC01", open_min=300)
    (seat,) = await s.until_assigned(round_=2)
    assert (await first.visit())["state"] == "missed"
    s.happens("missed, and planned again")
    await seat.attend()
    await s.until_state("fulfilled")


@book.story(times=5, long_min=130)
async def overdue(s: Story) -> None:
    """A visit that does not end rings by itself, half an hour after its planned end."""
    (seat,) = await s.assigned("EC01")
    await seat.step("depart")
    await seat.until_time()
    await seat.steps("arrive", "start")
    await s.until_told("alarm.raised", kind="overdue")
    assert s.clock.now >= seat.planned_end + timedelta(minutes=29), "it rang too early"
    s.happens("overdue alarm")
    await alarm_taken_up(s, "overdue")
    await seat.step("complete")


@book.story(times=6, long_min=75)
async def alarm_pressed(s: Story) -> None:
    """SOS: taken at once, climbing while nobody answers, louder when pressed again."""
    (seat,) = await s.assigned("EC01")
    await seat.step("depart")
    await seat.until_time()
    await seat.steps("arrive", "start")
    raised = await seat.sos(seat.nurse, location=seat.door, battery_pct=12)
    await s.until_told("alarm.raised", count=3, kind="sos")
    s.happens("alarm climbed")
    path = f"/v1/ops/alarms/{raised['alarm_id']}"
    assert (await s.day.operator.post(f"{path}/acknowledge"))["state"] == "acknowledged"
    s.happens("alarm acknowledged")
    again = await seat.sos(s.patient)
    assert again["alarm_id"] == raised["alarm_id"], "a second press made a second alarm"
    mine = [one for one in await raised_alarms(s) if one["id"] == raised["alarm_id"]]
    assert [(one["state"], one["level"]) for one in mine] == [("raised", 2)], mine
    s.happens("alarm pressed again")
    await s.day.operator.post(f"{path}/acknowledge")
    closed = await s.day.operator.post(f"{path}/resolve", {"note": "已安全离开"})
    assert closed["state"] == "resolved", closed
    s.happens("alarm resolved")
    await seat.step("complete")
    third = await seat.nurse.post(f"{seat.path}/sos", {})  # the other way in, after the end
    assert third["alarm_id"] != raised["alarm_id"], "a resolved alarm was joined"
    await s.day.operator.post(f"/v1/ops/alarms/{third['alarm_id']}/resolve", {"note": "误触"})


async def raised_alarms(s: Story) -> list[Json]:
    return await s.day.operator.items("/v1/ops/alarms?state=raised")


async def alarm_taken_up(s: Story, kind: str) -> None:
    told = s.day.told(s.order_id, "alarm.raised")
    (alarm,) = {event.data["alarm_id"] for event in told if event.data["kind"] == kind}
    (mine,) = [one for one in await raised_alarms(s) if one["id"] == alarm]
    assert (mine["kind"], mine["order_id"]) == (kind, s.order_id), mine
    await s.day.operator.post(f"/v1/ops/alarms/{alarm}/acknowledge")
    await s.day.operator.post(f"/v1/ops/alarms/{alarm}/resolve", {"note": "护士已联系上"})


@book.story(times=3)
async def completed_by_operator(s: Story) -> None:
    """Her phone broke in the home: the operator ends the visit for her, and says why."""
    (seat,) = await s.assigned("EC01")
    await seat.step("depart")
    await seat.until_time()
    await seat.steps("arrive", "start")
    await s.day.operator.post(f"/v1/ops/visits/{seat.visit_id}/complete", {"reason": "手机故障"})
    await s.until_state("fulfilled")
    s.happens("ended by the operator")


@book.story(times=2)
async def missed_by_operator(s: Story) -> None:
    (seat,) = await s.assigned("EC01", open_min=60)
    await s.day.operator.post(f"/v1/ops/visits/{seat.visit_id}/miss", {"reason": "失联"})
    await s.until_state("failed")
    s.happens("ended by the operator")


@book.story(times=3)
async def released_by_operator(s: Story) -> None:
    (first,) = await s.assigned("EC01", start_min=60)
    await s.day.operator.post(f"/v1/ops/visits/{first.visit_id}/release", {"reason": "排班冲突"})
    s.happens("ended by the operator")
    (seat,) = await s.until_assigned(round_=2)
    await seat.attend()


@book.story(times=16, long_min=90)
async def two_nurses(s: Story) -> None:
    """Two seats, two nurses; assigned when both are there, fulfilled when both have finished."""
    first, second = await s.assigned("EC09", start_min=70)
    assert first.nurse is not second.nurse
    assert first.planned_start == second.planned_start, "they come at different times"
    await asyncio.gather(first.attend(), second.attend())
    await s.until_state("fulfilled")
    s.happens("two seats fulfilled")


@book.story(times=5, long_min=120)
async def one_of_two_gives_back(s: Story) -> None:
    """The other is released too, and both seats are looked for anew."""
    first, second = await s.assigned("EC09", start_min=110)
    await first.nurse.post(f"{first.path}/release", {"reason": "发烧"})
    assert (await second.visit())["state"] == "released"
    third, fourth = await s.until_assigned(round_=2)
    assert first.nurse not in (third.nurse, fourth.nurse)
    s.happens("two seats released")
    await asyncio.gather(third.attend(), fourth.attend())


@book.story(times=5, long_min=75)
async def one_of_two_breaks_off(s: Story) -> None:
    """A partner on her way is called back; a partner in service goes on, and the order fails."""
    first, second = await s.assigned("EC09", start_min=70)
    await asyncio.gather(first.step("depart"), second.step("depart"))
    await asyncio.gather(first.until_time(), second.until_time())
    await first.steps("arrive", "start")
    await second.step("abort", reason="unsafe")
    assert (await first.visit())["state"] == "in_service"
    await first.step("complete")
    await s.until_state("failed")
    s.happens("one of two aborted")


@book.story(times=4, long_min=130)
async def one_of_two_called_back(s: Story) -> None:
    first, second = await s.assigned("EC09", start_min=120)
    await asyncio.gather(first.step("depart"), second.step("depart"))
    await first.step("abort", reason="other")
    assert (await second.visit())["state"] == "cancelled"
    s.happens("partner called back")
    third, fourth = await s.until_assigned(round_=2)
    await asyncio.gather(third.attend(), fourth.attend())


@book.story(times=4, long_min=45)
async def a_seat_stays_empty(s: Story) -> None:
    """One nurse would come, a second is not found: she is let go, and the order lapses."""
    s.decide = ignore
    await s.place("EC09", start_min=35, open_min=10)
    await s.approve()
    await s.until_told("offer.created")
    order = await s.put_somebody()
    assert (order["state"], len(order["visits"])) == ("open", 1), order
    await s.until_state("lapsed")
    assert s.day.told(s.order_id, "visit.released")
    s.happens("a seat stayed empty")


@book.story(times=3)
async def somebody_else(s: Story) -> None:
    """What belongs to others does not exist."""
    stranger = next(one for one in s.day.patients if one is not s.patient)
    (seat,) = await s.assigned("EC01")
    for method, path, who in (
        ("GET", f"/v1/orders/{s.order_id}", stranger),
        ("POST", f"/v1/orders/{s.order_id}/cancel", stranger),
        ("GET", seat.path, next(n for n in s.day.nurses.values() if n is not seat.nurse)),
    ):
        refusal: Refused = await who.refused(method, path, None if method == "GET" else {})
        assert refusal.status == 404, refusal
    s.happens("a stranger saw nothing")
    await seat.attend()
