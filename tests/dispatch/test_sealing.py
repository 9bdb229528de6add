"""Sealed values open in their place only; keys are made once, rotate, and can be destroyed."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import identity, pushes
from dispatch.errors import NotFound
from dispatch.ids import new_id
from dispatch.key_folder import KeyFolderError, LocalKeyProvider
from dispatch.records import person_keys
from dispatch.sealing import DataKey, KeyDestroyed, Keyring, SealBrokenError, data_key

PERSON, OTHER, ROW = (UUID(int=number) for number in (1, 2, 3))
KEY = data_key(PERSON, bytes(range(32)))


@pytest.fixture
def provider(tmp_path: Path) -> LocalKeyProvider:
    return LocalKeyProvider(tmp_path / "keys")


class Clock:
    """A monotonic clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


# Values


@given(st.binary(max_size=2_000))
def test_what_is_sealed_opens_and_does_not_show(plaintext: bytes) -> None:
    sealed = KEY.seal("patients", "profile", ROW, plaintext)
    assert KEY.open("patients", "profile", ROW, sealed) == plaintext
    assert len(plaintext) < 4 or plaintext not in sealed


def test_json_comes_back_as_json() -> None:
    value = {"name": "王秀英", "born_on": date(1941, 3, 7), "id": ROW, "allergies": ["青霉素"]}
    sealed = KEY.seal_json("patients", "profile", ROW, value)
    opened = KEY.open_json("patients", "profile", ROW, sealed)
    assert opened == value | {"born_on": "1941-03-07", "id": str(ROW)}
    assert "王秀英".encode() not in sealed


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (KEY, ("addresses", "profile", ROW)),
        (KEY, ("patients", "notes", ROW)),
        (KEY, ("patients", "profile", OTHER)),
        (data_key(OTHER, KEY.secret), ("patients", "profile", ROW)),
        (data_key(PERSON, bytes(32)), ("patients", "profile", ROW)),
    ],
    ids=["table", "column", "row", "person", "key"],
)
def test_a_value_opens_nowhere_else(key: DataKey, place: tuple[str, str, UUID]) -> None:
    sealed = KEY.seal("patients", "profile", ROW, b"x")
    with pytest.raises(SealBrokenError):
        key.open(*place, sealed)


def test_names_cannot_be_cut_elsewhere() -> None:
    sealed = KEY.seal("ab", "c", ROW, b"x")
    with pytest.raises(SealBrokenError):
        KEY.open("a", "bc", ROW, sealed)


def test_every_flipped_bit_and_every_cut_is_noticed() -> None:
    sealed = KEY.seal("t", "c", ROW, "腹透".encode())
    for place in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(SealBrokenError):
            KEY.open("t", "c", ROW, bytes(flipped))
    for length in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            KEY.open("t", "c", ROW, sealed[:length])


def test_equal_values_do_not_look_equal_and_keys_do_not_show() -> None:
    assert KEY.seal("t", "c", ROW, b"x") != KEY.seal("t", "c", ROW, b"x")
    assert repr(KEY.secret) not in repr(KEY)


def test_blind_index_depends_on_kind_value_and_key(tmp_path: Path) -> None:
    one, two = (Keyring(LocalKeyProvider(tmp_path / name)) for name in ("one", "two"))
    index = one.blind_index("phone", "+8613812345678")
    assert len(index) == 32
    assert index == one.blind_index("phone", "+8613812345678")
    others = {
        one.blind_index("phone", "+8613812345679"),
        one.blind_index("id_number", "+8613812345678"),
        two.blind_index("phone", "+8613812345678"),
    }
    assert len(others | {index}) == 4


def test_ids_are_uuid7_and_rise() -> None:
    ids = [new_id() for _ in range(2_000)]
    assert ids == sorted(set(ids))
    assert {each.version for each in ids} == {7}


# The key folder


