"""A phone that knows the contract alone completes visits: it enters what `record_fields` asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from api import edge
from api.routes import attachments, visits
from config.settings import Settings
from demo import record_sheet
from dispatch.ids import new_id
from dispatch.lifecycles import VisitState
from tests import visiting
from tests.api.test_orders import Desk
from tests.api.throwaway import GuardedTestServer, slug
from tests.visiting import DOOR
from tests.world import World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(demo=True, record_rule="refuse", files_dir=tmp_path)


@pytest.fixture
async def desk(jinhua: World) -> AsyncIterator[Desk]:
    desk = Desk(jinhua)
    app = edge.application(desk.edge(), [visits.routes, attachments.routes])
    async with TestClient(GuardedTestServer(app)) as desk.client:
        yield desk


# A wound with its photo, a drug with its batch, a tube, a newborn, nothing but words.
@pytest.mark.parametrize("codes", [["RH01"], ["EC04", "LT01"], ["MI06"], ["EC06"]], ids="+".join)
async def test_r34_a_visit_is_completed_by_what_its_fields_ask(
    desk: Desk, codes: list[str]
) -> None:
    world = desk.world
    (visit,) = await visiting.assigned(world, service_codes=codes)
    await visiting.advanced(world, visit, VisitState.IN_SERVICE)
    nurse, path = world.nurse(1).caller, f"/v1/visits/{visit.id}"
    _, seen = await desk.call("GET", path, nurse)
    await world.advance(hours=1)
    now = world.now.isoformat()
    done = {"at": now, "location": {"lat": DOOR[0], "lng": DOOR[1]}, "summary": "平稳"}
    status, problem = await desk.call("POST", f"{path}/complete", nurse, done)
    assert (status, slug(problem)) == (422, "record-incomplete")
    missed = {tuple(one["loc"]) for one in problem["errors"]}
    asked = {
        ("records", one["kind"], one["field"], *([] if one["when"] == "any" else [one["when"]]))
        for one in seen["record_fields"]
        if one["required"]
    }
    assert missed == asked

    photo = str(new_id())
    if record_sheet.wants_photo(seen["record_fields"]):
        form = record_sheet.photo_form(photo, now)
        headers = desk.headers(nurse, **{"Content-Type": form.media_type})
        async with desk.client.post(
            f"{path}/attachments", data=form.encode(), headers=headers
        ) as answer:
            assert answer.status == 201, await answer.text()
    for _, kind, data in record_sheet.filled(
        seen["record_fields"], today=world.now.date(), photo=photo
    ):
        body = {"kind": kind, "data": data, "recorded_at": now, "client_id": str(new_id())}
        status, kept = await desk.call("POST", f"{path}/records", nurse, body)
        assert status == 201, kept
    status, seen = await desk.call("POST", f"{path}/complete", nurse, done)
    assert (status, seen["state"]) == (200, "completed"), seen
    assert "record_incomplete" not in seen["flags"]
