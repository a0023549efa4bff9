"""Gates about what people say against a release or about what is live: carried concerns, reports, their triage."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.gates.overriding import behind
from core.domain.gates.people import iso, reason
from core.domain.next_release import next_after
from core.domain.product import Carried
from core.domain.release import Carry, Concern
from core.domain.situation import Act, Situation
from core.errors import Blocker

REPORTS = ("feedback", "bug")
NEXT = "next release"
FOUND = ("bug", "duplicate", "not a bug", "hotfix", NEXT)


def concern_of(s: Situation, act: Act) -> Concern | None:
    """The open concern that an act is about: the one it names, else the only one."""
    open_ = [c for c in s.release.concerns if c.settled_at is None]
    wanted = act.input.get("concern")
    return next((c for c in open_ if c.id == wanted or (not wanted and len(open_) == 1)), None)


def proposed(s: Situation, concern: Concern) -> Carry | None:
    """What one person proposes and nobody has joined yet, as long as that one still may; the pair that carried it
    here is none."""
    found = concern.carry
    return found if found and not found.second and s.holds(found.by, s.policy.permissions["carry"]) else None


def joiners(s: Situation, first: str) -> tuple[str, ...]:
    """Who can carry what `first` proposes: not the one for whom that person stands in, nor the other way round."""
    roles = s.policy.permissions["carry"]
    return tuple(p for p in s.holders(*roles) if not behind(s, p, roles) & behind(s, first, roles))


def carry_pair(s: Situation, act: Act) -> Iterator[Blocker]:
    """The concern is open; the first person says why, another one says it too."""
    found = concern_of(s, act)
    if found is None:
        yield Blocker("concern.gone", {"id": act.input.get("concern")})
    elif (pending := proposed(s, found)) is None:
        yield from reason(s, act)
    elif act.actor not in (others := joiners(s, pending.by)):
        yield Blocker("carry.second", {"by": pending.by}, others, iso(pending.at))


def carried_here(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when a concern was carried out of an earlier release and this one is the next."""
    if arriving(s) is None:
        yield Blocker("nothing_new", {}, later=True)


def arriving(s: Situation) -> Carried | None:
    """The first carried concern that this release has to take, None when there is none."""
    return next((c for c in s.product.carried if next_after(c.version, c.into, s) == s.release.id), None)


def report_kind(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is said whether it is feedback or a bug."""
    if act.text("kind") not in REPORTS:
        yield Blocker("report.kind", {"one_of": list(REPORTS)}, (act.actor,))


def report_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """The report is there, nobody has triaged it yet, and it is said what it is."""
    wanted = act.input.get("report")
    found = next((r for r in s.release.reports if r.id == wanted), None)
    if not any(r.triaged_at is None for r in s.release.reports) and found is None:
        yield Blocker("report.none")
    elif found is None:
        yield Blocker("report.gone", {"id": wanted})
    elif found.triaged_at is not None:
        yield Blocker("report.done", {"by": found.triaged_by, "found": found.found}, (), iso(found.triaged_at))
    elif act.text("found") not in FOUND:
        yield Blocker("report.found", {"one_of": list(FOUND)}, (act.actor,))


def reports_triaged(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is said of each report after the release what it is."""
    for r in s.release.reports:
        if r.triaged_at is None:
            who = s.holders(*s.policy.permissions["triage"])
            yield Blocker("report", {"id": r.id, "by": r.by, "kind": r.kind, "text": r.text}, who, iso(r.at))
