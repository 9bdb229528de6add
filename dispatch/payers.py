"""The interface to those who pay besides the patient, and the one that a table stands for.

An insurer's own system is another `Payer`: it may take its time, fail and be asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from dispatch import coverage
from dispatch.coverage import Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a payer is asked to pay for a visit; `id` makes asking again safe. No names, no illness:
    who and what stand behind its own number of the coverage."""

    id: UUID
    cover: Cover
    amount_fen: int
    serviced_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the payer pays of it; 0 with a reason is a rejection."""

    amount_fen: int
    reason: str | None = None
    reference: str | None = None


class NotDecided(Exception):
    """The payer could not be asked, or has not decided: ask again later."""


class Payer(Protocol):
    """Somebody who pays."""

    async def decide(self, claim: Claim) -> Decision:
        """Raises `NotDecided`."""
        ...


class TablePayer:
    """Decides by the rules of `config/payers.toml` alone: what was estimated, if it still holds."""

    async def decide(self, claim: Claim) -> Decision:
        refusal = coverage.refusal(claim.cover, claim.serviced_on)
        if refusal is not None:
            return Decision(amount_fen=0, reason=refusal)
        if claim.cover.plan.daily_fen is not None:
            left_fen = coverage.allowance_fen(claim.cover, claim.serviced_on) - claim.cover.used_fen
            if left_fen <= 0:
                return Decision(amount_fen=0, reason="allowance_used")
            return Decision(amount_fen=min(claim.amount_fen, left_fen))
        return Decision(amount_fen=claim.amount_fen)
