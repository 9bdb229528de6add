"""A real Chromium and what drives the clients in it: by what people see, never by class names."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page, async_playwright

ROOT: Final = Path(__file__).resolve().parents[2]
AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
BUILT: Final = ROOT / "web" / "dist" / "index.html"
PHONE: Final = {"width": 390, "height": 844}
DESK: Final = {"width": 1440, "height": 900}
# A machine that does other things as well is slow, not wrong.
PATIENCE_MS: Final = 120_000
SERIOUS: Final = frozenset({"serious", "critical"})
SWITCHES: Final = (
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Where the machine's Chromium is, if it has one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium(), args=list(SWITCHES), timeout=PATIENCE_MS
        )
        try:
            yield launched
        finally:
            await launched.close()


@dataclass(slots=True, kw_only=True)
class Phone:
    """One page, at phone size or another, in one language; keeps what its console complains of."""

    page: Page
    url: str
    folder: Path | None = None
    complaints: list[str] = field(default_factory=list)

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(
        cls,
        launched: Browser,
        url: str,
        *,
        language: str = "zh-CN",
        place: tuple[float, float] | None = None,
        folder: Path | None = None,
        size: dict[str, int] = PHONE,
    ) -> AsyncIterator[Phone]:
        more: dict[str, Any] = {}
        if size == PHONE:
            more |= {"device_scale_factor": 2, "is_mobile": True, "has_touch": True}
        if place is not None:
            more["geolocation"] = {"latitude": place[0], "longitude": place[1]}
            more["permissions"] = ["geolocation"]
        context = await launched.new_context(
            viewport=size,  # type: ignore[arg-type]
            locale=language,
            timezone_id="America/Lima",  # nobody's clock but the server's counts
            **more,
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(
            f"localStorage.getItem('shangmen.language') ?? "
            f"localStorage.setItem('shangmen.language', '{language}')"
        )
        page = await context.new_page()
        made = cls(page=page, url=url, folder=folder)
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: made.complaints.append(said.text) if said.type == "error" else None,
        )
        try:
            yield made
        finally:
            await context.close()

    async def goto(self, path: str) -> None:
        await self.page.goto(self.url + path)

    async def press(self, name: str) -> None:
        """Press the button or link of this name, or whose name has this in it."""
        wanted = re.compile(re.escape(name))
        found = self.page.get_by_role("button", name=wanted).or_(
            self.page.get_by_role("link", name=wanted)
        )
        await found.first.click()

    async def choose(self, name: str) -> None:
        """Check the box or radio button whose label begins with this."""
        wanted = re.compile(f"^{re.escape(name)}")
        found = self.page.get_by_role("radio", name=wanted).or_(
            self.page.get_by_role("checkbox", name=wanted)
        )
        await found.first.check(force=True)

    async def fill(self, label: str, text: str) -> None:
        await self.page.get_by_label(label).first.fill(text)

    async def sees(self, text: str) -> None:
        """Wait until this can be read."""
        await self.page.get_by_text(text).first.wait_for()

    async def shot(self, name: str) -> None:
        """Keep a picture of the whole view, where a folder for them was given."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    async def offences(self) -> list[str]:
        """What axe finds serious or worse in this view."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        return [
            f"{each['id']}: {node['html'][:160]} {node['failureSummary']}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]
