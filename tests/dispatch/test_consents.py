"""Consent: whose it must be, what is kept of it, and what happens when it is withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from config import consents as texts
from config import purposes
from config.assessment import Decision
from dispatch.acts import (
    assess_order,
    attach_file,
    fill_order,
    intervene,
    keep_consents,
    keep_patient,
    place_order,
    run_visit,
)
from dispatch.acts.keep_consents import Given
from dispatch.errors import InvalidFields, NotFound, RuleRefused
from dispatch.evidence import Report
from dispatch.ids import new_id
from dispatch.lifecycles import OrderState, VisitState
from dispatch.media import Media
from dispatch.records import consents
from dispatch.records.orders import Order, Words
from tests import visiting
from tests.dispatch.test_place_order import CONSENTS, wish
from tests.world import CATALOGUE, EASY, World

KNOWN = purposes.load()


async def place(world: World, **words: Any) -> Order:
    asked = wish(world, words=Words(**words))
    return await place_order.place_order(world.pool, world.patient().caller, CONSENTS, asked)


def told(refusal: pytest.ExceptionInfo[RuleRefused]) -> list[str]:
    errors = refusal.value.extras["errors"]
    assert isinstance(errors, list)
    return [entry["msg"] for entry in errors]


async def is_kept_as(world: World, **profile: Any) -> None:
    """Change what is kept of patient 1."""
    person = world.patient()
    await keep_patient.change_patient(world.pool, person.caller, person.id, profile, None)


async def withdraw(world: World, purpose: str) -> consents.Entry:
    person = world.patient()
    return await keep_consents.withdraw_consent(
        world.pool, person.caller, person.id, purpose, "想法变了"
    )


async def give(world: World, purpose: str, **changes: Any) -> consents.Entry:
    person = world.patient()
    given = {
        "purpose": purpose,
        "version": KNOWN.version,
        "accepted_at": world.now,
        "language": "zh-CN",
        **changes,
    }
    return await keep_consents.give_consent(world.pool, person.caller, person.id, Given(**given))


async def test_r21_an_order_keeps_version_hash_relation_and_authority(world: World) -> None:
    await is_kept_as(world, relation="parent")
    order = await place(
        world,
        signer="王小明",
        signer_relation="子女",
        authority="power_of_attorney",
        purposes=("recording", "给朋友看"),
    )
    assert order.consent["version"] == CONSENTS.version
    assert order.consent["hashes"] == {EASY: CONSENTS.get(EASY, "zh-CN").sha256}
    assert order.consent["relation"] == "child"
    assert order.consent["authority"] == "power_of_attorney"
    assert order.consent["purposes"] == ["recording"]
    row = await world.owner.fetchval("SELECT orders::text FROM orders WHERE id = $1", order.id)
    assert "王小明" not in row


@pytest.mark.parametrize(
    ("kept_as", "relation"),
    [("self", "self"), ("parent", "child"), ("child", "parent"), ("other", "other")],
)
async def test_r19_who_says_nothing_signs_as_what_he_is_to_the_patient(
    world: World, kept_as: str, relation: str
) -> None:
    await is_kept_as(world, relation=kept_as)
    assert (await place(world)).consent["relation"] == relation


def test_r22_every_service_tells_its_risks_and_puts_nothing_on_the_patient() -> None:
    loaded = texts.load(CATALOGUE)
    for service in CATALOGUE.services.values():
        for language in texts.LANGUAGES:
            assert loaded.get(service.code, language).text.count("\n- ") >= 3, service.code


@pytest.mark.parametrize(
    ("kept_as", "words", "msgs"),
    [
        ("self", {}, ["consent_minor"]),
        ("self", {"signer_relation": "sibling"}, ["consent_minor"]),
        ("child", {}, []),
        ("self", {"signer": "王芳", "signer_relation": "guardian"}, []),
        ("other", {"signer": "王芳", "signer_relation": "祖父母或外祖父母"}, []),
    ],
)
async def test_r23_a_guardian_consents_for_a_child(
    world: World, kept_as: str, words: dict[str, str], msgs: list[str]
) -> None:
    born = world.now.date() - timedelta(days=365 * 17)
    await is_kept_as(world, relation=kept_as, birth_date=born, id_number=None)
    if not msgs:
        await place(world, **words)
        return
    with pytest.raises(RuleRefused) as refusal:
        await place(world, **words)
    assert told(refusal) == msgs


async def test_r24_who_cannot_decide_does_not_consent_for_himself(world: World) -> None:
    await is_kept_as(world, relation="self")
    order = await place(world)
    form = {"has_capacity": False}
    with pytest.raises(RuleRefused) as refusal:
        await assess(world, order, Decision.APPROVE, **form)
    assert told(refusal) == ["consent_capacity"]
    await assess(world, order, Decision.REJECT, **form)
    with pytest.raises(RuleRefused) as refusal:
        await place(world)
    assert told(refusal) == ["consent_capacity"]
    order = await place(world, signer="王小明", signer_relation="child")
    await assess(world, order, Decision.APPROVE, **form)
    await assess(world, await place(world, signer_relation="child"), has_capacity=True)
    await place(world)


async def assess(
    world: World, order: Order, decision: Decision = Decision.APPROVE, **form: Any
) -> Order:
    return await assess_order.assess_order(
        world.pool, world.reviewer, order.id, decision, "已评估", **form
    )


async def test_r60_purposes_are_agreed_to_and_withdrawn_one_by_one_in_a_ledger(
    world: World,
) -> None:
    given = await give(world, "recording", signer="王小明", relation="child")
    assert given.text_sha256 == KNOWN.purposes["recording"].sha256("zh-CN")
    await withdraw(world, "recording")
    me = world.patient()
    async with world.pool.read(me.caller) as conn:
        ledger = await consents.list_of_patient(conn, me.id, None, 10)
        words = await consents.open_words(conn, ledger)
    assert [(one.act, one.purpose) for one in ledger] == [
        ("withdrawn", "recording"),
        ("given", "recording"),
    ]
    assert words[ledger[0].id]["reason"] == "想法变了"
    assert words[given.id]["signer"] == "王小明"
    row = await world.owner.fetchval("SELECT string_agg(c::text, '') FROM consents c")
    assert not any(word in row for word in ("王小明", "想法变了"))
    with pytest.raises(Exception, match="append-only"):
        await world.owner.execute("DELETE FROM consents")
    # Care does not depend on it.
    await place(world)


@pytest.mark.parametrize(
    ("changes", "msg"),
    [
        ({"version": "0"}, "consent_version"),
        ({"accepted_at": "later"}, "consent_future"),
    ],
)
async def test_r21_an_old_text_or_a_time_to_come_is_refused(
    world: World, changes: dict[str, Any], msg: str
) -> None:
    if "accepted_at" in changes:
        changes = {"accepted_at": world.now + timedelta(hours=1)}
    with pytest.raises(RuleRefused) as refusal:
        await give(world, "sharing", **changes)
    assert told(refusal) == [msg]


async def test_a_purpose_that_there_is_not_and_somebody_elses_patient(world: World) -> None:
    with pytest.raises(InvalidFields):
        await withdraw(world, "advertising")
    with pytest.raises(NotFound):
        await keep_consents.withdraw_consent(
            world.pool, world.patient(2).caller, world.patient().id, "sharing", None
        )


@pytest.mark.parametrize("purpose", sorted(KNOWN.required))
async def test_r20_without_a_consent_that_is_required_nothing_is_ordered_or_dispatched(
    world: World, purpose: str
) -> None:
    submitted = await world.place()
    asked = await world.open()
    await fill_order.send_waves(world.pool)
    assert await world.offers(asked.id, "sent")
    (visit,) = await visiting.assigned(world)
    await withdraw(world, purpose)
    with pytest.raises(RuleRefused) as refusal:
        await place(world)
    assert told(refusal) == ["consent_withdrawn"]
    with pytest.raises(RuleRefused):
        await assess(world, submitted)
    assert (await world.order(asked.id)).state is OrderState.HELD
    assert not await world.offers(asked.id, "sent")
    assert (await world.order(visit.order_id)).state is OrderState.HELD
    assert (await visiting.visit(world, visit.id)).state is VisitState.RELEASED
    with pytest.raises(RuleRefused):
        await intervene.reopen_order(world.pool, world.operator, asked.id)
    with pytest.raises(RuleRefused):
        await intervene.assign_order(
            world.pool, world.operator, asked.id, world.nurse(1).id, "电话"
        )
    await give(world, purpose)
    reopened = await intervene.reopen_order(world.pool, world.operator, asked.id)
    assert reopened.state is OrderState.OPEN
    await place(world)


async def test_a_nurse_at_the_door_sees_that_consent_was_withdrawn(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    await withdraw(world, "service")
    seen = await visiting.visit(world, visit.id)
    assert (seen.state, "consent_withdrawn" in seen.flags) == (VisitState.ARRIVED, True)


async def test_r20_nobody_begins_at_the_door_once_consent_was_withdrawn(world: World) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.ARRIVED)
    nurse = world.nurse_of(visit.nurse_id).caller
    await withdraw(world, "service")
    between = world.now
    await world.advance(minutes=5)
    await give(world, "service")
    before = world.now
    await world.advance(minutes=5)
    await withdraw(world, "service")
    await world.advance(minutes=5)
    await withdraw(world, "service")
    for at in (between, before + timedelta(minutes=7), world.now):
        with pytest.raises(RuleRefused) as refusal:
            await run_visit.start(world.pool, nurse, visit.id, Report(at=at))
        assert told(refusal) == ["consent_withdrawn"]
    assert (await visiting.visit(world, visit.id)).state is VisitState.ARRIVED
    # What her phone tells late was done while the patient still agreed, whatever came before.
    begun = await run_visit.start(world.pool, nurse, visit.id, Report(at=before))
    assert begun.state is VisitState.IN_SERVICE


@pytest.mark.parametrize("kind", ["audio", "photo"])
async def test_r31_r60_nothing_is_recorded_once_that_was_withdrawn(world: World, kind: str) -> None:
    (visit,) = await visiting.assigned(world)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    await withdraw(world, "recording")
    sent = attach_file.Recording(
        client_id=new_id(),
        kind=kind,
        started_at=world.now,
        ended_at=world.now,
        consent_by="patient",
        consent_at=world.now,
    )
    stored = attach_file.Stored(
        id=new_id(),
        media=Media(media_type="audio/wav", data=b"-"),
        sha256=b"-" * 32,
        received_sha256=b"-" * 32,
    )
    nurse = world.nurse_of(visit.nurse_id).caller
    with pytest.raises(RuleRefused) as refusal:
        await attach_file.attach_to_visit(world.pool, nurse, visit.id, sent, stored)
    assert told(refusal) == ["recording_withdrawn"]


async def test_a_consent_that_is_not_required_keeps_nobody_from_coming(world: World) -> None:
    order = await world.open()
    await withdraw(world, "recording")
    assert (await world.order(order.id)).state is OrderState.OPEN
