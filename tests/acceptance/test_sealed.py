"""What patients say stays sealed: a byte search of all that lies on the disk finds nothing.

The database's folder with its WAL and every log are looked through, after a day of 50 patients.
"""

from __future__ import annotations

import asyncio
import base64
import json
import mmap
import os
import shutil
import struct
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import pytest

from demo import people as synthetic
from dispatch import cluster, migrate, postgres
from tests.acceptance import able
from tests.acceptance.clients import (
    OPERATOR,
    REVIEWER,
    Json,
    Person,
    Refused,
    ServerClock,
    Wire,
    fill_record,
    time_text,
)
from tests.acceptance.conftest import MORNING, SET_TIME
from tests.acceptance.processes import Deployment, free_ports

PATIENTS: Final = 50
NURSES: Final = 60
AT_ONCE: Final = 12
ACCEPTED_S: Final = 60
BORN: Final = date(1941, 6, 7)
SUMS: Final = slice(0, 14)
"""The part of an identity number that says where and when: all of ours begin with it."""

# A word of this kind is in everything that a patient or a nurse says here; nothing else on the
# disk says it. What is unique to one person follows it.
NAME, PLACE, WORDS = "鹤鸣皋", "枫桥夜泊里", "沧浪濯缨"
PHONE: Final = "13690807"
LATITUDE: Final = 29.0972813
ID_NUMBER: Final = synthetic.id_number(BORN, "female", 0)[SUMS]
MARKS: Final = (NAME, PLACE, WORDS, PHONE, ID_NUMBER, str(LATITUDE))


# Searching


