"""Two things at once that must not both happen, and hostile words in a form whose answers call people."""

from __future__ import annotations

import asyncio

from tests.scenarios.driver import HOTFIX, Team
from tests.scenarios.test_announcements import approved
from tests.scenarios.test_walks import hotfix_to_staging

HOSTILE = "<!channel> <@U0ERIKA> *bold* _x_ `code` ~no~ :tada: <https://evil.example|here> &lt;!here&gt; ✅ \u202eabc"


async def both_ready(play: Team) -> None:
    """v1.3.0 and a hotfix that does not disturb it wait for their go."""
    await approved(play)
    await hotfix_to_staging(play)
    await play.to_the_hour(HOTFIX)
    await play.signs("1.3.0", "go")


async def test_of_two_goes_in_the_same_second_one_leaves_and_the_other_is_told_why(minor: Team) -> None:
    play = minor
    await both_ready(play)
    await play.signs(HOTFIX, "go")
    await play.to_the_hour("1.3.0")
    for who, version in (("priya", "1.3.0"), ("olu", HOTFIX)):
        await getattr(play, who).types(f"/release go {version}")
    await asyncio.gather(play.priya.clicks("Go"), play.olu.clicks("Go"))
    await play.settles()
    phases = {version: await play.phase(version) for version in ("1.3.0", HOTFIX)}
    assert sorted(phases.values()) == ["deployment", "preparation"], phases
    going = next(v for v, phase in phases.items() if phase == "deployment")
    assert sum("is going to production" in text for text in play.channel("releases")) == 1
    assert (await play.facts(going))["environments"]["production"]["lock"]["version"] == going
    stays = next(v for v in phases if v != going)
    assert f"refs/tags/v{stays}" not in play.product.refs(), "nothing of it is out"


async def test_while_a_hotfix_goes_nobody_else_goes_and_the_refusal_names_it(minor: Team) -> None:
    play = minor
    await both_ready(play)
    await play.says("olu", f"go {HOTFIX}")
    await play.olu.clicks("Go")
    await play.settles()
    assert await play.phase(HOTFIX) == "deployment", "it waits for verification"
    await play.to_the_hour("1.3.0")
    await play.says("priya", "go 1.3.0")
    await play.priya.clicks("Go")
    await play.settles()
    told = play.priya.reads(play.priya.form) if play.priya.form else play.priya.private()
    assert HOTFIX in told and await play.phase("1.3.0") == "preparation", told
    await play.signs(HOTFIX, "deployed")
    assert await play.phase(HOTFIX) == "post-release"
    await play.priya.closes(everything=True)


async def test_one_person_with_two_roles_is_one_person_when_two_have_to_record(due: Team) -> None:
    play = due
    play.app.host.faults["production:1.3.0"] = "2 of 12 smoke tests failed"
    await play.says("priya", "go 1.3.0")
    await play.priya.clicks("Go")
    await play.settles()
    for _ in range(2):
        await play.says("olu", "record 1.3.0")
        assert await play.olu.submits({"runs": "1.2.2", "reason": "I looked at the host"}) == {}
        await play.settles()
        await play.olu.closes(everything=True)
    assert await play.phase("1.3.0") == "deployment", "the same person twice is not two"
    await play.says("theo", "record 1.3.0")
    assert await play.theo.submits({"runs": "1.2.2", "reason": "so did I"}) == {}
    await play.settles()
    assert (await play.facts("1.3.0"))["outcome"] == "rolled back"


async def test_hostile_words_of_an_incident_are_only_words_everywhere(live: Team) -> None:
    play = live
    await play.says("dana", "incident 1.3.0")
    fields = {"What is wrong?": HOSTILE, "How bad is it?": "Something is wrong"}
    shown = play.dana.reads(await play.dana.waits_for_form())
    fields = {label: text for label, text in fields.items() if label.split("?")[0] in shown}
    assert await play.dana.submits(fields) == {}
    await play.settles()
    seen = [m for who in ("priya", "olu") for m in getattr(play, who).dm()]
    seen += play.priya.messages("releases", thread=play.card("1.3.0"))
    held = [m for m in seen if "evil.example" in m.text]
    assert len(held) >= 3, "two who are called, and the thread"
    for message in held:
        for live in ("<!channel>", "<@U0ERIKA>", "<https://evil", ":tada:", "\u202e"):
            assert live not in str(message.blocks) + message.text, (live, message.text)
        for markup in ("*bold*", "`code`", "✅"):
            assert markup not in str(message.blocks), (markup, message.blocks)
