"""Feature flags from Slack: seen by all, made by all, changed by two, stopped and switched off by one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from core.domain.flags.lifetime import Life
from core.domain.flags.model import Constraint, Dependency, Flag, Setting, Variant
from core.usecases import look
from core.usecases.flag_board import Board, Row, board
from handlers.request import Form
from handlers.views import flag_words
from handlers.views.direct import render as direct
from handlers.views.flag_words import whom
from handlers.views.flags import flags
from handlers.views.home import home as home_of
from handlers.views.thread import render as thread
from tests.core.usecases.posted import posted
from tests.handlers.desk import Desk, labels, words
from tests.handlers.layout import check_message

AT = datetime(2026, 12, 1, tzinfo=UTC)
HOSTILE = "*<!channel> `x` _y_ " * 20
DANA, THEO, OLU, SANA = "U0DANA", "U0THEO", "U0OLU", "U0SANA"
WHY = "the first people shall see it"


async def made(desk: Desk, name: str = "new_search", **more: Any) -> None:
    form = (await desk.types(DANA, f"flag new {name}")).form
    assert form is not None
    told = await desk.sends(DANA, form, **{"about": "Finds more", **more})
    assert told.form and "off" in words(told.form), told


async def of(desk: Desk, name: str = "new_search") -> Setting:
    return (await board(desk.ctx)).named[name].setting()


async def test_a_flag_is_made_seen_and_rolled_out_by_two_people(desk: Desk) -> None:
    assert "There are no feature flags yet" in words((await desk.types(DANA, "flags")).private)
    await made(desk)
    for name, fault in (("new_search", "is a flag new_search already"), ("a b", "without spaces")):
        form = (await desk.types(DANA, "flag new")).form
        assert form and fault in str((await desk.sends(DANA, form, name=name)).errors)
    seen = (await desk.types(SANA, "flags")).private
    line = "⚪ `new_search` · release, 0 of 2 releases · off everywhere · <@U0DANA> · Finds more"
    assert seen and line in words(seen)
    form = (await desk.clicks(DANA, seen, "Change…")).form
    assert form and "Needs a second person: Priya, Theo or Olu. Off does not wait." in words(form)
    assert "no whole number" in str((await desk.sends(DANA, form, to="share", share="2.5", reason=WHY)).errors)
    assert "choose whom" in str((await desk.sends(DANA, form, reason=WHY)).errors).lower()
    told = await desk.sends(DANA, form, to="steps", steps="10, 25 → 100", reason=WHY)
    assert told.form and "roll `new_search` out in production: 10 → 25 → 100 %, 24 hours" in words(told.form)
    (_, data), *_ = await posted(desk.ctx, "flag_asked")
    asked = direct(THEO, "flag_asked", data)
    check_message(asked)
    assert "Dana wants to roll `new_search` out in production" in words(asked)
    assert "can agree to a change of a flag" in words((await desk.clicks(SANA, asked, "Agree")).private)
    assert (await of(desk)).off
    home = str(await look.home(desk.ctx, THEO))
    assert "'kind': 'proposal'" in home and "'kind': 'proposal'" not in str(await look.home(desk.ctx, DANA))
    assert "Look and decide" in labels(home_of(await look.home(desk.ctx, THEO), THEO, desk.clock.now()))
    one = (await desk.types(THEO, "flag new_search")).private
    assert one and {"Agree", "Refuse…"} <= set(labels(one.blocks)) and "shop/search.py:12" in words(one)
    agreed = await desk.clicks(THEO, asked, "Agree")
    assert "You agreed with Dana" in words(agreed.private) and (await of(desk)).percentage == 10
    assert "Theo had agreed already" in words((await desk.clicks(OLU, asked, "Agree")).private)
    shown = (await desk.types(DANA, "flag new_search")).private
    assert shown and {"Change…", "Stop it here", "Off at once…"} <= set(labels(shown.blocks))
    assert "stays at 10 %" in words((await desk.clicks(DANA, shown, "Stop it here")).private)


async def test_words_alone_are_enough(desk: Desk) -> None:
    await made(desk)
    asked = (await desk.types(DANA, f"flag new_search 25% in production {WHY}")).private
    assert "I asked <@U0PRIYA>, <@U0THEO> or <@U0OLU> to agree: raise `new_search` in production" in words(asked)
    assert isinstance((await desk.types(DANA, "flag new_search 25%")).form, Form), "production says why"
    steps = (await desk.types(DANA, f"flag new_search 10 25% 100 in staging {WHY}")).form
    assert isinstance(steps, Form) and "10 25 100" in str(steps) and WHY in str(steps), "a roll-out is looked at first"
    staging = await desk.types(DANA, "flag new_search on in staging")
    assert "You switched `new_search` in staging on for everybody" in words(staging.private)
    (_, data), *_ = await posted(desk.ctx, "flag_asked")
    form = (await desk.clicks(OLU, direct(OLU, "flag_asked", data), "Refuse…")).form
    assert form and "You refused" in words((await desk.sends(OLU, form, reason="too early")).form)
    (_, told), *_ = await posted(desk.ctx, "flag_answered")
    assert "Olu refused your change of `new_search`: “too early”" in words(direct(DANA, "flag_answered", told))
    assert "There is no flag “ghost”" in words((await desk.types(DANA, "flag ghost 25%")).private)
    for typed, fault in (
        ("250%", "between 0 and 100, not 250"), ("2.5%", "whole percents"), ("-5%", "whole percents"),
        ("25% in moon", "no environment moon"), ("off staging", "“in staging” when you mean it"),
    ):  # fmt: skip
        told = words((await desk.types(DANA, f"flag new_search {typed} {'' if 'moon' in typed else WHY}")).private)
        assert "Nothing was changed" in told and fault in told
    assert "in staging" in words((await desk.types(DANA, "flag new_search 25 % in staging")).private)
    nobody = (await desk.types(SANA, "flag new_search 25% in staging")).private
    assert "Sana" in words(nobody) or "can change a flag" in words(nobody)


async def test_off_is_at_once_and_somebody_else_looks_at_it(desk: Desk) -> None:
    await made(desk)
    await desk.types(DANA, f"flag new_search 25% {WHY}")
    (_, data), *_ = await posted(desk.ctx, "flag_asked")
    await desk.clicks(THEO, direct(THEO, "flag_asked", data), "Agree")
    form = (await desk.types(DANA, "flag new_search off")).form
    assert form and "switched `new_search` in production off" in words(
        (await desk.sends(DANA, form, reason="payments answer 500")).form
    )
    assert (await of(desk)).off
    (_, asked), *_ = await posted(desk.ctx, "flag_review_asked")
    message = direct(THEO, "flag_review_asked", asked)
    check_message(message)
    seen = (await desk.types(OLU, "flags")).private
    assert seen and "What Dana did to `new_search` in production waits for a look" in words(seen)
    review = (await desk.clicks(THEO, message, "Review…")).form
    assert review and "kept" in words((await desk.sends(THEO, review, right="yes", reason="a test follows")).form)
    assert "looked at it already" in words((await desk.sends(OLU, review, right="no", reason="never mind")).form)


async def test_two_people_in_one_form_both_get_an_answer(desk: Desk) -> None:
    await made(desk)
    seen = (await desk.types(DANA, "flags")).private
    assert seen
    forms = [(await desk.clicks(who, seen, "Change…")).form for who in (DANA, OLU)]
    assert forms[0] and forms[1]
    await desk.sends(DANA, forms[0], to="share", share="25", reason=WHY)
    (_, data), *_ = await posted(desk.ctx, "flag_asked")
    await desk.clicks(THEO, direct(THEO, "flag_asked", data), "Agree")
    late = (await desk.sends(OLU, forms[1], to="share", share="50", reason="more people")).form
    assert late and "somebody else changed it" in words(late) and "25 %" in words(late)


async def test_who_agrees_reads_each_name_that_comes_or_goes(desk: Desk) -> None:
    await made(desk)
    for to, people, told in (
        ("steps", "ana, <!channel>", "In by name: ana, &lt;!channel&gt;"),
        ("people", "ben, <!channel>", "In by name: ben\nNo more by name: ana"),
    ):
        form = (await desk.clicks(DANA, (await desk.types(DANA, "flag new_search")).private, "Change…")).form
        assert form
        await desk.sends(DANA, form, to=to, steps="10 25", pause="24", people=people, reason=WHY)
        message = direct(THEO, "flag_asked", (await posted(desk.ctx, "flag_asked"))[-1][1])
        check_message(message)
        assert told in words(message) and told in words((await desk.types(THEO, "flag new_search")).private)
        await desk.clicks(THEO, message, "Agree")
        assert (await of(desk)).user_ids == tuple(people.split(", "))


def row(number: int, **setting: Any) -> Row:
    flag = Flag(f"f{number}", f"f{number}_" + "x" * 90, "release", HOSTILE, HOSTILE, AT)
    return Row(flag, {"production": Setting(**setting)}, {}, Life(flag, 3, 2, ("releases",) if number % 3 == 0 else ()))


def test_10_000_hostile_flags_fit_into_a_message() -> None:
    message = flags(Board(tuple(row(n, on=n > 9_997) for n in range(10_000))), {"names": {}})
    check_message(message)
    assert re.search(r"and \d,\d\d\d more", words(message)) and "1 release more than planned" in words(message)
    assert "f9998" in words(message), "what production has on comes first"


def test_whom_it_is_on_for_in_words() -> None:
    full = Setting(
        False, ("a", "b"), 5, (Constraint("plan", "IN", ("pro",)),), (), (Variant("a", 1), Variant("b", 1)),
        (Dependency("nav"),),
    )  # fmt: skip
    assert whom(full) == "5 % and 2 people, narrowed, 2 variants, with nav"
    assert (whom(Setting()), whom(Setting(on=True))) == ("off", "on for everybody")


def test_every_line_of_the_thread_is_a_sentence() -> None:
    off, ten = (flag_words.facts_of(s) for s in (Setting(), Setting(percentage=10)))
    base = {
        "flag": HOSTILE, "environment": "production", "was": off, "becomes": ten, "actor": DANA, "second": THEO,
        "reason": HOSTILE[:100], "names": {DANA: "Dana", THEO: "Theo"}, "share": 10, "left": [25, 100], "to": "find",
        "why": "failed 1.3.0", "end": "on", "winner": "blue", "result": HOSTILE[:90], "owner": "operator:olu",
        "kind": "release",
        "next": {"share": 25, "at": AT.isoformat(), "id": "rollout-production-1"},
    }  # fmt: skip
    for moment in flag_words.LINES:
        check_message(thread(moment, base))
    assert "Dana raised" in words(thread("flag_changed", base)) and "with Theo" in words(thread("flag_changed", base))
    assert {"Stop it here", "Off at once…"} == set(labels(thread("flag_changed", base).blocks))
    gone = thread("flag_changed", {**base, "becomes": off, "was": ten, "next": None})
    assert labels(gone.blocks) == [] and "switched" in words(gone)
    for moment, more in (("flag_stays", {}), ("flag_reviewed", {"by": THEO, "right": False, "follows": HOSTILE[:100]})):
        check_message(direct(DANA, moment, {**base, **more}))
