"""Pushes against a push service of our own: what it gets, for whom, how often, and what ends it."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import jwt
import pytest
from aiohttp import web
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config import messages
from config.settings import Settings
from dispatch import database, pushes
from dispatch.acts import deliver_notices, deliver_pushes, keep_push
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import InvalidFields
from dispatch.ids import new_id
from dispatch.lifecycles import Role
from dispatch.records import accounts, events
from dispatch.records.push_subscriptions import Browser

CLOCK: Final = Caller.clock()
PHONE: Final = "+8613712345678"
INSERT_SESSION: Final = "INSERT INTO sessions (id, account_id) VALUES ($1, $2)"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def opened(body: bytes, key: ec.EllipticCurvePrivateKey, secret: bytes) -> bytes:
    """What a browser reads, by the words of RFC 8291 and RFC 8188, with nothing of the sender's.

    A push is one record, and its head holds the sender's key. Raises `InvalidTag`.
    """
    salt, record_size, told = body[:16], int.from_bytes(body[16:20]), 21 + body[20]
    sender, sealed = body[21:told], body[told:]
    assert len(sealed) <= record_size

    def derive(size: int, salted: bytes, info: bytes, secret: bytes) -> bytes:
        return HKDF(SHA256(), size, salted, info).derive(secret)

    shared = key.exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
    )
    both = derive(32, secret, b"WebPush: info\0" + _point(key) + sender, shared)
    content_key = derive(16, salt, b"Content-Encoding: aes128gcm\0", both)
    nonce = derive(12, salt, b"Content-Encoding: nonce\0", both)
    text, _, padding = AESGCM(content_key).decrypt(nonce, sealed, None).rpartition(b"\x02")
    assert not padding.strip(b"\0")
    return text


@dataclass(slots=True, kw_only=True)
class PushService:
    """Keeps what it is given; `statuses` are its answers, 201 once they have run out."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    auth: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.auth = request.headers["Authorization"]
        assert request.headers["Content-Encoding"] == "aes128gcm"
        status = self.statuses.pop(0) if self.statuses else 201
        if status == 201:
            self.taken.append((request.path, await request.read()))
        return web.Response(status=status)


