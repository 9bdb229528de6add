"""How much one account or address may ask for, and who waits when it is too much: alarms never."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Self

from api.metrics import IN_FLIGHT, SHED
from api.policy import Load
from config.settings import Settings
from dispatch.errors import Overloaded, TooManyRequests

REMEMBERED_MAX: Final = 50_000
RETRY_AFTER_S: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A token bucket: so many at once, refilled so fast."""

    per_s: float
    burst: float

    def share(self, part: float) -> Rate:
        return Rate(per_s=self.per_s * part, burst=max(1.0, self.burst * part))


# A class's own share of the whole rate. Each class has a bucket of its own, so that paging through
# the catalogue never uses up what accepting an offer needs. An alarm has none.
SHARES: Final[Mapping[Load, float]] = {
    Load.SAFETY: 1.0,
    Load.ACCEPT: 1.0,
    Load.ORDER: 0.5,
    Load.BROWSE: 1.0,
    Load.SIGN_IN: 0.1,
    Load.STREAM: 0.2,
    Load.SYSTEM: 1.0,
}


class Buckets:
    """Token buckets by key; beyond `remembered_max` the least used are forgotten."""

    __slots__ = ("_clock", "_levels", "_remembered_max")

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, remembered_max: int = REMEMBERED_MAX
    ) -> None:
        self._clock = clock
        self._remembered_max = remembered_max
        self._levels: OrderedDict[tuple[str, Load], tuple[float, float]] = OrderedDict()

    def take(self, key: tuple[str, Load], rate: Rate) -> float:
        """Take one token. Returns 0 when there was one, else the seconds until there is."""
        now = self._clock()
        level, at = self._levels.get(key, (rate.burst, now))
        level = min(rate.burst, level + (now - at) * rate.per_s)
        wait_s = 0.0 if level >= 1 else (1 - level) / rate.per_s
        self._levels[key] = (level if wait_s else level - 1, now)
        self._levels.move_to_end(key)
        if len(self._levels) > self._remembered_max:
            self._levels.popitem(last=False)
        return wait_s


class Limits:
    """The two gates in front of every route: how often, and how many at once in this process."""

    __slots__ = ("_account", "_address", "_buckets", "_exempt_loopback", "_in_flight", "_seats")

    def __init__(
        self,
        *,
        account: Rate,
        address: Rate,
        seats: Mapping[Load, int],
        exempt_loopback: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._account = account
        self._address = address
        self._seats = seats
        self._exempt_loopback = exempt_loopback
        self._buckets = Buckets(clock)
        self._in_flight = 0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that the settings ask for; in the demo no rate binds loopback."""
        return cls(
            account=Rate(
                per_s=settings.account_per_minute_max / 60, burst=settings.account_burst_max
            ),
            address=Rate(
                per_s=settings.address_per_minute_max / 60, burst=settings.address_burst_max
            ),
            seats={
                Load.SAFETY: settings.in_flight_visit_max,
                Load.ACCEPT: settings.in_flight_accept_max,
                Load.ORDER: settings.in_flight_order_max,
                Load.SIGN_IN: settings.in_flight_order_max,
                Load.BROWSE: settings.in_flight_browse_max,
            },
            exempt_loopback=settings.demo,
        )

    def charge_address(self, address: str, load: Load) -> None:
        """Count a request against where it comes from. Raises `TooManyRequests` (429)."""
        if not (self._exempt_loopback and is_loopback(address)):
            self._charge(f"address:{address}", load, self._address)

    def charge_account(self, account: str, address: str, load: Load) -> None:
        """Count a request against who sends it. Raises `TooManyRequests` (429)."""
        if not (self._exempt_loopback and is_loopback(address)):
            self._charge(f"account:{account}", load, self._account)

    def _charge(self, key: str, load: Load, rate: Rate) -> None:
        if (share := SHARES.get(load)) is None:
            return
        wait_s = self._buckets.take((key, load), rate.share(share))
        if wait_s:
            SHED.labels(load=load, reason="rate").inc()
            raise TooManyRequests(retry_after_s=math.ceil(wait_s))

    @contextmanager
    def seat(self, load: Load) -> Iterator[None]:
        """Hold one of the places that this process has for work. Raises `Overloaded` (503).

        The count is shared and each class has its own ceiling, so browsing is refused first and
        steps of a visit last. Alarms, probes and streams take no place.
        """
        ceiling = self._seats.get(load)
        if ceiling is None:
            yield
            return
        if self._in_flight >= ceiling:
            SHED.labels(load=load, reason="load").inc()
            raise Overloaded(retry_after_s=RETRY_AFTER_S)
        self._in_flight += 1
        IN_FLIGHT.set(self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= 1
            IN_FLIGHT.set(self._in_flight)


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def address_of(peer: str | None, forwarded_for: str | None, proxies: frozenset[str]) -> str:
    """Where a request comes from. `X-Forwarded-For` counts only when one of our proxies says it."""
    if peer is None:
        return "unknown"
    if peer in proxies and forwarded_for:
        return forwarded_for.rpartition(",")[2].strip()[:64] or peer
    return peer