def test_first_start_makes_a_closed_folder_with_every_key(provider: LocalKeyProvider) -> None:
    folder = provider._folder
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    pems = ("token-signing.pem", "audit-signing.pem", "push-signing.pem")
    assert files == dict.fromkeys(("master-1.key", "index.key", *pems), 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_many_starts_at_once_agree(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with ThreadPoolExecutor(16) as starts:
        providers = list(starts.map(lambda _: LocalKeyProvider(folder), range(16)))
    assert len({each.index_key for each in providers}) == 1
    assert len({each.token_signing_key.private_bytes_raw() for each in providers}) == 1
    assert len({each.audit_signing_key.private_bytes_raw() for each in providers}) == 1
    assert len({pushes.public_key(each.push_signing_key) for each in providers}) == 1
    assert len({tuple(each._masters.items()) for each in providers}) == 1
    assert len(list(folder.iterdir())) == 5


def test_only_the_key_of_pushes_is_made_anew_when_it_is_missing(
    provider: LocalKeyProvider,
) -> None:
    folder, before = provider._folder, pushes.public_key(provider.push_signing_key)
    assert pushes.public_key(LocalKeyProvider(folder).push_signing_key) == before
    (folder / "push-signing.pem").unlink()
    assert pushes.public_key(LocalKeyProvider(folder).push_signing_key) != before
    (folder / "audit-signing.pem").unlink()
    with pytest.raises(KeyFolderError, match=r"audit-signing\.pem is missing"):
        LocalKeyProvider(folder)


def test_a_first_start_that_broke_off_is_finished(provider: LocalKeyProvider) -> None:
    folder, kept = provider._folder, provider.index_key
    (folder / "master-1.key").unlink()
    (folder / "token-signing.pem").unlink()
    assert LocalKeyProvider(folder).index_key == kept


def widen_key(folder: Path) -> None:
    (folder / "index.key").chmod(0o640)


def widen_folder(folder: Path) -> None:
    folder.chmod(0o755)


def lose_index(folder: Path) -> None:
    (folder / "index.key").unlink()


def cut_master(folder: Path) -> None:
    (folder / "master-1.key").write_bytes(b"short")


def spoil_pem(folder: Path) -> None:
    (folder / "audit-signing.pem").write_bytes(b"nonsense")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (widen_key, "open to other users .mode 640.: run chmod 600"),
        (widen_folder, "open to other users .mode 755.: run chmod 700"),
        (lose_index, "index.key is missing: restore it"),
        (cut_master, "master-1.key is not a key of 32 bytes"),
        (spoil_pem, "audit-signing.pem is not an Ed25519 private key"),
    ],
)
def test_a_damaged_folder_is_one_sentence_and_stays_as_it_is(
    provider: LocalKeyProvider, damage: Callable[[Path], None], told: str
) -> None:
    folder = provider._folder
    damage(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(KeyFolderError, match=told) as refusal:
        LocalKeyProvider(folder)
    assert len(str(refusal.value).splitlines()) == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFolderError, match="cannot be used"):
        LocalKeyProvider(tmp_path / "file" / "keys")


async def test_rotation_is_noticed_by_others_and_old_keys_still_unwrap(tmp_path: Path) -> None:
    running = LocalKeyProvider(tmp_path / "keys")
    old = await running.wrap(b"s" * 32, PERSON)
    elsewhere = LocalKeyProvider(tmp_path / "keys")
    assert elsewhere.rotate() == 2
    new = await elsewhere.wrap(b"s" * 32, PERSON)
    assert (old.master_version, new.master_version) == (1, 2)
    assert await running.unwrap(new.wrapped, PERSON) == b"s" * 32
    assert await elsewhere.unwrap(old.wrapped, PERSON) == b"s" * 32
    assert running.current_version() == 2
    (tmp_path / "keys" / "master-1.key").unlink()
    with pytest.raises(SealBrokenError, match=r"master-1\.key is not in"):
        await running.unwrap(old.wrapped, PERSON)


async def test_a_wrapped_key_is_bound_to_its_person_and_master(
    provider: LocalKeyProvider, tmp_path: Path
) -> None:
    stored = await provider.wrap(b"s" * 32, PERSON)
    stranger = LocalKeyProvider(tmp_path / "others")
    with pytest.raises(SealBrokenError):
        await provider.unwrap(stored.wrapped, OTHER)
    with pytest.raises(SealBrokenError):
        await stranger.unwrap(stored.wrapped, PERSON)
    for length in (0, 3, 4, 10, 20):
        with pytest.raises(SealBrokenError):
            await provider.unwrap(stored.wrapped[:length], PERSON)


# The keyring remembers, for a while


async def test_a_remembered_key_is_forgotten_in_time_however_often_it_is_used(
    provider: LocalKeyProvider,
) -> None:
    clock = Clock()
    keyring = Keyring(provider, remember_s=30, clock=clock)
    key, stored = await keyring.new_key(PERSON)
    assert keyring.recall(PERSON, key.key_id) is None, "not stored yet, so not to be relied on"
    await keyring.unwrap(stored.wrapped, PERSON)
    for clock.now_s in (10.0, 20.0, 29.9):
        assert keyring.recall(PERSON, key.key_id) == key
    clock.now_s = 30.0
    assert keyring.recall(PERSON, key.key_id) is None


