"""How evenly work is spread. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def gini(amounts: Iterable[int]) -> float | None:
    """0 when all have the same, towards 1 when one has all; None when there is nothing to share.

    Half the mean difference of any two, over the mean (C. Gini, 1912), from the sorted amounts.
    """
    ordered = sorted(amounts)
    count, total = len(ordered), sum(ordered)
    if total <= 0:
        return None
    weighted = sum(place * amount for place, amount in enumerate(ordered, start=1))
    return 2 * weighted / (count * total) - (count + 1) / count
