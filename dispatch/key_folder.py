"""The key provider of one machine: a folder of key files that only its owner can read.

It makes the keys on the first start and never replaces one that is lost.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import threading
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from dispatch.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    SealBrokenError,
    SealingError,
    WrappedKey,
    joined,
    split,
)


class KeyFolderError(SealingError):
    """The key folder cannot be used as it is; the text is one sentence for whoever runs this."""


class LocalKeyProvider:
    """Master, index and signing keys in a folder of this machine that only its owner can read.

    The folder is filled on the first start, by however many processes at once: every file appears
    whole or not at all, the first writer wins, and `master-1.key` comes last. So where a master key
    stands, all files must stand; one that is missing then is a loss to repair from the backup,
    and is never replaced by a new one, which would make stored data unreadable. The key of pushes
    is the exception: without it browsers only have to subscribe anew, so it is made when missing.
    """

    MASTER_NAME: Final = re.compile(r"master-([1-9][0-9]{0,8})\.key")
    INDEX_NAME: Final = "index.key"
    TOKEN_NAME: Final = "token-signing.pem"  # noqa: S105 - a file name, not a secret
    AUDIT_NAME: Final = "audit-signing.pem"
    PUSH_NAME: Final = "push-signing.pem"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_exposed(folder)
            if not self._master_files():
                self._fill()
            if not (folder / self.PUSH_NAME).exists():
                self._create(self.PUSH_NAME, _pem(generate_private_key(SECP256R1())))
        except OSError as refusal:
            raise KeyFolderError(f"The key folder {folder} cannot be used: {refusal}.") from None
        self._masters: dict[int, bytes] = {}
        self._seen_ns = -1
        self._look()
        self.index_key = self._secret(self.INDEX_NAME)
        self.token_signing_key = self._signing_key(self.TOKEN_NAME)
        self.audit_signing_key = self._signing_key(self.AUDIT_NAME)
        self.push_signing_key = self._push_key()

    def current_version(self) -> int:
        """The newest version in the folder; a file added or taken away is noticed at once."""
        self._look()
        return max(self._masters)

    async def wrap(self, secret: bytes, person_id: UUID) -> WrappedKey:
        """version (4 bytes) ‖ nonce ‖ ciphertext ‖ tag, by AES-256-GCM-SIV under the master key."""
        version = self.current_version()
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = version.to_bytes(4)
        bound = joined("wrapped key 1", str(version), str(person_id))
        sealed = AESGCMSIV(self._masters[version]).encrypt(nonce, secret, bound)
        return WrappedKey(wrapped=head + nonce + sealed, master_version=version)

    async def unwrap(self, wrapped: bytes, person_id: UUID) -> bytes:
        """The data key; SealBrokenError names the master key that is missing or does not fit."""
        head, rest = split(wrapped, 4)
        version = int.from_bytes(head)
        self._look(force=version not in self._masters)
        master = self._masters.get(version)
        if master is None:
            raise SealBrokenError(f"master-{version}.key is not in {self._folder}")
        nonce, sealed = split(rest, NONCE_BYTES)
        bound = joined("wrapped key 1", str(version), str(person_id))
        try:
            return AESGCMSIV(master).decrypt(nonce, sealed, bound)
        except (InvalidTag, ValueError):
            raise SealBrokenError(f"a data key does not open with master-{version}.key") from None

    def rotate(self) -> int:
        """Add the next master key and return its version; older ones go on unwrapping.

        Once `person_keys.rewrap` has nothing left to do, the older files may be taken away.
        """
        version = self.current_version() + 1
        self._create(f"master-{version}.key", secrets.token_bytes(KEY_BYTES))
        self._look(force=True)
        return max(self._masters)

    def _fill(self) -> None:
        for name in (self.TOKEN_NAME, self.AUDIT_NAME):
            self._create(name, _pem(Ed25519PrivateKey.generate()))
        self._create(self.INDEX_NAME, secrets.token_bytes(KEY_BYTES))
        self._create("master-1.key", secrets.token_bytes(KEY_BYTES))

    def _create(self, name: str, content: bytes) -> None:
        """Make the file appear whole and durable, unless another process was first."""
        draft = self._folder / f".{name}.{secrets.token_hex(8)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, self._folder / name)
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _look(self, *, force: bool = False) -> None:
        """Read the master keys again if the folder has changed since they were read.

        Two changes within one tick of the file system's clock look like one: hence `force`.
        """
        changed_ns = self._folder.stat().st_mtime_ns
        if changed_ns == self._seen_ns and not force:
            return
        with self._lock:
            masters = {number: self._secret(name) for number, name in self._master_files()}
            if not masters:
                raise KeyFolderError(f"{self._folder} holds no master key: restore the folder.")
            self._masters, self._seen_ns = masters, changed_ns

    def _master_files(self) -> list[tuple[int, str]]:
        found = (self.MASTER_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return [(int(match[1]), match[0]) for match in found if match]

    def _secret(self, name: str) -> bytes:
        content = self._read(name)
        if len(content) != KEY_BYTES:
            raise KeyFolderError(f"{self._folder / name} is not a key of {KEY_BYTES} bytes.")
        return content

    def _signing_key(self, name: str) -> Ed25519PrivateKey:
        try:
            key = serialization.load_pem_private_key(self._read(name), password=None)
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFolderError(f"{self._folder / name} is not an Ed25519 private key.")
        return key

    def _push_key(self) -> EllipticCurvePrivateKey:
        try:
            key = serialization.load_pem_private_key(self._read(self.PUSH_NAME), password=None)
        except ValueError:
            key = None
        if not isinstance(key, EllipticCurvePrivateKey):
            raise KeyFolderError(f"{self._folder / self.PUSH_NAME} is not a P-256 private key.")
        return key

    def _read(self, name: str) -> bytes:
        path = self._folder / name
        try:
            self._refuse_exposed(path)
            return path.read_bytes()
        except FileNotFoundError:
            raise KeyFolderError(f"{path} is missing: restore it from the backup.") from None
        except OSError as refusal:
            raise KeyFolderError(f"{path} cannot be read: {refusal.strerror}.") from None

    @staticmethod
    def _refuse_exposed(path: Path) -> None:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            wanted = "700" if path.is_dir() else "600"
            raise KeyFolderError(
                f"{path} is open to other users (mode {mode:o}): run chmod {wanted} {path}."
            )


def _pem(key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
