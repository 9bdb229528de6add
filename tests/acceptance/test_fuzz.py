"""Schemathesis against the running API: no 5xx, and no answer outside its own document."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import pytest

from demo.region import Region
from dispatch import processes
from tests.acceptance import able
from tests.acceptance.clients import OPERATOR, Json, Person, ServerClock, Wire, time_text
from tests.acceptance.conftest import MORNING
from tests.acceptance.processes import Deployment

REQUESTS: Final = 3_000
SEED: Final = 20_400_303
EXAMPLES: Final = 3
"""How many cases of each operation are made up at random, after those that cover its schema."""

LIMIT_S: Final = 240
STOP_S: Final = 5
ASKED_S: Final = 30
OWN: Final = 0.8
"""How often a path names a thing that is there and the caller's own; else it is made up."""

# What the document promises must hold for every answer. Whether bad data is refused is not asked
# here: HTTP itself mends a header's blanks, and an alarm takes whatever comes.
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
# A stream does not end, and who signs out is somebody else afterwards.
LEFT_OUT: Final = ("/v1/stream", "/v1/ops/stream", "/v1/auth/logout")
COUNTED: Final = re.compile(
    r'^shangmen_http_requests_total\{.*route="([^"]+)",status="(\d+)"\} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One caller, the part of the document that is his, and the things that he may name."""

    name: str
    paths: str
    token: str | None = None
    things: Mapping[str, list[str]] = field(default_factory=dict)

    def config(self) -> str:
        """The things as Schemathesis reads them: for paths that begin so, `id` is one of these."""
        lines = []
        for number, (prefix, ids) in enumerate(self.things.items()):
            lines += [f"[dictionaries.things{number}]", f"values = {ids}"]
            lines += ["[[operations]]", f"include-path-regex = '^{prefix}/\\{{id\\}}'"]
            lines += ["[operations.parameters]"]
            lines += [f'"path.id" = {{ dictionary = "things{number}", probability = {OWN} }}']
        return "\n".join(lines)


@pytest.fixture(scope="session")
def people() -> Region:
    return able.build(MORNING.date(), nurses=20, patients=3)


@pytest.fixture
def server_settings() -> dict[str, str]:
    """Two runs at once on a busy machine are slow, not too many."""
    return {"APP_ACQUIRE_TIMEOUT_S": "20", "APP_REQUEST_TIMEOUT_S": "25"}


async def patient_of(wire: Wire, clock: ServerClock) -> tuple[Person, dict[str, list[str]]]:
    """A patient with an address, a prescription and two orders."""
    person = await Person.sign_in(wire, "+8613655550001")
    patient = await person.post(
        "/v1/patients",
        {"name": "王桂芬", "gender": "female", "birth_date": "1950-03-04", "relation": "parent"},
    )
    address = await person.post(
        f"/v1/patients/{patient['id']}/addresses",
        {"label": "家", "text": "一路", "location": {"lat": able.HOME[0], "lng": able.HOME[1]}},
    )
    ordered = [
        (
            await person.post(
                "/v1/orders",
                {
                    "patient_id": patient["id"],
                    "address_id": address["id"],
                    "service_codes": ["EC01"],
                    "window": {
                        "earliest": time_text(clock.after(hours=1)),
                        "latest": time_text(clock.after(hours=9)),
                    },
                    "urgency": "routine",
                    "consent": {"version": "1", "accepted_at": time_text(clock.now)},
                },
            )
        )["id"]
        for _ in range(3)
    ]
    return person, {"/v1/patients": [patient["id"]], "/v1/orders": ordered}


OFFERS: Final = """
    SELECT f.id, f.order_id, n.staff_no FROM offers f JOIN nurses n ON n.id = f.nurse_id
     WHERE f.state = 'sent' AND f.order_id = ANY($1) ORDER BY f.rank, f.id
"""


async def offered(owner: asyncpg.Connection, order_ids: list[str]) -> list[asyncpg.Record]:
    """The open offers, once each of these orders has one."""
    async with asyncio.timeout(ASKED_S):
        while True:
            found = await owner.fetch(OFFERS, [UUID(order_id) for order_id in order_ids])
            if len({row["order_id"] for row in found}) == len(order_ids):
                return found
            await asyncio.sleep(0.2)


async def arrange(
    deployment: Deployment, owner: asyncpg.Connection, people: Region, wire: Wire
) -> list[Run]:
    """A patient, her nurse and an operator, each with things of their own; and nobody."""
    clock = ServerClock(wire)
    await clock.read()
    operator = await Person.sign_in(wire, OPERATOR)
    patient, things = await patient_of(wire, clock)
    order_ids = things["/v1/orders"]
    for order_id in order_ids[:2]:
        body: Json = {"decision": "approve", "note": "可以"}
        await operator.post(f"/v1/ops/orders/{order_id}/assess", body)
    asked = await offered(owner, order_ids[:2])
    first = asked[0]
    phones = {one.staff_no: one.phone for one in people.nurses}
    nurse = await Person.sign_in(wire, phones[first["staff_no"]])
    visit_id = (await nurse.post(f"/v1/offers/{first['id']}/accept"))["visit_id"]
    alarm = await nurse.post(f"/v1/visits/{visit_id}/sos", {})
    hers = [str(row["id"]) for row in asked if row["staff_no"] == first["staff_no"]]
    nurse_id = (await nurse.get("/v1/me"))["nurse_id"]
    visits = {"/v1/visits": [visit_id]}
    return [
        Run(
            name="nobody",
            paths="^/($|[^v]|v1/(time|auth|services|institutions|consents|service-areas))",
        ),
        Run(
            name="patient",
            paths="^/v1/(me|patients|orders|quotes|prescriptions|visits/.*/sos)",
            token=patient.token,
            things={**things, **visits},
        ),
        Run(
            name="nurse",
            paths="^/v1/(nurse|offers|visits)",
            token=nurse.token,
            things={"/v1/offers": hers, **visits},
        ),
        Run(
            name="operator",
            paths="^/v1/(ops|visits/[^/]*$)",
            token=operator.token,
            things={
                "/v1/ops/orders": order_ids,
                "/v1/ops/visits": [visit_id],
                "/v1/ops/nurses": [nurse_id],
                "/v1/ops/alarms": [alarm["alarm_id"]],
                **visits,
            },
        ),
    ]


async def fuzz(run: Run, url: str, document: Path, folder: Path) -> tuple[int, str]:
    """Run Schemathesis in a process of its own; its exit code and what it said."""
    config = folder / f"{run.name}.toml"
    config.write_text(run.config())
    asked = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        *(str(document), "--url", url, "--include-path-regex", run.paths),
        *(part for path in LEFT_OUT for part in ("--exclude-path", path)),
        *("--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS)),
        *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--no-shrink"),
        *("--generation-database", "none", "--suppress-health-check", "all"),
        *("--continue-on-failure", "--warnings", "off", "--no-color"),
    ]
    if run.token is not None:
        asked += ["--header", f"Authorization: Bearer {run.token}"]
    said = folder / f"{run.name}.txt"
    with said.open("wb") as output:
        process = processes.spawn(
            asked,
            environment={**os.environ, "PYTHONWARNINGS": "ignore"},
            folder=folder,
            output=output,
            end_with_us=signal.SIGKILL,
        )
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIMIT_S):
                await processes.wait(process)
    finally:
        code = await processes.stop(process, within_s=STOP_S)
    return code, said.read_text(errors="replace")


