"""A small made-up region for tests: few people, known qualities, a clock that stands still.

It is loaded once for a test run and copied for each test, so a world costs as much as a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from api.policy import OPERATOR_PERMISSIONS, REVIEWER_PERMISSIONS
from config import catalogue
from config.settings import Settings
from config.vocabulary import Title
from demo import load, people
from demo.institutions import Institution, Kind
from demo.load import demo_id
from demo.nurses import Nurse
from demo.patients import Patient
from demo.region import Region
from dispatch import billing, database, pricing, transitions
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import bills, offers, orders, shifts, visits
from dispatch.records.offers import Offer
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from dispatch.sealing import Keyring

# Monday, 09:00 in Jinhua. Later than any day on which this is run: the clock never steps back.
NOW: Final = datetime(2040, 3, 5, 1, 0, tzinfo=UTC)
TODAY: Final = date(2040, 3, 5)
SHIFT: Final = (NOW - timedelta(hours=3), NOW + timedelta(hours=13))

CATALOGUE: Final = catalogue.load()
COUNTY: Final = "330702"
NEIGHBOUR: Final = "330703"
HOME: Final = (29.08, 119.65)

CLOCK: Final = Caller.clock("test")
INSTITUTIONS: Final = 3
NURSES: Final = 40
PATIENTS: Final = 20

# One nurse, whom anybody can be; two nurses; a specialty that the even numbers lack.
EASY: Final = "EC01"
PAIR: Final = "EC09"
SPECIAL: Final = "LT10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in; `address_id` is set for patients."""

    id: UUID
    caller: Caller
    phone: str
    address_id: UUID | None = None

    @property
    def account_id(self) -> UUID:
        if self.caller.account_id is None:
            raise LookupError("nobody signs in as this")
        return self.caller.account_id


@dataclass(slots=True, kw_only=True)
class World:
    """A pool on a database of its own with these people in it, and a way to move its clock."""

    pool: Pool = field(repr=False)
    owner: asyncpg.Connection = field(repr=False)
    now: datetime = NOW

    institution_ids: Sequence[UUID] = tuple(
        demo_id("institution", number) for number in range(1, INSTITUTIONS + 1)
    )
    clock: Caller = CLOCK

    @property
    def operator(self) -> Caller:
        return _staff(1, Role.OPERATOR, OPERATOR_PERMISSIONS)

    @property
    def admin(self) -> Caller:
        return _staff(2, Role.ADMIN)

    @property
    def auditor(self) -> Caller:
        return _staff(3, Role.AUDITOR)

    @property
    def reviewer(self) -> Caller:
        return _staff(4, Role.OPERATOR, REVIEWER_PERMISSIONS)

    def nurse(self, staff_no: int) -> Person:
        """Nurse 1 … 40; the lower the number, the nearer to patient 1."""
        nurse_id = demo_id("nurse", staff_no)
        return Person(
            id=nurse_id,
            caller=Caller(
                role=Role.NURSE,
                account_id=demo_id("nurse account", staff_no),
                nurse_id=nurse_id,
                institution_id=self.institution_ids[(staff_no - 1) % INSTITUTIONS],
                request_id="test",
            ),
            phone=f"+86139{staff_no:08d}",
        )

    def nurse_of(self, nurse_id: UUID) -> Person:
        """The same person, by her id."""
        return next(n for n in map(self.nurse, range(1, NURSES + 1)) if n.id == nurse_id)

    def patient(self, number: int = 1) -> Person:
        """Patient 1 … 20, each alone in an account of their own."""
        return Person(
            id=demo_id("patient", number),
            caller=Caller(
                role=Role.PATIENT, account_id=demo_id("account", number), request_id="test"
            ),
            phone=f"+86137{number:08d}",
            address_id=demo_id("address", number),
        )

    async def advance(self, **delta: float) -> datetime:
        """Move the database's clock forward and return the new time."""
        self.now += timedelta(**delta)
        await self.owner.execute("UPDATE app_clock SET origin_app = $1", self.now)
        return self.now

    async def place(self, number: int = 1, **changes: Any) -> Order:
        """An order of patient `number`, as placing it would record it; by default an easy one that
        starts between two and six hours from now."""
        person = self.patient(number)
        codes = changes.pop("service_codes", [EASY])
        bundle = CATALOGUE.combine(codes)
        price = pricing.of(bundle, self.pool.settings)
        if person.address_id is None:
            raise LookupError("a patient has an address")
        order = Order(
            id=new_id(),
            account_id=person.account_id,
            patient_id=person.id,
            address_id=person.address_id,
            county=COUNTY,
            service_codes=list(codes),
            seats=bundle.nurses_required,
            earliest=self.now + timedelta(hours=2),
            latest=self.now + timedelta(hours=6),
            duration_min=bundle.duration_min,
            urgency="routine",
            promise_at=self.now + timedelta(hours=4),
            price_fen=price.price_fen,
            price_lines=list(price.lines),
            pay_fen=price.pay_fen,
            consent={
                "version": "1",
                "accepted_at": self.now.isoformat(),
                "language": "zh-CN",
                "hashes": {},
            },
            created_at=self.now,
            updated_at=self.now,
        )
        order = replace(order, **changes)

        async def put(conn: Connection) -> None:
            await orders.insert(conn, order)
            terms = await bills.find_terms(conn, order.account_id, order.patient_id)
            await billing.open_bill(conn, order, terms)

        await self.pool.transact(person.caller, put)
        return order

    async def open(self, number: int = 1, **changes: Any) -> Order:
        """An order that is approved and whose first wave is due."""
        placed = await self.place(number, **changes)

        async def approve(conn: Connection) -> Order:
            held = await orders.lock(conn, placed.id)
            return await transitions.move_order(conn, held, "approve", next_wave_at=self.now)

        return await self.pool.transact(self.operator, approve)

    async def order(self, order_id: UUID) -> Order:
        """The order as it stands."""
        async with self.pool.read(self.clock) as conn:
            return await orders.get(conn, order_id)

    async def offers(self, order_id: UUID, *states: str) -> list[Offer]:
        """The offers of an order in these states (all if none is named), as sent."""
        async with self.pool.read(self.clock) as conn:
            found = await offers.list_of_order(conn, order_id)
        return [offer for offer in found if not states or offer.state in states]

    async def visits(self, order_id: UUID, *states: str) -> list[Visit]:
        """The visits of an order in these states (all if none is named), by round and seat."""
        async with self.pool.read(self.clock) as conn:
            found = await visits.list_of_order(conn, order_id)
        return [visit for visit in found if not states or visit.state in states]

    async def events(self, order_id: UUID) -> list[str]:
        """What has been told of an order, in order."""
        rows = await self.owner.fetch(
            "SELECT event FROM outbox WHERE order_id = $1 ORDER BY id", order_id
        )
        return [row["event"] for row in rows]


