"""After a visit, in the patient's client: a signature, and money at the provider of the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from demo import sandbox
from demo.sandbox import Sandbox
from tests.acceptance.processes import Deployment, free_ports
from tests.browser.driving import Phone
from tests.browser.words import ZH


@pytest.fixture
def till_port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def server_settings(till_port: int, tmp_path: Path) -> dict[str, str]:
    return {
        "APP_PAYMENT_URL": f"http://127.0.0.1:{till_port}",
        "APP_PAYMENT_SECRET": sandbox.secret_of(tmp_path),
    }


@pytest.fixture
def till(
    deployment: Deployment, tmp_path: Path, till_port: int
) -> AbstractAsyncContextManager[None]:
    """The provider of payments, open as long as this is entered."""
    return _open_till(deployment, tmp_path, till_port)


@asynccontextmanager
async def _open_till(deployment: Deployment, folder: Path, port: int) -> AsyncIterator[None]:
    till = Sandbox(
        folder,
        secret=sandbox.secret_of(folder),
        callback_url=f"{deployment.url}/v1/payments/callbacks/sandbox",
    )
    runner = web.AppRunner(till.app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


async def sign(phone: Phone) -> None:
    """A line on the glass, and that it is meant."""
    pad = phone.page.get_by_role("img", name="请用手指在框内签名")
    await pad.scroll_into_view_if_needed()
    box = await pad.bounding_box()
    assert box is not None
    await phone.page.mouse.move(box["x"] + 30, box["y"] + 40)
    await phone.page.mouse.down()
    await phone.page.mouse.move(box["x"] + 160, box["y"] + 60, steps=6)
    await phone.page.mouse.up()
    await phone.press("确认签字")
    await phone.sees(ZH.signed)


async def pay(phone: Phone) -> None:
    """At the provider's own page, until the client tells that it is paid."""
    await phone.press("付款 ¥")
    async with phone.page.expect_popup() as opened:
        await phone.press("打开付款页面")
    page = await opened.value
    await page.get_by_role("button").click()
    await page.get_by_text("已付").wait_for()
    await page.close()
    await phone.sees("已付清")
