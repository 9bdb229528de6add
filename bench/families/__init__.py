"""The instance families that `shangmen solve` reads, each a module that hands them to matching.

A family's module has `solve(task) -> answer`: it reads the instance, lets the engine work, and
returns what is written as JSON. It is imported only when it is asked for.
"""

from __future__ import annotations

import gzip
import importlib
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

MODULES: Final[Mapping[str, str]] = {
    "assign": "bench.families.assign",
    "ext": "bench.families.home_care",
    "ext-hard": "bench.families.home_care",
    "hhcrsp": "bench.families.home_care",
    "hhcrsp-hard": "bench.families.home_care",
    "stream": "bench.families.stream",
    "strsp": "bench.families.technicians",
    "vrptw": "bench.families.vehicles",
}
# A progress line is written anew this often at most.
TELL_EVERY_S: Final = 0.5


class Refused(Exception):
    """The task cannot be done; the message says in one sentence what a person can change."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """One line on standard error: written over itself where a person looks, else now and then."""

    title: str
    began_s: float = field(default_factory=time.monotonic)
    told_s: float = float("-inf")

    @property
    def gone_s(self) -> float:
        return time.monotonic() - self.began_s

    def tell(self, text: str, *, last: bool = False) -> None:
        """Cheap to call often. The last line stays."""
        live = sys.stderr.isatty()
        gone_s = self.gone_s
        if not last and gone_s - self.told_s < (TELL_EVERY_S if live else 10 * TELL_EVERY_S):
            return
        self.told_s = gone_s
        line = f"{self.title}  {gone_s:6.1f} s  {text}"
        sys.stderr.write(f"\r\x1b[2K{line}" + ("\n" if last else "") if live else f"{line}\n")
        sys.stderr.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`instance` is a file, or what a family makes one from; `seconds` bounds the search, reading
    and compiling not counted. The same seed gives the same answer for the same number of steps."""

    family: str
    instance: str
    seconds: float
    seed: int
    progress: Progress
    technicians: Path | None = None


Answer: TypeAlias = dict[str, Any]


def solve(task: Task) -> Answer:
    """The family's answer. Raises Refused when there is no such family, file or instance."""
    module = MODULES.get(task.family)
    if module is None:
        raise Refused(f"There is no family {task.family}: choose {', '.join(sorted(MODULES))}.")
    work: Callable[[Task], Answer] = importlib.import_module(module).solve
    return work(task)


def text_of(path: str | Path) -> str:
    """A text file, unpacked if it ends in .gz. Raises Refused when it cannot be read."""
    try:
        if str(path).endswith(".gz"):
            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as packed:
                return packed.read()
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except (OSError, EOFError) as refusal:
        said = getattr(refusal, "strerror", None) or str(refusal)
        raise Refused(f"{path} cannot be read: {said}.") from refusal
