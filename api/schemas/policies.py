"""Documents that nurses must know, as they and their institution see them."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.schemas.conventions import Body, Instant, View


class AcknowledgePolicy(Body):
    """`version` is the one that was read."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=20)]


class PolicyView(View):
    """`acknowledged_at` is of this version; null: not read yet."""

    slug: str
    version: str
    title: str
    text: str
    hash: str
    acknowledged_at: Instant | None
