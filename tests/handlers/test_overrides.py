"""What everybody reads of break-glass: card, notification, checklist, `why` with the buttons of those who may."""

from __future__ import annotations

from typing import Any

from core.domain.overrides import Override
from core.domain.release import Phase
from handlers.views.card import card
from handlers.views.checklist import checklist
from handlers.views.overrides import asked_for, of_item
from handlers.views.why import why
from tests.handlers import story
from tests.handlers.desk import elements

WHY = "customers <cannot> *pay*"
CODE = "evidence.tests.performance"


def facts(**more: Any) -> dict[str, Any]:
    """A release in preparation with one override; `more` are fields of it that differ."""
    r = story.release(Phase.PREPARATION)
    given = {"second": story.OLU, "second_at": story.NOW, "review_by": story.LEAVES} | more
    one = Override(1, CODE, "Performance tests run", WHY, story.THEO, story.NOW, r.digest, "v1.3.0-rc.2", **given)
    return story.facts(Phase.PREPARATION, overrides=(one,))


def labels(blocks: list[dict[str, Any]]) -> set[str]:
    return {e["text"]["text"] for e in elements(blocks) if e.get("type") == "button"}


def test_the_card_says_it_also_to_who_only_hears_it() -> None:
    message = card(facts(), story.LEAVES)
    assert message.text.endswith("Passed by override: Performance tests run by Theo and Olu.")
    shown = str(message.blocks)
    assert "*Break-glass:* Performance tests run, passed by" in shown and "to review the override" in shown
    assert "<cannot>" not in shown and "*pay*" not in shown
    assert "override" not in card(story.facts(Phase.PREPARATION), story.LEAVES).text


def test_the_checklist_does_not_call_it_done() -> None:
    found = facts()
    assert "passed by override of" in of_item(found, "tests.performance") and of_item(found, "tests.uat") == ""
    assert "⚠️ Performance tests run, passed by override of" in str(checklist(found, story.QADIR).blocks)


def test_why_offers_the_review_to_reviewers_and_the_confirmation_to_a_second_person() -> None:
    assert "Review…" in labels(why(facts(), story.ERIKA, story.NOW).blocks)
    assert "Review…" not in labels(why(facts(), story.OLU, story.NOW).blocks)
    waits = facts(second="", second_at=None, review_by=None)
    assert "Confirm it" in labels(why(waits, story.OLU, story.NOW).blocks)
    for other in (story.THEO, story.SANA):
        assert "Confirm it" not in labels(why(waits, other, story.NOW).blocks)
    assert asked_for(waits, CODE, story.OLU) and not asked_for(waits, CODE, story.THEO)
