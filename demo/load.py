"""Puts a synthetic region into an empty or half-filled database; what is there stays as it is.

A row's id follows from its number, so loading again after a crash goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

from api.policy import OPERATOR_PERMISSIONS
from config import catalogue
from config.settings import Settings
from demo import institutions as founded
from demo import nurses as hired
from demo import patients as enrolled
from demo import region, roster
from demo.region import Region
from dispatch import database
from dispatch.database import Caller, Connection, Pool
from dispatch.lifecycles import Role
from dispatch.records import accounts, institutions, nurses, person_keys, shifts
from dispatch.records.accounts import NewAccount
from dispatch.records.addresses import OpenAddress
from dispatch.records.institutions import Institution, NewInstitution
from dispatch.records.nurses import Nurse
from dispatch.records.patients import Contact, Profile
from dispatch.sealing import DataKey, Keyring

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told after each step: what is being loaded, how many rows of it are there, of how many."""

Put = Callable[[Connection, Sequence[T]], Awaitable[None]]

PATIENCE_S: Final = 120.0
CHUNK: Final = 500
SHIFT_DAYS: Final = 3
# Ids are of a day in the past, so that whatever people make sorts after the demo's rows.
BORN_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)

CALLER: Final = Caller.clock("demo-load")


def silent(_what: str, _done: int, _of: int) -> None:
    """No progress is shown."""


def demo_id(kind: str, number: int) -> UUID:
    """The UUIDv7 of the row of that kind and number: always the same, in order of numbers."""
    digest = bytearray(hashlib.sha256(f"demo {kind} {number}".encode()).digest()[:16])
    born_ms = int(BORN_AT.timestamp() * 1000) + number
    digest[:6] = born_ms.to_bytes(6)
    digest[6] = 0x70 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return UUID(bytes=bytes(digest))


def unhurried(settings: Settings) -> Settings:
    """For some hundred rows in a transaction the patience of a request is too short."""
    return settings.model_copy(
        update={
            "request_timeout_s": PATIENCE_S,
            "command_timeout_s": PATIENCE_S,
            "acquire_timeout_s": PATIENCE_S,
            "statement_timeout_ms": int(1000 * PATIENCE_S),
            "idle_in_transaction_timeout_ms": int(1000 * PATIENCE_S),
        }
    )


async def load(dsn: str, settings: Settings, keyring: Keyring, progress: Progress = silent) -> None:
    """Build the demo region and load it, shifts of the first days included."""
    pool = await database.connect(
        dsn,
        keyring=keyring,
        settings=unhurried(settings),
        catalogue=catalogue.load(),
        size=2,
        name="shangmen demo",
    )
    try:
        if not await _is_loaded(pool):
            today = await _today(pool)
            await load_region(pool, region.build(today=today), progress)
        await top_up_shifts(pool, progress)
    finally:
        await pool.close()


IS_THERE: Final = "SELECT EXISTS (SELECT FROM addresses WHERE id = $1)"


async def _is_loaded(pool: Pool) -> bool:
    """Whether the last row of the region is there; it is put in last."""
    async with pool.read(CALLER) as conn:
        return bool(await conn.fetchval(IS_THERE, demo_id("address", region.PATIENTS)))


async def load_region(pool: Pool, built: Region, progress: Progress = silent) -> None:
    """Load a region's people and places, without shifts, some hundred rows a transaction."""
    await _in_chunks(pool, "institutions", built.institutions, _put_institutions, progress)
    await _in_chunks(pool, "staff", region.SIGN_INS, _put_staff, progress)
    await _in_chunks(pool, "nurses", built.nurses, _put_nurses, progress)
    households = list(
        (phone, list(members))
        for phone, members in itertools.groupby(built.patients, lambda one: one.account_phone)
    )
    await _in_chunks(pool, "patients", households, _put_households, progress)


async def top_up_shifts(pool: Pool, progress: Progress = silent) -> int:
    """Open the demo's hours for today and the next two days, and note the hospital duties.

    A day that was opened before is left as it is: nurses may have changed their shifts since.
    Returns how many days were opened.
    """
    today = await _today(pool)
    opened = 0
    for ahead in range(SHIFT_DAYS):
        opened += await pool.transact(CALLER, partial(_open_day, day=today + timedelta(days=ahead)))
        progress("shifts", ahead + 1, SHIFT_DAYS)
    return opened


