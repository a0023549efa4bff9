"""The values that buttons and forms carry: which release, what of it, and the subject that must still be current."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

_SAFE = " ._-:/@…,"
_LONGEST_ITEM = 1500
_IN_A_MENU = 60  # with the verb, the number and the subject it fits the 150 characters of a menu option


@dataclass(frozen=True, slots=True)
class Target:
    """What a button is about. `subject` is checked by the use case and never trusted."""

    release: int | None = None
    item: str = ""
    subject: str = ""

    def value(self) -> str:
        return value(self.release, self.item, self.subject)


def value(release: int | None, item: str = "", subject: str = "") -> str:
    """The value of a button: `<release id>|<gate, event or item>|<subject>`."""
    return f"{'' if release is None else release}|{_quoted(item)}|{_quoted(subject)}"


def read(text: str) -> Target:
    """The target of a button's value; what is unreadable is left empty."""
    parts = [*text.split("|"), "", "", ""]
    release = int(parts[0]) if parts[0].isascii() and parts[0].isdecimal() and len(parts[0]) < 19 else None
    return Target(release, unquote(parts[1]), unquote(parts[2]))


def option(verb: str, release: int | None, item: str = "", subject: str = "") -> str:
    """The value of an option in a ⋮ menu, which carries its verb too (the menu's action id is `more`)."""
    return f"{verb}|{value(release, _cut(item, _IN_A_MENU), _cut(subject, 40))}"


def read_option(text: str) -> tuple[str, Target]:
    verb, _, rest = text.partition("|")
    return verb, read(rest)


def metadata(target: Target, channel: str = "", extra: str = "") -> str:
    """What a form remembers while it is open: the target, the channel it came from, and one word of its own."""
    return f"{target.value()}|{_quoted(channel)}|{_quoted(extra)}"


def read_metadata(text: str) -> tuple[Target, str, str]:
    parts = [*text.split("|"), "", "", "", "", ""]
    return read(text), unquote(parts[3]), unquote(parts[4])


def verb_of(action_id: str) -> str:
    """The verb of an action id; a number after a dot only keeps it unique in its block (`approve.2`)."""
    verb, dot, number = action_id.rpartition(".")
    return verb if dot and number.isdecimal() else action_id


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return quote(_cut(text, _LONGEST_ITEM), safe=_SAFE)


@lru_cache(maxsize=4096)
def _cut(text: str, longest: int) -> str:
    """As much of the text as fits quoted."""
    kept = text.encode("utf-8", "replace").decode()[:longest]
    while len(quote(kept, safe=_SAFE)) > longest:
        kept = kept[: -max(1, (len(quote(kept, safe=_SAFE)) - longest) // 9)]
    return kept
