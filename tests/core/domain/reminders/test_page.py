"""The page of all reminders is made from the table, and the table knows every kind that is sent."""

from __future__ import annotations

from pathlib import Path

from core.domain.people import MUTABLE
from core.domain.reminders import ANY_HOUR, BY_CODE, KINDS
from core.domain.reminders.page import reminders_page
from handlers.views.reminder_words import LINES
from handlers.views.reminders import _DO, _SAID


def test_the_page_is_made_from_the_table() -> None:
    assert Path("docs/reminders.md").read_text(encoding="utf-8") == reminders_page(), "run `make diagram`"


def test_every_kind_stands_once_and_can_be_said() -> None:
    assert len(BY_CODE) == len(KINDS)
    sent = {k.code for k in KINDS if k.sent == "table"}
    assert sent == set(LINES), "what the tick sends has its line"
    assert set(_DO) == sent - {
        *("train_near", "train_free", "quarter_major", "action_due", "action_overdue", "flags"),
    }
    assert {k.code for k in KINDS if k.ends} == set(_SAID)


def test_what_settings_turn_off_is_one_list() -> None:
    assert {k.mute for k in KINDS} - {""} <= set(MUTABLE)
    assert ANY_HOUR == ("progress", "frozen", "answer_due", "release_day", "go_hour")
