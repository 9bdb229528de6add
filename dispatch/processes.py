"""Processes of the operating system: as whom they run, whether one lives, how one ends.

Never signals a process that it was not handed, and never looks one up by name.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

POLL_S: Final = 0.05
PR_SET_PDEATHSIG: Final = 1
# Resolved before any fork: between fork and exec nothing may be loaded.
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of this machine."""

    name: str
    uid: int
    gid: int


def find_unprivileged() -> Account | None:
    """The account that servers run as when we are root: `postgres` if it exists, else `nobody`."""
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    return None


def spawn(
    argv: Sequence[str | Path],
    *,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    output: IO[bytes] | int | None = None,
    end_with_us: signal.Signals | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C in our terminal reaches only us.

    `end_with_us`: the signal that the kernel sends it when this process dies, however it dies
    (Linux; elsewhere it outlives us). The calling thread must be the one that lives longest.
    """
    return subprocess.Popen(  # noqa: S603 - the program and its arguments are ours
        [os.fspath(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output if output is None else subprocess.STDOUT,
        cwd=folder,
        env=environment,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
        preexec_fn=_follow(os.getpid(), end_with_us) if end_with_us and _LIBC else None,
    )


def _follow(parent: int, sign: signal.Signals) -> Callable[[], None]:
    def follow() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # died between the fork and the call above
            os._exit(1)

    return follow


def is_alive(pid: int) -> bool:
    """Whether the process runs. A dead one that nobody has reaped yet (a zombie) does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return not Path("/proc/self/stat").exists()  # gone meanwhile, or a system without /proc
    return stat.rpartition(b")")[2].split()[0] not in {b"Z", b"X"}


async def wait(process: subprocess.Popen[bytes]) -> int:
    """The exit code, once there is one; negative for a signal."""
    await until(lambda: process.poll() is not None)
    return process.wait()


async def until(holds: Callable[[], bool]) -> None:
    """Wait on a condition that no event tells of, such as the end of somebody else's child."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(POLL_S)


async def stop(process: subprocess.Popen[bytes], *, within_s: float) -> int:
    """Ask a child to end, wait, then end it. Returns its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            async with asyncio.timeout(within_s):
                return await wait(process)
        except TimeoutError:
            process.kill()
    return await wait(process)


def describe(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"
