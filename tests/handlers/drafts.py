"""Drafted notes for tests: an ordinary one, and one by somebody who wants to break the page, as large as can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.domain.contents import Accepted, Checks, Lack, NamedChange, NotesState, ScopeItem, Stray
from core.domain.forge import Check, Milestone
from core.domain.notes.compose import compose
from core.domain.notes.model import Draft, Edit, Finding, Gap, Heading, Item, Notes, Reverted, Shipped
from core.domain.release import Dependency, ProductRecord, Release
from tests.handlers.layout import HOSTILE
from tests.handlers.story import DANA, PRIYA, SANA, SHA, THEO

LINKS = {
    "commit": "https://code.example/c/{sha}",
    "pull": "https://code.example/p/{number}",
    "compare": "https://code.example/compare/{base}...{head}",
    "issue": "https://issues.example/{key}",
}
AT = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)


def item(number: int, title: str, heading: Heading | None, **more: Any) -> Item:
    sha = f"{number:040x}"
    base = Item(f"#{number}", title, heading, "", number, (), (sha,), ("Ben",))
    return replace(base, **more)


ITEMS = (
    item(341, "Saved property searches", Heading.FEATURES, keys=("AA-171",)),
    item(343, "Statements as PDF", Heading.FEATURES),
    item(338, "Photos fit phones", Heading.FIXES, fix=True),
    item(350, "Sessions end after an hour", Heading.SECURITY),
    item(337, "Old export is gone", Heading.API, breaking="Use the new export", keys=("AA-90",)),
    item(331, "Tidy up lease model", None),
    item(332, "Lease and tenant", None, authors=("Ben", "Dana")),
    item(333, "Run the tests in parallel", Heading.HIDDEN),
    Item("3f2a91c0d4e1", "Correct a typo", None, commits=("3f2a91c0d4e1" + "0" * 28,), authors=("Jo",)),
)
GAPS = (
    Gap("unclassified", "#331", {"title": "Tidy up lease model"}, True),
    Gap("no_upgrade_note", "upgrade:migrations/0042.py", {"path": "migrations/0042.py", "what": "adds a table"}, True),
    Gap("known_issues_open", "known"),
    Gap("contradiction", "#337", {"type": "minor", "title": "Old export is gone"}, True),
    Gap("migration_heads", "", {"paths": ["0042.py", "0043.py"], "down": "0041"}),
    Gap("no_key", "#343", {"title": "Statements as PDF"}),
    Gap("no_pull", "3f2a91c0d4e1", {"title": "Correct a typo"}),
    Gap("unreviewed", "#338", {"title": "Photos fit phones"}),
    Gap("odd_prefix", "#332", {"title": "Lease and tenant"}),
    Gap("key_not_done", "#341", {"title": "Saved property searches", "key": "AA-171", "state": "in review"}),
    Gap("not_in_range", "#399", {"title": "Never came"}),
    Gap("partly_shipped", "#341", {"title": "Saved property searches", "versions": ["1.2.2"]}),
    Gap("not_in_sample", "", {"name": "NEW_FLAG", "path": "app/settings.py"}),
    Gap("too_large", "", {"path": "data/zips.csv"}),
    Gap("too_long", "", {"count": 50000}),
    Gap("something_new", "#341", {"title": "Saved property searches"}),
)
FINDINGS = (
    Finding("migration", "migrations/0042.py", "adds a table"),
    Finding("config", "app/settings.py", "New setting NEW_FLAG"),
    Finding("api", "api.yml", "GET /export is gone", removed=True),
)
DRAFT = Draft(
    "2b6c0d4" + "1" * 33, SHA, ITEMS, (Shipped(item(320, "Shipped", Heading.FIXES), "1.2.2"),),
    (Reverted(item(321, "Back", None), item(322, "Revert", None)),), FINDINGS, GAPS, redacted=2,
)  # fmt: skip
EDITS = {
    "#343": Edit("#343", None, "Owner statements as PDF", by=SANA, at=AT),
    "#350": Edit("#350", None, "", embargoed=True, by=THEO, at=AT),
}
NOTES = compose(DRAFT, EDITS, released=False)
FULL = compose(DRAFT, EDITS, released=True)


def hostile() -> Draft:
    """400 changes with titles that are anything but titles, in every heading and without one."""
    headings = [*Heading, None]
    items = tuple(
        item(1000 + n, f"{n} {HOSTILE}"[:1900], headings[n % len(headings)], keys=("AA-1", "BB-2", "CC-3"),
             authors=(HOSTILE[:200],) * 3, breaking=HOSTILE if n % 7 == 0 else "")
        for n in range(400)
    )  # fmt: skip
    paths = [f"migrations/{n}_{HOSTILE[:80]}.py" for n in range(40)]
    gaps = [Gap("no_upgrade_note", f"upgrade:{p}", {"path": p, "what": HOSTILE}, True) for p in paths]
    others = [g for g in GAPS if g.code != "no_upgrade_note"]
    gaps += [Gap(g.code, g.item, dict.fromkeys(g.facts, HOSTILE), g.blocking) for g in others]
    findings = tuple(Finding("migration", p, HOSTILE) for p in paths)
    shipped = tuple(Shipped(i, "1.2.2") for i in items[:30])
    return Draft("", SHA, items, shipped, (), findings, tuple(gaps), redacted=12)


def composed(draft: Draft) -> tuple[Notes, Notes]:
    """(as they stand, with nothing held back)."""
    return compose(draft, {}, released=False), compose(draft, {}, released=True)


def full_of_contents(r: Release, words: str = "", many: int = 0) -> Release:
    """The release with everything that the range and the host of the code can say of it."""
    title = words or "Statements as PDF"
    refs = ("#345", "AA-171", "8f3c2ab", *(f"#{n}" for n in range(500, 500 + many)))
    states = ("in", "merged", "moved")
    lacks = tuple(Lack(g.code, g.item, title, str(g.facts.get("path", "")), g.blocking) for g in GAPS)
    return replace(
        r,
        items=tuple(ScopeItem(ref, title, PRIYA, AT, states[n % 3], "1.4.0") for n, ref in enumerate(refs)),  # type: ignore[arg-type]
        notes=NotesState(
            SHA, AT, {h.value: 3 for h in Heading}, (NamedChange("#331", title), NamedChange("#332", title)), lacks, 3,
            (NamedChange("#345", title), NamedChange("#346", title)), (NamedChange("#337", title),), 2, "x",
        ),
        accepted={"#346": Accepted(THEO, AT, words or "the bank needs it")},
        milestone=Milestone(7, words or "v1.3.0", "open", 2, 9, None, "https://code.example/m/7"),
        checks=Checks(SHA, AT, (Check(words or "lint", "failed", "https://ci.example/1"), Check("unit", "passed"))),
        dependencies=(Dependency(words or "billing-api 2.4", DANA, AT),),
        page="https://code.example/r/1",
    )  # fmt: skip


def strays(words: str = "") -> ProductRecord:
    """A product with a hot patch on main, a moved tag, and a branch that somebody answered for."""
    what = words or "“Hot patch” by Kim"
    found = (
        Stray("main:8f3c2ab", "main", "main", "a" * 40, SHA, AT, what, (SHA,)),
        Stray("tag:v1.2.2:gone", "tag", "v1.2.2", "a" * 40, "", AT, words or "v1.2.2 is gone"),
        Stray("branch:x", "branch", "release/1.3.0", "a" * 40, SHA, AT, what, (), THEO, AT, words or "it is the same"),
    )
    return ProductRecord("asset-anchor", strays={x.id: x for x in found})