async def _today(pool: Pool) -> date:
    async with pool.read(CALLER) as conn:
        now = await database.now(conn)
    return now.astimezone(roster.ZONE).date()


async def _in_chunks(
    pool: Pool,
    what: str,
    rows: Sequence[T],
    put: Put[T],
    progress: Progress,
) -> None:
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        await pool.transact(CALLER, partial(_run, put=put, rows=chunk))
        progress(what, start + len(chunk), len(rows))


async def _run(
    conn: Connection,
    *,
    put: Callable[[Connection, Sequence[T]], Awaitable[None]],
    rows: Sequence[T],
) -> None:
    await put(conn, rows)


OPENED: Final = """
    SELECT 2 * (SELECT count(*) FROM shifts
                 WHERE during && tstzrange($1, $2) AND during = tstzrange($1, $2))
           > (SELECT count(*) FROM nurses)
"""
STAFF_NOS: Final = "SELECT id, staff_no FROM nurses ORDER BY staff_no LIMIT 100000"


async def _open_day(conn: Connection, *, day: date) -> bool:
    usual = roster.shifts_for(1, day)[0]
    if await conn.fetchval(OPENED, usual.starts_at, usual.ends_at):
        return False
    everybody = [(row["id"], row["staff_no"]) for row in await conn.fetch(STAFF_NOS)]
    await shifts.add(conn, _spans(everybody, day, roster.shifts_for))
    await shifts.add_duties(conn, _spans(everybody, day, roster.ward_duties_for))
    return True


def _spans(
    everybody: Iterable[tuple[UUID, int]],
    day: date,
    spans_for: Callable[[int, date], tuple[roster.Span, ...]],
) -> list[tuple[UUID, datetime, datetime]]:
    return [
        (nurse_id, span.starts_at, span.ends_at)
        for nurse_id, staff_no in everybody
        for span in spans_for(staff_no, day)
    ]


PRESENT: Final = "SELECT id FROM accounts WHERE id = ANY($1)"
PUT_PATIENTS: Final = """
    INSERT INTO patients (id, account_id, gender, profile_sealed, id_number_index, relation)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::gender[], $4::bytea[], $5::bytea[], $6::text[])
"""
PUT_ADDRESSES: Final = """
    INSERT INTO addresses (id, patient_id, place_sealed, county)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[])
"""


async def _put_institutions(conn: Connection, given: Sequence[founded.Institution]) -> None:
    for one in given:
        if await institutions.find_by_code(conn, one.code) is None:
            await institutions.insert(
                conn,
                NewInstitution(
                    id=demo_id("institution", int(one.code.removeprefix("DEMO"))),
                    code=one.code,
                    name=one.name,
                    county=one.county,
                    counties=list(one.counties),
                    services=list(one.services),
                    phone=one.phone,
                    lat=one.lat,
                    lng=one.lng,
                ),
            )


async def _put_staff(conn: Connection, given: Sequence[region.SignIn]) -> None:
    everything = {"operator": OPERATOR_PERMISSIONS}
    await _open_accounts(
        conn,
        [
            NewAccount(
                id=demo_id("staff", number),
                role=Role(one.role),
                phone=one.phone,
                permissions=one.permissions or everything.get(one.role, ()),
            )
            for number, one in enumerate(given, start=1)
        ],
    )


async def _put_nurses(conn: Connection, given: Sequence[hired.Nurse]) -> None:
    now = await database.now(conn)
    taken = set(await nurses.list_staff_nos(conn, [one.staff_no for one in given]))
    fresh = [one for one in given if one.staff_no not in taken]
    codes = {one.institution for one in fresh}
    employers = {code: _found(await institutions.find_by_code(conn, code)) for code in codes}
    made = [(_nurse(one, employers[one.institution], now), one) for one in fresh]
    await nurses.insert_many(conn, [nurse for nurse, _ in made])
    await nurses.insert_points(
        conn,
        [(nurse, employers[one.institution]) for nurse, one in made],
        [(one.lat, one.lng) for _, one in made],
    )
    await _open_accounts(
        conn,
        [
            NewAccount(
                id=demo_id("nurse account", one.staff_no),
                role=Role.NURSE,
                phone=one.phone,
                nurse_id=nurse.id,
            )
            for nurse, one in made
        ],
    )


