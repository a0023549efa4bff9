"""A whole product in memory around the pure engine: people act, effects are done at once, time is set by hand.

Git is a set of commits with ancestors; Slack is the list of posts. Nothing here decides anything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from core.domain.checklist import proof
from core.domain.effects import Effect
from core.domain.engine import Decided, Step, decide, take, take_in
from core.domain.evidence.model import Build, Evidence
from core.domain.gates import blockers
from core.domain.lifecycle import BY_EVENT
from core.domain.moves import move_of
from core.domain.moves.opening import dated
from core.domain.notes.model import Draft, Heading, Item
from core.domain.parts import STEPS, RunState
from core.domain.people import Colleague, Roster
from core.domain.pipeline.model import BESIDE, StepState
from core.domain.policy import Policy, parse_policy
from core.domain.release import Decision, Environment, Phase, ProductRecord, Release, ReleaseType, ScopeItem
from core.domain.situation import Act, Situation
from core.domain.versions import Version, proposed
from core.errors import Refused
from tests.policies import simulated_text

ROOT = Path(__file__).parents[3]
PRIYA, THEO, QADIR, MIRA, OLU, SANA, ERIKA, DANA = (
    "U0PRIYA", "U0THEO", "U0QADIR", "U0MIRA", "U0OLU", "U0SANA", "U0ERIKA", "U0DANA")
START = datetime(2026, 12, 1, 14, tzinfo=UTC)  # Tuesday, 9:00 Eastern
OURS = ("own-", "promo-", "pick-", "revert-", "mergebranch-", "main")  # commits that git made for the bot
TRAIN = datetime(2026, 12, 16, 15, tzinfo=UTC)


@cache
def policy() -> Policy:
    return parse_policy(simulated_text())


@dataclass
class World:
    """`fails` says for an effect kind what happens instead of success: (effect) -> report kind and body, or None."""

    policy: Policy = field(default_factory=policy)
    now: datetime = START
    releases: dict[int, Release] = field(default_factory=dict)
    decisions: dict[int, tuple[Decision, ...]] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=lambda: {
        "production": Environment(
            "production", "1.2.2", "main0", since=START, previous="1.2.1", previous_sha="main-1")})
    product: ProductRecord = field(
        default_factory=lambda: ProductRecord("asset-anchor", {"1.2.1": "main-1", "1.2.2": "main0"}))
    people: dict[str, Colleague] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"S0PM": (MIRA,)})
    heads: dict[str, str] = field(default_factory=lambda: {"main": "main0", "develop": "dev0"})
    ancestors: dict[str, frozenset[str]] = field(default_factory=lambda: {
        "main-1": frozenset({"main-1"}), "main0": frozenset({"main-1", "main0"}),
        "dev0": frozenset({"main-1", "main0", "dev0"})})
    posts: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    fails: dict[str, Callable[[Effect], tuple[str, dict[str, Any]] | None]] = field(default_factory=dict)
    queue: deque[tuple[int, Effect]] = field(default_factory=deque)
    pumping: bool = True
    drafts: dict[int, Draft] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)  # of all commits, as it came in
    broken: dict[str, str] = field(default_factory=dict)  # step of a pipeline -> how it ends the next time
    static: dict[str, tuple[str, ...]] = field(default_factory=dict)  # holders by the file; they are asked for often

    def __post_init__(self) -> None:
        self.static = {name: self.policy.static_members(name) for name in self.policy.roles}

    # --- situations ---------------------------------------------------------------------------------------------

    def members(self) -> dict[str, tuple[str, ...]]:
        return self.static | {role: self.groups.get(g, ()) for role, g in self.policy.groups().items()}

    def evidence_of(self, release: Release) -> tuple[Evidence, ...]:
        sha = release.candidate.sha if release.candidate else ""
        return tuple(e for e in self.evidence if e.sha == sha)

    def situation(self, release: Release) -> Situation:
        others = tuple(r for r in self.releases.values() if r.is_open)
        return Situation(release, self.policy, self.now, self.decisions.get(release.id, ()), self.environments,
                         self.members(), others, self.product, read_at=self.now, draft=self.drafts.get(release.id),
                         evidence_found=self.evidence_of(release), roster=self.roster()).reseated()

    def roster(self) -> Roster:
        return Roster(self.people, self.policy.zone, self.policy.working_hours.hours)

    def _keep(self, decided: Decided) -> Decided:
        s = decided.s
        self.releases[s.release.id] = s.release
        self.decisions[s.release.id] = s.decisions
        self.environments = dict(s.environments)
        self.product = s.product
        self.steps += decided.steps
        self.evidence = [*self.evidence, *(e for step in decided.steps for e in step.outcome.evidence)]
        self.queue.extend((s.release.id, e) for e in decided.effects)
        if self.pumping:
            self.pump()
        return decided

    def taken(self) -> list[Version]:
        used = (*self.product.shipped, *self.product.burnt, *(r.version for r in self.releases.values() if r.is_open))
        return [Version.parse(v) for v in used]

    def copy(self) -> World:
        """A world of its own with the same past; everything in it is frozen, so only the containers are copied."""
        return replace(
            self, releases=dict(self.releases), decisions=dict(self.decisions), environments=dict(self.environments),
            people=dict(self.people),
            groups=dict(self.groups), heads=dict(self.heads), ancestors=dict(self.ancestors), posts=list(self.posts),
            steps=list(self.steps), fails=dict(self.fails), queue=deque(self.queue), drafts=dict(self.drafts))

    # --- people -------------------------------------------------------------------------------------------------

    def start(self, kind: str, who: str = PRIYA, *, base: str | None = None, **more: Any) -> Release:
        live = Version.parse(base or self.environments["production"].version)
        taken = self.taken()
        version = Version.parse(more.pop("version", "")) if more.get("version") else proposed(kind, live, taken)
        typ = ReleaseType(kind)
        phase = Phase.PLANNING if typ.by_train else Phase.DEVELOPMENT
        release = Release(
            len(self.releases) + 1, "asset-anchor", str(version), typ, phase, 1, self.policy.hash, who, self.now, who,
            live.tag, self.product.shipped.get(str(live), "main0"), version.branch,
            reason=more.pop("reason", "payments fail"), train="main" if typ.by_train else None,
            departs_at=more.pop("departs_at", TRAIN) if typ.by_train else None, fixes=more.pop("fixes", None),
            items=tuple(ScopeItem(ref, "", who, self.now) for ref in more.pop("items", ())))
        release = dated(release, self.policy)
        row = BY_EVENT["start" if typ.by_train else "start_fix"]
        act = Act(who, row.event, {"reason": release.reason})
        stops = blockers(row, self.situation(release), act)
        if stops:
            raise Refused(stops, asked="start")
        s = self.situation(release)
        s, step = take(s, "start", act, move_of(row.event)(s, act), "command")
        return self._keep(Decided(s, (step,))).s.release and self.releases[release.id]

    def act(self, who: str, event: str, release: Release | int, subject: str | None = None, **words: Any) -> Decided:
        number = release if isinstance(release, int) else release.id
        if event == "fix_forward":
            base = self.releases[number].number
            words |= {"hotfix": str(proposed("hotfix", base, self.taken())), "hotfix_id": len(self.releases) + 1}
        return self._keep(decide(self.situation(self.releases[number]), Act(who, event, words, subject)))

    def sign_all(self, gate: str, release: Release | int, ci: bool = True) -> None:
        """Everybody signs the checklist items that are due for a gate, and CI reports what it waits for."""
        number = release if isinstance(release, int) else release.id
        self.ci_reports(number, *(self.kinds_asked(gate, number) if ci else ()))
        for name in list(self.situation(self.releases[number]).signoff_items(gate)):
            s = self.situation(self.releases[number])
            item = s.signoff(name)
            if item and s.signoff_due(item) and s.signoff_done(name, item) is None and self.members()[item.role]:
                self.act(self.members()[item.role][0], "tick", number, item=name)

    def kinds_asked(self, gate: str, number: int) -> list[str]:
        """The kinds of evidence that items of a gate wait for and have not got."""
        s = self.situation(self.releases[number])
        asked = s.signoff_items(gate).items()
        return [i.by for n, i in asked if i.met == "evidence" and s.candidate and proof(s, n, i).state != "met"]

    def ci_reports(self, release: Release | int, *kinds: str, verdict: Any = "passed", **more: Any) -> None:
        """Results for the candidate's commit come in; without kinds nothing happens."""
        number = release if isinstance(release, int) else release.id
        candidate = self.releases[number].candidate
        sha = more.pop("sha", "") or (candidate.sha if candidate else "")
        for kind in dict.fromkeys(kinds):
            assert candidate is not None
            ident = len(self.evidence) + 1
            made = {"builds": (Build("app", f"sha256:{candidate.sha}"),)} if kind == "build" else {}
            new = Evidence(ident, sha, kind, "ci", kind, verdict, self.now, str(ident), **made | more)  # type: ignore[arg-type]
            self.evidence = [*self.evidence, new]
        if kinds:
            self.report(number, "look_again", {})

    # --- effects ------------------------------------------------------------------------------------------------

    def pump(self) -> None:
        while self.queue:
            number, effect = self.queue.popleft()
            self._do(number, effect)

    def report(self, number: int, kind: str, body: Mapping[str, Any]) -> None:
        self._keep(take_in(self.situation(self.releases[number]), kind, body))

    def _do(self, number: int, e: Effect) -> None:
        failing = self.fails.get(e.kind)
        instead = failing(e) if failing else None
        if instead is not None:
            self.report(number, *instead)
            return
        body: dict[str, Any] = dict(e.body)
        if e.kind == "slack.post":
            self.posts.append((str(body["place"]), str(body["moment"]), body["data"]))
            self.report(number, "posted", {"place": body["place"], "moment": body["moment"]})
        elif e.kind == "git.plan":
            made = self._planned(number, body)
            plan = {"commit": made, "prepared": made.startswith("own-"), "conflicts": []}
            self.report(number, "git.planned", {"purpose": body["purpose"], "attempt": body["attempt"], "plan": plan})
        elif e.kind == "git.find":
            self.report(number, "git.found", self._found(body))
        elif e.kind == "git.push":
            self._push(number, body)
        elif e.kind == "scope.read":
            self._read(number, body)
        elif e.kind == "range.read":
            sha = f"fix of {body['head']}"
            came = {"sha": sha, "subject": "fix: one", "author": "Dana", "email": "d@x", "pull": None}
            self.report(number, "range.read", {**body, "came": [came], "went": []})
        elif e.kind == "fixes.read":
            only = self.ancestors[self.heads[body["branch"]]] - self.ancestors[self.heads[body["base"]]]
            left = [{"sha": n, "subject": f"fix: {n}", "author": "Dana", "email": "d@x"} for n in sorted(only)]
            self.report(number, "fixes.read", {**body, "changes": left})
        elif e.kind == "members.read":
            self.report(number, "members.read", {})
        elif e.kind == "run.word" or body.get("steps"):
            self._one_step(number, e)
        elif e.kind == "deploy":
            self.report(number, "run.done", {"run": body["run"], "steps": STEPS})
        elif e.kind == "others.look_again":
            for other in [r.id for r in self.releases.values() if r.is_open and r.id != number]:
                self.report(other, "look_again", {})

    def _one_step(self, number: int, e: Effect) -> None:
        """A pipeline does its next step, as `broken` says or well; what is left of it waits at the end of the queue."""
        run = next((r for r in self.releases[number].runs if r.id == e.body["run"]), None)
        if run is None or run.state is not RunState.RUNNING or e.body.get("word") in ("stop", "end"):
            return
        told: dict[str, Any] = {"run": run.id}
        step = next((x for x in run.steps if x.state is StepState.PENDING and x.uses not in BESIDE), None)
        if step is None:
            self.report(number, "run.done", told)
            return
        told |= {"step": step.name, "reason": "it is broken"}
        state = "stopped" if run.stop_asked else self.broken.pop(step.name, "done")
        if state != "stopped":
            self.report(number, "run.step", told | {"state": "running"})
        if state != "done":
            self.report(number, "run.failed", told | {"state": state})
            return
        self.report(number, "run.step", told | {"state": "done"})
        self.queue.append((number, e))

    def _planned(self, number: int, body: Mapping[str, Any]) -> str:
        """The commit that git would make for an order: the one that is tagged, where nothing is to be written."""
        order = body["order"]
        if order["is"] == "Promote":
            return f"promo-{number}-{body['attempt']}"
        if order["is"] in ("Pick", "Revert", "Solve", "MergeBranch"):
            return f"{order['is'].lower()}-{number}-{body['attempt']}"
        return f"own-{number}-{body['attempt']}" if order.get("prepare") else order.get("from_sha") or order["sha"]

    def _found(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Everything that somebody asks for is one commit on develop, under its own name."""
        head, develop = self.heads.get(body["branch"], ""), self.heads["develop"]
        found = {ref: {"title": f"change of {ref}", "commits": [ref]} for ref in body["refs"] if ref != "#404"}
        return {**body, "head": head, "develop_head": develop, "found": found, "order": list(found),
                "contained": head in self.ancestors[develop]}

    def _read(self, number: int, body: Mapping[str, Any]) -> None:
        """Each commit is an item of its own; one that begins with "feat" is no fix."""
        head, frozen = self.heads[body["branch"]], self.ancestors.get(body.get("frozen") or "", frozenset())
        own = tuple(n for n in sorted(self.ancestors[head] - self.ancestors["main0"]) if not n.startswith(OURS))
        items = tuple(Item(n, f"change of {n}", Heading.FIXES, commits=(n,), fix=not n.startswith("feat")) for n in own)
        self.drafts[number] = Draft("main0", head, items)
        change = {"sha": head, "subject": f"feat: change of {head} (AA-1)", "author": "Dana",
                  "email": "dana@asset-anchor.example", "pull": 1}
        late = [n for n in own if frozen and n not in frozen]
        told = {"branch": body["branch"], "head": head, "changes": [change], "late": late}
        self.report(number, "scope.read", told)

    def _push(self, number: int, body: Mapping[str, Any]) -> None:
        order, sha = body["order"], body["plan"]["commit"]
        if order["is"] in ("CutBranch", "TagCandidate"):
            base = order.get("from_sha") or order["sha"]
            self.ancestors[sha] = self.ancestors[base] | {sha}
            self.heads[order["branch"]] = sha
        elif order["is"] == "Solve":
            self.heads.setdefault(order["branch"], sha)
        elif order["is"] != "Promote":
            also = set(order.get("commits", ())) if order["is"] == "Pick" else set()
            also |= self.ancestors[order["source_sha"]] if order["is"] == "MergeBranch" else set()
            self.commit(order["branch"], sha, *also)
            self.ancestors[sha] -= set(order.get("commits", ())) - also
        else:
            self.ancestors[sha] = self.ancestors[order["candidate_sha"]] | self.ancestors[self.heads["main"]] | {sha}
            self.heads["main"] = sha
            for branch in order["merge_into"]:
                self.commit(branch, f"{branch}+{sha}", *self.ancestors[sha])
        inside = [v for v, s in self.product.shipped.items() if s in self.ancestors.get(sha, frozenset())]
        self.report(number, "git.pushed", {"purpose": body["purpose"], "contains": inside})

    # --- developers and time ------------------------------------------------------------------------------------

    def commit(self, branch: str, name: str, *also: str) -> None:
        self.ancestors[name] = self.ancestors[self.heads[branch]] | {name} | set(also)
        self.heads[branch] = name

    def look(self) -> None:
        """The bot looks at the remote."""
        for r in [r for r in self.releases.values() if r.is_open]:
            head = self.heads.get(r.branch, "")
            base = Version.parse(r.base_tag)
            lacks = [v for v, s in self.product.shipped.items() if head and base < Version.parse(v) < r.number
                     and v not in self.product.burnt and s not in self.ancestors[head]]
            self.report(r.id, "heads.seen", {"heads": self.heads, "lacks": lacks})

    def at(self, when: datetime) -> None:
        self.now = when
        for r in [r for r in self.releases.values() if r.is_open]:
            self.report(r.id, "hour", {})

    def unlock(self) -> None:
        """Somebody clears the lock that a roll-back left on production."""
        lock = self.environments["production"].lock
        assert lock is not None and lock.until_cleared
        self.environments["production"] = replace(self.environments["production"], lock=None)
        for r in [r for r in self.releases.values() if r.is_open]:
            self.report(r.id, "look_again", {})

    def phase(self, release: Release | int) -> Phase:
        return self.releases[release if isinstance(release, int) else release.id].phase

    def again(self, release: Release) -> Release:
        return self.releases[release.id]

    def said(self, moment: str) -> list[str]:
        return [place for place, m, _ in self.posts if m == moment]

    def with_policy(self, **changes: Any) -> World:
        return replace(self, policy=self.policy.model_copy(update=changes))
