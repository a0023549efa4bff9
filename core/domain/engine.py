"""Decide purely: what an act, a report or the hour leads to, as steps that a unit of work then writes.

`decide` is for people, `take_in` for reports. Both let fire what fires by itself. Nothing here waits, reads a
clock or touches a store, so the same function runs in the bot, in the search over the table and in the property tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.domain import authorise
from core.domain.checklist import current_lists
from core.domain.effects import CLICK, Effect, post, within_budget
from core.domain.environments import paused_now
from core.domain.facts import project
from core.domain.facts_parts import blocker_json
from core.domain.gates import blockers, off_phase
from core.domain.lifecycle import BY_EVENT, TABLE
from core.domain.moves import move_of
from core.domain.moves.adopting import under
from core.domain.moves.following import told_to_followers
from core.domain.moves.forging import runs_shown
from core.domain.moves.landing import landed, timed
from core.domain.moves.outcome import Outcome
from core.domain.moves.overriding import bound
from core.domain.moves.reports import REPORTS
from core.domain.moves.running import left_behind, timed_steps
from core.domain.moves.shipping import fire_go
from core.domain.moves.voicing import carried_on
from core.domain.product import Size
from core.domain.release import Decision, Phase, ProductRecord, Release, RunState
from core.domain.retro.actions import given_back, merged
from core.domain.situation import Act, Situation
from core.errors import Blocker, NotFound, Refused, Stale

MOST_FIRED = 12  # by themselves, one after the other; more would be a circle in the table


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: becomes one audit entry (unless `quiet`), its signatures and environments."""

    verb: str
    act: Act
    outcome: Outcome
    before: Release
    after: Release
    via: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """The situation after all steps. `said` is the earlier answer when the person had said the same before."""

    s: Situation
    steps: tuple[Step, ...] = ()
    said: Decision | None = None
    event: str = ""

    @property
    def effects(self) -> tuple[Effect, ...]:
        return tuple(e for step in self.steps for e in step.outcome.effects)

    @property
    def notes(self) -> dict[str, Any]:
        return {k: v for step in self.steps for k, v in step.outcome.notes.items()}

    @property
    def fired(self) -> tuple[str, ...]:
        return tuple(step.verb for step in self.steps if step.via == "itself")


def decide(s: Situation, asked: Act, via: str = "command") -> Decided:
    """What a person's act leads to. Raises what `judged` raises."""
    act, said = judged(s, asked)
    if said is not None:
        return Decided(s, said=said, event=act.event)
    return carried_out(s, act, via)


def judged(s: Situation, asked: Act) -> tuple[Act, Decision | None]:
    """The act as it is meant, and the same person's earlier answer to the same question, if there is one.

    Raises NotFound for an event that no person fires, Refused with every blocker (a stranger is refused before
    anything else is looked at), Stale when the button was about something that has moved on.
    """
    row = BY_EVENT.get(asked.event)
    if row is None or (row.by != "person" and not row.word) or not row.sources:
        raise NotFound(f"nobody can {asked.event} a release", event=asked.event)
    act = authorise.resolve(s, asked)
    row = BY_EVENT[act.event]
    stranger = authorise.refusal(s, row, act)
    if stranger is not None:
        raise Refused([stranger], asked=act.event, facts=project(s))
    if not authorise.current(s, act):
        raise Stale(facts=project(s), event=act.event, subject=act.subject)
    said = authorise.said_before(s, act)
    stops = () if said else blockers(row, s, act)
    if stops:
        raise Refused(stops, asked=act.event, facts=project(s))
    return act, said


def barred(s: Situation, asked: Act) -> Blocker | None:
    """Why it makes no sense to ask this person for the details of an event: they may not, or it is not its phase."""
    act = authorise.resolve(s, asked)
    row = BY_EVENT[act.event]
    return authorise.refusal(s, row, act) or off_phase(row, s) or next(paused_now(s, row.event), None)


