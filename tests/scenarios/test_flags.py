"""A flag from first to last: made, shipped, rolled out by two, off in a failure, looked at, decided, archived."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.runner.families import Families
from core.domain.pipeline.model import USES, Seen
from tests.policies import SHIPPED
from tests.scenarios.driver import HOTFIX, Team, team
from tests.scenarios.test_failing_deployment import WRONG, Hands, the_plan_is_reviewed

FLAG, WHY = "new_billing", "the first people shall pay that way"
CODE = ("app/payments.py", f'TIMEOUT = 30\nif is_on("{FLAG}"):\n    TIMEOUT = 60\n')


async def test_a_flag_from_first_to_last(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    shipped = SHIPPED.read_text(encoding="utf-8")
    policy.write_text(shipped.replace("settled_days = 14", "settled_days = 1"), encoding="utf-8")
    hands = Hands()
    async with team(tmp_path / "play", policy=policy) as play:
        play.app.runner.families = Families(dict.fromkeys(USES, hands))  # type: ignore[arg-type]
        await dana_makes_it_and_a_release_brings_it(play)
        await two_people_roll_it_out(play)
        hands.seen["deploy smoke"] = WRONG
        await a_failed_deployment_offers_it(play, hands)
        await somebody_else_looks_at_it(play)
        await it_grows_by_the_hour_and_is_decided(play)
        await the_next_release_asks_about_it(play)


async def dana_makes_it_and_a_release_brings_it(play: Team) -> None:
    await play.dana.types(f"/release flag new {FLAG}")
    await play.dana.waits_for_form()
    assert await play.dana.submits({"about": "Pays by the new provider"}) == {}
    await play.dana.closes(everything=True)
    await play.says("priya", "start hotfix card payments time out")
    play.product.commit(f"hotfix/{HOTFIX}", *CODE, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    await play.says("theo", f"candidate {HOTFIX}")
    (row,) = (await play.facts(HOTFIX))["flags"]
    assert (row["name"], row["what"], row["places"], row["undecided"]) == (FLAG, "added", ["app/payments.py:2"], True)
    await play.to_preparation(HOTFIX)
    asked = play.theo.reads(play.theo.messages("dm")[-1])
    assert "1 flag" in asked, asked
    for who in ("theo", "olu"):
        await getattr(play, who).clicks("Approve" if who == "theo" else "Approve (last signature)", within="dm")
        await play.settles()


async def two_people_roll_it_out(play: Team) -> None:
    await play.says("dana", f"flag {FLAG}")
    await play.dana.clicks("Change…")
    await play.dana.waits_for_form()
    assert await play.dana.submits({"to": "steps", "steps": "10 25 100", "reason": WHY}) == {}
    await play.dana.closes(everything=True)
    await play.settles()
    asked = play.olu.reads(play.olu.messages("dm")[-1])
    assert "Dana wants to roll new_billing out in production: 10 → 25 → 100 %" in asked, asked
    await play.olu.clicks("Agree", within="dm")
    await play.settles()
    told = "\n".join([*play.thread(HOTFIX), play.olu.private()])
    assert "Dana raised new_billing in production from 0 % to 10 %, with Olu" in told and "Next: 25 %" in told, told
    assert "Olu agreed" in play.dana.reads(play.dana.messages("dm")[-1])


async def a_failed_deployment_offers_it(play: Team, hands: Hands) -> None:
    await the_plan_is_reviewed(play)
    await play.to_the_hour(HOTFIX)
    await play.says("olu", f"go {HOTFIX}")
    await play.olu.clicks("Go")
    await play.settles()
    asked = play.thread(HOTFIX)[-1]
    assert "Switch off new_billing" in asked, asked
    hands.seen["deploy smoke"] = Seen("done", "all well")
    await play.olu.clicks("Switch off…", within="dm")
    await play.olu.waits_for_form()
    assert await play.olu.submits({"reason": "payments answer 500"}) == {}
    await play.settles()
    story = "\n".join(play.thread(HOTFIX))
    assert "Olu switched new_billing in production off; it was 10 %" in story, story
    await play.signs(HOTFIX, "deployed")
    assert await play.phase(HOTFIX) == "post-release"


async def somebody_else_looks_at_it(play: Team) -> None:
    await play.theo.clicks("Review…", within="dm")
    await play.theo.waits_for_form()
    assert await play.theo.submits({"right": "yes", "reason": "a test for the provider follows"}) == {}
    await play.theo.closes(everything=True)
    await play.settles()
    assert "Theo looked at your change of new_billing: it was right" in play.olu.reads(play.olu.messages("dm")[-1])


async def it_grows_by_the_hour_and_is_decided(play: Team) -> None:
    told = await play.says("dana", f"flag {FLAG} 90% {WHY}")
    assert "to agree" in told, told
    await play.olu.clicks("Agree", within="dm")
    await play.settles()
    await play.says("dana", f"flag {FLAG} 100% {WHY}")
    await play.olu.clicks("Agree", within="dm")
    await play.settles()
    why = await play.says("dana", f"why {HOTFIX}")
    assert "new_billing comes with it. @Dana decides what becomes of it" in why and "1 place in the code" in why, why
    await play.says("dana", f"flag {FLAG} keep the old provider ends in spring")
    await play.dana.waits_for_form()
    assert await play.dana.submits() == {}
    await play.dana.closes(everything=True)
    await play.settles()
    assert not (await play.facts(HOTFIX))["flags"][0]["undecided"]
    assert "Dana keeps new_billing for one more release" in "\n".join(play.thread(HOTFIX))


async def the_next_release_asks_about_it(play: Team) -> None:
    await play.moves_to(play.clock.now() + timedelta(days=2))
    await play.says("priya", "start minor")
    version = "1.3.0"
    (row,) = (await play.facts(version))["flags"]
    assert (row["what"], row["why"]) == ("old", ["settled"]), row
    seen = await play.says("dana", f"checklist {version}")
    assert seen is not None
    await play.dana.closes(everything=True)
    assert "new_billing" in await play.says("dana", "flags")
    for what, reason in (("off", "the provider has gone"), ("archive", "its code is gone")):
        await play.says("dana", f"flag {FLAG} decide {reason}")
        await play.dana.waits_for_form()
        assert await play.dana.submits({"what": what}) == {}
        await play.dana.closes(everything=True)
        await play.settles()
    assert not (await play.facts(version))["flags"]
    assert "There are no feature flags yet" in await play.says("dana", "flags")
