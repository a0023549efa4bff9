"""Does one effect: one match over the kinds, each telling what came of it; the outbox decides about failures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bot import files, filing, launching, protecting
from bot.drawing import FILE, LIVING, Addresses, Drawing, NotWanted, Spot, lives, living_kind, release_of
from bot.integrations.host import Host
from bot.integrations.slack import Posted, Slack
from bot.pace import GROUPS, HISTORY, PEOPLE, POST, Pace
from core.domain.facts import blocker_json
from core.domain.moves.outcome import order_of
from core.domain.moves.reports import ANNOUNCED
from core.domain.rehearsals import folder_of
from core.domain.repository import CutBranch, GitPlan, Promote, TagCandidate
from core.errors import Blocker, IntegrationError, Refused
from core.store import notes
from core.store.outbox import Claimed, newest_ts
from core.store.records import decode, encode
from core.store.unit import Unit
from core.usecases import drafting, flag_release, forge, integrating, rehearsing
from core.usecases.advance import Report, let_others_look_again
from core.usecases.context import Context
from core.usecases.groups import ROSTER, store_groups, wanted_groups
from core.usecases.people import wanted_people

Also = Callable[[Unit], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of an effect: kept on its row, rows that belong to it, and what the release hears."""

    result: Mapping[str, Any] = field(default_factory=dict)
    report: Report | None = None
    also: Also | None = None
    chains: tuple[str, ...] = ()  # that `also` needs beside the release's


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The ports that effects need."""

    ctx: Context
    slack: Slack
    host: Host
    pace: Pace
    addresses: Addresses = field(default_factory=dict)
    makers: Mapping[str, files.Maker] = field(default_factory=dict)  # of files, beside those that need nothing
    variables: Mapping[str, Any] = field(default_factory=dict)  # what is recorded of the environment of runs

    async def of(self, row: Claimed) -> Deliveries:
        """The same for what the row is about: a rehearsal has a repository and a host of its own, and no vendors."""
        release_id = release_of(row)
        if release_id is not None:
            ctx = await rehearsing.of_release(self.ctx, release_id)
        else:
            ctx = await rehearsing.of_chain(self.ctx, row.cause_chain)
        if ctx is self.ctx:
            return self
        return replace(self, ctx=ctx, host=self.host.apart(folder_of(ctx.product)))

    # -- messages --------------------------------------------------------------------------------------------------

    async def spot(self, row: Claimed) -> Spot:
        return await Drawing(self.ctx, self.slack, self.addresses).spot(row)

    async def slot(self, spot: Spot) -> None:
        await self.pace.slot(f"post:{spot.channel}", POST)

    async def send(self, row: Claimed, spot: Spot) -> Posted:
        if row.kind == FILE:
            return await files.send(self.ctx, self.slack, row, spot, self.makers)
        return await self.slack.post(
            spot.channel, spot.message.text, spot.message.blocks, key=row.key, thread_ts=spot.thread_ts,
            broadcast=spot.broadcast,
        )  # fmt: skip

    async def find(self, row: Claimed, spot: Spot) -> list[Posted]:
        """Where it stands already, oldest first."""
        await self.pace.slot("conversations.history", HISTORY)
        floor = spot.floor
        if not floor:
            async with self.ctx.store.database.reader.connect() as conn:
                floor = await newest_ts(conn, row.id, spot.channel)
        if row.kind == FILE:
            return await files.find(self.ctx, self.slack, row, spot, floor)
        found = await self.slack.find(spot.channel, row.key, oldest=floor, thread_ts=spot.thread_ts)
        return sorted(found, key=lambda where: where.ts)

    def posted(self, row: Claimed, spot: Spot, where: Posted) -> Delivered:
        """A message stands: living ones are edited from now on, and the release hears of its announcement."""
        release_id = release_of(row)
        result = {"channel": where.channel, "ts": where.ts}
        if release_id is None or row.kind not in ("slack.post", *LIVING):
            return Delivered(result)
        told = None
        if row.kind == "slack.post" and row.body["place"] in ANNOUNCED:
            body = {"place": row.body["place"], "moment": row.body["moment"], **result}
            told = Report("posted", release_id, body)
        if row.kind == "slack.post" and not spot.kind:
            return Delivered(result, told)
        kind, person = (spot.kind, spot.person) if spot.kind else living_kind(row)
        return Delivered(result, told, partial(lives, release_id=release_id, of=(kind, person), spot=spot, where=where))

    # -- everything else -------------------------------------------------------------------------------------------

    async def do(self, row: Claimed) -> Delivered:
        """An effect that is no message; done twice it has the same result."""
        release_id, body = release_of(row), row.body
        if self.ctx.over:
            raise NotWanted("the rehearsal is over")
        if row.kind == "others.look_again":
            return Delivered({"others": await self._looked_again(release_id)})
        if row.kind == "environment.put":
            return await self._put(body)
        if release_id is None and row.kind.startswith("forge."):
            return Delivered(await protecting.alone(self.ctx, row.kind, body))
        if release_id is None:
            raise ValueError(f"the effect {row.kind} is about no release")
        match row.kind:
            case "git.plan":
                return await self._plan(release_id, body)
            case "git.push":
                return await self._push(release_id, body)
            case "git.try":
                return await self._try(release_id, body)
            case "git.file":
                return Delivered(await filing.filed(self.ctx, body))
            case "git.find":
                return Delivered({}, Report("git.found", release_id, await drafting.find(self.ctx, release_id, body)))
            case "flags.read":
                return Delivered({}, Report("flags.read", release_id, await flag_release.read(self.ctx, release_id)))
            case "scope.read":
                return await self._scope(release_id, body)
            case "fixes.read":
                return await self._fixes(release_id, body)
            case "range.read":
                return await self._range(release_id, body)
            case "members.read":
                return await self._members(release_id)
            case "deploy":
                return await self._deploy(release_id, body)
            case "run.word":
                return Delivered(also=launching.heard(self.ctx, release_id, body))
            case "forge.milestone" | "forge.pull" | "forge.release" | "forge.latest" | "forge.read":
                return await self._forge(row.kind, release_id, body)
            case "forge.deployment" | "forge.protect":
                return await self._forge(row.kind, release_id, body)
            case kind:
                raise ValueError(f"there is no effect {kind}")

    async def _looked_again(self, release_id: int | None) -> int:
        """The other releases of a release's product; without one all there are, rehearsed ones too."""
        told = await let_others_look_again(self.ctx, release_id or 0)
        for one in await rehearsing.running(self.ctx) if release_id is None else ():
            told += await let_others_look_again(one, 0)
        return told

    async def _plan(self, release_id: int, body: Mapping[str, Any]) -> Delivered:
        same = _told(body)
        try:
            plan = await self.ctx.repository.plan(order_of(body["order"]))
        except Refused as refused:
            return Delivered(report=Report("git.refused", release_id, {**same, "blockers": _json(refused.blockers)}))
        return Delivered({"refs": len(plan.refs)}, Report("git.planned", release_id, {**same, "plan": encode(plan)}))

    async def _push(self, release_id: int, body: Mapping[str, Any]) -> Delivered:
        same = _told(body)
        order = order_of(body["order"])
        try:
            pushed = await self.ctx.repository.push(order, decode(GitPlan, body["plan"]))
        except Refused as refused:
            return Delivered(report=Report("git.refused", release_id, {**same, "blockers": _json(refused.blockers)}))
        said = {"outcome": pushed.outcome, "detail": pushed.detail}
        if pushed.outcome == "moved":
            return Delivered(said, Report("git.moved", release_id, {**same, **said}))
        if pushed.outcome == "rejected":
            why = _json((Blocker("git.rejected", {"detail": pushed.detail}),))
            return Delivered(said, Report("git.refused", release_id, {**same, "blockers": why}))
        base = {CutBranch: "from_sha", TagCandidate: "sha"}.get(type(order), "")
        contains = await self._contains(getattr(order, base), body.get("check") or {}) if base else []
        return Delivered(said, Report("git.pushed", release_id, {**same, **said, "contains": contains}))

    async def _try(self, release_id: int, body: Mapping[str, Any]) -> Delivered:
        """A promotion as it would be today; no ref moves."""
        order = order_of(body["order"])
        assert isinstance(order, Promote)
        told: dict[str, Any] = {"head": body["head"], "branches": [order.main, *order.merge_into]}
        told |= {"conflicts": [], "problem": []}
        try:
            plan = await self.ctx.repository.plan(order)
            told["conflicts"] = [encode(conflict) for conflict in plan.conflicts]
        except Refused as refused:
            told["problem"] = _json(refused.blockers)
        return Delivered({"conflicts": len(told["conflicts"])}, Report("git.tried", release_id, told))

    async def _contains(self, head: str, shipped: Mapping[str, str]) -> list[str]:
        """The shipped versions whose commit is in the history of `head`."""
        return [version for version, sha in shipped.items() if await self.ctx.repository.contains(sha, head)]

    async def _scope(self, release_id: int, body: Mapping[str, Any]) -> Delivered:
        """What is in the release, read from the remote; its draft is written by the unit that takes this in."""
        read = await drafting.scope(self.ctx, release_id, body)
        if read is None:
            return Delivered({"count": 0, "head": ""})
        (told, draft), at = read, self.ctx.clock.now()

        async def store(unit: Unit) -> None:
            await notes.put(unit, release_id, draft, at)

        result = {"count": len(told["changes"]), "head": told["head"]}
        return Delivered(result, Report("scope.read", release_id, told), store)

    async def _forge(self, kind: str, release_id: int, body: Mapping[str, Any]) -> Delivered:
        """Something is asked of the host of the code; without one it is done."""
        told = await forge.done(self.ctx, release_id, kind, body)
        return Delivered({"host": told is not None}, None if told is None else Report(kind, release_id, told))

    async def _fixes(self, release_id: int, body: Mapping[str, Any]) -> Delivered:
        """What the branch of an ended release has and develop does not."""
        remote = await self.ctx.repository.look(max_age=0.0)
        base, head = (remote.heads.get(str(body[name]), "") for name in ("base", "branch"))
        if not base or not head:
            return Delivered()
        found = [encode(commit) for commit in await self.ctx.repository.changes(base, head)]
        told = {"base": body["base"], "branch": body["branch"], "named": bool(body.get("named")), "changes": found}
        return Delivered({"count": len(found)}, Report("fixes.read", release_id, told))

    async def _range(self, release_id: int, body: Mapping[str, Any]) -> Delivered:
        """What one commit has and another has not, both ways: a branch may also have been pushed back."""
        base, head = str(body["base"]), str(body["head"])
        ways = {"came": (base, head), "went": (head, base)}
        read = {name: [encode(c) for c in await self.ctx.repository.changes(*way)] for name, way in ways.items()}
        told = {name: body[name] for name in ("candidate", "before", "people", "by")} | read
        return Delivered({name: len(found) for name, found in read.items()}, Report("range.read", release_id, told))

    async def read_groups(self) -> dict[str, list[str]]:
        """Every group that fills a role, as Slack shows it now."""
        read: dict[str, list[str]] = {}
        for group in await wanted_groups(self.ctx):
            await self.pace.slot("usergroups.users.list", GROUPS)
            read[group] = list(await self.slack.group_members(group))
        return read

    async def read_zones(self) -> dict[str, str]:
        """The time zones of people about whom Slack was not asked lately; "" for whom it does not know."""
        read: dict[str, str] = {}
        for person in await wanted_people(self.ctx):
            await self.pace.slot("users.info", PEOPLE)
            try:
                read[person] = (await self.slack.profile(person)).zone
            except IntegrationError as error:
                if error.retryable:
                    break
                read[person] = ""
        return read

    async def _members(self, release_id: int) -> Delivered:
        at = self.ctx.clock.now() - self.ctx.ahead
        read = await self.read_groups()

        async def store(unit: Unit) -> None:
            await store_groups(self.ctx, read, at, unit)

        return Delivered({"groups": len(read)}, Report("members.read", release_id), store, (ROSTER,))

    async def _deploy(self, release_id: int, body: Mapping[str, Any]) -> Delivered:
        if body.get("steps"):
            told = {**body, "variables": self.variables}
            return Delivered({"pipeline": True}, also=await launching.begun(self.ctx, release_id, told))
        where = str(body["environment"]), str(body["version"]), str(body["sha"])
        outcome = await self.host.deploy(*where, body.get("builds", ()))
        told = {"run": body["run"], "reason": outcome.reason, "steps": list(outcome.steps)}
        return Delivered({"ok": outcome.ok}, Report("run.done" if outcome.ok else "run.failed", release_id, told))

    async def _put(self, body: Mapping[str, Any]) -> Delivered:
        """A candidate or develop on an environment that no release goes through."""
        if body.get("steps"):
            told = {**body, "variables": self.variables}
            return Delivered({"pipeline": True}, also=await launching.begun(self.ctx, None, told))
        what = str(body["version"] or body["what"])
        outcome = await self.host.deploy(str(body["environment"]), what, str(body["sha"]))

        async def record(unit: Unit) -> None:
            await integrating.arrived(self.ctx, unit, body, "" if outcome.ok else outcome.reason)

        return Delivered({"ok": outcome.ok}, also=record)


def _told(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("purpose", "attempt") if name in body}


def _json(blockers: tuple[Blocker, ...]) -> list[dict[str, Any]]:
    return [blocker_json(blocker) for blocker in blockers]