@dataclass(slots=True, kw_only=True)
class Phone:
    """A browser with keys of its own, which alone can read what it gets."""

    browser: Browser
    key: ec.EllipticCurvePrivateKey
    secret: bytes

    @classmethod
    def at(cls, endpoint: str) -> Phone:
        key, secret = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        browser = Browser(endpoint=endpoint, p256dh=_base64(_point(key)), auth=_base64(secret))
        return cls(browser=browser, key=key, secret=secret)

    def read(self, body: bytes) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(opened(body, self.key, self.secret))
        return told


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    made = PushService()
    app = web.Application()
    app.router.add_post("/{phone}", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


@pytest.fixture
def settings(service: PushService) -> Settings:
    return Settings(push_origins=(service.url,), sweep_limit=50)


@contextlib.asynccontextmanager
async def sending(pool: Pool) -> AsyncIterator[pushes.PushSender]:
    async with pushes.connect(pool.settings, pool.keyring.provider.push_signing_key) as sender:
        yield sender


@database.act
async def register(conn: Connection, role: Role, phone: str) -> UUID:
    return (await accounts.insert(conn, role, phone, language="en")).id


@database.act
async def tell(conn: Connection, *account_ids: UUID, wake: str, order_id: UUID | None) -> None:
    await events.insert(
        conn,
        "order.assigned",
        {"n": 1},
        order_id=order_id,
        account_ids=list(account_ids),
        wake=wake,
    )


async def signed_in(pool: Pool, owner: asyncpg.Connection, account_id: UUID, phone: Phone) -> UUID:
    """The sign-in of an account whose browser may be woken."""
    session_id = new_id()
    await owner.execute(INSERT_SESSION, session_id, account_id)
    caller = Caller(role=Role.PATIENT, account_id=account_id)
    await keep_push.subscribe(pool, caller, session_id, phone.browser)
    return session_id


async def deliver(pool: Pool) -> int:
    await deliver_notices.relay_events(pool)
    async with sending(pool) as sender:
        return await deliver_pushes.deliver_pushes(pool, sender=sender)


def test_the_browser_of_these_tests_reads_the_push_of_the_standard() -> None:
    """RFC 8291, section 5 and appendix A."""
    key = ec.derive_private_key(
        int.from_bytes(_bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")), ec.SECP256R1()
    )
    body = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
        "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
        "gSxsj_Qulcy4a-fN"
    )
    told = opened(_bytes(body), key, _bytes("BTBZMqHH6r4Tts7J_aSIgg"))
    assert told == b"When I grow up, I want to be a watermelon"


async def test_a_push_is_read_by_its_browser_alone_and_opens_the_order(
    pool: Pool, owner: asyncpg.Connection, service: PushService
) -> None:
    account, order_id = await register(pool, CLOCK, Role.PATIENT, PHONE), new_id()
    phone = Phone.at(f"{service.url}/one")
    await signed_in(pool, owner, account, phone)
    await tell(pool, CLOCK, account, wake="nurse_found", order_id=order_id)
    assert await deliver(pool) == 1
    assert await deliver(pool) == 0
    ((path, body),) = service.taken
    assert path == "/one"
    assert phone.read(body) == {
        "title": "Shangmen",
        "body": "A nurse has been found for your booking. Open the app to see it.",
        "url": f"/patient/orders/{order_id}",
        "tag": f"nurse_found {order_id}",
    }
    with pytest.raises(InvalidTag):
        Phone.at("https://elsewhere").read(body)
    # Beside it the text message has a try of its own.
    ways = await owner.fetch("SELECT way, sent_at IS NOT NULL AS sent FROM notices ORDER BY way")
    assert [tuple(row) for row in ways] == [("push", True), ("sms", False)]


async def test_the_push_service_can_check_who_sends(
    pool: Pool, owner: asyncpg.Connection, service: PushService
) -> None:
    account = await register(pool, CLOCK, Role.PATIENT, PHONE)
    await signed_in(pool, owner, account, Phone.at(f"{service.url}/one"))
    await tell(pool, CLOCK, account, wake="bill_due", order_id=None)
    await deliver(pool)
    key = pool.keyring.provider.push_signing_key
    token, _, told_key = service.auth.removeprefix("vapid t=").partition(",k=")
    assert told_key == pushes.public_key(key)
    claims = jwt.decode(token, key.public_key(), algorithms=["ES256"], audience=service.url)
    assert claims["sub"] == pool.settings.push_contact


async def test_who_cannot_be_pushed_gets_a_text_message_only(
    pool: Pool, owner: asyncpg.Connection, service: PushService
) -> None:
    account = await register(pool, CLOCK, Role.PATIENT, PHONE)
    await tell(pool, CLOCK, account, wake="nurse_found", order_id=None)
    assert await deliver(pool) == 0
    assert await owner.fetchval("SELECT array_agg(way) FROM notices") == ["sms"]


async def test_a_signed_out_browser_is_woken_no_more(
    pool: Pool, owner: asyncpg.Connection, service: PushService
) -> None:
    account = await register(pool, CLOCK, Role.PATIENT, PHONE)
    session_id = await signed_in(pool, owner, account, Phone.at(f"{service.url}/one"))
    await tell(pool, CLOCK, account, wake="nurse_found", order_id=None)
    await owner.execute("UPDATE sessions SET ended_at = now() WHERE id = $1", session_id)
    await deliver(pool)
    assert service.taken == []
    assert await owner.fetchval("SELECT count(*) FROM notices WHERE failed_at IS NOT NULL") == 1


async def test_a_browser_belongs_to_who_signed_in_last(
    pool: Pool, owner: asyncpg.Connection, service: PushService
) -> None:
    before = await register(pool, CLOCK, Role.PATIENT, PHONE)
    now = await register(pool, CLOCK, Role.PATIENT, "+8613712345679")
    phone = Phone.at(f"{service.url}/one")
    await signed_in(pool, owner, before, phone)
    await signed_in(pool, owner, now, phone)
    await tell(pool, CLOCK, before, now, wake="nurse_found", order_id=None)
    assert await deliver(pool) == 1
    assert await owner.fetchval("SELECT array_agg(account_id) FROM push_subscriptions") == [now]


async def test_a_browser_that_is_gone_is_forgotten_and_others_are_woken(
    pool: Pool, owner: asyncpg.Connection, service: PushService
) -> None:
    account = await register(pool, CLOCK, Role.PATIENT, PHONE)
    phones = [Phone.at(f"{service.url}/{name}") for name in ("one", "two")]
    for phone in phones:
        await signed_in(pool, owner, account, phone)
    service.statuses = [410]
    await tell(pool, CLOCK, account, wake="nurse_found", order_id=None)
    await deliver(pool)
    assert len(service.taken) == 1
    assert await owner.fetchval("SELECT count(*) FROM push_subscriptions") == 1
    assert await owner.fetchval("SELECT sent_at FROM notices WHERE way = 'push'") is not None


async def test_a_push_service_in_trouble_is_asked_again_later(
    pool: Pool, owner: asyncpg.Connection, service: PushService
) -> None:
    account = await register(pool, CLOCK, Role.PATIENT, PHONE)
    await signed_in(pool, owner, account, Phone.at(f"{service.url}/one"))
    service.statuses = [503]
    await tell(pool, CLOCK, account, wake="nurse_found", order_id=None)
    assert await deliver(pool) == 1
    assert await deliver(pool) == 0, "not before its gap is over"
    await owner.execute("UPDATE notices SET next_try_at = app_now() WHERE way = 'push'")
    assert await deliver(pool) == 1
    assert len(service.taken) == 1


async def test_no_address_is_written_to_that_the_settings_do_not_name(
    pool: Pool, owner: asyncpg.Connection
) -> None:
    account = await register(pool, CLOCK, Role.PATIENT, PHONE)
    with pytest.raises(InvalidFields):
        await signed_in(pool, owner, account, Phone.at("http://169.254.169.254/latest"))


@pytest.mark.parametrize(
    ("endpoint", "known"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
        ("https://push.services.mozilla.com/x", False),
        ("https://evil-push.services.mozilla.com.example.org/x", False),
        ("https://user@web.push.apple.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("http://fcm.googleapis.com/x", False),
        ("https://[::1/x", False),
    ],
)
def test_push_services_by_origin(endpoint: str, known: bool) -> None:
    assert pushes.is_known(endpoint, Settings()) is known


def test_a_template_opens_its_view() -> None:
    assert timedelta(0) < deliver_notices.worth(Settings(), messages.find("offer"))
    assert messages.find("offer").opens == "/nurse/"
