"""The notes by click, form and word, on the real use cases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.notes.model import Draft, Gap
from handlers.request import Form
from tests.handlers import drafts
from tests.handlers.desk import DRAFT, NEXT, Desk, initial, labels, words
from tests.handlers.play import said, started
from tests.handlers.story import DANA, MIRA, PRIYA, SANA, THEO


async def noted(desk: Desk, draft: Draft = drafts.DRAFT) -> None:
    await started(desk)
    await desk.reads_scope(draft=draft)


async def opened(desk: Desk, who: str) -> Form:
    message = (await desk.types(who, "notes")).private
    assert message
    form = (await desk.clicks(who, message, "Edit the notes…")).form
    assert form and form.title == "Notes of v1.3.0"
    return form


def block(form: Form, start: str) -> str:
    return next(b["block_id"] for b in form.blocks if b.get("block_id", "").startswith(start))


async def test_nobody_reads_notes_before_the_range_was_read(desk: Desk) -> None:
    await desk.types(PRIYA, "start minor")
    assert said(await desk.types(PRIYA, "notes")).startswith("The history of v1.3.0 is being read")
    assert (await desk.types(PRIYA, "notes support")).private


async def test_the_form_keeps_what_was_edited_when_the_notes_are_drafted_again(desk: Desk) -> None:
    await noted(desk)
    form = await opened(desk, SANA)
    done = await desk.sends(SANA, form, **{block(form, "h.FIXES"): "#338 Photos fit every phone"})
    assert "*1 change kept.*" in words(done.form)
    again = replace(drafts.DRAFT, items=tuple(replace(i, title=f"{i.title}!") for i in drafts.ITEMS))
    await desk.reads_scope(draft=again)
    text = words((await desk.types(DANA, "notes")).private)
    assert "Photos fit every phone" in text and "edited by Sana" in text and "Saved property searches!" in text
    assert (await desk.facts())["notes"]["edited"] == 1


async def test_two_editors_and_nothing_is_lost(desk: Desk) -> None:
    await noted(desk)
    first, second = await opened(desk, SANA), await opened(desk, THEO)
    await desk.sends(SANA, first, **{block(first, "h.FIXES"): "#338 Photos fit every phone"})
    other = await desk.sends(THEO, second, **{block(second, "h.SECURITY"): "#350 Sessions end earlier"})
    assert "*1 change kept.*" in words(other.form)
    text = words((await desk.types(DANA, "notes")).private)
    assert "Photos fit every phone" in text and "Sessions end earlier" in text

    both = await opened(desk, THEO)
    await desk.types(SANA, "classify #338 Photos fit all phones")
    answer = await desk.sends(THEO, both, **{block(both, "h.FIXES"): "#338 Photos fit some phones"})
    assert answer.form and "Sana changed the same while this form was open" in words(answer.form)
    assert "Photos fit all phones" in words((await desk.types(DANA, "notes")).private)
    await desk.sends(THEO, answer.form)
    assert "Photos fit some phones" in words((await desk.types(DANA, "notes")).private)


async def test_a_button_for_each_change_without_a_heading(desk: Desk) -> None:
    await noted(desk)
    message = (await desk.types(MIRA, "notes")).private
    assert message and labels(message.blocks).count("Choose a heading…") == 3
    form = (await desk.clicks(MIRA, message, "Choose a heading…")).form
    assert form and form.title == "Choose a heading" and "Tidy up lease model" in words(form)
    done = await desk.sends(MIRA, form, heading="Improvements", embargoed=("yes",))
    assert "*1 change kept.*" in words(done.form) and "1 change hidden until released" in words(done.form)
    assert len((await desk.facts())["notes"]["unclassified"]) == 2


async def test_what_is_hidden_is_read_only_by_who_may_edit_the_notes(desk: Desk) -> None:
    await noted(desk)
    await desk.types(THEO, "classify #350 security Nobody stays in for longer than an hour")
    form = (await desk.types(THEO, "classify #350")).form
    assert form
    await desk.sends(THEO, form, embargoed=("yes",))
    stranger = "U0STRANGER"
    assert "Nobody stays" not in words((await desk.types(stranger, "notes")).private)
    assert "Nobody stays" not in words((await desk.types(stranger, "notes github")).private)
    assert "Nobody stays" not in str(initial(await opened(desk, stranger)))
    assert "Nobody stays" in str(initial(await opened(desk, THEO)))
    refused = await desk.types(stranger, "classify #338 hidden")
    assert said(refused).startswith("Only a")


async def test_classify_as_typed(desk: Desk) -> None:
    await noted(desk)
    done = await desk.types(PRIYA, "classify #331 improvement Leases are tidier")
    assert said(done).startswith("✅ The notes of v1.3.0 are kept as you wrote them")
    assert "• Leases are tidier" in words((await desk.types(DANA, "notes")).private)
    assert "is no change of v1.3.0" in said(await desk.types(PRIYA, "classify #999"))
    assert "is no change of v1.3.0" in said(await desk.types(PRIYA, "classify #999 fix"))
    assert "is no change of v1.3.0" in said(await desk.types(PRIYA, "classify #33 fix")), "nor #331"
    by_commit = await desk.types(PRIYA, "classify 3f2a91c hidden")
    assert "1 still has no heading" in said(by_commit)
    assert (await desk.types(PRIYA, "classify")).form
    await desk.types(PRIYA, "classify AA-171 The searches of tenants")
    assert "The searches of tenants" in words((await desk.types(DANA, "notes")).private)


async def test_a_mistyped_heading_alone_never_becomes_the_published_line(desk: Desk) -> None:
    await noted(desk)
    for typed, meant in (("improvment", "improvement"), ("Secruity", "security")):
        asked = await desk.types(PRIYA, f"classify 1.3.0 #331 {typed}")
        assert said(asked) == f"I do not know {typed}. Did you mean {meant}?" and asked.private
    assert (await desk.facts())["notes"]["edited"] == 0
    done = await desk.clicks(PRIYA, asked.private, "Run: classify 1.3.0 #331…")
    assert said(done).startswith("✅ The notes of v1.3.0 are kept as you wrote them")
    assert said(await desk.types(PRIYA, "classify 1.3.0 #331 Leases")).startswith("✅"), "near no heading: a wording"


async def test_unsent_words_stop_the_turn_of_a_tab(desk: Desk) -> None:
    await noted(desk)
    form = await opened(desk, SANA)
    values = initial(form) | {block(form, "h.FIXES"): "#338 Photos fit every phone"}

    async def turns(of: Form, to: str, given: dict[str, Any]) -> Form:
        found = await desk.clicks(
            SANA, of, to, view_id="V9", callback_id=of.callback_id, private_metadata=of.private_metadata, values=given
        )
        assert found.form
        return found.form

    stays = await turns(form, "Support", values)
    assert "Send these words first" in words(stays) and "#338 Photos fit every phone" in initial(stays).values()
    other = await turns(form, "Support", initial(form))
    assert other.title == "Texts of v1.3.0" and "• Support" in labels(other.blocks)
    mine = initial(other) | {block(other, "contact"): "Ask Theo"}
    stays = await turns(other, "Everyone", mine)
    assert "Send these words first" in words(stays) and "Ask Theo" in initial(stays).values()
    assert (await turns(other, "Everyone", initial(other))).title == "Notes of v1.3.0"


async def test_many_changes_have_pages(desk: Desk) -> None:
    await noted(desk, drafts.hostile())
    form = await opened(desk, SANA)
    assert "Page 1 of" in words(form) and "Next page" in labels(form.blocks)
    found = await desk.clicks(
        SANA, form, "Next page", view_id="V9", callback_id="notes", private_metadata=form.private_metadata,
        values=initial(form),
    )  # fmt: skip
    assert found.form and "Page 2 of" in words(found.form)
    sent = await desk.sends(SANA, found.form)
    assert "*Nothing was changed.*" in words(sent.form)


async def test_two_who_mend_the_texts_at_once(desk: Desk) -> None:
    await started(desk)
    message = (await desk.types(MIRA, "notes stakeholders")).private
    assert message
    first = (await desk.clicks(MIRA, message, "Mend the texts…")).form
    second = (await desk.clicks(PRIYA, message, "Mend the texts…")).form
    assert first and second
    await desk.sends(MIRA, first, better="Faster lists")
    await desk.sends(PRIYA, second, good_to_know="One in ten first")
    texts = (await desk.facts())["texts"]["stakeholders"]
    assert (texts["better"], texts["good_to_know"]) == ("Faster lists", "One in ten first")
    again = (await desk.clicks(PRIYA, message, "Mend the texts…")).form
    assert again
    await desk.sends(PRIYA, again, good_to_know="")
    assert (await desk.facts())["texts"]["stakeholders"]["good_to_know"] == ""


async def test_a_message_becomes_a_line_of_the_notes(desk: Desk) -> None:
    await noted(desk)

    async def takes(text: str) -> Form:
        found = await desk.ask(DANA, "shortcut", callback_id="notes", message_text=text, message_ts="1")
        assert found.form
        return found.form

    form = await takes("Push comes late on old phones")
    assert form.title == "Add to release notes" and "Push comes late on old phones" in initial(form).values()
    await desk.sends(PRIYA, form)
    await desk.sends(PRIYA, await takes("Maps are slow"))
    await desk.sends(PRIYA, await takes("Reload once"), place="workaround")
    text = words((await desk.types(DANA, "notes")).private)
    assert "• Push comes late on old phones" in text and "• Maps are slow" in text
    assert (await desk.facts())["texts"]["support"]["workaround"].endswith("Reload once")


async def test_gaps_are_written_in_the_form_and_gone(desk: Desk) -> None:
    gap = Gap("known_issues_open", "known", {}, True)
    await noted(desk, replace(DRAFT, gaps=(gap,)))
    assert "Nobody has said whether there are known issues" in words((await desk.types(SANA, "notes")).private)
    form = await opened(desk, SANA)
    known = next(b["block_id"] for b in form.blocks if "Known issues" in str(b.get("label")))
    await desk.sends(SANA, form, **{known: "none"})
    assert "Nobody has said" not in words((await desk.types(SANA, "notes")).private)
    assert initial(await opened(desk, SANA))[known.rpartition(".")[0] + "." + _digest()] == "none"


def _digest() -> str:
    from handlers.forms.notes_lines import Entry, digest

    return digest(Entry("known", None, "none").content, 5)


async def test_the_published_text_is_shown_as_it_will_be(desk: Desk) -> None:
    await noted(desk)
    text = words((await desk.types(DANA, "notes github")).private)
    assert "# Release v1.3.0" in text and "## New Features" in text and "- Saved property searches" in text


async def test_a_mention_gives_the_button_that_opens_the_form(desk: Desk) -> None:
    await noted(desk)
    answer = await desk.ask(PRIYA, "mention", text="classify 1.3.0", thread_ts="1")
    assert answer.private and labels(answer.private.blocks) == ["Open the form"]
    assert (await desk.clicks(PRIYA, answer.private, "Open the form")).form
    assert NEXT
