"""What the form of a change was answered with, as the wish that the use case reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from core.domain.environments import name_of
from core.domain.flags.guarding import GUARDED
from core.domain.flags.model import ENVIRONMENTS, Setting
from core.usecases.flag_agreeing import Wish
from core.usecases.flag_writing import FlagFaults
from handlers.ids import Target
from handlers.views.writing import said

Edit = Callable[[Setting], Setting]


def off(setting: Setting) -> Setting:
    return replace(setting, on=False, user_ids=(), percentage=0)


def on(setting: Setting) -> Setting:
    return replace(setting, on=True)


def share_of(share: int) -> Edit:
    """People who are named stay in."""
    return lambda setting: replace(setting, on=False, percentage=share)


def place_in(words: list[str]) -> tuple[str, list[str]]:
    """Where, and the words behind it: production where none is named. Raises FlagFaults for what is no environment, and
    for one without "in", which would else begin the reason of a change of production."""
    words = words[1:] if words[:1] == ["%"] else words
    first = words[0].casefold() if words else ""
    if first in ENVIRONMENTS and first != GUARDED:
        raise FlagFaults([f"write “in {first}” when you mean it, else begin the reason with another word"])
    if first != "in" or len(words) < 2:
        return GUARDED, words
    place = name_of(words[1])
    if place is None:
        raise FlagFaults([f"there is no environment {words[1][:40]}; there are {', '.join(ENVIRONMENTS)}"])
    return place, words[2:]


def wish_of(target: Target, actor: str, given: Mapping[str, str]) -> Wish:
    """The form's answers as one setting; what it does not show (conditions, variants) stays. Raises FlagFaults."""
    environment = given.get("environment") or GUARDED
    seen = int(target.subject) if target.subject.isdecimal() and environment == GUARDED else None
    steps: tuple[int, ...] = ()
    pause = 0
    to = given.get("to", "")
    if to == "steps":
        steps = tuple(_number(part) for part in re.split(r"[\s,→>%-]+", given.get("steps", "")) if part)
        pause = _number(given.get("pause") or "0")
    people = tuple(dict.fromkeys(p.strip() for p in given.get("people", "").replace("\n", ",").split(",") if p.strip()))
    share = _number(given.get("share", "").rstrip("% ")) if to == "share" else 0
    return Wish(
        target.item, environment, actor, _edit_of(to, share, people), given.get("reason", ""), seen, steps,
        pause, given.get("glass") == "yes",
    )  # fmt: skip


def _edit_of(to: str, share: int, people: tuple[str, ...]) -> Edit:
    if to == "off":
        return off
    if to not in ("on", "share", "people", "steps"):
        raise FlagFaults(["choose whom it is on for"])
    if to == "people" and not people:
        raise FlagFaults(["name at least one person, or switch it off"])
    return lambda setting: replace(setting, on=to == "on", percentage=share, user_ids=people)


def _number(text: str) -> int:
    """Raises FlagFaults for what is no whole number."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:
        raise FlagFaults([f"“{said(text, 20)}” is no whole number; SDKs know no finer step than one percent"])
    return int(text)