@pytest.mark.acceptance
@pytest.mark.timeout(400)
async def test_3000_made_up_requests_find_no_answer_outside_the_document(
    deployment: Deployment, owner: asyncpg.Connection, people: Region, tmp_path: Path
) -> None:
    await deployment.start("clock", "alarm", "api")
    async with Wire.to(deployment.url, at_once=4) as wire:
        runs = await arrange(deployment, owner, people, wire)
        document = tmp_path / "openapi.json"
        document.write_bytes((await wire.send("GET", "/openapi.json", headers={})).body)
        folder = tmp_path / "schemathesis"
        folder.mkdir()
        ends = await asyncio.gather(*(fuzz(run, deployment.url, document, folder) for run in runs))
        for run, (code, said) in zip(runs, ends, strict=True):
            assert code == 0, f"as {run.name}:\n{said}"
        counted = (await wire.send("GET", "/metrics", headers={})).body.decode()
    answers = [(route, int(status), float(n)) for route, status, n in COUNTED.findall(counted)]
    assert sum(n for _, _, n in answers) >= REQUESTS
    assert [(route, status) for route, status, _ in answers if status >= 500] == []
    # It came to where the work is, not only to refusals.
    fulfilled = {route for route, status, _ in answers if 200 <= status < 300}
    assert {"/v1/orders", "/v1/ops/orders/{id}", "/v1/nurse/offers"} <= fulfilled
