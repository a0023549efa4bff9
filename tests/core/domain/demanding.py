"""People who try everything with one release under a random policy; the auditor reads each step.

`Team` is a machine for hypothesis, which finds the shortest story of a fault, and `wander` walks it by dice, which
reaches production more often and costs less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.domain import gates
from core.domain.engine import Step
from core.domain.lifecycle import BY_EVENT
from core.domain.people import Away, Colleague, Delegation
from core.domain.product import Kept, Pause
from core.domain.release import Decision, Lock, Phase, Release
from core.domain.situation import Act
from core.errors import NotFound, Refused, ReleaseBotError, Stale
from tests.core.domain.auditor import Auditor, Lent, Paper, Roster, Said
from tests.core.domain.random_policies import KINDS, Drawn, drawn
from tests.core.domain.world import DANA, ERIKA, MIRA, OLU, PRIYA, QADIR, SANA, THEO, TRAIN, World

PEOPLE = (PRIYA, THEO, QADIR, MIRA, OLU, SANA, ERIKA, DANA)
POOL = 40  # policies of the quick run; the long one draws others
KNOWN = (
    "approval", "expired", "rejected", "signoff", "evidence", "item", "window", "freeze", "told", "concern", "held",
    "paused",
)  # fmt: skip
CLICKS = (
    "approve", "approve", "reject", "withdraw", "tick", "tick", "untick", "go", "ready", "back", "hold", "resume",
    "concern", "settle", "candidate",
)  # fmt: skip
PICK = st.integers(0, 60)
# What the team leaves out when it says go; often nothing.
LEFT = ("", "", "", "", "approval", "expired", "rejected", "signoff", "evidence", "item", "told", "concern", "held",
        "staging", "paused", "kept")  # fmt: skip
LEFT_OUT = st.sampled_from(LEFT)


def paper_of(r: Release, staging: str, lock: Lock | None) -> Paper:
    """A release as plain data; what it shows by itself is read off its fields."""
    on_branch = r.branch_head and (r.train is None or r.phase not in ("planning", "development"))
    shown = {
        "milestone": r.freeze_at, "branch_created": on_branch, "version_written": r.candidates and not r.files,
        "features_merged": on_branch and all(i.state != "in" for i in r.items), "notes_drafted": r.notes,
    }  # fmt: skip
    newest = r.candidates[-1] if r.candidates else None
    return Paper(
        r.id, r.type.value, r.phase.value, r.started_by, newest.tag if newest else "", newest.sha if newest else "",
        newest.digest if newest else "", r.tagged_as, r.epoch, r.hold is not None,
        sum(c.settled_at is None for c in r.concerns), r.departs_at, r.window_ends_at, frozenset(r.announced),
        frozenset(name for name, there in shown.items() if there), staging,
        lock.release_id if lock else None,
        frozenset({DANA} if r.scope or r.written_by else ()),  # she writes everything in this world
    )  # fmt: skip


def said(d: Decision) -> Said:
    return Said(d.gate, d.subject, d.role, d.person, d.verdict, d.at, d.stands_for or d.person)


class Team(RuleBasedStateMachine):
    """People who try everything with one release; the auditor reads each step."""

    policies: Callable[[int], Drawn] = staticmethod(drawn)
    exact = True

    def __init__(self) -> None:
        super().__init__()
        self.went, self.over = 0, False

    @initialize(number=st.integers(0, POOL - 1), kind=st.sampled_from(["minor", "patch", "hotfix", "major"]), who=PICK)
    def begins(self, number: int, kind: str, who: int) -> None:
        """Somebody starts a release, and the team brings it to its first candidate."""
        self.drawn = self.policies(number)
        self.w = World(policy=self.drawn.policy, groups=dict(self.drawn.groups), pumping=False)
        self.auditor, self.seen, self.staging, self.lock = Auditor(self.drawn.raw), 0, "", None
        if not any(self._try(lambda p=p: self.w.start(kind, p)) for p in (*PEOPLE[who % 8 :], *PEOPLE)):
            return
        self._deliver()
        self._tick("begin")
        self._anyone("begin")
        self._anyone("freeze_early", reason="all is merged")
        if self.r.branch in self.w.heads and not self.r.candidate:
            self.pushes(False, "")

    # --- what can happen ----------------------------------------------------------------------------------------

    @precondition(lambda self: self.w.releases)
    @rule(who=st.sampled_from(PEOPLE), event=st.sampled_from(CLICKS), pick=PICK, stale=st.booleans())
    def click(self, who: str, event: str, pick: int, stale: bool) -> None:
        """Somebody presses something, with or without the right, now and then an old button."""
        items, roles = list(self.drawn.raw["signoffs"]), [n["role"] for n in self._rules["approvals"]]
        words: dict[str, Any] = {"reason": "it has to be", "concern": 1 + pick % 2, "item": items[pick % len(items)]}
        words |= {"role": roles[pick % len(roles)]} if event in ("approve", "reject") and pick % 3 else {}
        self._try(lambda: self.w.act(who, event, self.r, "0" * 16 if stale and pick % 5 == 0 else None, **words))
        self._deliver(pick % 4 != 0)

    @precondition(lambda self: self.w.releases)
    @rule(pick=PICK)
    def one_more(self, pick: int) -> None:
        """One of the things that are missing is done."""
        open_ = sorted(self._missing())
        if open_:
            self._satisfy(open_[pick % len(open_)])

    @precondition(lambda self: self.w.releases)
    @rule(left_out=LEFT_OUT)
    def nearly(self, left_out: str) -> None:
        """Everything is done, sometimes but one thing, and then everybody says go."""
        self._prepare(left_out)
        self._spoil(left_out)
        self._all_go()
        self.w.fails = {}

    @precondition(lambda self: self.w.releases and self.r.candidate)
    @rule(kind=st.sampled_from(KINDS), verdict=st.sampled_from(["passed", "failed"]), old=st.booleans())
    def ci_reports(self, kind: str, verdict: str, old: bool) -> None:
        """A result comes in, sometimes for a candidate that has been replaced."""
        sha = self.r.candidates[0 if old else -1].sha
        self.auditor.results.append((sha, kind, "ci", kind, verdict))
        self._try(lambda: self.w.ci_reports(self.r, kind, verdict=verdict, sha=sha))
        self._deliver()

    @precondition(lambda self: self.w.releases and self.w.groups)
    @rule(pick=PICK, people=st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=3), before_go=st.booleans())
    def people_come_and_go(self, pick: int, people: set[str], before_go: bool) -> None:
        """A group has other members, sometimes when everything was ready to go."""
        if before_go:
            self._prepare()
        seats = [self.drawn.raw["roles"][n["role"]].get("group") for n in self._rules["approvals"]]
        names = [g for g in seats if g] or sorted(self.w.groups)
        self.w.groups[names[pick % len(names)]] = tuple(sorted(people))
        self._all_go() if before_go else self._deliver()

    @rule(holder=st.sampled_from(PEOPLE), to=st.sampled_from(PEOPLE), role=PICK, days=st.integers(0, 20))
    def stands_in(self, holder: str, to: str, role: int, days: int) -> None:
        """Somebody lets another one stand in for some days, or takes it back."""
        roles = ("", *(n["role"] for n in self._rules["approvals"])) if self.w.releases else ("",)
        lent = Delegation(to, self.w.now, self.w.now + timedelta(days=days), roles[role % len(roles)])
        kept = (lent,) if days and to != holder else ()
        self.w.people[holder] = replace(self.w.people.get(holder, Colleague(holder)), delegations=kept)

    @rule(who=st.sampled_from(PEOPLE), days=st.integers(0, 10))
    def is_away(self, who: str, days: int) -> None:
        gone = (Away(self.w.now, self.w.now + timedelta(days=days)),) if days else ()
        self.w.people[who] = replace(self.w.people.get(who, Colleague(who)), away=gone)

    @precondition(lambda self: self.w.releases)
    @rule(hours=st.sampled_from([1, 26, 26, 8 * 24]), before_go=st.booleans())
    def time_passes(self, hours: int, before_go: bool) -> None:
        """Hours or days pass, sometimes when everything was ready to go."""
        if before_go:
            self._prepare()
        self._try(lambda: self.w.at(self.w.now + timedelta(hours=hours)))
        self._all_go() if before_go else self._deliver()

    @precondition(lambda self: self.w.releases and self.r.branch in self.w.heads)
    @rule(signed=st.booleans(), left_out=LEFT_OUT)
    def pushes(self, signed: bool, left_out: str) -> None:
        """A developer pushes and somebody tags a candidate, sometimes when the one before was ready to go."""
        if signed:
            self._prepare()
        if self.r.phase is Phase.DEPLOYMENT:
            return
        self.w.commit(self.r.branch, f"c{len(self.w.ancestors)}")
        self._try(self.w.look)
        self._deliver()
        self._anyone("candidate")
        if signed:
            self.nearly(left_out)

    @precondition(lambda self: self.w.releases and self.drawn.raw["override"] and "override" in BY_EVENT)
    @rule(pick=PICK, first=st.sampled_from(PEOPLE), second=st.sampled_from(PEOPLE),
          then=st.sampled_from(["", "", "push", "back"]))
    def breaks_glass(self, pick: int, first: str, second: str, then: str) -> None:
        """What is left open is passed by two people, by one twice, or by strangers; then go, or a push before it."""
        self._prepare(LEFT[pick % len(LEFT)])
        may = [p for p in PEOPLE if self._roster().may(p, self.drawn.raw["override"]["roles"])]
        pair = (first, second) if pick % 3 == 0 or len(may) < 2 else (may[0], may[0 if pick % 3 == 1 else -1])
        for code in [*sorted(self._missing()), "held", "concern", "staging", "rejected", "git.busy"]:
            for person in pair:
                words = {"item": code, "reason": "customers cannot pay"}
                self._try(lambda p=person, w=words: self.w.act(p, "override", self.r, **w))
        self._deliver()
        if then == "push":
            self.pushes(False, "")
            self._to_preparation()
        elif then == "back":
            self._anyone("back", reason="once more")
            self._anyone("ready")
        self._all_go()

    # --- how ----------------------------------------------------------------------------------------------------

    @property
    def r(self) -> Release:
        return self.w.releases[1]

    @property
    def _rules(self) -> Any:
        return self.drawn.raw["types"][self.r.type.value]

    def _roster(self) -> Roster:
        lent = tuple(Lent(p, d.to, d.role, d.since, d.until) for p, c in self.w.people.items() for d in c.delegations
                     if d.until)  # fmt: skip
        away = frozenset(p for p, c in self.w.people.items() if any(a.first <= self.w.now < a.until for a in c.away))
        return Roster(self.w.members(), lent, away, self.w.now)

    def _paper(self, r: Release) -> Paper:
        product, now = self.w.product, self.w.now
        kept = product.kept.get("production")
        holds = kept.by if kept and (kept.until is None or now < kept.until) else ""
        return replace(paper_of(r, self.staging, self.lock), paused=product.pause is not None, kept_by=holds)

    def _missing(self) -> set[str]:
        return self.auditor.missing(self._paper(self.r), self._roster())

    def _try(self, what: Callable[[], Any]) -> bool:
        """Do it, or be refused; everything that happened is read by the auditor."""
        try:
            what()
        except ReleaseBotError as no:
            assert isinstance(no, Refused | Stale | NotFound)
            return False
        finally:
            steps, self.w.steps = self.w.steps, []
            for step in steps:
                self._read(step)
        return True

    def _read(self, step: Step) -> None:
        before, roster = self._paper(step.before), self._roster()
        if step.verb == "go" and step.after.phase is Phase.DEPLOYMENT:
            self.auditor.went(before, step.act.actor, roster)
            self.went += 1
        if step.verb == "ready":
            assert not (lacks := self.auditor.missing(before, roster, ("ready",))), f"ready without {lacks}"
        self._may(step, roster)
        if step.verb == "override":
            self.over = True
            self.auditor.overrode(before, str(step.outcome.record["code"]), step.act.actor, roster)
        self.auditor.signed(before, map(said, step.outcome.sign), map(said, step.outcome.withdraw), roster)
        for env in step.outcome.environments:
            self.staging = env.candidate if env.name == "staging" else self.staging
            self.lock = env.lock if env.name == "production" else self.lock
        self.auditor.turned(self._paper(step.after))

    def _may(self, step: Step, roster: Roster) -> None:
        """Who did it holds a role to which the policy gives it."""
        act = {"freeze_early": "freeze", "resume": "hold"}.get(step.verb, step.verb)
        if step.via == "command" and act in ("candidate", "ready", "back", "hold", "begin", "freeze"):
            assert roster.may(step.act.actor, self.drawn.raw["permissions"][act]), f"{step.act.actor} may not {act}"

    def _deliver(self, all_: bool = True) -> None:
        for _ in range(60 if all_ else 1):
            if not self.w.queue:
                return
            number, effect = self.w.queue.popleft()
            self._try(lambda n=number, e=effect: self.w._do(n, e))

    def _anyone(self, event: str, people: Iterable[str] = PEOPLE, **words: Any) -> bool:
        """The first who is allowed to."""
        done = any(self._try(lambda p=p: self.w.act(p, event, self.r, **words)) for p in people)
        self._deliver()
        return done

    def _prepare(self, left_out: str = "") -> None:
        """All that is missing is done, but for what is left out."""
        self.w.product = replace(self.w.product, pause=None, kept={})
        self._anyone("resume")
        self._spoil_machines(left_out)
        self._to_preparation()
        self._on_time()
        for _ in range(2):
            for code in sorted(self._missing()):
                if code.partition(".")[0] != left_out:
                    self._satisfy(code)

    def _all_go(self) -> None:
        for person in PEOPLE:
            self._try(lambda p=person: self.w.act(p, "go", self.r))
        self._deliver()

    def _spoil_machines(self, left_out: str) -> None:
        """The host, or Slack, does not do what it is asked."""
        if left_out == "staging":
            self.w.fails["deploy"] = lambda e: ("run.failed", {"run": e.body["run"], "reason": "host is away"})
        elif left_out == "told":
            self.w.fails["slack.post"] = lambda e: ("look_again", {})

    def _spoil(self, left_out: str) -> None:
        """People do what must stop a go, or sign where they must not."""
        if left_out == "held":
            self._anyone("hold", reason="wait for the bank")
        elif left_out == "concern":
            self._anyone("concern", reason="the sums are wrong")
        elif left_out == "rejected":
            self._anyone("reject", reason="the wrong month")
        elif left_out == "paused":
            self.w.product = replace(self.w.product, pause=Pause(OLU, self.w.now, "the host is upgraded"))
        elif left_out == "kept":
            self.w.product = replace(self.w.product, kept={"production": Kept(DANA, self.w.now, "a backup is tried")})
        elif left_out == "evidence":
            self.ci_reports(self._rules["tests"][0], "failed", False)
        elif left_out == "approval":
            for person in (self.r.started_by, DANA):
                for need in self._rules["approvals"]:
                    self._try(lambda p=person, n=need: self.w.act(p, "approve", self.r, role=n["role"]))
            self._deliver()

    def _tick(self, gate: str) -> None:
        for name, item in self.drawn.raw["signoffs"].items():
            if item["gate"] == gate:
                self._anyone("tick", self._roster().held.get(item["role"], ()), item=name)

    def _to_preparation(self) -> None:
        if self.r.phase is not Phase.STABILIZATION:
            return
        for code in sorted(self.auditor.missing(self._paper(self.r), self._roster(), ("ready",))):
            self._satisfy(code)
        self._anyone("ready")

    def _on_time(self) -> None:
        """The day of departure comes, a later one when it is over."""
        r = self.r
        if r.departs_at is None:
            coming = r.coming_at
        elif r.window_ends_at and self.w.now > r.window_ends_at:
            weeks = (self.w.now - TRAIN).days // 14 + 1
            self._try(lambda: self.w.act(PRIYA, "move", r, to=(TRAIN + timedelta(weeks=2 * weeks)).isoformat()))
            coming = self.r.coming_at
        else:
            coming = r.coming_at
        for when in (coming, self.r.departs_at):
            if when and when > self.w.now:
                self._try(lambda w=when: self.w.at(w))
                self._deliver()

    def _satisfy(self, code: str) -> None:
        family, _, tail = code.partition(".")
        if family == "rejected":
            against = [d.person for d in self.auditor.said[1] if d.verdict == "reject"]
            self._anyone("withdraw", against, reason="it was a mistake")
        elif family in ("approval", "expired"):
            for person in PEOPLE:
                for role in [n["role"] for n in self._rules["approvals"]]:
                    if person in self.w.members()[role] and code in self._missing():
                        self._try(lambda p=person, r=role: self.w.act(p, "approve", self.r, role=r))
        elif family == "signoff":
            self._anyone("tick", item=tail)
        elif family == "evidence":
            self.ci_reports(self.drawn.raw["signoffs"][tail]["by"], "passed", False)
        elif family == "concern":
            for one in self.r.concerns:
                self._anyone("settle", (one.by,), reason="it was looked at", concern=one.id)
        elif family == "held":
            self._anyone("resume")
        elif family in ("window", "told"):
            self._on_time()
        elif family == "staging":
            self._anyone("retry")
        self._deliver()

    # --- what always holds ----------------------------------------------------------------------------------------

    @invariant()
    def refusals_name_exactly_what_the_policy_demands(self) -> None:
        if not self.exact or not self.w.releases or self.r.phase is not Phase.PREPARATION:
            return
        stops = gates.blockers(BY_EVENT["go"], self.w.situation(self.r), Act(PRIYA, "go"))
        named = {"staging" if b.code.startswith("staging.") else b.code for b in stops}
        named = {code for code in named if code == "staging" or code.partition(".")[0] in KNOWN}
        assert named == (missing := self._missing()), f"refusals name {sorted(named)}, missing is {sorted(missing)}"


def wander(number: int, team: type[Team], pool: int, steps: int) -> Team:
    """One story by dice: the same number tells the same story."""
    dice = Random(number)

    def yes() -> bool:
        return dice.random() < 0.5

    def who() -> str:
        return dice.choice(PEOPLE)

    m = team()
    m.begins(dice.randrange(pool), dice.choice(("minor", "patch", "hotfix", "major")), dice.randrange(8))
    things: list[tuple[int, Callable[[], object], Callable[[], None]]] = [
        (30, lambda: True, lambda: m.click(who(), dice.choice(CLICKS), dice.randrange(60), yes())),
        (25, lambda: True, lambda: m.nearly(dice.choice(LEFT))),
        (7, lambda: True, lambda: m.one_more(dice.randrange(60))),
        (6, lambda: m.r.candidate, lambda: m.ci_reports(dice.choice(KINDS), dice.choice(("passed", "failed")), yes())),
        (6, lambda: m.w.groups,
         lambda: m.people_come_and_go(dice.randrange(60), set(dice.sample(PEOPLE, dice.randint(1, 3))), yes())),
        (5, lambda: True, lambda: m.stands_in(who(), who(), dice.randrange(60), dice.randint(0, 20))),
        (2, lambda: True, lambda: m.is_away(who(), dice.randint(0, 10))),
        (6, lambda: True, lambda: m.time_passes(dice.choice((1, 26, 26, 8 * 24)), yes())),
        (6, lambda: m.r.branch in m.w.heads, lambda: m.pushes(yes(), dice.choice(LEFT))),
        (12, lambda: m.drawn.raw["override"] and "override" in BY_EVENT,
         lambda: m.breaks_glass(dice.randrange(60), who(), who(), dice.choice(("", "", "push", "back")))),
    ]  # fmt: skip
    weights = [weight for weight, _, _ in things]
    for _ in range(steps if m.w.releases else 0):
        _, able, does = dice.choices(things, weights)[0]
        if able():
            does()
        m.refusals_name_exactly_what_the_policy_demands()
        if m.r.phase is Phase.DEPLOYMENT:
            break
    return m
