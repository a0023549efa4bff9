"""The scope by form and word, late changes, and what somebody answers for, on the real use cases."""

from __future__ import annotations

from typing import Any

from handlers.views.reasons import reason
from tests.handlers import drafts
from tests.handlers.desk import Desk, initial, labels, words
from tests.handlers.play import frozen, said, started
from tests.handlers.story import DANA, MIRA, PRIYA, THEO


async def items(desk: Desk) -> dict[str, str]:
    return {i["ref"]: i["state"] for i in (await desk.facts())["scope_items"]}


async def test_scope_add_drop_and_finalize_as_typed(desk: Desk) -> None:
    await started(desk)
    assert said(await desk.types(PRIYA, "scope add #345")).startswith("✅ The scope of v1.3.0 holds #345 now.")
    assert "in the scope already" in said(await desk.types(PRIYA, "scope add #345"))
    await desk.types(MIRA, "scope add aa-171 statements as PDF")
    assert await items(desk) == {"#345": "in", "AA-171": "in"}
    assert "named by <@U0PRIYA>" in words((await desk.types(DANA, "scope")).private)
    out = said(await desk.types(PRIYA, "scope drop #345 not ready"))
    assert out.startswith("✅ The scope of v1.3.0 is without #345 now.")
    assert (await items(desk))["#345"] == "moved"
    assert said(await desk.types(DANA, "scope add #1")).startswith("Only a")
    assert said(await desk.types(MIRA, "scope finalize")).startswith("✅ You signed off for v1.3.0: Scope is final")
    form = (await desk.types(PRIYA, "scope drop AA-171")).form
    assert form and form.title == "Take out of v1.3.0" and initial(form)["ref"] == "AA-171"
    wrong = await desk.sends(PRIYA, form, ref="something", reason="not ready")
    assert "Name it as a pull request (#345)" in wrong.errors["ref"]


async def test_what_nobody_knows_is_said_to_be_a_wish_and_has_no_invented_title(desk: Desk) -> None:
    await started(desk)
    await desk.reads_scope(draft=drafts.DRAFT)
    told = said(await desk.types(PRIYA, "scope add #9999"))
    assert "I know no pull request #9999 so far" in told and "kept as a wish" in told
    assert "I know no issue AA-999 " in said(await desk.types(PRIYA, "scope add aa-999"))
    assert "wish" not in said(await desk.types(PRIYA, "scope add #338")), "a commit of the range names it"
    waits = {"code": "scope.open", "facts": {"ref": "#9999", "title": ""}, "who": [MIRA]}
    found = reason(waits, await desk.facts())
    assert found.line.endswith("to merge #9999, or to take it out"), "not its code's last word"
    assert "“" not in found.detail and "#9999 is named for this release" in found.detail


async def test_the_form_changes_only_what_was_chosen_anew(desk: Desk) -> None:
    await started(desk)
    await desk.types(PRIYA, "scope add #345")
    shown = (await desk.types(MIRA, "scope")).private
    assert shown
    form = (await desk.clicks(MIRA, shown, "Edit the scope…")).form
    assert form and form.title == "Scope of v1.3.0" and "The scope is final" in words(form)
    assert [v for b, v in initial(form).items() if b.startswith("r.")] == ["in"]
    assert "3 in, 1 not merged yet, 2 merged" in words(form)
    again = await desk.sends(MIRA, form)
    assert "*Nothing was changed.*" in words(again.form)
    row = next(b for b in initial(form) if b.startswith("r."))
    missing = await desk.sends(MIRA, form, **{row: "later"})
    assert missing.errors["reason"].startswith("Please say why")
    lines = "#346 more of it\nAA-9"
    asked = {row: "later", "add": lines, "reason": "not ready", "final": ("scope.final",)}
    done = await desk.sends(MIRA, form, **asked)
    assert "*4 of 4 kept.*" in words(done.form)
    assert await items(desk) == {"#345": "moved", "#346": "in", "AA-9": "in"}
    assert next(s for s in (await desk.facts())["signoffs"] if s["name"] == "scope.final")["done"]
    wrong = await desk.sends(MIRA, form, add="hello")
    assert "begin it with a pull request" in wrong.errors["add"]


