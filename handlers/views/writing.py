"""Words, dates, people and foreign text, written the same way everywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.slack_ids import is_person
from handlers.views.marks import MEANING

Facts = Mapping[str, Any]  # of one release, as they are stored
Data = Mapping[str, Any]  # what one moment tells beside them

SHORT = 80  # foreign text on cards; whole in the thread
_TOKEN = re.compile(r"<(?:@([UW][A-Z0-9]+)|[^<>|]*(?:\|([^<>]*))?)>")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
_EMOJI = re.compile(r":(?=[a-zA-Z0-9_+'-]+:)")
_EDGE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])")
_OUR_MARKS = re.compile("|".join(re.escape(m.rstrip("\ufe0f")) + "\ufe0f?" for m in MEANING))  # nobody fakes a mark
_LOOK_ALIKE = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_ZONES = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Los_Angeles": "Pacific",
    "Etc/UTC": "UTC",
    "UTC": "UTC",
    "Etc/GMT+5": "EST",
}


def esc(text: object) -> str:
    """Slack's three characters, escaped; for our own words around foreign ones use `said`."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word, with … where something is missing."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip(" ,.;:-") + "…"


def plain(text: object, limit: int = SHORT) -> str:
    """Foreign text for a place without markup: one line, no control characters, none of our marks, cut at a word."""
    given = str(text)
    kept = (
        given
        if given.isprintable()
        else "".join(  # most texts are; looking at each sign costs
            " " if c in "\r\n\t\v\f\u2028\u2029" else c
            for c in given
            if c in "\r\n\t\v\f\u2028\u2029" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn")
        )
    )
    return cut(" ".join(_OUR_MARKS.sub("", kept).split()), limit)


def said(text: object, limit: int = SHORT) -> str:
    """Foreign text inside markup: it cannot be bold, a link, a mention or an emoji of its own."""
    return _said(str(text), limit)


@lru_cache(maxsize=4096)  # the same words stand on each card that somebody asks for
def _said(text: str, limit: int) -> str:
    kept = plain(text, limit).translate(_LOOK_ALIKE)
    return esc(_EMOJI.sub(":\u2060", _EDGE_UNDERSCORE.sub("ˍ", kept)))


def with_code(text: object, limit: int = SHORT) -> str:
    """Foreign text inside markup, where what stands between backticks stays code."""
    parts = plain(text, limit).split("`")
    if len(parts) % 2 == 0:
        return said(text, limit)
    shown = [f"`{p}`" if n % 2 and p else p for n, p in enumerate(said(p, limit) for p in parts)]
    return "".join(_spaced(p, s) for p, s in zip(parts, shown, strict=True))


def _spaced(raw: str, made: str) -> str:
    """The blanks at the ends, which `said` takes off."""
    return f"{' ' * (raw[:1] == ' ')}{made}{' ' * (len(raw) > 1 and raw[-1:] == ' ')}"


