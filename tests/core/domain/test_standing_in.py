"""Delegates, absences and roles on a release: whose signature counts, who is asked when, and what is handed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.due import dues, next_wake
from core.domain.facts import project
from core.domain.lending import Desk, lent
from core.domain.people import Away, Colleague, Delegation
from core.domain.policy import parse_policy
from core.domain.release import Release
from core.errors import Refused
from tests.core.domain.test_engine import codes, minor, to_preparation
from tests.core.domain.world import DANA, ERIKA, MIRA, OLU, PRIYA, QADIR, START, THEO, World
from tests.policies import simulated_text

DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))


def lends(w: World, who: str, to: str, until: datetime | None = None, role: str = "", *away: Away) -> None:
    w.people[who] = Colleague(who, delegations=(Delegation(to, START, until, role),), away=away)


def asked(w: World) -> list[str]:
    """Who got a request to approve, in order."""
    return [str(e.body["person"]) for s in w.steps for e in s.outcome.effects if e.kind == "slack.ask"]


def seat(w: World, r: Release) -> dict:
    return project(w.situation(w.again(r)))["approvals"][0]


def prepared(w: World | None = None) -> tuple[World, Release]:
    w = w or World()
    r = minor(w)
    to_preparation(w, r)
    return w, r


def hotfix(w: World) -> Release:
    h = w.start("hotfix", PRIYA)
    w.commit("hotfix/1.2.2-hotfix.1", "hot")
    w.look()
    w.act(PRIYA, "candidate", h)
    to_preparation(w, h)
    return h


# --- whose signature counts -----------------------------------------------------------------------------------------


def test_a_delegate_signs_for_the_holder_and_it_counts_after_the_delegation_has_ended():
    w, r = prepared()
    lends(w, MIRA, ERIKA, w.now + DAY)
    w.report(r.id, "look_again", {})
    assert asked(w)[-1] == ERIKA, "her open request went to the delegate"
    w.act(ERIKA, "approve", r)
    signed = w.decisions[r.id][-1]
    assert (signed.person, signed.stands_for, signed.role) == (ERIKA, MIRA, "product_manager")
    w.at(w.now + 2 * DAY)
    assert ERIKA not in w.members()["product_manager"]
    assert len(w.situation(w.again(r)).approvals("product_manager")) == 1
    w.groups["S0PM"] = (DANA,)
    assert w.situation(w.again(r)).approvals("product_manager") == (), "the holder has left, so it was nobody's"


def test_who_has_left_the_role_and_now_stands_in_for_somebody_signs_anew():
    w, r = prepared(World(groups={"S0PM": (ERIKA,)}))
    w.act(ERIKA, "approve", r)
    w.groups["S0PM"] = (PRIYA,)
    lends(w, PRIYA, ERIKA, w.now + DAY)
    s = w.situation(w.again(r))
    assert ERIKA in s.members["product_manager"] and s.approvals("product_manager") == (), "she signed as who she was"
    with pytest.raises(Refused) as no:
        w.act(ERIKA, "approve", r)
    assert "not_self" in codes(no), "Priya started it, so nobody approves it in her place"
    w.groups["S0PM"] = (MIRA,)
    lends(w, MIRA, ERIKA, w.now + DAY)
    w.act(ERIKA, "approve", r)
    assert [d.holder for d in w.situation(w.again(r)).approvals("product_manager")] == [MIRA]


def test_of_holder_and_delegate_the_first_counts_and_two_signatures_need_two_holders():
    w = World(replace_policy('approvals = [{ role = "product_manager" }]',
                             'approvals = [{ role = "product_manager", count = 2 }]'))
    w.groups["S0PM"] = (MIRA, DANA)
    lends(w, MIRA, ERIKA, START + 60 * DAY)
    w, r = prepared(w)
    w.act(ERIKA, "approve", r)
    with pytest.raises(Refused) as late:
        w.act(MIRA, "approve", r)
    assert codes(late) == ["first_counts"] and late.value.blockers[0].facts["by"] == ERIKA
    assert not w.situation(w.again(r)).on_staging
    w.act(DANA, "approve", r)
    assert w.situation(w.again(r)).on_staging


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda w: w.people.update({MIRA: Colleague(MIRA)}), "not_holder"),
        (lambda w: setattr(w, "now", w.now + 3 * DAY), "delegation_over"),
        (lambda w: w.people.update({ERIKA: Colleague(ERIKA, away=(Away(START, w.now + DAY),))}), "delegation_over"),
    ],
)  # fmt: skip
def test_a_delegation_is_judged_at_the_click_and_not_when_it_was_asked(spoil: Callable[[World], None], code: str):
    w, r = prepared()
    lends(w, MIRA, ERIKA, w.now + 2 * DAY)
    w.report(r.id, "look_again", {})
    assert asked(w)[-1] == ERIKA
    spoil(w)
    with pytest.raises(Refused) as late:
        w.act(ERIKA, "approve", r)
    assert codes(late) == [code] and MIRA in late.value.blockers[0].who


def test_a_delegate_helps_nobody_to_sign_what_they_could_not_sign_themselves():
    w = World()
    w.groups["S0PM"] = (PRIYA, MIRA)
    lends(w, PRIYA, ERIKA, START + 60 * DAY)
    w, r = prepared(w)
    assert ERIKA not in asked(w) and ERIKA not in seat(w, r)["asked"]
    with pytest.raises(Refused) as mine:
        w.act(ERIKA, "approve", r)
    assert codes(mine) == ["not_self"], "Priya started it, so nobody signs in her place"
    w = World()
    w.people[THEO] = Colleague(THEO, delegations=(Delegation(DANA, START, START + 60 * DAY),))
    h = hotfix(w)
    with pytest.raises(Refused) as author:
        w.act(DANA, "approve", h)
    assert codes(author) == ["not_author"], "the delegate wrote it"


def test_nobody_signs_for_two_roles_with_a_delegates_help():
    w = World()
    w.static["devops"] = (THEO, OLU)
    lends(w, THEO, ERIKA, START + 60 * DAY)
    h = hotfix(w)
    w.act(THEO, "approve", h, role="tech_lead")
    with pytest.raises(Refused) as second:
        w.act(ERIKA, "approve", h, role="devops")
    assert codes(second) == ["one_role"]
    w.act(OLU, "approve", h)
    assert w.situation(w.again(h)).on_staging


def test_a_delegation_that_cannot_work_is_refused_with_every_reason():
    w = World()
    h = hotfix(w)
    desk = Desk(w.policy, w.members(), w.roster(), (w.again(h),), w.now)

    def told(who: str, to: str, role: str = "", until: datetime | None = None) -> list[str]:
        return [b.code for b in lent(desk, Colleague(who), Delegation(to, w.now, until, role))[1]]

    assert told(THEO, OLU) == ["delegate.twice"], "Olu signs for DevOps on it"
    assert told(THEO, PRIYA) == ["delegate.started"]
    assert told(THEO, THEO) == ["delegate.self"]
    assert told(THEO, "U0STRANGER", "qa", w.now) == ["delegate.unknown", "delegate.no_role", "delegate.past"]
    assert told(DANA, ERIKA) == ["delegate.no_role"]
    assert told(THEO, ERIKA) == []
    desk = replace(desk, held={**desk.held, "auditor": (ERIKA,)})
    assert told(THEO, ERIKA) == ["delegate.auditor"], "who only looks would sign"
    desk = replace(desk, held=w.members())
    gone = Colleague(ERIKA, delegations=(Delegation(THEO, START),), away=(Away(w.now, w.now + DAY),))
    desk = replace(desk, roster=replace(desk.roster, people={ERIKA: gone}))
    assert told(THEO, ERIKA) == ["delegate.away", "delegate.circle"]


# --- who is asked when ----------------------------------------------------------------------------------------------


def test_a_request_waits_for_working_hours_and_is_judged_again_then():
    w = World(now=START)
    r = minor(w)
    w.now = at("2026-12-10 20:00")
    to_preparation(w, r)
    assert asked(w) == [] and w.again(r).asked == (MIRA,)
    assert w.again(r).answer_by == at("2026-12-12 09:00"), "the time for an answer runs from when she is at work"
    nine = at("2026-12-11 09:00")
    assert ("request", nine) in [(d.what, d.at) for d in dues(w.again(r))]
    w.people[MIRA] = Colleague(MIRA, away=(Away(nine, nine + timedelta(hours=2)),))
    w.at(nine)
    assert asked(w) == []
    w.act(PRIYA, "hold", r, reason="the bank is late")
    w.at(nine + timedelta(hours=2))
    assert asked(w) == [], "on hold nobody is asked"
    w.act(PRIYA, "resume", r)
    w.at(nine + timedelta(hours=2, seconds=1))
    assert asked(w) == [MIRA]
    w.at(nine + timedelta(hours=3))
    assert asked(w) == [MIRA] and w.again(r).later == (), "once"


def test_a_hotfix_wakes_and_says_so():
    w = World(now=at("2026-12-05 03:00"))
    h = hotfix(w)
    assert set(asked(w)) == {THEO, OLU} == set(w.again(h).woken)
    assert project(w.situation(w.again(h)))["woken"] == list(w.again(h).woken)


def test_when_the_day_ends_without_an_answer_the_delegate_is_asked_too_and_once():
    w, r = prepared()
    lends(w, MIRA, ERIKA)
    w.report(r.id, "look_again", {})
    five = w.now.astimezone(ZoneInfo("America/New_York")).replace(hour=17, minute=0)
    four = five - timedelta(hours=1)
    assert w.again(r).day_ends == {MIRA: four} and ERIKA not in asked(w)
    w.at(four)
    assert asked(w)[-1] == ERIKA, "in her hours, which are the same"
    one = seat(w, r)["stand_ins"][ERIKA]
    assert (one["why"], datetime.fromisoformat(one["at"])) == ("day", five)
    assert "no_stand_in" not in [m for _, m, _ in w.posts]
    before = len(asked(w))
    w.at(five)
    w.at(five + timedelta(hours=1))
    assert len(asked(w)) == before
    w.act(MIRA, "approve", r)
    assert w.situation(w.again(r)).on_staging, "either can answer"


def test_without_a_delegate_the_lead_is_told_at_the_day_s_end_and_who_answered_is_left_alone():
    w, r = prepared()
    four = w.again(r).day_ends[MIRA]
    w.at(four)
    assert [p for p, m, _ in w.posts if m == "no_stand_in"] == [f"dm:{PRIYA}"]
    w, r = prepared()
    w.act(MIRA, "approve", r)
    assert w.again(r).day_ends == {}
    w.at(four)
    assert "no_stand_in" not in [m for _, m, _ in w.posts]


def test_who_is_away_is_not_asked_and_the_delegate_is_at_once_or_the_lead_told():
    w = World()
    lends(w, MIRA, ERIKA, None, "", Away(START, START + 60 * DAY))
    w, r = prepared(w)
    assert asked(w) == [ERIKA] and seat(w, r)["stand_ins"][ERIKA]["why"] == "away"
    w = World()
    w.people[MIRA] = Colleague(MIRA, away=(Away(START, START + 60 * DAY),))
    w, r = prepared(w)
    wake = next_wake(w.again(r), w.now)
    assert wake == w.now + timedelta(seconds=1), "at once, not at the deadline"
    w.at(wake)
    assert [p for p, m, _ in w.posts if m == "no_stand_in"] == [f"dm:{PRIYA}"]


def test_an_hour_that_another_report_came_before_is_not_lost():
    w, r = prepared()
    w.now = w.again(r).day_ends[MIRA] + timedelta(seconds=1)
    w.report(r.id, "look_again", {})
    wake = next_wake(w.again(r), w.now)
    assert wake is not None and wake <= w.now
    w.at(w.now)
    assert "no_stand_in" in [m for _, m, _ in w.posts]
    after = next_wake(w.again(r), w.now)
    assert after is None or after > w.now


# --- who fills a role on a release ----------------------------------------------------------------------------------


def test_who_fills_a_role_is_asked_and_every_holder_may_still_sign():
    w = World()
    w.groups["S0PM"] = (MIRA, DANA)
    r = minor(w)
    w.act(PRIYA, "cast", r, cast={"product_manager": DANA})
    to_preparation(w, r)
    assert asked(w) == [DANA] and seat(w, r)["called"] == [DANA] and seat(w, r)["asked"] == [MIRA, DANA]
    w.act(PRIYA, "cast", r, cast={"product_manager": ""})
    assert asked(w) == [DANA, MIRA], "all holders again, so she is asked too"
    w.act(MIRA, "approve", r)
    assert w.situation(w.again(r)).on_staging


def test_a_handover_gives_the_open_points_to_who_is_new_and_tells_the_thread():
    w = World()
    w.static["qa"] = (QADIR, DANA)
    w.static["release_manager"] = (PRIYA, THEO)
    r = minor(w)
    w.act(PRIYA, "cast", r, cast={"qa": DANA, "release_manager": THEO})
    assert w.again(r).lead == THEO and w.again(r).cast == {"qa": DANA}
    told = {place: data["roles"] for place, moment, data in w.posts if moment == "handover"}
    assert told == {f"dm:{DANA}": ["qa"], f"dm:{THEO}": ["release_manager"]}
    assert {m["role"] for m in next(d for p, m, d in w.posts if m == "cast")["moved"]} == {"qa", "release_manager"}


def test_sets_that_cannot_work_are_refused_with_what_would():
    w = World()
    w.static["devops"] = (THEO, OLU)
    h = w.start("hotfix", PRIYA)
    with pytest.raises(Refused) as twice:
        w.act(PRIYA, "cast", h, cast={"tech_lead": THEO, "devops": THEO})
    assert codes(twice) == ["cast.twice"] and twice.value.blockers[0].facts["person"] == THEO
    assert twice.value.blockers[0].facts["roles"][-1] == "devops" and twice.value.blockers[0].who == (OLU,)
    with pytest.raises(Refused) as stranger:
        w.act(PRIYA, "cast", h, cast={"qa": SANA_})
    assert codes(stranger) == ["cast.not_holder"]
    with pytest.raises(Refused) as same:
        w.act(PRIYA, "cast", h, cast={"release_manager": PRIYA})
    assert codes(same) == ["cast.nothing"]
    w.people[QADIR] = Colleague(QADIR, away=(Away(START, START + DAY),))
    with pytest.raises(Refused) as gone:
        w.act(PRIYA, "cast", h, cast={"qa": QADIR})
    assert codes(gone) == ["cast.away"]
    with pytest.raises(Refused) as denied:
        w.act(OLU, "cast", h, cast={"devops": OLU})
    assert codes(denied) == ["permission"]


SANA_ = "U0SANA"


def replace_policy(old: str, new: str):
    text = simulated_text()
    assert old in text
    return parse_policy(text.replace(old, new, 1))


def test_everywhere_the_same_person_is_waited_for() -> None:
    w, r = prepared()
    lends(w, MIRA, ERIKA, w.now + DAY)
    lends(w, THEO, PRIYA, w.now + DAY)
    w.report(r.id, "look_again", {})
    who = {b["code"]: b["who"] for b in project(w.situation(w.again(r)))["blockers"]}
    assert (who["approval.product_manager"], who["signoff.tech.lead"]) == ([ERIKA], [PRIYA])
