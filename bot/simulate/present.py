"""What a simulation begins from: the present state as far as it is known, read without changing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.domain.people import Colleague
from core.domain.policy import Policy
from core.domain.release import TrainChanges
from core.domain.versions import Version
from core.store import environments, members, people, products, releases
from core.store.engines import Database
from core.store.policies import active
from core.store.upgrade import current, head

FIRST = "1.0.0"  # what production runs where nobody has said it


@dataclass(frozen=True, slots=True)
class Present:
    """`groups` are Slack's user groups by id, `people` what they said about themselves, `trains` what was changed
    about them; `left_out` are releases in flight, which a simulation does not go on with."""

    version: str = FIRST
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    people: tuple[Colleague, ...] = ()
    trains: Mapping[str, TrainChanges] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    known: bool = False  # it was read from a store; else nothing is known but the policy


async def policy_text(url: str) -> str | None:
    """The active policy of a store; None where there is no store, an older one, or no policy in it."""
    if await current(url) != head():
        return None
    database = Database.open(url)
    try:
        async with database.reader.connect() as conn:
            found = await active(conn)
    finally:
        await database.close()
    return found.body if found is not None else None


async def present(url: str, policy: Policy) -> Present:
    """What the store of this address knows of the policy's product."""
    if await current(url) != head():
        return Present()
    database = Database.open(url)
    try:
        async with database.reader.connect() as conn:
            live = (await environments.of_product(conn, policy.product.key)).get("production")
            record = await products.load(conn, policy.product.key)
            groups = {key: tuple(sorted(one.people)) for key, one in (await members.groups(conn)).items()}
            roster = tuple((await people.everybody(conn)).values())
            open_ones = tuple(r.version for r in await releases.open_releases(conn, policy.product.key))
    finally:
        await database.close()
    number = Version.maybe(live.version) if live is not None and live.version else None
    return Present(str(number) if number else FIRST, groups, roster, record.trains, open_ones, known=True)


def unread(policy: Policy, now: Present) -> tuple[str, ...]:
    """The groups of the policy of which nobody knows who is in them."""
    return tuple(group for group in sorted(set(policy.groups().values())) if not now.groups.get(group))
