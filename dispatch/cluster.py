"""The folders of one embedded PostgreSQL: made, claimed, locked, and judged when it will not start.

Owns files and their owners; starts nothing.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from dispatch import processes
from dispatch.processes import Account

SUPERUSER: Final = "postgres"
PORT: Final = 5432  # a part of the socket's name; nothing listens on TCP
SOCKET_PATH_BYTES: Final = 107
FREE_TO_CREATE_BYTES: Final = 300 * 1024 * 1024
LOG_KEPT_BYTES: Final = 10 * 1024 * 1024


class PostgresError(Exception):
    """Why there is no database, in one sentence for the person who runs the program."""


class BinariesMissing(PostgresError):
    """There are no PostgreSQL programs that can be run here."""


class DiskFull(PostgresError):
    """There is too little space for a data folder, or none left."""


class FolderUnusable(PostgresError):
    """A folder cannot be made, reached or trusted."""


class DataBroken(PostgresError):
    """The data folder is none, or is damaged."""


class DataVersion(PostgresError):
    """The data folder belongs to another major version."""


class FolderInUse(PostgresError):
    """Somebody else holds the folder."""


class OrphansAlive(FolderInUse):
    """Processes of a killed server have not ended yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What belongs to one server. `data` and `sockets` are its account's, all else is ours."""

    state: Path
    data: Path
    sockets: Path
    log: Path
    account: Account | None

    def dsn(self, database: str) -> str:
        host = quote(os.fspath(self.sockets), safe="/")
        return f"postgresql://{SUPERUSER}@/{database}?host={host}&port={PORT}"


def locate(state: Path, account: Account | None = None) -> Cluster:
    """Where everything lies, whether or not it is there."""
    state = state.absolute()
    own = state / "postgres"
    sockets = own / "run"
    if len(os.fsencode(sockets / f".s.PGSQL.{PORT}")) > SOCKET_PATH_BYTES:
        sockets = Path("/tmp") / f"shangmen-{digest(own)}"  # noqa: S108 - _claim checks its owner
    return Cluster(
        state=state,
        data=own / "data",
        sockets=sockets,
        log=state / "postgres.log",
        account=account,
    )


