"""Draft and edits together: human words survive, gaps close, what is embargoed waits."""

from dataclasses import replace
from datetime import UTC, datetime

from core.domain.notes.compose import compose
from core.domain.notes.model import Draft, Edit, Finding, Gap, Heading, Item

AT = datetime(2026, 12, 1, tzinfo=UTC)
FEATURE = Item("#1", "Saved searches", Heading.FEATURES, "prefix:feat", 1, ("AA-1",), ("a" * 40,))
OPEN = Item("b" * 12, "Lease work", None, "", None, (), ("b" * 40,))
HIDDEN = Item("#3", "Cache wheels", Heading.HIDDEN, "prefix:ci", 3)
BREAKS = Item("#4", "Amounts are cents", Heading.FEATURES, "prefix:feat", 4, breaking="divide by 100")


def edit(item: str, text: str = "", heading: Heading | None = None, embargoed: bool = False) -> Edit:
    return Edit(item, heading, text, embargoed, "U0SANA", AT)


def edits(*said: Edit) -> dict[str, Edit]:
    return {e.item: e for e in said}


def notes(*items: Item, findings=(), gaps=(), said=(), released=False, **more):
    return compose(Draft("b", "h", items, findings=findings, gaps=gaps, **more), edits(*said), released=released)


def test_each_item_stands_in_one_place():
    found = notes(FEATURE, OPEN, HIDDEN)
    assert [line.text for line in found.lines(Heading.FEATURES)] == ["Saved searches"]
    assert (found.unclassified, found.hidden) == ((OPEN,), (HIDDEN,))
    assert list(found.sections) == [Heading.FEATURES], "an empty heading is left out"


def test_a_person_decides_and_the_words_survive_another_drafting():
    said = [
        edit("#1", "Save a search for later"), edit(OPEN.id, heading=Heading.IMPROVEMENTS),
        edit("#3", "Faster", Heading.FIXES),
    ]  # fmt: skip
    first = notes(FEATURE, OPEN, HIDDEN, said=said)
    later = notes(Item("#9", "New", Heading.FEATURES), FEATURE, OPEN, HIDDEN, said=said)
    for found in (first, later):
        line = next(line for line in found.lines(Heading.FEATURES) if line.item == "#1")
        assert (line.text, line.edited_by, line.keys, line.pull) == ("Save a search for later", "U0SANA", ("AA-1",), 1)
        assert [line.text for line in found.lines(Heading.IMPROVEMENTS)] == ["Lease work"]
        assert [line.text for line in found.lines(Heading.FIXES)] == ["Faster"]
        assert found.unclassified == found.hidden == ()


def test_an_edit_of_something_that_left_the_range_waits_for_it():
    said = [edit("#1", "Save a search")]
    assert notes(OPEN, said=said).sections == {}
    assert notes(FEATURE, said=said).lines(Heading.FEATURES)[0].text == "Save a search"


def test_what_is_embargoed_stays_out_until_the_release_is_out():
    said = [edit("#1", embargoed=True), edit(OPEN.id, embargoed=True), edit("#4", embargoed=True)]
    held = notes(FEATURE, OPEN, BREAKS, said=said)
    assert held.sections == {} and held.embargoed == ("#1", OPEN.id, "#4") and held.unclassified == ()
    assert "cents" not in str(held.sections) and "divide" not in str(held.sections)
    out = notes(FEATURE, BREAKS, said=said, released=True)
    assert [line.text for line in out.lines(Heading.FEATURES)] == ["Saved searches", "Amounts are cents"]
    assert not out.embargoed


def test_findings_have_their_headings_and_a_person_may_mend_or_hide_them():
    api = Finding("api", "openapi.yaml", "Removed endpoint `GET /units`", removed=True)
    config = Finding("config", "settings.py", "New environment variable `FLAG`")
    plain = notes(findings=(api, config))
    assert plain.lines(Heading.API)[0].breaking and plain.lines(Heading.CONFIG)[0].text.endswith("`FLAG`")
    said = [edit(api.id, "Units are listed by /v2"), edit(config.id, heading=Heading.HIDDEN)]
    mended = notes(findings=(api, config), said=said)
    assert [line.text for line in mended.lines(Heading.API, Heading.CONFIG)] == ["Units are listed by /v2"]


def test_what_breaks_something_is_among_the_upgrade_notes():
    lines = notes(BREAKS).lines(Heading.UPGRADE)
    assert [(line.item, line.text) for line in lines] == [("upgrade:#4", "divide by 100")]
    silent = Item("#5", "x", Heading.FIXES, breaking="!")
    assert notes(silent).lines(Heading.UPGRADE) == ()
    assert notes(silent, said=[edit("upgrade:#5", "Do this")]).lines(Heading.UPGRADE)[0].text == "Do this"
    assert notes(BREAKS, said=[edit("#4", heading=Heading.HIDDEN)]).sections == {}


def test_known_issues_are_lines_of_their_own_and_none_is_an_answer():
    found = notes(said=[edit("known", "- Delays under load\n* Maps in print\n\n")])
    assert [line.text for line in found.lines(Heading.KNOWN)] == ["Delays under load", "Maps in print"]
    gap = Gap("known_issues_open", "known")
    assert notes(gaps=(gap,)).gaps == (gap,) and notes(gaps=(gap,), said=[edit("known")]).gaps == ()


def test_gaps_close_by_what_people_say():
    migration = Finding("migration", "db/1.sql", "adds table `a`")
    gaps = (
        Gap("unclassified", OPEN.id, blocking=True), Gap("no_upgrade_note", migration.id, blocking=True),
        Gap("contradiction", "#4", blocking=True), Gap("no_key", "#1"), Gap("unreviewed", "#1"),
    )  # fmt: skip
    said = [
        edit(OPEN.id, heading=Heading.FIXES), edit(migration.id, "Takes a minute"), edit("#4", "Not so"),
        edit("#1", heading=Heading.HIDDEN),
    ]  # fmt: skip
    start = notes(FEATURE, OPEN, BREAKS, findings=(migration,), gaps=gaps)
    assert start.gaps == gaps
    assert [g.code for g in start.blocking] == ["unclassified", "no_upgrade_note", "contradiction"]
    done = notes(FEATURE, OPEN, BREAKS, findings=(migration,), gaps=gaps, said=said)
    assert [g.code for g in done.gaps] == ["unreviewed"]
    assert [line.text for line in done.lines(Heading.UPGRADE)] == ["Takes a minute", "divide by 100"]
    titled = replace(gaps[0], facts={"title": OPEN.title, "blocking": "yes"})
    embargo = notes(OPEN, gaps=(titled,), said=[edit(OPEN.id, embargoed=True)])
    assert embargo.gaps == (replace(titled, facts={"blocking": "yes"}),), "it still has no heading, and tells no title"


def test_what_people_write_is_made_safe_too():
    found = notes(FEATURE, said=[edit("#1", "Ask bob@acme.test\x00 on db1.acme\u202e")], hosts=("*.acme",), redacted=1)
    line = found.lines(Heading.FEATURES)[0]
    assert line.text == "Ask [removed] on [removed]" and found.redacted == 3
    assert len(notes(FEATURE, said=[edit("#1", "x" * 9_000)]).lines(Heading.FEATURES)[0].text) <= 1000
