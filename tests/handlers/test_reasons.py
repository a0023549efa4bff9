"""Every code with which the rules say no has words, and the words name who can clear it."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.facts import SHOWN_APART
from core.domain.lifecycle import BY_EVENT
from core.domain.moves.reports import REPORTS
from core.domain.own_reasons import NO_FACT, ONES_OWN
from core.domain.release import Phase
from core.errors import Blocker
from handlers.forms.recipes import RECIPES
from handlers.views import render_post
from handlers.views.audit_words import done
from handlers.views.reason_words import TABLE, UNKNOWN
from handlers.views.reasons import reason, reasons, summary, words_for
from handlers.views.refusals import refusal
from handlers.views.why import DUE, MET, MOST_DUE, QUIET, STEP, why
from tests.handlers.desk import elements, labels, words
from tests.handlers.layout import check_markup
from tests.handlers.story import DANA, LEAVES, MIRA, NOW, PRIYA, THEO, facts, release, signed


def codes_in(source: str) -> set[str]:
    """Every code with which a source says no, whichever way it is chosen; an f-string by its beginning."""
    found: set[str] = set()
    for scope in (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)):
        named = {t.id: n.value for n in ast.walk(scope) if isinstance(n, ast.Assign)
                 for t in n.targets if isinstance(t, ast.Name)}  # fmt: skip
        for call in (n for n in ast.walk(scope) if isinstance(n, ast.Call) and n.args):
            if getattr(call.func, "id", "") == "Blocker":
                first = call.args[0]
                first = named.get(first.id, first) if isinstance(first, ast.Name) else first
                chosen = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                begun = [c.values[0] if isinstance(c, ast.JoinedStr) else c for c in chosen]
                found |= {str(c.value) for c in begun if isinstance(c, ast.Constant)}
    stored = r'\{"code": "([a-z_.]+)", "facts":'  # a problem of git as it is kept
    return found | set(re.findall(stored, source))


SOURCES = [text for house in ("core", "bot") for path in Path(house).rglob("*.py")
           if "Blocker(" in (text := path.read_text()) or '{"code":' in text]  # fmt: skip
CODES = sorted(set().union(*(codes_in(text) for text in SOURCES)))


def test_the_sources_were_read() -> None:
    assert len(CODES) > 100 and {"approval.", "staging.other", "accept.none", "left_role", "scope.missing"} <= {*CODES}


def test_every_gate_of_a_next_step_has_words_for_when_it_is_met() -> None:
    gates = {g for event in STEP for g in BY_EVENT[event].gates} - {*SHOWN_APART}
    assert gates == {*MET, *QUIET} and len(MET) == len({*MET.values()})


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words(code: str) -> None:
    full = f"{code}x" if code.endswith(".") else code
    assert words_for(full, {}) is not UNKNOWN, code
    found = reason({"code": full, "facts": {}, "who": [MIRA]}, facts())
    for text in (found.title, found.line, found.detail):
        assert text.strip() and "{" not in text
        check_markup(text)


def test_every_row_of_words_is_used() -> None:
    used = {c.rstrip(".") for c in CODES}
    families = {c.partition(".")[0] for c in used}
    for code in TABLE:
        assert code in used or code.partition(".")[0] in families, code


def test_every_event_and_report_has_words_in_the_record() -> None:
    for verb in (*BY_EVENT, *REPORTS):
        assert not re.search(r"_|[a-z]\.[a-z]|: $", done(verb)), verb
    assert done("freeze_early") == "Freeze: the same before its day, with a reason"
    assert done("git.pushed") == "git has published it" and done("of.a_later version") == "of a later version"


def test_an_approval_that_is_missing() -> None:
    found = reasons(facts()["blockers"], facts())[0]
    assert found.code == "approval.product_manager"
    assert found.title == "Approval of the product manager"
    assert found.line.startswith("*Waits for* <@U0MIRA> to approve as product manager, asked <!date^")
    assert found.do and found.do.verb == "approve"


def test_later_ones_come_last_and_are_counted() -> None:
    found = reasons([Blocker("scope_read", later=True), Blocker("has_candidate")], facts())
    assert [r.code for r in found] == ["has_candidate", "scope_read"]
    assert summary(found) == "2 conditions are open, one of them has to wait for another"


def test_why_puts_yours_first_with_the_button_that_does_it() -> None:
    mira, dana = why(facts(), MIRA, NOW), why(facts(), DANA, NOW)
    assert "Look and decide" in labels(mira.blocks) and "Remind Mira" not in labels(mira.blocks)
    assert "Remind Mira" in labels(dana.blocks) and "Look and decide" not in labels(dana.blocks)
    assert mira.text.startswith("v1.3.0 cannot go to production yet. Missing: approval of the product manager (Mira)")


def test_why_with_nothing_open_waits_for_the_hour_only() -> None:
    f = facts()
    f["blockers"] = []
    assert why(f, PRIYA, NOW).text == "v1.3.0 waits for nothing but the hour, Wed 16 Dec 2026, 10:00 Eastern."
    assert why(f, PRIYA, LEAVES).text == "v1.3.0 waits for nothing but a go."
    assert "Go…" in labels(why(f, PRIYA, LEAVES).blocks)


def test_a_refusal_names_everything_that_is_missing_and_changes_nothing() -> None:
    stops = [
        Blocker("has_candidate", who=("role:tech_lead",)),
        Blocker("concern", {"id": 3, "by": DANA, "text": "slow"}, (DANA,), NOW.isoformat()),
    ]
    made = refusal("ready", stops, facts(Phase.STABILIZATION), PRIYA)
    text = words(made)
    assert "v1.3.0 cannot ask for approvals yet" in text and "Nothing was changed." in text
    assert "A candidate" in text and "“slow”" in text and {"Remind Theo", "Remind Dana"} <= set(labels(made.blocks))


def test_somebody_without_the_permission_is_told_who_has_it() -> None:
    stop = Blocker("permission", {"event": "cancel", "roles": ["release_manager"]}, (PRIYA,))
    made = refusal("cancel", [stop], facts(), DANA)
    assert made.text == "Only a release manager can cancel v1.3.0: Priya. Nothing was changed."
    who = Blocker("permission", {"event": "go", "roles": ["release_manager"]}, (PRIYA,))
    told = refusal("go", [who], facts(Phase.PREPARATION), DANA).text
    assert told.startswith("For a minor release only a release manager says go: Priya.")
    assert labels(made.blocks) == ["Ask Priya", "What is missing?", "Raise a concern…"]


def test_ones_own_release_is_approved_by_somebody_else() -> None:
    made = refusal("approve", [Blocker("not_self", {"by": PRIYA, "role": "product_manager"}, (MIRA,))], facts(), PRIYA)
    assert made.text.startswith("You started v1.3.0, so you cannot approve it yourself.")
    assert "Remind Mira" in labels(made.blocks)


def test_a_rejection_is_quoted_with_its_author() -> None:
    f = facts(decisions=(signed("approval", "product_manager", MIRA, release(), "reject", "wrong month"),))
    assert "a rejection by <@U0MIRA>: “wrong month”" in str([r.line for r in reasons(f["blockers"], f)])
    assert THEO not in str([r.people for r in reasons(f["blockers"], f) if r.code == "rejected"])


def test_an_approval_that_has_run_out_is_open_at_the_hour_and_nowhere_met() -> None:
    given = signed("approval", "product_manager", MIRA, release())
    kept, old = ({**facts(decisions=(d,)), "blockers": []} for d in (given, replace(given, at=LEAVES - timedelta(16))))
    data = {"at": LEAVES.isoformat()}
    fresh, stale = (render_post(f"dm:{PRIYA}", "go_hour", data | {"facts": f}) for f in (kept, old))
    assert "conditions are met." in fresh.text
    assert "1 condition is open: " in stale.text and "has run out" in words(stale)
    go = {e["action_id"]: e.get("style") for m in (fresh, stale) for e in elements(m.blocks)}
    assert go["go"] is None and next(elements(fresh.blocks))["style"] == "primary"
    assert "approval of the" in words(why(kept, PRIYA, LEAVES))
    shown = words(why(old, PRIYA, LEAVES))
    assert "has run out" in shown and "approval of the" not in shown


def test_why_names_a_departure_only_while_it_is_ahead_and_quotes_the_lock() -> None:
    lock = {"code": "lock", "facts": {"reason": "payments fail"}, "who": [PRIYA, THEO], "since": None, "later": False}
    detail = reason(lock, facts()).detail
    assert detail.startswith("It is locked. “payments fail”. <@") and detail.endswith("can clear it.")
    assert reason(lock | {"facts": {}}, facts()).detail.startswith("It is locked. <@")
    over = facts(Phase.POST_RELEASE) | {"blockers": [lock]}
    assert "leaves" not in words(why(over, PRIYA, LEAVES + timedelta(minutes=5)))
    assert "The release leaves" in words(why(facts() | {"blockers": [lock]}, PRIYA, NOW))


def test_a_role_that_nobody_is_known_to_hold_is_named_by_its_title() -> None:
    empty = {"code": "signoff.scope.final", "facts": {"title": "Scope", "role": "product_manager"}, "who": []}
    assert reason(empty, facts()).line == "*Waits for* a product manager to sign off: Scope"


def _open(code: str, who: list[str], **more: object) -> dict[str, object]:
    return {"code": code, "facts": {"title": code}, "who": who, "since": "", "later": False} | more


def test_yours_come_first_then_people_then_machines_then_what_has_to_wait() -> None:
    found = [_open("signoff.z", [MIRA], later=True), _open("evidence.y", [THEO]), _open("signoff.x", [THEO]),
             _open("evidence.mine", [DANA])]  # fmt: skip
    shown = why(facts() | {"blockers": found}, DANA, NOW)
    order = [b["block_id"] for b in shown.blocks if b.get("block_id", "").partition(".")[0] in ("signoff", "evidence")]
    assert order == ["evidence.mine", "signoff.x", "evidence.y", "signoff.z"]


def test_more_than_eight_open_conditions_are_named_with_their_count() -> None:
    found = [_open(f"signoff.s{n}", [THEO]) for n in range(11)]
    shown = why(facts() | {"blockers": found}, DANA, NOW)
    assert "and 4 more: signoff.s8, signoff.s9, signoff.s10 and The window" in words(shown)
    assert len([x for x in labels(shown.blocks) if x == "Remind Theo"]) == 8


def test_since_when_a_condition_is_open_is_told_also_where_its_gate_cannot_know() -> None:
    known = facts(Phase.STABILIZATION) | {"blockers": [_open("has_candidate", [THEO])], "open_since": {}}
    assert "Open since" not in words(why(known, DANA, NOW))
    known["open_since"] = {"has_candidate": NOW.isoformat()}
    seen = words(why({**known, "blockers": [_open("has_candidate", [THEO], facts={})]}, DANA, NOW))
    assert "Open since <!date^" in seen
    stops = [Blocker("has_candidate", {}, (THEO,))]
    assert "Open since <!date^" in words(refusal("ready", stops, known, DANA, NOW))


def test_who_was_reminded_is_not_offered_again_for_four_hours() -> None:
    given = {f"signoff.x|{THEO}": {"by": PRIYA, "at": (NOW - timedelta(minutes=20)).isoformat()}}
    known = facts() | {"blockers": [_open("signoff.x", [THEO])], "reminded": given}
    stop = Blocker("signoff.x", {"title": "x"}, (THEO,))
    for shown in (why(known, DANA, NOW), refusal("go", [stop], known, DANA, NOW)):
        assert "_Reminded 20 min ago by Priya_" in words(shown) and "Remind Theo" not in labels(shown.blocks)
    later = why(known, DANA, NOW + timedelta(hours=4))
    assert "Reminded" not in words(later) and "Remind Theo" in labels(later.blocks)
    assert "Reminded" not in words(why(known, THEO, NOW)), "who can do it is shown how"


def test_every_hour_at_which_something_is_due_has_words() -> None:
    known = facts() | {"dues": [{"at": (NOW + timedelta(hours=1)).isoformat(), "what": w, "who": MIRA} for w in DUE]}
    seen = words(why(known, DANA, NOW))
    assert "*Happens by itself*" in seen and seen.count("\n• <!date^") == MOST_DUE
    stop = Blocker("signoff.x", {"title": "x"}, (THEO,))
    assert "*Happens by itself*" in words(refusal("go", [stop], known, DANA, NOW))
    assert "*Happens by itself*" not in words(refusal("hold", [stop], known, DANA, NOW))
    named = set(re.findall(r'Due\(.*?"([a-z_]+)"', Path("core/domain/due.py").read_text()))
    assert named == set(DUE)


def test_what_a_form_says_at_a_field_has_words_and_is_the_askers_own_or_stands_in_the_way_of_the_choice() -> None:
    """A new code at a field belongs into `own_reasons`; these few are about what was chosen, and others can help."""
    in_the_way = {"access", "carry.second", "departure_free", "kept", "result.machines", "result.same", "scope.merged"}
    at_fields = {code for recipe in RECIPES.values() for code in recipe.wrong}
    assert not {code for code in at_fields if code not in TABLE}
    assert at_fields - ONES_OWN - NO_FACT == in_the_way | {"signoff.open"}
