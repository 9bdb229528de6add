"""Owns how a loop over numbers becomes machine code, and that it also runs without.

A kernel is one source with two ways to run: interpreted, over lists, for the small problems of a
tick; and compiled, over arrays, for large ones. Only the second imports numba, which takes a
second and 100 MB, so a process that never meets a large problem never pays for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import FunctionType
from typing import Any, Final, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

OPTIONS: Final[dict[str, Any]] = {"nogil": True}


class Kernel(Generic[P, R]):
    """A function of numbers, lists or arrays that calls nothing but other kernels.

    Calling it runs it interpreted. `compiled` is the same in machine code, without the lock of the
    interpreter, for arrays; it is compiled once for a release and machine where its folder may be
    written to, else once for a process.
    """

    def __init__(self, function: Callable[P, R]) -> None:
        self.interpreted: Final = function
        self.__doc__ = function.__doc__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.interpreted(*args, **kwargs)

    @cached_property
    def compiled(self) -> Callable[P, R]:
        import numba

        plain = self.interpreted
        assert isinstance(plain, FunctionType)  # noqa: S101 - for the types; a kernel is a def
        used = plain.__code__.co_names
        names = {
            name: value.compiled if name in used and isinstance(value, Kernel) else value
            for name, value in plain.__globals__.items()
        }
        twin = FunctionType(plain.__code__, names, plain.__name__, plain.__defaults__)
        twin.__qualname__, twin.__module__ = plain.__qualname__, plain.__module__
        try:
            made: Callable[P, R] = numba.njit(cache=True, **OPTIONS)(twin)
        except RuntimeError:
            # Installed where nothing may be written: it is compiled anew by each process.
            made = numba.njit(**OPTIONS)(twin)
        return made


def kernel(function: Callable[P, R]) -> Kernel[P, R]:
    """Mark a function as a kernel: numbers and indexing only, no objects, no exceptions."""
    return Kernel(function)
