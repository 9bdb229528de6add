"""An installation as an operator runs it: two API processes, clock and alarms behind haproxy.

Not a demo: people sign in with codes that a gateway for text messages receives.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import shutil
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import orjson
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dispatch import processes
from tests.acceptance.processes import ROOT, Deployment, free_ports

HAPROXY: Final = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
CONFIGURATION: Final = ROOT / "deploy" / "haproxy" / "haproxy.cfg"
CODE: Final = re.compile(r"(?<!\d)\d{6}(?!\d)")
UP_S: Final = 30
PLENTY: Final = "1000000"


@dataclass(slots=True)
class Gateway:
    """Receives the text messages, so that a test can read the code that a person would."""

    port: int = 0
    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator[Self]:
        gateway = cls()
        application = web.Application()
        application.router.add_post("/messages", gateway._take)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        (gateway.port,) = free_ports(1)
        await web.TCPSite(runner, "127.0.0.1", gateway.port).start()
        try:
            yield gateway
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        message = await request.json()
        self.texts[message["to"]] = message["text"]
        return web.Response(status=202)

    async def code_for(self, phone: str) -> str:
        async with asyncio.timeout(UP_S):
            await processes.until(lambda: phone in self.texts)
        found = CODE.search(self.texts.pop(phone))
        assert found is not None
        return found[0]


@dataclass(slots=True, kw_only=True)
class Proxy:
    """haproxy with the configuration that is delivered."""

    folder: Path
    ports: tuple[int, int, int]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "haproxy.log"

    @property
    def www(self) -> str:
        return f"https://127.0.0.1:{self.ports[0]}"

    @property
    def sos(self) -> str:
        return f"https://127.0.0.1:{self.ports[1]}"

    @property
    def plain(self) -> str:
        return f"http://127.0.0.1:{self.ports[2]}"

    def check(self) -> str:
        """What haproxy says of the configuration without starting; nothing if it is sound."""
        assert HAPROXY is not None
        done = subprocess.run(  # noqa: S603
            [HAPROXY, "-c", "-q", "-f", CONFIGURATION],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=UP_S,
            check=False,
        )
        return done.stderr + ("" if done.returncode == 0 else f"exit code {done.returncode}")

    def launch(self) -> None:
        assert HAPROXY is not None
        with self.log.open("ab") as log:
            self.process = processes.spawn(
                (HAPROXY, "-db", "-f", CONFIGURATION),
                environment=self.environment,
                output=log,
                end_with_us=signal.SIGKILL,
            )

    def served_by(self, skip: int = 0) -> list[tuple[str, int]]:
        """Backend and server of each request so far, with the status, but for the first `skip`."""
        lines = self.log.read_bytes().splitlines()
        told = [orjson.loads(line) for line in lines if line.startswith(b'{"event":"proxied"')]
        return [(line["server"], line["status"]) for line in told][skip:]

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "proxy.pem"))


def proxy(folder: Path, *, apis: tuple[int, int], alarm: int) -> Proxy:
    """haproxy in front of these ports, with a certificate of its own; not yet started."""
    www, sos, plain = ports = free_ports(3)
    pem = folder / "proxy.pem"
    pem.write_bytes(_certificate())
    return Proxy(
        folder=folder,
        ports=(www, sos, plain),
        environment={
            "SHANGMEN_WWW": f"127.0.0.1:{ports[0]}",
            "SHANGMEN_SOS": f"127.0.0.1:{ports[1]}",
            "SHANGMEN_PLAIN": f"127.0.0.1:{ports[2]}",
            "SHANGMEN_TLS": str(pem),
            "SHANGMEN_API_1": f"127.0.0.1:{apis[0]}",
            "SHANGMEN_API_2": f"127.0.0.1:{apis[1]}",
            "SHANGMEN_ALARM": f"127.0.0.1:{alarm}",
        },
    )


@dataclass(slots=True, kw_only=True)
class Installation:
    """The processes and what stands in front of them."""

    apis: tuple[Deployment, Deployment]
    front: Proxy
    gateway: Gateway

    @classmethod
    @asynccontextmanager
    async def running(cls, dsn: str, folder: Path) -> AsyncIterator[Self]:
        first, second, alarm = free_ports(3)
        async with Gateway.listening() as gateway:
            settings = {
                "APP_DEMO": "0",
                "APP_STATE_DIR": str(folder / "state"),
                "APP_TRUSTED_PROXIES": '["127.0.0.1"]',
                "APP_SMS_GATEWAY_URL": f"http://127.0.0.1:{gateway.port}/messages",
                # All the load comes from few accounts and one address.
                "APP_ACCOUNT_PER_MINUTE_MAX": PLENTY,
                "APP_ACCOUNT_BURST_MAX": PLENTY,
                "APP_ADDRESS_PER_MINUTE_MAX": PLENTY,
                "APP_ADDRESS_BURST_MAX": PLENTY,
            }
            made = [
                Deployment(
                    dsn=dsn,
                    folder=folder / name,
                    port=port,
                    alarm_port=alarm,
                    settings=settings,
                )
                for name, port in (("first", first), ("second", second))
            ]
            for each in made:
                each.folder.mkdir()
            front = proxy(folder, apis=(first, second), alarm=alarm)
            installation = cls(apis=(made[0], made[1]), front=front, gateway=gateway)
            try:
                await made[0].start("clock", "alarm", "api")
                await made[1].start("api")
                front.launch()
                await installation.until_up()
                yield installation
            finally:
                if front.process is not None:
                    await processes.stop(front.process, within_s=5)
                for each in made:
                    await each.stop()

    async def until_up(self) -> None:
        async with self.client() as session, asyncio.timeout(UP_S):
            while True:
                try:
                    async with session.get(f"{self.front.www}/v1/time") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)

    def client(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self.front.trust(), limit=0),
            timeout=aiohttp.ClientTimeout(total=20),
        )

    async def sign_in(self, session: aiohttp.ClientSession, phone: str) -> dict[str, str]:
        """The header that this patient sends from now on."""
        url = self.front.www
        async with session.post(f"{url}/v1/auth/otp", json={"phone": phone}) as answer:
            assert answer.status == 202, await answer.text()
        body = {"phone": phone, "code": await self.gateway.code_for(phone)}
        async with session.post(f"{url}/v1/auth/token", json=body) as answer:
            told: dict[str, Any] = await answer.json()
            assert answer.status == 200, told
        return {"Authorization": f"Bearer {told['access_token']}"}


def _certificate() -> bytes:
    """Key and certificate for this address, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shangmen")])
    now = datetime.now(UTC)  # noqa: TID251 - certificates go by the real time
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
