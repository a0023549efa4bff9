"""What every use case needs: store, clock, repository, and the policies from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.authorise import permission
from core.domain.days_off import DaysOff
from core.domain.notes.model import Draft
from core.domain.people import Roster, seated
from core.domain.policy import Act, Policy, parse_policy
from core.errors import NotFound, Refused
from core.ports import Clock, Copies, Forge, Repository, Tails, Tracker
from core.store import members, people, policies, releases
from core.store import notes as stored_notes
from core.store.engines import Conn
from core.store.reads import Reads
from core.store.unit_of_work import Store

MOST_KNOWN = 4096  # releases whose product is remembered
MOST_DRAFTS = 32  # kept parsed; of a large product one is some megabytes


@dataclass(frozen=True)
class Context:
    """One per process; holds no state but what was parsed of texts that never change under their hash or stamp."""

    store: Store
    reads: Reads
    clock: Clock
    repository: Repository
    product: str
    forge: Forge | None = None  # None: no forge is connected, everything works from plain git
    tracker: Tracker | None = None  # None: nobody tells titles and states of issue keys
    copies: Copies | None = None  # None: nothing can be rehearsed
    tails: Tails | None = None  # None: nobody here sees what a step says before it has ended
    ahead: timedelta = timedelta()  # of a rehearsal: how far its clock is ahead of what Slack was asked at
    over: bool = False  # of a rehearsal that has ended
    _parsed: dict[str, Policy] = field(default_factory=dict, repr=False)
    _products: dict[int, str] = field(default_factory=dict, repr=False)
    _drafts: dict[int, tuple[str, Draft]] = field(default_factory=dict, repr=False)

    async def policy(self) -> Policy:
        """The active policy. Raises NotFound before the first start."""
        async with self.store.database.reader.connect() as conn:
            return await self.active_policy(conn)

    async def active_policy(self, conn: Conn) -> Policy:
        found = await policies.active(conn)
        if found is None:
            raise NotFound("no policy is active yet")
        return self._parse(found.hash, found.body)

    async def pinned_policy(self, conn: Conn, policy_hash: str) -> Policy:
        known = self._parsed.get(policy_hash)
        if known is not None:
            return known
        found = await policies.load(conn, policy_hash)
        return self._parse(found.hash, found.body)

    def _parse(self, policy_hash: str, body: str) -> Policy:
        if policy_hash not in self._parsed:
            self._parsed[policy_hash] = parse_policy(body)
        return self._parsed[policy_hash]

    async def product_of(self, release_id: int) -> str:
        """The key of a release's product, which never changes; "" when there is no such release."""
        if release_id not in self._products:
            async with self.store.database.reader.connect() as conn:
                found = await releases.product_of(conn, release_id)
            if not found:
                return ""
            if len(self._products) >= MOST_KNOWN:
                self._products.clear()
            self._products[release_id] = found
        return self._products[release_id]

    async def draft(self, conn: Conn, release_id: int) -> Draft | None:
        """The stored draft of the notes; parsed again only when another one was written."""
        digest = await stored_notes.digest_of(conn, release_id)
        known = self._drafts.get(release_id)
        if not digest or (known is not None and known[0] == digest):
            return known[1] if digest and known else None
        found = await stored_notes.load(conn, release_id)
        if found is not None:
            if len(self._drafts) >= MOST_DRAFTS:
                self._drafts.pop(next(iter(self._drafts)))
            self._drafts[release_id] = (digest, found)
        return found


async def role_members(conn: Conn, policy: Policy, at: datetime) -> tuple[Mapping[str, tuple[str, ...]], Any]:
    """Who holds each role at an instant: the people of the policy, the rows of Slack's groups, and those who stand in
    for one of them; and how old the groups are.

    A role whose group was never read is absent: nobody can sign for it yet, but a release may be started.
    """
    held, read_at = await holders(conn, policy)
    return seated(held, await roster_of(conn, policy), at)[0], read_at


async def permitted(ctx: Context, conn: Conn, act: Act, actor: str, event: str) -> Policy:
    """The active policy, for somebody who may do this by it. Raises Refused with who may; `event` is what was asked."""
    policy = await ctx.active_policy(conn)
    found, _ = await role_members(conn, policy, ctx.clock.now())
    if (stranger := permission(policy, found, act, actor, event)) is not None:
        raise Refused([stranger], asked=event)
    return policy


async def roles_at(ctx: Context, conn: Conn, person: str, at: datetime) -> list[str]:
    """The roles of somebody at an instant, as the trail keeps them; none before the first policy."""
    try:
        policy = await ctx.active_policy(conn)
    except NotFound:
        return []
    members, _ = await role_members(conn, policy, at)
    return sorted(role for role, people in members.items() if person in people)


async def holders(conn: Conn, policy: Policy) -> tuple[dict[str, tuple[str, ...]], datetime | None]:
    """The same without those who stand in."""
    groups = await members.groups(conn)
    found: dict[str, tuple[str, ...]] = {}
    ages = []
    for name, role in policy.roles.items():
        if role.group is None:
            found[name] = policy.static_members(name)
            continue
        group = groups.get(role.group)
        if group is not None:  # one that was never read is unknown, which is not the same as empty
            found[name] = tuple(sorted(group.people))
            ages.append(group.read_at)
    return found, min(ages, default=None)


async def roster_of(conn: Conn, policy: Policy) -> Roster:
    """What people said about themselves, with the policy's zone and hours for the others."""
    off = next((train.off for train in policy.trains.values() if train.country), DaysOff())
    return Roster(await people.everybody(conn), policy.zone, policy.working_hours.hours, off)