async def test_the_form_offers_what_the_host_has_and_nobody_has_named(desk: Desk) -> None:
    await started(desk)
    await desk.types(PRIYA, "scope add #345")
    pull = {"kind": "pull", "state": "open", "author": "jo"}
    offers = [
        {"ref": "#12", "title": "Search is <slow>", "planned": True, **pull, "kind": "issue"},
        {"ref": "#351", "title": "Rent rounds", "planned": True, **pull},
        {"ref": "#345", "title": "Statements as PDF", "planned": False, **pull},
        {"ref": "#360", "title": "Photos", "planned": False, **pull},
        {"ref": "#9", "title": "Done", "planned": True, **pull, "kind": "issue", "state": "closed"},
    ]
    body = {"sha": "", "checks": [], "milestone": None, "pulls": {}, "offers": offers, "left": 3}
    await desk.reports("1.3.0", "forge.read", **body)
    shown = (await desk.types(MIRA, "scope")).private
    assert shown and "*In the milestone, and nobody has named it*" in words(shown)
    assert "#360 Photos, by jo" in words(shown)
    form = (await desk.clicks(MIRA, shown, "Edit the scope…")).form
    assert form
    rows = {str(x["label"]["text"]): x["block_id"] for x in form.blocks if str(x.get("block_id")).startswith("r.")}
    assert {label: initial(form)[block] for label, block in rows.items()} == {
        "#345 Statements as PDF, waits for review or merge": "in",
        "#12 Search is <slow>, by jo, open issue in the milestone": "in",
        "#351 Rent rounds, by jo, open pull request in the milestone": "in",
        "#360 Photos, by jo, open pull request": "later",
    }
    assert "5 in, 2 wait for review or merge, 1 open issue, 2 merged" in words(form)
    blocks = list(rows.values())
    done = await desk.sends(MIRA, form, **{blocks[3]: "in", blocks[2]: "later", "reason": "the bank is late"})
    assert "*2 of 2 kept.*" in words(done.form), words(done.form)
    assert await items(desk) == {"#345": "in", "#360": "in", "#351": "moved"}
    assert next(i for i in (await desk.facts())["scope_items"] if i["ref"] == "#360")["title"] == "Photos"


async def test_one_refusal_of_several_loses_nothing(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "scope add #1 #2")).form
    assert form and form.callback_id == "scope"
    await desk.types(PRIYA, "scope add #345")
    done = await desk.sends(PRIYA, form, add="#345\n#346")
    assert "*1 of 2 kept.*" in words(done.form) and "#345 is in the scope already" in words(done.form)
    assert set(await items(desk)) == {"#345", "#346"}


async def test_pages_of_the_scope_turn_when_nothing_is_unsent(desk: Desk) -> None:
    await started(desk)
    for number in range(25):
        await desk.types(PRIYA, f"scope add #{500 + number}")
    shown = (await desk.types(PRIYA, "scope")).private
    assert shown
    form = (await desk.clicks(PRIYA, shown, "Edit the scope…")).form
    assert form and "Page 1 of 2" in words(form)
    view: dict[str, Any] = {"view_id": "V9", "callback_id": "scope", "private_metadata": form.private_metadata}
    turned = (await desk.clicks(PRIYA, form, "Next page", **view, values=initial(form))).form
    assert turned and "Page 2 of 2" in words(turned)
    stays = (await desk.clicks(PRIYA, form, "Next page", **view, values=initial(form) | {"add": "#9"})).form
    assert stays and "Send this page first" in words(stays)


async def test_a_late_change_says_first_what_it_means(desk: Desk) -> None:
    await frozen(desk)
    form = (await desk.types(PRIYA, "scope add #345")).form
    assert form and "`release/1.3.0` gets a commit" in words(form)
    assert "that rc.1 does not have: a new candidate has to be tagged and tested again." in words(form)
    done = await desk.sends(PRIYA, form)
    assert "Got it: #345 is picked onto `release/1.3.0`" in words(done.form)
    assert "needs a new candidate, tests and approvals" in words(done.form)


