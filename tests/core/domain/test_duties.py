"""The 18 duties of the strategy's table of roles: each is met by something that its holder can reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.duties import duties_of
from core.domain.facts import project
from core.domain.lifecycle import TABLE
from core.domain.policy import PolicyFaults, parse_policy
from core.domain.policy_people import REMINDERS, STAGES, captain, stage_of
from core.domain.release import Phase
from tests.core.domain.test_engine import minor, ship
from tests.core.domain.world import OLU, PRIYA, ROOT, World, policy

TEXT = (ROOT / "release_policy.toml").read_text()
STRATEGY = {
    "release_manager": ("Plan schedule, track readiness", "Coordinate deployment", "Lead retrospective"),
    "tech_lead": ("Code review, architecture decisions", "Technical support", "Technical review"),
    "qa": ("Test planning, regression testing", "Verification testing", "Issue triage"),
    "product_manager": ("Scope definition, prioritization", "Stakeholder communication", "Feedback collection"),
    "devops": ("Environment preparation", "Deployment execution", "Monitoring"),
    "support": ("Knowledge base updates", "Customer communication", "Issue response"),
}
PLACES = [(role, stage) for role in STRATEGY for stage in STAGES]


def test_the_policy_has_the_strategys_table_word_by_word():
    told = {role: tuple(d.at(stage).text for stage in STAGES) for role, d in policy().duties.items()}
    assert told == STRATEGY and len(PLACES) == 18


@pytest.mark.parametrize(("role", "stage"), PLACES)
def test_each_duty_is_met_by_something_that_its_holder_can_reach(role: str, stage: str):
    p = policy()
    kind, name = p.duties[role].at(stage).way  # type: ignore[index,arg-type]
    if kind == "item":
        assert p.signoffs[name].role == role, "the holder owns the item"
    elif kind == "word":
        phases = {phase for phase in Phase if stage_of(phase) == stage}
        rows = [r for r in TABLE if r.word == name and phases & set(r.sources)]
        assert any(not r.act or role in p.permissions[r.act] for r in rows), "the holder may say it in this stage"
    else:
        asked = {"go_hour": {r for t in p.types.values() for r in t.go}, "failure": set(p.permissions["rollback"]),
                 "live": {r for r, d in p.duties.items() if d.after.way == ("reminder", "live")}}  # fmt: skip
        assert set(asked) == set(REMINDERS) and role in asked[name], "the holder gets it"


@pytest.mark.parametrize("met_by", ["item:nothing", "word:sing", "reminder:birthday"])
def test_a_duty_that_points_nowhere_is_a_fault_of_the_policy(met_by: str):
    with pytest.raises(PolicyFaults) as wrong:
        parse_policy(TEXT.replace("item:retro", met_by, 1))
    assert any(f.path == "duties.release_manager.after" for f in wrong.value.faults)


def test_duties_belong_to_the_stage_and_to_who_fills_the_role():
    w = World()
    w.static["devops"] = (OLU, PRIYA)
    r = minor(w)
    w.act(PRIYA, "cast", r, cast={"devops": PRIYA})
    before = {d["role"]: d for d in duties_of(w.situation(w.again(r)))}
    assert before["devops"]["people"] == [PRIYA] and before["qa"]["title"] == "Full regression passed"
    hotfix = w.start("hotfix")
    assert "qa" not in {d["role"] for d in duties_of(w.situation(hotfix))}, "a hotfix asks for no regression"


def test_two_hours_after_it_went_live_those_whose_duty_it_is_are_asked_in_their_hours_and_once():
    w = World()
    r = minor(w)
    ship(w, r)
    live = w.again(r).live_at
    assert live is not None and project(w.situation(w.again(r)))["duties"][0]["stage"] == "after"
    for hours in (2, 3, 30):
        w.at(live + timedelta(hours=hours))
    told = [place for place, moment, _ in w.posts if moment == "live_duties"]
    assert sorted(told) == ["dm:U0MIRA", "dm:U0OLU", "dm:U0THEO"]


# --- captains -------------------------------------------------------------------------------------------------------


def test_captains_take_turns_by_the_date_alone():
    rotating = TEXT.replace('window_minutes = 120', 'window_minutes = 120\ncaptains = ["priya", "theo"]', 1).replace(
        'title = "release manager"\npeople = ["priya"]', 'title = "release manager"\npeople = ["priya", "theo"]', 1)
    train = parse_policy(rotating).trains["main"]

    def turn(day: int, month: int = 12) -> str:
        return captain(train, datetime(2026, month, day, 15, tzinfo=UTC))

    assert [turn(2), turn(16), turn(30)] == ["priya", "theo", "priya"], "a skipped train changes nobody's turn"
    assert turn(18) == turn(16), "an extra one is the turn of the one before it"
    assert captain(policy().trains["main"], datetime(2026, 12, 16, 15, tzinfo=UTC)) == ""
    with pytest.raises(PolicyFaults) as wrong:
        parse_policy(rotating.replace('captains = ["priya", "theo"]', 'captains = ["dana", "nobody"]', 1))
    assert {str(f.message) for f in wrong.value.faults} == {
        "'dana' does not hold the role release manager", "'nobody' is not among [people]"}
