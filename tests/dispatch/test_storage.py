"""Files lie sealed, whole or not at all; what is changed, cut or moved does not open."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch import storage
from dispatch.errors import NotFound
from dispatch.ids import made_at, new_id
from dispatch.sealing import DataKey, SealBrokenError, data_key
from dispatch.storage import PIECE_BYTES, SEALED_PIECE_BYTES, Folder

TEXT = b"wound of Wang Guiying "
SIZES = (1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def key() -> DataKey:
    return data_key(new_id(), secrets.token_bytes(32))


def data_of(size: int) -> bytes:
    return (TEXT * (size // len(TEXT) + 1))[:size]


def on_disk(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def opened(folder: Folder, key: DataKey, name: object, size: int) -> bytes:
    pieces = storage.opened_pieces(folder, key, name, size)  # type: ignore[arg-type]
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_put_comes_back_and_lies_sealed(
    folder: Folder, key: DataKey, tmp_path: Path, size: int
) -> None:
    name, data = new_id(), data_of(size)
    await folder.put(name, storage.sealed_pieces(key, name, data))
    assert await opened(folder, key, name, size) == data
    (path,) = on_disk(tmp_path)
    assert TEXT[:6] not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


async def test_what_was_cut_changed_or_moved_does_not_open(
    folder: Folder, key: DataKey, tmp_path: Path
) -> None:
    size = 2 * PIECE_BYTES + 5
    name = new_id()
    await folder.put(name, storage.sealed_pieces(key, name, data_of(size)))
    (path,) = on_disk(tmp_path)
    whole = path.read_bytes()
    one = SEALED_PIECE_BYTES
    for broken in (
        whole[: 2 * one],
        whole[one : 2 * one] + whole[:one] + whole[2 * one :],
        whole[:-1] + bytes([whole[-1] ^ 1]),
    ):
        path.write_bytes(broken)
        with pytest.raises(SealBrokenError):
            await opened(folder, key, name, size)
    path.write_bytes(whole)
    with pytest.raises(SealBrokenError):
        await opened(folder, key, name, size - 5)
    other = new_id()
    path.rename(path.with_name(f"{other}.sealed"))
    with pytest.raises(SealBrokenError):
        await opened(folder, key, other, size)
    with pytest.raises(NotFound):
        await opened(folder, key, name, size)


async def test_a_file_is_whole_or_not_there(folder: Folder, key: DataKey, tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the disk is full")

    name = new_id()
    with pytest.raises(OSError, match="full"):
        await folder.put(name, failing())
    assert on_disk(tmp_path) == []
    with pytest.raises(NotFound):
        await opened(folder, key, name, 4)


async def test_what_comes_in_is_never_in_clear_and_never_stays(
    folder: Folder, tmp_path: Path
) -> None:
    async with folder.incoming() as incoming:
        for _ in range(3):
            await incoming.append(TEXT)
        (path,) = on_disk(tmp_path)
        assert TEXT[:6] not in path.read_bytes()
        assert await incoming.read() == TEXT * 3
        assert incoming.size_bytes == 3 * len(TEXT)
    assert on_disk(tmp_path) == []

    async def lose_the_line() -> None:
        async with folder.incoming() as incoming:
            await incoming.append(TEXT)
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await lose_the_line()
    assert on_disk(tmp_path) == []


async def test_old_files_are_found_by_their_names_also_half_written_ones(
    folder: Folder, key: DataKey, tmp_path: Path
) -> None:
    name = new_id()
    await folder.put(name, storage.sealed_pieces(key, name, TEXT))
    (path,) = on_disk(tmp_path)
    half = new_id()
    path.with_name(f"{half}.incoming").write_bytes(b"x")
    path.with_name("what else may lie here").write_bytes(b"x")
    later = made_at(half) + timedelta(seconds=1)
    assert [names async for names in folder.older(later)] == [[name, half]]
    assert [names async for names in folder.older(made_at(name))] == []
    await folder.delete(half)
    await folder.delete(name)
    await folder.delete(name)
    assert [path.name for path in on_disk(tmp_path)] == ["what else may lie here"]