def disguises(mark: str) -> dict[str, bytes]:
    """The mark as it would lie there, however it was written; base64 without what a neighbour
    shares."""
    utf8 = mark.encode()
    found = {
        "UTF-8": utf8,
        "UTF-16LE": mark.encode("utf-16-le"),
        "UTF-16BE": mark.encode("utf-16-be"),
        "GB18030": mark.encode("gb18030"),
        "hex": utf8.hex().encode(),
        "HEX": utf8.hex().upper().encode(),
        "JSON": json.dumps(mark)[1:-1].encode(),
        "URL": quote(mark).encode(),
    }
    for before in range(3):
        # The first and the last group of four may hold bits of what stands beside.
        coded = base64.b64encode(b"\0" * before + utf8)
        first, last = -(-before * 8 // 6), (before + len(utf8)) * 8 // 6
        found[f"base64 after {before}"] = coded[first:last]
        found[f"URL base64 after {before}"] = coded[first:last].translate(
            bytes.maketrans(b"+/", b"-_")
        )
    return found


def needles() -> dict[bytes, str]:
    """Everything that is looked for, and what it would be."""
    found = {
        needle: f"{mark} as {how}" for mark in MARKS for how, needle in disguises(mark).items()
    }
    for order in "<>":
        found[struct.pack(f"{order}d", LATITUDE)] = "the latitude of a home as a float"
    return found


def search(folders: Iterable[Path]) -> tuple[list[str], int]:
    """What was found where, and how many bytes were looked through."""
    wanted = needles()
    hits, seen_bytes = [], 0
    for path in files(folders):
        size = path.stat().st_size
        seen_bytes += size
        if size == 0:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
            hits += [f"{path}: {what}" for needle, what in wanted.items() if held.find(needle) >= 0]
    return hits, seen_bytes


def files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


# The day


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A deployment on a server of its own, whose folders can be read."""

    deployment: Deployment
    state: Path

    @property
    def folders(self) -> tuple[Path, ...]:
        return (self.state, self.deployment.folder)

    async def written_down(self) -> None:
        """Bring what the server holds in memory to the disk."""
        conn = await asyncpg.connect(self.deployment.dsn)
        try:
            await conn.execute("CHECKPOINT")
        finally:
            await conn.close()


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Disk]:
    """A server whose data folder is ours to read, also where DATABASE_URL names another."""
    state = Path(tempfile.mkdtemp(prefix="shangmen-sealed-"))
    state.chmod(cluster.passable())
    try:
        server = await postgres.start(state)
        try:
            await migrate.migrate(server.dsn())
            port, alarm_port = free_ports(2)
            made = Deployment(dsn=server.dsn(), folder=tmp_path, port=port, alarm_port=alarm_port)
            try:
                yield Disk(deployment=made, state=state)
            finally:
                await made.stop()
        finally:
            await server.stop()
    finally:
        shutil.rmtree(state, ignore_errors=True)


@dataclass(slots=True, kw_only=True)
class Household:
    """A patient whose every word carries a mark."""

    number: int
    person: Person
    clock: ServerClock
    patient_id: str = ""
    address_id: str = ""
    order_id: str = ""

    @property
    def phone(self) -> str:
        return f"+86{PHONE}{self.number:03d}"

    @property
    def id_number(self) -> str:
        return synthetic.id_number(BORN, "female", self.number)

    @property
    def home(self) -> Json:
        return {"lat": LATITUDE, "lng": able.HOME[1] + self.number * 1e-4}

    def words(self, about: str) -> str:
        return f"{about}：{WORDS}{self.number}"

    async def move_in(self) -> None:
        patient = await self.person.post(
            "/v1/patients",
            {
                "name": f"{NAME}{self.number}",
                "id_number": self.id_number,
                "phone": self.phone,
                "gender": "female",
                "birth_date": BORN.isoformat(),
                "relation": "parent",
                "conditions": [self.words("病史")],
                "allergies": [self.words("过敏")],
                "emergency_contact": {"name": f"{NAME}亲{self.number}", "phone": self.phone},
            },
        )
        self.patient_id = patient["id"]
        address = await self.person.post(
            f"/v1/patients/{self.patient_id}/addresses",
            {
                "label": "家",
                "text": f"{PLACE}{self.number}号",
                "location": self.home,
                "access_notes": self.words("门禁"),
            },
        )
        self.address_id = address["id"]

    async def prescribed(self) -> None:
        today = self.clock.now.date()
        await self.person.post(
            "/v1/prescriptions",
            {
                "patient_id": self.patient_id,
                "service_codes": ["EC01"],
                "prescriber": f"{NAME}医生",
                "institution": self.words("医院"),
                "issued_on": (today - timedelta(days=3)).isoformat(),
                "valid_until": (today + timedelta(days=30)).isoformat(),
                "items": [{"drug": self.words("药"), "dose": self.words("量")}],
            },
        )

    async def refused(self) -> None:
        """What is refused is not written anywhere either, nor are the values of a bad field."""
        for body in (
            {"name": f"{NAME}{self.number}", "gender": WORDS, "phone": self.phone},
            {"name": f"{NAME}\0", "id_number": f"{self.id_number[:-1]}Z", WORDS: 1},
        ):
            refusal = await self.person.refused("POST", "/v1/patients", body)
            assert refusal.status == 422
        path = f"/v1/orders/{quote(WORDS)}?q={self.phone}"
        assert (await self.person.refused("GET", path)).status == 404

    async def order(self) -> None:
        order = await self.person.post(
            "/v1/orders",
            {
                "patient_id": self.patient_id,
                "address_id": self.address_id,
                "service_codes": ["EC01"],
                "window": {
                    "earliest": time_text(self.clock.after(minutes=90)),
                    "latest": time_text(self.clock.after(hours=9)),
                },
                "urgency": "routine",
                "notes": self.words("备注"),
                "eligibility_basis": self.words("依据"),
                "consent": {
                    "version": "1",
                    "accepted_at": time_text(self.clock.now),
                    "signer": f"{NAME}签",
                    "relation": "child",
                },
            },
        )
        self.order_id = order["id"]

    async def judged(self) -> None:
        """Signed and rated, and found again by the desk."""
        path = f"/v1/orders/{self.order_id}"
        svg = f"<svg><text>{self.words('签名')}</text></svg>"
        await self.person.post(f"{path}/confirm", {"signature_svg": svg, "signed_by": NAME})
        await self.person.post(f"{path}/rating", {"stars": 5, "comment": self.words("评价")})
        own = await self.person.get(f"/v1/patients/{self.patient_id}")
        assert own["name"] == f"{NAME}{self.number}"
        records = await self.person.items(f"/v1/patients/{self.patient_id}/records")
        assert any(WORDS in json.dumps(one, ensure_ascii=False) for one in records)


OFFERS: Final = """
    SELECT f.id, n.staff_no FROM offers f JOIN nurses n ON n.id = f.nurse_id
     WHERE f.order_id = $1 AND f.state = 'sent' ORDER BY f.rank LIMIT 1
"""


async def attend(
    household: Household, operator: Person, nurses: dict[int, Person], owner: asyncpg.Pool
) -> None:
    """From approval to the end of the visit, by whoever is asked first."""
    await operator.post(
        f"/v1/ops/orders/{household.order_id}/assess",
        {
            "decision": "approve",
            "note": household.words("评估"),
            "conditions": [household.words("条件")],
        },
    )
    async with asyncio.timeout(ACCEPTED_S):
        nurse, visit_id = await _accepted(household, nurses, owner)
    await visit(household, nurse, f"/v1/visits/{visit_id}")


async def _accepted(
    household: Household, nurses: dict[int, Person], owner: asyncpg.Pool
) -> tuple[Person, str]:
    while True:
        await asyncio.sleep(0.2)
        asked = await owner.fetchrow(OFFERS, household.order_id)
        if asked is None:
            continue
        nurse = nurses[asked["staff_no"]]
        try:
            told = await nurse.post(f"/v1/offers/{asked['id']}/accept")
        except Refused as refusal:
            # Another household's visit has become hers in the same moment.
            if refusal.slug != "nurse-busy":
                raise
        else:
            return nurse, told["visit_id"]


async def visit(household: Household, nurse: Person, path: str) -> None:
    clock, home = household.clock, household.home
    sheet = await nurse.get(path)
    assert sheet["address"]["text"] == f"{PLACE}{household.number}号"

    def now() -> str:
        return time_text(clock.now)

    await nurse.post(f"{path}/depart", {"location": home, "at": now()})
    if household.number % 5 == 0:
        await nurse.post(f"{path}/abort", {"reason": household.words("clinical"), "at": now()})
        return
    point = {"location": home, "recorded_at": now(), "accuracy_m": 5}
    await nurse.post("/v1/nurse/positions", {"points": [point]})
    await nurse.post(
        f"{path}/arrive",
        {
            "location": {"lat": LATITUDE - 0.1, "lng": home["lng"]},
            "at": now(),
            "accuracy_m": 5,
            "override_reason": household.words("绕行"),
        },
    )
    await nurse.post(f"{path}/start", {"identity_confirmed": True, "at": now()})
    for kind, data in (
        ("note", {"text": household.words("护理记录")}),
        ("vitals", {"pulse_bpm": 71}),
        ("education", {"text": household.words("宣教")}),
    ):
        body = {"kind": kind, "data": data, "recorded_at": now(), "client_id": str(uuid4())}
        await nurse.post(f"{path}/records", body)
    await nurse.post(f"{path}/sos", {"location": home, "text": household.words("求助")})
    await fill_record(nurse, path, clock.now)
    summary = household.words("小结")
    await nurse.post(f"{path}/complete", {"at": now(), "location": home, "summary": summary})


async def at_the_desk(households: list[Household], operator: Person) -> None:
    """What operators read, search and write about the patients."""
    for one in households:
        for q in (one.phone, one.id_number):
            found = await operator.items(f"/v1/ops/orders?q={quote(q)}")
            assert one.order_id in {order["id"] for order in found}
        opened = await operator.get(f"/v1/ops/orders/{one.order_id}")
        assert opened["patient"]["name"] == f"{NAME}{one.number}"
    for alarm in await operator.items("/v1/ops/alarms?state=raised"):
        path = f"/v1/ops/alarms/{alarm['id']}"
        await operator.post(f"{path}/acknowledge")
        await operator.post(f"{path}/resolve", {"note": f"{WORDS}已处理"})


async def live(disk: Disk) -> None:
    """A day of fifty households in a running deployment."""
    deployment = disk.deployment
    owner = await asyncpg.create_pool(deployment.dsn, min_size=1, max_size=4)
    async with owner, Wire.to(deployment.url, at_once=AT_ONCE) as wire:
        # Of an evening nobody is on duty within the hours they ask for.
        await owner.execute(SET_TIME, MORNING)
        region = able.build(MORNING.date(), nurses=NURSES, patients=1)
        await deployment.fill(region)
        await deployment.start("clock", "alarm", "api")
        clock = ServerClock(wire)
        await clock.read()
        operator = await Person.sign_in(wire, OPERATOR)
        reviewer = await Person.sign_in(wire, REVIEWER)
        nurses = {one.staff_no: await Person.sign_in(wire, one.phone) for one in region.nurses}
        households = [
            Household(
                number=number,
                clock=clock,
                person=await Person.sign_in(wire, f"+86{PHONE}{number:03d}"),
            )
            for number in range(PATIENTS)
        ]

        async def a_day(one: Household) -> None:
            await one.move_in()
            await one.prescribed()
            await one.refused()
            await one.order()
            await attend(one, reviewer, nurses, owner)
            if one.number % 5:
                await one.judged()
            else:
                reason = {"reason": one.words("取消")}
                await one.person.send("POST", f"/v1/orders/{one.order_id}/cancel", reason)

        await asyncio.gather(*(a_day(one) for one in households))
        await at_the_desk(households, operator)


def test_the_search_sees_through_every_disguise(tmp_path: Path) -> None:
    for mark in MARKS:
        for how, needle in disguises(mark).items():
            assert len(needle) >= 6, (mark, how)
            path = tmp_path / "hidden"
            path.write_bytes(os.urandom(4099) + needle + os.urandom(77))
            assert search([tmp_path])[0], (mark, how)
            path.unlink()
    for before in range(3):
        word = "年" * before + NAME + "年"
        (tmp_path / "hidden").write_bytes(base64.b64encode(b"x" * before + word.encode()))
        assert search([tmp_path])[0]
    (tmp_path / "hidden").write_bytes(os.urandom(4099))
    assert search([tmp_path]) == ([], 4099)


@pytest.mark.acceptance
@pytest.mark.timeout(300)
async def test_nothing_that_patients_said_lies_on_the_disk_in_clear(disk: Disk) -> None:
    await live(disk)
    await disk.written_down()
    hits, seen_bytes = await asyncio.to_thread(search, disk.folders)
    assert hits == []
    assert seen_bytes > 30_000_000, "that was not the database"
    names = {path.name for path in files(disk.folders)}
    assert {"api.log", "clock.log", "alarm.log", "PG_VERSION"} <= names
    # The same search finds what is not sealed, in the table and in the WAL.
    conn = await asyncpg.connect(disk.deployment.dsn)
    await conn.execute("CREATE TABLE planted (word text)")
    await conn.execute("INSERT INTO planted VALUES ($1)", f"患者{NAME}7")
    await conn.close()
    await disk.written_down()
    planted, _ = await asyncio.to_thread(search, disk.folders)
    where = {"pg_wal" if "/pg_wal/" in hit else "base" for hit in planted if "/data/" in hit}
    assert where == {"pg_wal", "base"}, planted
