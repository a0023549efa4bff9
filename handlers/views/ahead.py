"""Where to subscribe to the calendar; what people are reminded of is in `reminders`."""

from __future__ import annotations

from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.reminders import asked
from handlers.views.writing import Data, Facts, said


def address(data: Data, facts: Facts, person: str) -> Message:
    """The address of the calendar; who has it reads the calendar, so it is sent to one person only."""
    where = str(data.get("address") or "")
    if not where:
        text = "The calendar has no address yet: whoever runs me has to set `PUBLIC_URL`."
        return b.message(text.replace("`", ""), b.section(text))
    return b.message(
        "This is the address of the release calendar. Whoever has it can read it.",
        b.section(f"*The release calendar*, to subscribe to in any calendar program:\n`{said(where, 300)}`"),
        b.context(
            "Whoever has this address can read the calendar: trains and freezes, and the dates and titles of releases. "
            "Google looks for news only every few hours."
        ),
        b.actions(b.button("Make a new address", "calendar_renew", confirm=_SURE), block_id="do"),
    )


_SURE = b.confirm(
    "Make a new address?",
    "The present one ends at once, for everybody who has subscribed with it.",
    "Make a new one",
    "Leave it",
)
MOMENTS = {"ahead": asked, "calendar_address": address}