def carried_out(s: Situation, act: Act, via: str) -> Decided:
    """What an act leads to that was judged in this unit: its own step, and what then happens by itself."""
    after, step = take(s, act.event, act, move_of(act.event)(s, act), via)
    after, more = settle(after)
    return _told_to_others(s, Decided(after, (step, *more), event=act.event))


def take_in(s: Situation, kind: str, body: Mapping[str, Any]) -> Decided:
    """What a report leads to; `look_again` only looks whether something fires by itself."""
    before = s
    steps: tuple[Step, ...] = ()
    outcome = None if kind == "look_again" else REPORTS[kind](s, body)
    if outcome is not None:
        s, step = take(s, kind, Act("", kind), outcome, "report", quiet=kind == "posted")
        steps = (step,)
    elif kind not in ("look_again", "hour"):
        return Decided(s)
    else:
        s = timed(s)
    if kind == "hour":
        s = replace(s, release=replace(s.release, hour_at=s.now))
    after, more = settle(s)
    return _told_to_others(before, Decided(after, (*steps, *more), event=kind))


def take(s: Situation, verb: str, act: Act, outcome: Outcome, via: str, quiet: bool = False) -> tuple[Situation, Step]:
    """The situation after one outcome."""
    before = s.release
    release, effects = landed(s, outcome.release, outcome.effects)
    effects = (*effects, *left_behind(before, release))
    release, void = bound(replace(s, evidence_found=(*s.evidence_found, *outcome.evidence)), before, release)
    effects = (*effects, *void)
    noise = s.policy.noise
    posts, beside, effects = within_budget(effects, release.posts, noise.channel_posts, noise.moments)
    effects = (*effects, *told_to_followers(s, effects))
    release = replace(release, posts_beside=release.posts_beside + beside)
    outcome = replace(outcome, effects=(*effects, *runs_shown(s.policy, before, release)))
    after = _counted(before, replace(release, posts=posts), s)
    gone = set(outcome.withdraw)
    decisions = (*(d for d in s.decisions if d not in gone), *outcome.sign)
    environments = {**s.environments, **{e.name: e for e in outcome.environments}}
    product = _remembered(s.product, before, after)
    if outcome.strays:
        product = replace(product, strays=product.strays | {x.id: x for x in outcome.strays})
    if outcome.actions or after.phase is Phase.CANCELLED:
        product = replace(product, actions=given_back(merged(product.actions, outcome.actions), after))
    changed = replace(s, release=after, decisions=decisions, environments=environments, product=product)
    changed = replace(changed, evidence_found=(*s.evidence_found, *outcome.evidence))
    if after.policy_hash != before.policy_hash and s.adopted:
        changed = under(changed)
    if after.phase is not before.phase:
        changed, outcome = _lists_begun(changed, outcome)
    changed = timed(changed)
    return changed, Step(verb, act, outcome, before, changed.release, via, quiet)


def _lists_begun(s: Situation, outcome: Outcome) -> tuple[Situation, Outcome]:
    """The checklists of the phase that has begun are shown in the thread, each once."""
    new = [name for name in current_lists(s) if f"list:{name}" not in s.release.wanted]
    shown = tuple(Effect("slack.list", "team", {"list": name}) for name in new)
    wanted = s.release.wanted | {f"list:{name}": s.now.isoformat() for name in new}
    after = replace(s, release=replace(s.release, wanted=wanted)) if new else s
    return after, replace(outcome, effects=(*outcome.effects, *shown))


def settle(s: Situation) -> tuple[Situation, tuple[Step, ...]]:
    """Fire what fires by itself until nothing does."""
    steps: list[Step] = []
    while len(steps) < MOST_FIRED:
        found = _judged_go(s) or _next_by_itself(s)
        if found is None:
            break
        s, step = take(s, *found, via="itself")
        steps.append(step)
    return s, tuple(steps)


def _next_by_itself(s: Situation) -> tuple[str, Act, Outcome] | None:
    for row in TABLE:
        if row.by == "itself" and s.release.phase in row.sources:
            act = Act("", row.event)
            if not blockers(row, s, act):
                return row.event, act, move_of(row.event)(s, act)
    return None


