"""What a policy demands before something goes to production, read from its plain data as a person would read it.

The second opinion of `test_demands.py`. It imports nothing of the product: a policy is what `tomllib` makes of it, a
release is a `Paper`, what people did is a list of `Said`. Demands carry the names that refusals use for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

# What two people may pass, by the name before the dot; what says which content goes out is not among it.
MAY_BE_PASSED = ("evidence", "item", "signoff", "checks", "approval", "expired", "told", "window", "freeze")
WHICH_CONTENT = ("branch_created", "version_written")


@dataclass(frozen=True)
class Said:
    """One signature as it stands in the record. `holder` is whose it is: of a delegate, that of the one behind."""

    gate: str
    subject: str
    role: str
    person: str
    verdict: str
    at: datetime
    holder: str


@dataclass(frozen=True)
class Passed:
    """A gate that somebody asked to pass for a content, and who confirmed it."""

    code: str
    content: str
    first: str
    second: str = ""
    knew: frozenset[int] = frozenset()  # which results behind it had failed when it was asked


@dataclass(frozen=True)
class Lent:
    """Somebody stands in for a holder for a time, in one role or ("") in all."""

    holder: str
    to: str
    role: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Paper:
    """A release as it lies on the table."""

    id: int
    kind: str
    phase: str
    starter: str
    candidate: str  # its tag
    sha: str
    content: str  # what approvals are for
    tested: str  # what sign-offs of the candidate are for
    epoch: int
    held: bool
    concerns: int
    departs: datetime | None
    window_ends: datetime | None
    told: frozenset[str]  # audiences that have heard: planned:stakeholders, coming:support
    shown: frozenset[str]  # what the record shows by itself, by the names that policies use
    staging: str  # the tag that runs there
    locked_for: int | None  # the release that production is locked for by a deployment
    authors: frozenset[str]
    paused: bool = False
    kept_by: str = ""  # the person who keeps production at this hour


@dataclass
class Roster:
    """Who holds which role at a moment, in their own right or for somebody."""

    held: Mapping[str, tuple[str, ...]]
    lent: tuple[Lent, ...]
    away: frozenset[str]
    now: datetime

    def principal(self, person: str, role: str) -> str | None:
        """Whose signature the person's is in a role: their own, that of a holder, or nobody's."""
        if person in self.held.get(role, ()):
            return person
        return next((h for h in self.held.get(role, ()) if self._lends(h, person, role)), None)

    def _lends(self, holder: str, to: str, role: str) -> bool:
        mine = [x for x in self.lent if x.holder == holder and x.since <= self.now < x.until]
        own = [x for x in mine if x.role == role and x.to not in self.away]
        every = [x for x in mine if not x.role and x.to not in self.away]
        return bool(own or every) and (own or every)[0].to == to

    def may(self, person: str, roles: Iterable[str]) -> bool:
        return any(self.principal(person, role) for role in roles)

    def together(self, person: str, roles: Iterable[str]) -> set[str]:
        """The person and everybody in whose place the person stands."""
        return {person} | {p for role in roles if (p := self.principal(person, role))}


@dataclass
class Auditor:
    """Replays what was said about every release, and says what is missing."""

    raw: Mapping[str, Any]
    said: dict[int, list[Said]] = field(default_factory=dict)
    passed: dict[int, list[Passed]] = field(default_factory=dict)
    results: list[tuple[str, str, str, str, str]] = field(default_factory=list)  # sha, kind, source, name, verdict
    last: dict[int, Paper] = field(default_factory=dict)

    # --- what happened ------------------------------------------------------------------------------------------

    def signed(self, paper: Paper, new: Iterable[Said], gone: Iterable[Said], roster: Roster) -> None:
        """Signatures given and taken back in one step; each must have been that person's to give."""
        mine = self.said.setdefault(paper.id, [])
        for one in gone:
            assert one in mine, f"{one} is taken back and was never given"
            mine.remove(one)
        for one in new:
            assert roster.principal(one.person, one.role) == one.holder, f"{one} was not theirs to give"
            mine.append(one)

    def overrode(self, paper: Paper, code: str, person: str, roster: Roster) -> None:
        """The first who asks opens it, another one confirms it."""
        rules = self.raw.get("override") or {}
        roles = rules.get("roles", ())
        assert roster.may(person, roles), f"{person} may not break the glass"
        assert self._may_pass(code), f"{code} may never be passed"
        if code.partition(".")[0] in ("approval", "expired"):
            self._not_by_its_giver(paper, code, roster.together(person, roles))
        mine = self.passed.setdefault(paper.id, [])
        failed = self._failed(paper, code)
        waits = (p for p in mine if (p.code, p.content, p.second) == (code, paper.content, ""))
        first = next((p for p in waits if roster.may(p.first, roles) and failed <= p.knew), None)
        if first is None:
            mine.append(Passed(code, paper.content, person, knew=failed))
            return
        both = roster.together(person, roles) & roster.together(first.first, roles)
        assert not both, f"{both} stand behind both who pass {code}"
        mine[mine.index(first)] = replace(first, second=person)

    def _not_by_its_giver(self, paper: Paper, code: str, people: set[str]) -> None:
        assert paper.starter not in people, f"{code} is passed by who started it"
        assert not (people & self._authors(paper)), f"{code} is passed by who wrote it"

    def _may_pass(self, code: str) -> bool:
        family, _, tail = code.partition(".")
        item = self.raw["signoffs"].get(tail, {})
        if family not in MAY_BE_PASSED or (item.get("met") == "automatic" and item.get("by") in WHICH_CONTENT):
            return False
        never = self.raw["override"].get("never", ())
        return not any(code == n or code.startswith(f"{n}.") for n in never) and not tail.startswith("repaired")

    def turned(self, paper: Paper) -> None:
        """Where the release stands now; what was passed for other content, or before it stopped, is void."""
        before = self.last.get(paper.id)
        self.last[paper.id] = paper
        if before is None:
            return
        onward = (before.phase, paper.phase) in (("stabilization", "preparation"), ("preparation", "deployment"))
        same = (before.content, before.candidate, before.departs) == (paper.content, paper.candidate, paper.departs)
        stopped = paper.held and not before.held
        if not same or stopped or (before.phase != paper.phase and not onward):
            self.passed[paper.id] = []

    # --- what is demanded ---------------------------------------------------------------------------------------

    def missing(self, paper: Paper, roster: Roster, gates: tuple[str, ...] = ("ready", "go")) -> set[str]:
        """The names of everything that the policy asks for and that is not there, overrides counted."""
        if not paper.candidate:
            return {"has_candidate"}
        found = {*self._items(paper, roster, gates)}
        if "go" in gates:
            found |= {*self._approvals(paper, roster), *self._hour(paper, roster.now), *self._state(paper)}
        return found - self.over(paper)

    def over(self, paper: Paper) -> set[str]:
        """What two people have passed for exactly this content."""
        here = [p for p in self.passed.get(paper.id, ()) if p.second and p.content == paper.content]
        return {p.code for p in here if self._failed(paper, p.code) <= p.knew}

    def _failed(self, paper: Paper, code: str) -> frozenset[int]:
        """The failed results behind a gate, by when they came."""
        family, _, name = code.partition(".")
        if family != "evidence":
            return frozenset()
        newest = self._newest(paper.sha, self.raw["signoffs"][name]["by"])
        return frozenset(number for number, verdict in newest.values() if verdict == "failed")

    def _approvals(self, paper: Paper, roster: Roster) -> Iterator[str]:
        fresh_from = roster.now - timedelta(days=self.raw["approvals"]["expire_days"])
        for need in self.raw["types"][paper.kind]["approvals"]:
            given = self.counted(paper, need["role"], roster)
            if len({d.holder for d in given}) < need.get("count", 1):
                yield f"approval.{need['role']}"
            fresh = {d.holder for d in given if d.at >= fresh_from}
            if given and len(fresh) < min(need.get("count", 1), len({d.holder for d in given})):
                yield "expired"
        if any(d.verdict == "reject" for d in self._about(paper)):
            yield "rejected"

    def _about(self, paper: Paper) -> list[Said]:
        return [d for d in self.said.get(paper.id, ()) if d.gate == "approval" and d.subject == paper.content]

    def counted(self, paper: Paper, role: str, roster: Roster) -> list[Said]:
        """Approvals in a role by people who may give them: they hold it, did not start it, did not write it."""
        barred = {paper.starter} | self._authors(paper)
        return [
            d for d in self._about(paper)
            if (d.role, d.verdict) == (role, "approve") and d.holder in roster.held.get(role, ())
            and not {d.person, d.holder} & barred
        ]  # fmt: skip

    def _authors(self, paper: Paper) -> frozenset[str]:
        barred = self.raw["types"][paper.kind].get("authors_may_not_approve")
        return paper.authors if barred else frozenset()

    def two_seats(self, paper: Paper, roster: Roster) -> set[str]:
        """Who stands behind approvals in two roles."""
        roles: dict[str, set[str]] = {}
        for need in self.raw["types"][paper.kind]["approvals"]:
            for d in self.counted(paper, need["role"], roster):
                for person in (d.person, d.holder):
                    roles.setdefault(person, set()).add(d.role)
        return {person for person, held in roles.items() if len(held) > 1}

    def _items(self, paper: Paper, roster: Roster, gates: tuple[str, ...]) -> Iterator[str]:
        rules = self.raw["types"][paper.kind]
        seats = {need["role"]: need.get("count", 1) for need in rules["approvals"]}
        for name, item in self.raw["signoffs"].items():
            test = name.removeprefix("tests.")
            asked = item["gate"] in gates and paper.kind in item.get("types", (paper.kind,))
            if not asked or (name != test and test not in rules["tests"]):
                continue
            how = item.get("met", "sign-off")
            if how == "evidence":
                waits = item.get("after_staging") and paper.staging != paper.candidate
                if self.verdict(paper.sha, item["by"]) != "passed" or waits:
                    yield f"evidence.{name}"
            elif how == "automatic":
                if item["by"] not in paper.shown:
                    yield f"item.{name}"
            elif not (item.get("by") == "approval" and item["role"] in seats):
                subject = paper.tested if item.get("subject", "content") == "content" else f"release:{paper.id}"
                wanted = (f"signoff:{name}", subject, item["role"])
                if not any((d.gate, d.subject, d.role) == wanted for d in self.said.get(paper.id, ())):
                    yield f"signoff.{name}"

    def verdict(self, sha: str, kind: str) -> str:
        """Of each source and name the last result counts; one that failed fails the kind."""
        found = {verdict for _, verdict in self._newest(sha, kind).values()}
        return "missing" if not found else "failed" if "failed" in found else "passed"

    def _newest(self, sha: str, kind: str) -> dict[tuple[str, str], tuple[int, str]]:
        told = enumerate(self.results)
        return {(source, name): (i, v) for i, (s, k, source, name, v) in told if (s, k) == (sha, kind)}

    def _hour(self, paper: Paper, now: datetime) -> Iterator[str]:
        if paper.departs is not None and not paper.departs <= now <= (paper.window_ends or now):
            yield "window"
        if paper.departs is not None and "planned:stakeholders" not in paper.told:
            yield "told.stakeholders"
        if "coming:support" not in paper.told:
            yield "told.support"
        today = now.astimezone(ZoneInfo(self.raw["trains"]["main"]["zone"])).date()
        for freeze in self.raw.get("freezes", ()):
            if paper.kind != "hotfix" and freeze["first"] <= today <= freeze["last"]:
                yield "freeze"

    def _state(self, paper: Paper) -> Iterator[str]:
        if paper.held:
            yield "held"
        if paper.paused:
            yield "paused"
        if paper.concerns:
            yield "concern"
        if paper.staging != paper.candidate:
            yield "staging"

    # --- nothing goes without it --------------------------------------------------------------------------------

    def went(self, paper: Paper, who: str, roster: Roster) -> None:
        """A release goes to production: everything is there, and go was said in every role."""
        assert not (lacks := self.missing(paper, roster)), f"{paper.kind} went to production without {sorted(lacks)}"
        assert not (two := self.two_seats(paper, roster)), f"{two} filled two seats"
        said = [d for d in self.said[paper.id] if d.gate == "go" and d.subject == str(paper.epoch)]
        for role in self.raw["types"][paper.kind].get("go", ("release_manager",)):
            assert any(d.role == role and d.holder in roster.held.get(role, ()) for d in said), f"no go of {role}"
        may = self.raw["environments"]["production"].get("deploy") or roster.held
        assert roster.may(who, may), f"{who} may not deploy to production"
        assert paper.locked_for in (None, paper.id) and paper.kept_by in ("", who), "production is somebody else's"
