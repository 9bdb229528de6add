from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from demo import roster
from demo.roster import Duty

SUNDAY = date(2026, 11, 22)
MONDAY = SUNDAY + timedelta(days=1)

# Numbers whose duty the pattern fixes.
CLINIC, FLEXIBLE, WARD = 1, 2, 3


def test_every_shift_lasts_from_six_to_ten_in_jinhua() -> None:
    (shift,) = roster.shifts_for(4117, MONDAY)
    assert shift.starts_at == datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert shift.ends_at == datetime(2026, 11, 23, 14, tzinfo=UTC)


def test_a_flexible_nurse_has_no_ward_duty() -> None:
    assert roster.duty_of(FLEXIBLE) is Duty.FLEXIBLE
    assert all(not roster.ward_duties_for(FLEXIBLE, MONDAY + timedelta(days=n)) for n in range(14))


def test_a_clinic_nurse_keeps_office_hours_on_weekdays() -> None:
    assert roster.duty_of(CLINIC) is Duty.CLINIC
    assert roster.ward_duties_for(CLINIC, SUNDAY) == ()
    morning, afternoon = roster.ward_duties_for(CLINIC, MONDAY)
    assert morning.starts_at == datetime(2026, 11, 23, 0, tzinfo=UTC)
    assert morning.ends_at == datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert afternoon.starts_at == datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    assert afternoon.ends_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_ward_nurse_goes_round_the_rotation_in_six_days() -> None:
    assert roster.duty_of(WARD) is Duty.WARD
    days = [MONDAY + timedelta(days=n) for n in range(12)]
    kinds = [tuple(span.kind for span in roster.ward_duties_for(WARD, day)) for day in days]
    assert kinds[:6] == kinds[6:]
    assert sorted(kinds[:6]) == [(), (), ("day",), ("day",), ("evening",), ("night", "rest")]


@pytest.mark.parametrize("staff_no", range(1, 31))
def test_duties_of_a_fortnight_neither_overlap_nor_leave_less_than_eleven_hours_rest(
    staff_no: int,
) -> None:
    """Two spans of one day may touch or leave a break; between days there is time to sleep."""
    duties = [
        span
        for n in range(14)
        for span in roster.ward_duties_for(staff_no, MONDAY + timedelta(days=n))
        if span.kind != "rest"
    ]
    for one, following in pairwise(duties):
        assert one.starts_at < one.ends_at <= following.starts_at
        if one.starts_at.astimezone(roster.ZONE).date() != (
            following.starts_at.astimezone(roster.ZONE).date()
        ):
            assert following.starts_at - one.ends_at >= timedelta(hours=11)


def test_some_ward_nurses_are_on_duty_at_any_hour_and_most_nurses_are_not() -> None:
    for day in (SUNDAY, MONDAY, MONDAY + timedelta(days=1)):
        duties = [roster.ward_duties_for(staff_no, day) for staff_no in range(1, 601)]
        (shift,) = roster.shifts_for(1, day)
        for hour in range(16):
            at = shift.starts_at + timedelta(hours=hour)
            busy = sum(any(d.starts_at <= at < d.ends_at for d in spans) for spans in duties)
            assert 20 <= busy <= 300
