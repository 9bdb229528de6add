from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from dispatch import binaries, cluster, postgres, processes

ROOT = Path(__file__).resolve().parents[2]

# Starts a server on argv[1] and dies without a word, as a supervisor does under SIGKILL.
DIES_AFTER_START = """
import asyncio, os, signal, sys
from pathlib import Path
from dispatch import postgres
async def main():
    server = await postgres.start(Path(sys.argv[1]), durable=sys.argv[2] == "durable")
    sys.stdout.write(str(server.pid))
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


@pytest.fixture
async def state() -> AsyncIterator[Path]:
    """A state folder that the server's account can reach, unlike pytest's own under root."""
    folder = Path(tempfile.mkdtemp(prefix="shangmen-"))
    folder.chmod(cluster.passable())
    yield folder
    if cluster.find_postmaster(cluster.locate(folder)) is not None:
        await (await postgres.start(folder)).stop()
    shutil.rmtree(folder)


async def start_and_die(state: Path, kind: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", DIES_AFTER_START, str(state), kind),
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    said, _ = await process.communicate()
    assert process.returncode == -signal.SIGKILL
    return int(said)


async def count_rows(server: postgres.Server) -> int:
    conn = await asyncpg.connect(server.dsn())
    try:
        count = await conn.fetchval("SELECT count(*) FROM kept")
    finally:
        await conn.close()
    assert isinstance(count, int)
    return count


async def write_rows(server: postgres.Server, rows: int) -> None:
    conn = await asyncpg.connect(server.dsn())
    try:
        await conn.execute("CREATE TABLE kept (number int)")
        for number in range(rows):
            await conn.execute("INSERT INTO kept VALUES ($1)", number)
    finally:
        await conn.close()


async def test_goes_on_with_the_same_data_after_a_stop(state: Path) -> None:
    server = await postgres.start(state)
    await write_rows(server, 20)
    await server.stop()
    await server.stop()  # harmless
    assert await postgres.find_dsn(state) is None

    server = await postgres.start(state)
    try:
        assert not server.is_adopted
        assert await postgres.find_dsn(state) == server.dsn()
        assert await count_rows(server) == 20
    finally:
        await server.stop()


async def test_is_private_and_never_root(state: Path) -> None:
    server = await postgres.start(state)
    try:
        own = cluster.locate(state)
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert own.data.stat().st_uid == Path(f"/proc/{server.pid}").stat().st_uid
        for folder in (own.data, own.sockets, own.data.parent):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
        conn = await asyncpg.connect(server.dsn())
        try:
            assert await conn.fetchval("SHOW listen_addresses") == ""
            for setting in ("data_checksums", "fsync", "synchronous_commit", "full_page_writes"):
                assert await conn.fetchval("SELECT current_setting($1)", setting) == "on", setting
        finally:
            await conn.close()
    finally:
        await server.stop()


async def test_its_log_repeats_no_values(state: Path) -> None:
    server = await postgres.start(state)
    try:
        conn = await asyncpg.connect(server.dsn())
        try:
            await conn.execute("CREATE TABLE secret (word text PRIMARY KEY)")
            await conn.execute("INSERT INTO secret VALUES ($1)", "canary-13812345678")
            with pytest.raises(asyncpg.UniqueViolationError):
                await conn.execute("INSERT INTO secret VALUES ($1)", "canary-13812345678")
            with pytest.raises(asyncpg.InvalidTextRepresentationError):
                await conn.execute("SELECT 'canary-13812345678'::int")
        finally:
            await conn.close()
    finally:
        await server.stop()
    log = cluster.locate(state).log.read_text()
    assert "database system is ready" in log
    assert "canary" not in log


async def test_loses_nothing_when_killed(state: Path) -> None:
    server = await postgres.start(state)
    try:
        await write_rows(server, 50)
        os.kill(server.pid, signal.SIGKILL)
        assert await server.wait() == "by SIGKILL"
        server = await postgres.start(state)
        assert await count_rows(server) == 50
    finally:
        await server.stop()


async def test_adopts_the_server_of_a_killed_supervisor(state: Path) -> None:
    pid = await start_and_die(state, "durable")
    server = await postgres.start(state)
    try:
        assert server.is_adopted
        assert server.pid == pid
        await write_rows(server, 5)
    finally:
        await server.stop()
    assert not processes.is_alive(pid)


async def test_starts_over_a_killed_server_that_nobody_reaped(state: Path) -> None:
    """PostgreSQL itself would take the zombie for a living server and refuse."""
    pid = await start_and_die(state, "durable")
    adopted = await postgres.start(state)
    os.kill(pid, signal.SIGKILL)
    assert await adopted.wait() == "unseen"
    server = await postgres.start(state)
    assert not server.is_adopted
    await server.stop()


async def test_a_throw_away_server_ends_with_whoever_started_it(state: Path) -> None:
    pid = await start_and_die(state, "throw-away")
    async with asyncio.timeout(10):
        await processes.until(lambda: not processes.is_alive(pid))


async def test_refuses_a_folder_that_is_in_use(state: Path) -> None:
    server = await postgres.start(state)
    try:
        with pytest.raises(cluster.FolderInUse, match=rf"process {os.getpid()}\b"):
            await postgres.start(state)
    finally:
        await server.stop()


async def test_begins_again_where_the_making_was_interrupted(state: Path) -> None:
    own = cluster.prepare(state)
    (own.data.with_suffix(".new") / "base").mkdir(parents=True)
    server = await postgres.start(state)
    await server.stop()
    assert not own.data.with_suffix(".new").exists()


async def test_says_what_is_wrong_with_the_data(state: Path, subtests: pytest.Subtests) -> None:
    server = await postgres.start(state)
    await server.stop()
    data = cluster.locate(state).data
    for file, content, refusal in [
        ("global/pg_control", None, cluster.DataBroken),
        ("global/pg_control", b"", cluster.DataBroken),
        ("global/pg_control", b"\0" * 8192, cluster.DataBroken),
        ("pg_xact/0000", None, cluster.DataBroken),
        ("PG_VERSION", None, cluster.DataBroken),
        ("PG_VERSION", b"9\n", cluster.DataVersion),
    ]:
        with subtests.test(file=file, content=content):
            path = data / file
            whole = path.read_bytes()
            path.write_bytes(content or b"")
            if content is None:
                path.rename(path.with_suffix(".away"))
            with pytest.raises(refusal) as raised:
                await postgres.start(state)
            assert str(data) in str(raised.value)
            assert "\n" not in str(raised.value)
            if content is None:
                path.with_suffix(".away").rename(path)
            path.write_bytes(whole)
    server = await postgres.start(state)  # the data was only ever looked at
    await server.stop()


async def test_says_that_the_disk_is_too_small(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "FREE_TO_CREATE_BYTES", 1 << 60)
    with pytest.raises(cluster.DiskFull, match="MiB left"):
        await postgres.start(state)


async def test_says_that_there_are_no_programs(
    state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(binaries, "MODULE", "no_such_package")
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path)
    with pytest.raises(cluster.BinariesMissing, match="DATABASE_URL"):
        await postgres.start(state)


async def test_a_long_path_gets_a_short_socket(state: Path) -> None:
    deep = state / ("d" * 100)
    server = await postgres.start(deep)
    sockets = cluster.locate(deep).sockets
    try:
        assert sockets.parent == Path("/tmp")  # noqa: S108
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    finally:
        await server.stop()
    sockets.chmod(0o755)  # as another account might have laid it out
    with pytest.raises(cluster.FolderUnusable, match="only the server's own account"):
        await postgres.start(deep)
    sockets.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
async def test_programs_in_a_closed_home_are_copied(
    state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = binaries._package()
    assert package is not None
    home = tmp_path / "home"
    for part in (package, package.with_suffix(".libs")):
        shutil.copytree(part, home / part.name)
    home.chmod(0o700)
    monkeypatch.setattr(binaries, "_package", lambda: home / package.name)
    server = await postgres.start(state)
    try:
        program = Path(f"/proc/{server.pid}/exe").readlink()
        assert program.is_relative_to(state)
        assert program.stat().st_uid == 0  # its account may not change what it runs
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    finally:
        await server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
async def test_says_that_the_state_folder_is_in_a_closed_one(state: Path) -> None:
    state.chmod(0o700)
    with pytest.raises(cluster.FolderUnusable, match="APP_STATE_DIR"):
        await postgres.start(state / "inside")


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ('FATAL:  could not write lock file "x": No space left on device', cluster.DiskFull),
        ("initdb: error: could not write file: No space left on device", cluster.DiskFull),
        ("FATAL:  pre-existing shared memory block (key 1) is still in use", cluster.OrphansAlive),
        ('FATAL:  lock file "postmaster.pid" already exists', cluster.FolderInUse),
        ("FATAL:  database files are incompatible with server", cluster.DataBroken),
        ("PANIC:  could not locate a valid checkpoint record", cluster.DataBroken),
        ('FATAL:  invalid value for parameter "jit"', cluster.PostgresError),
        ("", cluster.PostgresError),
    ],
)
def test_last_words_are_understood(said: str, refusal: type[cluster.PostgresError]) -> None:
    error = cluster.explain(cluster.locate(Path("/x")), f"2026 LOG:  starting\n{said}\n")
    assert type(error) is refusal
    assert str(error).endswith(".")


async def test_a_named_server_must_answer(tmp_path: Path) -> None:
    with pytest.raises(postgres.ServerUnusable, match="does not let us in"):
        await postgres.require(f"postgresql://nobody@/none?host={tmp_path}")


@pytest.mark.parametrize("dsn", ["mysql://x", "postgresql://h:port/x"])
async def test_a_named_server_needs_a_sound_address(dsn: str) -> None:
    with pytest.raises(postgres.ServerUnusable):
        await postgres.require(dsn)


async def test_a_named_server_must_be_able(empty_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await postgres.require(empty_dsn)
    monkeypatch.setattr(postgres, "EXTENSIONS", ("btree_gist", "no_such_extension"))
    with pytest.raises(postgres.ServerUnusable, match="lacks the extensions no_such_extension"):
        await postgres.require(empty_dsn)
    monkeypatch.setattr(binaries, "OLDEST", 99)
    with pytest.raises(postgres.ServerUnusable, match="99 or newer"):
        await postgres.require(empty_dsn)
