"""Structured logs: one constant phrase and ids, a line each as JSON. Nothing about people, ever.

Messages of exceptions are left out on purpose: a database quotes the values that it refuses.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from typing import Any, Final, TextIO

import orjson
import structlog

FRAMES_MAX: Final = 12
LIBRARY_S: Final = 1.0
# What our own modules below the edge may tell by `extra`; all else there is dropped.
OWN_FIELDS: Final = ("migration", "notice_id", "order_id", "roles", "template")
# aiohttp reports what it could not parse together with the bytes, asyncpg the values that were
# refused.
QUIET: Final = ("aiohttp.server", "aiohttp.web", "asyncpg", "asyncio")


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send structlog's and the libraries' records to `stream` (default stdout), one JSON each."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(OWN_FIELDS), _without_message],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_json),
            ],
        )
    )
    handler.addFilter(Sparing())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class Sparing(logging.Filter):
    """Lets one line of a library through in a second: asyncpg tells of every failed attempt."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at_s: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(QUIET):
            return True
        place, now_s = (record.name, record.lineno), time.monotonic()
        if now_s - self._told_at_s.get(place, float("-inf")) < LIBRARY_S:
            return False
        self._told_at_s[place] = now_s
        return True


class Seldom:
    """Lets a message through at first and then once in `every_s`, each by its name.

    What is held back is counted, and told with the next that is let through.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._told: dict[str, tuple[float, int]] = {}

    def held_back(self, name: str) -> int | None:
        """How many were held back since the last; none if this is to be held back, too."""
        now_s = time.monotonic()
        told_at_s, held = self._told.get(name, (float("-inf"), 0))
        if now_s - told_at_s < self._every_s:
            self._told[name] = told_at_s, held + 1
            return None
        self._told[name] = now_s, 0
        return held


def _without_message(
    _: Any, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A library's record keeps its logger and its exception's class: its words may quote people."""
    record: logging.LogRecord = event["_record"]
    event["logger"] = record.name
    if record.name.startswith(QUIET):
        event["event"] = "library record"
        event["where"] = f"{record.module}:{record.lineno}"
    error = record.exc_info[1] if record.exc_info else None
    event.pop("exc_info", None)
    if error is not None:
        event.update(fault(error))
    return event


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def fault(error: BaseException) -> dict[str, Any]:
    """An exception as ids: its class, its SQLSTATE if any, and where it passed; no message."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    found: dict[str, Any] = {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "where": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames],
    }
    if (state := getattr(error, "sqlstate", None)) is not None:
        found["sqlstate"] = state
    if error.__cause__ is not None:
        found["cause"] = type(error.__cause__).__qualname__
    return found
