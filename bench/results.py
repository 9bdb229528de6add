"""What a benchmark leaves behind: its figures, and what one must know to read them.

A list of mappings among the figures becomes a table of docs/performance.md, the rest one more.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench import table
from dispatch import binaries

ROOT: Final = Path(__file__).parent.parent
GIB: Final = 2**30


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """The options of `python -m bench.NAME`, to which each adds its own."""
    made = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=description)
    made.add_argument(
        "--quick", action="store_true", help="small, to see that it works; keeps no results"
    )
    return made


def show(name: str, figures: Mapping[str, Any]) -> None:
    """Print the figures as tables, keep nothing."""
    print(f"\n{name}\n\n{table.markdown(figures)}", flush=True)


def write(name: str, figures: Mapping[str, Any], command: str) -> Path:
    """Print the figures, and keep them in results/NAME.json with machine, commit and command."""
    show(name, figures)
    table.FOLDER.mkdir(exist_ok=True)
    kept = {
        "name": name,
        "command": command,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": _commit(),
        "machine": _machine(),
        # With other work beside the benchmark this is above what it needs itself.
        "load_average": round(os.getloadavg()[1], 1),
        "figures": figures,
    }
    path = table.FOLDER / f"{name}.json"
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def finish(
    name: str, figures: Mapping[str, Any], *, quick: bool, kept_as: str | None = None
) -> None:
    """What every benchmark ends with: show a quick run, keep a whole one, under its own name or
    another. Files and folders that were given may lie anywhere: of them the command that is kept
    says only where they stood."""
    if quick:
        show(name, figures)
        return
    words = ["python", "-m", f"bench.{name}"]
    for word in sys.argv[1:]:
        told = "…" if Path(word).exists() else word
        if told != words[-1]:
            words.append(told)
    write(kept_as or name, figures, " ".join(words))


def say(text: str) -> None:
    """Progress, for the person who waits."""
    print(text, file=sys.stderr, flush=True)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that `share` of the ordered values do not exceed."""
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def _machine() -> dict[str, Any]:
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(pages * page / GIB, 1),
        "cpu": _cpu_model(),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": _postgresql(),
    }


def _cpu_model() -> str:
    try:
        about = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", about, re.MULTILINE)
    return found[1] if found else platform.machine()


def _postgresql() -> str:
    found = binaries.find(Path(tempfile.gettempdir()), None)
    if found is None:
        return "unknown"
    return _run(str(found.folder / "postgres"), "--version").removeprefix("postgres (PostgreSQL) ")


def _commit() -> str:
    """The commit that was measured; a `+` says that files were changed since."""
    commit = _run("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    changed = _run("git", "-C", str(ROOT), "status", "--porcelain", "--", "*.py", "*.sql", "*.toml")
    return f"{commit}+" if changed else commit


def _run(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
