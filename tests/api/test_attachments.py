"""Photos, recordings and pictures of prescriptions over HTTP, and what lies on the disk after."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from PIL import Image

from api import edge
from api.routes import attachments, documents, prescriptions
from config.settings import Settings
from dispatch import storage
from dispatch.acts import attach_file, change_order
from dispatch.database import Caller
from dispatch.ids import made_at, new_id
from dispatch.lifecycles import VisitState
from dispatch.records import person_keys
from dispatch.records.visits import Visit
from tests import files, visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.world import World

MEBI = 1024 * 1024


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        demo=True,
        files_dir=tmp_path / "files",
        upload_max_mb=1,
        upload_timeout_s=2,
        uploads_max=2,
        visit_files_max=4,
        prescription_files_max=3,
        order_files_max=3,
    )


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(
        desk.edge(), [attachments.routes, documents.routes, prescriptions.routes]
    )
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


async def at_home(desk: Desk) -> Visit:
    (visit,) = await visiting.assigned(desk.world)
    return await visiting.advanced(desk.world, visit, VisitState.IN_SERVICE)


def photo(desk: Desk, **changes: Any) -> dict[str, str]:
    given = {"kind": "photo", "recorded_at": desk.world.now, "client_id": new_id(), **changes}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else str(value)
        for name, value in given.items()
        if value is not None
    }


def recording(desk: Desk, **changes: Any) -> dict[str, str]:
    ended_at = desk.world.now
    told = {
        "kind": "audio",
        "recorded_at": None,
        "consent_by": "patient",
        "consent_at": ended_at - timedelta(minutes=2),
        "started_at": ended_at - timedelta(minutes=1),
        "ended_at": ended_at,
    }
    return photo(desk, **{**told, **changes})


async def send(
    desk: Desk,
    path: str,
    caller: Caller,
    raw: bytes,
    fields: dict[str, str] | None = None,
    method: str = "POST",
    **headers: str,
) -> tuple[int, Any]:
    form = FormData(fields or {})
    # Neither the name nor the type that a client gives counts for anything.
    form.add_field("file", io.BytesIO(raw), filename="../../etc/passwd", content_type="text/html")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with desk.client.request(
        method, path, data=form, headers=desk.headers(caller, **named)
    ) as answer:
        return answer.status, await answer.json()


async def put(desk: Desk, path: str, caller: Caller, raw: bytes) -> tuple[int, Any]:
    return await send(desk, f"{path}/file", caller, raw, method="PUT")


async def fetch(desk: Desk, path: str, caller: Caller) -> tuple[int, dict[str, str], bytes]:
    async with desk.client.get(path, headers=desk.headers(caller)) as answer:
        return answer.status, dict(answer.headers), await answer.read()


def on_disk(desk: Desk) -> list[Path]:
    root = desk.world.pool.settings.files_dir
    assert root is not None
    return [path for path in root.rglob("*") if path.is_file()]


def faults(problem: Any) -> list[tuple[str, str]]:
    return [(".".join(map(str, one["loc"])), one["msg"]) for one in problem["errors"]]


async def test_r31_a_photo_is_bound_to_its_visit_by_reference_hash_and_time(desk: Desk) -> None:
    visit, nurse = await at_home(desk), desk.world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    raw, fields = files.telling_picture("JPEG"), photo(desk)
    status, kept = await send(desk, path, nurse, raw, fields)
    assert status == 201, kept
    assert kept["media_type"] == "image/jpeg"
    assert kept["received_sha256"] == hashlib.sha256(raw).hexdigest()
    assert (kept["started_at"][:19], kept["client_id"]) == (
        fields["recorded_at"][:19],
        fields["client_id"],
    )
    served = b""
    for caller in (nurse, desk.world.patient(1).caller, desk.world.operator):
        status, headers, served = await fetch(desk, f"{path}/{kept['id']}", caller)
        assert status == 200
        assert hashlib.sha256(served).hexdigest() == kept["sha256"]
        assert len(served) == kept["size_bytes"] == int(headers["Content-Length"])
        assert headers["Content-Type"] == "image/jpeg"
        assert headers["Content-Disposition"] == (f'attachment; filename="photo-{kept["id"]}.jpg"')
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"].startswith("private")
        assert "sandbox" in headers["Content-Security-Policy"]
        assert files.SECRET.encode() not in served
    with Image.open(io.BytesIO(served)) as picture:
        assert picture.size == (16, 32)
    (lying,) = on_disk(desk)
    assert b"\xff\xd8\xff" not in lying.read_bytes()
    assert str(kept["id"]) in lying.name
    read = await desk.world.owner.fetch(
        "SELECT actor_id FROM audit WHERE action = 'attachment.read' AND subject_id = $1",
        UUID(kept["id"]),
    )
    assert len(read) == 3


async def test_r31_a_recording_needs_its_times_and_who_agreed_to_it(desk: Desk) -> None:
    visit, nurse = await at_home(desk), desk.world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    for make in (files.wav, files.m4a, files.ogg):
        status, kept = await send(desk, path, nurse, make(), recording(desk))
        assert (status, kept["consent_by"]) == (201, "patient"), kept
        status, _, served = await fetch(desk, f"{path}/{kept['id']}", nurse)
        assert (status, files.SECRET.encode() in served) == (200, False)
    bare = recording(desk, consent_by=None, consent_at=None, ended_at=None)
    status, problem = await send(desk, path, nurse, files.wav(), bare)
    assert status == 422
    named = {loc for loc, _ in faults(problem)}
    assert named == {"body.ended_at", "body.consent_by", "body.consent_at"}
    late = recording(desk, consent_at=desk.world.now - timedelta(seconds=30))
    status, problem = await send(desk, path, nurse, files.wav(), late)
    assert (status, faults(problem)[0][0]) == (422, "body.consent_at")
    status, problem = await send(desk, path, nurse, files.wav(), photo(desk, consent_by="patient"))
    assert (status, faults(problem)[0][0]) == (422, "body.consent_by")


async def test_what_is_sent_again_is_kept_once_with_and_without_a_retry_key(desk: Desk) -> None:
    visit, nurse = await at_home(desk), desk.world.nurse(1).caller
    path, fields = f"/v1/visits/{visit.id}/attachments", photo(desk)
    raw = files.picture()
    status, first = await send(desk, path, nurse, raw, fields, Idempotency_Key="k1")
    assert status == 201
    # Another boundary and order of parts is the same body; the answer is the stored one.
    status, again = await send(
        desk, path, nurse, raw, dict(reversed(fields.items())), Idempotency_Key="k1"
    )
    assert (status, again) == (201, first)
    status, problem = await send(
        desk, path, nurse, files.picture("PNG"), fields, Idempotency_Key="k1"
    )
    assert (status, slug(problem)) == (422, "idempotency-key-reused")
    status, again = await send(desk, path, nurse, raw, fields)
    assert (status, again) == (200, first)
    answers = await asyncio.gather(
        *(send(desk, path, nurse, raw, photo(desk, client_id=first["id"])) for _ in range(2))
    )
    assert sorted(status for status, _ in answers) == [200, 201]
    assert len({told["id"] for _, told in answers}) == 1
    status, listed = await desk.call("GET", path, nurse)
    assert (status, len(listed["items"])) == (200, 2)
    assert len(on_disk(desk)) == 2


@pytest.mark.parametrize(
    ("raw", "status", "named"),
    [
        (b"<html>", 415, "unsupported-file"),
        (files.pdf(), 415, "unsupported-file"),
        (files.wav(), 415, "unsupported-file"),
        (files.picture()[:200], 422, "invalid-request"),
        (files.picture() + bytes(MEBI), 413, "body-too-large"),
        (b"", 422, "invalid-request"),
    ],
    ids=["page", "paper", "sound", "broken", "large", "nothing"],
)
async def test_r15_what_is_no_photo_is_refused_by_its_content(
    desk: Desk, raw: bytes, status: int, named: str
) -> None:
    visit, nurse = await at_home(desk), desk.world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    got, problem = await send(desk, path, nurse, raw, photo(desk))
    assert (got, slug(problem)) == (status, named)
    if status == 415:
        assert problem["media_types"] == ["image/jpeg", "image/png", "image/webp"]
    assert on_disk(desk) == []


async def test_the_body_must_be_one_file_with_its_fields(desk: Desk) -> None:
    visit, nurse = await at_home(desk), desk.world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    status, problem = await desk.call("POST", path, nurse, {"kind": "photo"})
    assert (status, problem["media_types"]) == (415, ["multipart/form-data"])
    kind = "multipart/form-data; boundary=x"
    odd, control = (
        b'--x\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n1\r\n'
        for name in (b"\xa9", b"\x0e")
    )
    no_name = b"--x\r\n\r\nno name\r\n--x--\r\n"
    for body in (b"", b"nothing of the sort", no_name, odd + b"--x--\r\n", odd * 2, control):
        async with desk.client.post(
            path, data=body, headers=desk.headers(nurse, **{"Content-Type": kind})
        ) as answer:
            assert answer.status == 422, body
    status, problem = await send(
        desk, path, nurse, files.picture(), photo(desk, kind="film", place="home", client_id="1")
    )
    named = {loc for loc, _ in faults(problem)}
    assert (status, named) == (422, {"body.kind", "body.place", "body.client_id"})
    status, problem = await send(desk, path, nurse, files.picture(), {"kind": "x" * 2000})
    assert (status, faults(problem)[0][0]) == (422, "body.kind")
    assert on_disk(desk) == []


async def test_a_slow_upload_times_out_and_too_many_are_sent_away(desk: Desk) -> None:
    visit, nurse = await at_home(desk), desk.world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    going = asyncio.Event()

    async def dripping() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
        yield b"\xff\xd8\xff"
        going.set()
        await asyncio.sleep(5)
        yield b"too late"

    async def drip() -> int:
        headers = desk.headers(nurse, **{"Content-Type": "multipart/form-data; boundary=x"})
        async with desk.client.post(path, data=dripping(), headers=headers) as answer:
            return answer.status

    slow = [asyncio.create_task(drip()) for _ in range(2)]
    await going.wait()
    while len(on_disk(desk)) < 2:  # noqa: ASYNC110 - bounded by the timeout of the uploads
        await asyncio.sleep(0.01)
    status, problem = await send(desk, path, nurse, files.picture(), photo(desk))
    assert (status, slug(problem)) == (503, "overloaded")
    assert await asyncio.gather(*slow) == [408, 408]
    assert on_disk(desk) == []
    status, _ = await send(desk, path, nurse, files.picture(), photo(desk))
    assert status == 201


async def test_files_come_from_the_home_only_and_not_without_end(desk: Desk) -> None:
    (visit,) = await visiting.assigned(desk.world)
    nurse = desk.world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    status, problem = await send(desk, path, nurse, files.picture(), photo(desk))
    assert (status, slug(problem)) == (409, "illegal-transition")
    assert on_disk(desk) == []
    await visiting.advanced(desk.world, visit, VisitState.ARRIVED)
    ahead = photo(desk, recorded_at=desk.world.now + timedelta(minutes=5))
    status, problem = await send(desk, path, nurse, files.picture(), ahead)
    assert (status, faults(problem)[0][0]) == (422, "body.recorded_at")
    for _ in range(4):
        status, _ = await send(desk, path, nurse, files.picture(), photo(desk))
        assert status == 201
    status, problem = await send(desk, path, nurse, files.picture(), photo(desk))
    assert (status, slug(problem), len(on_disk(desk))) == (422, "rule-refused", 4)


async def test_after_the_visit_its_nurse_may_look_for_a_day_and_send_what_is_late(
    desk: Desk,
) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world)
    visit = await visiting.advanced(world, visit, VisitState.COMPLETED)
    nurse = world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    status, kept = await send(desk, path, nurse, files.picture(), photo(desk))
    assert status == 201
    assert "late_record" in (await visiting.visit(world, visit.id)).flags
    one = f"{path}/{kept['id']}"
    await world.advance(hours=24)
    assert (await fetch(desk, one, nurse))[0] == 200
    await world.advance(seconds=1)
    assert (await fetch(desk, one, nurse))[0] == 404
    assert (await fetch(desk, one, world.patient(1).caller))[0] == 200
    for stranger in (world.nurse(2).caller, world.patient(2).caller):
        assert (await fetch(desk, one, stranger))[0] == 404
    bound = visiting.bound_operator(world, world.institution_ids[1])
    assert (await fetch(desk, one, bound))[0] == 404
    other = f"/v1/visits/{visit.id}/attachments/{new_id()}"
    assert (await fetch(desk, other, nurse))[0] == 404


async def test_what_an_erased_patient_sent_never_opens_again(desk: Desk) -> None:
    world = desk.world
    visit, nurse = await at_home(desk), world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    _, kept = await send(desk, path, nurse, files.picture(), photo(desk))
    await world.pool.transact(world.clock, lambda conn: person_keys.destroy(conn, visit.patient_id))
    assert (await fetch(desk, f"{path}/{kept['id']}", world.operator))[0] == 404


async def test_what_no_row_knows_of_is_removed_after_a_day_and_nothing_else(desk: Desk) -> None:
    visit, nurse = await at_home(desk), desk.world.nurse(1).caller
    path = f"/v1/visits/{visit.id}/attachments"
    _, kept = await send(desk, path, nurse, files.picture(), photo(desk))
    place = storage.configured(desk.world.pool.settings)
    old = UUID(int=new_id().int - (26 * 3_600_000 << 80))
    fresh = new_id()
    assert made_at(fresh) - made_at(old) > timedelta(hours=25)
    for name in (old, fresh):
        await place.put(name, [b"of nobody"])
    assert await attach_file.remove_orphans(desk.world.pool) == 1
    names = {UUID(path.stem) for path in on_disk(desk)}
    assert names == {fresh, UUID(kept["id"])}
    # Long after, what has its row is still there.
    settings = desk.world.pool.settings.model_copy(update={"orphan_files_h": -1})
    later = replace(desk.world.pool, settings=settings)
    assert await attach_file.remove_orphans(later) == 1
    assert (await fetch(desk, f"{path}/{kept['id']}", nurse))[0] == 200


async def test_r28_a_prescription_has_its_picture(desk: Desk) -> None:
    world = desk.world
    patient = world.patient(1)
    today = world.now.date()
    status, written = await desk.call(
        "POST",
        "/v1/prescriptions",
        patient.caller,
        {
            "patient_id": str(patient.id),
            "service_codes": ["EC04"],
            "prescriber": "方医生",
            "institution": "测试医院1",
            "issued_on": today.isoformat(),
            "valid_until": (today + timedelta(days=7)).isoformat(),
            "items": [{"drug": "维生素B12", "dose": "0.5 mg", "route": "im", "frequency": "qd"}],
        },
    )
    assert (status, written["file"]) == (201, None)
    path = f"/v1/prescriptions/{written['id']}"
    assert (await fetch(desk, f"{path}/file", patient.caller))[0] == 404
    told: Any = None
    for raw, media_type in ((files.telling_picture("PNG"), "image/png"), (files.pdf(), None)):
        status, told = await put(desk, path, patient.caller, raw)
        assert (status, told["file"]["media_type"]) == (200, media_type or "application/pdf")
        assert told["file"]["received_sha256"] == hashlib.sha256(raw).hexdigest()
    status, again = await put(desk, path, patient.caller, files.pdf())
    assert (status, again) == (200, told)
    status, headers, served = await fetch(desk, f"{path}/file", patient.caller)
    assert (status, headers["Content-Type"], served) == (200, "application/pdf", files.pdf())
    # The picture that was replaced is kept: it may have been what somebody went by.
    assert len(on_disk(desk)) == 2
    status, problem = await put(desk, path, patient.caller, files.wav())
    assert (status, slug(problem)) == (415, "unsupported-file")
    status, _ = await put(desk, path, world.patient(2).caller, files.pdf())
    assert status == 404


async def test_r15_what_is_shown_for_an_order_is_for_its_owner_and_the_assessor(
    desk: Desk,
) -> None:
    world = desk.world
    order = await world.place(service_codes=["EC03"])
    me, path = world.patient().caller, f"/v1/orders/{order.id}/documents"
    raw = files.telling_picture("JPEG")
    status, kept = await send(desk, path, me, raw, {"kind": "medical_record"})
    assert (status, kept["kind"], kept["media_type"]) == (201, "medical_record", "image/jpeg")
    status, again = await send(desk, path, me, raw, {"kind": "medical_record"})
    assert (status, again) == (200, kept)
    status, _ = await send(desk, path, world.operator, files.pdf(), {"kind": "contract"})
    assert status == 201
    served = b""
    for reader in (me, world.reviewer):
        status, _, served = await fetch(desk, f"{path}/{kept['id']}", reader)
        assert status == 200
        assert hashlib.sha256(served).hexdigest() == kept["sha256"]
        status, listed = await desk.call("GET", path, reader)
        assert [one["kind"] for one in listed["items"]] == ["contract", "medical_record"]
    assert files.SECRET.encode() not in served
    assert all(b"\xff\xd8\xff" not in lying.read_bytes() for lying in on_disk(desk))
    sender = replace(world.operator, permissions=frozenset({"dispatch"}))
    for stranger, refusal in (
        (world.patient(2).caller, 404),
        (world.nurse(1).caller, 403),
        (sender, 403),
        (world.auditor, 403),
    ):
        assert (await fetch(desk, f"{path}/{kept['id']}", stranger))[0] == refusal
    read = await world.owner.fetchval("SELECT count(*) FROM audit WHERE action = 'document.read'")
    assert read == 2
    assert "medical_record_uploaded" in (await world.order(order.id)).preconditions


async def test_r15_what_is_no_document_is_not_taken_nor_without_end(desk: Desk) -> None:
    world = desk.world
    order = await world.place()
    me, path = world.patient().caller, f"/v1/orders/{order.id}/documents"
    status, problem = await send(desk, path, me, files.wav(), {"kind": "identity"})
    assert (status, slug(problem)) == (415, "unsupported-file")
    status, problem = await send(desk, path, me, files.pdf(), {"kind": "photo"})
    assert (status, faults(problem)[0][0]) == (422, "body.kind")
    for kind in ("identity", "medical_record", "contract"):
        assert (await send(desk, path, me, files.pdf(), {"kind": kind}))[0] == 201
    status, problem = await send(desk, path, me, files.picture(), {"kind": "contract"})
    assert (status, slug(problem), len(on_disk(desk))) == (422, "rule-refused", 3)
    ended = await world.place(2)
    him = world.patient(2).caller
    await change_order.cancel_order(world.pool, him, ended.id, reason="不需要了")
    path = f"/v1/orders/{ended.id}/documents"
    status, problem = await send(desk, path, him, files.pdf(), {"kind": "identity"})
    assert (status, slug(problem), len(on_disk(desk))) == (409, "illegal-transition", 3)
