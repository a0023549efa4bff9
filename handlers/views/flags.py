"""All feature flags by kind, those past their life first, and one flag with everything that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.domain.flags.lifetime import Life
from core.domain.flags.model import ENVIRONMENTS, KINDS
from core.domain.flags.waiting import Rollout, told_of
from core.usecases.flag_board import Board, Row
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import flag_asked
from handlers.views import flag_words as w
from handlers.views.flag_words import whom
from handlers.views.marks import DONE, LOOK, NOT_YET, RUNNING, WAITS
from handlers.views.writing import Facts, counted, date_token, said, spoken, who

WITH_BUTTONS = 10  # flags that have a block of their own; the others are lines
WAITING = 3  # proposals and reviews that are shown with their buttons
WHY = {
    "releases": "{over} more than planned",
    "settled": "everybody has had it for long",
    "unused": "no app asks for it any more",
    "decided": "its code is to be removed",
    "concluded": "its result is known",
}


def flags(found: Board, ground: Facts, person: str = "") -> Message:
    """What waits, then what is past its life, then all by kind; those that production has on for somebody first."""
    if not found.rows:
        line = "There are no feature flags yet. A new one is off everywhere, so everybody may make one."
        return b.message(
            "There are no feature flags yet.",
            b.section(line),
            b.actions(b.button("New flag…", "flag_new", primary=True), b.button("All words", "help"), block_id="do"),
        )
    live = [row for row in found.rows if not row.setting().off]
    old = sorted((r for r in found.rows if r.life.why), key=lambda r: (-r.life.over, r.flag.name))
    rest = sorted((r for r in found.rows if not r.life.why), key=lambda r: (r.setting().off, r.flag.name))
    room = WITH_BUTTONS - min(len(old), WITH_BUTTONS // 2)
    one = said((rest or old)[0].flag.name)
    return b.message(
        f"{counted(len(found.rows), 'feature flag')}, {len(live)} of them on for somebody in production.",
        b.header("Feature flags"),
        *_waits(found, ground, person),
        *_old(old, ground),
        *(block for kind in KINDS for block in _kind(kind, rest, ground, room)),
        b.context(f"`/release flag {one}` shows one, `/release flag {one} 25%` or `off` changes it"),
        b.actions(
            b.button("New flag…", "flag_new"), b.button("Environments", "environments"), b.button("All words", "help"),
            block_id="do",
        ),
    )  # fmt: skip


def _waits(found: Board, ground: Facts, person: str) -> list[Block]:
    """What waits for a second person or for a look, with buttons for those who did not do it themselves."""
    blocks: list[Block] = []
    for one in found.proposals[:WAITING]:
        told = told_of(one)
        line = f"{WAITS} {who(ground, one.by)} wants to {w.wanted_of(told)}.{w.by_name(told)}"
        blocks.append(b.section(line))
        if person != one.by and person in one.people:
            blocks.append(b.actions(*flag_asked.answer_buttons(told)))
    for seen in found.reviews[:WAITING]:
        line = f"{WAITS} What {who(ground, seen.by)} did to `{said(seen.name)}` in production waits for a look."
        mine = person in (seen.by, seen.second)
        blocks.append(b.section(line, accessory=None if mine else flag_asked.review_button(seen.id, seen.name)))
    return blocks


def _old(rows: Sequence[Row], ground: Facts) -> list[Block | None]:
    """Those past their life, with why."""
    if not rows:
        return []
    shown = rows[: WITH_BUTTONS // 2]
    more = len(rows) - len(shown)
    return [
        *(b.section(f"{LOOK} {_line(r, ground)}", accessory=w.end_button(r.flag.name)) for r in shown),
        b.context(f"and {more:,} more past their life") if more else None,
    ]


def _kind(kind: str, rows: Sequence[Row], ground: Facts, room: int) -> list[Block]:
    """A part of the flags of one kind with a button each, the others as a count."""
    those = [r for r in rows if r.flag.kind == kind]
    if not those:
        return []
    share = max(1, room * len(those) // max(1, len(rows)))
    shown = those[: min(share, room)]
    blocks = [b.section(f"*{kind.capitalize()}*\n{_line(shown[0], ground)}", kind, w.change_button(shown[0].flag.name))]
    blocks += [b.section(_line(r, ground), accessory=w.change_button(r.flag.name)) for r in shown[1:]]
    names = ", ".join(f"`{said(r.flag.name, 40)}`" for r in those[len(shown) : len(shown) + 10])
    left = len(those) - len(shown)
    if left:
        blocks.append(b.context(f"{names} and {left - 10:,} more" if left > 10 else names))
    return blocks


def _line(row: Row, ground: Facts) -> str:
    """`new_search` · release, 1 of 2 releases · production 10 %, staging on · Dana · why."""
    flag, production = row.flag, row.setting()
    on = [e for e in reversed(ENVIRONMENTS) if not row.setting(e).off]
    mark = NOT_YET if not on else DONE if production.on else RUNNING
    places = ", ".join(f"{e} {whom(row.setting(e))}" for e in on) or "off everywhere"
    parts = [f"{mark} `{said(flag.name)}`", life_in_words(row.life), places, w.owner_of(ground, flag.owner)]
    parts += [rollout_in_words(row.rollout, ground)] if row.rollout else []
    parts += [said(flag.description, 100)] if flag.description else []
    return " · ".join(p for p in parts if p)


def life_in_words(life: Life) -> str:
    """`release, 1 of 2 releases`, and why it is past its life."""
    flag = life.flag
    told = f"{flag.kind}, {life.lived} of {counted(life.allowed, 'release')}" if life.allowed else flag.kind
    why = [WHY[code].format(over=counted(life.over, "release")) for code in life.why]
    return f"{told}: {', '.join(why)}" if why else told


def rollout_in_words(one: Rollout, ground: Facts) -> str:
    """The next step of a roll-out that goes on."""
    following = one.next
    return f"{following.share} % {date_token(ground, following.at.isoformat())}" if following else ""


def last_use(life: Life) -> str:
    """When SDKs asked for it last."""
    if not life.used.apps:
        return "no app of the product reports what it asks for"
    return f"last used on {life.used.last.isoformat()}" if life.used.last else "never asked for"


def one(
    found: Board, name: str, ground: Facts, person: str = "", places: tuple[str, Sequence[Any]] = ("", ())
) -> Message:
    """Everything about one flag, with what can be done; `found` is of it alone, `places` are the version whose code was
    read and the lines."""
    row = found.named[name]
    flag, production = row.flag, row.setting()
    where = "\n".join(f"{e}: {whom(row.setting(e))}" for e in reversed(ENVIRONMENTS))
    line = life_in_words(row.life).capitalize()
    facts = [
        ("Whom it is on for", where),
        ("Owner", w.owner_of(ground, flag.owner)),
        ("Asked for", last_use(row.life) + (f", {row.life.used.times:,} times" if row.life.used.times else "")),
        ("Came with", f"v{said(flag.since)}" if flag.since else "no release yet"),
    ]
    if row.rollout and row.rollout.next:
        facts.append(("Next step", rollout_in_words(row.rollout, ground)))
    if flag.result:
        facts.append(("Result", said(flag.result, 300)))
    return b.message(
        f"The flag {flag.name} is {whom(production)} in production ({spoken(life_in_words(row.life), ground)}).",
        b.header(flag.name),
        b.section(f"{line}\n{said(flag.description, 400)}" if flag.description else line),
        b.fields(facts, "facts"),
        *_waits(found, ground, person),
        places_block(*places),
        b.actions(
            w.change_button(flag.name),
            w.stop_button(flag.name) if row.rollout else None,
            w.off_button(flag.name) if not production.off else None,
            w.end_button(flag.name) if flag.kind != "ops" else None,
            b.button("All flags", "flags"),
            block_id="do",
        ),
    )


def places_block(version: str, places: Sequence[Any]) -> Block | None:
    """Where the code asks for it, file and line."""
    if not places:
        return None
    lines = [f"`{said(place, 150)}`" for place in places]
    head = f"*{counted(len(places), 'place')} in the code*" + (f" of v{said(version)}" if version else "")
    return b.section(f"{head}\n{b.lines(lines, 1_200)}", "places")
