"""A retrospective from the hour at which a release is live to the checklist of the next one."""

from __future__ import annotations

import asyncio
from typing import Any

from core.domain.feed import Event
from core.errors import Refused
from core.usecases.advance import Ask, perform
from core.usecases.feed import calendar_events
from tests.scenarios.driver import Team

WELL, WRONG, BETTER = "What went well?", "What went wrong?", "What can be improved?"


async def test_everybody_answers_the_lead_posts_it_and_what_was_resolved_comes_back(live: Team) -> None:
    told = "\n".join(live.thread("1.3.0"))
    assert "The retrospective of v1.3.0 is open: it meets" in told and "@Dana" in told
    assert "Retrospective open until" in live.card_text("1.3.0") and "0 of 8 have answered" in live.card_text("1.3.0")

    # everybody answers, in the form and with a message that somebody takes in
    await live.dana.types("/release retro")
    form = live.dana.reads(live.dana.form)
    assert "What the record says" in form and "Left on time" in form and "0 incidents" in form
    first = {WELL: "- It left on time\n- Tests were <!channel> green", WRONG: "Staging was slow"}
    action = {"An action item": "Faster staging", "Who does it?": "Olu"}
    assert await live.dana.submits(first | action) == {}
    await live.settles()
    assert "Dana gave you an action item of v1.3.0: “Faster staging”" in live.olu.reads(live.olu.dm()[-1])
    await live.sana.types("Customers asked where the export went")
    assert (await live.theo.shortcut("retro", on=live.sana.newest("releases"))).ok
    await live.app.replies.after.idle()
    assert "Customers asked where the export went" in live.theo.reads(live.theo.form)
    assert await live.theo.submits({"Where does it belong?": "Went wrong"}) == {}
    await live.says("qadir", "retro add better regression on rc.1 too")
    assert "2 of 8 have answered" in live.card_text("1.3.0")  # whose message was taken in has not answered by that

    # two at once both count, and one's own answers are mended without the others'
    facts = await live.facts("1.3.0")
    both = [_ask(who, "retro_say", facts, well=f"It was calm, says {who}") for who in ("U0MIRA", "U0ERIKA")]
    await asyncio.gather(*(perform(live.app.ctx, ask) for ask in both))
    await live.dana.types("/release retro")
    assert "Staging was slow" in live.dana.reads(live.dana.form)
    assert await live.dana.submits({WRONG: ""}) == {}
    await live.settles()
    facts = await live.facts("1.3.0")
    assert facts["retro"]["counts"] == {"well": 4, "wrong": 1, "better": 1}
    assert set(facts["retro"]["silent"]) == {"U0PRIYA", "U0THEO", "U0OLU", "U0SANA"}

    # the meeting is moved, and the calendar follows under the same name
    before = _meeting((await calendar_events(live.app.ctx))[1])
    assert "Only a release manager can move" in await live.says("dana", "retro at fri 14:00")
    assert "meets" in await live.says("priya", "retro at fri 14:00")
    after = _meeting((await calendar_events(live.app.ctx))[1])
    assert after.uid == before.uid and after.sequence > before.sequence and after.starts != before.starts

    # the lead looks at the summary and posts it; a second one at once is none
    await live.priya.types("/release retro summary")
    assert "Not heard yet: @Priya, @Theo, @Olu and @Sana" in live.priya.reads(live.priya.form)
    answers = await live.sends_twice("priya", {"A word of your own on top": "Thank you all"})
    assert sum("is in its thread" in str(a) for a in answers) >= 1
    posted = [t for t in live.thread("1.3.0") if "Retrospective of v1.3.0, closed by @Priya" in t]
    assert len(posted) == 1 and "“Thank you all”" in posted[0]
    for line in ("Went well (4)", "Sana: Customers asked where the export went", "To improve (1)",
                 "□ Olu: Faster staging, by"):  # fmt: skip
        assert line in posted[0], line
    assert "<!channel>" not in str(live.priya.messages("releases", thread=live.card("1.3.0"))[-1].blocks)
    assert sum("The retrospective of v1.3.0 is closed" in t for t in live.channel("releases")) == 1
    item = next(s for s in (await live.facts("1.3.0"))["signoffs"] if s["name"] == "retro")
    assert item["state"] == "met" and item["by"] == "U0PRIYA"
    assert "Closed by @Priya" in await live.says("olu", "retro")
    late = await _refused(live, _ask("U0PRIYA", "retro_summary", await live.facts("1.3.0")))
    assert late == ["retro.held"]
    await live.says("olu", "retro add well nobody was called at night")
    assert "Olu added 1 line to the retrospective of v1.3.0 after its summary." in live.thread("1.3.0")[-1]

    # the next release takes it over, and does not close before it is decided
    await live.says("priya", "start minor")
    await live.settles()
    assert "1 action item of earlier retrospectives is on the checklist of v1.4.0" in "\n".join(live.thread("1.4.0"))
    facts = await live.facts("1.4.0")
    assert [(a["text"], a["owner"], a["times"]) for a in facts["actions"]] == [("Faster staging", "U0OLU", 1)]
    await live.olu.opens_home()
    await live.app.replies.after.idle()
    assert "Action item of v1.3.0 · Faster staging" in live.olu.reads(live.olu.home)
    assert "Action items · 0 of 1 decided" in await live.says("olu", "checklist 1.4.0") or await _in_form(live)
    await live.olu.closes(everything=True)
    assert "“Faster staging” goes on to the release after v1.4.0" in await live.says("olu", "action keep 1")
    await live.says("olu", "action drop 1 staging goes away")
    facts = await live.facts("1.4.0")
    assert [(a["state"], a["why"]) for a in facts["actions"]] == [("dropped", "staging goes away")]
    await live.homes_follow()
    assert "Action item of v1.3.0" not in live.olu.reads(live.olu.home)


async def _in_form(play: Team) -> bool:
    return "Action items · 0 of 1 decided" in play.olu.reads(play.olu.form)


def _ask(who: str, event: str, facts: dict[str, Any], **given: Any) -> Ask:
    return Ask(who, event, release=facts["id"], input=given)


async def _refused(play: Team, ask: Ask) -> list[str]:
    try:
        await perform(play.app.ctx, ask)
    except Refused as refused:
        return [b.code for b in refused.blockers]
    return []


def _meeting(found: list[Event]) -> Event:
    return next(e for e in found if "-retrospective@" in e.uid)
