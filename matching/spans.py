"""Owns stretches of time: joining them, cutting them, and whether one holds a visit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

NONE: Final = timedelta()


class Span(NamedTuple):
    """A stretch of time, its end not included."""

    starts_at: datetime
    ends_at: datetime


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order, with those that touch or overlap joined into one."""
    ordered = sorted(spans)
    if len(ordered) < 2:
        return ordered
    joined: list[Span] = []
    for span in ordered:
        if joined and span.starts_at <= joined[-1].ends_at:
            ends_at = max(joined[-1].ends_at, span.ends_at)
            joined[-1] = Span(joined[-1].starts_at, ends_at)
        else:
            joined.append(span)
    return joined


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of `spans` once `taken` is cut out of them."""
    left = list(spans)
    for cut in taken:
        pieces: list[Span] = []
        for span in left:
            if cut.ends_at <= span.starts_at or cut.starts_at >= span.ends_at:
                pieces.append(span)
                continue
            if span.starts_at < cut.starts_at:
                pieces.append(Span(span.starts_at, cut.starts_at))
            if cut.ends_at < span.ends_at:
                pieces.append(Span(cut.ends_at, span.ends_at))
        left = pieces
    return left


def within(spans: Iterable[Span], bounds: Iterable[Span]) -> list[Span]:
    """What of `spans` lies in one of `bounds`, cut at their ends."""
    bounds = list(bounds)
    cut = (
        Span(max(span.starts_at, bound.starts_at), min(span.ends_at, bound.ends_at))
        for span in spans
        for bound in bounds
    )
    return [span for span in cut if span.starts_at < span.ends_at]


def longest(spans: Iterable[Span], earliest: datetime, last_end: datetime) -> timedelta:
    """The longest stretch that one span leaves between these two times."""
    found = NONE
    for span in spans:
        starts_at = span.starts_at if span.starts_at > earliest else earliest
        ends_at = span.ends_at if span.ends_at < last_end else last_end
        if ends_at - starts_at > found:
            found = ends_at - starts_at
    return found
