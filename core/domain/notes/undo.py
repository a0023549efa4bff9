"""Reverts: both in the range cancel out, a revert of what shipped is kept, and a revert of a revert brings back."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.domain.notes import message
from core.domain.notes.units import Unit

_SUBJECT = re.compile(r"^(?:revert(?:s|ed)?|reapply)\b", re.IGNORECASE)
_QUOTED = re.compile(r'^(Revert|Reapply) "(.{1,300})"$')
_SAID = re.compile(r"^revert(?:ed|s)?(?:\([^()]{0,80}\))?!?(?::|\b)\s{0,3}", re.IGNORECASE)
_COMMITS = re.compile(r"\b[Tt]his (?:reverts|reapplies) (?:the )?(?:merge )?commits?[ \n]{1,3}([0-9a-f]{7,64})\b")
_PULLS = re.compile(
    r"\b(?:[Tt]his )?[Rr]everts (?:(?:PR|pull request|merge request) )?"
    r"(?:[\w.-]{1,60}/[\w.-]{1,100})?[#!]([1-9][0-9]{0,8})\b"
)


@dataclass(frozen=True, slots=True)
class Undo:
    """What a unit takes back: commits and pulls that it names, and the title that it quotes.

    `again`: it takes a revert back, so `title` comes again. `sure`: it has the form of a revert, and is not a sentence
    that begins with the word.
    """

    shas: tuple[str, ...]
    pulls: tuple[int, ...]
    title: str
    again: bool
    sure: bool

    @property
    def told(self) -> str:
        return f"Re-applied: {self.title}" if self.again else f"Reverted: {self.title}"


@dataclass(slots=True)
class Settled:
    """What is left of the units of a range.

    `kept` are units that count, newest first; `undone` pairs of what came and went with what took it back;
    `undos` says of a kept unit that it takes back, or brings again, something that is not in the range.
    """

    kept: list[Unit]
    undone: list[tuple[Unit, Unit]] = field(default_factory=list)
    undos: dict[str, Undo] = field(default_factory=dict)


def undo_of(unit: Unit) -> Undo | None:
    """What this unit takes back, None when it is an ordinary change."""
    title, own = unit.titles[0], unit.own
    low = f"{title} {own[0].subject[:100]}".lower()
    if "revert" not in low and "reapply" not in low:
        return None
    plain = _without_key(title)
    if not _SUBJECT.match(plain) and not (unit.title and all(_SUBJECT.match(c.subject) for c in own)):
        return None
    bodies = [message.trimmed(c.body) for c in own if "evert" in c.body or "eappl" in c.body]
    bodies += [unit.body] if unit.body else []
    shas = tuple(sha for body in bodies for sha in _COMMITS.findall(body))
    pulls = tuple(int(n) for body in bodies for n in _PULLS.findall(body))
    times, formal, inner = _inner(plain)
    return Undo(shas, pulls, inner, times > 0 and times % 2 == 0, formal or bool(shas or pulls))


def _without_key(title: str) -> str:
    keyed = title[:1] in "[(" or "-" in title[:12]
    return message.head(title, frozenset()).rest if keyed else message.numberless(title)


def _inner(title: str) -> tuple[int, bool, str]:
    """How often a title says that something is taken back (odd: it is; even: it comes again), whether in the form of
    git or of a prefix, and what it speaks of, without quotes and numbers."""
    times, formal, text = 0, False, message.numberless(title)
    for _ in range(20):
        if found := _QUOTED.match(text):
            times, formal, text = times + (1 if found[1] == "Revert" else 2), True, found[2]
        elif (said := _SAID.match(text)) and said.end() < len(text):
            times, formal, text = times + 1, formal or ":" in said[0], text[said.end() :]
        else:
            break
        text = message.numberless(text)
    return times, formal, text.strip("\"' ")


def settle(units: Sequence[Unit], shipped: Mapping[str, str]) -> Settled:
    """Work out reverts from the oldest unit to the newest. `shipped` are ids of units that a version has already."""
    undos = {u.id: undo for u in units if (undo := undo_of(u))}
    if not undos:
        return Settled(list(units))
    book = _Book(units, undos, shipped)
    for at, unit in enumerate(units):  # the newest first: it counts, unless something newer took it back
        if unit.id in undos and unit.id not in book.gone:
            book.revert(at, unit)
    kept = [u for u in units if u.id not in book.gone]
    pairs = [(u, book.gone[u.id]) for u in units if u.id in book.gone and book.gone[u.id] is not u]
    return Settled(kept, pairs, {u.id: undos[u.id] for u in kept if u.id in undos and undos[u.id].sure})


class _Book:
    """Which units are gone, and by whom; a revert that took everything back that it names is gone by itself."""

    def __init__(self, units: Sequence[Unit], undos: Mapping[str, Undo], shipped: Mapping[str, str]) -> None:
        self.units, self.undos, self.shipped = units, undos, shipped
        self.gone: dict[str, Unit] = {}
        self.of_pull = {u.pull: u for u in units if u.pull}
        self.of_sha = {c.sha: u for u in units for c in u.commits}
        self.shas: list[str] = []  # sorted, when a shortened name has to do
        self.titled: dict[tuple[bool, str], deque[int]] | None = None  # made when a title has to do

    def revert(self, at: int, unit: Unit) -> None:
        targets, whole = self._targets(self.undos[unit.id], at)
        hit = [t for t in targets if t is not unit and t.id not in self.shipped]
        for target in hit:
            self.gone.setdefault(target.id, unit)
        if hit and whole and len(hit) == len(targets):
            self.gone[unit.id] = unit

    def _targets(self, undo: Undo, at: int) -> tuple[list[Unit], bool]:
        """The units of the range that are taken back as a whole, and whether that is all that is taken back."""
        hit: dict[str, set[str]] = {}
        whole = True
        for prefix in undo.shas:
            sha = self._sha(prefix)
            whole = whole and sha is not None
            if sha is not None:
                hit.setdefault(self.of_sha[sha].id, set()).add(sha)
        targets: dict[str, Unit] = {}
        for ident, shas in hit.items():
            target = self.of_sha[next(iter(shas))]
            if self._covers(target, shas):
                targets[ident] = target
            else:
                whole = False
        if not hit and undo.pulls:
            named = [self.of_pull.get(number) for number in undo.pulls]
            whole = None not in named
            targets = {t.id: t for t in named if t}
        if not hit and not undo.shas and not undo.pulls:
            targets = self._by_title(undo, at)
        return list(targets.values()), whole

    def _sha(self, prefix: str) -> str | None:
        if prefix in self.of_sha:
            return prefix
        self.shas = self.shas or sorted(self.of_sha)
        at = bisect_left(self.shas, prefix)
        return self.shas[at] if at < len(self.shas) and self.shas[at].startswith(prefix) else None

    @staticmethod
    def _covers(unit: Unit, shas: set[str]) -> bool:
        merges = {c.sha for c in unit.commits if len(c.parents) > 1}
        return bool(merges & shas) or {c.sha for c in unit.own} <= shas

    def _by_title(self, undo: Undo, at: int) -> dict[str, Unit]:
        """The newest older unit with the quoted title: a revert of it when it is to come again."""
        if self.titled is None:
            self.titled = _titled(self.units, self.undos)
        places = self.titled.get((undo.again, undo.title.casefold()), deque())
        while places and places[0] <= at:  # reverts are looked at from the newest on, so these are never wanted again
            places.popleft()
        for place in places:
            unit = self.units[place]
            if unit.id not in self.gone:
                return {unit.id: unit}
        return {}


def _titled(units: Sequence[Unit], undos: Mapping[str, Undo]) -> dict[tuple[bool, str], deque[int]]:
    """Where units stand by their titles: ordinary ones under (False, title), reverts of a title under (True, title)."""
    found: dict[tuple[bool, str], deque[int]] = {}
    for place, unit in enumerate(units):
        undo = undos.get(unit.id)
        if undo is None:
            found.setdefault((False, message.numberless(unit.titles[0]).casefold()), deque()).append(place)
        elif undo.title and not undo.again:
            found.setdefault((True, undo.title.casefold()), deque()).append(place)
    return found
