"""How true the acceptance model is, and what it saves, on answers of the demo's nurses.

Their natures (`demo/crowd/temper.py`) are no logistic regression: who looks at her phone, finds it
too far, is busy. The model learns from some of their answers and is judged on others. Seeded.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bench import results
from demo.crowd.temper import Nature
from matching import acceptance, learning
from matching.acceptance import Acceptance, Answer, Ask, Bar
from matching.policy import Policy

NAME: Final = "acceptance"
FIGURE: Final = Path(__file__).parent.parent / "docs" / "figures" / "acceptance.svg"
NURSES: Final = 600
LEARNED: Final = 20_000
JUDGED: Final = 20_000
ORDERS: Final = 5_000
NEAR: Final = 40
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
SERVICES: Final = ("EC01", "LT09", "LT10", "MT01")
# Some services few like to do.
LIKED: Final = {"EC01": 1.0, "LT09": 1.0, "LT10": 0.8, "MT01": 0.6}
NIGHT: Final = 0.4
BUSY: Final = 0.15


def measure(seed: int) -> tuple[dict[str, Any], tuple[Bar, ...]]:
    """The model's truth on answers that it has not seen, and waves by it beside fixed ones."""
    rolled = random.Random(seed)
    natures = [Nature.draw(seed, number) for number in range(NURSES)]
    made = learning.learn([_answer(rolled, natures, n) for n in range(LEARNED)])
    if made is None:
        raise SystemExit("too few answers")
    unseen = [_answer(rolled, natures, LEARNED + n) for n in range(JUDGED)]
    said = [made.model.chance(one.ask, made.leanings.get(one.nurse_id, 0.0)) for one in unseen]
    bars = _bars(said, unseen)
    share = sum(one.accepted for one in unseen) / JUDGED
    brier = sum((p - one.accepted) ** 2 for p, one in zip(said, unseen, strict=True)) / JUDGED
    off = sum(bar.offers * abs(bar.said - bar.found) for bar in bars) / JUDGED
    return {
        "reliability": [
            {"offers": bar.offers, "said": round(bar.said, 3), "accepted": round(bar.found, 3)}
            for bar in bars
        ],
        "waves": [
            _waves(seed, natures, None, made.leanings),
            *(_waves(seed, natures, made.model, made.leanings, target) for target in (0.9, 0.95)),
        ],
        "learned_from": LEARNED,
        "mean_distance_of_said_and_accepted": round(off, 4),
        "brier_score": round(brier, 4),
        "brier_score_of_the_mean": round(share * (1 - share), 4),
    }, bars


def _answer(rolled: random.Random, natures: Sequence[Nature], number: int) -> Answer:
    nurse = rolled.randrange(len(natures))
    ask = _ask(rolled, BEGIN + timedelta(minutes=6 * number), rolled.expovariate(1 / 5_000))
    return Answer(ask=ask, nurse_id=UUID(int=nurse), accepted=_accepts(rolled, natures[nurse], ask))


def _ask(rolled: random.Random, at: datetime, distance_m: float) -> Ask:
    return Ask(
        service=rolled.choice(SERVICES),
        distance_m=round(distance_m),
        pay_fen=rolled.randrange(8_000, 30_000),
        load=rolled.randrange(0, 40),
        asked_at=at,
    )


def _accepts(rolled: random.Random, nature: Nature, ask: Ask) -> bool:
    is_night = bool(ask.measures()[acceptance.TERMS.index("night")])
    looks = nature.looks(rolled) and (not is_night or rolled.random() < NIGHT)
    busy = rolled.random() < BUSY
    objection = nature.objects(rolled, distance_m=round(ask.distance_m), has_visit_near=busy)
    return looks and objection is None and rolled.random() < LIKED[ask.service]


