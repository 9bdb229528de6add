"""Placing orders: what is kept, what is refused, and that all of it is refused at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from config import consents
from dispatch.acts import keep_patient, place_order, write_prescription
from dispatch.acts.place_order import Wish
from dispatch.errors import InUse, InvalidFields, RuleRefused
from dispatch.ids import new_id
from dispatch.lifecycles import OrderState
from dispatch.records import addresses, orders, prescriptions
from dispatch.records.addresses import OpenAddress
from dispatch.records.orders import Order, Words
from matching.policy import Urgency
from tests.world import CATALOGUE, EASY, PAIR, World

CONSENTS = consents.load(CATALOGUE)
PRESCRIBED = next(s.code for s in CATALOGUE.services.values() if s.requires_prescription)


def wish(world: World, number: int = 1, **changes: Any) -> Wish:
    person = world.patient(number)
    assert person.address_id is not None
    plain = Wish(
        patient_id=person.id,
        address_id=person.address_id,
        service_codes=(EASY,),
        earliest=world.now + timedelta(hours=3),
        latest=world.now + timedelta(hours=5),
        urgency=Urgency.ROUTINE,
        words=Words(),
        prescription_id=None,
        preferences={},
        preconditions=(),
        consent_version=CONSENTS.version,
        consent_at=world.now,
        consent_language="zh-CN",
    )
    return replace(plain, **changes)


async def place(world: World, asked: Wish, number: int = 1) -> Order:
    return await place_order.place_order(world.pool, world.patient(number).caller, CONSENTS, asked)


async def prescribe(world: World, codes: list[str], valid_until: date) -> UUID:
    written = await write_prescription.write_prescription(
        world.pool,
        world.patient().caller,
        world.patient().id,
        prescriptions.Content(
            prescriber="李医生",
            institution="测试医院",
            items=(prescriptions.Item(procedure="换药"),),
        ),
        service_codes=codes,
        issued_on=date(2040, 3, 1),
        valid_until=valid_until,
    )
    return written.id


async def test_an_order_keeps_what_was_asked_and_says_it_in_words_only_when_opened(
    world: World,
) -> None:
    words = Words(notes="患者行动不便", eligibility_basis="失能", signer="张三")
    placed = await place(
        world, wish(world, service_codes=(EASY, PAIR), words=words, urgency=Urgency.URGENT)
    )
    order = await world.order(placed.id)
    assert order == placed
    assert (order.state, order.round, order.seats) == (OrderState.SUBMITTED, 1, 2)
    assert order.promise_at == world.now + timedelta(minutes=world.pool.settings.promise_urgent_min)
    bundle = CATALOGUE.combine((EASY, PAIR))
    assert order.price_fen == bundle.price_fen == sum(x["amount_fen"] for x in order.price_lines)
    assert order.pay_fen == order.price_fen * world.pool.settings.nurse_share_percent // 200
    assert order.consent["hashes"].keys() == {EASY, PAIR}
    assert await world.events(order.id) == ["order.submitted"]
    row = await world.owner.fetchval("SELECT orders::text FROM orders WHERE id = $1", order.id)
    assert not any(word in row for word in ("行动不便", "失能", "张三"))
    async with world.pool.read(world.operator) as conn:
        assert await orders.open_words(conn, order) == words


async def test_every_bad_field_is_named_at_once_and_nothing_is_kept(world: World) -> None:
    mine, theirs = world.patient(1), world.patient(2)
    asked = wish(
        world,
        address_id=theirs.address_id,
        service_codes=(EASY, "XX99", EASY),
        earliest=world.now,
        latest=world.now + timedelta(days=61),
        prescription_id=new_id(),
        preferences={"preferred_nurse_id": str(new_id())},
        preconditions=("no-such-thing",),
    )
    with pytest.raises(InvalidFields) as refusal:
        await place(world, asked)
    assert {(tuple(e["loc"])[1:], e["msg"]) for e in refusal.value.extras["errors"]} == {  # type: ignore[attr-defined]
        (("service_codes", 1), "service_code"),
        (("service_codes", 2), "repeated"),
        (("window", "earliest"), "window_past"),
        (("window", "latest"), "window_far"),
        (("address_id",), "unknown_address"),
        (("prescription_id",), "unknown_prescription"),
        (("preferences", "preferred_nurse_id"), "unknown_nurse"),
        (("preconditions", 0), "precondition"),
    }
    assert await world.owner.fetchval("SELECT count(*) FROM orders") == 0
    with pytest.raises(InvalidFields) as refusal:
        await place(world, wish(world, patient_id=theirs.id, address_id=theirs.address_id))
    assert refusal.value.extras["errors"] == [
        {"loc": ["body", "patient_id"], "msg": "unknown_patient"}
    ]
    assert mine.id != theirs.id


async def test_a_window_is_bounded_on_both_sides(world: World) -> None:
    far = world.now + timedelta(days=world.pool.settings.window_max_days)
    await place(world, wish(world, earliest=far - timedelta(hours=1), latest=far))
    second = timedelta(seconds=1)
    for earliest, latest, msg in (
        (world.now, world.now + second, "window_past"),
        (world.now + second, world.now + second, "window_order"),
        (far, far + second, "window_far"),
    ):
        with pytest.raises(InvalidFields) as refusal:
            await place(world, wish(world, earliest=earliest, latest=latest))
        assert [e["msg"] for e in refusal.value.extras["errors"]] == [msg]  # type: ignore[attr-defined]


async def test_a_service_that_needs_a_prescription_gets_a_fitting_one(world: World) -> None:
    codes = (EASY, PRESCRIBED)
    today = date(2040, 3, 5)
    expired_by_then = await prescribe(world, [PRESCRIBED], today)
    other = await prescribe(world, [EASY], today + timedelta(days=30))
    good = await prescribe(world, [PRESCRIBED], today + timedelta(days=1))
    tomorrow: dict[str, Any] = {
        "earliest": world.now + timedelta(days=1),
        "latest": world.now + timedelta(days=1, hours=2),
    }
    for prescription_id, msg in (
        (None, "prescription_needed"),
        (other, "prescription_covers"),
        (expired_by_then, "prescription_valid"),
    ):
        asked = wish(world, service_codes=codes, prescription_id=prescription_id, **tomorrow)
        with pytest.raises(RuleRefused) as refusal:
            await place(world, asked)
        assert refusal.value.extras["errors"] == [{"loc": ["body", "prescription_id"], "msg": msg}]
    placed = await place(world, wish(world, service_codes=codes, prescription_id=good, **tomorrow))
    assert placed.prescription_id == good


async def test_an_address_outside_and_an_outdated_consent_are_refused_together(
    world: World,
) -> None:
    person = world.patient()

    async def far_away(conn: Any) -> addresses.Address:
        place = OpenAddress(label="外地", text="上海", lat=31.2, lng=121.5)
        return await addresses.insert(conn, person.id, place, county=None)

    away = await world.pool.transact(person.caller, far_away)
    asked = wish(
        world,
        address_id=away.id,
        consent_version="0",
        consent_at=world.now + timedelta(hours=1),
    )
    with pytest.raises(RuleRefused) as refusal:
        await place(world, asked)
    assert {tuple(e["loc"]) for e in refusal.value.extras["errors"]} == {  # type: ignore[attr-defined]
        ("body", "address_id"),
        ("body", "consent", "version"),
        ("body", "consent", "accepted_at"),
    }


async def test_an_operator_orders_for_anybody_and_it_belongs_to_the_patients_account(
    world: World,
) -> None:
    placed = await place_order.place_order(
        world.pool, world.operator, CONSENTS, wish(world, 3), channel="phone"
    )
    assert placed.account_id == world.patient(3).account_id
    assert placed.channel == "phone"
    told = await world.owner.fetchrow(
        "SELECT actor_role, actor_id FROM history WHERE subject_id = $1", placed.id
    )
    assert told is not None
    assert (told["actor_role"], told["actor_id"]) == ("operator", world.operator.account_id)
    account_ids = await world.owner.fetchval(
        "SELECT account_ids FROM outbox WHERE order_id = $1", placed.id
    )
    assert account_ids == [world.patient(3).account_id]


async def test_a_profile_that_is_being_removed_cannot_be_ordered_for(world: World) -> None:
    person = world.patient(4)
    await place(world, wish(world, 4), 4)
    with pytest.raises(InUse):
        await keep_patient.remove_patient(world.pool, person.caller, person.id, None)
    await keep_patient.remove_patient(
        world.pool, world.patient(5).caller, world.patient(5).id, None
    )
    with pytest.raises(InvalidFields):
        await place(world, wish(world, 5), 5)
