"""Where uploaded files lie: one interface, a local folder now. What it is given is sealed already.

A name is always a UUID of ours; nothing that a client calls a file ever becomes a path.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self
from uuid import UUID

from config.settings import Settings
from dispatch import postgres, sealing
from dispatch.errors import NotFound
from dispatch.ids import made_at, new_id
from dispatch.sealing import DataKey, SealBrokenError

PIECE_BYTES: Final = 256 * 1024
# What sealing adds to a piece: version, key id, nonce, tag.
SEALED_PIECE_BYTES: Final = PIECE_BYTES + sealing.VALUE_LEAST_BYTES
TABLE: Final = "attachments"
COLUMN: Final = "file"
SEALED: Final = ".sealed"
PARTIAL: Final = ".partial"
INCOMING: Final = ".incoming"


class Storage(Protocol):
    """What may hold the files: a folder, later an object store."""

    async def put(self, name: UUID, pieces: Iterable[bytes]) -> None:
        """Keep a file, durably by the time this returns; all of it or nothing."""
        ...

    def read(self, name: UUID, piece_bytes: int) -> AsyncGenerator[bytes, None]:
        """A file in pieces of this size, the last one shorter. Raises `NotFound`."""
        ...

    async def delete(self, name: UUID) -> None:
        """Forget a file; that it is not there is no fault."""
        ...

    def older(self, than: datetime) -> AsyncIterator[list[UUID]]:
        """The files made before then and not long before, half-written ones too, in batches."""
        ...

    def incoming(self) -> Incoming:
        """A place for one file that is coming in, of which nothing remains afterwards."""
        ...


def configured(settings: Settings) -> Storage:
    """The storage of this installation."""
    state_dir = settings.state_dir or postgres.state_dir()
    return Folder(settings.files_dir or state_dir / "files")


def sealed_pieces(key: DataKey, name: UUID, data: bytes) -> Iterator[bytes]:
    """`data` in sealed pieces; each is bound to its place and to how many there are."""
    count = piece_count(len(data))
    for place in range(count):
        piece = data[place * PIECE_BYTES : (place + 1) * PIECE_BYTES]
        yield key.seal(TABLE, COLUMN, f"{name}:{place}:{count}", piece)


async def opened_pieces(
    storage: Storage, key: DataKey, name: UUID, size_bytes: int
) -> AsyncGenerator[bytes, None]:
    """What was sealed, piece by piece. Raises `NotFound`, `SealBrokenError`."""
    count, place = piece_count(size_bytes), 0
    async with contextlib.aclosing(storage.read(name, SEALED_PIECE_BYTES)) as pieces:
        async for sealed in pieces:
            where = f"{name}:{place}:{count}"
            yield await asyncio.to_thread(key.open, TABLE, COLUMN, where, sealed)
            place += 1
    if place != count:
        raise SealBrokenError("a file is shorter than it was")


def piece_count(size_bytes: int) -> int:
    return -(-size_bytes // PIECE_BYTES)


class Incoming:
    """A file on its way in, kept on the disk under a key that exists in memory only.

    So that neither many large uploads fill the memory, nor a crash leaves a photo in clear.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = sealing.data_key(new_id(), secrets.token_bytes(sealing.KEY_BYTES))
        self._lengths: list[int] = []
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None
        self.size_bytes = 0

    async def __aenter__(self) -> Self:
        self._file = await asyncio.to_thread(self._create)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._discard)

    @property
    def sha256(self) -> bytes:
        """Of what has come in so far."""
        return self._digest.digest()

    async def append(self, piece: bytes) -> None:
        """Keep some more; pieces may be of any size."""
        if piece:
            await asyncio.to_thread(self._append, piece)

    async def read(self) -> bytes:
        """Everything that came in."""
        return await asyncio.to_thread(self._read)

    def _create(self) -> BinaryIO:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(self._path, "x+b", opener=_private)

    def _append(self, piece: bytes) -> None:
        sealed = self._key.seal(TABLE, "incoming", str(len(self._lengths)), piece)
        self._opened.write(sealed)
        self._lengths.append(len(sealed))
        self._digest.update(piece)
        self.size_bytes += len(piece)

    def _read(self) -> bytes:
        self._opened.seek(0)
        return b"".join(
            self._key.open(TABLE, "incoming", str(place), self._opened.read(length))
            for place, length in enumerate(self._lengths)
        )

    def _discard(self) -> None:
        if self._file is not None:
            self._file.close()
        self._path.unlink(missing_ok=True)

    @property
    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise AssertionError("used outside of its block")
        return self._file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


class Folder:
    """A folder of this machine, outside of whatever a web server shows: a file each, by its day.

    A file is written under another name, flushed, and only then named; so one that is there is
    whole, also after the power has failed.
    """

    # Files without a row are looked for this far back; a clock that stood still longer is rare.
    LOOK_BACK_DAYS: Final = 30
    BATCH: Final = 500

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, name: UUID, pieces: Iterable[bytes]) -> None:
        await asyncio.to_thread(self._put, name, pieces)

    async def read(self, name: UUID, piece_bytes: int) -> AsyncGenerator[bytes, None]:
        try:
            file = await asyncio.to_thread(self._path(name).open, "rb")
        except FileNotFoundError:
            raise NotFound from None
        try:
            while piece := await asyncio.to_thread(file.read, piece_bytes):
                yield piece
        finally:
            file.close()

    async def delete(self, name: UUID) -> None:
        await asyncio.to_thread(self._delete, name)

    async def older(self, than: datetime) -> AsyncIterator[list[UUID]]:
        for folder in await asyncio.to_thread(self._days_before, than):
            names = await asyncio.to_thread(_names_in, folder)
            old = sorted(name for name in names if made_at(name) < than)
            for start in range(0, len(old), self.BATCH):
                yield old[start : start + self.BATCH]

    def incoming(self) -> Incoming:
        name = new_id()
        return Incoming(self._path(name, INCOMING))

    def _put(self, name: UUID, pieces: Iterable[bytes]) -> None:
        path, partial = self._path(name), self._path(name, PARTIAL)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with open(partial, "xb", opener=_private) as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        for folder in (path.parent, self._root):
            _flush_names(folder)

    def _delete(self, name: UUID) -> None:
        for suffix in (SEALED, PARTIAL, INCOMING):
            self._path(name, suffix).unlink(missing_ok=True)

    def _days_before(self, than: datetime) -> list[Path]:
        last = than.astimezone(UTC).date()
        days = []
        for folder in sorted(self._root.glob("????-??-??")):
            with contextlib.suppress(ValueError):
                if 0 <= (last - date.fromisoformat(folder.name)).days <= self.LOOK_BACK_DAYS:
                    days.append(folder)
        return days

    def _path(self, name: UUID, suffix: str = SEALED) -> Path:
        return self._root / made_at(name).date().isoformat() / f"{name}{suffix}"


def _names_in(folder: Path) -> set[UUID]:
    names = set()
    for path in folder.iterdir():
        with contextlib.suppress(ValueError):
            names.add(UUID(path.stem))
    return names


def _flush_names(folder: Path) -> None:
    """A name is durable once its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
