"""The answers of the system endpoints."""

from __future__ import annotations

from typing import Literal

from api.schemas.conventions import Instant, View


class Health(View):
    """The process answers."""

    status: Literal["up"]


class Ready(View):
    """The process can do its work; `checks` names what was asked."""

    ready: Literal[True]
    checks: list[str]


class Time(View):
    """The one clock of every deadline, and how fast it runs."""

    now: Instant
    scale: float


class ProblemType(View):
    """A kind of problem that an answer may carry."""

    type: str
    status: int
    title: str
    detail: str