def harmless(text: str) -> str:
    """A plain sentence as Slack's `text`, where markup is read: nothing in it mentions, links or becomes a picture."""
    return _EMOJI.sub(":\u2060", _AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;"))


def quoted(text: object, limit: int = SHORT) -> str:
    """Foreign text between quotation marks, inside markup."""
    return f"“{said(text, limit)}”"


def spoken(markup: str, facts: Facts) -> str:
    """Our markup as a plain sentence, for fallbacks: names for mentions, the policy's zone for dates, no signs."""
    text = _TOKEN.sub(lambda m: name(facts, m[1]) if m[1] else m[2] or "", markup)
    text = text.replace("*", "").replace("`", "").replace("\u2060", "")
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(code, sign)
    return " ".join(text.split())


# --- people ---------------------------------------------------------------------------------------------------------


def name(facts: Facts, person: str) -> str:
    """The display name, for plain text."""
    return plain(facts.get("names", {}).get(person) or person, 40) if person else "somebody"


def mention(facts: Facts, person: str) -> str:
    """A mention when it is a Slack id, else the escaped name."""
    return f"<@{person}>" if is_person(person or "") else said(name(facts, person), 40)


def who(facts: Facts, person: str) -> str:
    """The display name inside markup; Slack names those whom the policy does not."""
    known = facts.get("names", {}).get(person)
    return said(name(facts, person), 40) if known or not person else mention(facts, person)


def role_title(facts: Facts, role: str) -> str:
    return str(facts.get("roles", {}).get(role) or role.replace("_", " "))


def holders(facts: Facts, who_can: Iterable[str]) -> list[str]:
    """People out of ids and `role:<name>` marks, each once, in order."""
    found: list[str] = []
    for one in who_can:
        named = facts.get("members", {}).get(one[5:], ()) if one.startswith("role:") else (one,)
        found += [p for p in named if p and p not in found]
    return found


def roles_in(facts: Facts, who_can: Iterable[str]) -> list[str]:
    """The titles of the roles among `who` marks."""
    return [role_title(facts, w[5:]) for w in who_can if w.startswith("role:")]


# --- lists and numbers ----------------------------------------------------------------------------------------------


def listed(parts: Sequence[str], last: str = "and", most: int = 0) -> str:
    """`a, b and c`; with `most`, the rest as a count."""
    shown = list(parts)
    if most and len(shown) > most:
        shown = [*shown[:most], f"{len(parts) - most} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 pull request`, `14 pull requests`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def lasted(seconds: float) -> str:
    """`40 s`, `4 min 10 s`, `3 h 5 min`, `2 days`."""
    left = max(0, int(seconds))
    if left < 60:
        return f"{left} s"
    if left < 3600:
        return f"{left // 60} min" + (f" {left % 60} s" if left % 60 and left < 600 else "")
    if left < 86400:
        return f"{left // 3600} h" + (f" {left % 3600 // 60} min" if left % 3600 // 60 else "")
    return counted(left // 86400, "day")


def short_sha(sha: str) -> str:
    return esc(sha[:7])


# --- dates ----------------------------------------------------------------------------------------------------------


def instant(text: object) -> datetime | None:
    """The instant of an ISO text; None when it is missing or no instant."""
    if isinstance(text, datetime):
        return text
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def zone_name(zone: str) -> str:
    """`Eastern`, `Berlin time`."""
    return _ZONES.get(zone) or f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def local(facts: Facts, when: datetime) -> datetime:
    return when.astimezone(ZoneInfo(str(facts.get("zone") or "UTC")))


def in_words(facts: Facts, iso: object, *, weekday: bool = True) -> str:
    """The policy's zone with its name, for headers, buttons, menus and dialogs: `Wed 16 Dec 2026, 10:00 Eastern`."""
    when = instant(iso)
    if when is None:
        return "a date that is not set"
    return _in_words(when, str(facts.get("zone") or "UTC"), weekday)


@lru_cache(maxsize=1024)
def _in_words(when: datetime, zone: str, weekday: bool) -> str:
    here = when.astimezone(ZoneInfo(zone))
    day = f"{here:%a} " if weekday else ""
    return f"{day}{here.day} {here:%b %Y}, {here:%H:%M} {zone_name(zone)}"


def day_in_words(facts: Facts, iso: object) -> str:
    """`16 December`, for plain text where the year is clear."""
    when = instant(iso)
    return f"{local(facts, when).day} {local(facts, when):%B}" if when else "a date that is not set"


def date_token(facts: Facts, iso: object, form: str = "{date_short_pretty} at {time}") -> str:
    """A date in each reader's own zone, with the policy's zone as the fallback."""
    when = instant(iso)
    if when is None:
        return "a date that is not set"
    return f"<!date^{int(when.timestamp())}^{form}|{in_words(facts, when, weekday=False)}>"


def long_token(facts: Facts, iso: object) -> str:
    return date_token(facts, iso, "{date_long_pretty} at {time}")


def day_token(facts: Facts, iso: object) -> str:
    return date_token(facts, iso, "{date_short_pretty}")


def between(start: object, end: object) -> timedelta | None:
    first, last = instant(start), instant(end)
    return last - first if first and last else None
