"""What is worth knowing: each point against two releases that differ in nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from core.domain import risk
from core.domain.contents import Accepted, Check, Checks, Lack, NamedChange, Stray
from core.domain.evidence.model import Evidence
from core.domain.facts import project
from core.domain.facts_signing import points_at
from core.domain.notes.model import Area, Edit, Finding
from core.domain.overrides import Override
from core.domain.policy import Freeze, SignOff
from core.domain.product import Size
from core.domain.release import Change, Concern, Decision, ReleaseType
from core.domain.risk import points
from core.domain.situation import Situation
from tests.core.domain.test_engine import minor, ship, to_preparation
from tests.core.domain.world import DANA, MIRA, THEO, World

AT = datetime(2026, 12, 14, 15, tzinfo=UTC)  # Monday, 10:00 Eastern; the train leaves on Wednesday at that hour
CHANGES = tuple(Change(f"{n:07x}" + "0" * 33, f"fix: {n}", "Dana", "dana@x", n) for n in range(4))
Make = Callable[[Situation], Situation]


@cache
def base() -> Situation:
    """A minor in preparation about which nothing special is known."""
    w = World()
    r = minor(w)
    to_preparation(w, r)
    now = w.again(r)
    texts = replace(now.texts, edited_by=MIRA, edited_at=AT)
    s = replace(w.situation(replace(now, scope=CHANGES, texts=texts)), now=AT, evidence_found=())
    assert s.draft and s.candidate and s.draft.head == s.candidate.sha
    return s


def of(s: Situation, **changes: Any) -> Situation:
    return replace(s, release=replace(s.release, **changes))


def drafted(s: Situation, **changes: Any) -> Situation:
    assert s.draft is not None
    return replace(s, draft=replace(s.draft, **changes))


def noted(s: Situation, **changes: Any) -> Situation:
    assert s.release.notes is not None
    return of(s, notes=replace(s.release.notes, **changes))


def told(s: Situation, kind: str, verdict: str = "passed") -> Situation:
    assert s.candidate is not None
    one = Evidence(9, s.candidate.sha, kind, "ci", "x", verdict, AT, "d" * 64, numbers={"tests": 9, "failed": 2})  # type: ignore[arg-type]
    return replace(s, evidence_found=(*(e for e in s.evidence_found if e.kind != kind), one))


def reviewed(s: Situation, *gaps: Lack) -> Situation:
    """The host of the code can be asked who looked at a change."""
    github = s.policy.github.model_copy(update={"repository": "asset-anchor/platform"})
    return noted(replace(s, policy=s.policy.model_copy(update={"github": github})), gaps=gaps)


def asked(s: Situation, name: str, item: SignOff) -> Situation:
    """The checklist asks for one thing more."""
    return replace(s, policy=s.policy.model_copy(update={"signoffs": s.policy.signoffs | {name: item}}))


def running(s: Situation) -> Situation:
    assert s.candidate is not None
    return of(s, checks=Checks(s.candidate.sha, AT, (Check("lint", "running"), Check("unit", "passed"))))


def recorded(s: Situation, *sizes: int, kind: ReleaseType = ReleaseType.MINOR) -> Situation:
    known = {f"1.0.{n}": Size(kind, size) for n, size in enumerate(sizes)}
    return replace(s, product=replace(s.product, sizes=known))


def taken_back(s: Situation, *stayed: str) -> Situation:
    shipped = s.product.shipped | {"1.2.3": "x"} | dict.fromkeys(stayed, "y")
    return replace(s, product=replace(s.product, shipped=shipped, burnt=("1.2.3",)))


def frozen(s: Situation, first: date) -> Situation:
    span = Freeze(name="Holidays", first=first, last=first + timedelta(days=9))
    return replace(s, policy=s.policy.model_copy(update={"freezes": (span,)}))


PASSED = Override(1, "evidence.performance", "Performance tests", "it is urgent", MIRA, AT, "d", "rc.1", THEO, AT)
TABLE = Finding("migration", "db/0042.py", "adds a table")
STRAY = Stray("b:x", "branch", "release/1.3.0", "a", "b", AT, "moved", (), THEO, AT, "it is the same")
CASES: dict[str, tuple[set[str], Make]] = {
    "migrations": ({"no_migration", "way_back_open"}, lambda s: drafted(s, findings=(TABLE,))),
    "settings": (set(), lambda s: drafted(s, findings=(Finding("config", "a.py", "New setting `x`"),))),
    "flags": (set(), lambda s: of(s, flags=("search at 10 %",))),
    "area": (set(), lambda s: drafted(s, areas=(Area("payments", 2, ("app/pay/a.py",), ("#1",)),))),
    "breaking": (set(), lambda s: noted(s, breaking=(NamedChange("#1", "x"),))),
    "late": (set(), lambda s: of(noted(s, late=(NamedChange("#1", "x"),)),
                                     accepted={"#1": Accepted(THEO, AT, "the bank")})),
    "unclassified": (set(), lambda s: noted(s, unclassified=(NamedChange("#1", "x"),))),
    "embargoed": (set(), lambda s: of(s, note_edits={"#1": Edit("#1", embargoed=True)})),
    "texts_drafted": (set(), lambda s: of(s, texts=replace(s.release.texts, edited_at=None))),
    "evidence_failed": ({"evidence_missing"}, lambda s: told(s, "performance", "failed")),
    "evidence_running": ({"evidence_missing"}, running),
    "item_open": (set(), lambda s: asked(s, "copy.read", SignOff(title="The copy is read", role="qa", gate="ready"))),
    "concern": (set(), lambda s: of(s, concerns=(Concern(1, DANA, AT, "search is slow"),))),
    "override": (set(), lambda s: of(s, overrides=(PASSED,))),
    "moved_by_hand": (set(), lambda s: replace(s, product=replace(s.product, strays={"b:x": STRAY}))),
    "after_rollback": (set(), taken_back),
    "larger": (set(), lambda s: recorded(s, 1, 2, 2)),
    "freeze_near": (set(), lambda s: frozen(s, date(2026, 12, 21))),
    "departure_near": (set(), lambda s: replace(s, now=AT + timedelta(days=1, hours=1))),
    "outside_hours": (set(), lambda s: of(s, departs_at=datetime(2026, 12, 19, 15, tzinfo=UTC))),
    "candidate": (set(), lambda s: of(s, candidates=(replace(s.release.candidates[-1], number=2),))),
    "size": ({"size"}, lambda s: of(s, scope=CHANGES[:2])),
}  # fmt: skip


def codes(s: Situation) -> list[str]:
    return [p.code for p in points(s)]


@pytest.mark.parametrize("code", CASES)
def test_a_release_that_differs_in_one_thing_differs_in_its_point(code: str) -> None:
    instead, make = CASES[code]
    before, after = points(base()), points(make(base()))
    assert code not in {p.code for p in before} - instead
    assert {p.code for p in before if p not in after} <= instead
    assert {p.code for p in after if p not in before} - (instead - {code}) == {code}


def test_a_hotfix_a_missing_kind_and_reviews_are_told_by_what_they_depend_on() -> None:
    s = base()
    hotfix = of(s, type=ReleaseType.HOTFIX, reason="payments fail")
    assert "hotfix" not in codes(s) and "hotfix" in codes(hotfix)
    item = SignOff(title="The pages were measured", role="qa", gate="ready", met="evidence", by="limited")
    open_ = asked(s, "pages.measured", item)
    missing = {"kind": "limited"}
    gone, there = ([p.data for p in points(one) if p.code == "evidence_missing"]
                   for one in (open_, told(open_, "limited")))  # fmt: skip
    assert missing in gone and missing not in there
    assert "evidence_passed" not in codes(open_) and "evidence_passed" in codes(told(open_, "limited"))
    alone = Lack("unreviewed", "#1", "x")
    pushed = replace(alone, before=True)
    assert {"reviewed_before"} == {"reviewed_before", "unreviewed", "all_reviewed"} & set(codes(reviewed(s, pushed)))
    assert "all_reviewed" not in codes(s), "nobody could be asked, so nothing is said"
    assert "all_reviewed" in codes(reviewed(s)) and "unreviewed" not in codes(reviewed(s))
    assert "unreviewed" in codes(reviewed(s, alone)) and "all_reviewed" not in codes(reviewed(s, alone))


def test_what_is_usual_needs_a_record_of_this_type_and_a_rollback_is_over_when_something_stayed() -> None:
    s = base()
    assert "larger" not in codes(recorded(s, 1, 2)), "two releases say nothing about what is usual"
    assert "larger" not in codes(recorded(s, 1, 2, 2, kind=ReleaseType.PATCH))
    assert "larger" not in codes(recorded(s, 3, 3, 3))
    assert "after_rollback" not in codes(taken_back(s, "1.2.4"))


def test_good_news_is_said_only_of_what_was_read() -> None:
    s = base()
    assert "no_migration" in codes(s)
    other = drafted(s, head="elsewhere")
    assert not {"no_migration", "migrations"} & set(codes(other)), "that reading is of another commit"


def test_with_a_migration_it_is_told_whether_somebody_knows_the_way_back() -> None:
    s = drafted(base(), findings=(TABLE,))
    assert {"way_back", "way_back_open"} & set(codes(base())) == set(), "nothing of the database changes"
    assert "way_back_open" in codes(s) and "way_back" not in codes(s)
    signed = tuple(
        Decision(f"signoff:{name}", s.subject_of(item), item.role, THEO, "approve", AT)
        for name, item in s.signoff_items("rollback").items()
    )
    told = [p for p in points(replace(s, decisions=(*s.decisions, *signed))) if p.code.startswith("way_back")]
    assert [(p.code, p.data["by"]) for p in told] == [("way_back", THEO)]


def test_a_hotfix_counts_the_hour_of_now_and_no_freeze() -> None:
    night = datetime(2026, 12, 15, 4, tzinfo=UTC)
    s = of(base(), type=ReleaseType.HOTFIX, departs_at=None, window_ends_at=None)
    assert "outside_hours" not in codes(replace(s, now=AT)) and "outside_hours" in codes(replace(s, now=night))
    assert "freeze_near" not in codes(frozen(s, AT.date()))


def test_the_stored_facts_tell_the_same_points_at_every_hour() -> None:
    s = frozen(base(), date(2026, 12, 18))
    stored = project(s)
    for hours in (0, 20, 47, 50, 60):
        now = AT + timedelta(hours=hours)
        assert points_at(stored, now) == list(points(replace(s, now=now))), hours
    assert {p["code"] for p in stored["points"]}.isdisjoint(risk.HOURLY), "they would be old when they are read"
    assert not points_at({"type": "minor", "candidate": None}, AT)


def test_what_was_shown_stands_in_the_record_of_the_signature() -> None:
    w = World()
    r = minor(w)
    to_preparation(w, r)
    shown = codes(w.situation(w.again(r)))
    w.act(MIRA, "approve", r)
    entry = next(step for step in w.steps if step.verb == "approve")
    assert entry.outcome.record["shown"] == shown and "texts_drafted" in shown


def test_every_shipped_release_adds_its_size_to_the_record() -> None:
    w = World()
    r = minor(w)
    ship(w, r)
    assert w.product.sizes["1.3.0"] == Size(ReleaseType.MINOR, len(w.again(r).scope))