def _judged_go(s: Situation) -> tuple[str, Act, Outcome] | None:
    """When Slack and the remote were read afresh, a go that was asked is judged again; then it fires or is refused."""
    asked = s.release.go
    if asked is None or not asked.members_read or not asked.dry_run:
        return None
    act = Act(asked.by, "go", {"final": True})
    stops = list(blockers(BY_EVENT["go"], s, act))
    for role in s.policy.rules(s.release.type).go:
        said = [d.person for d in s.signed("go", str(s.release.epoch)) if d.role == role]
        if not said and not stops:  # it was held and resumed in between: what go was said about has moved on
            stops.append(Blocker("go.interrupted", {}, s.holders(role)))
        elif said and not any(s.counts(d) for d in s.signed("go", str(s.release.epoch)) if d.role == role):
            stops.append(Blocker("left_role", {"roles": [role], "event": "go", "left": said}, s.holders(role)))
    if not stops:
        return "go", act, fire_go(s, act)
    told = [blocker_json(b) for b in stops]
    outcome = Outcome(
        s.release.without_promotion,
        (
            post("thread", "go_refused", CLICK, actor=act.actor, problem=told),
            post(f"dm:{act.actor}", "go_refused", CLICK, problem=told),
        ),
        withdraw=s.signed("go", str(s.release.epoch)),
        record={"blockers": [b.code for b in stops]},
    )
    return "go_refused", act, outcome


def _counted(before: Release, after: Release, s: Situation) -> Release:
    """Epoch and phase date follow from what changed, and from nothing else."""
    moved = after.phase is not before.phase
    if moved or len(after.candidates) != len(before.candidates) or (after.hold is None) != (before.hold is None):
        after = replace(after, epoch=before.epoch + 1)
    return replace(after, phase_since=s.now) if moved or after.phase_since is None else after


def _told_to_others(s: Situation, decided: Decided) -> Decided:
    """The other open releases look again when they would see something else; nothing else would wake them."""
    now = decided.s
    if not any(o.id != now.release.id for o in now.others):
        return decided
    same = s.environments == now.environments and s.product.actions == now.product.actions
    if same and _seen_by_others(s.release) == _seen_by_others(now.release):
        return decided
    last = decided.steps[-1]
    outcome = replace(last.outcome, effects=(*last.outcome.effects, Effect("others.look_again", "others", {})))
    return replace(decided, steps=(*decided.steps[:-1], replace(last, outcome=outcome)))


def _seen_by_others(r: Release) -> tuple[object, ...]:
    """What the gates of other releases read of this one, beside the environments (`s.others` in `gates/`)."""
    holds = r.phase if r.phase in (Phase.PREPARATION, Phase.DEPLOYMENT) else None
    running = tuple(run is not None and run.state is RunState.RUNNING for run in (r.run("staging"), r.run()))
    carried = tuple(c.id for c in r.concerns if c.left)
    return r.is_open, holds, r.candidate, running, r.outcome, r.fixed_by, carried


def _remembered(product: ProductRecord, before: Release, after: Release) -> ProductRecord:
    """What the product knows: what was shipped, what was taken back, which concerns wait for the next release."""
    if after.promotion_sha and after.promotion_sha != before.promotion_sha:
        size = Size(after.type, len(after.scope))
        product = replace(
            product,
            shipped=product.shipped | {after.version: after.promotion_sha},
            sizes=product.sizes | {after.version: size},
        )
    if after.runs != before.runs:
        product = replace(product, durations=timed_steps(product.durations, before, after))
    if after.burnt and not before.burnt:
        product = replace(product, burnt=(*product.burnt, after.version))
    passed = [o.second_at for o in after.overrides if o.second_at]
    if passed and max(passed) != product.broken_at and len(passed) > sum(bool(o.second) for o in before.overrides):
        product = replace(product, broken_at=max(passed))
    return carried_on(product, before, after)
