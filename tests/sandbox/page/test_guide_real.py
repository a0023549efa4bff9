"""One journey in a real browser with the real bot: the demo as a newcomer starts it, until a version that fails is
taken back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parent.parent.parent.parent
UP_WITHIN, STEP_WITHIN = 40.0, 30_000
MOST_JUMPS = 12

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[str]:
    """The address of a demo of its own, which ends with the test."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--folder", str(folder), "--port", "0",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(UP_WITHIN):
            line = (await process.stdout.readline()).decode()
        assert "http" in line, line
        yield line.split()[-1]
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(15):
            assert await process.wait() == 0


async def at(page: Page, step: str) -> None:
    """The guide has come to this step."""
    await expect(page.locator("#guide li.on .step")).to_have_text(step, timeout=STEP_WITHIN)


async def do_it_for_me(page: Page) -> None:
    await page.get_by_role("button", name="Do it for me").press("Enter")


async def becomes_and_signs(page: Page, name: str, item: str) -> None:
    """Follow the guide to who is next, and sign in that person's messages."""
    await page.get_by_role("button", name=f"Become {name}").click(timeout=STEP_WITHIN)
    await page.get_by_role("button", name=f"Sign off {item}").last.click()


async def test_a_whole_release_from_the_first_word_until_it_is_taken_back(browser: Browser, tmp_path: Path) -> None:
    async with demo(tmp_path / "demo") as url:
        context = await browser.new_context(viewport={"width": 1280, "height": 860})
        context.set_default_timeout(STEP_WITHIN)
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(url)
        await at(page, "Start")
        await starts_and_freezes(page)
        await approves(page)
        await goes(page)
        await fails(page)
        await is_taken_back(page)
        assert faults == []
        await context.close()
    refs = subprocess.run(
        ["git", "-C", str(tmp_path / "demo" / "product.git"), "tag", "--list", "v1.3.0*"],
        capture_output=True, text=True, check=True,
    )
    assert refs.stdout.split() == ["v1.3.0", "v1.3.0-rc.1"]


async def starts_and_freezes(page: Page) -> None:
    """By keyboard: a command, and the guide's help, which mends the notes and jumps to the freeze."""
    await page.keyboard.press("/")
    await page.keyboard.type("release start minor")
    await page.keyboard.press("Enter")
    await at(page, "Begin")
    await expect(page.locator("#log h3").first).to_have_text("v1.3.0 · minor release")
    await do_it_for_me(page)
    await at(page, "Freeze")
    await do_it_for_me(page)
    await at(page, "Candidate")
    await expect(page.locator("#clock .now")).to_have_text("Thu 10 Dec 2026, 10:00")
    await do_it_for_me(page)
    await at(page, "Approve")


async def approves(page: Page) -> None:
    """Mira, by keyboard, in her direct messages."""
    await page.locator("#log").focus()
    for key in ("4", "g", "d"):
        await page.keyboard.press(key)
    await expect(page.locator("#title")).to_have_text("Release Bot and Mira")
    await page.keyboard.press("[")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Approve (last signature)")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Enter")
    await at(page, "Go")


async def goes(page: Page) -> None:
    """Three sign-offs, jumps from one reminder to the next (one by keyboard), and Priya's go with its last look."""
    await becomes_and_signs(page, "Theo", "Tech lead sign-off")
    await becomes_and_signs(page, "Qadir", "QA sign-off on staging")
    await becomes_and_signs(page, "Olu", "Deployment plan reviewed")
    await page.select_option("#me", "U0PRIYA")
    await page.get_by_role("navigation", name="Workspace").get_by_role("link", name="releases").click()
    go = page.locator("#log").get_by_text("Go…", exact=True)
    now = page.locator("#clock .now")
    for jump in range(MOST_JUMPS):
        await expect(go).to_have_count(0)
        before = await now.inner_text()
        if jump == 0:
            await page.locator("#log").focus()
            await page.keyboard.press("j")
        else:
            await page.locator("#guide").get_by_role("button", name="Jump there ▸").click()
        await expect(now).not_to_have_text(before, timeout=STEP_WITHIN)
        await expect(page.locator("#clock .trail")).to_contain_text("Jumped to", timeout=STEP_WITHIN)
        if await now.inner_text() == "Wed 16 Dec 2026, 10:00":
            break
    await expect(page.locator("#clock .trail")).to_contain_text("Jumped to Wed 16 Dec")
    await go.click()
    form = page.get_by_role("dialog", name="Go for v1.3.0")
    await expect(form).to_contain_text("conditions are met")
    await form.get_by_text("Go", exact=True).click()
    await page.get_by_role("dialog", name="Send v1.3.0 to production?").get_by_role("button", name="Go").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Got it: go for v1.3.0.")
    await page.get_by_role("dialog").get_by_text("Close", exact=True).click()


async def fails(page: Page) -> None:
    """The version that was deployed here cannot read production's payments, and people are asked how to go on."""
    asked = page.locator("#log article", has_text="v1.3.0: 1 of 5 smoke tests failed")
    await expect(asked).to_contain_text("answered 500 instead of 200", timeout=STEP_WITHIN)
    await expect(asked).to_contain_text("v1.2.2 runs on the new database, nothing has to be restored")
    await expect(page.locator("#side")).to_contain_text("Productionv1.3.0")
    assert await status_of(page, "Production", "payments") == 500
    assert await status_of(page, "Staging", "payments") == 200


async def is_taken_back(page: Page) -> None:
    """Olu decides by what speaks for and against it; v1.2.2 runs again, and support reads what to say."""
    await page.select_option("#me", "U0OLU")
    await page.locator("#log").get_by_text("Roll back…", exact=True).last.click()
    form = page.get_by_role("dialog", name="Roll back v1.3.0")
    await form.get_by_label("Something is wrong").check()
    await form.get_by_role("textbox").last.fill("Nobody can open the payments")
    await form.get_by_role("button", name="Roll back").click()
    await at(page, "Look back")
    await expect(page.locator("#log article").last).to_contain_text("v1.3.0 was rolled back to v1.2.2")
    await expect(page.locator("#side")).to_contain_text("Productionv1.2.2")
    assert await status_of(page, "Production", "payments") == 200
    await page.select_option("#me", "U0SANA")
    await page.get_by_role("navigation", name="Workspace").get_by_role("link", name="support").click()
    await expect(page.locator("#log")).to_contain_text("Today's update was taken back")


async def status_of(page: Page, name: str, path: str) -> int:
    """What a page of the product answers, at the address that the workspace shows."""
    address = await page.locator("#side").get_by_role("link", name=name).get_attribute("href")
    return (await page.request.get(f"{address}/{path}")).status
