"""What a simulated world is put together from: settings of nobody, a store that counts, and who is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.settings import Settings
from bot.simulate.present import Present
from core.domain.policy import Policy
from core.domain.release import ProductRecord
from core.store import people, products
from core.store.unit_of_work import Store, Unit, Work


@dataclass(slots=True)
class Changes(Store):
    """Counts what was changed: units that lock no chain only claim or finish rows of their own."""

    changes: int = 0

    async def unit(
        self, work: Work, *, verb: str, chains: Iterable[str] = (), key: str | None = None, interactive: bool = True
    ) -> Any:
        chains = tuple(chains)
        self.changes += bool(chains)
        return await super(Changes, self).unit(work, verb=verb, chains=chains, key=key, interactive=interactive)


async def said_before(now: Present, product: str, unit: Unit) -> None:
    """What people said about themselves and changed about trains."""
    for one in now.people:
        await people.put(unit, one)
    await products.put(unit, ProductRecord(product, trains=dict(now.trains)))


def settings_at(place: Path) -> Settings:
    """Those of nobody: no variable of the environment counts, so no vendor can be reached."""
    return Settings.model_construct(
        slack_bot_token=SecretStr("xoxb-simulated"), slack_signing_secret=SecretStr("simulated"), data_dir=place,
        settle_seconds=0.0, pace_scale=0.0,
    )  # fmt: skip


def members_of(policy: Policy, groups: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Who is in each group of the policy. Of one that nobody has read it is assumed that all are in it who hold no
    other role, because a role that nobody holds would stop every release."""
    busy = {person for role in policy.roles for person in policy.static_members(role)}
    free = tuple(slack for slack in policy.names if slack not in busy) or tuple(policy.names)
    return {group: tuple(groups.get(group) or free) for group in sorted(set(policy.groups().values()))}