async def test_a_form_from_before_the_freeze_is_shown_again_with_what_follows(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "scope add #1 #2")).form
    assert form and "gets a commit" not in words(form)
    await desk.types(MIRA, "tick scope.final")
    await desk.types(PRIYA, "begin")
    await desk.types(PRIYA, "freeze early: office move")
    await desk.git_has("1.3.0")
    again = (await desk.sends(PRIYA, form, add="#345")).form
    assert again and "the release moved on" in words(again) and "gets a commit" in words(again)
    assert initial(again)["add"] == "#345" and not await items(desk)
    await desk.sends(PRIYA, again)
    assert await items(desk) == {"#345": "in"}


async def test_on_its_own_branch_what_is_merged_can_be_taken_out(desk: Desk) -> None:
    await frozen(desk)
    shown = (await desk.types(PRIYA, "scope")).private
    assert shown
    form = (await desk.clicks(PRIYA, shown, "Edit the scope…")).form
    assert form and "`release/1.3.0` gets a commit" in words(form) and "#342" in words(form)
    row = next(b["block_id"] for b in form.blocks if "#342" in str(b.get("label")))
    done = await desk.sends(PRIYA, form, **{row: "later", "reason": "not ready"})
    assert "*1 of 1 kept.*" in words(done.form)
    assert (await desk.facts())["git"]["purpose"] == "revert"


async def test_a_late_change_that_is_no_fix_is_answered_for(desk: Desk) -> None:
    await frozen(desk)
    late = drafts.item(345, "Statements as PDF", drafts.Heading.FEATURES)
    draft = drafts.replace(drafts.DRAFT, items=(late,), gaps=(), findings=())
    await desk.reads_scope("1.3.0", "release/1.3.0", "9" * 40, draft=draft, late=list(late.commits))
    assert [x["id"] for x in (await desk.facts())["late"]] == ["#345"]
    shown = (await desk.types(THEO, "scope")).private
    assert shown and "*Came after the freeze and is no fix*" in words(shown)
    form = (await desk.clicks(THEO, shown, "Answer for it…")).form
    assert form and initial(form)["item"] == "#345"
    done = await desk.sends(THEO, form, reason="the bank needs it")
    assert "You answer for it" in words(done.form)
    told = (await desk.facts())["late"][0]["accepted"]
    assert (told["by"], told["reason"]) == (THEO, "the bank needs it")
    assert "Nothing waits for an answer" in said(await desk.types(THEO, "accept #345 again"))


async def test_accept_as_typed(desk: Desk) -> None:
    await frozen(desk)
    late = [drafts.item(n, "Statements as PDF", drafts.Heading.FEATURES) for n in (345, 346)]
    draft = drafts.replace(drafts.DRAFT, items=tuple(late), gaps=(), findings=())
    commits = [c for i in late for c in i.commits]
    await desk.reads_scope("1.3.0", "release/1.3.0", "9" * 40, draft=draft, late=commits)
    form = (await desk.types(THEO, "accept")).form
    assert form and "#345" in words(form) and "#346" in words(form)
    assert "Say which one: #345 and #346" in said(await desk.types(THEO, "accept 1.3.0 #999 because"))
    assert said(await desk.types(THEO, "accept 1.3.0 #345 the bank needs it")).startswith("✅ You answer for it")
    assert said(await desk.types(DANA, "accept #346 why not")).startswith("Only a")
    form = (await desk.types(THEO, "accept #346")).form
    assert form and initial(form)["item"] == "#346"


async def test_a_dependency_has_its_owner_and_date(desk: Desk) -> None:
    await started(desk)
    await desk.types(PRIYA, "depends on <https://example.com/x|x> billing-api 2.4 <@U0DANA|dana> 9 dec")
    found = (await desk.facts())["dependencies"][0]
    assert (found["text"], found["owner"]) == ("https://example.com/x billing-api 2.4", DANA)
    assert found["due"].startswith("2026-12-09T15:00")
    assert "due" in words((await desk.types(PRIYA, "scope")).private)


async def test_labels_lead_on(desk: Desk) -> None:
    await started(desk)
    answer = (await desk.types(PRIYA, "scope add #345")).private
    assert answer and labels(answer.blocks) == ["What is in it?", "What is missing?"]