async def test_the_keyring_remembers_a_bounded_number_the_latest_used(
    provider: LocalKeyProvider,
) -> None:
    keyring = Keyring(provider, remember_max=3)
    keys = []
    for number in range(4):
        key, stored = await keyring.new_key(UUID(int=number))
        keys.append(await keyring.unwrap(stored.wrapped, key.person_id))
        keyring.recall(keys[0].person_id, keys[0].key_id)
    remembered = [keyring.recall(key.person_id, key.key_id) is not None for key in keys]
    assert remembered == [True, False, True, True]


async def test_a_key_that_nobody_asks_for_again_does_not_stay_in_memory(
    provider: LocalKeyProvider,
) -> None:
    """It used to lie there, unwrapped, until ten thousand others had come after it."""
    clock = Clock()
    keyring = Keyring(provider, remember_s=30, clock=clock)
    for number in range(5):
        key, stored = await keyring.new_key(UUID(int=number))
        await keyring.unwrap(stored.wrapped, key.person_id)
    clock.now_s = 31.0
    key, stored = await keyring.new_key(PERSON)
    await keyring.unwrap(stored.wrapped, PERSON)
    assert list(keyring._known) == [(PERSON, key.key_id)]


# The table


class Conn:
    """What the records ask of a connection, over the owner's bare one."""

    def __init__(self, bare: asyncpg.Connection, keyring: Keyring) -> None:
        self.fetch, self.fetchrow, self.fetchval = bare.fetch, bare.fetchrow, bare.fetchval
        self.execute, self.keyring = bare.execute, keyring


@pytest.fixture
def conn(owner: asyncpg.Connection, provider: LocalKeyProvider) -> Any:
    return Conn(owner, Keyring(provider))


@pytest.fixture
async def second(database_dsn: str, provider: LocalKeyProvider) -> AsyncIterator[Any]:
    bare = await asyncpg.connect(database_dsn)
    yield Conn(bare, Keyring(provider))
    await bare.close()


async def test_a_person_has_one_key_and_another_process_reads_it(conn: Any, second: Any) -> None:
    sealed = await person_keys.seal_json(conn, PERSON, "patients", "profile", ROW, {"a": 1})
    assert (await person_keys.ensure(conn, PERSON)) == (await person_keys.get(second, PERSON))
    opened = await person_keys.open_json(second, PERSON, "patients", "profile", ROW, sealed)
    assert opened == {"a": 1}
    raw = await person_keys.seal(conn, PERSON, "visits", "note", ROW, b"raw")
    assert await person_keys.open_sealed(second, PERSON, "visits", "note", ROW, raw) == b"raw"


async def test_two_at_once_make_one_key(conn: Any, second: Any, owner: asyncpg.Connection) -> None:
    for number in range(20):
        person_id = UUID(int=number)
        keys = await asyncio.gather(
            person_keys.ensure(conn, person_id), person_keys.ensure(second, person_id)
        )
        assert keys[0] == keys[1]
    assert await owner.fetchval("SELECT count(*) FROM person_keys") == 20


async def test_no_key_that_was_rolled_back_is_used_again(
    conn: Any, owner: asyncpg.Connection
) -> None:
    lost = owner.transaction()
    await lost.start()
    await person_keys.seal(conn, PERSON, "t", "c", ROW, b"x")
    await person_keys.get(conn, PERSON)
    await lost.rollback()
    sealed = await person_keys.seal(conn, PERSON, "t", "c", ROW, b"y")
    fresh = Conn(owner, Keyring(conn.keyring.provider))
    opened = await person_keys.open_sealed(fresh, PERSON, "t", "c", ROW, sealed)  # type: ignore[arg-type]
    assert opened == b"y"
    assert await person_keys.open_sealed(conn, PERSON, "t", "c", ROW, sealed) == b"y"


async def test_opening_a_whole_list_takes_one_query(conn: Any, second: Any) -> None:
    people = [UUID(int=number) for number in range(5)]
    sealed = [await person_keys.seal(conn, each, "t", "c", ROW, each.bytes) for each in people]
    await person_keys.destroy(conn, people[4])
    loaded = await person_keys.load(second, [*people, UUID(int=99)])
    assert loaded.keys() == set(people[:4])
    second.fetchrow = None
    for person_id, value in zip(people[:4], sealed, strict=False):
        opened = await person_keys.open_sealed(second, person_id, "t", "c", ROW, value)
        assert opened == person_id.bytes


