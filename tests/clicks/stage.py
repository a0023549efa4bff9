"""Several hotfixes that wait for the signatures of two roles, with a small team or one of twenty people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.app import App
from core.usecases import look
from core.usecases.advance import Ask, perform
from core.usecases.evidence import Posted, take
from core.usecases.heads import observe
from core.usecases.start import start
from sandbox.product.ci import kinds_of, report_of
from tests.torture.world import POLICY, World

STARTER = "U0PRIYA"
TECH = ("U0THEO", "U0BEN", "U0INES", "U0KIM", "U0DANA")
DEVOPS = ("U0OLU",)
BOTH = "U0INES"  # is in DevOps too, and nobody signs in two roles
STRANGERS = ("U0SANA", "U0ERIKA", "U0JO")
HIRED = tuple(f"U0ENG{number}" for number in range(1, 11))  # who makes the small team one of twenty
CHANGES = (
    ('people = ["theo"]', 'group = "S0ENG"'),
    ('people = ["olu"]', 'group = "S0OPS"'),
    (
        'approvals = [{ role = "tech_lead" }, { role = "devops" }]',
        'approvals = [{ role = "tech_lead", count = 4 }, { role = "devops" }]',
    ),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who clicks: `tech` and `devops` may sign, `wavering` of them change their minds, `strangers` may not."""

    tech: tuple[str, ...] = TECH
    wavering: tuple[str, ...] = ("U0KIM", "U0DANA")

    @property
    def seats(self) -> tuple[tuple[str, str], ...]:
        return tuple((p, "tech_lead") for p in self.tech) + tuple((p, "devops") for p in DEVOPS)

    @property
    def people(self) -> frozenset[str]:
        return frozenset({*self.tech, *DEVOPS, *STRANGERS, STARTER})


SMALL, TWENTY = Cast(), Cast((*TECH, *HIRED), ("U0KIM", "U0DANA", *HIRED[:3]))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A release in preparation; `digest` is what is signed."""

    id: int
    version: str
    digest: str


def policy(folder: Path) -> Path:
    """The policy of the product, with user groups behind the two roles and more signatures."""
    text = POLICY.read_text(encoding="utf-8")
    for old, new in CHANGES:
        assert old in text, f"the policy has no {old}"
        text = text.replace(old, new)
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def prepare(world: World, count: int, cast: Cast = SMALL) -> list[Waiting]:
    """Hotfixes up to the question for approvals, each asked of everybody who may sign."""
    people = world.slack.state.members
    for new in set(cast.tech) - set(people):
        people[new] = replace(people["U0BEN"], id=new, name=new.removeprefix("U0").capitalize(), email="")
        world.slack.state.channels["C0RELEASES"].members.add(new)
    world.slack.people.set_group("S0ENG", [*cast.tech, STARTER], silently=True)
    async with world.at_hand() as app:
        await app.scheduler.sweep_groups()
        return [await _one(world, app, number) for number in range(1, count + 1)]


async def _one(world: World, app: App, number: int) -> Waiting:
    version = f"1.2.2-hotfix.{number}"
    opened = await start(app.ctx, Ask(STARTER, "start", input={"kind": "hotfix", "reason": "card payments time out"}))
    assert opened.facts["version"] == version
    await app.settle()
    path, text = f"asset_anchor/fix_{number}.py", f"FIXED = {number}\n"
    world.product.commit(f"hotfix/{version}", path, text, author="Jo", subject=f"fix: number {number}")
    await observe(app.ctx, max_age=0.0)
    await app.settle()
    await _do(app, opened.release, STARTER, "candidate")
    await app.settle()
    candidate = (await look.by_id(app.ctx, opened.release))["candidate"]
    for kind in kinds_of(candidate["tag"]):
        await take(app.ctx, Posted(candidate["sha"], kind, "ci", report_of(kind, candidate["tag"])))
    await _do(app, opened.release, STARTER, "tick", item="notes.final")
    facts = await _do(app, opened.release, STARTER, "ready")
    await app.settle()
    return Waiting(opened.release, version, facts["candidate"]["digest"])


async def _do(app: App, release: int, who: str, event: str, **given: object) -> Mapping[str, Any]:
    return (await perform(app.ctx, Ask(who, event, release=release, input=given))).facts
