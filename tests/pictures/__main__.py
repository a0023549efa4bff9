"""`make pictures`: plays the demo to its telling moments and takes their pictures in a real browser."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp
from playwright.async_api import Browser, Locator, Page, async_playwright

from tests.pictures.palette import with_palette

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "docs" / "pictures"
MOST_BYTES = 150_000
ARGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
HIDE_GUIDE = "localStorage.setItem('release-sandbox.guide', 'hidden')"
Scheme = Literal["light", "dark"]


class NoPicture(Exception):
    """A picture could not be taken; the words say which and why."""


@dataclass
class Camera:
    """A browser at a demo, and the folder for its pictures."""

    browser: Browser
    url: str
    folder: Path

    async def play(self, *steps: str) -> None:
        """Let the guide do these steps."""
        async with aiohttp.ClientSession() as http:
            for step in steps:
                async with http.post(f"{self.url}page/guide", json={"step": step}) as answer:
                    told: dict[str, Any] = await answer.json()
                if not told["ok"]:
                    raise NoPicture(f"step {step}: {told['error']}")

    @asynccontextmanager
    async def window(self, address: str, *, size: tuple[int, int] = (1280, 860), scheme: Scheme = "light",
                     guide: bool = False) -> AsyncIterator[Page]:
        """The page at an address of its own, closed afterwards."""
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce")
        if not guide:
            await context.add_init_script(HIDE_GUIDE)
        page = await context.new_page()
        await page.goto(self.url + address)
        await page.wait_for_selector("body[data-ready]")
        yield page
        await context.close()

    async def take(self, name: str, of: Page | Locator) -> None:
        """One picture; too large a file is a fault, because the README shows it."""
        path = self.folder / f"{name}.png"
        taken = await asyncio.to_thread(with_palette, await of.screenshot(animations="disabled", caret="hide"))
        if len(taken) > MOST_BYTES:
            raise NoPicture(f"{name}: {len(taken)} bytes are more than {MOST_BYTES}")
        path.write_bytes(taken)
        sys.stdout.write(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}  {len(taken) // 1000} kB\n")


async def says(page: Page, text: str) -> None:
    await page.fill("#box", text)
    await page.press("#box", "Enter")


def article(page: Page, words: str) -> Locator:
    """The newest message with these words."""
    return page.locator("#log article", has_text=words).last


async def of_the_start(camera: Camera) -> None:
    async with camera.window("#/releases?as=priya") as page:
        await says(page, "/release start")
        form = page.get_by_role("dialog")
        await form.wait_for()
        await camera.take("start-form", form)


async def of_the_approval(camera: Camera) -> None:
    """Mira is asked: the page in three sizes, the card, her message, two Homes and a `why`."""
    sizes: tuple[tuple[str, tuple[int, int], Scheme], ...] = (
        ("page-light", (1280, 860), "light"), ("page-dark", (1280, 860), "dark"), ("page-480", (480, 860), "light"))
    for name, size, scheme in sizes:
        async with camera.window("#/releases/1.3.0?as=priya" if size[0] > 600 else "#/releases?as=priya",
                                 size=size, scheme=scheme, guide=True) as page:
            await article(page, "minor release").scroll_into_view_if_needed()
            await camera.take(name, page)
    async with camera.window("#/releases?as=priya") as page:
        await camera.take("card", page.locator("#log article", has_text="minor release").first)
        await says(page, "/release why")
        await camera.take("why", article(page, "What v1.3.0 still needs"))
    async with camera.window("#/dm?as=mira", size=(1280, 1100)) as page:  # the whole message
        await camera.take("approval", article(page, "Approve v1.3.0"))
    for who in ("priya", "sana"):
        async with camera.window(f"#/home?as={who}") as page:
            await page.locator("#home").get_by_role("button").first.wait_for()
            await camera.take(f"home-{who}", page)


async def of_the_announcement(camera: Camera) -> None:
    async with camera.window("#/support?as=sana") as page:
        await camera.take("support", article(page, "was updated today"))


async def of_the_failure(camera: Camera) -> None:
    async with camera.window("#/dm?as=olu", size=(1280, 1000)) as page:
        await camera.take("failure", article(page, "smoke tests failed"))


@asynccontextmanager
async def demo(folder: Path, *more: str) -> AsyncIterator[str]:
    """The address of a demo of its own; `more` are words for it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--folder", str(folder), "--port", "0", *more,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None  # asked for above
    try:
        async with asyncio.timeout(40):
            line = (await process.stdout.readline()).decode()
        if "http" not in line:
            raise NoPicture(f"the demo did not start: {line.strip()}")
        yield line.split()[-1] + "/"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def all_of_them(folder: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise NoPicture("Chromium is not installed (Debian: apt-get install chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="release-pictures-") as home:
        async with demo(Path(home) / "demo", "--smooth") as url, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=ARGS)
            camera = Camera(browser, url, folder)
            await of_the_start(camera)
            await camera.play("start", "begin", "freeze", "candidate")
            await of_the_approval(camera)
            await camera.play("approve", "go", "live")
            await of_the_announcement(camera)
            await browser.close()
        async with demo(Path(home) / "fault") as url, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=ARGS)
            camera = Camera(browser, url, folder)
            await camera.play("start", "begin", "freeze", "candidate", "approve", "go", "live")
            await of_the_failure(camera)
            await browser.close()


def main() -> None:
    """Take all pictures, into docs/pictures or the folder that is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=OUT)
    try:
        asyncio.run(all_of_them(parser.parse_args().folder))
    except NoPicture as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main()
