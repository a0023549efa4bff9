"""A run in the thread: what each state of it looks like, and the moment when it fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.pipeline.recovery import ways
from core.domain.release import Phase, RunState
from handlers.request import Message
from handlers.views.decision import decision, headline
from handlers.views.progress import progress
from handlers.views.recovery import POINTS, USELESS, said_of
from tests.core.domain.pipeline.test_recovery import POINTS as PAIRS
from tests.handlers.desk import labels, words
from tests.handlers.layout import HOSTILE, check_message
from tests.handlers.runs import failed, known, run_json, steps
from tests.handlers.story import NOW, OLU, PRIYA, facts, run

FACTS = facts(Phase.DEPLOYMENT, runs=(run(RunState.RUNNING, changed=True),))
LIVE = {"step": "frontend", "number": 1, "started_at": NOW.isoformat(), "line": "building, 214 of 340 pages"}


def shown(message: Message) -> str:
    check_message(message)
    return words(message)


def test_a_running_one_says_how_far_it_is_what_it_does_now_and_how_it_is_stopped() -> None:
    message = progress({**FACTS, "live": LIVE}, run_json(), NOW)
    text = shown(message)
    assert "v1.3.0 is going to production" in text and "step 7 of 11 · 4 min 10 s of about" in text
    assert "▰▰▰▰▰▰▱▱▱▱" in text and "✅ Database migrations, 1 applied · 1 min 2 s" in text
    assert "⚪ Smoke tests · about 40 s" in text and "*Now:* building, 214 of 340 pages" in text
    assert labels(message.blocks) == ["Show the log", "Stop…", "End this step now…"]
    assert message.text.startswith("v1.3.0 is going to production: step 7 of 11, Deploy: Frontend, 4 min 10 s")


def test_all_who_said_go_are_named() -> None:
    assert "Go by <@U0PRIYA> and <@U0OLU> at" in shown(progress(FACTS, run_json(go_by=[PRIYA, OLU]), NOW))
    assert "Begun by itself at" in shown(progress(FACTS, run_json(environment="staging", by=""), NOW))


def test_no_estimate_is_told_where_a_step_was_never_seen() -> None:
    fresh = [s | {"expected": 0} for s in steps("backup", "running")]
    assert "no estimate yet" in shown(progress(FACTS, run_json(at="backup", steps=fresh), NOW))


def test_what_takes_longer_than_usual_says_so() -> None:
    late = NOW + timedelta(minutes=9)
    text = words(progress(FACTS, run_json(), late))
    assert text.count("longer than usual") == 1 and "⚠️ 7 min over the usual time" in text
    assert "▰▰▰▰▰▰▰▰▰▰" not in text


@pytest.mark.parametrize(
    "given,step,told",
    [
        ({"kind": "roll back", "target": "1.2.2"}, "running", "v1.3.0 is being rolled back to v1.2.2"),
        ({"environment": "staging"}, "running", "v1.3.0 is going to staging"),
        ({"stop_asked": True}, "running", "Stop was asked: *Deploy: Frontend* ends first"),
        ({"stop_asked": True, "end_step": "frontend"}, "running", "*Deploy: Frontend* is being ended"),
        ({"waits": {"what": "pause", "by": OLU, "reason": "fire"}}, "running", "⏸️ Everything is paused by <@U0OLU>"),
        ({"waits": {"what": "hold", "by": OLU, "reason": "fire"}}, "running", "⏸️ The release is on hold by <@U0OLU>"),
        ({"state": "waiting"}, "failed", "stopped* and waits for a decision"),
        ({"state": "waiting"}, "unknown", "nobody can tell what the step did"),
        ({"state": "waiting"}, "stopped", "was stopped* by a person"),
        ({"state": "failed", "replaced": True}, "failed", "it was decided how to go on"),
        ({"state": "failed"}, "stopped", "it was decided how to go on"),
        ({"state": "failed", "environment": "staging"}, "failed", "stopped* and waits for a decision"),
    ],
)
def test_every_state_has_words(given: dict[str, Any], step: str, told: str) -> None:
    message = progress(FACTS, run_json(step=step, **given), NOW)
    assert told in shown(message)
    wants_now = step == "running" and given.get("environment") != "staging" and not given.get("end_step")
    assert ("End this step now…" in labels(message.blocks)) is wants_now
    wants_stop = step == "running" and not given.get("stop_asked") and given.get("environment") != "staging"
    assert ("Stop…" in labels(message.blocks)) is wants_stop


def test_a_run_that_is_fixed_forward_waits_for_nobody() -> None:
    text = shown(progress({**FACTS, "fixed_by": "1.3.0-hotfix.1"}, run_json("waiting", step="failed"), NOW))
    assert "stopped*, and v1.3.0-hotfix.1 fixes it forward" in text and "waits for" not in text


def test_what_is_done_shrinks() -> None:
    text = shown(progress(FACTS, run_json("done", at=""), NOW))
    assert "✅ *v1.3.0 went to production* · 11 steps in 4 min 10 s" in text and "Database" not in text


def test_what_people_still_sign_stays_in_sight_when_the_run_is_done() -> None:
    found = steps("", "done")
    found[-2] |= {"state": "pending", "item": "verified"}
    text = shown(progress(FACTS, run_json("done", steps=found), NOW))
    assert "10 of 11 steps in 4 min 10 s" in text and "⏳ Manual verification · waits for <@U0QADIR>" in text
    replaced = shown(progress(FACTS, run_json("done", steps=found, replaced=True), NOW))
    assert "waits for" not in replaced


def test_attempts_and_stages_of_the_running_step_are_told() -> None:
    live = LIVE | {"number": 2, "found": {"share": 25}}
    assert "attempt 2 · 25 % of it" in shown(progress({**FACTS, "live": live}, run_json(), NOW))


def test_a_long_pipeline_keeps_the_running_step_in_sight() -> None:
    many = [*[s | {"name": f"x{n}"} for n in range(30) for s in steps("", "done")[1:2]], *steps("frontend", "running")]
    text = shown(progress(FACTS, run_json(steps=many), NOW))
    assert "✅ 27 steps before" in text and "Deploy: Frontend" in text


# --- the moment of a failure ------------------------------------------------------------------------------------------


def test_a_failed_check_brings_the_ways_with_what_speaks_for_each() -> None:
    message = decision(FACTS, run_json("waiting", "smoke", "failed", failed=failed()), known(), NOW)
    text = shown(message)
    assert message.text.startswith("v1.3.0: 2 of 12 smoke tests failed. The deployment has stopped.")
    assert "payments/health     500, expected 200" in text
    assert "*Roll back to v1.2.2*  ·  about 4 min" in text and "✅ Both checks passed on v1.2.2" in text
    assert "⚠️ All 14 changes leave with it" in text
    assert "*Switch off* `enable_new_billing_system`  ·  about 10 s" in text
    assert "It does not guard `payments/health`, which would still fail" in text
    assert "*Fix forward with v1.3.0-hotfix.1*  ·  last ones took 55 min to 2 h 20 min" in text
    assert "*Suggested: roll back*, because nothing is lost by it." in text
    coloured = [e["action_id"] for e in _buttons(message) if e.get("style") == "primary"]
    assert coloured == ["rollback"]
    offered = {"Roll back…", "Switch off…", "Fix forward…", "Run the tests again", "Show the log"}
    assert offered <= set(labels(message.blocks))
    assert "I never choose by myself" in text


def _waits() -> dict[str, Any]:
    return run_json("waiting", failed=failed())


def _buttons(message: Message) -> list[dict[str, Any]]:
    return [e for block in message.blocks for e in [*block.get("elements", ()), block.get("accessory") or {}]]


def test_nothing_is_suggested_and_no_button_coloured_where_a_fact_is_missing() -> None:
    message = decision(FACTS, run_json("waiting", failed=failed()), known(schema="unknown"), NOW)
    text = shown(message)
    assert "*No suggestion*: nobody has said whether v1.2.2 runs on the new database." in text and "_sugg" not in text
    costs = known(schema="breaks", down=False, written=31, flags=())
    assert "*No suggestion*: each way costs something." in shown(decision(FACTS, _waits(), costs, NOW))
    assert not any(e.get("style") for e in _buttons(message))


def test_a_way_that_cannot_help_stays_with_the_reason_and_without_a_button() -> None:
    message = decision(FACTS, run_json("waiting", failed=failed()), known(previous="", flags=()), NOW)
    text = shown(message)
    assert "*Roll back* cannot help: no version before this one is known." in text
    assert "*Switch a flag off* cannot help: the release names no flag." in text
    assert "Roll back…" not in labels(message.blocks) and "_suggested_" in text


def test_the_next_one_is_called_when_nobody_answers() -> None:
    due = (NOW + timedelta(minutes=5)).isoformat()
    told = run_json("waiting", failed=failed(), call_at=due, call=[OLU])
    assert "If nobody has answered by" in shown(decision(FACTS, told, known(), NOW))
    assert "Nobody answered, so" in shown(decision(FACTS, told, known(), NOW + timedelta(minutes=6)))


def test_an_unknown_outcome_asks_to_look_first() -> None:
    stands = failed(state="unknown", uses="deploy", name="backend", title="Deploy: Backend", failing=[])
    message = decision(FACTS, run_json("waiting", failed=stands), known(outcome="unknown", uses="deploy"), NOW)
    text = shown(message)
    assert "v1.3.0: interrupted at Deploy: Backend" in text and "Please look at the host" in text
    assert "*No suggestion* before somebody has looked there." in text
    assert {"It worked…", "Try again", "Roll back…"} <= set(labels(message.blocks)) and "_suggested_" not in text


def test_a_rollback_that_fails_itself_pretends_nothing() -> None:
    back = [s | {"uses": "roll_back"} for s in steps("frontend", "failed")[5:8]]
    back += [s | {"uses": "migrate_back", "title": "Database back"} for s in steps("smoke", "stopped")[8:9]]
    told = run_json("waiting", kind="roll back", target="1.2.2", failed=failed(failing=[]), steps=back)
    message = decision(FACTS, told, known(), NOW)
    text = shown(message)
    assert "production may be between two versions" in text and "*Backend*: v1.2.2\n*Frontend*: nobody knows" in text
    assert "*Verify versions*: still v1.3.0\n*Database back*: not begun" in text
    assert labels(message.blocks)[:4] == ["Try again", "It worked…", "Record what runs…", "Fix forward…"]


@pytest.mark.parametrize(
    "what,told",
    [
        ("rollback", "↩️ Olu decided to roll back to v1.2.2 after 1 min 50 s: “payments fail”"),
        ("fix_forward", "✅ Olu decided to fix forward with v1.2.2 after 1 min 50 s: “payments fail”"),
        ("retry", "✅ Olu let it run again after 1 min 50 s: “payments fail”"),
        ("worked", "✅ Olu said that the step did its work"),
        ("flag_off", "✅ Olu said that a flag is off"),
        ("record", "✅ Two people recorded that production runs v1.2.2"),
        ("abort", "✅ Olu ended it before anything changed"),
        ("something", "✅ It was decided how to go on"),
    ],
)
def test_after_the_decision_the_facts_stay_with_one_line(what: str, told: str) -> None:
    decided = {"what": what, "by": OLU, "reason": "payments fail", "version": "1.2.2", "after": 110}
    message = decision(FACTS, run_json("failed", failed=failed(), decided=decided), known(), NOW)
    assert told in shown(message) and "payments/health" in words(message)
    assert labels(message.blocks) == ["Show the log"]


def test_hostile_words_hold_in_every_state() -> None:
    for _, _, base, other, *_ in PAIRS:
        for situation in (base, replace(base, **other)):
            flags = tuple(replace(f, name=HOSTILE) for f in situation.flags)
            foul = replace(situation, now=NOW, previous=HOSTILE, flags=flags, fix=HOSTILE)
            stands = failed(failing=[[HOSTILE, HOSTILE]] * 9, title=HOSTILE, reason=HOSTILE)
            told = run_json("waiting", failed=stands, reason=HOSTILE)
            check_message(decision({**FACTS, "tag": HOSTILE}, told, foul, NOW), foreign=True)
    foul_steps = [s | {"title": HOSTILE, "reason": HOSTILE} for s in steps("frontend", "failed")]
    live = LIVE | {"line": HOSTILE}
    for state in ("running", "waiting", "done"):
        told = run_json(state, steps=foul_steps, target=HOSTILE, waits={"by": OLU, "reason": HOSTILE})
        check_message(progress({**FACTS, "tag": HOSTILE, "live": live}, told, NOW), foreign=True)


def test_headlines() -> None:
    told = run_json("waiting")
    assert headline(FACTS, told, failed(uses="deploy", title="Deploy: Backend")) == "v1.3.0: Deploy: Backend failed"
    assert headline(FACTS, told, failed(state="stopped")) == "v1.3.0: stopped before Smoke tests"
    assert headline(FACTS, told | {"kind": "roll back"}, failed()) == "v1.3.0: the rollback stopped"


def test_the_form_says_what_speaks_for_its_way_now() -> None:
    told = said_of(FACTS, known(), "rollback")
    assert told.startswith("*It takes*: about 4 min") and "✅ Both checks passed on v1.2.2" in told
    flag = said_of(FACTS, known(), "flag_off", "enable_new_billing_system")
    assert "10 % of users lose" in flag and said_of(FACTS, None, "rollback") == ""
    assert said_of(FACTS, known(flags=()), "flag_off") == f"⚠️ It cannot help: {USELESS['no_flag']}."


def _all_codes() -> set[str]:
    seen = set()
    for _, _, base, other, *_ in PAIRS:
        for situation in (base, replace(base, **other), replace(base, tried=2)):
            seen |= {p.code for w in ways(situation) for p in w.points}
    return seen


def test_no_point_is_without_words() -> None:
    assert _all_codes() == set(POINTS)
