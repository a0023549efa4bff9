"""When the trains leave, and who fills which role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.domain.freezes import Span, spans_of
from core.domain.lifecycle import TRAIN_WORDS
from core.domain.policy import ROLE_NAMES
from handlers import ids
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.lanes import dated, legend, picture
from handlers.views.marks import BLOCKED, DONE
from handlers.views.pressing import press
from handlers.views.reminder_words import close_to
from handlers.views.writing import (
    Facts,
    date_token,
    day_token,
    in_words,
    instant,
    listed,
    long_token,
    mention,
    name,
    plain,
    quoted,
    said,
)

AHEAD = timedelta(days=100)  # of the freezes that are listed
FREEZES = 900  # letters for them
DAY = timedelta(days=1)
AT = "{date_short_pretty} at {time}"


def calendar(trains: Sequence[Mapping[str, Any]], ground: Facts, may_change: bool, now: datetime) -> Message:
    """The next trains, one line each, the freezes of the policy, and how the releases on the trains overlap."""
    several = len({t.get("train") for t in trains}) > 1
    rows = [train_line(t, ground, now) + _beside(t, several) for t in trains]
    free = next((t for t in trains if _can_take(t, now)), None)
    nxt = next((t for t in trains if not t.get("skipped")), None)
    text = f"The next train leaves {in_words(ground, nxt['at'])}" if nxt else "No train is planned"
    text += (
        f" with v{plain(nxt['version'])}."
        if nxt and nxt.get("version")
        else " and is free."
        if nxt and _can_take(nxt, now)
        else "."
    )
    spans = [f for f in spans_of(ground.get("freezes") or (), now, now + AHEAD) if f.ends > now]
    run = [t for t in trains if t.get("version") or _can_take(t, now)]
    drawn = picture(run, spans, ground, now)
    start = b.button("Start on the free one…", "start", ids.value(None, "", str(free["at"]))) if free else None
    return b.message(
        text,
        b.header("The next trains"),
        b.section("\n".join(rows) or "No train is planned.", "trains"),
        b.section(b.lines([_freeze_line(f, ground) for f in spans], FREEZES), "freezes") if spans else None,
        b.section(f"```{drawn}```", "lanes") if drawn else None,
        b.context(legend(drawn)) if drawn else None,
        b.section("\n".join(("*The dates of each*", *dated(run, ground))), "dates") if run else None,
        b.actions(
            *([start, *(b.button(label, verb) for verb, label in TRAIN_WORDS.items())] if may_change else []),
            b.button("Subscribe", "subscribe", about="Send me the address of this calendar"),
            block_id="do",
        ),
    )


def _beside(train: Mapping[str, Any], several: bool) -> str:
    """Which train it is, where there are several, and the public holiday that is close to it."""
    near = train.get("near") or {}
    return (f" · {said(train['train'], 20)}" if several else "") + (f" · {close_to(near)}" if near else "")


def _freeze_line(freeze: Span, ground: Facts) -> str:
    """`Freeze “Year's end”: 20 Dec until 2 Jan`; hours are said where they matter."""
    if freeze.days:
        first, last = (f"{day.day} {day:%b %Y}" for day in freeze.days)
        return f"{BLOCKED} Freeze {quoted(freeze.name)}: {first}{f' until {last}' if last != first else ''}"
    until = date_token(ground, freeze.ends, "{time}" if freeze.ends - freeze.begins < DAY else AT)
    return f"{BLOCKED} Freeze {quoted(freeze.name)}: {date_token(ground, freeze.begins)} until {until}"


def _can_take(train: Mapping[str, Any], now: datetime) -> bool:
    """Whether a release can still be started on it."""
    freeze = instant(train.get("freeze_at"))
    return not train.get("version") and not train.get("skipped") and (freeze is None or freeze > now)


def train_line(train: Mapping[str, Any], ground: Facts, now: datetime) -> str:
    """One departure: who is on it, or that it is free."""
    at = long_token(ground, train["at"])
    if train.get("skipped"):
        to = f"leaves {long_token(ground, train['moved'])}" if train.get("moved") else "does not run"
        return f"• ~{at}~ {to}: {quoted(train['skipped'])}"
    extra = " (extra)" if train.get("extra") else ""
    if not train.get("version"):
        if not _can_take(train, now):
            return f"• {at}{extra}: free, its freeze has passed"
        return f"• {at}{extra}: free, freeze {day_token(ground, train.get('freeze_at'))}"
    frozen = train.get("phase") not in ("planning", "development")
    state = f"{DONE} frozen" if frozen else f"freeze {day_token(ground, train.get('freeze_at'))}"
    return f"• {at}{extra}: *v{said(train['version'])}* is on it, {state}"


def _place(role: str) -> int:
    return ROLE_NAMES.index(role) if role in ROLE_NAMES else len(ROLE_NAMES)


def roles(facts: Facts, version: str = "") -> Message:
    """Who fills which role on a release, who holds it, who stands in, and what each has to do."""
    titles = {r: facts["roles"][r] for r in sorted(facts.get("roles") or {}, key=_place)}
    head = f"Roles of {plain(version)}" if version else "Roles"
    lead = f"{mention(facts, facts['lead'])} leads it." if facts.get("lead") else ""
    spoken = "; ".join(
        f"{title}: {listed([name(facts, p) for p in _filling(facts, role)]) or 'nobody'}"
        for role, title in titles.items()
    )
    change = press(facts, "cast") if "cast" in (facts.get("allowed") or ()) else None
    return b.message(
        f"{head}: {spoken}.",
        b.header(head),
        b.context(lead),
        b.section("\n".join(_role_line(facts, role, title) for role, title in titles.items()), "roles"),
        b.context(
            "Roles are held by the people or Slack groups of the policy; a change there counts at once. Who fills a "
            "role on a release is asked and reminded; every holder may sign."
        ),
        b.actions(change, block_id="do"),
    )


def _filling(facts: Facts, role: str) -> list[str]:
    """Who fills a role on this release: the one who is named, else all its holders."""
    named = (facts.get("cast") or {}).get(role)
    held = [str(p) for p in (facts.get("members") or {}).get(role, ())]
    return [named] if named in held else held


def _role_line(facts: Facts, role: str, title: str) -> str:
    people, held = _filling(facts, role), (facts.get("members") or {}).get(role, ())
    seats = [a for a in facts.get("approvals") or () if a["role"] == role]
    seat: Mapping[str, Any] = seats[0] if seats else {}
    extra = " · approves" if seat else ""
    extra += " · says go" if role in (facts.get("go_roles") or ()) else ""
    others = [mention(facts, p) for p in held if p not in people]
    extra += f" · also {listed(others, 'and', 3)}" if others else ""
    extra += "".join(
        f" · {mention(facts, p)} stands in for {mention(facts, str(x['holder']))}"
        for p, x in (seat.get("stand_ins") or {}).items()
    )
    shown = listed([mention(facts, p) for p in people], "and", 6)
    return f"*{said(title)}*  {shown or BLOCKED + ' nobody'}{extra}"
