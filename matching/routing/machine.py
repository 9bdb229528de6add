"""Owns how the inner loops become machine code, and their dice. It knows nothing of visits.

Compiled once per machine and kept beside the modules (or in NUMBA_CACHE_DIR); no compiler of the
machine's own is needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

F = TypeVar("F", bound=Callable[..., Any])

Reals = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int32]
Forms = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Dice = npt.NDArray[np.uint64]

_RIGHT: Final = np.uint64(12)
_LEFT: Final = np.uint64(25)
_BACK: Final = np.uint64(27)
_STAR: Final = np.uint64(2685821657736338717)
_SPARE: Final = np.uint64(11)
_UNIT: Final = 2.0**-53


def _sources() -> str:
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(module.read_bytes() for module in modules)).hexdigest()[:16]


# Machine code is kept under a name that stands for all modules beside this one: what one calls in
# another is compiled into it, and numba asks only whether the caller's own file has changed.
SOURCES: Final = _sources()


def compiled(function: F) -> F:
    """Machine code of a function over arrays. Strict floating point: the same seed gives the same
    plan on every run of one machine."""
    return _made(function)


def inlined(function: F) -> F:
    """As `compiled`, for a few lines that are called for every place of every day."""
    return _made(function, forceinline=True)


def _made(function: F, **options: bool) -> F:
    function.__qualname__ += f".{SOURCES}"
    # Nothing is allocated in the loops, so arrays need not be counted in and out of each call:
    # without `_nrt=False` that takes longer than the work.
    made = partial(cast(Any, numba).njit, nogil=True, error_model="numpy", _nrt=False, **options)
    try:
        return cast(F, made(cache=True)(function))
    except RuntimeError:
        # Installed where nothing may be written: it is compiled anew by each process.
        return cast(F, made()(function))


def dice(seed: int) -> Dice:
    """The state of one stream of chances. Streams of neighbouring seeds have nothing in common."""
    return np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)


@inlined
def chance(rolled: Dice) -> float:
    """The next number in [0, 1): xorshift64* (Vigna, 2016)."""
    x = rolled[0]
    x ^= x >> _RIGHT
    x ^= x << _LEFT
    x ^= x >> _BACK
    rolled[0] = x
    return float((x * _STAR) >> _SPARE) * _UNIT


@inlined
def below(rolled: Dice, limit: int) -> int:
    """The next whole number in [0, limit)."""
    return int(chance(rolled) * limit)
