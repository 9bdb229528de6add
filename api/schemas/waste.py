"""Medical waste that comes back from visits, as staff send and see it."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from api.schemas.conventions import Body, Instant, Line, PageQuery, Prose, View, Word, also, listed
from config import waste

_LISTED: Final = waste.load()
CategoryCode = Annotated[
    Word,
    listed(_LISTED.categories),
    also("waste_category", lambda code: code in _LISTED.categories),
]
ExcuseCode = Annotated[
    Word, listed(_LISTED.excuses), also("waste_excuse", lambda code: code in _LISTED.excuses)
]


class WasteItem(Body):
    """`containers`: bags, or boxes of sharps."""

    category: CategoryCode
    containers: Annotated[int, Field(ge=1, le=100)]


class ReceiveWaste(Body):
    """`received_by` is the name of who took it in; every category that is expected is named."""

    received_by: Line
    items: Annotated[tuple[WasteItem, ...], Field(min_length=1, max_length=10)]
    at: Instant | None = None

    @field_validator("items")
    @classmethod
    def _once(cls, items: tuple[WasteItem, ...]) -> tuple[WasteItem, ...]:
        if len({one.category for one in items}) < len(items):
            raise PydanticCustomError("repeated", "names a category twice")
        return items


class ExcuseWaste(Body):
    """`note` says more of the reason."""

    reason: ExcuseCode
    note: Prose | None = None


class WasteCategory(View):
    """What came back of a category; null until it is received."""

    category: str
    label: str
    containers: int | None


class Waste(View):
    """Medical waste of a visit. `state`: `out`, `late` (due and not back), `received`, `excused`.

    The visit is closed with it.
    """

    visit_id: UUID
    order_id: UUID
    nurse_id: UUID
    institution_id: UUID
    state: Literal["out", "late", "received", "excused"]
    version: int
    categories: list[WasteCategory]
    due_at: Instant
    received_by: str | None
    excuse: str | None
    excuse_text: str | None
    settled_at: Instant | None


class WasteQuery(PageQuery):
    """`state`: all that is out, or only what is late."""

    state: Literal["out", "late"] = "out"
