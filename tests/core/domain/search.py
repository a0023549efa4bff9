"""Walks every state that one release can reach in the pure engine, so that a test can ask whether each one ends.

Two worlds count as one state when nothing that a rule looks at tells them apart (`key_of`): how many candidates there
were or who exactly signed does not matter, whether the signatures are complete does.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from core.domain import engine
from core.domain.checklist import met
from core.domain.effects import Effect
from core.domain.gates import blockers
from core.domain.lifecycle import Row, rows_in
from core.domain.moves.reports import REPORTS
from core.domain.policy_parts import ITEM_EVENTS
from core.domain.release import BEFORE_DEPLOYMENT, Phase, Release, ReleaseType
from core.domain.situation import Act, Situation
from core.errors import Refused
from tests.core.domain.world import OLU, PRIYA, THEO, TRAIN, World

ENDED = (Phase.CLOSED, Phase.CANCELLED)
LIVE = (Phase.DEPLOYMENT, Phase.POST_RELEASE, Phase.CLOSED)
AT_ONCE = (  # posts and reads
    "slack.post", "slack.card", "slack.ask", "slack.turn", "slack.list", "scope.read", "range.read", "fixes.read",
    "git.try", "others.look_again",
)
WORDS: dict[str, Any] = {"reason": "it has to be", "severity": "something is wrong", "flag": "search", "into": "9.9.0"}
BY_MACRO = {"approve", "go", "tick", "untick", "record", "fix_forward", "merge", "edit", "depend", "words",
            "scope_add", "scope_drop", "accept", "classify"}
ASIDE = {"concern", "settle", "carry", "incident", "resolve", "report", "triage", "withdraw",
         "hold", "retro_say", "retro_add", "retro_move", "retro_summary", "action_add", "action_done", "action_keep",
         "action_drop"}  # they multiply the states: large search only
Move = Callable[[World], None]


@dataclass
class Found:
    """The graph: from each state the states that one step leads to, and one way to get there."""

    after: dict[Hashable, dict[Hashable, str]] = field(default_factory=dict)
    ended: set[Hashable] = field(default_factory=set)
    unjudged: set[Hashable] = field(default_factory=set)  # where the search was cut off: seen, not followed further

    @property
    def whole(self) -> bool:
        return not self.unjudged

    def dead(self, *, ends: Callable[[Hashable], bool] = lambda state: True) -> list[Hashable]:
        """States from which no sequence of steps leads to one of the ends (closed and cancelled when none is named).

        What leads to where the search was cut off is not called dead; everything followed to its end is judged.
        """
        before: dict[Hashable, set[Hashable]] = {}
        for here, there in self.after.items():
            for one in there:
                before.setdefault(one, set()).add(here)
        saved = {state for state in self.ended if ends(state)} | self.unjudged
        todo = deque(saved)
        while todo:
            for one in before.get(todo.popleft(), set()) - saved:
                saved.add(one)
                todo.append(one)
        return [state for state in self.after if state not in saved]


def the(w: World) -> Release:
    return w.releases[1]


def key_of(w: World) -> Hashable:
    """Everything a rule may look at in this phase, without numbers, names and instants."""
    r, s = the(w), w.situation(the(w))
    lock = s.production.lock
    lately = {
        Phase.PLANNING: lambda: (_signed(s, "begin"), r.scope_read_at is not None),
        Phase.DEVELOPMENT: lambda: _branch(r),
        Phase.STABILIZATION: lambda: (_branch(r), _signed(s, "ready")),
        Phase.PREPARATION: lambda: (_branch(r), _signed(s, "ready"), _signed(s, "go"), _asked(s)),
        Phase.DEPLOYMENT: lambda: (
            _signed(s, "deployed"), _signed(s, "rollback"), _run(r), bool(r.promotion_sha)),
    }.get(r.phase, lambda: (
        _signed(s, "close"), _signed(s, "rollback"), r.verify_again and _signed(s, "deployed"),
        any(x.resolved_at is None for x in r.incidents)))()
    hours = (r.freeze_at, r.coming_at, r.departs_at, r.window_ends_at) if r.phase in BEFORE_DEPLOYMENT else ()
    return (
        r.type, r.phase, r.outcome, r.hold is not None, lately, sum(m is not None and w.now > m for m in hours),
        r.missed_departure, (r.git.purpose, r.git.state) if r.git else None,
        (lock.release_id == r.id, lock.until_cleared) if lock else None,
        s.production.version == r.version, bool(s.production.previous),
        any(x.settled_at is None for x in r.concerns), _contents(r),
        tuple(_waiting(r, e) for _, e in w.queue),
        tuple((o.phase, o.outcome, o.version == r.fixed_by) for o in w.releases.values() if o.id != r.id),
    )


def _waiting(r: Release, e: Effect) -> Hashable:
    """An effect that nobody has done yet, and whether its report will still be about the newest run."""
    run = r.run(str(e.body.get("environment", "")))
    return e.kind, e.body.get("purpose"), e.body.get("environment"), run is not None and e.body.get("run") == run.id


def _signed(s: Situation, gate: str) -> Hashable:
    """Whether people have signed all that is theirs, and whether what machines report is there."""
    hand, machine = True, True
    for name, item in s.signoff_items(gate).items():
        if s.by_hand(item):
            hand = hand and s.signoff_done(name, item) is not None
        else:
            machine = machine and met(s, name, item)
    return hand, machine


def _branch(r: Release) -> Hashable:
    """What stands on the branch, what of it is a candidate, and what of that has been promoted before."""
    c = r.candidate
    return (bool(r.branch_head), c is not None, r.branch_head != (c.sha if c else r.base_sha),
            bool(c and r.scope_of != c.sha), bool(r.lacks), bool(r.promotion_sha),
            bool(r.promoted_digest) and r.promoted_digest != r.digest)


def _contents(r: Release) -> Hashable:
    """What of the contents a gate looks at: open scope items, late changes, whether the notes are committed."""
    c, n = r.candidate, r.notes
    return (any(i.state == "in" for i in r.items), any(u.id not in r.accepted for u in n.late) if n else False,
            c is not None and n is not None and c.section == n.section, bool(r.note_edits))


def _asked(s: Situation) -> Hashable:
    """Who has signed, whether it still counts, where staging is, and how far a go has come."""
    r, run = s.release, s.release.run("staging")
    need = s.policy.rules(r.type).approvals
    return (all(len(s.approvals(n.role)) >= n.count for n in need), bool(s.rejections()),
            any(s.expired(d) for d in s.decisions if d.gate == "approval"), s.on_staging,
            run.state if run and r.candidate and run.sha == r.candidate.sha else None,
            r.go and (r.go.members_read, r.go.dry_run), len({d.person for d in s.signed("go", str(r.epoch))}),
            "coming:support" in r.announced, "planned:stakeholders" in r.announced)


def _run(r: Release) -> Hashable:
    run = r.run()
    return (run.kind, run.state, run.changed, run.stop_asked, run.step) if run else None


def search(kind: str, *, large: bool, most: int = 50_000, without: tuple[str, ...] = ()) -> Found:
    """From the moment the release was started, as broad as deep; `without` leaves steps out, `most` cuts it off.

    Half of the time would go into what nobody looks at here: the facts that a refusal shows, and the search for
    garbage in a heap of worlds that holds none.
    """
    with patch.object(engine, "project", lambda s: {}), _no_collecting():
        return _search(kind, large, most, without)


@contextmanager
def _no_collecting() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def _search(kind: str, large: bool, most: int, without: tuple[str, ...]) -> Found:
    first = World()
    first.pumping = False
    first.start(kind, departs_at=TRAIN + timedelta(days=28))
    _at_once(first)
    found = Found()
    todo: deque[tuple[Hashable, World]] = deque([(key_of(first), first)])
    seen = {key_of(first)}
    while todo:
        here, w = todo.popleft() if len(found.after) % 2 else todo.pop()
        found.after[here] = {}
        if the(w).phase in ENDED:
            found.ended.add(here)
        if len(found.after) >= most:
            found.unjudged = {here, *(key for key, _ in todo)}
            break
        for name, step in steps_of(w, large):
            there = _after(w, step) if name not in without else None
            if there is None:
                continue
            key = key_of(there)
            found.after[here].setdefault(key, name)
            if key not in seen:
                seen.add(key)
                todo.append((key, there))
    return found


def _after(w: World, step: Move) -> World | None:
    """The world after a step, None when a rule refuses it."""
    there = w.copy()
    there.steps, there.posts = [], []
    try:
        step(there)
        _at_once(there)
    except Refused:
        return None
    return there


def _past(r: Release, e: Effect) -> bool:
    """Whether the report will be about something past, so that its moment does not matter."""
    old_plan = e.kind == "git.plan" and (r.git is None or r.git.attempt != e.body["attempt"])
    return old_plan or (e.kind == "members.read" and (r.go is None or r.go.members_read))


def _at_once(w: World) -> None:
    """Posts and reads are done as they come; what git, Slack's groups and the host do comes in steps of its own."""
    while True:
        at = next((n for n, (_, e) in enumerate(w.queue) if e.kind in AT_ONCE or _past(the(w), e)), None)
        if at is None:
            return
        _deliver(w, at, None)