def _staff(number: int, role: Role, permissions: frozenset[str] = frozenset()) -> Caller:
    return Caller(
        role=role,
        account_id=demo_id("staff", number),
        permissions=permissions,
        request_id="test",
    )


async def fill(dsn: str, keyring: Keyring, settings: Settings) -> None:
    """Stop the clock of a fresh database and put everybody into it."""
    owner = await asyncpg.connect(dsn)
    await owner.execute("UPDATE app_clock SET origin_app = $1, scale = 0", NOW)
    await owner.close()
    pool = await connect(dsn, keyring, settings)
    try:
        await load.load_region(pool, _region())
        await pool.transact(
            Caller.clock(),
            lambda conn: shifts.add(
                conn,
                [
                    (
                        demo_id("nurse", staff_no),
                        SHIFT[0] + timedelta(days=day),
                        SHIFT[1] + timedelta(days=day),
                    )
                    for staff_no in range(1, NURSES + 1)
                    for day in range(3)
                ],
            ),
        )
    finally:
        await pool.close()


async def connect(dsn: str, keyring: Keyring, settings: Settings, size: int = 12) -> Pool:
    """A pool as the application opens it."""
    return await database.connect(
        dsn, keyring=keyring, settings=settings, catalogue=CATALOGUE, size=size, name="test"
    )


def _region() -> Region:
    return Region(
        seed=0,
        today=TODAY,
        institutions=tuple(_institution(number) for number in range(1, INSTITUTIONS + 1)),
        nurses=tuple(_nurse(number) for number in range(1, NURSES + 1)),
        patients=tuple(_patient(number) for number in range(1, PATIENTS + 1)),
    )


def _institution(number: int) -> Institution:
    """All offer everything in the county and its neighbour."""
    return Institution(
        code=f"DEMO{number:03d}",
        name=f"测试医院{number}",
        name_en=f"Test Hospital {number}",
        kind=Kind.GENERAL,
        tier=3,
        county=COUNTY,
        town="测试镇",
        lat=HOME[0],
        lng=HOME[1],
        address="测试路1号",
        phone=f"+865798999{number:04d}",
        services=tuple(CATALOGUE.services),
        counties=(COUNTY, NEIGHBOUR),
    )


def _nurse(number: int) -> Nurse:
    """Able and free. Even ones hold general nursing only; every tenth is a man."""
    everything = tuple(sorted(CATALOGUE.specialties))
    return Nurse(
        staff_no=number,
        name=f"护士{number}",
        gender="male" if number % 10 == 0 else "female",
        phone=f"+86139{number:08d}",
        institution=f"DEMO{(number - 1) % INSTITUTIONS + 1:03d}",
        department="test",
        county=COUNTY,
        town="测试镇",
        lat=HOME[0],
        lng=HOME[1] + number * 0.002,
        radius_m=20_000,
        title=Title.ZHUGUAN,
        tier=3,
        specialties=("general_nursing",) if number % 2 == 0 else everything,
        languages=("zh",),
        first_practised_on=date(2020, 7, 1),
        registration_no=f"TEST{number:08d}",
        certificate_valid_until=date(2044, 12, 31),
        insurance_valid_until=date(2040, 12, 31),
        admitted=True,
        suspended=False,
        rating=4.8,
        ratings=10,
    )


def _patient(number: int) -> Patient:
    phone = f"+86137{number:08d}"
    return Patient(
        patient_no=number,
        account_phone=phone,
        name=f"患者{number}",
        gender="female",
        birth_date=date(1960, 1, number),
        relation="self",
        phone=phone,
        id_number=people.id_number(date(1960, 1, number), "female", number),
        conditions=("高血压",),
        allergies=(),
        emergency_name="家属",
        emergency_phone=phone,
        label="家",
        address=f"浙江省金华市婺城区测试路{number}号",
        access_notes="按门铃",
        floor=4,
        has_lift=False,
        county=COUNTY,
        town="测试镇",
        lat=HOME[0] + number * 0.001,
        lng=HOME[1],
    )
