"""The messages that bring a secret address: the calendar's, and that of the page for people without Slack."""

from __future__ import annotations

from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.writing import Data, Facts, said

_SURE = b.confirm(
    "Make a new address?",
    "The present one ends at once, for everybody who has it.",
    "Make a new one",
    "Leave it",
)


def _brought(data: Data, what: str, title: str, told: str, renew: str) -> Message:
    """Who has it reads what is there, so it is sent to one person only."""
    where = str(data.get("address") or "")
    if not where:
        text = f"{what[:1].upper()}{what[1:]} has no address yet: whoever runs me has to set `PUBLIC_URL`."
        return b.message(text.replace("`", ""), b.section(text))
    return b.message(
        f"This is the address of {what}. Whoever has it can read it.",
        b.section(f"*{title}:\n`{said(where, 300)}`"),
        b.context(told),
        b.actions(b.button("Make a new address", renew, confirm=_SURE), block_id="do"),
    )


def calendar(data: Data, facts: Facts, person: str) -> Message:
    told = "Whoever has this address can read the calendar: trains and freezes, and the dates and titles of releases. "
    told += "Google looks for news only every few hours."
    title = "The release calendar*, to subscribe to in any calendar program"
    return _brought(data, "the calendar", title, told, "calendar_renew")


def page(data: Data, facts: Facts, person: str) -> Message:
    told = "It says what is live, what is coming and when, and what does not work, in the words that stakeholders were "
    told += "told. Nothing internal stands there. With `.json` behind it machines read it."
    return _brought(data, "the status page", "The status page*, for people without Slack", told, "page_renew")


MOMENTS = {"calendar_address": calendar, "page_address": page}
