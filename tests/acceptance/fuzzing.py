"""Callers with things of their own, and Schemathesis as each of them against the running API."""

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

from demo.region import Region
from dispatch import processes
from matching.inputs import local_date
from tests.acceptance import able
from tests.acceptance.clients import OPERATOR, Json, Person, ServerClock, Wire, time_text
from tests.acceptance.processes import Deployment

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
# A server that is too busy says when to come back; how often it may is counted by the caller.
EXPECTED: Final = ["2xx", "3xx", "4xx", 503]
STEPS: Final = 8
WALKS: Final = 8
"""How many walks along the links, of so many steps at most, for each example of an operation."""
# A stream does not end, and who signs out is somebody else afterwards.
LEFT_OUT: Final = ("/v1/stream", "/v1/ops/stream", "/v1/auth/logout")
COUNTED: Final = re.compile(
    r'^shangmen_http_requests_total\{.*route="([^"]+)",status="(\d+)"\} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is tried: `examples` of each operation are made up at random in each of `phases`."""

    phases: str
    examples: int
    seed: int
    limit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One caller, the part of the document that is his, and the things that he may name."""

    name: str
    paths: str
    token: str | None = None
    things: Mapping[str, list[str]] = field(default_factory=dict)

    def config(self, effort: Effort) -> str:
        """The things as Schemathesis reads them: for paths that begin so, `id` is one of these."""
        lines = [
            *("[checks.not_a_server_error]", f"expected-statuses = {EXPECTED}"),
            # Links lead on only from where something was done.
            *("[phases.stateful]", f"max-steps = {STEPS}"),
            # It also takes what looks like an address in an answer for a link, and dies of "//[".
            *("[phases.stateful.inference]", 'algorithms = ["dependency-analysis"]'),
            *("[phases.stateful.generation]", 'mode = "positive"'),
            f"max-examples = {WALKS * effort.examples}",
        ]
        for number, (prefix, ids) in enumerate(self.things.items()):
            lines += [f"[dictionaries.things{number}]", f"values = {ids}"]
            lines += ["[[operations]]", f"include-path-regex = '^{prefix}/\\{{id\\}}'"]
            lines += ["[operations.parameters]"]
            lines += [f'"path.id" = {{ dictionary = "things{number}", probability = {OWN} }}']
        return "\n".join(lines)


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


async def accept(
    wire: Wire, phones: Mapping[int, str], offer: asyncpg.Record
) -> tuple[Person, str]:
    """Who was asked, and her visit."""
    nurse = await Person.sign_in(wire, phones[offer["staff_no"]])
    return nurse, (await nurse.post(f"/v1/offers/{offer['id']}/accept"))["visit_id"]


async def arrange(
    deployment: Deployment, owner: asyncpg.Connection, people: Region, wire: Wire
) -> list[Run]:
    """A patient, her nurse and an operator, each with things of their own; and nobody.

    The operator's visit is another nurse's: what he does to it must not end all that she can do.
    """
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
    other = next(
        row
        for row in asked
        if row["staff_no"] != first["staff_no"] and row["order_id"] != first["order_id"]
    )
    phones = {one.staff_no: one.phone for one in people.nurses}
    nurse, visit_id = await accept(wire, phones, first)
    other_nurse, other_visit_id = await accept(wire, phones, other)
    alarm = await other_nurse.post(f"/v1/visits/{other_visit_id}/sos", {})
    hers = [str(row["id"]) for row in asked if row["staff_no"] == first["staff_no"]]
    nurse_id = (await other_nurse.get("/v1/me"))["nurse_id"]
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
                "/v1/ops/orders": [str(other["order_id"]), order_ids[2]],
                "/v1/ops/visits": [other_visit_id],
                "/v1/ops/nurses": [nurse_id],
                "/v1/ops/alarms": [alarm["alarm_id"]],
                "/v1/visits": [other_visit_id],
            },
        ),
    ]


async def fuzz(run: Run, url: str, document: Path, folder: Path, effort: Effort) -> tuple[int, str]:
    """Run Schemathesis in a process of its own; its exit code and what it said."""
    config = folder / f"{run.name}.toml"
    config.write_text(run.config(effort))
    # Nobody is given nothing that could lead him on.
    phases = effort.phases if run.things else effort.phases.removesuffix(",stateful")
    asked = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        *(str(document), "--url", url, "--include-path-regex", run.paths),
        *(part for path in LEFT_OUT for part in ("--exclude-path", path)),
        *("--phases", phases, "--checks", ",".join(CHECKS)),
        *("--max-examples", str(effort.examples), "--seed", str(effort.seed), "--no-shrink"),
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
            async with asyncio.timeout(effort.limit_s):
                await processes.wait(process)
    finally:
        code = await processes.stop(process, within_s=STOP_S)
    return code, said.read_text(errors="replace")


# What an answer names that another request must have in its body: OpenAPI's own links would give
# the whole body, so these are for us alone. Schemathesis makes up what they leave out.
FED: Final[tuple[tuple[str, str, Json], ...]] = (
    (
        "post /v1/patients/{id}/addresses",
        "post /v1/orders",
        {"patient_id": "$request.path.id", "address_id": "$response.body#/id"},
    ),
    (
        "post /v1/prescriptions",
        "post /v1/orders",
        {"patient_id": "$request.body#/patient_id", "prescription_id": "$response.body#/id"},
    ),
    ("post /v1/patients", "post /v1/prescriptions", {"patient_id": "$response.body#/id"}),
    (
        "get /v1/ops/nurses",
        "post /v1/ops/orders/{id}/assign",
        {"nurse_id": "$response.body#/items/0/id"},
    ),
)


def feed(document: Json, clock: ServerClock) -> Json:
    """The document with links that fill bodies, too, with times that fit the server's calendar."""
    window = {
        "earliest": time_text(clock.after(hours=2)),
        "latest": time_text(clock.after(hours=9)),
    }
    consent = {"version": "1", "accepted_at": time_text(clock.now)}
    fitting: Json = {
        "post /v1/orders": {"service_codes": ["EC01"], "window": window, "consent": consent},
        "post /v1/prescriptions": {
            "service_codes": ["EC01"],
            "issued_on": local_date(clock.now).isoformat(),
            "valid_until": local_date(clock.after(days=7)).isoformat(),
            "items": [{"procedure": "dressing"}],
        },
    }
    for number, (source, target, body) in enumerate(FED):
        method, _, path = source.partition(" ")
        target_method, _, target_path = target.partition(" ")
        link = {
            "operationId": document["paths"][target_path][target_method]["operationId"],
            "requestBody": {**body, **fitting.get(target, {})},
        }
        answers = document["paths"][path][method]["responses"]
        success = next(status for status in answers if status.startswith("2"))
        answers[success].setdefault("links", {})[f"fed_{number}"] = link
    return document


def count(metrics: str) -> list[tuple[str, int, int]]:
    """Route, status and number of what was answered, after the server's own metrics."""
    return [(route, int(status), int(float(n))) for route, status, n in COUNTED.findall(metrics)]
