"""Concerns that are raised from a message and carried on, reports that are triaged, lines that are proposed."""

from __future__ import annotations

from core.usecases import look
from handlers.request import Form
from handlers.views import render_post
from handlers.views.home import home
from tests.handlers.desk import Desk, labels, words
from tests.handlers.play import said, started
from tests.handlers.story import DANA, MIRA, PRIYA, QADIR, SANA, THEO, facts

LINK = "https://asset-anchor.slack.com/archives/C0RELEASES/p1795393744318405"


async def _concern(desk: Desk) -> Form:
    found = await desk.ask(
        DANA, "shortcut", callback_id="concern", message_text="search is <slow>", message_ts="1.1", message_link=LINK
    )
    assert found.form
    return found.form


async def _waits(desk: Desk, person: str) -> str:
    """What stands on somebody's Home."""
    blocks = home(await look.home(desk.ctx, person), person, desk.clock.now())
    return words(Form("Home", blocks, "home"))


async def test_a_message_becomes_a_concern_with_its_link_and_two_people_carry_it(desk: Desk) -> None:
    await started(desk)
    form = await _concern(desk)
    assert "It is kept with a link to" in words(form) and "Which release?" not in words(form)
    await desk.sends(DANA, form, wants="an answer in 2 s")
    [kept] = (await desk.facts())["concerns"]
    assert (kept["link"], kept["text"], kept["wants"]) == (LINK, "search is <slow>", "an answer in 2 s")
    assert "A concern of" in await _waits(desk, PRIYA) and "Resolve…" in await _waits(desk, DANA)
    first = (await desk.types(PRIYA, "carry few use it")).form
    assert first
    assert "A second person has to carry it too" in words((await desk.sends(PRIYA, first)).form)
    again = (await desk.types(PRIYA, "carry")).form
    assert again
    refused = await desk.sends(PRIYA, again, reason="once more")
    assert "somebody else has to say so too" in refused.errors["concern"]
    assert "proposes to carry a concern on" in await _waits(desk, THEO)
    assert "proposes to carry it on: “few use it”" in words((await desk.types(MIRA, "why")).private)
    second = (await desk.types(THEO, "carry")).form
    assert second and "You would be the second." in words(second)
    assert "goes on with the next release" in words((await desk.sends(THEO, second)).form)
    assert (await desk.facts())["concerns"] == [] and "proposes" not in await _waits(desk, MIRA)


async def test_of_several_releases_the_form_asks_which_one(desk: Desk) -> None:
    await started(desk)
    await desk.types(PRIYA, "start major")
    form = await _concern(desk)
    assert form.title == "Concern about a release" and "Which release?" in words(form)
    major = (await desk.facts("2.0.0"))["id"]
    assert "v2.0.0" in words((await desk.sends(DANA, form, which=str(major))).form)
    assert [c["link"] for c in (await desk.facts("2.0.0"))["concerns"]] == [LINK]
    assert (await desk.facts())["concerns"] == []


async def test_nothing_is_reported_while_nothing_of_ours_is_live(desk: Desk) -> None:
    await started(desk)
    assert said(await desk.types(SANA, "report bug the list is empty")).startswith("v1.2.2 runs in production. It was")


async def test_a_line_of_who_may_not_write_the_notes_is_proposed(desk: Desk) -> None:
    await started(desk)
    found = await desk.ask(DANA, "shortcut", callback_id="notes", message_text="Maps are slow", message_ts="1")
    assert found.form
    assert "is asked to take your line" in words((await desk.sends(DANA, found.form)).form)
    data = {"actor": DANA, "place_of": "workaround", "line": "Maps are slow", "facts": await desk.facts()}
    asked = render_post(f"dm:{PRIYA}", "line_proposed", data)
    form = (await desk.clicks(PRIYA, asked, "Add it…")).form
    assert form
    await desk.sends(PRIYA, form)
    assert (await desk.facts())["texts"]["support"]["workaround"].endswith("Maps are slow")


def test_who_triages_is_asked_with_a_button_and_who_reported_is_told() -> None:
    known = facts()
    data = {"actor": SANA, "reason": "an empty page", "kind": "bug", "report": 1, "link": LINK, "facts": known}
    asked = render_post(f"dm:{QADIR}", "reported", data)
    assert "Triage…" in labels(asked.blocks) and f"<{LINK}|the message>" in words(asked)
    data = {"actor": QADIR, "reason": "AA-155", "text": "an empty page", "found": "duplicate", "facts": known}
    assert "it is a duplicate" in words(render_post(f"dm:{SANA}", "triaged", data))


def test_a_link_that_is_none_is_not_shown() -> None:
    data = {"actor": SANA, "reason": "an empty page", "kind": "bug", "link": "javascript:alert(1)", "facts": facts()}
    assert "the message" not in words(render_post("thread", "reported", data))