def steps_of(w: World, large: bool) -> Iterator[tuple[str, Move]]:
    """Everything that people, machines and the hours could do next."""
    r = the(w)
    s = w.situation(r)
    for row in rows_in(r.phase, "person") if len(w.queue) < 3 else ():
        if row.event not in BY_MACRO and (large or row.event not in ASIDE):
            act = _person(w, row)
            if not blockers(row, s, act):
                yield row.event, lambda v, a=act: v.act(a.actor, a.event, 1, **a.input) and None
    yield from _macros(w, r, large) if len(w.queue) < 3 else ()
    yield from _machines(w, large)
    yield from _hours(w, r)


def _person(w: World, row: Row) -> Act:
    """The act of somebody who may do it, with words that fit."""
    r, members = the(w), w.members()
    roles = w.policy.permissions[row.act] if row.act else ()  # type: ignore[index]
    who = next((p for role in roles for p in members[role]), PRIYA)
    if row.event in ("reject", "withdraw"):
        who = next(p for n in w.policy.rules(r.type).approvals for p in members[n.role] if p != r.started_by)
    return Act(who, row.event, WORDS | {
        "to": (r.departs_at + timedelta(days=14)).isoformat() if r.departs_at else "",
        "concern": next((c.id for c in r.concerns if c.settled_at is None), 0),
        "incident": next((i.id for i in r.incidents if i.resolved_at is None), 0)})


