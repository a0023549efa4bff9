"""What is owed to whom at an instant: put off, handed on, turned off, merged, and too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.domain.people import Away, Colleague, Passed, Roster, Snooze
from core.domain.reminders import Reminder
from core.usecases.owed import Looked, _beside, _handed
from tests.core.domain.world import MIRA, PRIYA, QADIR, THEO, policy

NOW = datetime(2026, 12, 15, 15, tzinfo=UTC)  # Tuesday, 10:00 Eastern
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ZONE = "America/New_York"


def one(code: str = "items", **more: object) -> Reminder:
    first = Reminder(code, "release:7", "plan", NOW, NOW + DAY, QADIR, {"release": 7, "version": "1.3.0"})
    return replace(first, **more)  # type: ignore[arg-type]


def looked(*found: Reminder, at: datetime = NOW, people: tuple[Colleague, ...] = (), **more: object) -> Looked:
    roster = Roster({x.id: x for x in people}, ZONE)
    every = [*found, *_handed(found, roster)]
    return Looked(at, policy(), every, roster, **{"began": NOW - 9 * DAY, **more})  # type: ignore[arg-type]


def told(x: Looked) -> dict[str, list[str]]:
    return {person: [r.code for r in found] for person, found in x.ripe().items()}


def test_it_waits_for_working_hours_unless_the_table_says_otherwise():
    night = datetime(2026, 12, 16, 4, tzinfo=UTC)
    assert told(looked(one())) == {QADIR: ["items"]}
    assert told(looked(one(until=NOW + 2 * DAY), at=night)) == {}
    assert told(looked(one("release_day", until=NOW + 2 * DAY), at=night)) == {QADIR: ["release_day"]}
    away = Colleague(QADIR, away=(Away(NOW - DAY, NOW + DAY),))
    assert told(looked(one(), people=(away,))) == {}, "it is over before there is anybody to tell"


def test_what_is_put_off_comes_again_then_and_only_then():
    for until, at, found in ((NOW + DAY / 2, NOW, {}), (NOW + 2 * MINUTE, NOW + 2 * MINUTE, {QADIR: ["items"]})):
        row = Colleague(QADIR, snoozed=(Snooze(one().token, until),))
        said = frozenset({("items", f"release:7:{QADIR}", "plan")})
        x = looked(one(), at=at, people=(row,), done=said)
        assert told(x) == found and not list(x.pointless())
    again = frozenset({("items", f"release:7:{QADIR}", f"plan~{(NOW + 2 * MINUTE).isoformat()}")})
    assert told(looked(one(), at=NOW + 2 * MINUTE, people=(row,), done=again)) == {}


def test_what_is_handed_on_is_asked_of_the_other_with_the_name_of_who_did():
    row = Colleague(QADIR, passed=(Passed(one().token, (PRIYA,)),))
    x = looked(one(), people=(row,))
    assert told(x) == {PRIYA: ["items"]}
    (given,) = x.ripe()[PRIYA]
    assert given.about["from"] == QADIR and given.answer == one().answer, "what ends the one ends the other"
    on = Colleague(PRIYA, passed=(Passed(given.token, (THEO,)),))
    assert told(looked(one(), people=(row, on))) == {THEO: ["items"]}
    assert told(looked(one(), people=(Colleague(QADIR, passed=(Passed(one().token),)),))) == {}, "others have it anyway"


def test_settings_turn_off_what_is_nobodys_to_decide():
    row = Colleague(QADIR, mutes=("live_duties", "release_day"))
    assert told(looked(one("live_day"), one("release_day"), one("approval"), people=(row,))) == {QADIR: ["approval"]}


def test_what_becomes_due_within_ten_minutes_is_one_message_and_nobody_gets_two():
    soon, later = one(due=NOW + 9 * MINUTE, occurrence="soon"), one(due=NOW + 11 * MINUTE, occurrence="later")
    assert told(looked(one(), soon, later)) == {QADIR: ["items", "items"]}
    assert told(looked(soon, later)) == {}, "nothing is told early by itself"
    busy = {QADIR: NOW - 4 * MINUTE}
    assert told(looked(one(), told=busy)) == {}
    assert told(looked(one(until=NOW + 5 * MINUTE), told=busy)) == {QADIR: ["items"]}, "then it would be too late"
    assert [at for at, _, _ in looked(one(), told=busy).hours()] == [NOW + 6 * MINUTE]


def test_hours_of_work_count_in_the_persons_own_days():
    asked = one("approval", due=NOW - DAY + 5 * timedelta(hours=1), worked=timedelta(hours=4), to=MIRA)
    assert told(looked(asked)) == {}, "two hours of Monday and one of Tuesday"
    assert told(looked(asked, at=NOW + timedelta(hours=1))) == {MIRA: ["approval"]}


def test_an_answer_ends_it_for_one_or_for_all():
    draft, read = one("knowledge"), one("briefing")
    all_, each = ("answered:knowledge", "release:7", "plan"), ("answered:briefing", f"release:7:{QADIR}", "plan")
    assert told(looked(draft, read, done=frozenset({all_, each}))) == {}
    other = ("answered:briefing", f"release:7:{THEO}", "plan")
    assert told(looked(read, done=frozenset({other}))) == {QADIR: ["briefing"]}


def test_what_nobody_said_in_time_is_pointless_once():
    over = one(until=NOW - MINUTE)
    assert list(looked(over).pointless()) == [(QADIR, over)] and told(looked(over)) == {}
    key = f"release:7:{QADIR}"
    for done in (("items", key, "plan"), ("dropped:items", key, "plan")):
        assert not list(looked(over, done=frozenset({done})).pointless()), "it was said, or noted"
    assert not list(looked(over, began=NOW).pointless()), "it was over before there was a bot"
    assert not list(looked(one(until=NOW - 15 * DAY), began=NOW - 60 * DAY).pointless())


def test_the_lead_owes_the_retrospective_whatever_its_item_is_called():
    def owes(name: str, rule: str, state: str) -> bool:
        return bool(_beside({"signoffs": [{"name": name, "rule": rule, "state": state}]})["retro_open"])

    assert owes("retro", "", "open") and owes("post.lookback", "retrospective", "open")
    assert not owes("post.lookback", "retrospective", "met") and not owes("post.bugs", "", "open")