def _nurse(one: hired.Nurse, employer: Institution, now: datetime) -> Nurse:
    return Nurse(
        id=demo_id("nurse", one.staff_no),
        staff_no=one.staff_no,
        institution_id=employer.id,
        name=one.name,
        gender=one.gender,
        title=one.title,
        tier=one.tier,
        first_practised_on=one.first_practised_on,
        specialties=list(one.specialties),
        languages=list(one.languages),
        registration_no=one.registration_no,
        certificate_valid_until=one.certificate_valid_until,
        insurance_valid_until=one.insurance_valid_until,
        admitted=one.admitted,
        suspended_at=now if one.suspended else None,
        suspension_reason="demo" if one.suspended else None,
        available=True,
        radius_m=one.radius_m,
        rating=one.rating,
        ratings=one.ratings,
        created_at=now,
    )


def _found(employer: Institution | None) -> Institution:
    if employer is None:
        raise LookupError("the nurse's institution is not loaded")
    return employer


async def _put_households(
    conn: Connection, given: Sequence[tuple[str, list[enrolled.Patient]]]
) -> None:
    fresh = await _open_accounts(
        conn,
        [
            NewAccount(id=demo_id("account", members[0].patient_no), role=Role.PATIENT, phone=phone)
            for phone, members in given
        ],
    )
    members = [
        (account_id, one)
        for _, household in given
        if (account_id := demo_id("account", household[0].patient_no)) in fresh
        for one in household
    ]
    keys = await person_keys.insert_many(
        conn, [demo_id("patient", one.patient_no) for _, one in members]
    )
    people = [_patient_row(conn, keys, account_id, one) for account_id, one in members]
    await conn.execute(PUT_PATIENTS, *_columns(people, 6))
    homes = [_address_row(keys, one) for _, one in members]
    await conn.execute(PUT_ADDRESSES, *_columns(homes, 4))


def _patient_row(
    conn: Connection, keys: dict[UUID, DataKey], account_id: UUID, one: enrolled.Patient
) -> tuple[Any, ...]:
    patient_id = demo_id("patient", one.patient_no)
    profile = Profile(
        name=one.name,
        birth_date=one.birth_date,
        phone=one.phone,
        id_number=one.id_number,
        conditions=one.conditions,
        allergies=one.allergies,
        emergency_contact=Contact(name=one.emergency_name, phone=one.emergency_phone),
    )
    sealed = keys[patient_id].seal_json("patients", "profile_sealed", patient_id, asdict(profile))
    index = conn.keyring.blind_index("id_number", one.id_number)
    return (patient_id, account_id, one.gender, sealed, index, one.relation)


def _address_row(keys: dict[UUID, DataKey], one: enrolled.Patient) -> tuple[Any, ...]:
    patient_id = demo_id("patient", one.patient_no)
    address_id = demo_id("address", one.patient_no)
    place = OpenAddress(
        label=one.label,
        text=one.address,
        lat=one.lat,
        lng=one.lng,
        access_notes=one.access_notes,
        floor=one.floor,
        has_lift=one.has_lift,
    )
    sealed = keys[patient_id].seal_json("addresses", "place_sealed", address_id, asdict(place))
    return (address_id, patient_id, sealed, one.county)


async def _open_accounts(conn: Connection, given: Sequence[NewAccount]) -> set[UUID]:
    """Open those accounts that are not there yet; returns their ids."""
    rows = await conn.fetch(PRESENT, [one.id for one in given])
    present = {row["id"] for row in rows}
    fresh = [one for one in given if one.id not in present]
    await accounts.insert_many(conn, fresh)
    return {one.id for one in fresh}


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows as columns, for unnest; no rows are empty columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