def _macros(w: World, r: Release, large: bool) -> Iterator[tuple[str, Move]]:
    s = w.situation(r)
    apart = large or not r.type.by_train  # else CI reports in the same step: its hours multiply the states
    for gate in ITEM_EVENTS:
        if gate == "rollback" and r.phase not in LIVE:
            continue  # it can be signed earlier too, which leads nowhere else
        if any(s.signoff_due(i) and not s.signoff_done(n, i) for n, i in s.signoff_items(gate).items()):
            yield f"sign {gate}", lambda v, g=gate: v.sign_all(g, 1, ci=not apart)
        if apart and gate in ("ready", "go") and r.phase in BEFORE_DEPLOYMENT and (kinds := w.kinds_asked(gate, 1)):
            yield f"report {gate}", lambda v, k=kinds: v.ci_reports(1, *k)
    yield from _contents_of(r, large)
    if r.phase is Phase.PREPARATION:
        yield "approve", _approve_all
        yield "go", _go_all
        if large:
            yield "untick", lambda v: v.act(PRIYA, "untick", 1, item="notes.final", **WORDS) and None
        if apart:
            kind = "automated" if r.type is not ReleaseType.HOTFIX else "limited"
            yield "report a failure", lambda v: v.ci_reports(1, kind, verdict="failed")
    if r.phase is Phase.DEPLOYMENT:
        for runs in {r.version, w.environments["production"].version, w.environments["production"].previous} - {""}:
            yield f"record {runs}", lambda v, x=runs: _record(v, x)
    lock = w.environments["production"].lock
    if lock and lock.until_cleared:
        yield "unlock", lambda v: v.unlock()


