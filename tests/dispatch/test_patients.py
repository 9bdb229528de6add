"""Profiles, addresses and prescriptions: sealed, checked, bounded, and nobody else's."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from config import areas
from dispatch import database, transitions
from dispatch.acts import keep_patient, register_institution, write_prescription
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import (
    AlreadyRegistered,
    Forbidden,
    InUse,
    InvalidFields,
    NotFound,
    RuleRefused,
    StaleVersion,
)
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import accounts, addresses, institutions, orders, patients, prescriptions
from dispatch.records.addresses import OpenAddress
from dispatch.records.institutions import Institution, NewInstitution
from dispatch.records.orders import Order
from dispatch.records.patients import Contact, Patient, Profile
from dispatch.records.prescriptions import Content, Item
from matching.inputs import local_date

AREAS = areas.load()
HOME = OpenAddress(label="家", text="双溪西路1号3单元", lat=29.1, lng=119.65, access_notes="按门铃")
# The last digits of a number of nobody: 330799 was never given out; 003 is a man, 004 a woman.
MAN, WOMAN = "330799195003040032", "330799195003040040"
GRANDMA = Profile(
    name="王桂芬",
    birth_date=date(1950, 3, 4),
    phone="137 1111 2222",
    id_number=WOMAN,
    conditions=("脑卒中后遗症",),
    allergies=("青霉素",),
    emergency_contact=Contact(name="王小明", phone="13733334444"),
)


@database.act
async def open_account(conn: Connection, phone: str) -> UUID:
    return (await accounts.insert(conn, Role.PATIENT, phone)).id


async def carer(pool: Pool, phone: str = "+8613712345678") -> Caller:
    account_id = await open_account(pool, Caller.clock(), phone)
    return Caller(role=Role.PATIENT, account_id=account_id)


async def keep(pool: Pool, caller: Caller, profile: Profile = GRANDMA) -> Patient:
    return await keep_patient.create_patient(
        pool, caller, gender="female", relation="parent", profile=profile
    )


async def profile_of(pool: Pool, caller: Caller, patient_id: UUID) -> Profile:
    async with pool.read(caller) as conn:
        found = await patients.get_own(conn, caller.account_id, patient_id)
        return await patients.open_profile(conn, found)


def faults(refusal: pytest.ExceptionInfo[InvalidFields]) -> set[tuple[str, str]]:
    errors: Any = refusal.value.extras["errors"]
    return {(".".join(map(str, error["loc"][1:])), error["msg"]) for error in errors}


@database.act
async def order_for(conn: Connection, patient: Patient, address_id: UUID) -> Order:
    now = await database.now(conn)
    order = Order(
        id=new_id(),
        account_id=patient.account_id,
        patient_id=patient.id,
        address_id=address_id,
        county="330702",
        service_codes=["EC01"],
        seats=1,
        earliest=now + timedelta(hours=2),
        latest=now + timedelta(hours=4),
        duration_min=60,
        urgency="routine",
        promise_at=now + timedelta(hours=1),
        price_fen=10_000,
        price_lines=[],
        pay_fen=6_000,
        consent={},
        created_at=now,
        updated_at=now,
    )
    await orders.insert(conn, order)
    return order


@database.act
async def cancel(conn: Connection, order_id: UUID) -> None:
    await transitions.move_order(conn, await orders.lock(conn, order_id), "cancel")


# Profiles


async def test_a_profile_comes_back_with_its_numbers_in_one_spelling(pool: Pool) -> None:
    caller = await carer(pool)
    made = await keep(pool, caller)
    profile = await profile_of(pool, caller, made.id)
    assert (profile.name, profile.id_number) == ("王桂芬", WOMAN)
    assert profile.phone == "+8613711112222"
    assert profile.emergency_contact == Contact(name="王小明", phone="+8613733334444")
    assert (profile.conditions, profile.allergies) == (("脑卒中后遗症",), ("青霉素",))
    assert profile.age_on(date(2026, 3, 3)) == 75
    assert profile.age_on(date(2026, 3, 4)) == 76


async def test_nothing_about_a_patient_can_be_read_from_the_tables(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    caller = await carer(pool)
    made = await keep(pool, caller)
    await keep_patient.add_address(pool, caller, AREAS, made.id, HOME)
    secrets = [
        "王桂芬",
        "13711112222",
        WOMAN,
        "脑卒中",
        "青霉素",
        "双溪西路",
        "119.65",
        "1950-03-04",
    ]
    for table in ("patients", "addresses", "audit", "accounts", "person_keys"):
        for row in await owner.fetch(f"SELECT t::text AS row FROM {table} t"):  # noqa: S608
            for secret in secrets:
                assert secret not in row["row"], table
                assert secret.encode().hex() not in row["row"], table


async def test_every_bad_field_is_told_at_once(pool: Pool) -> None:
    caller = await carer(pool)
    bad = Profile(
        name="张三",
        birth_date=date(1899, 12, 31),
        phone="123",
        id_number=MAN,
        emergency_contact=Contact(name="李四", phone="nobody"),
    )
    with pytest.raises(InvalidFields) as refusal:
        await keep(pool, caller, bad)
    assert faults(refusal) == {
        ("birth_date", "birth_date"),
        ("phone", "phone"),
        ("id_number", "id_number_birth_date"),
        ("id_number", "id_number_gender"),
        ("emergency_contact.phone", "phone"),
    }
    for profile, told in (
        (Profile(name="张三", birth_date=date(2100, 1, 1)), ("birth_date", "birth_date")),
        (
            Profile(name="张三", birth_date=date(1950, 3, 4), id_number=WOMAN[:-1] + "8"),
            ("id_number", "id_number"),
        ),
    ):
        with pytest.raises(InvalidFields) as refusal:
            await keep(pool, caller, profile)
        assert faults(refusal) == {told}


async def test_a_change_touches_what_it_names_and_nothing_else(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    caller = await carer(pool)
    made = await keep(pool, caller)
    changes = {"relation": "other", "phone": None, "conditions": ("糖尿病",)}
    changed = await keep_patient.change_patient(pool, caller, made.id, changes, made.version)
    assert (changed.relation, changed.gender, changed.version) == ("other", "female", 2)
    profile = await profile_of(pool, caller, made.id)
    assert (profile.name, profile.phone, profile.conditions) == ("王桂芬", None, ("糖尿病",))
    with pytest.raises(StaleVersion) as stale:
        await keep_patient.change_patient(pool, caller, made.id, {"name": "甲"}, made.version)
    assert stale.value.extras == {"version": 2}
    with pytest.raises(InvalidFields):
        await keep_patient.change_patient(pool, caller, made.id, {"gender": "male"}, None)
    same = await keep_patient.change_patient(pool, caller, made.id, {}, None)
    assert same.version == 2
    actions = await owner.fetch("SELECT action, detail FROM audit ORDER BY id")
    assert [row["action"] for row in actions] == ["patient.create", "patient.change"]


async def test_changes_of_one_profile_at_once_are_all_kept(pool: Pool) -> None:
    caller = await carer(pool)
    made = await keep(pool, caller)
    given: list[dict[str, Any]] = [
        {"name": "王桂芳"},
        {"allergies": ("花生",)},
        {"relation": "spouse"},
        {"conditions": ()},
    ]
    await asyncio.gather(
        *(keep_patient.change_patient(pool, caller, made.id, one, None) for one in given)
    )
    profile = await profile_of(pool, caller, made.id)
    assert (profile.name, profile.allergies, profile.conditions) == ("王桂芳", ("花生",), ())
    seen = await asyncio.gather(
        *(keep_patient.change_patient(pool, caller, made.id, {"name": "乙"}, 5) for _ in range(4)),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in seen) == ["Patient"] + ["StaleVersion"] * 3


async def test_somebody_elses_patient_is_not_there(pool: Pool) -> None:
    mine, other = await carer(pool), await carer(pool, "+8613712345679")
    made = await keep(pool, mine)
    home = await keep_patient.add_address(pool, mine, AREAS, made.id, HOME)
    content = Content(prescriber="医生", institution="医院", items=(Item(procedure="换药"),))
    for call in (
        keep_patient.change_patient(pool, other, made.id, {"name": "x"}, None),
        keep_patient.remove_patient(pool, other, made.id, None),
        keep_patient.add_address(pool, other, AREAS, made.id, HOME),
        keep_patient.remove_address(pool, other, made.id, home.id),
    ):
        with pytest.raises(NotFound):
            await call
    # Named in a body, it is a field that is wrong.
    with pytest.raises(InvalidFields):
        await write_prescription.write_prescription(
            pool,
            other,
            made.id,
            content,
            service_codes=["EC01"],
            issued_on=date(2026, 1, 1),
            valid_until=date(2026, 1, 2),
        )
    # Row-level security alone hides it, too.
    async with pool.read(other) as conn:
        with pytest.raises(NotFound):
            await patients.get(conn, made.id)
        with pytest.raises(NotFound):
            await addresses.get(conn, home.id)


async def test_an_account_keeps_no_more_than_so_many(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_patient, "PATIENTS_MAX", 3)
    monkeypatch.setattr(keep_patient, "ADDRESSES_MAX", 2)
    caller = await carer(pool)
    answers = await asyncio.gather(*(keep(pool, caller) for _ in range(6)), return_exceptions=True)
    made = [answer for answer in answers if isinstance(answer, Patient)]
    assert len(made) == 3
    assert sum(isinstance(answer, RuleRefused) for answer in answers) == 3
    await keep_patient.remove_patient(pool, caller, made[0].id, None)
    await keep(pool, caller)
    async with pool.read(caller) as conn:
        listed = await patients.list_of_account(conn, caller.account_id, None, 2)
        rest = await patients.list_of_account(conn, caller.account_id, listed[-1].id, 2)
        opened = await patients.open_profiles(conn, [*listed, *rest])
    assert (len(listed), len(rest)) == (2, 1)
    assert {profile.name for profile in opened.values()} == {"王桂芬"}
    homes = await asyncio.gather(
        *(keep_patient.add_address(pool, caller, AREAS, made[1].id, HOME) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(home, RuleRefused) for home in homes) == 2


async def test_a_patient_stays_while_an_order_needs_them(pool: Pool) -> None:
    caller = await carer(pool)
    made = await keep(pool, caller)
    home = await keep_patient.add_address(pool, caller, AREAS, made.id, HOME)
    order = await order_for(pool, caller, made, home.id)
    with pytest.raises(InUse):
        await keep_patient.remove_patient(pool, caller, made.id, None)
    with pytest.raises(InUse):
        await keep_patient.remove_address(pool, caller, made.id, home.id)
    await cancel(pool, caller, order.id)
    await keep_patient.remove_address(pool, caller, made.id, home.id)
    await keep_patient.remove_patient(pool, caller, made.id, made.version)
    with pytest.raises(NotFound):
        await keep_patient.remove_patient(pool, caller, made.id, None)
    async with pool.read(caller) as conn:
        assert (await patients.get(conn, made.id)).deleted_at is not None
        assert (await addresses.get(conn, home.id)).deleted_at is not None


# Addresses


async def test_an_address_knows_its_county_and_tells_only_its_area(pool: Pool) -> None:
    caller = await carer(pool)
    made = await keep(pool, caller)
    home = await keep_patient.add_address(pool, caller, AREAS, made.id, HOME)
    far = OpenAddress(label="老家", text="北京", lat=39.9, lng=116.4)
    away = await keep_patient.add_address(pool, caller, AREAS, made.id, far)
    assert (home.county, away.county) == ("330702", None)
    async with pool.read(caller) as conn:
        assert await addresses.open_address(conn, home) == HOME
        listed = await addresses.list_of_patient(conn, made.id, None, 10)
        opened = await addresses.open_addresses(conn, listed)
    assert [address.id for address in listed] == [away.id, home.id]
    assert opened == {home.id: HOME, away.id: far}
    lat, lng = HOME.area()
    assert (lat, lng) != (HOME.lat, HOME.lng)
    assert abs(lat - HOME.lat) < 0.0025
    assert abs(lng - HOME.lng) < 0.0028


# Prescriptions


async def test_a_prescription_is_kept_for_known_services_while_it_is_good(pool: Pool) -> None:
    caller = await carer(pool)
    made = await keep(pool, caller)
    async with pool.read(caller) as conn:
        today = local_date(await database.now(conn))
    content = Content(
        prescriber="赵医生",
        institution="演示医院",
        items=(Item(drug="胰岛素", dose="8 IU", route="皮下", frequency="每日一次"),),
    )

    async def write(
        codes: list[str], issued_on: date, valid_until: date, given: Content = content
    ) -> prescriptions.Prescription:
        return await write_prescription.write_prescription(
            pool,
            caller,
            made.id,
            given,
            service_codes=codes,
            issued_on=issued_on,
            valid_until=valid_until,
        )

    code = next(iter(pool.catalogue.services))
    week = timedelta(days=7)
    kept = await write([code], today - week, today + week)
    async with pool.read(caller) as conn:
        found = await prescriptions.find_of_patient(conn, made.id, kept.id)
        assert found is not None
        assert await prescriptions.open_content(conn, found) == content
        assert await prescriptions.find_of_patient(conn, new_id(), kept.id) is None
    assert [kept.is_valid_on(today + timedelta(days=d)) for d in (-8, -7, 7, 8)] == [
        False,
        True,
        True,
        False,
    ]
    nothing = Content(prescriber="赵医生", institution="演示医院", items=(Item(dose="1"),))
    for codes, issued_on, valid_until, given, told in (
        ([code, "ZZ999"], today, today, content, ("service_codes.1", "service_code")),
        ([code, code], today, today, content, ("service_codes", "repeated")),
        ([code], today + 2 * week, today + 3 * week, content, ("issued_on", "day_in_future")),
        ([code], today, today - week, content, ("valid_until", "before_issued")),
        ([code], today - 2 * week, today - week, content, ("valid_until", "expired")),
        ([code], today, today + 150 * week, content, ("valid_until", "valid_too_long")),
        ([code], today, today, nothing, ("items.0", "drug_or_procedure")),
    ):
        with pytest.raises(InvalidFields) as refusal:
            await write(codes, issued_on, valid_until, given)
        assert faults(refusal) == {told}


# Institutions


def hospital(code: str, **given: Any) -> NewInstitution:
    fields: dict[str, Any] = {
        "id": new_id(),
        "code": code,
        "name": "演示医院",
        "county": "330702",
        "counties": ["330702", "330703"],
        "services": ["EC01"],
        "phone": "0579 8232 1234",
        "lat": 29.1,
        "lng": 119.65,
    }
    return NewInstitution(**{**fields, **given})


async def test_institutions_are_registered_once_and_listed(pool: Pool) -> None:
    admin = Caller(role=Role.ADMIN, account_id=new_id())
    code = next(iter(pool.catalogue.services))

    async def register(caller: Caller, given: NewInstitution) -> Institution:
        return await register_institution.register_institution(pool, caller, AREAS, given)

    main = await register(admin, hospital("A1", services=[code]))
    assert (main.phone, main.lat, main.lng) == ("+8657982321234", 29.1, 119.65)
    with pytest.raises(AlreadyRegistered):
        await register(admin, hospital("A1", services=[code]))
    bound = Caller(role=Role.OPERATOR, account_id=new_id(), institution_id=main.id)
    with pytest.raises(Forbidden):
        await register(bound, hospital("A2", services=[code]))
    branch = await register(
        bound, hospital("A2", services=[code], parent_id=main.id, approved=False)
    )
    other = await register(admin, hospital("B1", services=[code]))
    async with pool.read(admin) as conn:
        every = await institutions.list_all(conn, None, None, 10)
        within = await institutions.list_all(conn, main.id, None, 10)
        approved = await institutions.list_approved(conn, None, 10)
    assert [found.id for found in every] == [other.id, branch.id, main.id]
    assert [found.id for found in within] == [branch.id, main.id]
    assert [found.id for found in approved] == [other.id, main.id]
    bad = hospital(
        "C1",
        services=["ZZ999"],
        county="110101",
        counties=["330702", "330702"],
        parent_id=new_id(),
        phone="1",
    )
    with pytest.raises(InvalidFields) as refusal:
        await register(admin, bad)
    assert faults(refusal) == {
        ("services.0", "service_code"),
        ("county", "county"),
        ("counties", "repeated"),
        ("parent_id", "institution"),
        ("phone", "phone"),
    }
