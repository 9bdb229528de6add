"""Who is asked when: the ladder from the preferred nurse to giving up, rung by rung."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from matching import waves
from matching.inputs import Candidate, Need
from matching.policy import Policy, Urgency
from matching.waves import Alert, GiveUp, OfferState, PastOffer, Progress, Stage, WavePlan
from tests.matching.build import NOW, candidate, hours, ident, need

NURSES = [candidate(nurse_id=ident(number)) for number in range(101, 131)]


def ranked(count: int) -> list[Candidate]:
    return NURSES[:count]


def past(
    numbers: range | list[int], state: OfferState = "sent", seat: int = 1
) -> tuple[PastOffer, ...]:
    return tuple(PastOffer(nurse_id=ident(n), seat=seat, state=state) for n in numbers)


def plan(
    asked: Need | None = None,
    progress: Progress | None = None,
    nurses: list[Candidate] | None = None,
    held: dict[UUID, int] | None = None,
    policy: Policy | None = None,
    now: datetime = NOW,
) -> WavePlan:
    return waves.plan(
        asked or need(),
        progress or Progress(),
        ranked(30) if nurses is None else nurses,
        held or {},
        policy or Policy(),
        now,
    )


def asked_of(made: WavePlan, seat: int | None = None) -> list[int]:
    return [ask.nurse_id.int for ask in made.asks if seat in (None, ask.seat)]


LADDER = [
    # wave sent, offers of the round so far, stage, wave after, how many are asked, alert
    (0, (), Stage.SMALL, 1, 3, None),
    (1, past(range(101, 104)), Stage.WIDER, 2, 6, None),
    (2, past(range(101, 110)), Stage.WIDEST, 3, 10, Alert.LAST_WAVE),
    (3, past(range(101, 120)), Stage.WIDEST, 4, 10, Alert.LAST_WAVE),
    (4, past(range(101, 130)), Stage.WIDEST, 5, 1, Alert.LAST_WAVE),
]


@pytest.mark.parametrize(("wave", "offers", "stage", "after", "count", "alert"), LADDER)
def test_ladder(
    wave: int,
    offers: tuple[PastOffer, ...],
    stage: Stage,
    after: int,
    count: int,
    alert: Alert | None,
) -> None:
    made = plan(progress=Progress(wave=wave, next_wave_at=NOW, offers=offers))

    assert (made.stage, made.wave, len(made.asks), made.alert) == (stage, after, count, alert)
    assert not set(asked_of(made)) & {offer.nurse_id.int for offer in offers}
    assert made.next_due_at == NOW + timedelta(seconds=180)
    assert {ask.ttl_s for ask in made.asks} == {300}
    assert {ask.expires_at for ask in made.asks} == {NOW + timedelta(seconds=300)}


def test_the_preferred_nurse_is_asked_first_and_alone() -> None:
    made = plan(need(preferred_nurse_id=ident(109)))

    assert made.stage is Stage.PREFERRED
    assert asked_of(made) == [109]
    assert made.wave == 0
    assert made.next_due_at == NOW + timedelta(seconds=120)


def test_nobody_else_is_asked_in_her_time_not_even_for_the_second_seat() -> None:
    asked = need(preferred_nurse_id=ident(109), seats=(1, 2))
    progress = Progress(next_wave_at=NOW + timedelta(seconds=60), offers=past([109]))

    made = plan(asked, progress)
    assert made.asks == ()
    assert made.next_due_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("state", ["declined", "expired"])
def test_when_she_does_not_want_to_the_others_follow_at_once(state: OfferState) -> None:
    progress = Progress(next_wave_at=hours(1), offers=past([109], state))

    made = plan(need(preferred_nurse_id=ident(109)), progress)
    assert made.stage is Stage.SMALL
    assert asked_of(made) == [101, 102, 103]


def test_a_preferred_nurse_who_is_not_eligible_holds_nobody_up() -> None:
    assert plan(need(preferred_nurse_id=ident(999))).stage is Stage.SMALL


def test_a_wave_waits_for_its_time_while_somebody_may_still_say_yes() -> None:
    offers = (*past([101, 102], "declined"), *past([103]))
    progress = Progress(wave=1, next_wave_at=hours(0.02), offers=offers)

    made = plan(progress=progress)
    assert (made.asks, made.wave, made.next_due_at) == ((), 1, hours(0.02))


def test_each_seat_gets_its_own_and_equally_good_nurses() -> None:
    made = plan(need(seats=(1, 2)))

    assert asked_of(made, seat=1) == [101, 103, 105]
    assert asked_of(made, seat=2) == [102, 104, 106]


def test_an_offer_withdrawn_with_its_seat_leaves_the_other_seat_open_to_her() -> None:
    progress = Progress(
        wave=1,
        next_wave_at=NOW,
        offers=(
            *past([101], "accepted", seat=1),
            *past([103], "withdrawn", seat=1),
            *past([102], "declined", seat=2),
        ),
    )

    made = plan(need(seats=(2,)), progress, ranked(3))
    assert asked_of(made, seat=2) == [103]
    again = plan(need(seats=(1,)), progress, ranked(3))
    assert again.asks == ()


def test_nobody_holds_more_than_her_fill() -> None:
    made = plan(held={ident(101): 3, ident(102): 2})

    assert asked_of(made) == [102, 103, 104]


def test_when_all_have_their_fill_it_looks_again_soon() -> None:
    made = plan(nurses=ranked(2), held={ident(101): 3, ident(102): 3})

    assert (made.asks, made.alert) == ((), None)
    assert made.next_due_at == NOW + timedelta(seconds=10)


def test_none_in_her_quiet_hours() -> None:
    """NOW is eight in the morning there."""
    sleeps = candidate(nurse_id=ident(200), quiet_from=time(22), quiet_until=time(8, 30))

    assert asked_of(plan(nurses=[sleeps, *ranked(2)])) == [101, 102]
    alone = plan(nurses=[sleeps])
    assert alone.asks == ()
    assert alone.alert is None
    assert alone.next_due_at == NOW + timedelta(seconds=120)
    at_ten_to = NOW + timedelta(minutes=29)
    assert plan(nurses=[sleeps], now=at_ten_to).next_due_at == NOW + timedelta(minutes=30)
    assert asked_of(plan(nurses=[sleeps], now=NOW + timedelta(minutes=30))) == [200]


def test_who_sleeps_until_the_window_is_over_cannot_help() -> None:
    sleeps = candidate(quiet_from=time(7), quiet_until=time(21))

    assert plan(nurses=[sleeps]).alert is Alert.NOBODY_LEFT


@pytest.mark.parametrize(
    ("starts", "ends", "at", "until"),
    [
        (time(22), time(7), (23, 0), (31, 0)),
        (time(22), time(7), (6, 59), (7, 0)),
        (time(22), time(7), (7, 0), None),
        (time(22), time(7), (21, 59), None),
        (time(12), time(14), (12, 0), (14, 0)),
        (time(12), time(14), (14, 0), None),
        (time(12), time(12), (12, 0), None),
        (None, time(7), (3, 0), None),
    ],
)
def test_quiet_hours(
    starts: time | None, ends: time, at: tuple[int, int], until: tuple[int, int] | None
) -> None:
    midnight = datetime(2026, 3, 9, 16, tzinfo=UTC)
    nurse = candidate(quiet_from=starts, quiet_until=ends)

    found = waves.quiet_until(nurse, midnight + timedelta(hours=at[0], minutes=at[1]))
    expected = until and midnight + timedelta(hours=until[0], minutes=until[1])
    assert found == expected


def test_nobody_eligible_is_told_and_looked_at_again() -> None:
    made = plan(nurses=[])

    assert (made.asks, made.alert) == ((), Alert.NOBODY_ELIGIBLE)
    assert made.next_due_at == NOW + timedelta(seconds=120)


def test_everybody_asked_is_told() -> None:
    progress = Progress(wave=2, next_wave_at=NOW, offers=past(range(101, 106), "declined"))

    made = plan(progress=progress, nurses=ranked(5))
    assert (made.asks, made.alert, made.wave) == ((), Alert.NOBODY_LEFT, 2)


def test_not_while_the_last_of_them_still_thinks() -> None:
    progress = Progress(wave=1, next_wave_at=NOW, offers=past(range(101, 104)))

    assert plan(progress=progress, nurses=ranked(3)).alert is None


def test_a_promise_that_has_passed_is_told() -> None:
    assert plan(need(promise_at=NOW)).alert is Alert.PROMISE_PASSED
    assert plan(need(promise_at=hours(1))).alert is None


def test_it_gives_up_when_the_window_has_passed() -> None:
    made = plan(now=hours(4))

    assert made.give_up is GiveUp.WINDOW_PASSED
    assert (made.asks, made.next_due_at) == ((), None)
    assert plan(now=hours(3.99)).give_up is None


@pytest.mark.parametrize(
    ("urgency", "ttl_s", "gap_s"),
    [(Urgency.ROUTINE, 300, 180), (Urgency.SOON, 180, 120), (Urgency.URGENT, 120, 60)],
)
def test_urgency_shortens(urgency: Urgency, ttl_s: int, gap_s: int) -> None:
    made = plan(need(urgency=urgency))

    assert made.asks[0].ttl_s == ttl_s
    assert made.next_due_at == NOW + timedelta(seconds=gap_s)


@pytest.mark.parametrize(("left_s", "ttl_s"), [(1200, 300), (600, 200), (60, 30), (20, 20), (1, 1)])
def test_an_offer_never_outlives_the_window(left_s: int, ttl_s: int) -> None:
    made = plan(now=hours(4) - timedelta(seconds=left_s))

    assert made.asks[0].ttl_s == ttl_s
    assert made.next_due_at is not None
    assert made.next_due_at <= hours(4)
