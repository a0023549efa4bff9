"""What everybody reads of break-glass: card, notification, checklist, `why` with the buttons of those who may."""

from __future__ import annotations

from typing import Any

from core.domain.overrides import Override
from core.domain.release import Phase
from core.errors import Blocker
from handlers.choosing import item_meant, of_gates
from handlers.views.card import card
from handlers.views.checklist import checklist
from handlers.views.overrides import asked_for, of_entry, of_item
from handlers.views.reasons import as_fact, reason
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


def test_a_review_that_is_asked_for_already_is_named_once_on_the_card() -> None:
    known = {"title": "Performance tests run", "due": facts()["overrides"][0]["review_by"]}
    review = {"code": "review", "facts": known}
    shown = str(card(facts() | {"blockers": [review]}, story.LEAVES).blocks)
    assert shown.count("to review the override") == 1 and ", due <!date" in shown
    late = str(card(facts() | {"blockers": [{"code": "review", "facts": known | {"late": True}}]}, story.LEAVES).blocks)
    assert ", overdue since <!date" in late


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


def test_a_gate_is_named_by_its_code_its_item_or_its_title_and_a_wrong_one_shows_what_is_open() -> None:
    gate = {"code": "signoff.tech.lead", "facts": {"title": "Tech lead sign-off"}}
    known_now = facts() | {"overrides": [], "blockers": [gate]}
    known = of_gates(known_now)
    for typed in ("tech.lead", "signoff.tech.lead", "Tech Lead sign-off", "“tech lead sign-off”"):
        assert item_meant(f"{typed} the bank is down", known, whole=True) == ("signoff.tech.lead", "the bank is down")
    assert item_meant("tech the bank is down", known, whole=True)[0] == ""
    stop = Blocker("override.which", {"gate": "tech", "open": ["signoff.tech.lead"]})
    detail = reason(as_fact(stop), known_now).detail
    assert "“tech” does not hold" in detail and "“Tech lead sign-off” (`signoff.tech.lead`)" in detail


def test_the_record_says_who_passed_what() -> None:
    found = facts()
    o = found["overrides"][0]
    line = of_entry({"verb": "override", "actor": o["second"], "at": o["second_at"]}, found)
    assert "confirmed the override" in line and "passed *Performance tests run* for rc." in line
    assert of_entry({"verb": "hold", "actor": o["second"], "at": o["second_at"]}, found) == ""
