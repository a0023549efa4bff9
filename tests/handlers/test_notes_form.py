"""The form of the notes: each page within the limits; untouched it changes nothing; of two editors none loses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.notes.compose import compose
from core.domain.notes.model import Draft, Edit, Heading
from handlers import ids
from handlers.forms import notes, texts
from handlers.forms.notes import Sheet
from handlers.forms.notes_answers import Answers, asked, difference, read, read_one
from handlers.forms.notes_lines import entries_of, marks_of, parsed
from handlers.request import Form
from tests.handlers import drafts
from tests.handlers.desk import initial, words
from tests.handlers.layout import HOSTILE, check_form
from tests.handlers.story import SANA, THEO, facts


def sheet(draft: Draft = drafts.DRAFT, edits: dict[str, Edit] | None = None) -> Sheet:
    edits = drafts.EDITS if edits is None else edits
    full = compose(draft, edits, released=True)
    return Sheet(facts() | {"links": drafts.LINKS}, draft, compose(draft, edits, released=False),
                 entries_of(draft, full, edits))  # fmt: skip


def sent(form: Form, **changes: Any) -> tuple[dict[str, Any], str]:
    """The form's values with some changed, by the beginning of their block's name; and its memory."""
    values = initial(form)
    for name, value in changes.items():
        block = next(b for b in values if b.startswith(name.replace("__", ".")))
        values[block] = value(values[block]) if callable(value) else value
    return values, ids.read_metadata(form.private_metadata)[2]


def answers(of: Sheet, form: Form, **changes: Any) -> Answers:
    return read(of, *sent(form, **changes))


@pytest.mark.parametrize("draft", [drafts.DRAFT, drafts.hostile(), Draft("", "")], ids=["story", "hostile", "empty"])
def test_every_page_holds_and_untouched_it_changes_nothing(draft: Draft) -> None:
    edits = {} if draft is not drafts.DRAFT else drafts.EDITS
    of = sheet(draft, edits)
    seen: set[str] = set()
    for number, page in enumerate(notes.pages(of)):
        form = notes.form(of, number, "C0RELEASES")
        check_form(form, foreign=True)
        assert len(form.private_metadata) < 2900
        found = answers(of, form)
        assert not found.touched and not found.errors and not found.both
        seen |= set(page)
        assert len(form.blocks) <= 100
    assert seen == set(of.now)
    for ident in list(of.now)[:9]:
        one = notes.one(of, ident, text=HOSTILE)
        check_form(one, foreign=True)


def test_the_form_begins_with_what_needs_somebody() -> None:
    form = notes.form(sheet())
    text = words(form)
    labels = [b["label"]["text"] for b in form.blocks if b["type"] == "input"]
    assert labels[0] == "Needs you: Upgrade note for migration 0042.py" and "It adds a table." in text
    assert "*Unclassified, 3*" in text and "Tidy up lease model (#331), by Ben" in labels
    places = [labels.index(x) for x in ("Known issues", "Tidy up lease model (#331), by Ben", "New Features")]
    assert places == sorted(places)
    assert "edited by Sana, kept when the notes are drafted again" in text and "hidden until released" in text
    values = initial(form)
    fixes = next(v for b, v in values.items() if b.startswith("h.SECURITY"))
    assert fixes == "#350 Sessions end after an hour (hidden until released)"


def test_a_line_under_another_heading_moves_and_new_words_are_kept() -> None:
    of = sheet()
    form = notes.form(of)
    moved = {"h.FEATURES": "#343 Owner statements as PDF", "h.IMPROVEMENTS": "• #341 Save what you looked for"}
    found = answers(of, form, **moved)
    assert not found.errors and set(found.touched) == {"#341"}
    wanted = asked(of.now["#341"], found.touched["#341"])
    assert wanted == {"item": "#341", "heading": "Improvements", "text": "Save what you looked for"}


def test_a_line_that_is_left_out_goes_where_it_can_be_found_again() -> None:
    of = sheet()
    found = answers(of, notes.form(of), h__FIXES="")
    assert {i: e.heading for i, e in found.touched.items()} == {"#338": Heading.HIDDEN}
    hidden = sheet(edits={"#338": Edit("#338", Heading.HIDDEN, by=SANA)})
    assert "#338 Photos fit phones" in next(
        v for b, v in initial(notes.form(hidden)).items() if b.startswith("h.HIDDEN")
    )


def test_headings_gaps_and_embargo_are_answers_too() -> None:
    of = sheet()
    form = notes.form(of)
    chosen = next(b["block_id"] for b in form.blocks if "Tidy up" in str(b.get("label")))
    known = next(b["block_id"] for b in form.blocks if b.get("label", {}).get("text") == "Known issues")
    note = next(b["block_id"] for b in form.blocks if "migration 0042" in str(b.get("label")))
    found = answers(
        of, form, h__FEATURES=lambda text: text.replace("searches", "searches (hidden until released)"),
        **{chosen: "Improvements", known: "None", note: "Run it twice"},
    )  # fmt: skip
    given = {i: asked(of.now[i], e) for i, e in found.touched.items()}
    assert given == {
        "#331": {"item": "#331", "heading": "Improvements"},
        "#341": {"item": "#341", "embargoed": True},
        "known": {"item": "known", "text": ""},
        "upgrade:migrations/0042.py": {"item": "upgrade:migrations/0042.py", "text": "Run it twice"},
    }


def test_a_line_without_a_mark_and_one_that_stands_twice_are_told_at_the_field() -> None:
    of = sheet()
    form = notes.form(of)
    found = answers(of, form, h__FIXES=lambda text: f"{text}\nSomething new", h__API=lambda text: f"{text}\n#341 Twice")
    assert len(found.errors) == 2
    told = " ".join(found.errors.values())
    assert "“Something new”: I do not know which change this is." in told and "#341 stands here twice" in told


def test_of_two_who_edit_at_once_each_changes_what_they_touched() -> None:
    before = sheet()
    form = notes.form(before)
    values, memory = sent(form, h__FIXES="#338 Photos fit every phone")
    meanwhile = sheet(edits=drafts.EDITS | {"#341": Edit("#341", None, "Searches are kept", by=THEO)})
    found = read(meanwhile, values, memory)
    assert set(found.touched) == {"#338"} and not found.both  # the old words of #341 in the form are no change


def test_both_changed_the_same_and_the_later_one_reads_the_difference() -> None:
    form = notes.form(sheet())
    values, memory = sent(form, h__FIXES="#338 Photos fit every phone")
    meanwhile = sheet(
        edits=drafts.EDITS | {
            "#338": Edit("#338", None, "Photos fit your phone", by=THEO),
            "#341": Edit("#341", None, "Searches are kept", by=THEO),
        }
    )  # fmt: skip
    found = read(meanwhile, values, memory)
    assert found.both == ["#338"]
    note = difference(meanwhile, found)
    assert "Theo changed the same" in note and "Photos fit your phone" in note and "Photos fit every phone" in note
    again = notes.form(meanwhile, note=note, shown=found.touched)
    check_form(again)
    values, memory = sent(again)
    assert "#338 Photos fit every phone" in values.values()
    assert next(v for b, v in values.items() if b.startswith("h.FEATURES")).startswith("#341 Searches are kept")
    second = read(meanwhile, values, memory)
    assert not second.both and asked(meanwhile.now["#338"], second.touched["#338"])["text"] == "Photos fit every phone"
    blocks = {b["block_id"] for b in form.blocks if b["type"] == "input"}
    changed = [b["block_id"] for b in again.blocks if b["type"] == "input" and b["block_id"].startswith("h.F")]
    assert not set(changed) & blocks  # Slack would keep the old words in an old block


def test_somebody_else_classified_it_while_the_form_was_open() -> None:
    form = notes.form(sheet())
    chosen = next(b["block_id"] for b in form.blocks if "Tidy up" in str(b.get("label")))
    values, memory = sent(form, **{chosen: "Improvements"})
    meanwhile = sheet(edits=drafts.EDITS | {"#331": Edit("#331", Heading.HIDDEN, by=THEO)})
    found = read(meanwhile, values, memory)
    assert found.both == ["#331"]
    same = sheet(edits=drafts.EDITS | {"#331": Edit("#331", Heading.IMPROVEMENTS, by=THEO)})
    assert not read(same, values, memory).touched


def test_one_change_by_itself() -> None:
    of = sheet()
    form = notes.one(of, "#331")
    values, memory = sent(form, heading="Improvements", text="Leases are tidier", embargoed=("yes",))
    found = read_one(of, "#331", values, memory)
    assert asked(of.now["#331"], found.touched["#331"]) == {
        "item": "#331", "heading": "Improvements", "text": "Leases are tidier", "embargoed": True,
    }  # fmt: skip
    meanwhile = sheet(edits={"#331": Edit("#331", Heading.FIXES, by=THEO)})
    assert read_one(meanwhile, "#331", values, memory).both == ["#331"]


def test_marks_are_unique_and_read_back() -> None:
    idents = ["#1", "3f2a91c0d4e1", "3f2a91c0d4ff", "config:a:b", "api:x:y", *(f"api:{n}" for n in range(3000))]
    marks = marks_of(idents)
    assert len(set(marks.values())) == len(idents) and marks["#1"] == "#1"
    for mark in list(marks.values())[:50]:
        assert parsed(f"- {mark}: Some words") == (mark, "Some words", False)
    assert parsed("Some words") is None and parsed("#12") == ("#12", "", False)
    assert parsed("#12 x (Hidden until released)") == ("#12", "x", True)


def test_a_tab_of_texts_changes_only_the_fields_that_were_touched() -> None:
    f = facts()
    f["texts"]["stakeholders"] = {"gets": ["Saved searches", "PDF"], "better": "Faster", "good_to_know": ""}
    form = texts.form(f, "stakeholders", "C0RELEASES")
    check_form(form)
    values, memory = sent(form, better="Much faster")
    assert texts.read(f, values, memory) == ({"better": "Much faster"}, [])
    f["texts"]["stakeholders"] = {"gets": ["Saved searches"], "better": "Faster", "good_to_know": ""}
    assert texts.read(f, values, memory) == ({"better": "Much faster"}, [])
    f["texts"]["stakeholders"]["better"], f["texts"]["edited_by"] = "Slower", THEO
    mine, both = texts.read(f, values, memory)
    assert both == ["better"] and "Theo changed the same" in texts.difference(f, both, mine)
    again = texts.form(f, "stakeholders", given=mine, note=texts.difference(f, both, mine))
    assert "Much faster" in initial(again).values()
    values, memory = sent(again, better="")
    assert texts.read(f, values, memory) == ({"better": ""}, [])


def test_hostile_texts_keep_their_form() -> None:
    f = facts()
    f["texts"]["support"] = {"new": [HOSTILE] * 20, "solved": [HOSTILE], "known_issues": [], "workaround": HOSTILE,
                             "downtime": HOSTILE, "contact": HOSTILE, "say": HOSTILE}  # fmt: skip
    form = texts.form(f, "support", "C0RELEASES", note="A note.")
    check_form(form, foreign=True)
    assert texts.read(f, *sent(form)) == ({}, [])


def test_who_may_not_read_what_is_hidden_is_not_asked_about_it() -> None:
    of = sheet()
    less = replace(of, now={i: e for i, e in of.now.items() if not e.embargoed})
    assert "Sessions end" not in words(notes.form(less)) + str(initial(notes.form(less)))
    assert not answers(less, notes.form(less)).touched
