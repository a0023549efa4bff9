"""Random people do random things to several releases at once, and a second opinion judges the record of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.domain.due import next_wake
from core.domain.evidence.model import KINDS
from core.domain.gates import blockers
from core.domain.lifecycle import TABLE, rows_in
from core.domain.policy import Policy, parse_policy
from core.domain.release import Phase, Release, RunState
from core.domain.situation import Act
from core.errors import NotFound, Refused, ReleaseBotError, Stale
from tests.core.domain.oracle import Oracle, row_of
from tests.core.domain.world import DANA, ERIKA, MIRA, OLU, PRIYA, QADIR, SANA, THEO, TRAIN, World
from tests.policies import simulated_text

PEOPLE = (PRIYA, THEO, QADIR, MIRA, OLU, SANA, ERIKA, DANA)
GROUPS = {  # whoever may hold a role in the course of a story; the first is how it begins
    "S0PM": ((MIRA,), (), (MIRA, PRIYA), (DANA,)),
    "S0TL": ((THEO, DANA), (THEO,), (OLU, THEO), (DANA,)),
    "S0OPS": ((OLU,), (OLU, THEO), (THEO,)),
}
EVENTS = (*(row.event for row in TABLE if row.by == "person" and row.sources), "close", "freeze", "deployed")
REFUSAL = {"blockers": [{"code": "git.rejected", "facts": {"detail": "protected"}}]}
BY_A_FIX = ("fix_forward",)  # opens a second release, so a rule of its own does it
LAST_WORDS = ("the reason is good", "")
PICK = st.integers(0, 40)
LONG_STORIES = 600


def grouped_policy() -> Policy:
    """The shipped policy, with roles held by groups so that people come and go."""
    text = simulated_text()
    for people, group in (('people = ["theo"]', "S0TL"), ('people = ["olu"]', "S0OPS")):
        assert people in text
        text = text.replace(people, f'group = "{group}"')
    return parse_policy(text)


POLICY = grouped_policy()


class Team(RuleBasedStateMachine):
    """Rules are what can happen; every step they cause is read by the oracle before the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.w = World(policy=POLICY, groups={g: start[0] for g, start in GROUPS.items()}, pumping=False)
        self.oracle = Oracle(POLICY, frozenset({DANA}))
        self.old: list[str] = []

    # --- what can happen ----------------------------------------------------------------------------------------

    @precondition(lambda self: sum(r.is_open for r in self.w.releases.values()) < 4)
    @rule(kind=st.sampled_from(["minor", "patch", "hotfix", "major", "minor"]), weeks=st.sampled_from([0, 2, 4, 6]),
          who=st.sampled_from([PRIYA, PRIYA, THEO]))
    def start(self, kind: str, who: str, weeks: int) -> None:
        self._try(lambda: self.w.start(kind, who, departs_at=TRAIN + timedelta(weeks=weeks)))

    @precondition(lambda self: self.w.releases)
    @rule(pick=PICK, event=st.sampled_from(EVENTS), who=st.sampled_from(PEOPLE), reason=st.sampled_from(LAST_WORDS),
          stale=st.booleans(), number=st.integers(1, 2))
    def anybody(self, pick: int, event: str, who: str, reason: str, stale: bool, number: int) -> None:
        """Somebody does something, often without the right or with a button of yesterday."""
        r = self._release(pick)
        subject = self.old[pick % len(self.old)] if stale and self.old else None
        runs = [r.version, self.w.environments["production"].version, self.w.environments["production"].previous]
        words = {"reason": reason, "severity": "something is wrong", "flag": "search", "runs": runs[pick % 3],
                 "to": (TRAIN + timedelta(weeks=2 * (pick % 6))).isoformat(), "into": self._release(pick + 1).version,
                 "concern": number, "incident": number, "title": "Winter",
                 "item": list(POLICY.signoffs)[pick % len(POLICY.signoffs)]}
        if event == "fix_forward":
            self._try(lambda: self._fix_forward(who, r, reason))
        else:
            self._try(lambda: self.w.act(who, event, r, subject, **words))

    @precondition(lambda self: self.w.releases)
    @rule(pick=PICK, which=PICK)
    def somebody_who_may(self, pick: int, which: int) -> None:
        """One of the things that nothing blocks, by somebody who may."""
        r = self._release(pick)
        s = self.w.situation(r)
        words = {"reason": "it has to be", "severity": "nobody notices", "flag": "search", "runs": r.version,
                 "to": (TRAIN + timedelta(weeks=2 * (which % 9))).isoformat(), "concern": 1 + which % 2, "incident": 1}
        able = []
        for row in rows_in(r.phase, "person"):
            roles = POLICY.permissions[row.act] if row.act else tuple(POLICY.roles)  # type: ignore[index]
            people = [p for p in s.holders(*roles) if p != r.started_by] or [PRIYA]
            act = Act(people[which % len(people)], row.event, words)
            if row.event in BY_A_FIX or not blockers(row, s, act):
                able.append(act)
        if able:
            act = able[which % len(able)]
            fix = act.event in BY_A_FIX
            self._try(lambda: self._fix_forward(act.actor, r, "payments fail") if fix else self.w.act(
                act.actor, act.event, r, **act.input))  # fmt: skip

    @rule(host=st.booleans(), remote=st.booleans())
    def machines_break_or_are_mended(self, host: bool, remote: bool) -> None:
        """From here on production's host, or the remote, refuses everything, or works again."""
        self.w.fails = {}
        if host:
            self.w.fails["deploy"] = lambda e: (
                ("run.failed", {"run": e.body["run"], "reason": "host is away"})
                if e.body["environment"] == "production" else None)  # fmt: skip
        elif remote:
            self.w.fails["git.push"] = lambda e: ("git.refused", {"purpose": e.body["purpose"], **REFUSAL})

    @precondition(lambda self: self.w.releases)
    @rule(pick=PICK, times=st.integers(1, 4))
    def onward(self, pick: int, times: int) -> None:
        """A team that wants to ship does what comes next; without this few stories would reach production."""
        for _ in range(times):
            r = self._release(pick)
            for step in self._what_is_next(r):
                self._try(step)
                self._deliver_all()

    @rule(pick=PICK, fails=st.sampled_from([False, False, True]), moved=st.booleans())
    def deliver(self, pick: int, fails: bool, moved: bool) -> None:
        """One effect is done, or it fails; across lanes in any order."""
        heads: dict[tuple[int, str], int] = {}
        for at, (number, e) in enumerate(self.w.queue):
            heads.setdefault((number, e.lane), at)
        if not heads:
            return
        at = list(heads.values())[pick % len(heads)]
        number, e = self.w.queue[at]
        del self.w.queue[at]
        if fails and e.kind == "deploy":
            self._try(lambda: self.w.report(number, "run.failed", {"run": e.body["run"], "reason": "host is away"}))
        elif fails and e.kind in ("git.plan", "git.push"):
            kind = "git.moved" if moved and e.kind == "git.push" else "git.refused"
            self._try(lambda: self.w.report(number, kind, {"purpose": e.body["purpose"], "detail": "main", **REFUSAL}))
        else:
            self._try(lambda: self.w._do(number, e))

    @rule()
    def deliver_all(self) -> None:
        self._deliver_all()

    @precondition(lambda self: self.w.releases)
    @rule(pick=PICK, after=st.sampled_from(["due", "due", "hour", "week"]))
    def time_passes(self, pick: int, after: str) -> None:
        due = next_wake(self._release(pick), self.w.now)
        step = {"hour": timedelta(hours=1), "week": timedelta(days=8)}.get(after)
        when = self.w.now + step if step else due
        if when is not None:
            self._try(lambda: self.w.at(when))

    @precondition(lambda self: self.w.releases)
    @rule(pick=PICK, onto=st.sampled_from(["own", "own", "develop"]), with_main=st.booleans(), off=st.booleans())
    def push(self, pick: int, onto: str, with_main: bool, off: bool) -> None:
        r = self._release(pick)
        branch = r.branch if onto == "own" else "develop"
        if branch in self.w.heads:
            if off and r.candidate and onto == "own":
                self.w.heads[branch] = r.candidate.sha
            else:
                also = self.w.ancestors[self.w.heads["main"]] if with_main else ()
                self.w.commit(branch, f"c{len(self.w.ancestors)}", *also)
        self._try(self.w.look)

    @precondition(lambda self: any(r.candidate for r in self.w.releases.values()))
    @rule(pick=PICK, kind=st.sampled_from(KINDS), verdict=st.sampled_from(["passed", "failed"]), late=st.booleans())
    def ci_reports(self, pick: int, kind: str, verdict: str, late: bool) -> None:
        """A result comes in, sometimes for a candidate that has been replaced."""
        r = self._release(pick)
        if r.candidate:
            self._try(lambda: self.w.ci_reports(r, kind, verdict=verdict, sha=r.candidates[0].sha if late else ""))

    @rule(group=st.sampled_from(list(GROUPS)), pick=st.integers(0, 3))
    def people_come_and_go(self, group: str, pick: int) -> None:
        self.w.groups[group] = GROUPS[group][pick % len(GROUPS[group])]

    @precondition(lambda self: (lock := self.w.environments["production"].lock) and lock.until_cleared)
    @rule()
    def unlock(self) -> None:
        self._try(self.w.unlock)
        self.oracle.lock = None

    # --- how --------------------------------------------------------------------------------------------------

    def _release(self, pick: int) -> Release:
        found = [r for r in self.w.releases.values() if r.is_open] or list(self.w.releases.values())
        return found[pick % len(found)]

    def _try(self, what: Callable[[], Any]) -> None:
        """Do it; a rule may say no, and then nothing has changed. Everything that happened is read."""
        before = (dict(self.w.releases), dict(self.w.decisions), dict(self.w.environments), self.w.product)
        try:
            what()
        except ReleaseBotError as no:
            assert isinstance(no, (Refused, Stale, NotFound))
            if not self.w.steps:
                assert before == (self.w.releases, self.w.decisions, self.w.environments, self.w.product)
        for step in self.w.steps:
            self.oracle.read(row_of(step, self.w.now, self.w.members(), self.w.evidence))
            self.old += [step.before.digest[:16], str(step.before.epoch)] if step.before.digest else []
        del self.w.steps[:], self.old[:-12]

    def _deliver_all(self) -> None:
        for _ in range(60):
            if not self.w.queue:
                return
            number, effect = self.w.queue.popleft()
            self._try(lambda n=number, e=effect: self.w._do(n, e))

    def _fix_forward(self, who: str, r: Release, reason: str) -> None:
        """Both or neither, as the use case does it in one unit of work."""
        for w in (self.w.copy(), self.w):
            w.act(who, "fix_forward", r, reason=reason)
            w.start("hotfix", who, base=r.version, fixes=r.id)

    def _what_is_next(self, r: Release) -> list[Callable[[], Any]]:
        w, members = self.w, self.w.members()
        rules = POLICY.rules(r.type)
        if r.hold:
            return [lambda: w.act(PRIYA, "resume", r)]
        if r.phase is Phase.PLANNING:
            return [lambda: w.sign_all("begin", r), lambda: w.act(PRIYA, "begin", r)]
        if r.phase is Phase.DEVELOPMENT and r.type.by_train:
            return [lambda: w.act(PRIYA, "freeze_early", r, reason="all is merged")]
        if r.phase is Phase.DEVELOPMENT:
            return [lambda: self.push(r.id - 1, "own", False, False), lambda: w.act(PRIYA, "candidate", r)]
        if r.phase is Phase.STABILIZATION:
            ahead = r.candidate is None or r.branch_head != r.candidate.sha
            return [lambda: ahead and w.act(PRIYA, "candidate", r), lambda: w.sign_all("ready", r),
                    lambda: w.act(PRIYA, "ready", r)]  # fmt: skip
        if r.phase is Phase.PREPARATION:
            when = r.departs_at if r.departs_at and r.departs_at > w.now else w.now
            signers = [p for n in rules.approvals for p in members[n.role]]
            going = [p for role in rules.go for p in members[role][:1]]
            return [*(lambda p=p: w.act(p, "approve", r) for p in signers), lambda: w.sign_all("go", r),
                    lambda: w.at(when), *(lambda p=p: w.act(p, "go", r) for p in going)]  # fmt: skip
        if r.phase is Phase.DEPLOYMENT:
            return [lambda: w.sign_all("rollback", r), lambda: w.sign_all("deployed", r)]
        return [lambda: w.sign_all("close", r)]

    # --- what always holds ----------------------------------------------------------------------------------------

    @invariant()
    def the_record_replays_to_what_is_stored(self) -> None:
        for r in self.w.releases.values():
            story = self.oracle.stories[r.id]
            told = (story.phase, story.epoch, story.content, story.held)
            assert told == (r.phase, r.epoch, r.digest, r.hold is not None)
            assert sorted(map(repr, story.standing)) == sorted(map(repr, self.w.decisions[r.id]))
        production = self.w.environments["production"]
        assert self.oracle.production == production.version
        assert self.oracle.lock == (production.lock.release_id if production.lock else None)

    @invariant()
    def one_run_in_production_and_every_number_and_departure_once(self) -> None:
        live = [r for r in self.w.releases.values() if r.phase is not Phase.CANCELLED]
        runs = [x for r in live for x in r.runs if x.environment == "production" and x.state is RunState.RUNNING]
        assert len(runs) <= 1
        assert len({r.version for r in live}) == len(live)
        going = [(r.train, r.departs_at) for r in live if r.is_open and r.departs_at]
        assert len(set(going)) == len(going)

    @invariant()
    def nobody_who_has_left_holds_production(self) -> None:
        lock = self.w.environments["production"].lock
        if lock is not None and not lock.until_cleared:
            assert self.w.releases[lock.release_id].is_open


def play(examples: int, steps: int, fixed: bool, team: type[RuleBasedStateMachine] = Team) -> None:
    how = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=fixed, database=None,
        print_blob=True, suppress_health_check=list(HealthCheck), phases=(Stage.explicit, Stage.generate, Stage.shrink),
    )  # fmt: skip
    run_state_machine_as_test(team, settings=how)


def test_nothing_ships_unsigned_and_no_phase_moves_against_the_table():
    play(60, 50, fixed=True)


@pytest.mark.torture
@pytest.mark.parametrize("part", range(2))
def test_nothing_ships_unsigned_in_long_random_stories(part, dice, tells):
    class Another(Team):
        """A class of its own, because hypothesis keeps the seed on it."""

    tells(seed=dice + part, stories=LONG_STORIES, steps=120)
    play(LONG_STORIES, 120, fixed=False, team=seed(dice + part)(Another))
