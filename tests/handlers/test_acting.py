"""People act: words, buttons and forms on the real use cases and a real store; git is told what to say."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.usecases import look
from handlers.request import Answer
from tests.handlers.desk import Desk, initial, labels, words
from tests.handlers.layout import check_form, check_message
from tests.handlers.story import DANA, ERIKA, MIRA, PRIYA, QADIR, SANA, THEO

NOTHING = "Nothing was changed."


@pytest.fixture(autouse=True)
def _every_answer_holds(desk: Desk):  # type: ignore[no-untyped-def]
    """No click is silent, and each answer is within the limits."""
    yield
    for answer in desk.answers:
        assert answer.private or answer.form or answer.errors or answer.in_thread or answer.home
        if answer.private:
            check_message(answer.private)
        if answer.in_thread:
            check_message(answer.in_thread)
        if answer.form:
            check_form(answer.form)


def said(answer: Answer) -> str:
    assert answer.private is not None, answer
    return answer.private.text


async def started(desk: Desk) -> None:
    await desk.types(PRIYA, "start minor")
    await desk.reads_scope()


async def frozen(desk: Desk) -> None:
    """A minor with its first candidate."""
    await started(desk)
    await desk.types(MIRA, "tick scope.final")
    await desk.types(PRIYA, "tick milestone")
    await desk.types(PRIYA, "begin")
    await desk.types(PRIYA, "freeze early: office move")
    await desk.git_has("1.3.0")


async def prepared(desk: Desk) -> None:
    await frozen(desk)
    for who, items in (
        (QADIR, "tests.automated tests.regression tests.performance"),
        (THEO, "tests.security plan.written"),
        (PRIYA, "notes.final"),
    ):
        for item in items.split():
            await desk.types(who, f"tick {item}")
    await desk.types(PRIYA, "ready")


# --- start -----------------------------------------------------------------------------------------------------------


async def test_start_with_a_kind_opens_at_once(desk: Desk) -> None:
    answer = await desk.types(PRIYA, "start minor")
    assert said(answer).startswith("v1.3.0 is started; its card is in the channel. Next: make the scope final")
    assert (await desk.facts())["phase"] == "planning"


async def test_start_without_words_opens_the_form_and_the_form_starts(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start")).form
    assert form and form.title == "Start a release" and form.submit == "Start v1.3.0"
    assert "because v1.2.2 is in production" in words(form)
    sent = await desk.sends(PRIYA, form, title="Saved searches")
    assert sent.form and sent.form.title == "v1.3.0 is started"
    assert (await desk.facts())["title"] == "Saved searches"


async def test_another_kind_changes_the_proposal_and_keeps_what_was_typed(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start <@U0THEO|theo>")).form
    assert form
    chosen = await desk.ask(
        PRIYA,
        "action",
        action_id="type",
        value="hotfix",
        callback_id="start",
        view_id="V1",
        view_hash="h",
        private_metadata=form.private_metadata,
        values=initial(form),
    )
    assert chosen.form and chosen.form.submit == "Start v1.2.2-hotfix.1"
    assert initial(chosen.form)["lead"] == THEO and "What fails?" in words(chosen.form)
    sent = await desk.sends(PRIYA, chosen.form, reason="card payments time out", picks="#341, 343")
    assert sent.form and sent.form.callback_id == "told"
    facts = await desk.facts("1.2.2-hotfix.1")
    assert (facts["phase"], facts["reason"], facts["lead"]) == ("development", "card payments time out", THEO)


async def test_a_wrong_number_is_said_at_its_field(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start")).form
    assert form
    answer = await desk.sends(PRIYA, form, version__minor="1.2.9")
    assert answer.errors == {"version.minor": "v1.2.9 does not fit a minor release on v1.2.2."}
    await desk.types(PRIYA, "start minor")
    again = await desk.sends(PRIYA, form)
    assert "v1.3.0 is already in flight." in str(again.errors)


async def test_a_hotfix_without_a_reason_asks_for_it(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start hotfix")).form
    assert form and "What fails?" in words(form)
    assert said(await desk.types(PRIYA, "start hotfix 1.2.2 payments fail")).startswith("v1.2.2-hotfix.1 is started")


async def test_somebody_else_may_not_start(desk: Desk) -> None:
    assert said(await desk.types(DANA, "start minor")) == f"Only a release manager can start: Priya. {NOTHING}"


# --- looking ---------------------------------------------------------------------------------------------------------


async def test_with_nothing_in_flight(desk: Desk) -> None:
    assert said(await desk.types(PRIYA, "")) == "Nothing waits for you. Nothing is in flight."
    assert said(await desk.types(PRIYA, "why")).startswith(
        "Nothing is in flight. The next train leaves on Wed 16 Dec 2026"
    )
    assert said(await desk.types(PRIYA, "hold the bank")) == "No release is open to hold now. Nothing is in flight."
    assert said(await desk.types(PRIYA, "list")) == "Nothing is in flight."


async def test_every_word_that_shows_answers(desk: Desk) -> None:
    await started(desk)
    for line in (
        "",
        "status",
        "list",
        "list done",
        "why",
        "scope",
        "notes",
        "notes support",
        "diff",
        "env",
        "calendar",
        "help",
        "help freeze",
        "help frezee",
        "roles",
        "audit",
        "diff 1.2.2 1.3.0-rc.1",
        "status last",
    ):
        answer = await desk.types(DANA, line)
        assert answer.private, line
    assert "✅ chain unbroken" in words((await desk.types(DANA, "audit 1.3.0")).private)


async def test_typos_versions_and_words_of_later(desk: Desk) -> None:
    await started(desk)
    typo = await desk.types(PRIYA, "statsu 1.3.0")
    assert said(typo) == "I do not know statsu. Did you mean status?"
    assert typo.private
    ran = await desk.clicks(PRIYA, typo.private, "Run: status 1.3.0")
    assert said(ran).startswith("v1.3.0 (minor) is in planning.")
    assert said(await desk.types(PRIYA, "why 1.3.1")) == "There is no v1.3.1. In flight is v1.3.0."
    assert said(await desk.types(PRIYA, "metrics")) == f"metrics comes with a later version. {NOTHING}"
    assert "I do not know" in said(await desk.types(PRIYA, "<!channel> *x* `y`"))


async def test_with_several_open_releases_there_is_a_choice_and_never_a_guess(desk: Desk) -> None:
    await started(desk)
    await desk.types(PRIYA, "start minor 1.4.0")
    choice = await desk.types(THEO, "hold waiting for the bank")
    assert said(choice) == "Which release do you mean: v1.3.0 or v1.4.0?" and choice.private
    assert labels(choice.private.blocks) == ["v1.3.0", "v1.4.0"]
    done = await desk.clicks(THEO, choice.private, "v1.4.0")
    assert said(done).startswith("✅ v1.4.0 is on hold.")
    assert (await desk.facts("1.4.0"))["hold"]["reason"] == "waiting for the bank"
    assert (await desk.facts("1.3.0"))["hold"] is None


# --- moving on -------------------------------------------------------------------------------------------------------


async def test_begin_names_everything_that_is_missing(desk: Desk) -> None:
    await desk.types(PRIYA, "start minor")
    answer = await desk.types(PRIYA, "begin")
    text = words(answer.private)
    assert "v1.3.0 cannot begin development yet" in text and NOTHING in text
    assert answer.private and {"Sign it off", "Remind Mira"} <= set(labels(answer.private.blocks))
    assert "I am reading what changed since v1.2.2" in text


async def test_remind_sends_one_message_in_four_hours(desk: Desk) -> None:
    await started(desk)
    answer = await desk.types(PRIYA, "begin")
    assert answer.private
    assert said(await desk.clicks(PRIYA, answer.private, "Remind Mira")) == "Mira is reminded of v1.3.0."
    assert "within the last 4 hours" in said(await desk.clicks(THEO, answer.private, "Remind Mira"))


async def test_the_checklist_form_ticks_and_asks_why_when_a_tick_is_taken_away(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(MIRA, "checklist")).form
    assert form and form.title == "Checklist v1.3.0"
    done = await desk.sends(MIRA, form, yours=("scope.final",))
    assert done.form and "*1 changed.*" in words(done.form)
    form = (await desk.types(MIRA, "checklist")).form
    assert form and initial(form)["yours"] == ("scope.final",)
    refused = await desk.sends(MIRA, form, yours=())
    assert list(refused.errors) == ["why"]
    await desk.sends(MIRA, form, yours=(), why="two issues came back")
    facts = await desk.facts()
    assert next(s for s in facts["signoffs"] if s["name"] == "scope.final")["done"] is None


async def test_freezing_before_its_day_needs_a_reason(desk: Desk) -> None:
    await started(desk)
    await desk.types(MIRA, "tick scope.final")
    await desk.types(PRIYA, "tick milestone")
    await desk.types(PRIYA, "begin")
    form = (await desk.types(PRIYA, "freeze")).form
    assert form and form.title == "Freeze v1.3.0" and "it comes by itself" in words(form)
    short = await desk.sends(PRIYA, form, reason="x")
    assert short.errors == {"reason": "Please say it in 3 to 1,000 characters; these are 1."}
    done = await desk.sends(PRIYA, form, reason="office move on Friday")
    assert "Got it: branch and first candidate for *v1.3.0*" in words(done.form)


async def test_a_concern_stands_on_the_card_until_it_is_settled(desk: Desk) -> None:
    await started(desk)
    await desk.types(DANA, "concern search is slow on staging")
    card = await desk.types(PRIYA, "status")
    assert "a concern of <@U0DANA>: “search is slow on staging”" in words(card.private)
    form = (await desk.types(PRIYA, "settle")).form
    assert form and initial(form)["concern"] == "1"
    await desk.sends(PRIYA, form, reason="the index was missing")
    assert (await desk.facts())["concerns"] == []


async def test_an_old_button_gets_the_fresh_card(desk: Desk) -> None:
    await started(desk)
    await desk.types(THEO, "hold the bank is closed")
    card = (await desk.types(THEO, "status")).private
    assert card and "Resume" in labels(card.blocks)
    assert said(await desk.clicks(PRIYA, card, "Resume")) == "✅ v1.3.0 goes on."
    stale = await desk.clicks(PRIYA, card, "Resume")
    assert said(stale).startswith("This was about an earlier state of v1.3.0; nothing was changed.")
    assert stale.private and stale.private.blocks[1]["block_id"] == "title"


async def test_a_form_that_was_open_too_long_keeps_the_words(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(THEO, "hold")).form
    assert form
    await desk.types(MIRA, "tick scope.final")
    await desk.types(PRIYA, "tick milestone")
    await desk.types(PRIYA, "begin")
    again = await desk.sends(THEO, form, reason="waiting for the bank")
    assert again.form and "While this form was open something changed" in words(again.form)
    assert initial(again.form)["reason"] == "waiting for the bank"
    done = await desk.sends(THEO, again.form)
    assert "is on hold" in words(done.form)


async def test_moving_shows_the_free_trains_and_takes_another_day(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "move 1.3.0 30 dec")).form
    assert form and form.title == "Move v1.3.0" and initial(form)["other"] == "2026-12-30"
    done = await desk.sends(PRIYA, form, reason="holidays")
    assert "leaves" in words(done.form)
    assert (await desk.facts())["departs_at"] == "2026-12-30T15:00:00+00:00"
    past = (await desk.types(PRIYA, "move 1.3.0")).form
    assert past
    refused = await desk.sends(PRIYA, past, other="2026-11-02")
    assert "has passed or is no departure" in refused.errors["other"]


async def test_edit_takes_only_what_differs(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "edit")).form
    assert form
    same = await desk.sends(PRIYA, form)
    assert same.errors == {"title": "Nothing was changed in the form."}
    await desk.sends(PRIYA, form, title="Saved searches")
    facts = await desk.facts()
    assert (facts["title"], facts["version"]) == ("Saved searches", "1.3.0")


async def test_the_texts_are_mended_and_shown_as_they_will_be_posted(desk: Desk) -> None:
    await started(desk)
    notes = (await desk.types(MIRA, "notes")).private
    assert notes
    form = (await desk.clicks(MIRA, notes, "Mend the texts…")).form
    assert form and form.title == "Texts of v1.3.0"
    done = await desk.sends(MIRA, form, gets="Saved searches\nStatements as PDF", contact="Mira", say="All is well.")
    assert "• Statements as PDF" in words(done.form) and "Mended by <@U0MIRA>" in words(done.form)


async def test_cancel_asks_and_says_what_it_ends(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "cancel scope fell apart")).form
    assert form and "This ends *v1.3.0* for good." in words(form) and initial(form)["reason"] == "scope fell apart"
    await desk.sends(PRIYA, form)
    assert (await desk.facts())["phase"] == "cancelled"


async def test_trains_are_skipped_and_added(desk: Desk) -> None:
    assert said(await desk.types(PRIYA, "skip 30 dec holidays")).startswith(
        "✅ The train of 30 Dec 2026, 10:00 Eastern"
    )
    assert said(await desk.types(PRIYA, "extra 18 dec 14:00")).startswith(
        "✅ A train leaves 18 Dec 2026, 14:00 Eastern."
    )
    calendar = words((await desk.types(DANA, "calendar")).private)
    assert "does not run: “holidays”" in calendar and "(extra)" in calendar
    form = (await desk.types(PRIYA, "skip")).form
    assert form and form.title == "Skip a train"
    denied = await desk.types(DANA, "skip 13 jan a reason")
    assert said(denied) == f"Only a release manager can skip a train: Priya. {NOTHING}"
    assert said(await desk.types(PRIYA, "unlock all is well")).startswith(
        "This cannot be cleared. Production is not locked."
    )


# --- approvals -------------------------------------------------------------------------------------------------------


async def test_approve_shows_the_content_first_and_its_button_signs(desk: Desk) -> None:
    await prepared(desk)
    look_first = await desk.types(MIRA, "approve")
    assert said(look_first).startswith("Priya asks you to approve v1.3.0 (minor) as product manager")
    assert look_first.private
    done = await desk.clicks(MIRA, look_first.private, "Approve (last signature)")
    assert "Yours was the last signature: rc.1 goes to staging now." in said(done)
    again = await desk.clicks(MIRA, look_first.private, "Approve (last signature)")
    assert "Nothing changed." in said(again) and again.private and "Take it back…" in labels(again.private.blocks)


async def test_naming_the_current_commit_signs_at_once_and_another_does_not(desk: Desk) -> None:
    await prepared(desk)
    sha = (await desk.facts())["candidate"]["sha"]
    wrong = await desk.types(MIRA, "approve 1.3.0 1234567")
    assert "is not what v1.3.0 asks to sign" in said(wrong)
    assert (await desk.facts())["approvals"][0]["given"] == []
    await desk.types(MIRA, f"approve 1.3.0 {sha[:7]}" if any(c.isdigit() for c in sha[:7]) else "approve")
    assert (await desk.facts())["phase"] == "preparation"


async def test_strangers_and_the_starter_are_told_who_signs(desk: Desk) -> None:
    await prepared(desk)
    card = (await desk.types(DANA, "status")).private
    assert card
    text = said(await desk.clicks(DANA, card, "Approve…"))
    assert text.startswith("Only the product manager answers this for v1.3.0: Mira.") and NOTHING.rstrip(".") in text
    assert (await desk.facts())["approvals"][0]["given"] == []


async def test_reject_asks_why_and_a_withdrawal_is_told(desk: Desk) -> None:
    await prepared(desk)
    request = (await desk.types(MIRA, "approve")).private
    assert request
    form = (await desk.clicks(MIRA, request, "Reject…")).form
    assert form and form.title == "Reject v1.3.0" and "You answer as *product manager* for rc.1" in words(form)
    done = await desk.sends(MIRA, form, reason="Owner statements show the wrong month")
    assert "You rejected *v1.3.0* (rc.1)" in words(done.form)
    seat = (await desk.facts())["approvals"][0]
    assert seat["rejected"][0]["reason"] == "Owner statements show the wrong month"
    assert "a rejection by <@U0MIRA>" in words((await desk.types(PRIYA, "status")).private)
    back = await desk.types(MIRA, "withdraw I looked at the wrong build")
    assert said(back).startswith("You took your approval of v1.3.0 back.")


async def test_go_looks_first_and_says_what_is_open(desk: Desk) -> None:
    await prepared(desk)
    desk.clock.to(datetime.fromisoformat("2026-12-16T15:00:00+00:00"))
    form = (await desk.types(PRIYA, "go")).form
    assert form and form.title == "Go for v1.3.0" and not form.submit
    assert "conditions are open" in words(form) and "as it was signed" in words(form)
    answer = await desk.clicks(PRIYA, form, "Go", view_id="V9")
    assert answer.form and "cannot go to production yet" in words(answer.form)
    assert (await desk.facts())["phase"] == "preparation"
    nogo = await desk.clicks(PRIYA, form, "No-go…", view_id="V9")
    assert nogo.form and nogo.form.title == "No-go for v1.3.0"


# --- the other ways in -----------------------------------------------------------------------------------------------


async def test_a_mention_shows_to_all_and_answers_a_deed_in_private(desk: Desk) -> None:
    await started(desk)
    shown = await desk.ask(DANA, "mention", text="why 1.3.0", thread_ts="1.2")
    assert shown.in_thread and shown.in_thread.text.startswith("v1.3.0 ")
    form = await desk.ask(PRIYA, "mention", text="hold 1.3.0", thread_ts="1.2")
    assert form.private and labels(form.private.blocks) == ["Open the form"] and form.form is None
    opened = await desk.clicks(PRIYA, form.private, "Open the form")
    assert opened.form and opened.form.callback_id == "hold"


async def test_shortcuts_open_what_they_name(desk: Desk) -> None:
    assert (await desk.ask(PRIYA, "shortcut", callback_id="shortcut:start")).form
    assert said(await desk.ask(SANA, "shortcut", callback_id="shortcut:waiting")).startswith("Nothing waits for you.")
    await started(desk)
    taken = await desk.ask(
        DANA, "shortcut", callback_id="shortcut:concern", message_text="search is <b>slow</b>", message_ts="1"
    )
    assert taken.form and initial(taken.form)["reason"] == "search is <b>slow</b>"
    assert said(await desk.ask(DANA, "shortcut", callback_id="shortcut:other")).startswith(
        "This button is from an older"
    )


async def test_unknown_forged_and_empty_clicks_are_answered(desk: Desk) -> None:
    await started(desk)
    for action, value in (
        ("frobnicate", "1||"),
        ("frobnicate", ""),
        ("more", ""),
        ("more", "x|y|z"),
        ("approve", "99999||"),
        ("hold", "1|%ff|%"),
        ("tick", "1|no.such.item|no.such.item"),
        ("run", "|<script>|"),
        ("remind", "1||"),
        ("reject", "1|product_manager|deadbeef"),
        ("", ""),
    ):
        answer = await desk.ask(DANA, "action", action_id=action, value=value)
        assert answer.private or answer.form, (action, value)
        assert "failed" not in words(answer.private), (action, value)
    gone = await desk.ask(DANA, "submit", callback_id="nonsense", private_metadata="||||", key="view:x")
    assert said(gone).startswith("This button is from an older version.")


async def test_a_fault_of_ours_becomes_a_reference_and_no_traceback(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(look, "status", broken)
    text = said(await desk.types(DANA, "why"))
    assert text.startswith("Something in me failed before anything was saved. It is recorded as ")
    assert "secret" not in text and "RuntimeError" not in text


async def test_a_repeated_request_is_done_once(desk: Desk) -> None:
    await started(desk)
    first = await desk.types(DANA, "concern search is slow", key="trigger:1")
    again = await desk.types(DANA, "concern search is slow", key="trigger:1")
    assert first.private and again.private and len((await desk.facts())["concerns"]) == 1


async def test_erika_sees_what_there_is_and_may_not_cancel(desk: Desk) -> None:
    await started(desk)
    assert said(await desk.types(ERIKA, "")).startswith("Nothing waits for you. In flight: v1.3.0.")
    form = (await desk.types(ERIKA, "cancel no budget")).form
    assert form
    refused = await desk.sends(ERIKA, form)
    assert "Only a release manager can cancel v1.3.0" in words(refused.private or refused.form)
