"""`/release flags`: every flag with whom it is on for, within what a message holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from core.domain.flags.model import Constraint, Dependency, Flag, Setting, Variant
from core.usecases.flags import Change, Wanted, change, create
from handlers.views.flags import flags, whom
from tests.handlers.desk import Desk, words
from tests.handlers.layout import check_message

AT = datetime(2026, 12, 1, tzinfo=UTC)
HOSTILE = "*<!channel> `x` _y_ " * 20


async def test_flags_are_shown_to_everybody(desk: Desk) -> None:
    assert "There are no feature flags yet" in words((await desk.types("U0DANA", "flags")).private)
    await create(desk.ctx, Wanted("new_search", "release", "U0DANA", "Finds more", "U0PRIYA"))
    await create(desk.ctx, Wanted("maintenance_mode", "ops", "operator:olu", "", "operator:olu"))
    ten = Change("new_search", "production", lambda _: Setting(percentage=10, user_ids=("a",)), "U0PRIYA", "U0OLU")
    await change(desk.ctx, ten)
    said = words((await desk.types("U0DANA", "flags")).private)
    assert "2 feature flags, 1 of them on for somebody in production" in said
    assert "🔵 `new_search` · production 10 % and 1 person · <@U0DANA> · Finds more" in said
    assert "⚪ `maintenance_mode` · off everywhere · olu" in said


def test_10_000_hostile_flags_fit_into_a_message() -> None:
    many = [
        (Flag(f"f{n}", f"f{n}_" + "x" * 90, "release", HOSTILE, HOSTILE, AT), {"production": Setting(on=n > 9_997)})
        for n in range(10_000)
    ]
    message = flags(many, {"names": {}})
    check_message(message)
    assert re.search(r"and 9,9\d\d more", words(message))
    assert "f9999" in words(message), "what production has on comes first"


def test_whom_it_is_on_for_in_words() -> None:
    full = Setting(
        False, ("a", "b"), 5, (Constraint("plan", "IN", ("pro",)),), (), (Variant("a", 1), Variant("b", 1)),
        (Dependency("nav"),),
    )  # fmt: skip
    assert whom(full) == "5 % and 2 people, narrowed, 2 variants, with nav"
    assert (whom(Setting()), whom(Setting(on=True))) == ("off", "on for everybody")
