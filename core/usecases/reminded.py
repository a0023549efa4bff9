"""Which reminders were sent in a time, and when what they asked for was done: read, because both are on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.reminders import BY_CODE
from core.store import audit, due
from core.store.engines import Conn

ANSWERED = "answered:"  # begins the claim of somebody's word


@dataclass(frozen=True, slots=True)
class Sent:
    """One reminder that reached a person. `release` is 0 where it is about none; `answered_at` is when the person did
    what it asks for, or said that it is done; None while they have not."""

    kind: str
    person: str
    release: int
    at: datetime
    answered_at: datetime | None = None


async def reminded(conn: Conn, first: datetime, last: datetime) -> list[Sent]:
    """The reminders of the table that were sent from `first` until `last` and that somebody can answer, in their order.

    What was put off and sent again counts as often. Only what the person did counts; nobody is credited with another.
    """
    rows = await due.since(conn, first)
    sent = [(kind, *_who(subject), at) for kind, subject, at in rows if kind in BY_CODE and at <= last]
    words = {(kind.removeprefix(ANSWERED), subject): at for kind, subject, at in rows if kind.startswith(ANSWERED)}
    chains = {f"release:{number}" for _, _, number, _ in sent if number}
    verbs = {verb for kind, *_ in sent for verb in BY_CODE[kind].answers}
    acts = await audit.acts_since(conn, chains, verbs, first) if chains and verbs else []
    found = []
    for kind, person, number, at in sorted(sent, key=lambda x: x[3]):
        known = BY_CODE[kind]
        if not number or not (known.answers or known.ends):
            continue
        about, theirs = f"release:{number}", f"release:{number}:{person}"
        mine = [(verb, when) for chain, actor, verb, when in acts if (chain, actor) == (about, person)]
        done = [when for verb, when in mine if verb in known.answers]
        said = [words[kind, subject] for subject in (about, theirs) if (kind, subject) in words]
        found.append(Sent(kind, person, number, at, min((x for x in (*done, *said) if x >= at), default=None)))
    return found


def _who(subject: str) -> tuple[str, int]:
    """`release:7:U0MIRA` is about release 7 and for Mira."""
    about, _, person = subject.rpartition(":")
    family, _, number = about.partition(":")
    return person, int(number) if family == "release" and number.isdigit() else 0
