"""Waiting for a better batch: only for something, only who can, and never beyond the promise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matching import decide
from matching.decide import Case, Decision
from matching.inputs import Candidate
from matching.policy import Policy, Urgency
from matching.waves import PastOffer, Progress
from tests.matching.build import NOW, candidate, frame, hours, ident, need, place
from tests.matching.test_decide import crowd

NEAR = candidate(nurse_id=ident(101), place=place(500))
FAR = candidate(nurse_id=ident(102), place=place(9_000))
HOLD: dict[str, Any] = {"hold_before_promise_s": 3_600}


def rivals(nurses: list[Candidate], progress: Progress | None = None, **asks: Any) -> Decision:
    """An order that another one, for which only the nearest can go, takes that nurse from."""
    easy = need(order_id=ident(1), **{"promise_at": hours(2), **asks})
    hard = need(order_id=ident(2), nurse_gender=None, excluded_nurse_ids=frozenset({ident(102)}))
    first, _ = decide.decide(
        [
            Case(need=easy, candidates=nurses, progress=progress or Progress()),
            Case(need=hard, candidates=nurses, progress=Progress()),
        ],
        frame(**HOLD),
    )
    return first


def test_it_waits_for_the_nurse_whom_another_order_needs_more() -> None:
    held = rivals([NEAR, FAR])
    assert held.plan.asks == ()
    assert held.plan.alert is None
    assert held.plan.next_due_at == NOW + timedelta(seconds=Policy().recheck_s)


@pytest.mark.parametrize(
    ("nurses", "progress", "asks"),
    [
        pytest.param([NEAR, FAR], None, {"urgency": Urgency.SOON}, id="in a hurry"),
        pytest.param([NEAR, FAR], None, {"promise_at": hours(1)}, id="the promise is near"),
        pytest.param([NEAR, FAR], None, {"promise_at": None}, id="nothing was promised"),
        pytest.param(
            [NEAR, FAR],
            Progress(
                wave=1,
                next_wave_at=NOW,
                offers=(PastOffer(nurse_id=ident(103), seat=1, state="declined"),),
            ),
            {},
            id="waves have begun",
        ),
        pytest.param(
            [NEAR, candidate(nurse_id=ident(103), place=place(900))], None, {}, id="no gain"
        ),
    ],
)
def test_it_does_not_wait(
    nurses: list[Candidate], progress: Progress | None, asks: dict[str, Any]
) -> None:
    assert rivals(nurses, progress, **asks).plan.asks


def test_by_default_nothing_waits() -> None:
    assert Policy().held_until(Urgency.ROUTINE, hours(9)) is None


def test_whoever_holds_an_offer_may_be_worth_waiting_for() -> None:
    busy = candidate(nurse_id=ident(101), place=place(500), open_offers=1)
    alone = Case(need=need(promise_at=hours(2)), candidates=[busy, FAR], progress=Progress())
    (held,) = decide.decide([alone], frame(**HOLD))
    assert held.plan.asks == ()
    (asked,) = decide.decide([alone], frame(now=hours(1), **HOLD))
    assert asked.plan.asks


@pytest.mark.parametrize("reserve_s", [1, 600, 3_600])
def test_no_promise_is_ever_lost_by_waiting(reserve_s: int) -> None:
    """While it waits, as many waves still go out before the promise as ever do."""
    policy = Policy(hold_before_promise_s=reserve_s)
    waves_s = policy.fill_waves * policy.wave_gap_s
    held = 0
    for seed in range(25):
        cases = crowd(seed, orders=8)
        promised = [
            Case(
                need=need(
                    order_id=case.need.order_id,
                    place=case.need.place,
                    urgency=case.need.urgency,
                    promise_at=NOW + timedelta(minutes=5 * number),
                ),
                candidates=case.candidates,
                progress=case.progress,
            )
            for number, case in enumerate(cases)
        ]
        decided = decide.decide(promised, frame(hold_before_promise_s=reserve_s))
        plain = decide.decide(promised, frame())
        for case, one, other in zip(promised, decided, plain, strict=True):
            if one.plan.asks or not other.plan.asks:
                continue
            held += 1
            promise_at, due_at = case.need.promise_at, one.plan.next_due_at
            assert promise_at is not None
            assert due_at is not None
            assert case.need.urgency is Urgency.ROUTINE
            assert due_at <= promise_at - timedelta(seconds=max(reserve_s, waves_s))
    assert held > 5 or reserve_s == 3_600


def test_who_waits_takes_nobody_from_those_who_do_not() -> None:
    easy = need(order_id=ident(1), promise_at=hours(2))
    hard = need(order_id=ident(2), excluded_nurse_ids=frozenset({ident(102)}))
    other = need(order_id=ident(3), place=place(-1_000), excluded_nurse_ids=frozenset({ident(101)}))
    asking = frame(**HOLD)
    cases = [
        Case(need=it, candidates=[NEAR, FAR], progress=Progress()) for it in (easy, hard, other)
    ]
    settled = decide.settle(decide.judge(cases, asking), asking)

    assert [bool(it.plan.asks) for it in settled.decisions] == [False, True, True]
    assert settled.certificate.assignment.nurses == {
        hard.order_id: (ident(101),),
        other.order_id: (ident(102),),
    }
    assert settled.certificate.checked is not None
