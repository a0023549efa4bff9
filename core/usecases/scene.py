"""One release inside one unit of work: loaded whole, decided purely, saved once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.domain import risk
from core.domain.due import next_wake
from core.domain.effects import BOT, Effect
from core.domain.engine import Decided, Step
from core.domain.facts import project
from core.domain.facts_parts import since_of
from core.domain.open_since import noticed
from core.domain.release import Decision, Phase, Release
from core.domain.shipped import known, to_hold
from core.domain.situation import Situation
from core.store import anchors, decisions, environments, evidence, products, releases
from core.store.clashes import UnitClash
from core.store.columns import instant, iso
from core.store.unit_of_work import Unit, release_chain
from core.usecases.archiving import file_documents
from core.usecases.context import Context, holders, roster_of
from core.usecases.measuring import Noted, follow
from core.usecases.retro import trail_of


@dataclass
class Scene:
    """What a unit knows about one release, and what it will write."""

    unit: Unit
    s: Situation
    was: Release  # as it is stored
    _effects: list[Effect] = field(default_factory=list)
    _noted: Noted = field(default_factory=Noted)

    @classmethod
    async def load(cls, ctx: Context, unit: Unit, release_id: int) -> Scene:
        """The release as it is stored; the unit holds its chain and the product's. Raises NotFound."""
        return await cls.around(ctx, unit, await releases.load(unit.conn, release_id))

    @classmethod
    async def around(cls, ctx: Context, unit: Unit, release: Release) -> Scene:
        """The scene of a release that may not be stored yet."""
        conn = unit.conn
        policy = await ctx.pinned_policy(conn, release.policy_hash)
        held, read_at = await holders(conn, policy)
        s = Situation(
            release,
            policy,
            ctx.clock.now(),
            tuple(await decisions.standing(conn, release.id)) if release.id else (),
            await environments.of_product(conn, release.product),
            held,
            tuple(await releases.open_releases(conn, release.product)),
            product=await products.load(conn, release.product),
            read_at=read_at + ctx.ahead if read_at else None,
            draft=await ctx.draft(conn, release.id) if release.id else None,
            evidence_found=await evidence.of_commit(conn, release.product, release.candidate.sha)
            if release.candidate
            else (),
            roster=await roster_of(conn, policy),
            anchor=await _newest_anchor(unit) if release.phase is Phase.PREPARATION else "",
        )
        return cls(unit, s.reseated(), release)

    async def look_back(self) -> None:
        """Read the record of the release too, for what looks back at it."""
        self.s = replace(self.s, trail=await trail_of(self.unit.conn, self.s.release.id))

    async def write(self, decided: Decided) -> None:
        """Write each step: signatures, environments, what the product remembers, audit entry, anchor."""
        product = self.s.product
        for step in decided.steps:
            await self._write_step(step)
            self._effects += step.outcome.effects
        self.s = decided.s
        if decided.s.product != product:
            await products.put(self.unit, decided.s.product)
        if any(d.gate == "approval" for step in decided.steps for d in step.outcome.sign):
            await anchors.make(self.unit, self.s.now)  # the tag's message names it, so it covers the approvals
        if any(step.outcome.anchor for step in decided.steps):
            anchor = await anchors.make(self.unit, self.s.now)
            if anchor:
                self.s = replace(self.s, release=replace(self.s.release, record=anchor.short))

    async def _write_step(self, step: Step) -> None:
        release_id = step.after.id
        for gone in step.outcome.withdraw:
            await decisions.take_back(self.unit, release_id, gone, at=self.s.now, why=step.verb)
        for new in step.outcome.sign:
            recorded = await decisions.record(self.unit, release_id, new)
            if not recorded.new and recorded.decision not in self.s.decisions:
                raise UnitClash  # somebody was quicker; run again, this unit has not seen it
        for stated in step.outcome.evidence:
            await evidence.add(self.unit, step.after.product, stated, after=self.unit.seq(release_chain(release_id)))
        for env in step.outcome.environments:
            await environments.put(self.unit, step.after.product, env)
        if not step.quiet:
            entry, chain = _entry(step, self.s), release_chain(release_id)
            actor = step.act.actor or BOT
            await self.unit.audit(chain, actor, step.verb, step.after.policy_hash, entry, self.s.now)
            self._noted.add(step.verb, instant(self.unit.heads[chain].at), entry)

    async def save(self) -> None:
        """Write release, facts and outbox rows; every message carries the facts of this moment."""
        release = self.s.release
        facts = project(self.s, posts=release.posts, record=release.record)
        release = noticed(release, facts["blockers"], self.s.now)
        release = await follow(self.unit, self.was, release, self._noted, self.s.evidence_found)
        before, self.was = self.was, release
        self.s = replace(self.s, release=release)
        facts["open_since"] = since_of(release)
        await file_documents(self.unit, before, self.s, facts)
        await releases.save(self.unit, release, facts=facts, wake_at=next_wake(release, self.s.now))
        for effect in self._effects:
            await self._post(effect, facts)
        self._effects.clear()
        self.unit.want(release.id)

    async def _post(self, effect: Effect, facts: Mapping[str, Any]) -> None:
        release = self.s.release
        body: dict[str, Any] = {"release": release.id, **effect.body}
        if effect.kind == "slack.post":
            data = {"actor": "", "reason": "", **effect.body["data"], "facts": facts}  # type: ignore[dict-item]
            body["data"] = data | ({"record": release.record} if "record" in data else {})
        if effect.kind in ("git.plan", "git.push"):
            body["check"] = to_hold(self.s.product, self.s.production)
        if effect.kind in ("git.plan", "git.push", "git.try"):
            body["order"] = self._with_known(body["order"])
        if effect.kind == "deploy" and "order" in body.get("git", {}):
            body["git"] = {**body["git"], "order": self._with_known(body["git"]["order"])}
        lane = effect.lane if effect.lane.startswith("dm:") else f"release:{release.id}:{effect.lane}"
        await self.unit.outbox(
            lane, effect.kind, body, cause=release_chain(release.id), rank=effect.rank, expires_at=effect.expires_at
        )

    def _with_known(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """A promotion is told which commits of main are released, so that only real drift is refused."""
        if order.get("is") != "Promote":
            return dict(order)
        found = [*known(self.s.product, self.s.production), self.s.release.base_sha]
        return {**order, "known": [sha for sha in dict.fromkeys(found) if sha]}


def _entry(step: Step, s: Situation) -> dict[str, Any]:
    """The body of an audit entry: enough to replay where the release stood before and after."""
    after, outcome = step.after, step.outcome
    return {
        "version": after.version,
        "type": after.type.value,
        "from": step.before.phase.value,
        "to": after.phase.value,
        "epoch": after.epoch,
        "content": after.digest,
        "via": step.via,
        "roles": list(s.roles_of(step.act.actor)),
        "input": _said(step.act.input),
        "record": _said(outcome.record),
        "signed": [_decision(d) for d in outcome.sign],
        "withdrawn": [_decision(d) for d in outcome.withdraw],
        "environments": {
            e.name: [e.version, e.candidate, e.lock.version if e.lock else ""] for e in outcome.environments
        },
        "outcome": after.outcome.value,
        "held": after.hold is not None,
        **_risks(step, s),
    }


async def _newest_anchor(unit: Unit) -> str:
    found = await anchors.newest(unit.conn)
    return found.short if found else ""


def _risks(step: Step, s: Situation) -> dict[str, Any]:
    """With an approval: what was shown as worth knowing when it was given."""
    if not any(d.gate == "approval" for d in step.outcome.sign):
        return {}
    return {"risks": [{"code": point.code, "data": _said(point.data)} for point in risk.points(s)]}


def _said(data: Mapping[str, object]) -> dict[str, Any]:
    """What was said, as JSON: plain values and instants; anything else has no place in the record."""

    def plain(v: object) -> Any:
        return iso(v) if hasattr(v, "astimezone") else [plain(x) for x in v] if isinstance(v, (list, tuple)) else v  # type: ignore[arg-type]

    return {
        k: plain(v)
        for k, v in data.items()
        if v is None or isinstance(v, (str, int, float, bool, list, tuple, dict)) or hasattr(v, "astimezone")
    }


def _decision(d: Decision) -> list[str]:
    """With for whom a delegate signed, where one did."""
    return [d.gate, d.subject, d.role, d.person, d.verdict, *filter(None, (d.stands_for,))]
