"""What all evidence of one kind adds up to for the candidate: passed, failed, still running, or missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.domain.evidence.coverage import FORMAT as COVERAGE
from core.domain.evidence.model import HOST, MOST_NAMED, PERSON, Build, Evidence
from core.domain.once import once
from core.domain.situation import Situation

State = Literal["passed", "failed", "missing", "running"]
_ADDED_UP = ("tests", "failed", "errors", "skipped")


@dataclass(frozen=True, slots=True)
class Judged:
    """The state of a kind. What is named beside it (url, name, source, by, about, at, note, failing) is of the newest
    failed result, else of the newest, of a machine before a person's word; the counts of tests are added up over all
    current results."""

    kind: str
    state: State
    numbers: dict[str, float] = field(default_factory=dict)
    url: str = ""
    name: str = ""
    at: datetime | None = None
    source: str = ""
    by: str = ""
    note: str = ""
    failing: tuple[str, ...] = ()
    builds: tuple[Build, ...] = ()
    about: str = ""  # the version for which a person stated it
    results: int = 0  # how many results count now

    @property
    def by_machine(self) -> bool:
        """Whether a machine's failure stands, which no person's word lifts."""
        return self.state == "failed" and self.source != PERSON


@dataclass(frozen=True, slots=True)
class _Result:
    """One result that counts now, whoever told it."""

    state: State
    at: datetime
    name: str
    source: str
    url: str = ""
    by: str = ""
    note: str = ""
    numbers: dict[str, float] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    builds: tuple[Build, ...] = ()
    about: str = ""
    marks: tuple[str, ...] = ()  # which results these are, so that a later one is told from them
    proves: bool = True  # high coverage proves no test, and a person nothing that is left to machines; both can fail it


@once
def judged(s: Situation, kind: str) -> Judged:
    """The newest result of each source, name and format counts, and one that failed fails the kind.

    For `automated` the host's checks of the candidate count too, for `review` the reviews of its pull requests.
    """
    results = _results(s, kind)
    if not results or all(r.state == "passed" and not r.proves for r in results):
        return Judged(kind, "missing")
    state: State = next((x for x in ("failed", "running") if any(r.state == x for r in results)), "passed")
    named = max((r for r in results if r.state == state), key=lambda r: (r.proves, r.source != PERSON, r.at))
    failing = [name for r in results if r.state == state for name in r.failing] if state == "failed" else []
    return Judged(
        kind, state, _numbers(named, results), named.url, named.name, named.at, named.source, named.by, named.note,
        tuple(dict.fromkeys(failing))[:MOST_NAMED], tuple(b for r in results for b in r.builds),
        named.about, len(results),
    )  # fmt: skip


def failures(s: Situation, kind: str) -> frozenset[str]:
    """The marks of the results of one kind that have failed: what is passed over is these, and no later one."""
    return frozenset(mark for r in _results(s, kind) if r.state == "failed" for mark in r.marks)


def failed_checks(s: Situation) -> frozenset[str]:
    """The marks of the host's checks that have failed."""
    return frozenset(mark for r in _checks(s) if r.state == "failed" for mark in r.marks)


def _results(s: Situation, kind: str) -> list[_Result]:
    """All that counts now of one kind."""
    machines = kind in s.policy.evidence.machines_only
    results = [_told(e, proves=not (machines and e.source == PERSON)) for e in current(s, kind)]
    if kind == "automated":
        results += _checks(s)
    return results + _reviews(s) if kind == "review" else results


def current(s: Situation, kind: str) -> tuple[Evidence, ...]:
    """The newest result of each source, name and format for the candidate's commit, oldest first.

    A report of another format is another result: the share of lines that ran would hide a test that failed.
    """
    if s.candidate is None:
        return ()
    found = [e for e in s.evidence_found if (e.kind, e.sha) == (kind, s.candidate.sha)]
    newest = {(e.source, e.name, e.format): e for e in sorted(found, key=_when)}
    return tuple(sorted(newest.values(), key=_when))


def _when(e: Evidence) -> tuple[datetime, int]:
    return e.at, e.id


def _told(e: Evidence, proves: bool) -> _Result:
    proves = proves and e.format != COVERAGE
    told = (e.at, e.name, e.source, e.url, e.by, e.note, e.numbers, e.failing, e.builds)
    return _Result(e.verdict, *told, about=e.about, marks=(str(e.id),), proves=proves)


def _numbers(named: _Result, results: Iterable[_Result]) -> dict[str, float]:
    """The counts of the result that is named; test counts of all results together."""
    if "tests" not in named.numbers:
        return dict(named.numbers)
    added = {key: sum(r.numbers.get(key, 0) for r in results if "tests" in r.numbers) for key in _ADDED_UP}
    return {**named.numbers, **{key: value for key, value in added.items() if value or key in named.numbers}}


def _checks(s: Situation) -> list[_Result]:
    """All checks of the host as one result: they are one page there."""
    checks = s.checks
    if checks is None or not (checks.failed or checks.running or checks.passed):
        return []
    first = (checks.failed or checks.running or checks.passed)[0]
    state: State = "failed" if checks.failed else "running" if checks.running else "passed"
    counts = {"checks": len(checks.found), "failed": len(checks.failed), "running": len(checks.running)}
    failing = tuple(c.name for c in checks.failed)
    numbers = {key: float(value) for key, value in counts.items() if value or key != "running"}
    marks = tuple(f"{c.name} {c.url} {c.at.isoformat() if c.at else ''}" for c in checks.failed)
    at = first.at or checks.read_at
    return [_Result(state, at, first.name, HOST, first.url, numbers=numbers, failing=failing, marks=marks)]


def _reviews(s: Situation) -> list[_Result]:
    """Every change was looked at by somebody else; only where the host could be asked about reviews."""
    notes, draft = s.release.notes, s.draft
    if notes is None or draft is None or notes.alone or not s.policy.github.repository or not draft.items:
        return []
    open_ = {lack.item: lack.title for lack in notes.gaps if lack.code in ("unreviewed", "no_pull")}
    numbers = {"changes": float(len(draft.items)), "unreviewed": float(len(open_))}
    state: State = "failed" if open_ else "passed"
    failing = tuple(open_.values())
    return [_Result(state, notes.read_at, "reviews", HOST, numbers=numbers, failing=failing, marks=tuple(open_))]
