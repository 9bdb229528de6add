"""The relay of telephone calls: a number that stands for the other side, for one visit's time.

One interface; neither side ever learns the other's own number. A telephone company's relay is an
adapter like the sandbox, which hands out numbers of a small pool and connects nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from config.settings import Settings

# Of a range that no network gives to anybody.
SANDBOX_PREFIX: Final = "+8695013"
SANDBOX_SIZE: Final = 500


class Relay(Protocol):
    """`size` numbers; the one of a slot stands for a visit while that holds the slot."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def number(self, slot: int) -> str: ...


@dataclass(frozen=True, slots=True)
class SandboxRelay:
    """Numbers that look like numbers."""

    name: str = "sandbox"
    size: int = SANDBOX_SIZE

    def number(self, slot: int) -> str:
        return f"{SANDBOX_PREFIX}{slot:06d}"


def of(settings: Settings) -> Relay | None:
    """The relay that is connected here: in the demo the sandbox, else none so far."""
    return SandboxRelay() if settings.demo else None
