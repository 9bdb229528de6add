"""`shangmen import-nurses`: a CSV from the disk into the database, all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from api import problems, serve
from api.language import Language, Texts
from config.settings import Settings
from dispatch import enrolment
from dispatch.acts import register_nurse
from dispatch.database import Caller
from dispatch.errors import AlreadyRegistered, InvalidFields

# Nobody waits at the other end: a large file may take its time.
PATIENCE: Final[dict[str, Any]] = {
    "request_timeout_s": 120.0,
    "command_timeout_s": 60.0,
    "statement_timeout_ms": 60_000,
    "idle_in_transaction_timeout_ms": 60_000,
}


class ImportRefused(Exception):
    """The file cannot be taken as it is; the text names each bad cell, one a line."""


async def import_nurses(settings: Settings, content: bytes) -> int:
    """Register the nurses of a file and return how many. Raises `ImportRefused`."""
    patient = settings.model_copy(update=PATIENCE)
    dsn, keyring = await serve.find_dsn(patient), serve.open_keyring(patient)
    async with serve.open_pool(patient, dsn, keyring, name="import", size=2) as pool:
        sheet = await asyncio.to_thread(enrolment.read, content, pool.catalogue)
        try:
            return await register_nurse.import_nurses(pool, Caller.clock("import-nurses"), sheet)
        except (InvalidFields, AlreadyRegistered) as refusal:
            raise ImportRefused(_told(refusal)) from None


def _told(refusal: InvalidFields | AlreadyRegistered) -> str:
    document = problems.document(
        refusal, texts=Texts.load(), language=Language.EN, instance="import-nurses"
    )
    lines = [_line(error["loc"][1:], error["msg"]) for error in document.get("errors", [])]
    return "\n".join(["Nobody was registered:", *(lines or [document["detail"]])])


def _line(place: Iterable[object], reason: str) -> str:
    line, *column = [*place] or ["file"]
    where = f"line {line}" if isinstance(line, int) else f"the {line}"
    return f"{', '.join([where, *map(str, column)])}: {reason}"
