"""Sharing out money without losing or making a fen. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def apportion(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """`amount_fen` in parts as their weights are to each other, by the largest remainder.

    The parts add up exactly; of equal remainders the earlier part gets the fen. No part exceeds its
    weight as long as the amount does not exceed their sum. Raises ValueError for weights that give
    nowhere to put it.
    """
    whole = sum(weights)
    if amount_fen < 0 or any(weight < 0 for weight in weights):
        raise ValueError("nothing negative can be shared out")
    if whole == 0:
        if amount_fen:
            raise ValueError("nobody to share it out to")
        return [0] * len(weights)
    parts = [amount_fen * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(amount_fen * weights[i] % whole), i)
    )
    for place in by_remainder[: amount_fen - sum(parts)]:
        parts[place] += 1
    return parts


def percent_of(amount_fen: int, percent: int) -> int:
    """A share of an amount, rounded half up to the fen."""
    return (amount_fen * percent + 50) // 100