def prepare(state: Path) -> Cluster:
    """Make the folders that are missing; refuse those that another account could have laid out."""
    state = state.absolute()
    missing = [folder for folder in (state, *state.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
        folder.chmod(passable())
    cluster = locate(state, _choose_account(state / "postgres" / "data"))
    for folder in (cluster.data.parent, cluster.sockets):
        _claim(folder, cluster.account)
    if cluster.account is not None:
        _check_reachable(cluster.data.parent, cluster.account)
    if cluster.log.exists() and cluster.log.stat().st_size > LOG_KEPT_BYTES:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    return cluster


def lock(cluster: Cluster) -> IO[str]:
    """Hold the folder until the file is closed; the kernel lets go of it if we are killed."""
    path = cluster.state / "postgres.lock"
    held = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = held.read().strip() or "unknown"
        held.close()
        raise FolderInUse(
            f"Another run (process {holder}) already uses {cluster.state}: stop that one first."
        ) from None
    held.truncate(0)
    held.write(f"{os.getpid()}\n")
    held.flush()
    return held


def find_postmaster(cluster: Cluster) -> int | None:
    """The process that runs on the data folder, if one does.

    The file that names it may be stale and its number borne by a stranger, so the process must
    also work in the folder, as every postmaster does.
    """
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    if pid <= 0 or not processes.is_alive(pid):
        return None
    try:
        return pid if Path(f"/proc/{pid}/cwd").samefile(cluster.data) else None
    except OSError:
        return None if Path("/proc/self").exists() else pid


def forget_dead_postmaster(cluster: Cluster) -> None:
    """Remove what names a server that has died; only to be called while holding the lock.

    PostgreSQL takes a killed postmaster that nobody has reaped for a living one, and would refuse
    for ever where the first process of a container never reaps. Sessions that outlived it still
    guard the data, by their shared memory.
    """
    if find_postmaster(cluster) is None:
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        (cluster.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def data_major(cluster: Cluster) -> int | None:
    """The major version that made the data folder; None if there is no data folder yet."""
    if not cluster.data.exists():
        return None
    try:
        version = (cluster.data / "PG_VERSION").read_text().strip()
        whole = (cluster.data / "global" / "pg_control").stat().st_size > 0
    except FileNotFoundError:
        version, whole = "", False
    if not version.isdigit() or not whole:
        raise DataBroken(
            f"{cluster.data} is not a whole PostgreSQL data folder:"
            " restore it from a backup, or move it away to begin with an empty one."
        )
    return int(version)


def check_space(cluster: Cluster) -> None:
    """Raise `DiskFull` where a new data folder would not fit."""
    free = shutil.disk_usage(cluster.data.parent).free
    if free < FREE_TO_CREATE_BYTES:
        raise DiskFull(
            f"The disk of {cluster.state} has {free >> 20} MiB left;"
            f" a new database needs {FREE_TO_CREATE_BYTES >> 20} MiB."
        )


SPOKEN: Final = ("FATAL:", "PANIC:", "error:")
OF_SESSIONS: Final = ("the database system is", "terminating connection")
BROKEN: Final = (
    "PANIC:",
    "incompatible with server",  # of the same major version, or it would not have been tried
    "control file",
    "pg_control",
    "checkpoint record",
    "PG_VERSION",
    "is not a valid data directory",
    "could not open directory",
    "could not open file",
    "invalid page",
    "could not access status of transaction",
)


def explain(cluster: Cluster, said: str) -> PostgresError:
    """What the last words of a server that would not start mean."""
    lines = [line for line in said.splitlines() if line.strip()] or ["it said nothing"]
    causes = [
        line
        for line in lines
        if any(mark in line for mark in SPOKEN) and not any(part in line for part in OF_SESSIONS)
    ]
    cause = _message((causes or lines[-1:])[0])
    if "No space left on device" in said:
        return DiskFull(f"The disk of {cluster.state} is full: PostgreSQL could not start.")
    if "pre-existing shared memory block" in said:
        return OrphansAlive(f"Processes of a killed server still hold {cluster.data}.")
    if 'lock file "postmaster.pid" already exists' in said:
        return FolderInUse(f"Another PostgreSQL already runs on {cluster.data}.")
    if any(mark in said for mark in BROKEN):
        return DataBroken(
            f"The data folder {cluster.data} is damaged: restore it from a backup,"
            f" or move it away to begin with an empty one ({cause})."
        )
    return PostgresError(f"PostgreSQL did not start: {cause}; see {cluster.log}.")


def _message(line: str) -> str:
    for mark in SPOKEN:
        line = line.rpartition(mark)[2]
    return line.strip().rstrip(".")


@contextlib.contextmanager
def in_plain_words(state: Path) -> Iterator[None]:
    """Turn what the operating system says of folders into a `PostgresError`."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"The disk of {state} is full.") from error
        raise FolderUnusable(
            f"{error.filename or state} cannot be used: {error.strerror or error}."
        ) from error


def digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def passable() -> int:
    """The mode of our own folders: as root, the server's account must pass through to its own."""
    return 0o711 if os.geteuid() == 0 else 0o700


def _choose_account(data: Path) -> Account | None:
    """Root hands the server to an unprivileged account: the data's owner, once there is data."""
    if os.geteuid() != 0:
        return None
    if not data.exists():
        account = processes.find_unprivileged()
        if account is None:
            raise FolderUnusable(
                "PostgreSQL must not run as root, and this machine has neither an account"
                " 'postgres' nor 'nobody': create one of them."
            )
        return account
    owner = data.stat().st_uid
    if owner == 0:
        raise FolderUnusable(f"The data folder {data} belongs to root: give it to 'postgres'.")
    try:
        entry = pwd.getpwuid(owner)
    except KeyError:
        raise FolderUnusable(f"The owner of {data} has no account on this machine.") from None
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _claim(folder: Path, account: Account | None) -> None:
    owner = account.uid if account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise FolderUnusable(
                f"{folder} must be a folder that only the server's own account may enter:"
                " move it away and start again."
            ) from None
    else:
        folder.chmod(0o700)
        if account is not None:
            os.chown(folder, account.uid, account.gid)


def _check_reachable(own: Path, account: Account) -> None:
    for folder in own.parents:
        found = folder.stat()
        if found.st_uid == account.uid:
            passes = found.st_mode & stat.S_IXUSR
        elif found.st_gid == account.gid:
            passes = found.st_mode & stat.S_IXGRP
        else:
            passes = found.st_mode & stat.S_IXOTH
        if not passes:
            raise FolderUnusable(
                f"The account '{account.name}', which runs PostgreSQL, may not enter {folder}:"
                " set APP_STATE_DIR to a folder outside of it."
            )
