"""What a drill looks like: forms, messages and the post all say first that nothing ships."""

from __future__ import annotations

from handlers import drills
from handlers.forms.recipe import build
from handlers.forms.recipes import RECIPES
from handlers.ids import Target
from handlers.views import drills as views
from tests.handlers import story
from tests.handlers.layout import check_message

DATA = {"drill": 3, "first": story.THEO, "second": story.OLU, "gate": "window", "why": "the *bank* waits",
        "choice": "roll back", "because": "the data <are> whole", "at": "2026-11-02T10:00:00+00:00",
        "second_at": "2026-11-02T10:04:00+00:00"}  # fmt: skip


def test_every_header_and_every_notification_says_that_nothing_ships() -> None:
    facts = story.facts()
    shown = [views.drilled(DATA, facts), views.MOMENTS["drill_asked"](DATA, facts, story.OLU), views.done(DATA, facts),
             views.done(DATA | {"second": "", "people": [story.OLU]}, facts),
             views.MOMENTS["drill_review_asked"](DATA, facts, story.MIRA), views.done(DATA | {"by": story.MIRA}, facts),
             views.MOMENTS["drill_reviewed"](DATA | {"by": story.MIRA, "follows": "call first"}, facts, story.THEO)]
    for message in shown:
        check_message(message)
        assert message.text.startswith("Drill, nothing ships: ")
        assert message.blocks[0]["type"] == "header" and message.blocks[0]["text"]["text"] == "Drill, nothing ships"
    assert "within 4 min" in shown[0].text and "chose to roll back" in shown[0].text
    for name in drills.FORMS:
        form = build(RECIPES[name], facts, Target(None, "3"), {})
        assert form.title == "Drill, nothing ships" and form.submit


def test_when_it_was_last_proven_is_said_in_a_line() -> None:
    facts = story.facts()
    line = views.proven_line(("2026-11-02T10:04:00+00:00", "drill"), facts)
    assert line.startswith("Break-glass last proven: <!date^") and line.endswith(", drill")
    assert "never" in views.proven_line(None, facts)
