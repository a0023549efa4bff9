"""A second opinion: judges what happened from the policy and the record of steps alone, as an auditor would.

It shares no rule with `core/domain/gates` and `moves`. `Row` holds what an audit entry holds; `Oracle` reads rows
one after the other and raises AssertionError at the first thing that must not have happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.engine import Step
from core.domain.evidence.model import Evidence
from core.domain.lifecycle import TABLE
from core.domain.policy import Policy
from core.domain.release import Decision, Phase, Release, ReleaseType

SOURCES = {row.event: (row.sources, row.target) for row in TABLE}
BY_REPORT = {  # phase changes that come with a report, because git has to answer first
    ("git.pushed", Phase.STABILIZATION): (Phase.DEVELOPMENT, Phase.STABILIZATION, Phase.PREPARATION),
    ("git.refused", Phase.PREPARATION): (Phase.DEPLOYMENT,),
}


@dataclass(frozen=True)
class Row:
    """One entry of the record, with who held which role at that moment."""

    at: datetime
    release: int
    verb: str
    actor: str
    via: str
    version: str
    type: ReleaseType
    starter: str
    came_from: Phase
    went_to: Phase
    epoch: int
    content: str
    sha: str
    held: bool
    signed: tuple[Decision, ...]
    withdrawn: tuple[Decision, ...]
    production: tuple[str, int | None] | None  # version and lock, when the step wrote them
    published: str  # the commit that git was told to promote
    members: Mapping[str, tuple[str, ...]]
    proven: frozenset[str] = frozenset()  # kinds of evidence that passed for this commit
    seen: frozenset[str] = frozenset()  # what the record itself shows, by the names of the policy's rules


def row_of(
    step: Step, at: datetime, members: Mapping[str, tuple[str, ...]], evidence: Iterable[Evidence] = ()
) -> Row:
    r, out = step.after, step.outcome
    env = next((e for e in out.environments if e.name == "production"), None)
    push: Any = next((e.body for e in out.effects if e.kind == "git.push" and e.body["purpose"] == "promote"), None)
    return Row(
        at, r.id, step.verb, step.act.actor, step.via, r.version, r.type, r.started_by, step.before.phase, r.phase,
        r.epoch, r.digest, r.candidate.sha if r.candidate else "", r.hold is not None, out.sign, out.withdraw,
        (env.version, env.lock.release_id if env.lock else None) if env else None,
        str(push["order"]["candidate_sha"]) if push else "", dict(members),
        _proven(r.candidate.sha if r.candidate else "", evidence), frozenset(_seen(r)))  # fmt: skip


def _proven(sha: str, evidence: Iterable[Evidence]) -> frozenset[str]:
    """The kinds of which the newest result of every source and name passed, in the order in which they came in."""
    newest: dict[tuple[str, str, str], bool] = {}
    for e in evidence:
        if e.sha == sha:
            newest[e.kind, e.source, e.name] = e.verdict == "passed"
    bad = {kind for (kind, _, _), good in newest.items() if not good}
    return frozenset({kind for kind, _, _ in newest} - bad)


def _seen(r: Release) -> Iterator[str]:
    """What an auditor reads off a release, rule by rule."""
    deploys = [x for x in r.runs if (x.environment, x.kind) == ("production", "deploy")]
    yield from (d.name.replace(" ", "_") for d in (deploys[-1].done if deploys else ()))
    told = {key.partition(":")[0] for key in r.announced}
    shown = {
        "milestone": r.freeze_at, "features_merged": r.branch_head and all(i.state != "in" for i in r.items),
        "branch_created": r.branch_head, "version_written": r.candidates and not r.files, "notes_drafted": r.notes,
        "announced": told & {"coming", "going_out"},
        "metrics_collected": any(x.environment == "production" and x.ended_at for x in r.runs),
        "notes_published": told & {"live", "hotfix_live", "rolled_back"} or r.fixed_by,
        "bugs_triaged": all(i.resolved_at for i in r.incidents),
    }  # fmt: skip
    yield from (name for name, there in shown.items() if there)


@dataclass
class Story:
    """What the record says about one release so far."""

    phase: Phase
    epoch: int = 1
    content: str = ""
    held: bool = False
    standing: list[Decision] = field(default_factory=list)
    concerns: int = 0
    gone: set[str] = field(default_factory=set)  # contents for which go has fired


@dataclass
class Oracle:
    policy: Policy
    authors: frozenset[str]  # who wrote the commits of every release
    stories: dict[int, Story] = field(default_factory=dict)
    production: str = "1.2.2"
    lock: int | None = None
    ran: list[str] = field(default_factory=lambda: ["1.2.1", "1.2.2"])  # what production ran, oldest first

    def read(self, row: Row) -> None:
        story = self.stories.setdefault(row.release, Story(row.came_from))
        self._phase(row, story)
        if row.verb == "go" and row.went_to is Phase.DEPLOYMENT:
            self._go(row, story)
            story.gone.add(row.content)
        if row.went_to is not row.came_from and row.verb in ("begin", "ready", "deployed", "close"):
            self._signed_off(row, story, row.verb)
        if row.published:
            assert row.content in story.gone and row.published == row.sha, "published what no go was given for"
        if row.production is not None:
            self._production(row, story)
        self._remember(row, story)

    def _phase(self, row: Row, story: Story) -> None:
        assert row.came_from is story.phase, f"{row.verb}: the record has a gap"
        if row.went_to is row.came_from:
            return
        if row.via == "report":
            assert row.came_from in BY_REPORT.get((row.verb, row.went_to), ()), f"{row.verb} must not move the phase"
            return
        sources, target = SOURCES[row.verb]
        assert (row.came_from in sources or not sources) and row.went_to is target, f"{row.verb} from {row.came_from}"

    def _go(self, row: Row, story: Story) -> None:
        rules = self.policy.types[row.type]
        assert row.content and not story.held and not story.concerns, "on hold, or somebody is concerned"
        valid = self._approvals(row, story)
        used: list[str] = []
        for need in rules.approvals:
            people = {d.person for d in valid if d.role == need.role}
            assert len(people) >= need.count, f"{row.version} went without {need.role}: {story.standing}"
            used += people
        assert len(used) == len(set(used)), "one person signed in two roles"
        rejected = [d for d in story.standing if (d.gate, d.subject, d.verdict) == ("approval", row.content, "reject")]
        assert not rejected, "went although somebody rejects it"
        said = [d for d in story.standing if d.gate == "go" and d.subject == str(story.epoch)]
        for role in rules.go:
            assert any(d.role == role and d.person in row.members[role] for d in said), f"no go of {role}"
        self._signed_off(row, story, "ready", "go")
        assert self.lock in (None, row.release), "production is somebody else's"

    def _approvals(self, row: Row, story: Story) -> list[Decision]:
        lives = timedelta(days=self.policy.approvals.expire_days)
        barred = {row.starter} | (self.authors if self.policy.types[row.type].authors_may_not_approve else frozenset())
        return [d for d in story.standing
                if (d.gate, d.subject, d.verdict) == ("approval", row.content, "approve") and row.at <= d.at + lives
                and d.person in row.members[d.role] and d.person not in barred]  # fmt: skip

    def _signed_off(self, row: Row, story: Story, *gates: str) -> None:
        tests = self.policy.types[row.type].tests
        for name, item in self.policy.signoffs.items():
            kind = name.removeprefix("tests.")
            if item.gate not in gates or row.type not in item.types or (name != kind and kind not in tests):
                continue
            if item.met != "sign-off":
                assert item.by in (row.proven if item.met == "evidence" else row.seen), f"went without {name}"
                continue
            if item.by == "approval" and any(a.role == item.role for a in self.policy.types[row.type].approvals):
                continue  # the approval is asked for where it is given
            subject = row.content if item.subject == "content" else f"release:{row.release}"
            wanted = (f"signoff:{name}", subject, item.role)
            assert any((d.gate, d.subject, d.role) == wanted for d in story.standing), f"went without {name}"

    def _production(self, row: Row, story: Story) -> None:
        assert row.production is not None
        version, self.lock = row.production
        if version == self.production:
            return
        assert row.went_to is Phase.DEPLOYMENT, f"{row.verb} changed production in {row.went_to}"
        if version == row.version:
            assert row.content in story.gone, f"{version} runs and nobody gave the go for this content"
        else:
            assert version in self.ran, f"{version} never ran before, so nothing can be rolled back to it"
        self.production = version
        self.ran.append(version)

    def _remember(self, row: Row, story: Story) -> None:
        """Replays the release from what is written; the caller compares it with what is stored."""
        changed = (row.went_to is not story.phase, row.content != story.content, row.held != story.held)
        story.epoch += any(changed)
        story.phase, story.content, story.held = row.went_to, row.content, row.held
        assert story.epoch == row.epoch, f"{row.verb}: the epoch follows from phase, candidate and hold alone"
        for gone in row.withdrawn:
            assert gone in story.standing, f"{row.verb} takes back what nobody gave"
            story.standing.remove(gone)
        for new in row.signed:
            assert self._may_sign(row, new), f"{new.person} signed {new.gate} as {new.role}"
            assert not any(same_place(d, new) for d in story.standing), "two decisions in one place"
            story.standing.append(new)
        story.concerns += {"concern": 1, "settle": -1}.get(row.verb, 0)

    def _may_sign(self, row: Row, new: Decision) -> bool:
        return new.person == row.actor and new.person in row.members.get(new.role, ()) and new.at == row.at


def same_place(a: Decision, b: Decision) -> bool:
    """The unique key of the store."""
    return (a.gate, a.subject, a.role, a.person) == (b.gate, b.subject, b.role, b.person)
