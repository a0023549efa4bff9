"""One release inside one unit of work: loaded whole, changed by outcomes, saved once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.domain.effects import Effect
from core.domain.facts import project
from core.domain.gates import blockers
from core.domain.lifecycle import BY_EVENT, TABLE
from core.domain.moves import move_of
from core.domain.moves.outcome import Outcome
from core.domain.moves.reports import next_wake
from core.domain.moves.shipping import fire_go
from core.domain.release import Decision, ProductRecord, Release
from core.domain.situation import Act, Situation
from core.store import anchors, decisions, environments, products, releases
from core.store.columns import iso
from core.store.unit_of_work import Unit, release_chain
from core.usecases.context import Context, role_members

MOST_FIRED = 12  # by themselves, one after the other; more would be a circle in the table


@dataclass
class Scene:
    """What a unit knows and will write. `s` is always the state after everything applied so far."""

    ctx: Context
    unit: Unit
    s: Situation
    product: ProductRecord
    notes: dict[str, Any] = field(default_factory=dict)
    _effects: list[Effect] = field(default_factory=list)
    _record: str = ""

    @classmethod
    async def load(cls, ctx: Context, unit: Unit, release_id: int) -> Scene:
        release = await releases.load(unit.conn, release_id)
        return await cls.around(ctx, unit, release)

    @classmethod
    async def around(cls, ctx: Context, unit: Unit, release: Release) -> Scene:
        """The scene of a release that may not be stored yet."""
        conn = unit.conn
        policy = await ctx.pinned_policy(conn, release.policy_hash)
        members, read_at = await role_members(conn, policy)
        product = await products.load(conn, release.product)
        return cls(ctx, unit, Situation(
            release, policy, ctx.clock.now(),
            tuple(await decisions.standing(conn, release.id)) if release.id else (),
            await environments.of_product(conn, release.product), members,
            tuple(await releases.open_releases(conn, release.product)),
            burnt=product.burnt, taken=tuple(product.shipped), read_at=read_at), product)

    def facts(self) -> dict[str, Any]:
        return project(self.s, posts=self.s.release.posts, record=self._record)

    async def apply(self, verb: str, act: Act, outcome: Outcome, *, via: str, quiet: bool = False) -> None:
        """Take an outcome in: signatures and environments are written, the audit entry too; effects wait for `save`."""
        before = self.s.release
        release = _counted(before, outcome, self.s)
        signed = await self._decide(release.id, outcome)
        envs = dict(self.s.environments)
        for env in outcome.environments:
            await environments.put(self.unit, release.product, env)
            envs[env.name] = env
        self.s = replace(self.s, release=release, decisions=signed, environments=envs)
        await self._remember(before, release, outcome)
        if not quiet:
            await self._audit(verb, act, before, outcome, via)
        if outcome.anchor:
            anchor = await anchors.make(self.unit, self.s.now)
            self._record = anchor.short if anchor else self._record
        self._effects += outcome.effects
        self.notes.update(outcome.notes)

    async def _decide(self, release_id: int, outcome: Outcome) -> tuple[Decision, ...]:
        standing = list(self.s.decisions)
        for gone in outcome.withdraw:
            await decisions.take_back(self.unit, release_id, gone, at=self.s.now, why="void")
            standing = [d for d in standing if d != gone]
        for new in outcome.sign:
            await decisions.record(self.unit, release_id, new)
            standing.append(new)
        return tuple(standing)

    async def _remember(self, before: Release, after: Release, outcome: Outcome) -> None:
        """What the product knows for ever: what was shipped, and what was taken back."""
        record = self.product
        if after.promotion_sha and after.promotion_sha != before.promotion_sha:
            record = replace(record, shipped=record.shipped | {after.version: after.promotion_sha})
        if after.burnt and not before.burnt:
            record = replace(record, burnt=(*record.burnt, after.version))
        if record != self.product:
            await products.put(self.unit, record)
            self.product = record
            self.s = replace(self.s, burnt=record.burnt, taken=tuple(record.shipped))

    async def _audit(self, verb: str, act: Act, before: Release, outcome: Outcome, via: str) -> None:
        after = self.s.release
        body = {
            "version": after.version, "type": after.type.value, "from": before.phase.value, "to": after.phase.value,
            "epoch": after.epoch, "content": after.digest, "via": via, "roles": list(self.s.roles_of(act.actor)),
            "input": _said(act.input), "record": _said(outcome.record),
            "signed": [_decision(d) for d in outcome.sign], "withdrawn": [_decision(d) for d in outcome.withdraw],
            "environments": {e.name: [e.version, e.candidate, e.lock.version if e.lock else ""]
                             for e in outcome.environments},
            "outcome": after.outcome.value, "held": after.hold is not None,
        }
        await self.unit.audit(release_chain(after.id), act.actor or "release-bot", verb, after.policy_hash, body,
                              self.s.now)

    async def settle(self) -> list[str]:
        """Fire what fires by itself until nothing does; returns the events in order."""
        fired: list[str] = []
        while len(fired) < MOST_FIRED:
            event = await self._judge_go() or await self._one_by_itself()
            if not event:
                break
            fired.append(event)
        return fired

    async def _one_by_itself(self) -> str:
        for row in TABLE:
            if row.by != "itself" or self.s.release.phase not in row.sources:
                continue
            act = Act("", row.event)
            if not blockers(row, self.s, act):
                await self.apply(row.event, act, move_of(row.event)(self.s, act), via="itself")
                return row.event
        return ""

    async def _judge_go(self) -> str:
        """When Slack and the remote were read afresh, a go that was asked is judged again, then it fires."""
        asked = self.s.release.go
        if asked is None or not asked.members_read or not asked.dry_run:
            return ""
        act = Act(asked.by, "go", {"final": True})
        stops = list(blockers(BY_EVENT["go"], self.s, act))
        for role in self.s.policy.rules(self.s.release.type).go:
            said = [d for d in self.s.signed("go", str(self.s.release.epoch)) if d.role == role]
            if not any(d.person in self.s.members.get(role, ()) for d in said):
                stops.append(_left(role, [d.person for d in said], self.s))
        if stops:
            await self._refuse_go(act, stops)
            return "go_refused"
        await self.apply("go", act, fire_go(self.s, act), via="itself")
        return "go"

    async def _refuse_go(self, act: Act, stops: list[Any]) -> None:
        from core.domain.effects import CLICK, post
        from core.domain.facts import blocker_json

        told = [blocker_json(b) for b in stops]
        gone = self.s.signed("go", str(self.s.release.epoch))
        release = replace(self.s.release, go=None, git=None)
        outcome = Outcome(release, (post("thread", "go_refused", CLICK, actor=act.actor, problem=told),
                                    post(f"dm:{act.actor}", "go_refused", CLICK, problem=told)), withdraw=gone,
                          record={"blockers": [b.code for b in stops]})
        await self.apply("go_refused", act, outcome, via="itself")

    async def save(self) -> None:
        """Write release, facts and outbox rows; every message carries the facts of this moment."""
        release = self.s.release
        posts = sum(e.kind == "slack.card" or e.body.get("place") == "team" for e in self._effects)
        release = replace(release, posts=release.posts + posts)
        self.s = replace(self.s, release=release)
        facts = self.facts()
        await releases.save(self.unit, release, facts=facts, wake_at=next_wake(release, self.s.now))
        for effect in self._effects:
            await self._write(effect, facts)
        self.unit.want(release.id)

    async def _write(self, effect: Effect, facts: Mapping[str, Any]) -> None:
        release = self.s.release
        body: dict[str, Any] = {"release": release.id, **effect.body}
        if effect.kind == "slack.post":
            data = {"actor": "", "reason": "", **effect.body["data"], "facts": facts}  # type: ignore[dict-item]
            if "record" in data:
                data["record"] = self._record
            body["data"] = data
        if effect.kind in ("git.plan", "git.push"):
            body["check"] = self._to_check()
            self._known(body)
        lane = effect.lane if effect.lane.startswith("dm:") else f"release:{release.id}:{effect.lane}"
        await self.unit.outbox(lane, effect.kind, body, cause=release_chain(release.id), rank=effect.rank,
                               expires_at=effect.expires_at)

    def _to_check(self) -> dict[str, str]:
        """Shipped versions whose presence in a candidate matters: production's, and the newest few."""
        shipped = dict(list(self.product.shipped.items())[-20:])
        live = self.s.production
        return shipped | ({live.version: live.sha} if live.version and live.sha else {})

    def _known(self, body: dict[str, Any]) -> None:
        """A promotion is told which commits of main are released, so that only real drift is refused."""
        order = dict(body["order"])
        if order.get("is") == "Promote":
            live = self.s.production
            order["known"] = list(dict.fromkeys([*self.product.shipped.values(), live.sha, live.previous_sha,
                                                 self.s.release.base_sha]))
            order["known"] = [sha for sha in order["known"] if sha]
            body["order"] = order


def _counted(before: Release, outcome: Outcome, s: Situation) -> Release:
    """Epoch and phase date follow from what changed, and from nothing else."""
    after = outcome.release
    moved = after.phase is not before.phase
    if moved or len(after.candidates) != len(before.candidates) or (after.hold is None) != (before.hold is None):
        after = replace(after, epoch=before.epoch + 1)
    return replace(after, phase_since=s.now) if moved or after.phase_since is None else after


def _said(data: Mapping[str, object]) -> dict[str, Any]:
    return {k: iso(v) if hasattr(v, "astimezone") else list(v) if isinstance(v, tuple) else v  # type: ignore[arg-type]
            for k, v in data.items() if isinstance(v, (str, int, float, bool, list, tuple, dict)) or v is None
            or hasattr(v, "astimezone")}


def _decision(d: Decision) -> list[str]:
    return [d.gate, d.subject, d.role, d.person, d.verdict]


def _left(role: str, people: list[str], s: Situation) -> Any:
    from core.errors import Blocker
    return Blocker("left_role", {"roles": [role], "event": "go", "left": people}, s.holders(role))


