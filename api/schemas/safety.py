"""What a nurse's phone sends for her safety, and what is told of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.schemas.conventions import Body, Instant, Line, Place, View
from api.schemas.visits import Metres

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]
"""Digits as she can type them without looking."""


class CheckIn(Body):
    """She is well. `code` is needed once she has set her codes."""

    at: Instant
    location: Place | None = None
    accuracy_m: Metres | None = None
    mock_location: bool = False
    device_id: Line | None = None
    code: Code | None = None


class SetCodes(Body):
    """`code` says that she is well. `duress_code` looks the same and calls for help in silence.

    `current_code` is needed once there are codes.
    """

    code: Code
    duress_code: Code
    current_code: Code | None = None


class CodesSet(View):
    set_at: Instant


class Heard(View):
    """On how many visits she is out."""

    visits: int
