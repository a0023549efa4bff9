"""The sandbox page in a real browser: what people do on it, by mouse and by keyboard, and how it looks."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.sandbox.page.story import Open, Story
from tests.sandbox.page.tiny_bot import APPROVED, WAITING

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8").partition("\n")[2]


async def says(page: Page, text: str) -> None:
    await page.fill("#box", text)
    await page.press("#box", "Enter")


async def becomes(page: Page, name: str) -> None:
    await page.select_option("#me", f"U0{name.upper()}")
    await expect(page.locator("label[for=box]")).to_contain_text(f"as {name}")


async def test_a_command_brings_the_card_and_a_private_answer_for_one_person_only(story: Story, window: Open) -> None:
    page = await window("#/releases?as=priya", guide=True)
    await expect(page.locator("#guide li.on")).to_have_text("Start")
    await page.click("text=Put it in the box")
    await expect(page.locator("#box")).to_have_value("/release start minor")
    await page.press("#box", "Enter")
    await expect(page.locator("#log h3")).to_have_text("v1.3.0 · minor release")
    private = page.locator("article[aria-label$='only visible to you']")
    await expect(private).to_contain_text("v1.3.0 is started.")
    await expect(page.locator("#guide li.done").first).to_contain_text("Start")
    assert story.bot.heard == ["U0PRIYA /release start minor"]
    await becomes(page, "Mira")
    await expect(page.locator("#log h3")).to_have_count(1)
    await expect(private).to_have_count(0)
    await becomes(page, "Priya")
    await private.get_by_text("Dismiss").click()
    await expect(private).to_have_count(0)


async def test_a_button_asks_before_it_acts_and_the_card_is_mended_in_place(story: Story, window: Open) -> None:
    await story.command("/release start minor")
    page = await window("#/releases?as=priya")
    await page.locator(".who a", has_text="Mira").click()
    await page.click("text=Approve (last signature)")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Yours is the last signature.")
    await dialog.get_by_text("Not yet").click()
    assert not any("approve" in heard for heard in story.bot.heard)
    await page.click("text=Approve (last signature)")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log")).to_contain_text("You approved v1.3.0.")
    assert story.bot.heard[-1] == "U0MIRA clicks approve"
    await page.click("#side >> text=releases")
    await expect(page.locator(".who p").last).to_have_text("Next to act: Qadir")
    await page.click("text=1 reply")
    await expect(page.locator("#thread")).to_contain_text("Mira approved v1.3.0 as product manager (1 of 1).")
    assert "#/releases/1.3.0?as=mira" in page.url
    await page.reload()
    await expect(page.locator("#thread-of")).to_have_text("v1.3.0")
    await page.fill("#reply", "Thank you")
    await page.press("#reply", "Enter")
    await expect(page.locator("#thread-log article").last).to_contain_text("Thank you")


async def test_a_form_shows_errors_at_its_fields_and_gives_the_focus_back(story: Story, window: Open) -> None:
    page = await window("#/releases?as=priya")
    await says(page, "/release start")
    form = page.get_by_role("dialog", name="Start a release")
    version = form.get_by_label("Version")
    await expect(version).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("alert")).to_have_text("Please fill in this field.")
    await version.fill("1.2.1")
    await expect(form.get_by_role("alert")).to_have_count(0)
    await form.get_by_label("Who leads it?").select_option("U0THEO")
    await version.press("Enter")
    await expect(form.get_by_role("alert")).to_contain_text("older than production")
    await expect(version).to_be_focused()
    await expect(version).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_label("Who leads it?")).to_have_value("U0THEO")
    await version.fill("1.3.0")
    await page.keyboard.press("Enter")
    await expect(form).to_have_count(0)
    await expect(page.locator("#box")).to_be_focused()
    assert story.bot.heard[-2:] == ["U0PRIYA sends 1.2.1", "U0PRIYA sends 1.3.0"]


async def test_home_fills_the_main_pane_and_counts_what_waits(story: Story, window: Open) -> None:
    page = await window("#/home?as=mira")
    await expect(page.locator("#home h3")).to_have_text("Waits for you · 2")
    await expect(page.locator("#side")).to_contain_text("2 wait for you")
    await expect(page.locator("#compose")).to_be_hidden()
    await page.click("#home >> text=Look")
    await expect(page.locator("#home [aria-busy]")).to_have_count(0)
    assert story.bot.heard == ["U0MIRA clicks look"]


async def test_everything_works_by_keyboard_alone(story: Story, window: Open) -> None:
    page = await window("#/releases?as=priya")
    keys = page.keyboard
    await keys.press("/")
    await expect(page.locator("#box")).to_be_focused()
    await keys.type("rel")
    await keys.press("Tab")
    await keys.type("sta")
    await keys.press("Tab")
    await expect(page.locator("#words li.on")).to_contain_text("start")
    await keys.type("minor")
    await keys.press("Enter")
    await expect(page.locator("#log h3")).to_have_count(1)
    await keys.press("ArrowUp")
    await expect(page.locator("#box")).to_have_value("/release start minor")
    await page.fill("#box", "")
    await keys.press("Escape")
    await keys.press("]")
    await expect(page.locator("#log article").first).to_be_focused()
    await keys.press("Enter")
    await expect(page.get_by_role("button", name="What is missing?")).to_be_focused()
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("menuitem", name="Roles")).to_be_focused()
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(page.get_by_role("button", name="More actions for v1.3.0")).to_be_focused()
    await expect(page.get_by_role("button", name="More actions for v1.3.0")).not_to_have_attribute("aria-busy", "true")
    assert story.bot.heard[-1] == "U0PRIYA clicks more notes"
    await keys.press("4")
    await expect(page.locator("#me")).to_have_value("U0MIRA")
    await keys.press("g")
    await keys.press("d")
    await expect(page.locator("#title")).to_have_text("Release Bot and Mira")
    await keys.press("[")
    await keys.press("Enter")
    await keys.press("Enter")
    await expect(page.get_by_role("dialog", name="Approve v1.3.0?")).to_be_visible()
    await keys.press("Enter")
    await expect(page.locator("#log")).to_contain_text("You approved")
    await keys.press("g")
    await keys.press("r")
    await keys.press("t")
    await expect(page.locator("#reply")).to_be_focused()
    await keys.press("Escape")
    await expect(page.locator("#thread")).to_be_hidden()
    await keys.press("Escape")
    await keys.press("Escape")
    await keys.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.get_by_label("Single letters work outside of fields").uncheck()
    await keys.press("Escape")
    await page.locator("#log").focus()
    await keys.press("t")
    await expect(page.locator("#thread")).to_be_hidden()


async def test_a_narrow_page_has_tabs_and_never_scrolls_sideways(story: Story, window: Open) -> None:
    await story.command("/release start minor")
    await story.command("/release hostile")
    page = await window("#/releases?as=priya", width=320, guide=True)
    tabs = page.get_by_role("navigation", name="Panes")
    for tab in ("Channels", "Home", "DMs", "Thread", "#releases"):
        await tabs.get_by_text(tab).click()
        for width in (480, 320):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate("document.documentElement.scrollWidth") == width, tab
    small = await page.evaluate(
        "[...document.querySelectorAll('button, select, input, .tabs a')]"
        ".filter(e => e.checkVisibility() && !e.closest('.vh') && e.getBoundingClientRect().height < 43.5)"
        ".map(e => e.textContent.trim() || e.id)"
    )
    assert small == []


async def test_all_text_can_be_read_by_day_and_by_night(story: Story, window: Open) -> None:
    await story.command("/release start minor")
    await story.command("/release hostile")
    page = await window("#/releases/1.3.0?as=priya", guide=True)
    grounds = []
    scheme: Literal["light", "dark"]
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await expect(page.locator("#thread h3")).to_have_count(1)
        assert await page.evaluate(CONTRAST) == [], scheme
        grounds.append(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
    await says(page, "/release start")
    await page.get_by_role("dialog").wait_for()
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").first.wait_for()
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await page.evaluate(CONTRAST) == [], scheme
    assert grounds == ["rgb(244, 242, 238)", "rgb(20, 25, 27)"]


async def test_hostile_text_stays_text_and_links_do_not_lead_away(story: Story, window: Open) -> None:
    await story.command("/release hostile")
    page = await window("#/releases?as=priya")
    log = page.locator("#log")
    await expect(log).to_contain_text("<script>window.hurt = 1</script> <script>window.hurt = 2</script>")
    await expect(log).to_contain_text("<javascript:window.hurt=3|press me> <!channel>")
    assert await log.locator("script").count() == 0
    assert await log.locator("a").all_inner_texts() == ["away"]
    assert await page.evaluate("window.hurt") is None
    await log.get_by_text("away").click()
    await expect(page.get_by_role("dialog", name="This link leaves the sandbox")).to_contain_text(
        "https://example.com/away"
    )
    assert page.url.startswith(story.slack.url)
    await page.keyboard.press("Escape")
    await page.click("text=Git history")
    await expect(page.get_by_role("dialog")).to_contain_text("Fix <b>payments</b>")


async def test_the_clock_moves_and_starting_over_asks_first(story: Story, window: Open) -> None:
    page = await window("#/releases?as=qadir")
    await expect(page.locator("#clock .now")).to_have_text("Mon 30 Nov 2026, 14:05")
    await expect(page.locator("#clock .next")).to_contain_text("Nothing is due.")
    await page.click("text=+1 h")
    await page.get_by_role("menuitem", name="+1 day").click()
    await expect(page.locator("#clock .now")).to_have_text("Tue 1 Dec 2026, 14:05")
    await expect(page.locator("#clock .next")).to_contain_text("Jumped to Tue 1 Dec 2026, 14:05")
    await page.click("text=Start over")
    await page.get_by_role("dialog").get_by_text("Keep everything").click()
    assert story.started_over == 0
    await page.click("text=Start over")
    await page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert story.started_over == 1


async def test_a_bot_that_fails_and_a_sandbox_that_stops_are_told(story: Story, window: Open) -> None:
    page = await window("#/releases?as=priya")
    await says(page, "/release silent")
    await expect(page.locator("#trouble")).to_contain_text("did not answer")
    await expect(page.locator("#log")).to_contain_text("dispatch_failed")
    await page.route("**/page/state*", lambda route: route.abort())
    await says(page, "/release why")
    await expect(page.locator("#offline")).to_contain_text("Start it again with make demo")
    await page.unroute("**/page/state*")
    await expect(page.locator("#offline")).to_be_hidden()


async def test_the_guide_does_a_step_as_the_right_person(story: Story, window: Open) -> None:
    page = await window("#/releases?as=dana", guide=True)
    await page.click("text=Do it for me")
    await expect(page.locator("#guide li.on")).to_have_text("Approve")
    await page.click("text=Do it for me")
    await expect(page.locator("#guide li.on")).to_have_text("Go")
    assert story.bot.heard == ["U0PRIYA /release start minor", "U0MIRA clicks approve"]
    await page.click("text=Hide")
    await page.reload()
    await expect(page.locator("#guide")).to_be_hidden()


async def test_shortcuts_stand_at_the_box_and_at_each_message(story: Story, window: Open) -> None:
    await story.command("/release start minor")
    page = await window("#/releases?as=theo")
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="What waits for me").click()
    await page.locator("#log article").first.hover()
    more = page.get_by_role("button", name="More actions for this message").first
    await more.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Raise a concern…")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(more).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await story.slack.until(lambda: len(story.bot.heard) == 3)
    assert story.bot.heard[1:] == ["U0THEO shortcut waiting", "U0THEO message_action concern"]


async def test_an_edit_is_read_out_only_when_phase_or_waits_change(story: Story, window: Open) -> None:
    await story.command("/release start minor")
    page = await window("#/releases?as=theo")
    said = page.locator("#say")
    place = {"channel": "C0RELEASES", "ts": story.bot.card_ts}
    await story.bot.call("chat.update", **place, text="Only a button changed.", blocks=WAITING[:-1])
    await expect(page.locator("#log .acts")).to_have_count(0)
    await expect(said).to_have_text("")
    await story.bot.call("chat.update", **place, text="v1.3.0 waits for Qadir.", blocks=APPROVED)
    await expect(said).to_have_text("v1.3.0 waits for Qadir.")
    await expect(page.get_by_role("article", name="Release Bot")).to_have_count(1)