def _contents_of(r: Release, large: bool) -> Iterator[tuple[str, Move]]:
    """Something is wanted and dropped, mended in the notes, and answered for."""
    if r.phase is Phase.DEVELOPMENT and r.git is None and (large or r.type.by_train):
        if not r.items:
            yield "scope add", lambda v: v.act(PRIYA, "scope_add", 1, ref="#404") and None
        elif r.items[0].state == "in":
            yield "scope drop", lambda v: v.act(PRIYA, "scope_drop", 1, ref="#404") and None
    if large and r.phase is Phase.STABILIZATION and not r.note_edits:
        yield "mend", lambda v: v.act(PRIYA, "classify", 1, item=v.drafts[1].items[0].id, text="In words") and None
    if r.notes and (open_ := [u.id for u in r.notes.late if u.id not in r.accepted]):
        yield "accept", lambda v: v.act(THEO, "accept", 1, item=open_[0], **WORDS) and None


def _approve_all(w: World) -> None:
    for need in w.policy.rules(the(w).type).approvals:
        who = next(p for p in w.members()[need.role] if p != the(w).started_by)
        w.act(who, "approve", 1)


def _go_all(w: World) -> None:
    for role in w.policy.rules(the(w).type).go:
        w.act(w.members()[role][0], "go", 1)


def _record(w: World, runs: str) -> None:
    for who in (OLU, THEO):
        w.act(who, "record", 1, runs=runs, **WORDS)


def _machines(w: World, large: bool) -> Iterator[tuple[str, Move]]:
    """The first effect of each lane succeeds or fails; developers push, and take it off again."""
    lanes: dict[str, int] = {}
    for at, (_, effect) in enumerate(w.queue):
        lanes.setdefault(effect.lane, at)
    for at in lanes.values():
        effect = w.queue[at][1]
        yield f"{effect.kind} done", lambda v, n=at: _deliver(v, n, None)
        for kind, body in _failures(effect, large):
            yield f"{effect.kind} {kind}", lambda v, n=at, k=kind, b=body: _deliver(v, n, (k, b))
    r = the(w)
    if r.branch in w.heads and r.phase in (Phase.DEVELOPMENT, Phase.STABILIZATION, Phase.PREPARATION):
        ahead = r.candidate is not None and r.branch_head != r.candidate.sha
        if not ahead:
            yield "push", lambda v: _push(v, f"c{len(v.ancestors)}")
            if r.type.by_train and r.phase is Phase.STABILIZATION and r.notes and not r.notes.late:
                yield "push feature", lambda v: _push(v, f"feat{len(v.ancestors)}")
        elif large and r.candidate is not None:
            yield "take off", lambda v, sha=r.candidate.sha: _push(v, sha)


def _push(w: World, sha: str) -> None:
    if sha in w.ancestors:
        w.heads[the(w).branch] = sha
    else:
        w.commit(the(w).branch, sha)
    w.look()


def _failures(effect: Effect, large: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    if effect.kind == "deploy":
        yield "run.failed", {"run": effect.body["run"], "reason": "a smoke test failed"}
    elif effect.kind in ("git.plan", "git.push"):
        purpose = effect.body["purpose"]
        yield "git.refused", {"purpose": purpose, "blockers": [{"code": "git.rejected", "facts": {}}]}
        if large and effect.kind == "git.push":
            yield "git.moved", {"purpose": purpose, "detail": "refs/heads/main"}


def _deliver(w: World, at: int, instead: tuple[str, dict[str, Any]] | None) -> None:
    number, effect = w.queue[at]
    del w.queue[at]
    if instead is None:
        w._do(number, effect)
    else:
        assert instead[0] in REPORTS
        w.report(number, *instead)


def _hours(w: World, r: Release) -> Iterator[tuple[str, Move]]:
    coming = [m for m in (r.freeze_at, r.coming_at, r.departs_at) if m is not None and m > w.now]
    if r.window_ends_at is not None and w.now <= r.window_ends_at:
        coming.append(r.window_ends_at + timedelta(seconds=1))
    if coming:
        yield "time", lambda v: v.at(min(coming))
    if not r.type.by_train or (r.window_ends_at and w.now > r.window_ends_at):
        yield "a week", lambda v: v.at(v.now + timedelta(days=8))
    if r.hold is None and not coming and r.phase in (Phase.PREPARATION,):
        yield "tick", lambda v: v.at(v.now + timedelta(minutes=1))
