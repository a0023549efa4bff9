"""One browser for the page's tests; a fresh workspace, bot and window for each of them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.sandbox.page.story import Open, Story

ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    if shutil.which("chromium") is None:
        pytest.skip("Chromium is not installed")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def story() -> AsyncIterator[Story]:
    made = Story()
    async with made.slack:
        await made.bot.start()
        yield made
        await made.bot.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def window(browser: Browser, story: Story) -> AsyncIterator[Open]:
    """Opens the page: `page = await window("#/releases?as=mira", width=480, scheme="dark")`."""
    contexts: list[Any] = []
    faults: list[str] = []

    async def open_page(address: str = "", width: int = 1280, scheme: Any = "light", guide: bool = False) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(4000)
        if not guide:
            await context.add_init_script("localStorage.setItem('release-sandbox.guide', 'hidden')")
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        await page.goto(f"{story.slack.url}/{address}")
        await page.wait_for_selector("body[data-ready]")
        return page

    yield open_page
    await asyncio.gather(*(context.close() for context in contexts))
    assert faults == [], "the page had errors"
