"""A deployment that fails, in the words of those who are there: told while it runs, decided on facts, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.runner.families import Families
from bot.runner.job import Job
from core.domain.pipeline.model import USES, Seen
from tests.policies import SHIPPED
from tests.scenarios.driver import HOTFIX, Team, team
from tests.scenarios.test_walks import hotfix_to_staging

PAYMENTS = 'name = "payments"\n'  # the smoke check; here a flag guards what it looks at
WRONG = Seen("failed", reason="1 of 5 smoke tests failed",
             found={"count": 5, "failing": [["payments", "500, expected 200"]]})  # fmt: skip


@dataclass
class Hands:
    """Does every step at once, as it is told."""

    seen: dict[str, Seen] = field(default_factory=dict)

    async def find(self, job: Job) -> str | None:
        return ""

    async def begin(self, job: Job) -> str:
        return job.key

    async def look(self, job: Job, ref: str) -> Seen:
        return self.seen.get(f"{job.kind} {job.step.uses}", Seen("done", "all well"))

    async def end(self, job: Job, ref: str) -> None:
        return

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        return ()


async def test_a_failing_smoke_test_is_told_decided_and_taken_back(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    shipped = SHIPPED.read_text(encoding="utf-8")
    policy.write_text(shipped.replace(PAYMENTS, f'{PAYMENTS}flag = "new_billing"\n'), encoding="utf-8")
    hands = Hands()
    async with team(tmp_path / "play", policy=policy) as play:
        play.app.runner.families = Families(dict.fromkeys(USES, hands))  # type: ignore[arg-type]
        await hotfix_to_staging(play)
        await the_plan_is_reviewed(play)
        await play.to_the_hour(HOTFIX)
        hands.seen["deploy smoke"] = WRONG
        await play.says("olu", f"go {HOTFIX}")
        await play.olu.clicks("Go")
        await play.settles()
        await everybody_is_asked(play)
        await nobody_answers(play)
        await it_is_taken_back(play)


async def the_plan_is_reviewed(play: Team) -> None:
    told = await play.says("olu", f"plan {HOTFIX}")
    assert "To production" in told and "no estimate yet" in told and "Smoke tests · " in told and "To v1.2.2" in told
    await play.olu.clicks("I have reviewed it")
    await play.settles()
    items = {i["name"]: i for i in (await play.facts(HOTFIX))["signoffs"]}
    assert items["plan.reviewed"]["state"] == "met" and items["plan.reviewed"]["by"] == "U0OLU"


async def everybody_is_asked(play: Team) -> None:
    """The thread, the channel and those who decide have the same facts and the ways on."""
    story = "\n".join(play.thread(HOTFIX))
    assert "The deployment of v1.2.2-hotfix.1 stopped and waits for a decision" in story
    assert "Smoke tests failed" in story and "Backend" in story
    for shown in (play.channel("releases"), [play.olu.reads(m) for m in play.olu.messages("dm")]):
        asked = next(text for text in shown if "1 of 5 smoke tests failed" in text and "Roll back to v1.2.2" in text)
        assert "payments   500, expected 200" in asked and "Switch off new_billing" in asked
        assert "It guards the check that failed" in asked and "If nobody has answered by" in asked
    await play.olu.clicks("Show the log", within="dm")
    form = await play.olu.waits_for_form()
    assert "1 of 5 smoke tests failed" in play.olu.reads(form)
    await play.olu.closes(everything=True)


async def nobody_answers(play: Team) -> None:
    await play.moves_to(play.clock.now() + timedelta(minutes=5))
    assert "Nobody has decided about v1.2.2-hotfix.1 yet; @Erika is called too." in "\n".join(play.thread(HOTFIX))
    assert any("Roll back to v1.2.2" in play.erika.reads(m) for m in play.erika.messages("dm"))


async def it_is_taken_back(play: Team) -> None:
    await play.olu.clicks("Roll back…", within="dm")
    await play.olu.waits_for_form()
    sent = {"severity": "customers cannot work", "reason": "payments answer 500"}
    assert await play.olu.submits(sent) == {}
    await play.settles()
    story = "\n".join(play.thread(HOTFIX))
    assert "v1.2.2-hotfix.1 was rolled back to v1.2.2" in story
    assert "Olu decided to roll back to v1.2.2 after 5 min: “payments answer 500”" in story
    asked = [play.olu.reads(m) for m in play.olu.messages("dm")]
    assert any("Olu decided to roll back" in text and "payments   500" in text for text in asked)
    assert await play.phase(HOTFIX) == "post-release"
    assert any("taken back" in text for text in play.channel("support"))
    assert (await play.facts(HOTFIX))["environments"]["production"]["version"] == "1.2.2"
