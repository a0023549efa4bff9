"""The retrospective: when it meets, who is invited, what people say, what the record proves, what comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

import pytest

from core.domain.calendar import Timetable
from core.domain.days_off import DaysOff
from core.domain.feed import History, events
from core.domain.policy import Policy, PolicyFaults, parse_policy
from core.domain.policy_people import WorkingHours
from core.domain.policy_retro import RetroRules
from core.domain.release import Phase, Release
from core.domain.retro import actions
from core.domain.retro.meeting import not_answered, proposed, rules_of
from core.domain.retro.record import happened, proven
from core.domain.retro.writing import as_text, in_a_field, points
from core.domain.retrospective import ActionItem, Happened, Retro
from core.domain.situation import Situation
from core.errors import Refused
from core.store.records import decode, encode
from tests.core.domain.test_engine import minor, ship
from tests.core.domain.world import DANA, MIRA, OLU, PRIYA, QADIR, SANA, START, THEO, TRAIN, World
from tests.policies import simulated_text

ITEM = '[signoffs."retro"]\n'


@cache
def _policy(more: str = "") -> Policy:
    """The shipped one: the summary meets the item."""
    return parse_policy(simulated_text().replace(ITEM, f'{ITEM}by = "retrospective"\n', 1).replace(*_MORE[more], 1))


_MORE = {"": ("\0", ""), "free": ("decide_actions = true", "decide_actions = false"),
         "no names": ("named = true", "named = false")}  # fmt: skip


def _live(more: str = "") -> tuple[World, Release]:
    w = World(policy=_policy(more))
    r = minor(w)
    ship(w, r)
    assert w.phase(r) is Phase.POST_RELEASE
    return w, r


def _retro(w: World, r: Release) -> Retro:
    found = w.again(r).retro
    assert found is not None
    return found


def _refused(w: World, who: str, event: str, r: Release, **given: Any) -> list[str]:
    with pytest.raises(Refused) as error:
        w.act(who, event, r, **given)
    return [b.code for b in error.value.blockers]


def _open(w: World, r: Release) -> list[str]:
    s = w.situation(w.again(r))
    return [a.text for a in actions.undecided(s.product, s.release)]


def _situation(w: World, r: Release) -> Situation:
    return replace(w.situation(w.again(r)), trail=tuple(
        Happened(x.verb, x.act.actor, START, x.act.input, x.outcome.record) for x in w.steps
    ))  # fmt: skip


# --- the meeting -----------------------------------------------------------------------------------------------------

EASTERN = Timetable(date(2026, 12, 2), 2, time(10), "America/New_York", off=DaysOff("US"))


@pytest.mark.parametrize(
    ("live", "meets"),
    [
        (datetime(2026, 12, 16, 15, 11, tzinfo=UTC), datetime(2026, 12, 18, 20, tzinfo=UTC)),  # Wednesday -> Friday
        (datetime(2026, 12, 17, 15, 11, tzinfo=UTC), datetime(2026, 12, 18, 20, tzinfo=UTC)),  # Thursday -> Friday
        (datetime(2026, 12, 23, 15, 11, tzinfo=UTC), datetime(2026, 12, 24, 20, tzinfo=UTC)),  # Christmas is Friday
        (datetime(2026, 12, 26, 15, 0, tzinfo=UTC), datetime(2026, 12, 28, 20, tzinfo=UTC)),  # on a Saturday
        (datetime(2026, 3, 6, 15, 11, tzinfo=UTC), datetime(2026, 3, 6, 20, tzinfo=UTC)),  # clocks go on on Sunday
        (datetime(2026, 12, 18, 21, 0, tzinfo=UTC), datetime(2026, 12, 21, 20, tzinfo=UTC)),  # Friday evening
    ],
)
def test_it_meets_on_the_last_working_day_on_which_it_is_over_in_time(live: datetime, meets: datetime) -> None:
    assert proposed(RetroRules(), EASTERN, live) == meets


def test_where_no_such_day_is_left_it_meets_when_it_is_due() -> None:
    rules = RetroRules(after_hours=3, at=time(23, 0))
    live = datetime(2026, 12, 16, 15, tzinfo=UTC)
    assert proposed(rules, EASTERN, live) == live + timedelta(hours=3)


def test_a_meeting_lies_in_the_working_day_also_where_the_policy_names_no_hour() -> None:
    early = _policy().model_copy(update={"working_hours": WorkingHours(**{"from": time(7), "to": time(12)})})
    assert (rules_of(early).at, rules_of(_policy()).at) == (time(11, 15), time(15))
    short = WorkingHours(**{"from": time(9), "to": time(9, 30)})
    assert rules_of(_policy().model_copy(update={"working_hours": short})).at == time(9)


def test_it_is_opened_when_a_release_is_live_with_the_cast_the_roles_and_the_authors() -> None:
    w, r = _live()
    retro = _retro(w, r)
    assert {PRIYA, THEO, QADIR, MIRA, OLU, SANA, DANA} <= set(retro.invited)
    assert retro.opened_at == w.now and retro.opened_at < retro.meets_at <= retro.due_at
    assert w.said("retro_opened") == ["thread"] and not_answered(retro) == retro.invited
    assert not_answered(None) == ()


def test_what_is_taken_back_later_is_looked_back_at_again_and_nothing_that_was_said_is_lost() -> None:
    w, r = _live()
    w.act(DANA, "retro_say", r, well="It left on time")
    w.act(PRIYA, "retro_summary", r)
    w.sign_all("rollback", r)
    w.act(OLU, "rollback", r, reason="payments fail", severity="something is wrong")
    again = _retro(w, r)
    assert not again.held and (again.of, again.moves) == ("rolled back", 1)
    assert [x.text for x in again.lines] == ["It left on time"] and not_answered(again) != again.invited


def test_nobody_is_invited_to_a_rehearsal() -> None:
    w, r = _live()
    shadow = replace(w.again(r), product="asset-anchor~C1~2", retro=None)
    w.releases[r.id] = shadow
    w.report(r.id, "look_again", {})
    assert w.again(r).retro is None
    assert w.situation(shadow).by_hand(w.policy.signoffs["retro"])  # so that it can be played to its end


def test_the_feed_plans_it_with_the_departure_and_calls_it_off_with_the_release() -> None:
    w = World(policy=_policy())
    r = w.start("minor")

    def shown(r: Release, changes: int) -> Any:
        found = events(w.policy, w.product, [(r, History(changes, START))], History(2, START), w.now)
        return next(e for e in found if e.uid.startswith(f"release-{r.id}-retrospective@"))

    first = shown(r, 1)
    assert (first.starts, first.cancelled) == (TRAIN + timedelta(days=2), False)  # Friday: the 72 hours end on Saturday
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    gone = shown(w.again(r), 2)
    assert (gone.cancelled, gone.uid) == (True, first.uid) and gone.sequence > first.sequence


def test_the_feed_keeps_the_meeting_under_one_name_and_counts_its_moves() -> None:
    w, r = _live()

    def shown() -> Any:
        found = events(w.policy, w.product, [(w.again(r), History(1, START))], History(2, START), w.now)
        return next(e for e in found if e.uid.startswith(f"release-{r.id}-retrospective@"))

    first, planned = shown(), _retro(w, r).meets_at
    assert (first.starts, first.ends) == (planned, planned + timedelta(minutes=45)) and "Dana" in first.text
    when = w.now + timedelta(days=2)
    w.act(PRIYA, "retro_move", r, to=when.isoformat())
    second = shown()
    assert (second.uid, second.starts) == (first.uid, when) and second.sequence > first.sequence
    assert not second.cancelled and second.changed >= first.changed
    assert _refused(w, DANA, "retro_move", r, to=when.isoformat()) == ["permission"]
    for wrong in ("", "tomorrow", "2026-12-30", (w.now - timedelta(hours=1)).isoformat(),
                  (w.now + timedelta(days=61)).isoformat()):  # fmt: skip
        assert _refused(w, PRIYA, "retro_move", r, to=wrong) == ["retro.when"]


# --- what people say -------------------------------------------------------------------------------------------------


def test_each_person_answers_as_often_as_they_like_and_mends_their_own_answers_only() -> None:
    w, r = _live()
    assert _refused(w, DANA, "retro_say", r, well="  ", wrong="") == ["retro.nothing"]
    w.act(DANA, "retro_say", r, well="- It left on time\n\n2. Tests were green\n- It left on time", wrong="")
    w.act(THEO, "retro_say", r, well="It left on time")
    first = _retro(w, r)
    assert [x.text for x in first.own(DANA)] == ["It left on time", "Tests were green"]
    w.now += timedelta(hours=1)
    w.act(DANA, "retro_say", r, well="Tests were green", better="Faster staging")
    after = _retro(w, r)
    said = [(x.question, x.text) for x in after.own(DANA)]
    assert said == [("well", "Tests were green"), ("better", "Faster staging")]
    assert [x.text for x in after.own(THEO)] == ["It left on time"]
    assert [x.at for x in after.own(DANA)] == [first.own(DANA)[1].at, w.now]  # what stays is as old as it was
    w.act(DANA, "retro_say", r, well="", better="")  # taken back whole
    assert not _retro(w, r).own(DANA) and DANA in _retro(w, r).answered
    assert _refused(w, DANA, "retro_say", r, well="x" * 1001) == ["retro.long"]
    assert _refused(w, DANA, "retro_say", r, well="\n".join(map(str, range(301)))) == ["retro.full"]


def test_what_finds_no_room_in_the_form_is_not_lost_when_it_is_sent() -> None:
    w, r = _live()
    for n in range(4):
        w.act(DANA, "retro_add", r, question="wrong", reason=f"{n} " + "x" * 990)
    before = _retro(w, r)
    shown = in_a_field(before.own(DANA, "wrong"))
    assert len(shown) == 3
    w.act(DANA, "retro_say", r, wrong=as_text(x.text for x in shown))
    assert _retro(w, r).lines == before.lines, "untouched, it changes nothing"
    w.act(DANA, "retro_say", r, wrong="")
    assert _retro(w, r).lines == before.lines[3:]


def test_a_message_is_taken_in_with_its_author_who_has_not_answered_by_that() -> None:
    w, r = _live()
    given = {"question": "wrong", "author": DANA, "link": "https://x.slack.com/p1"}
    assert _refused(w, THEO, "retro_add", r, **given | {"reason": "the regression began late", "question": "why"}) == [
        "retro.question"
    ]
    w.act(THEO, "retro_add", r, reason="the regression began late", **given)
    [line] = _retro(w, r).lines
    assert (line.by, line.kept_by, line.link) == (DANA, THEO, "https://x.slack.com/p1")
    assert DANA not in _retro(w, r).answered and THEO not in _retro(w, r).answered
    w.act(DANA, "retro_say", r, wrong="and nobody told us")
    assert [x.text for x in _retro(w, r).of_question("wrong")] == ["the regression began late", "and nobody told us"]


def test_the_summary_closes_it_once_meets_its_item_and_tells_of_answers_after_it() -> None:
    w, r = _live()
    assert _refused(w, PRIYA, "retro_summary", r) == ["retro.empty"]
    assert _refused(w, PRIYA, "tick", r, item="retro") == ["signoff.by_itself"]
    w.act(DANA, "retro_say", r, well="It left on time", action="Run regression on rc.1 too", owner=QADIR,
          due="2026-12-28")  # fmt: skip
    assert _refused(w, DANA, "retro_summary", r) == ["permission"]
    w.act(PRIYA, "retro_summary", r)
    told = next(data["retro"] for _, moment, data in w.posts if moment == "retro_summary")
    assert told["counts"] == {"well": 1, "wrong": 0, "better": 0} and told["answered"] == 1
    assert [a["text"] for a in told["actions"]] == ["Run regression on rc.1 too"]
    assert w.said("retro_held") == ["team"] and w.said("action_given") == [f"dm:{QADIR}"]
    facts = next(x for x in _facts(w, r)["signoffs"] if x["name"] == "retro")
    assert (facts["state"], facts["by"], facts["facts"]["count"]) == ("met", PRIYA, 1)
    assert _refused(w, PRIYA, "retro_summary", r) == ["retro.held"]
    w.act(THEO, "retro_say", r, better="Faster staging")
    assert w.said("retro_late") == ["thread"] and _retro(w, r).held
    assert not_answered(_retro(w, r)) == ()


def test_the_summary_is_the_last_thing_that_closes_a_release() -> None:
    w, r = _live()
    w.sign_all("close", r)
    [stop] = _facts(w, r)["blockers"]
    assert (stop["code"], stop["facts"]["rule"], stop["who"]) == ("item.retro", "retrospective", [PRIYA])
    w.act(DANA, "retro_add", r, question="well", reason="It left on time")
    w.act(PRIYA, "retro_summary", r)
    assert w.phase(r) is Phase.CLOSED and _retro(w, r).held
    w.act(THEO, "retro_say", r, better="Faster staging")  # what comes later is kept
    assert [x.text for x in _retro(w, r).of_question("better")] == ["Faster staging"]


def test_under_a_policy_of_before_the_summary_signs_the_item_and_a_signature_counts_too() -> None:
    w = World()
    r = minor(w)
    ship(w, r)
    w.act(DANA, "retro_say", r, well="It left on time")
    w.act(PRIYA, "retro_summary", r)
    [signed] = [d for d in w.decisions[r.id] if d.gate == "signoff:retro"]
    assert (signed.person, signed.reason) == (PRIYA, f"1 of {len(_retro(w, r).invited)} answered")


def _facts(w: World, r: Release) -> dict[str, Any]:
    from core.domain.facts import project

    return project(w.situation(w.again(r)))


def test_names_are_left_out_where_the_policy_says_so() -> None:
    w, r = _live("no names")
    w.act(DANA, "retro_say", r, well="It left on time")
    w.act(PRIYA, "retro_summary", r)
    told = next(data["retro"] for _, moment, data in w.posts if moment == "retro_summary")
    assert [(x["by"], x["text"]) for x in told["lines"]["well"]] == [("", "It left on time")]


@pytest.mark.parametrize(
    ("text", "found"),
    [("", ()), (" \n- \n", ()), ("a\n\n* b\n3) c\na", ("a", "b", "c")), ("2.5 hours late", ("2.5 hours late",))],
)
def test_each_line_is_one_point_without_its_sign(text: str, found: tuple[str, ...]) -> None:
    assert points(text) == found


# --- what the record proves ------------------------------------------------------------------------------------------


def test_only_what_the_record_proves_is_filled_in() -> None:
    w, r = _live()
    told = {x["code"]: x for x in proven(_situation(w, r))}
    assert told["departure"]["late"] == 0 and told["deployment"]["seconds"] == 0
    assert "no_incident" in told and "moved" not in told and "rejected" not in told and "failed" not in told
    w.now += timedelta(minutes=11)
    w.act(SANA, "incident", r, reason="payments fail", severity="something is wrong")
    w.now += timedelta(minutes=42)
    w.act(OLU, "resolve", r, incident=1, reason="the index is back")
    told = {x["code"]: x for x in proven(_situation(w, r))}
    assert (told["incident"]["detected"], told["incident"]["resolved"]) == (660, 42 * 60)
    assert "no_incident" not in told


def test_moves_holds_rejections_and_fallen_approvals_come_from_the_trail() -> None:
    w, r = _live()
    before, after = str(TRAIN), str(TRAIN + timedelta(days=14))
    trail = (
        happened("hold", PRIYA, START, {"input": {"reason": "the bank"}}),
        happened("resume", PRIYA, START + timedelta(hours=5), None),
        happened("move", PRIYA, START, {"input": {"reason": "holidays"}, "record": {"before": before, "after": after}}),
        happened("reject", MIRA, START, {"input": {"reason": "wrong month"}}),
        happened("candidate", THEO, START, {"withdrawn": [["approval", "x", "product_manager", MIRA, "approve"]]}),
        happened("step_failed", "", START, {}),
        happened("freeze", "", w.again(r).freeze_at + timedelta(hours=2), {}),  # type: ignore[operator]
    )
    told = {x["code"]: x for x in proven(replace(w.situation(w.again(r)), trail=trail))}
    assert (told["held"]["seconds"], told["held"]["times"]) == (5 * 3600, 1)
    assert told["moved"]["why"] == "holidays" and told["moved"]["after"] == (TRAIN + timedelta(days=14)).isoformat()
    assert told["rejected"] == {"code": "rejected", "by": MIRA, "why": "wrong month"}
    assert told["withdrawn"]["count"] == 1 and told["failed"]["count"] == 1 and told["freeze"]["late"] == 7200


# --- action items ----------------------------------------------------------------------------------------------------


def _with_action(more: str = "") -> tuple[World, Release, Release]:
    """A release whose retrospective resolved something, and the next one."""
    w, r = _live(more)
    w.act(DANA, "action_add", r, action="Faster staging", owner=OLU, due="2026-12-28")
    later = w.start("minor", version="1.4.0", departs_at=TRAIN + timedelta(days=14))
    return w, r, w.again(later)


def test_an_action_item_comes_back_on_the_next_checklist_and_holds_its_end_up_until_it_is_decided() -> None:
    w, r, later = _with_action()
    assert _open(w, later) == ["Faster staging"] and w.said("actions_came") == ["thread"]
    [row] = _facts(w, later)["actions"]
    assert (row["times"], row["from"], row["on_version"], row["owner"]) == (1, "1.3.0", "1.4.0", OLU)
    assert [x["id"] for x in _facts(w, r)["resolved"]] == [row["id"]]
    assert _refused(w, SANA, "action_done", later, action=row["id"]) == ["permission"]
    assert _refused(w, OLU, "action_done", later, action=99) == ["action.gone"]
    assert _refused(w, OLU, "action_keep", r, action=row["id"]) == ["action.gone"]  # it has gone on from there
    assert _refused(w, OLU, "action_drop", later, action=row["id"]) == ["reason"]
    w.act(OLU, "action_keep", later, action=row["id"])
    assert _open(w, later) == [] and _refused(w, OLU, "action_keep", later, action=row["id"]) == ["action.kept"]
    third = w.start("minor", version="1.5.0", departs_at=TRAIN + timedelta(days=28))
    [again] = _facts(w, third)["actions"]
    assert (again["times"], again["kept"]) == (2, False) and _facts(w, later)["actions"] == []
    w.act(PRIYA, "action_drop", third, action=row["id"], reason="staging goes away")
    [dropped] = w.product.actions
    assert (dropped.state, dropped.ended_by, dropped.why) == ("dropped", PRIYA, "staging goes away")
    assert _refused(w, OLU, "action_done", third, action=row["id"]) == ["action.decided"]


def test_the_next_release_hears_at_once_of_an_item_that_comes_while_it_is_open() -> None:
    w, r = _live()
    later = w.start("minor", version="1.4.0", departs_at=TRAIN + timedelta(days=14))
    w.act(DANA, "retro_say", r, action="Faster staging", owner=OLU)
    assert _open(w, later) == ["Faster staging"] and w.said("actions_came") == ["thread"]


def test_a_release_does_not_close_before_its_items_are_decided_unless_the_policy_lets_it() -> None:
    for more, stops in (("", [1]), ("free", [])):
        w, _, later = _with_action(more)
        from core.domain.gates.retro import actions_decided
        from core.domain.situation import Act

        found = [b.facts["id"] for b in actions_decided(w.situation(w.again(later)), Act("", "close"))]
        assert found == stops
        w.act(OLU, "action_done", later)  # the only one needs no number
        assert not list(actions_decided(w.situation(w.again(later)), Act("", "close")))


def test_a_cancelled_release_and_a_hotfix_carry_nothing() -> None:
    w, _, later = _with_action()
    w.start("hotfix")
    assert _open(w, later) == ["Faster staging"]
    w.act(PRIYA, "cancel", later, reason="scope fell apart")
    [item] = w.product.actions
    assert (item.on, item.came) == (0, ())
    after = w.start("minor", version="1.4.0", departs_at=TRAIN + timedelta(days=28))
    assert [a["times"] for a in _facts(w, after)["actions"]] == [1]


def test_an_action_item_needs_words_and_a_day_that_is_not_over() -> None:
    w, r = _live()
    for given, code in (
        ({"action": "x"}, "action.text"), ({"action": "y" * 301}, "action.text"),
        ({"action": "faster staging", "owner": "Olu"}, "action.owner"),
        ({"action": "faster staging", "due": "2026-12-01"}, "action.due"),
        ({"action": "faster staging", "due": "soon"}, "action.due"),
    ):  # fmt: skip
        assert _refused(w, DANA, "action_add", r, **given) == [code]
    w.act(DANA, "action_add", r, action="faster staging")
    [item] = w.product.actions
    assert (item.owner, item.due) == (DANA, "2026-12-30") and not w.said("action_given")
    assert actions.late(item, datetime(2026, 12, 31, 4, 59, tzinfo=UTC), "America/New_York") is False
    assert actions.late(item, datetime(2026, 12, 31, 5, tzinfo=UTC), "America/New_York") is True


def test_of_the_items_that_have_ended_the_newest_are_remembered_and_numbers_are_not_used_twice() -> None:
    base = ActionItem(1, "x", OLU, "2026-12-28", DANA, START, "1.3.0", "done")
    ended = [replace(base, id=n, ended_at=START + timedelta(days=n)) for n in range(1, 206)]
    kept = actions.merged(ended, [replace(base, id=206, state="open")])
    assert len(kept) == 201 and (kept[0].id, kept[-1].id) == (6, 206)


def test_what_is_stored_reads_back_and_what_was_stored_before_reads_too() -> None:
    w, r, _ = _with_action()
    w.act(DANA, "retro_say", r, well="It left on time")
    w.act(PRIYA, "retro_summary", r)
    stored = encode(w.again(r))
    assert decode(Release, stored) == w.again(r)
    del stored["retro"]
    assert decode(Release, stored).retro is None
    record = encode(w.product)
    assert decode(type(w.product), record) == w.product
    del record["actions"]
    assert decode(type(w.product), record).actions == ()


def test_a_policy_names_the_retrospective_only_where_it_is_known() -> None:
    text = simulated_text()
    head, _, tail = text.partition(ITEM)
    with pytest.raises(PolicyFaults, match="must be \"close\""):
        parse_policy(f'{head}{ITEM}by = "retrospective"\n{tail.replace("close", "ready", 1)}')
    for line, bad in (("minutes = 45", "minutes = 0"), ("after_hours = 72", "after_hours = 0"),
                      ("at = 15:00:00", "at = 'noon'"), ("at = 15:00:00", "at = 16:30:00")):  # fmt: skip
        with pytest.raises(PolicyFaults):
            parse_policy(text.replace(line, bad, 1))
