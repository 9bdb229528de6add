"""Stretches of time: joined, cut, and measured against a window."""

from __future__ import annotations

from datetime import timedelta

from matching import spans
from tests.matching.build import hours, span


def test_those_that_touch_or_overlap_are_joined_whatever_their_order() -> None:
    joined = spans.merged([span(6, 8), span(0, 2), span(2, 3), span(1, 1.5)])

    assert joined == [span(0, 3), span(6, 8)]


def test_cutting_out_what_is_taken() -> None:
    left = spans.without([span(0, 4), span(6, 8)], [span(1, 2), span(3, 7)])

    assert left == [span(0, 1), span(2, 3), span(7, 8)]


def test_the_longest_stretch_lies_in_one_span_and_inside_the_window() -> None:
    given = [span(0, 3), span(4, 9)]

    assert spans.longest(given, hours(1), hours(6)) == timedelta(hours=2)
    assert spans.longest(given, hours(10), hours(12)) == timedelta(0)
    assert spans.longest([], hours(0), hours(1)) == timedelta(0)
