"""What people read of a rehearsal: every header and every notification says first that it is one."""

from __future__ import annotations

from core.domain.due import Due
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import DONE, RUNNING, WAITS
from handlers.views.writing import Facts, cut, date_token

HEAD = "Rehearsal"
FOR = {"stakeholders": "the stakeholders' channel", "support": "the support channel"}
WHAT = (
    "A rehearsal is a whole release in this channel, with the real rules and people. It happens on a copy of the "
    "repository and a simulated host; results that machines would report pass by themselves."
)


def rehearsed(message: Message, audience: str = "") -> Message:
    """The message as one of a rehearsal; `audience` are those who would read it if it were none."""
    if message.text.startswith(HEAD):
        return message
    also = f", for {FOR.get(audience, 'another channel')}" if audience else ""
    blocks = list(message.blocks)
    headed = bool(blocks) and blocks[0].get("type") == "header"
    if headed:
        title = f"{HEAD}: {blocks[0]['text']['text']}"
        blocks[0] = b.header(title, str(blocks[0].get("block_id") or ""))
    if not headed or also:
        blocks.insert(int(headed), b.context(f"*{HEAD}*{also}: nothing real is touched."))
    return Message(cut(f"{HEAD}{also}: {message.text}", b.FALLBACK), blocks if message.blocks else [])


def _buttons() -> Block:
    return b.actions(
        b.button("Go to the next hour", "rehearse", ids.value(None, "next"), primary=True),
        b.button("End the rehearsal", "rehearse", ids.value(None, "end")),
        block_id="do",
    )


def explained(goes_on: bool) -> Message:
    """What it is, and how to begin, go on and end."""
    how = (
        "`/release rehearse next` goes to the next hour at which something happens, `/release rehearse end` ends it."
        if goes_on
        else "Type `/release rehearse minor` (or patch, major, hotfix with a reason) in a channel of its own."
    )
    text = f"{WHAT}\n{how}"
    return b.message(f"{HEAD}: {text}", b.header(HEAD), b.section(text), _buttons() if goes_on else None)


def copying() -> Message:
    """Until the copy is there."""
    line = "The repository is copied. I answer here as soon as the rehearsal has begun."
    return b.message(f"{HEAD}: {line}", b.header(HEAD), b.section(f"{RUNNING} {line}"))


def begun(started: Message) -> Message:
    """It goes on in this channel."""
    return rehearsed(Message(started.text, [*started.blocks, _buttons()]))


def jumped(due: Due | None, facts: Facts) -> Message:
    """Which hour it is now."""
    if due is None:
        line = f"{WAITS} Nothing happens by the hour: somebody has to act. The card says who."
    else:
        line = f"{DONE} In this rehearsal it is {date_token(facts, due.at.isoformat())} now."
    return b.message(f"{HEAD}: {line}", b.header(HEAD), b.section(line), _buttons())


def ended() -> Message:
    line = "The rehearsal has ended. What was said and decided stays in the record. Words here are real again."
    return b.message(f"{HEAD}: {line}", b.header(HEAD), b.section(f"{DONE} {line}"))


def over() -> Message:
    line = "This rehearsal has ended, so nothing more can be done with it."
    return b.message(f"{HEAD}: {line}", b.header(HEAD), b.section(line))
