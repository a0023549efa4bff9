"""Notes, scope, differences and whereabouts as people read them, also by somebody who wants to break the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.facts import project
from core.domain.notes.model import Gap
from core.domain.release import Phase, ReleaseType
from core.domain.repository import Commit
from core.usecases.diff import Diff
from core.usecases.where import Where
from handlers.request import Message
from handlers.views import diff, links, notes, render_post, scope, where
from handlers.views.approval import ask
from handlers.views.card import card
from handlers.views.embargo import revealed
from handlers.views.notes_words import gap_text, typed_heading
from handlers.views.why import why
from tests.handlers import drafts
from tests.handlers.desk import labels, words
from tests.handlers.layout import HOSTILE, check_markup, check_message
from tests.handlers.story import DANA, LEAVES, MIRA, NOW, PRIYA, SHA, release, situation

AT = datetime(2026, 12, 1, tzinfo=UTC)


def rich(phase: Phase = Phase.PREPARATION, text: str = "", **more: Any) -> dict[str, Any]:
    """Facts with everything that the contents bring."""
    r = drafts.full_of_contents(release(phase, ReleaseType.MINOR), text, many=60 if text else 0)
    made = project(situation(r, product=drafts.strays(text), draft=drafts.DRAFT), record="7be1 04c9")
    return made | {"links": drafts.LINKS} | more


def commit(number: int, subject: str) -> Commit:
    return Commit(f"{number:040x}", (), "Dana", "dana@x.example", AT, subject)


COMMITS = tuple(commit(n, s) for n, s in enumerate(("feat: searches", "fix: token=ghp_" + "a1B2" * 9, HOSTILE)))


def found_diff(draft: Any) -> Diff:
    return Diff("1.2.2", "1.3.0-rc.2", "a" * 40, SHA, draft, drafts.composed(draft)[0], COMMITS * 60, 4012)


def everything(f: dict[str, Any], draft: Any) -> list[Message]:
    shown, full = drafts.composed(draft)
    runs = (("production", "1.2.2"),)
    places = Where("AA-171", COMMITS * 9, ("1.2.1", "1.2.2"), ("1.1.0",), runs, ("1.3.0",), ("main",))
    hostile = Where(HOSTILE, COMMITS * 9, (HOSTILE,) * 9, (HOSTILE,) * 9, ((HOSTILE, HOSTILE),) * 9, (HOSTILE,) * 9)
    return [
        notes.everyone(f, draft, shown), notes.everyone(f, draft, full), notes.being_read(f),
        notes.github(f, HOSTILE * 90),
        notes.github(f, "# Release\n\n- `code` and ```fence```\n" * 400), scope.scope(f), diff.of_release(f),
        diff.between(found_diff(draft), f), where.where(places, f, {"1.3.0": 42}), where.where(hostile, f, {}),
        where.where(Where(HOSTILE), f, {}), where.what_to_ask(), card(f, NOW), card(f, LEAVES), why(f, PRIYA, NOW),
        ask(f, MIRA, "product_manager", NOW),
    ]  # fmt: skip


@pytest.mark.parametrize("phase", [p for p in Phase if p is not Phase.CANCELLED])
def test_what_is_read_of_the_range_holds_in_every_phase(phase: Phase) -> None:
    for message in everything(rich(phase), drafts.DRAFT):
        check_message(message)


def test_the_largest_and_the_most_hostile_notes_hold_too() -> None:
    for message in everything(rich(text=HOSTILE), drafts.hostile()):
        check_message(message, foreign=True)


def test_notes_say_first_what_needs_somebody() -> None:
    made = notes.everyone(rich(), drafts.DRAFT, drafts.NOTES)
    text = words(made)
    assert made.text == "The notes of v1.3.0 hold 9 changes; 3 changes without a heading and 15 gaps."
    ids = [b.get("block_id", "") for b in made.blocks]
    assert ids.index("gaps") < ids.index("unclassified.#331") < ids.index("heading.features")
    assert "⛔ Migration `migrations/0042.py` has no upgrade note" in text
    assert labels(made.blocks).count("Choose a heading…") == 3 and "Edit the notes…" in labels(made.blocks)
    line = "• Saved property searches (<https://code.example/p/341|#341>, <https://issues.example/AA-171|AA-171>)"
    assert line in text
    assert "Owner statements as PDF (<https://code.example/p/343|#343>) · edited by Sana" in text
    assert "Edited by Sana, kept when the notes are drafted again" in text
    assert "Sessions end" not in text and "1 change hidden until released" in text
    assert "[removed] stands where 2 secrets or internal names stood" in text
    assert "1 went out before, with v1.2.2" in text and "1 came and was taken back" in text


@pytest.mark.parametrize("gap", drafts.GAPS, ids=lambda g: g.code)
def test_every_gap_has_words(gap: Gap) -> None:
    text = gap_text(gap, {"links": drafts.LINKS})
    assert text.strip() and "{" not in text and not text.endswith((":", " ")) and "“”" not in text
    check_markup(text)


@pytest.mark.parametrize(
    ("typed", "heading", "rest"),
    [
        ("fix Tenants can log in", "Bug Fixes", "Tenants can log in"),
        ("Bug fix", "Bug Fixes", ""),
        ("new feature Faster", "New Features", "Faster"),
        ("not in notes", "Not in notes", ""),
        ("config: x", "Configuration Changes", "x"),
        ("Tenants can log in", None, "Tenants can log in"),
        ("", None, ""),
    ],
)
def test_headings_as_people_type_them(typed: str, heading: str | None, rest: str) -> None:
    found, words_ = typed_heading(typed)
    assert (found.value if found else None, words_) == (heading, rest)


def test_the_published_text_stays_inside_its_code_block() -> None:
    made = notes.github(rich(), "# v1.3.0\n```\n<!channel> & `x`\n")
    inside = made.blocks[2]["text"]["text"]
    assert inside.startswith("```\n# v1.3.0") and inside.count("```") == 2
    assert "&lt;!channel&gt; &amp; ˋxˋ" in inside


def test_scope_names_milestone_items_and_what_came_late() -> None:
    made = scope.scope(rich(Phase.STABILIZATION))
    text = words(made)
    assert "<https://code.example/m/7|milestone v1.3.0>: 9 of 11 closed" in text
    assert "⏳ <https://code.example/p/345|#345> Statements as PDF · not merged yet, named by <@U0PRIYA>" in text
    assert "⚪ `8f3c2ab`" in text.replace("<https://code.example/c/8f3c2ab|`8f3c2ab`>", "`8f3c2ab`")
    assert "moved to 1.4.0" in text and "*Came after the freeze and is no fix*" in text
    assert "<@U0THEO>: “the bank needs it”" in text and "billing-api 2.4" in text
    assert "Answer for it…" in labels(made.blocks)


def test_the_card_tells_notes_milestone_checks_and_what_was_moved_by_hand() -> None:
    text = words(card(rich(Phase.STABILIZATION), NOW))
    assert "⚠️ <https://code.example/r/1|29 lines>, 2 unclassified" in text
    assert "<https://code.example/m/7|9 of 11 closed>" in text
    assert "⛔ <https://ci.example/1|lint> failed" in text
    assert "⚠️ `main` was moved by hand" in text


def test_the_approver_reads_the_risks_of_the_contents() -> None:
    text = words(ask(rich(), MIRA, "product_manager", NOW))
    for part in (
        "⛔ The automated tests failed on this commit: <https://ci.example/1|1 of 2 failed, “lint”>",
        "<https://code.example/p/337|#337> breaks something for customers",
        "<https://code.example/p/338|#338> was approved by nobody but the author",
        "came after the freeze and is no fix; <@U0THEO> answers for it: “the bank needs it”",
    ):
        assert part in text, part


def test_why_offers_the_notes_and_the_answer() -> None:
    f = rich(Phase.STABILIZATION)
    f["blockers"] = [
        {"code": code, "facts": {**given, "candidate": "v1.3.0-rc.2"}, "who": [PRIYA]}
        for code, given in (
            ("notes.unclassified", {"count": 2, "items": [{"id": "#331", "title": "Tidy up"}]}),
            ("notes.gap", {"gap": "no_upgrade_note", "item": "upgrade:m/0042.py", "path": "m/0042.py"}),
            ("late", {"item": "#345", "title": "Statements"}),
            ("stray", {"id": "main:8", "kind": "main", "ref": "main", "now": "8", "what": "“Hot patch” by Kim"}),
            ("version.file", {"path": "pyproject.toml", "why": "other", "found": "1.2.2"}),
            ("checks.failed", {"failed": [{"name": "lint", "url": "https://ci.example/1"}]}),
        )
    ]
    made = why(f, PRIYA, NOW)
    text = words(made)
    for part in (
        "No rule is sure about <https://code.example/p/331|#331> “Tidy up”: choose where each belongs.",
        "Migration `m/0042.py` has no upgrade note.",
        "`main` got what no release brought: “Hot patch” by Kim",
        "pyproject.toml in v1.3.0-rc.2 does not say v1.3.0: it says 1.2.2.",
        "<https://ci.example/1|“lint”> failed on v1.3.0-rc.2",
    ):
        assert part in text, part
    assert {"Choose headings…", "Write it…", "Answer for it…", "Tag a candidate"} <= set(labels(made.blocks))
    for part in ("a missing upgrade note for migration `m/0042.py`", "2 unclassified in the notes"):
        assert part in words(card(f, NOW)), part


def test_a_difference_by_heading_with_its_commits_and_no_secret() -> None:
    made = diff.between(found_diff(drafts.DRAFT), rich())
    text = words(made)
    assert made.text == "From v1.2.2 to v1.3.0-rc.2: 9 changes in 4,012 commits."
    assert "*New Features*" in text and "*Unclassified, 3*" in text and "and 4,0" in text
    assert f"<https://code.example/compare/{'a' * 40}...{SHA}|Compare on the host>" in text and "ghp_" not in text
    first = replace(found_diff(drafts.DRAFT), base_sha="")
    assert "Compare on the host" not in words(diff.between(first, rich())), "from the first commit on there is no base"


def test_an_approval_from_before_the_last_push_is_named_as_such() -> None:
    gap = Gap("unreviewed", "#338", {"title": "Photos", "before": ["theo", "i<n>es"]})
    told = gap_text(gap, {})
    assert told == "#338 was approved by theo and i&lt;n&gt;es before its last push, and by nobody since: “Photos”"


def test_where_something_is() -> None:
    places = Where("AA-171", COMMITS[:1], ("1.2.1", "1.2.2"), (), (("production", "1.2.2"),), ("1.3.0",), ("develop",))
    made = where.where(places, rich(), {"1.3.0": 42})
    assert made.text == "AA-171: 1 commit. It is in production (v1.2.2)."
    assert "Released first with v1.2.1, and in 1 later" in words(made) and "Goes out with v1.3.0" in words(made)
    assert labels(made.blocks) == ["Open v1.3.0"]
    none = where.where(Where("AA-999"), rich(), {})
    assert none.text == "No commit of the remote names AA-999."


def test_addresses_are_quoted_and_only_addresses() -> None:
    f = {"links": drafts.LINKS}
    assert links.ref(f, "#341") == "<https://code.example/p/341|#341>"
    assert links.compare(f, "v1|2", "<x>") == "https://code.example/compare/v1%7C2...%3Cx%3E"
    assert links.address({"links": {"pull": "javascript:{number}"}}, "pull", number=1) == ""
    assert links.site(f, "https://x.example/a|b", "here") == "here"
    assert links.ref(f, "#1> <!here>") == "#1&gt; &lt;!here&gt;"
    assert links.ref({}, "AA-171") == "AA-171" and links.commit({}, SHA) == "`8f3c2ab`"


def test_nothing_hidden_until_released_is_told_in_the_thread() -> None:
    data = {"facts": rich(), "actor": PRIYA, "item": "#350", "title": "Sessions end", "text": "secret"}
    line = render_post("thread", "classified", data | {"embargoed": True})
    assert "Sessions" not in line.text and "secret" not in line.text and "hidden until released" in line.text
    new = {"added": 3, "subjects": ["Rent", "Roof"], "hidden": 1}
    came = render_post("thread", "scope_changed", {"facts": rich(), **new})
    assert came.text.endswith("3 changes came in: “Rent” and “Roof”. 1 change is hidden until released.")
    stays = {"fixes": [{"subject": "", "author": "Kim", "sha": SHA}], "count": 1, "branch": "b", "base": "develop"}
    left = render_post("thread", "left_behind", {"facts": rich(), **stays})
    assert "hidden until released by Kim" in left.text
    told = render_post("thread", "classified", data | {"embargoed": False, "heading": "Bug Fixes"})
    assert "Priya mended the notes of #350 “Sessions end”, under Bug Fixes: “secret”" in told.text


def test_who_may_approve_reads_in_its_place_what_is_hidden_from_others() -> None:
    row = {"sha": SHA, "pull": 341, "subject": "Close the hole", "author": "Kim"}
    f = rich() | {"held": {"changes": [[1, row]], "titles": {"#345": "Statements"}}}
    f["points"] = [{"code": "embargoed", "data": {"count": 1}}]
    f["scope_items"] = [{**i, "title": ""} if i["ref"] == "#345" else i for i in f["scope_items"]]
    for view in (scope.scope, diff.of_release):
        dana, mira = (words(view(revealed(f, who))) for who in (DANA, MIRA))
        assert "hole" not in dana and "1 change is hidden until released" in dana
        assert "Close the hole" in mira and "1 change is hidden" not in mira
    assert revealed(f, MIRA)["changes"][1] == row
    early = words(card({**f, "phase": "development", "candidate": None}, NOW))
    assert "1 change is hidden until released" in early and "hole" not in early + words(card(f, NOW))
    assert "“Close the hole” is hidden until released, and part of what you sign" in words(
        ask(f, MIRA, "product_manager", NOW)
    )


def test_a_release_without_notes_still_has_its_card() -> None:
    f = rich() | {"notes": None, "milestone": None, "checks": None, "scope_items": [], "late": [], "strays": []}
    check_message(card(f, NOW))
    assert "drafted from the scope" in words(card(f, NOW))
    assert replace(release(), notes=None).notes is None
