"""`/release audit` in Slack: who did what, who may have the package, what is kept, and no odd word of anybody's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from core.domain.retention import Expiring, Month
from core.store.keeping import LegalHold
from core.usecases.retention import Held
from handlers.views import audit, inputs, keeping
from handlers.views.direct import render
from tests.handlers.desk import Desk, labels, words
from tests.handlers.layout import HOSTILE, check_form, check_message

PRIYA, ERIKA, DANA = "U0PRIYA", "U0ERIKA", "U0DANA"
FACTS: dict[str, Any] = {"names": {ERIKA: "Erika"}, "roles": {}, "zone": "America/New_York"}


def test_what_is_deleted_is_said_before_and_afterwards() -> None:
    things = [["1.1.0", "logs", "2026-12-16"], ["1.2.0", "logs", "2026-12-16"], ["0.9.1", "package", "2025-12-16"]]
    data = {**FACTS, "first": "2028-01-01", "expiring": things, "held": {"0.9.0": ERIKA}}
    told = render(PRIYA, "retention_coming", data)
    check_message(told)
    line = "On 1 January 2028 2 deployment logs and 1 package reach their age and are deleted."
    assert f"{line} Kept on hold: v0.9.0, by Erika." in words(told) and "Look at the list" in labels(told.blocks)
    after = render(PRIYA, "retention_done", data)
    check_message(after)
    assert "were deleted: v1.1.0, v1.2.0 and v0.9.1" in words(after)
    check_message(render(PRIYA, "retention_coming", {**data, "expiring": things[:1], "held": {HOSTILE[:20]: HOSTILE}}))


def test_every_message_holds_with_hostile_words() -> None:
    month = Month(date(2028, 1, 1), (Expiring(1, HOSTILE[:20], "logs", date(2026, 12, 16)),) * 90)
    gap = {"kind": HOSTILE[:30], "at": "2026-12-16T15:00:00.000000Z", "what": HOSTILE, "who": ERIKA}
    held = [Held(HOSTILE[:20], LegalHold(1, ERIKA, datetime(2027, 1, 1, tzinfo=UTC), HOSTILE))] * 40
    for message in (
        keeping.listing(month, held, FACTS, (24, 12)),
        keeping.listing(Month(date(2028, 1, 1)), [], FACTS, (24, 12)),
        keeping.held(HOSTILE[:40]),
        keeping.lifted(HOSTILE[:40]),
        keeping.which("hold"),
        keeping.no_period(HOSTILE),
        keeping.sent(HOSTILE[:60]),
        keeping.period("July 2026", "2026-07", {"changes": 6, "commits": 84}, [gap] * 12, FACTS, may=True),
        keeping.period(HOSTILE[:60], "2026-07", {"changes": 0, "commits": 0}, [], FACTS, may=False),
    ):
        check_message(message)
    row = {"seq": 7, "at": "2026-12-16T15:00:00+00:00", "actor": ERIKA, "verb": HOSTILE[:30], "roles": [HOSTILE],
           "why": HOSTILE, "to": "deployment", "expired": False}  # fmt: skip
    check_form(inputs.told("Record of v1.3.0", audit.entries(FACTS, [row] * 3000)))
    check_form(inputs.told("Record of v1.3.0", audit.entries(FACTS, [])))


async def test_words_about_the_record(desk: Desk) -> None:
    told = (await desk.types(PRIYA, "start minor")).private
    assert told is not None
    seen = (await desk.types(PRIYA, "audit 1.3.0")).private
    assert seen and {"Send me the package", "All entries"} <= set(labels(seen.blocks))
    form = (await desk.clicks(PRIYA, seen, "All entries")).form
    assert form and "Start a release" in words(form) and "as release manager" in words(form)
    assert "comes by direct message" in words((await desk.clicks(PRIYA, seen, "Send me the package")).private)
    theirs = (await desk.types(DANA, "audit 1.3.0")).private
    assert theirs and "Send me the package" not in labels(theirs.blocks)
    refused = (await desk.clicks(DANA, seen, "Send me the package")).private
    assert "Only" in words(refused) and "release manager" in words(refused)
    assert "Which release?" in words((await desk.types(ERIKA, "audit hold")).private)
    assert "there is no v9.9.9" in words((await desk.types(ERIKA, "audit hold 9.9.9 a court asks")).private).lower()
    assert "is kept until" in words((await desk.types(ERIKA, "audit hold 1.3.0 a court asks")).private)
    assert "keeps the evidence of v1.3.0 already" in words((await desk.types(ERIKA, "audit hold 1.3.0 again")).private)
    listed = (await desk.types(DANA, "audit retention")).private
    assert listed and "a court asks" in words(listed)
    assert "not on hold" in words((await desk.types(ERIKA, "audit lift 1.3.0 they are done")).private)
    assert "No legal hold" in words((await desk.types(ERIKA, "audit lift 1.3.0 they are done")).private)
    quarter = (await desk.types(PRIYA, "audit 2026-q4")).private
    assert quarter and "0 changes of production" in words(quarter)
    assert "comes by direct message" in words((await desk.clicks(PRIYA, quarter, "Send me the package")).private)
