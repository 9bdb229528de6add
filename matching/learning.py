"""Owns how the acceptance model is learned from answered offers: logistic regression, by NumPy.

Terms by Newton's method with a little ridge; services and nurses as leanings drawn towards nothing;
then the whole is set right on offers it has not seen (Platt 1999), and judged on others again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt

from matching.acceptance import TERMS, Acceptance, Answer, Bar

Reals = npt.NDArray[np.float64]
K = TypeVar("K", str, UUID)

# Fewer answers than this, or fewer of one kind, say too little.
LEAST: Final = 500
LEAST_OF_A_KIND: Final = 50
# Shares of the answers in order of time: to learn, to set right; the rest to judge.
LEARNED: Final = 0.7
SET_RIGHT: Final = 0.85

RIDGE: Final = 1.0
# How much services and nurses differ before anything is known of one: the variance in log-odds.
SERVICE_SPREAD: Final = 0.25
NURSE_SPREAD: Final = 1.0
ROUNDS: Final = 25
PASSES: Final = 3
BARS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    model: Acceptance
    leanings: dict[UUID, float]


def learn(answers: Sequence[Answer]) -> Learned | None:
    """What the answers teach, oldest first; None if they are too few."""
    yes = sum(answer.accepted for answer in answers)
    if len(answers) < LEAST or min(yes, len(answers) - yes) < LEAST_OF_A_KIND:
        return None
    first, second = int(len(answers) * LEARNED), int(len(answers) * SET_RIGHT)
    tried = _fit(answers[:first])
    a, b = _set_right(tried, answers[first:second])
    bars = _reliability(tried, a, b, answers[second:])
    # What is used has learned from all; how true such a model is was found before.
    used = _fit(answers)
    model = Acceptance(
        coefficients=used.coefficients,
        services=used.services,
        a=a,
        b=b,
        offers=len(answers),
        reliability=bars,
    )
    return Learned(model=model, leanings=used.leanings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    coefficients: tuple[float, ...]
    services: dict[str, float]
    leanings: dict[UUID, float]

    def log_odds(self, answers: Sequence[Answer]) -> Reals:
        known = [
            self.services.get(one.ask.service, 0.0) + self.leanings.get(one.nurse_id, 0.0)
            for one in answers
        ]
        odds: Reals = _measures(answers) @ np.array(self.coefficients) + np.array(known)
        return odds


def _fit(answers: Sequence[Answer]) -> _Fit:
    x, y = _measures(answers), _accepted(answers)
    services, nurses = [one.ask.service for one in answers], [one.nurse_id for one in answers]
    of_service, of_nurse = np.zeros(len(answers)), np.zeros(len(answers))
    weights = np.zeros(x.shape[1])
    by_service: dict[str, float] = {}
    by_nurse: dict[UUID, float] = {}
    for _ in range(PASSES):
        weights = _newton(x, y, of_service + of_nurse, weights)
        by_service = _leanings(services, y, x @ weights + of_nurse, SERVICE_SPREAD)
        of_service = np.array([by_service[one] for one in services])
        by_nurse = _leanings(nurses, y, x @ weights + of_service, NURSE_SPREAD)
        of_nurse = np.array([by_nurse[one] for one in nurses])
    return _Fit(
        coefficients=tuple(round(float(weight), 4) for weight in weights),
        services=by_service,
        leanings=by_nurse,
    )


def _newton(x: Reals, y: Reals, offset: Reals, weights: Reals) -> Reals:
    """The most likely coefficients; the ridge is on all but the first."""
    ridge = np.diag([0.0, *[RIDGE] * (x.shape[1] - 1)]) + 1e-6 * np.eye(x.shape[1])
    for _ in range(ROUNDS):
        p = _sigmoid(x @ weights + offset)
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + ridge, x.T @ (y - p) - ridge @ weights)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


def _leanings(keys: Sequence[K], y: Reals, log_odds: Reals, spread: float) -> dict[K, float]:
    """How far each lies above or below what the rest says: a few Newton steps of its posterior mode
    under a normal with variance `spread`, so that who was asked little leans little."""
    order = {key: place for place, key in enumerate(sorted(set(keys)))}
    at = np.array([order[key] for key in keys])
    found = np.zeros(len(order))
    for _ in range(ROUNDS):
        p = _sigmoid(log_odds + found[at])
        pull = np.bincount(at, y - p, len(order)) - found / spread
        step = pull / (np.bincount(at, p * (1 - p), len(order)) + 1 / spread)
        found += step
        if float(np.abs(step).max()) < 1e-6:
            break
    return {key: round(float(found[place]), 4) for key, place in order.items()}


def _set_right(tried: _Fit, answers: Sequence[Answer]) -> tuple[float, float]:
    z = tried.log_odds(answers)
    x, nothing = np.column_stack([np.ones(len(z)), z]), np.zeros(len(z))
    a, b = _newton(x, _accepted(answers), nothing, np.array([0.0, 1.0]))
    # A slope that is nought or turns everything round is chance, not knowledge.
    return round(float(a), 4), round(float(np.clip(b, 0.1, 2.0)), 4)


def _reliability(tried: _Fit, a: float, b: float, answers: Sequence[Answer]) -> tuple[Bar, ...]:
    """Tenths of the offers by what was said of them, the least likely first."""
    said, y = _sigmoid(a + b * tried.log_odds(answers)), _accepted(answers)
    order = np.argsort(said, kind="stable")
    return tuple(
        Bar(
            offers=len(part),
            said=round(float(said[part].mean()), 4),
            found=round(float(y[part].mean()), 4),
        )
        for part in np.array_split(order, BARS)
        if len(part)
    )


def _measures(answers: Sequence[Answer]) -> Reals:
    return np.array([one.ask.measures() for one in answers]).reshape(-1, len(TERMS))


def _accepted(answers: Sequence[Answer]) -> Reals:
    return np.array([float(one.accepted) for one in answers])


def _sigmoid(z: Reals) -> Reals:
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))
