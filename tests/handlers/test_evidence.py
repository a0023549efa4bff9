"""What people see of evidence: each kind with its number, link, since when and by whom, whatever others wrote in it."""

from __future__ import annotations

from typing import Any

from handlers.forms.recipes_contents import CONTENTS
from handlers.views.checklist_words import numbers
from handlers.views.done import done
from handlers.views.evidence import evidence
from handlers.views.reasons import reason
from tests.handlers.layout import check_message
from tests.handlers.story import NOW, QADIR, SHA, THEO, facts

HOSTILE = "*x* <!channel> :fire: ✅ `y` & <https://evil.example|z> " * 5
ROW: dict[str, Any] = {
    "kind": "regression", "state": "failed", "asked": True, "numbers": {"tests": 1286.0, "failed": 2.0},
    "url": "https://ci.example/7", "name": "web", "at": NOW.isoformat(), "source": "ci", "by": "", "note": "",
    "failing": ["cart.sums", "cart.adds"], "results": 2, "builds": [], "who": ["qa"],
}  # fmt: skip
MISSING = ROW | {"kind": "security", "state": "missing", "numbers": {}, "url": "", "at": "", "failing": []}


def seen(*rows: dict[str, Any], **more: Any) -> str:
    message = evidence({**facts(), "evidence": list(rows)} | more)
    check_message(message)
    return "\n".join(str(block["text"]["text"]) for block in message.blocks if block["type"] == "section")


def test_a_failed_kind_shows_number_link_names_and_source() -> None:
    said = seen(ROW)
    assert "⛔ *Full regression*" in said and "<https://ci.example/7|2 of 1,286 failed>" in said
    assert "“cart.sums” and “cart.adds”" in said and "by CI (web) · 2 results together" in said
    assert "since <!date" in said


def test_findings_say_how_bad_they_are() -> None:
    assert numbers({"findings": 1, "errors": 1, "warnings": 0, "suppressed": 2}) == "1 finding (1 error), 2 suppressed"
    assert numbers({"findings": 3, "errors": 0, "warnings": 2, "notes": 1}) == "3 findings (2 warnings, 1 note)"
    assert numbers({"findings": 0, "errors": 0}) == "0 findings"


def test_a_person_is_named_as_such_and_what_is_missing_says_who_can() -> None:
    assert f"by <@{QADIR}>, stated" in seen(ROW | {"by": QADIR, "source": "person"})
    assert f"by <@{QADIR}>, stated for v1.2.4, which" in seen(ROW | {"by": QADIR, "source": "person", "about": "1.2.4"})
    assert f"by <@{QADIR}>, from the command line" in seen(ROW | {"by": QADIR, "source": "cli"})
    assert "No result yet. CI reports it; the QA lead can state it with a link." in seen(MISSING)
    assert "can state" not in seen(MISSING | {"who": []}) and "can state" not in seen(MISSING | {"kind": "build"})
    build = {"name": "web", "digest": "sha256:" + "a" * 64}
    built = seen(ROW | {"kind": "build", "state": "passed", "builds": [build]})
    assert "web: `sha256:aaaaaaaaaaaa`" in built


def test_a_statement_against_a_machines_failure_hears_that_it_lifts_nothing() -> None:
    given = {"kind": "regression", "verdict": "passed"}
    for by_machine, words in ((True, "still failed: the failure that CI reported counts"), (False, "stated by you")):
        told = done("result", {**facts(), "evidence": [ROW | {"by_machine": by_machine}]}, given, {})
        check_message(told)
        assert words in str(told.blocks) and ("✅" in told.blocks[0]["text"]["text"]) is not by_machine
    for source, label in (("person", "State a result…"), ("ci", None)):
        failed = {"kind": "regression", "state": "failed", "source": source}
        found = reason({"code": "evidence.tests.regression", "facts": failed}, facts()).do
        assert (found.label if found else None) == label, "no button where it cannot help"


def test_what_strangers_wrote_stays_text() -> None:
    told = {"note": HOSTILE, "name": HOSTILE, "source": "ci", "failing": [HOSTILE] * 5}
    said = seen(*(ROW | told | {"kind": kind, "url": "javascript:alert(1)"} for kind in ("uat", "limited", "plan")))
    assert "<!channel>" not in said and "<https://evil" not in said and "javascript" not in said


def test_without_rows_and_without_a_candidate_it_says_so() -> None:
    assert "Nothing was reported yet, and nothing is asked for." in seen()
    assert "has no candidate yet" in seen(candidate=None)


def test_the_form_offers_what_this_person_may_state_and_what_is_open_first() -> None:
    known = {**facts(), "evidence": [ROW | {"state": "passed"}, MISSING, MISSING | {"kind": "build"}]}
    choices = CONTENTS["result"].fields[0].choices
    assert choices is not None
    assert choices(known, {"person": QADIR}) == [("Security scan", "security"), ("Full regression", "regression")]
    assert choices(known, {"person": THEO}) == []
    assert SHA[:7] in CONTENTS["result"].lead(known, {})  # type: ignore[misc]
