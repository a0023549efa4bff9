"""Everything that can be typed can be clicked, and each is answered in time."""

from __future__ import annotations

import asyncio
from datetime import datetime

from sandbox.workspace.person import Person
from tests.scenarios.driver import Team
from tests.scenarios.hands import presses


async def ticks_all(play: Team, *who: str) -> None:
    """Each opens the checklist on the card and ticks what is theirs and due."""
    for name in who:
        person: Person = getattr(play, name)
        card = play.card("1.3.0")
        await person.clicks("Checklist", card)
        await play.app.replies.after.idle()
        form = await person.waits_for_form()
        groups = [b for b in form.blocks if str(b.get("block_id")).startswith("yours")]
        ticked = {b["label"]["text"]: [o["value"] for o in b["element"]["options"]] for b in groups}
        await person.submits(ticked)
        await person.closes(everything=True)
        await play.settles()


async def writes_the_notes(play: Team) -> None:
    """Priya opens the notes from the card and fills what they need, without typing a word."""
    await presses(play, "priya", "Release notes", "releases")
    await presses(play, "priya", "Edit the notes…")
    form = (await play.priya.waits_for_form()).body
    labels = [str(b["label"]["text"]) for b in form["blocks"] if "label" in b]
    fields = {x: "It runs by itself" for x in labels if "Upgrade note" in x}
    fields |= {x: "Improvement" for x in labels if x.startswith("Tidy up lease model")}
    assert len(fields) == 3 and await play.priya.submits(fields) == {}
    assert "3 changes kept" in play.priya.reads(play.priya.form)
    await play.priya.closes(everything=True)
    await play.settles()


async def test_a_whole_minor_release_by_clicks_and_forms_alone(play: Team) -> None:
    await play.priya.opens_home()
    await play.settles()
    await presses(play, "priya", "Start a release", "home")
    assert await play.priya.submits() == {}
    await play.priya.closes(everything=True)
    await play.settles()
    await ticks_all(play, "mira")
    await presses(play, "priya", "Begin development", "releases")
    await play.settles()
    await writes_the_notes(play)
    await play.moves_to(datetime.fromisoformat((await play.facts("1.3.0"))["freeze_at"]))
    await play.ci_reports("1.3.0")
    await ticks_all(play, "priya")
    await presses(play, "qadir", "Make it ready", "releases")
    await play.settles()
    await presses(play, "mira", "Approve (last signature)", "dm")
    await play.settles()
    await ticks_all(play, "qadir", "olu", "theo")
    for moment in ("coming_at", "departs_at"):
        await play.moves_to(datetime.fromisoformat((await play.facts("1.3.0"))[moment]))
    await presses(play, "priya", "Go…", "releases")
    await presses(play, "priya", "Go")
    await play.priya.closes(everything=True)
    await play.settles()
    await ticks_all(play, "qadir", "olu")
    assert await play.phase("1.3.0") == "post-release"
    await ticks_all(play, "sana", "olu")
    await presses(play, "priya", "Give feedback", "releases")
    assert await play.priya.submits({"What went well?": "Everything left on time"}) == {}
    await presses(play, "priya", "The retrospective")
    await presses(play, "priya", "Post the summary…")
    assert "This goes to the thread of v1.3.0" in play.priya.reads(play.priya.form)
    assert await play.priya.submits() == {}
    await play.settles()
    assert await play.phase("1.3.0") == "closed"
    typed = [d.payload["text"] for d in play.slack.deliveries if d.kind == "command"]
    assert typed == [], "nobody typed a word"


async def test_each_command_is_answered_within_three_seconds_also_when_ten_come_at_once(play: Team) -> None:
    await play.says("priya", "start minor")
    people = [
        play.slack.person(n) for n in ("Priya", "Theo", "Qadir", "Mira", "Olu", "Sana", "Erika", "Dana", "Ben", "Kim")
    ]
    answers = await asyncio.gather(*(p.types("/release status") for p in people))
    assert all(a is not None and a.ok and a.seconds < 3 for a in answers)
    assert all("v1.3.0 · minor release" in p.private() for p in people)
