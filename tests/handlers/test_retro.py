"""The retrospective as people see it: every layout with hostile words, and what stands in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.lifecycle import BY_EVENT
from core.domain.release import Phase, ProductRecord
from core.domain.retro import told
from core.domain.retrospective import QUESTIONS, ActionItem, Line, Retro, Summary
from core.store import products
from core.store.unit_of_work import Unit
from handlers import retro as words_of
from handlers.forms.recipe import build, read
from handlers.forms.recipes_retro import RETRO
from handlers.ids import Target, value
from handlers.parsing import parse
from handlers.views import inputs, render_post, retro, retro_words, waiting
from handlers.views.card import card
from handlers.views.checklist import checklist
from handlers.views.why import why
from tests.handlers.desk import Desk, initial, labels, words
from tests.handlers.layout import HOSTILE, check_form, check_message
from tests.handlers.play import started
from tests.handlers.story import DANA, NOW, OLU, PRIYA, QADIR, SANA, THEO, facts, release, situation

ITEM = ActionItem(3, "Faster staging", OLU, "2026-12-28", DANA, NOW, "1.2.2", came=("1.3.0",), on=42,
                  on_version="1.3.0")  # fmt: skip
NEW = ActionItem(4, "Run regression on rc.1 too", QADIR, "2026-12-30", DANA, NOW, "1.3.0")
PROVEN: tuple[dict[str, Any], ...] = (
    {"code": "freeze", "planned": NOW.isoformat(), "at": NOW.isoformat(), "late": 2 * 3600},
    {"code": "ready", "planned": "", "at": NOW.isoformat(), "late": None},
    {"code": "departure", "planned": NOW.isoformat(), "at": NOW.isoformat(), "late": 40},
    {"code": "moved", "by": PRIYA, "why": HOSTILE, "before": NOW.isoformat(), "after": ""},
    {"code": "held", "seconds": 18000, "times": 2}, {"code": "missed", "times": 1},
    {"code": "changes", "count": 14, "candidates": 2},
    {"code": "dropped", "count": 2, "refs": ["#345", HOSTILE]}, {"code": "late", "count": 1, "refs": ["#346"]},
    {"code": "rejected", "by": SANA, "why": HOSTILE}, {"code": "withdrawn", "count": 1},
    {"code": "override", "title": HOSTILE, "by": PRIYA, "second": THEO, "why": HOSTILE},
    {"code": "concerns", "count": 1}, {"code": "deployment", "seconds": 540},
    {"code": "rollback", "seconds": 240, "to": "1.2.2", "by": OLU, "why": HOSTILE},
    {"code": "failed", "count": 1, "steps": [{"title": HOSTILE, "why": HOSTILE, "environment": "production"}]},
    {"code": "retried", "count": 1}, {"code": "no_incident"}, {"code": "reports", "count": 2},
    {"code": "incident", "text": HOSTILE, "severity": HOSTILE, "detected": 660, "resolved": None},
    {"code": "posts", "count": 4, "most": 6, "beside": 1}, {"code": "of a later version"},
)  # fmt: skip


def _retro(text: str = "It left on time", *, many: int = 1, held: bool = False) -> Retro:
    lines = tuple(
        Line(n * 3 + at, DANA, NOW, q, text, THEO if n else "", "https://asset-anchor.slack.com/archives/C1/p1")
        for n in range(many)
        for at, q in enumerate(QUESTIONS)
    )
    people = (PRIYA, THEO, QADIR, OLU, SANA, DANA)
    found = Retro(NOW, NOW + timedelta(days=3), NOW + timedelta(days=2), 45, "", people, lines, {DANA: NOW})
    return replace(found, summary=Summary(PRIYA, NOW, (DANA,), PROVEN)) if held else found


def _picture(found: Retro | None = None, *items: ActionItem, phase: Phase = Phase.POST_RELEASE) -> dict[str, Any]:
    return facts(phase, live_at=NOW, retro=found, product=ProductRecord("asset-anchor", actions=items))


def _data(found: Retro, *items: ActionItem) -> dict[str, Any]:
    s = situation(release(Phase.POST_RELEASE, retro=found), product=ProductRecord("asset-anchor", actions=items))
    closed = found if found.held else replace(found, summary=_retro(held=True).summary)
    held = replace(s, release=replace(s.release, retro=closed))
    return told.summary_of(held) | {
        "lines": {q: told.lines_of(found.of_question(q), True) for q in QUESTIONS},
        "here": [told.item_of(s, a) for a in items if a.on], "own": {}, "named": True, "due_days": 14,
    }  # fmt: skip


HOSTILE_ITEMS = tuple(replace(ITEM, id=n, text=HOSTILE, owner=(OLU, "U0NOBODY")[n % 2], came=("1", "2", "3"),
                              due="2026-01-02") for n in range(1, 41))  # fmt: skip


@pytest.mark.parametrize("person", [PRIYA, OLU, "U0NOBODY"])
@pytest.mark.parametrize("many", [0, 1, 100])
def test_every_layout_holds_with_hostile_words(person: str, many: int) -> None:
    dropped = replace(ITEM, id=99, state="dropped", why=HOSTILE, ended_by=OLU)
    items = (*HOSTILE_ITEMS[:many], dropped, replace(NEW, text=HOSTILE, id=404))
    for held in (False, True):
        found = _retro(HOSTILE, many=many, held=held)
        known, data = _picture(found, *items), _data(found, *items)
        check_message(retro.page(known, data, person))
        check_message(retro.decide(known, data, person))
        check_message(retro.summary({"actor": PRIYA, "reason": HOSTILE, "retro": data}, known))
        check_message(card(known, NOW))
        check_message(checklist(known, person))
        check_message(why(known, person, NOW))
        check_form(retro.preview(known, data, "C1"))
        check_form(retro.everything(known, data))
        for event, recipe in RETRO.items():
            given = {"retro": data | {"own": {"well": HOSTILE * 9}}, "person": person, "now": NOW}
            if event != "retro_summary" and (many or event != "action_drop"):
                check_form(build(recipe, known, Target(42, ""), given | {"item": f"{DANA} {HOSTILE}"}))
    owned = [told.item_of(situation(release()), a) | {"release": 42} for a in items]
    check_form(inputs.told("What waits for you", waiting.whole(waiting.rows({"actions": owned}, person, NOW))))
    check_message(retro.page(_picture(None), _data(_retro(held=True)), person))


def test_the_form_stands_on_what_the_record_proves_and_on_ones_own_answers() -> None:
    data = _data(_retro(held=True)) | {"own": {"well": "It left on time\nTests were green"}}
    known = {"why": "holidays", "title": "tests", "text": "payments fail", "severity": "", "refs": []}
    data["proven"] = [x | known for x in PROVEN]
    form = build(RETRO["retro_say"], _picture(_retro()), Target(42), {"retro": data, "person": QADIR, "now": NOW},
                 note=retro.facts_text(data, _picture()))  # fmt: skip
    text = words(form)
    for proof in ("Frozen 2 h late", "Left on time", "2 items left out", "1 approval withdrawn", "9 min of deployment",
                  "noticed 11 min after it was live, not solved yet", "4 of at most 6 posts", "1 of 6 has answered",
                  "shown with your name"):  # fmt: skip
        assert proof in text, proof
    start = initial(form)
    assert (start["well"], start["owner"], start["due"]) == ("It left on time\nTests were green", QADIR, "2026-12-28")
    given, wrong = read(RETRO["retro_say"], start | {"well": "", "action": "Faster staging"}, "America/New_York")
    assert not wrong and given["well"] == ""
    sent = words_of.finished("retro_say", dict(given), Target(42), _picture())
    assert (sent["due"], sent["owner"], sent["well"]) == ("2026-12-28", QADIR, "")
    none = words_of.finished("retro_say", {"well": "x", "owner": QADIR, "due": "2026-12-28"}, Target(42), {})
    assert none == {"well": "x"}  # without words nobody gets an action item
    unnamed = build(RETRO["retro_say"], _picture(_retro()), Target(42), {"retro": data | {"named": False}, "now": NOW})
    assert "shown without your name; the record of the release still knows" in words(unnamed)


def test_the_card_names_the_retrospective_once_with_who_has_answered() -> None:
    text = words(card(_picture(_retro(), ITEM), NOW))
    assert "⏳ *Retrospective* open until" in text and ", 1 of 6 has answered" in text
    assert text.count("Retrospective") == 1
    assert "Give feedback" in labels(card(_picture(_retro()), NOW).blocks) and "0 of 1 decided" in text
    held = card(_picture(_retro(held=True)), NOW)
    assert "✅ *Retrospective* closed" in words(held) and "Retrospective" in labels(held.blocks)


def test_the_summary_shows_five_of_each_with_names_and_the_rest_behind_a_button() -> None:
    found = _retro(many=7, held=True)
    items = (ITEM, replace(ITEM, id=5, state="done"), replace(ITEM, id=6, state="done"), NEW)
    shown = retro.summary({"actor": PRIYA, "retro": _data(found, *items) | told.summary_of(
        situation(release(Phase.POST_RELEASE, retro=found), product=ProductRecord("x", actions=items))
    )}, _picture(found, *items))  # fmt: skip
    text = words(shown)
    assert "*Went well* (7)" in text and text.count("• Dana: It left on time") == 15
    assert "□ Qadir: Run regression on rc.1 too, by 30 Dec" in text and "2 of the last 3 are done." in text
    assert {"All that was said", "Decide…"} <= set(labels(shown.blocks))
    again = replace(ITEM, came=("1.1.0", "1.2.0", "1.3.0"))
    tally = retro_words.tally({"of": 3, "done": 2, "back": [told.item_of(situation(release()), again)]}, _picture())
    assert tally == "2 of the last 3 are done; “Faster staging” is back for the third time."
    line = render_post("team", "retro_held", {"actor": PRIYA, "facts": _picture(found), "retro": {
        "answered": 5, "of": 8, "counts": {"well": 4, "wrong": 2, "better": 3}, "actions": 1}})  # fmt: skip
    assert "4 went well, 2 went wrong, 3 to improve, 1 action item. 5 of 8 answered" in words(line)


def test_only_who_may_decide_gets_the_buttons() -> None:
    known, data = _picture(_retro(), ITEM, NEW), _data(_retro(), ITEM, NEW)
    three = ["Done", "Keep", "Drop with a reason…"]
    assert labels(retro.decide(known, data, OLU).blocks) == three
    assert labels(retro.decide(known, data, SANA).blocks) == []
    assert labels(retro.decide(known, data, PRIYA).blocks) == [*three, "Done", "Drop with a reason…"]
    assert "Post the summary…" in labels(retro.page(known, data, PRIYA).blocks)
    assert "Post the summary…" not in labels(retro.page(known, data, OLU).blocks)
    [stop] = [b for b in known["blockers"] if b["code"] == "action"]
    assert stop["who"] == [OLU, PRIYA] and "Decide…" in labels(why(known, OLU, NOW).blocks)


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("retro at thu 15:00", {"to": "2026-12-17T20:00:00+00:00"}),
        ("retro at thu", {}),
        ("retro add wrong the regression began late", {"question": "wrong", "reason": "the regression began late"}),
        ("retro add the regression began late", {"reason": "the regression began late"}),
        ("action run regression on rc.1 too <@U0QADIR> 28 dec",
         {"action": "run regression on rc.1 too", "owner": QADIR, "due": "2026-12-28"}),
        ("action faster staging", {"action": "faster staging"}),
        ("action done 3", {"action": 3}),
        ("action drop #3 staging goes away", {"action": 3, "reason": "staging goes away"}),
        ("action done ²", {"reason": "²"}),
        ("action keep", {}),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(line: str, given: dict[str, Any]) -> None:
    found = parse(line, NOW, "America/New_York")
    assert found.word is not None and found.word.event in BY_EVENT
    assert words_of._given(found, {"zone": "America/New_York"}) == given


async def test_an_action_item_is_found_by_its_number_whatever_else_is_in_flight(desk: Desk) -> None:
    await started(desk)
    await desk.types(PRIYA, "start hotfix payments fail")
    item = replace(ITEM, on=(await desk.facts())["id"])

    async def work(unit: Unit) -> None:
        await products.put(unit, replace(await products.load(unit.conn, desk.ctx.product), actions=(item,)))

    await desk.ctx.store.unit(work, verb="test", chains=(products.product_chain(desk.ctx.product),))
    assert "which" in words((await desk.types(OLU, "action done 99")).private).lower(), "two are in flight"
    done = await desk.ask(OLU, "action", action_id="run", value=value(None, "action done 3"))
    assert "“Faster staging” is done." in words(done.private)