def _bars(said: Sequence[float], answers: Sequence[Answer]) -> tuple[Bar, ...]:
    """Tenths of the offers, the least likely first."""
    order = sorted(range(len(said)), key=lambda place: said[place])
    size = len(order) // learning.BARS
    parts = [order[n * size : (n + 1) * size] for n in range(learning.BARS)]
    return tuple(
        Bar(
            offers=len(part),
            said=sum(said[place] for place in part) / len(part),
            found=sum(answers[place].accepted for place in part) / len(part),
        )
        for part in parts
    )


def _waves(
    seed: int,
    natures: Sequence[Nature],
    model: Acceptance | None,
    leanings: dict[UUID, float],
    target: float = 0.95,
) -> dict[str, Any]:
    """So many orders, each before the same nurses near it, asked wave after wave in their order."""
    policy, filled, phones, waves = Policy(), 0, 0, 0
    for number in range(ORDERS):
        rolled = random.Random(seed * 1_000_003 + number)
        at = BEGIN + timedelta(minutes=7 * number)
        first = _ask(rolled, at, 0.0)
        near = sorted(rolled.expovariate(1 / 5_000) for _ in range(NEAR))
        nurses = rolled.sample(range(len(natures)), NEAR)
        asks = [
            Ask(**{name: getattr(first, name) for name in ("service", "pay_fen", "asked_at")},
                distance_m=distance_m, load=rolled.randrange(0, 40))
            for distance_m in near
        ]  # fmt: skip
        yes = [_accepts(rolled, natures[n], ask) for n, ask in zip(nurses, asks, strict=True)]
        asked = 0
        for wave in range(policy.fill_waves):
            size = policy.wave_sizes[min(wave, len(policy.wave_sizes) - 1)]
            if model is not None:
                chances = [
                    model.chance(ask, leanings.get(UUID(int=nurse), 0.0))
                    for nurse, ask in zip(nurses[asked:], asks[asked:], strict=True)
                ]
                size = acceptance.wave_size(
                    chances, 1, target, policy.fill_waves, policy.wave_size_max
                )
            found = any(yes[asked : asked + size])
            asked, phones, waves = asked + size, phones + size, waves + 1
            if found:
                filled += 1
                break
    return {
        "waves": "as set (3, 6, 10, 10)" if model is None else f"as large as {target:.0%} needs",
        "filled": round(filled / ORDERS, 4),
        "phones_an_order": round(phones / ORDERS, 2),
        "waves_an_order": round(waves / ORDERS, 2),
    }


def picture(bars: Sequence[Bar]) -> str:
    """The reliability diagram: told to the right, accepted upwards; on the line it is true."""
    side, edge = 360, 40
    whole, low, middle = side + 2 * edge, edge + side, edge + side / 2
    dots = [
        f'<circle cx="{edge + bar.said * side:.1f}" cy="{low - bar.found * side:.1f}" r="5"/>'
        for bar in bars
    ]
    marks = [
        mark
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
        for mark in (
            f'<text x="{edge + share * side:.0f}" y="{low + 18}" text-anchor="middle">'
            f"{share:.0%}</text>",
            f'<text x="{edge - 6}" y="{low - share * side + 4:.0f}" text-anchor="end">'
            f"{share:.0%}</text>",
        )
    ]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}"'
        ' font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<rect x="{edge}" y="{edge}" width="{side}" height="{side}" fill="none" stroke="#999"/>',
        f'<path d="M{edge} {low}L{low} {edge}" stroke="#999" stroke-dasharray="4"/>',
        '<g fill="#0a6">',
        *dots,
        "</g>",
        *marks,
        f'<text x="{middle}" y="{low + 36}" text-anchor="middle">chance that was told</text>',
        f'<text x="{edge}" y="{edge - 12}">share of those offers that were accepted</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Learn, judge, compare; draw the diagram."""
    parser = results.parser(NAME, __doc__)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    figures, bars = measure(given.seed)
    if not given.quick:
        FIGURE.write_text(picture(bars), encoding="utf-8")
    results.finish(NAME, figures, quick=given.quick)


if __name__ == "__main__":
    main()
