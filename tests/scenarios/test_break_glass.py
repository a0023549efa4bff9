"""A gate that cannot be waited for: two people pass it in front of everybody, and a third one looks at it later."""

from __future__ import annotations

from core.usecases.trail import record_of
from tests.scenarios.driver import Team
from tests.scenarios.hands import clicks

CODE = "evidence.tests.performance"
WHY = "customers cannot pay since noon"


async def test_two_people_pass_a_gate_loudly_and_a_third_one_reviews_it_before_it_closes(stabilizing: Team) -> None:
    play = stabilizing
    await play.signs("1.3.0", "ready", but=("tests.performance",))
    await play.ci_reports("1.3.0", "performance", fails=True)
    assert "Performance tests run" in await play.says("priya", "ready 1.3.0")
    await one_asks_and_another_confirms(play)

    await play.says("priya", "ready 1.3.0")
    assert await play.phase("1.3.0") == "preparation", play.priya.private()
    assert "never passed" in await play.says("theo", f"override 1.3.0 approval.product_manager {WHY}")
    await clicks(play, "mira", "Approve (last signature)")
    await play.ships("1.3.0")
    live = next(m for m in play.channel("releases") if "is live" in m)
    assert "passed by override: Performance tests run (Theo and Olu)" in live, live
    for place in ("product-news", "support"):
        assert not any("override" in m or "Break-glass" in m for m in play.channel(place))
    await it_closes_after_the_review(play)


async def one_asks_and_another_confirms(play: Team) -> None:
    assert "needs another role" not in await play.says("theo", "override 1.3.0")
    assert await play.theo.submits({"reason": WHY}) == {}
    await play.settles()
    await play.theo.closes(everything=True)
    assert "A second person has to confirm it" in play.thread("1.3.0")[-1]
    assert "A second person" in await play.says("theo", f"override 1.3.0 {CODE} {WHY}")
    asked = next(m for m in reversed(play.olu.dm()) if "wants to break the glass" in play.olu.reads(m))
    before = [dict(block) for block in asked.blocks]
    assert "The gate of v1.3.0 is passed, by both of you" in await clicks(play, "olu", "Confirm it")
    assert "Theo and Olu passed Performance tests run of v1.3.0" in play.olu.reads(asked), play.olu.reads(asked)
    asked.blocks = before  # an old copy on another screen
    again = await clicks(play, "olu", "Confirm it", asked)
    assert "have passed it already" in again, again
    post = play.channel("releases")[-1]
    assert post.startswith("Break-glass: v1.3.0") and "passed by override of Theo and Olu" in post and WHY in post
    card = play.card_text("1.3.0")
    assert f"Break-glass: Performance tests run, passed by Theo and Olu: “{WHY}”" in card, card
    assert "passed by override of" in await play.says("dana", "why 1.3.0")


async def it_closes_after_the_review(play: Team) -> None:
    await play.signs("1.3.0", "close")
    assert "to review the override" in play.card_text("1.3.0")
    assert "The review of the override of “Performance tests run”" in await play.says("priya", "close 1.3.0")
    assert "somebody else reviews it" in await play.says("olu", "review 1.3.0")
    await clicks(play, "erika", "Review…")
    sent = await play.erika.submits({"right": "It was right", "reason": "the tests get an hour of their own machine"})
    assert sent == {}
    await play.settles()
    assert await play.phase("1.3.0") == "closed"
    story = play.thread("1.3.0")
    assert any("Erika reviewed the override of Performance tests run of v1.3.0: it was right" in x for x in story)
    record = await record_of(play.app.ctx, (await play.facts("1.3.0"))["id"])
    assert record["whole"] and "review" in [e["verb"] for e in record["entries"]]


async def test_a_drill_is_confirmed_by_a_second_person_and_shown_beside_the_environments(play: Team) -> None:
    assert "Break-glass last proven: never" in await play.says("dana", "environments")
    await play.says("theo", "drill Olu has never done it")
    assert await play.theo.submits({"gate": "A freeze"}) == {}
    await play.settles()
    await clicks(play, "olu", "Confirm it…")
    assert await play.olu.submits({"choice": "Roll back", "reason": "the data are whole"}) == {}
    await play.settles()
    post = play.channel("releases")[-1]
    assert post.startswith("Drill, nothing ships") and "Theo and Olu practised break-glass for a freeze" in post, post
    assert not play.channel("product-news") and not play.channel("support")
    assert "2026, drill, not reviewed yet" in await play.says("dana", "environments")
    await clicks(play, "erika", "Review…")
    assert await play.erika.submits({"right": "It was not right", "reason": "call the bank first"}) == {}
    await play.settles()
    assert "not reviewed" not in await play.says("dana", "environments")