async def test_a_destroyed_key_opens_nothing_and_is_not_replaced(conn: Any, second: Any) -> None:
    sealed = await person_keys.seal(conn, PERSON, "t", "c", ROW, b"x")
    assert await person_keys.destroy(conn, PERSON)
    assert not await person_keys.destroy(conn, PERSON)
    for each in (conn, second):
        with pytest.raises(KeyDestroyed):
            await person_keys.open_sealed(each, PERSON, "t", "c", ROW, sealed)
        with pytest.raises(KeyDestroyed):
            await person_keys.seal(each, PERSON, "t", "c", ROW, b"y")


async def test_a_process_that_remembers_a_destroyed_key_forgets_it(
    conn: Any, owner: asyncpg.Connection
) -> None:
    clock = Clock()
    reader: Any = Conn(owner, Keyring(conn.keyring.provider, clock=clock))
    sealed = await person_keys.seal(conn, PERSON, "t", "c", ROW, b"x")
    await person_keys.open_sealed(reader, PERSON, "t", "c", ROW, sealed)
    await person_keys.destroy(conn, PERSON)
    clock.now_s = 59.9
    with pytest.raises(KeyDestroyed):
        await person_keys.open_sealed(reader, PERSON, "t", "c", ROW, sealed)


async def test_somebody_without_a_key_is_not_found(conn: Any) -> None:
    with pytest.raises(NotFound):
        await person_keys.get(conn, OTHER)


async def test_rewrapping_moves_all_keys_and_no_value(conn: Any, second: Any) -> None:
    people = [UUID(int=number) for number in range(7)]
    sealed = [await person_keys.seal(conn, each, "t", "c", ROW, b"x") for each in people]
    await person_keys.destroy(conn, people[6])
    assert await person_keys.rewrap(conn) == 0
    conn.keyring.provider.rotate()
    assert [await person_keys.rewrap(conn, 4) for _ in range(3)] == [4, 2, 0]
    (conn.keyring.provider._folder / "master-1.key").unlink()
    for person_id, value in zip(people[:6], sealed, strict=False):
        assert await person_keys.open_sealed(second, person_id, "t", "c", ROW, value) == b"x"


async def test_rewrapping_skips_what_another_replica_holds(
    conn: Any, second: Any, owner: asyncpg.Connection
) -> None:
    for number in range(6):
        await person_keys.ensure(conn, UUID(int=number))
    conn.keyring.provider.rotate()
    async with owner.transaction():
        assert await person_keys.rewrap(conn, 4) == 4
        assert await person_keys.rewrap(second) == 2


# One spelling of each person


@pytest.mark.parametrize(
    ("text", "phone", "masked"),
    [
        ("138 1234 5678", "+8613812345678", "138****5678"),
        ("１３８１２３４５６７８", "+8613812345678", "138****5678"),
        ("0086-138-1234-5678", "+8613812345678", "138****5678"),
        ("+8613900004117", "+8613900004117", "139****4117"),
        ("0579-82345678", "+8657982345678", "579****5678"),
        ("+852 9123 4567", "+85291234567", "******67"),
    ],
)
def test_phones_have_one_spelling(text: str, phone: str, masked: str) -> None:
    assert identity.normalise_phone(text) == phone
    assert identity.mask_phone(phone) == masked


@pytest.mark.parametrize(
    "text", ["", "12345", "10086", "+86138123456789", "13812345678 ext 5", "\x00", "138" * 100]
)
def test_what_is_no_phone_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="not a phone number") as refusal:
        identity.normalise_phone(text)
    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["11010519491231002X", "110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_identity_numbers_have_one_spelling(text: str) -> None:
    number = identity.normalise_id_number(text)
    assert number == "11010519491231002X"
    assert identity.born_on(number) == date(1949, 12, 31)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("110105194912310021", "check character"),
        ("11010519490231002X", "birth date"),
        ("1101051949123100", "17 digits"),
        ("01010519491231002X", "17 digits"),
        ("", "17 digits"),
    ],
)
def test_a_wrong_identity_number_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        identity.normalise_id_number(text)


def test_every_single_wrong_digit_of_an_identity_number_is_found() -> None:
    number = "11010519491231002X"
    for place in range(17):
        for digit in "0123456789":
            if digit != number[place]:
                with pytest.raises(ValueError, match=r"number"):
                    identity.normalise_id_number(number[:place] + digit + number[place + 1 :])
