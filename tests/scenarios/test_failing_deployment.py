"""A deployment that fails, in the words of those who are there: told while it runs, decided on facts, taken back."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from bot.runner.commands import Commands
from bot.runner.families import Families
from bot.runner.job import Job
from core.domain.pipeline.model import USES, Seen
from tests.bot.runner.conftest import Bench, until
from tests.policies import SHIPPED
from tests.scenarios.driver import HOTFIX, Team, team
from tests.scenarios.test_walks import hotfix_to_staging

PAYMENTS = 'name = "payments"\n'  # the smoke check; here a flag guards what it looks at
WRONG = Seen("failed", reason="1 of 5 smoke tests failed",
             found={"count": 5, "failing": [["payments", "500, expected 200"]]})  # fmt: skip


@dataclass
class Hands:
    """Does every step at once, as it is told; `killed` is one that a real command does, and whose shim is killed."""

    seen: dict[str, Seen] = field(default_factory=dict)
    commands: Commands | None = None
    killed: str = ""
    ref: str = ""

    async def find(self, job: Job) -> str | None:
        return ""

    async def begin(self, job: Job) -> str:
        if self.killed == f"{job.kind} {job.step.uses}" and self.commands is not None:
            self.ref = await self.commands.begin(replace(job, step=replace(job.step, command=("/bin/sleep", "0.2"))))
            begun = self.commands.workshop.folder / self.ref / "begun"
            await until(begun.exists)
            os.kill(int(begun.read_text()), signal.SIGKILL)
            return self.ref
        return job.key

    async def look(self, job: Job, ref: str) -> Seen:
        if self.commands is not None and ref == self.ref:
            return await self.commands.look(replace(job, machine=""), ref)
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


async def test_nobody_knows_what_a_step_did_and_then_a_roll_back_fails_itself(tmp_path: Path) -> None:
    hands = Hands(commands=Bench(tmp_path / "desk").process())
    async with team(tmp_path / "play", policy=SHIPPED) as play:
        play.app.runner.families = Families(dict.fromkeys(USES, hands))  # type: ignore[arg-type]
        await hotfix_to_staging(play)
        await the_plan_is_reviewed(play)
        await play.to_the_hour(HOTFIX)
        hands.killed = "deploy migrate"
        await play.says("olu", f"go {HOTFIX}")
        await play.olu.clicks("Go")
        await play.settles()
        asked = play.thread(HOTFIX)[-1]
        assert "at step 5 of 13, Database migrations, and nobody can tell what it did. Nothing more runs." in asked
        assert "No suggestion before somebody has looked there." in asked and "[It worked…] [Try again]" in asked
        hands.killed, hands.seen["deploy smoke"] = "", WRONG
        await play.says("olu", f"worked {HOTFIX} I looked, the table is there")
        await play.settles()
        story = "\n".join(play.thread(HOTFIX))
        assert "✅ Olu said that the step did its work: “I looked, the table is there”" in story
        assert "✅ Database migrations applied · @Olu" in story and "step 10 of 13, Smoke tests" in story
        await the_way_back_fails_too(play, hands)


async def the_way_back_fails_too(play: Team, hands: Hands) -> None:
    hands.seen["roll back roll_back"] = Seen("failed", reason="the host refuses")
    await play.olu.clicks("Roll back…", within="dm")
    await play.olu.waits_for_form()
    assert await play.olu.submits({"severity": "customers cannot work", "reason": "payments answer 500"}) == {}
    await play.settles()
    stood = play.thread(HOTFIX)[-1]
    assert "Roll back: Backend failed" in stood and "production may be between two versions" in stood
    assert "Backend: nobody knows\nFrontend: still v1.2.2-hotfix.1" in stood
    assert "Called: @Priya, @Olu, @Theo and @Erika. Production stays locked." in stood
    assert any("the rollback stopped" in play.erika.reads(m) for m in play.erika.messages("dm"))
    assert "was rolled back" not in "\n".join(play.thread(HOTFIX)) and await play.phase(HOTFIX) == "deployment"
    del hands.seen["roll back roll_back"]
    await play.says("olu", f"retry {HOTFIX}")
    await play.settles()
    assert "v1.2.2-hotfix.1 was rolled back to v1.2.2 · 4 steps" in "\n".join(play.thread(HOTFIX))
    there = (await play.facts(HOTFIX))["environments"]["production"]
    assert there["version"] == "1.2.2" and there["lock"]["until_cleared"]
