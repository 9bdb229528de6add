"""What is answered about the address of a nurse's calendar."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.schemas.conventions import Query, View


class CalendarQuery(Query):
    """`token` is part of the address that `PUT /v1/nurse/calendar` gave."""

    token: Annotated[str, StringConstraints(min_length=20, max_length=200)]


class CalendarLink(View):
    """For a calendar program to subscribe to; without `public_url` it lacks scheme and host."""

    url: str
