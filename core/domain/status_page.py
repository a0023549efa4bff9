"""What people without Slack may know of a product: what is live, what comes and when, what does not work.

Only what stakeholders were told by a post stands here: no commit, no branch, no flag, no name, nobody's reason, and
nothing that is held back until its release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain.notes.audiences import scrubbed
from core.domain.secrets import redact

Facts = Mapping[str, Any]
LAST, COMING = 10, 6
REMEMBERED = timedelta(days=90)  # incidents that are solved
QUIET = "nobody notices"  # the degree of an incident that is none for customers
CANNOT = "customers cannot work"
NOW = {True: "Customers cannot work", False: "Something does not work as it should"}
THEN = {True: "Customers could not work", False: "Something did not work as it should"}
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Update:
    """A version. `at` is when it went live, or leaves; None: its day is not known. `taken_back`: it is live no more."""

    version: str
    at: datetime | None
    fix: bool = False
    gets: tuple[str, ...] = ()
    better: str = ""
    good_to_know: str = ""
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """An incident in our words, because the words of who reported it are for the team."""

    words: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The page. `updating` is the version that goes out right now, "" none."""

    product: str
    zone: str
    live: Update | None = None
    updating: str = ""
    coming: tuple[Update, ...] = ()
    problems: tuple[Problem, ...] = ()
    last: tuple[Update, ...] = ()

    @property
    def burning(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.until is None)


def status(product: str, zone: str, runs: str, known: Sequence[Facts], now: datetime) -> Status:
    """The page now: `runs` is the version of production, `known` the facts of open and ended releases."""
    shipped = sorted((f for f in known if f.get("live_at")), key=lambda f: str(f["live_at"]), reverse=True)
    live = next((_update(f) for f in shipped if f["version"] == runs), None)
    if live is None and runs:  # it was there before the bot was
        live = Update(runs, None)
    on_its_way = next((str(f["version"]) for f in known if f["phase"] == "deployment" and _announced(f)), "")
    coming = sorted((f for f in known if _comes(f)), key=lambda f: str(f["departs_at"] or "9"))
    return Status(
        product,
        zone,
        live,
        on_its_way,
        tuple(_update(f) for f in coming[:COMING]),
        tuple(_problems(known, now)),
        tuple(_update(f) for f in shipped[:LAST]),
    )


def _announced(f: Facts) -> bool:
    """Whether stakeholders have heard of it."""
    return any(key.endswith(":stakeholders") for key in f.get("announced") or ())


def _comes(f: Facts) -> bool:
    early = f["phase"] in ("planning", "development", "stabilization", "preparation")
    return early and f["type"] != "hotfix" and "planned:stakeholders" in (f.get("announced") or ())


def _update(f: Facts) -> Update:
    texts, told = f.get("texts") or {}, _announced(f)
    words = texts.get("stakeholders") or {} if told else {}
    fix = f["type"] == "hotfix"
    lines = (texts.get("support") or {}).get("solved") if fix and told else words.get("gets")
    at = f.get("live_at") or (None if f.get("hold") else f.get("departs_at"))
    return Update(
        str(f["version"]),
        datetime.fromisoformat(str(at)) if at else None,
        fix,
        tuple(line for one in lines or () if (line := _outside(one))),
        _outside(words.get("better") or ""),
        _outside(words.get("good_to_know") or ""),
        f.get("outcome") == "rolled back",
    )


def _outside(text: object) -> str:
    """A line of the notes as strangers may read it."""
    return redact(scrubbed(str(text)))[0][:LONGEST].strip()


def _problems(known: Sequence[Facts], now: datetime) -> list[Problem]:
    found = []
    for one in (i for f in known for i in f.get("incidents") or ()):
        until = datetime.fromisoformat(one["resolved_at"]) if one.get("resolved_at") else None
        if one.get("severity") != QUIET and (until is None or until > now - REMEMBERED):
            words = (THEN if until else NOW)[one.get("severity") == CANNOT]
            found.append(Problem(words, datetime.fromisoformat(one["detected_at"]), until))
    return sorted(found, key=lambda p: (p.until is not None, -p.since.timestamp()))
