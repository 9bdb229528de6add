"""On which day the crowd's day is played."""

from __future__ import annotations

from datetime import date

import pytest

from demo import day


@pytest.mark.parametrize(
    ("today", "played"),
    [
        (date(2026, 11, 22), date(2026, 11, 23)),  # Sunday: Monday
        (date(2026, 11, 25), date(2026, 11, 26)),  # Wednesday: Thursday, and Friday after it
        (date(2026, 11, 26), date(2026, 11, 30)),  # Friday has no working day after it
        (date(2026, 11, 28), date(2026, 11, 30)),
    ],
)
def test_the_day_and_the_one_after_it_are_working_days(today: date, played: date) -> None:
    assert day.working_day(today) == played
