"""Gates about dates: departures, freezes, windows, notice, and who must have been told by then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.domain.freezes import frozen_at
from core.domain.gates.people import iso
from core.domain.release import Phase, ReleaseType
from core.domain.situation import Act, Situation
from core.errors import Blocker


def when_of(act: Act, name: str = "to") -> datetime | None:
    """An instant of the input, in this century; ISO-8601 with an offset, as the handlers write it."""
    value = act.input.get(name)
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and value else None
    except ValueError:
        return None
    return found if found and found.tzinfo and found.year // 100 == 20 else None


def by_train(s: Situation, act: Act) -> Iterator[Blocker]:
    """Only minor and major wait for trains."""
    if not s.release.type.by_train:
        yield Blocker("by_train", {"type": s.release.type})


def freeze_date(s: Situation, act: Act) -> Iterator[Blocker]:
    """The freeze has its date."""
    if s.release.type.by_train and s.release.freeze_at is None:
        yield Blocker("freeze_date", {}, ("role:release_manager",))


def freeze_day(s: Situation, act: Act) -> Iterator[Blocker]:
    """The freeze's hour has come."""
    if s.release.freeze_at is None or s.now < s.release.freeze_at:
        yield Blocker("freeze_day", {"at": iso(s.release.freeze_at)}, later=True)


def early_reason(s: Situation, act: Act) -> Iterator[Blocker]:
    """Before its day a freeze needs a reason."""
    if s.release.freeze_at and s.now < s.release.freeze_at and len(act.reason) < 3:
        yield Blocker("early_reason", {"at": iso(s.release.freeze_at)}, (act.actor,))


def departure_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """The departure lies ahead and nobody else has it (a release that is moved names it as `to`)."""
    if not s.release.type.by_train:
        return
    yield from _departure(s, when_of(act) if act.event == "move" else s.release.departs_at, s.release.type)


def _departure(s: Situation, when: datetime | None, kind: ReleaseType) -> Iterator[Blocker]:
    if when is None or when <= s.now:
        yield Blocker("departure_past", {"at": iso(when)}, ("role:release_manager",))
        return
    for other in s.others:
        if other.id != s.release.id and other.train == s.release.train and other.departs_at == when:
            yield Blocker(
                "departure_free", {"at": iso(when), "version": other.version, "release": other.id}, (other.lead,)
            )
    yield from _own_window(s, when, kind)


def _own_window(s: Situation, when: datetime | None, kind: ReleaseType) -> Iterator[Blocker]:
    """A major has its window for itself: nothing else that waits for a train leaves in it, from whichever train."""
    if when is None:
        return
    ends = when + s.policy.window(kind)
    for other in s.others:
        opens, closes = other.departs_at, other.window_ends_at
        if other.id == s.release.id or opens is None or closes is None:
            continue
        if opens == when and other.train == s.release.train:  # that is said already
            continue
        if ReleaseType.MAJOR in (kind, other.type) and when < closes and opens < ends:
            facts = {"at": iso(when), "version": other.version, "opens": iso(opens), "closes": iso(closes)}
            yield Blocker("own_window", facts, (other.lead,))


def place_again(s: Situation, act: Act) -> Iterator[Blocker]:
    """A release that gave up its place on the train goes on with a new departure that is free."""
    if not s.release.has_no_place:
        return
    when = when_of(act)
    if when is None:
        yield Blocker("departure_needed", {}, s.holders(*s.policy.permissions["hold"]))
        return
    yield from _departure(s, when, s.release.type)
    yield from _notice(s, s.release.type, when)


def notice(s: Situation, act: Act) -> Iterator[Blocker]:
    """A type with a notice (major: 4 weeks) leaves that many days after it was announced."""
    when = when_of(act) if act.event == "move" else s.release.departs_at
    yield from _notice(s, s.release.type, when)


def _notice(s: Situation, kind: ReleaseType, when: datetime | None) -> Iterator[Blocker]:
    days = s.policy.rules(kind).notice_days
    if days and when is not None and when < s.now + timedelta(days=days):
        yield Blocker("notice", {"days": days, "at": iso(when), "earliest": iso(s.now + timedelta(days=days))})


def kind_of(own: ReleaseType, act: Act) -> ReleaseType | None:
    """The type that a correction names, its own when it names none, None when there is no such type."""
    wanted = act.text("type")
    return next((k for k in ReleaseType if k.value == wanted), None) if wanted else own


def edit_dates(s: Situation, act: Act) -> Iterator[Blocker]:
    """A corrected date or type obeys what a start does: departure ahead and free, notice kept."""
    kind = kind_of(s.release.type, act)
    moved = bool(act.input.get("to"))
    if kind is None or not kind.by_train:
        if moved and kind is not None:
            yield Blocker("by_train", {"type": kind})
        return
    when = when_of(act) if moved else s.release.departs_at
    if moved:
        yield from _departure(s, when, kind)
    elif kind is not s.release.type:
        yield from _own_window(s, when, kind)
    if moved or kind is not s.release.type:
        yield from _notice(s, kind, when)


def departure_missed(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires once when the window is over and the release did not leave."""
    end = s.release.window_ends_at
    if s.release.missed_departure or end is None or s.now <= end or s.release.go is not None:
        yield Blocker("nothing_new", {}, later=True)


def merge_target(s: Situation, act: Act) -> Iterator[Blocker]:
    """The release that shall take over is open, waits for a later train and has no candidate yet."""
    into = next((o for o in s.others if o.version == act.text("into")), None)
    if into is None or into.id == s.release.id or not into.type.by_train:
        yield Blocker("merge_target", {"into": act.text("into"), "why": "unknown"}, (act.actor,))
    elif into.candidate is not None or into.phase not in (Phase.PLANNING, Phase.DEVELOPMENT):
        yield Blocker("merge_target", {"into": into.version, "why": "frozen"}, (into.lead,))


def told(s: Situation, act: Act) -> Iterator[Blocker]:
    """Stakeholders heard of the date (releases by train) and support of the coming update."""
    needed = ["coming:support"]
    if s.release.type.by_train:
        needed.insert(0, "planned:stakeholders")
    for key in needed:
        if key not in s.release.announced:
            moment, _, audience = key.partition(":")
            yield Blocker(
                f"told.{audience}",
                {"moment": moment, "at": iso(s.release.coming_at)},
                ("role:product_manager",),
                later=key not in s.release.wanted,
            )


def window(s: Situation, act: Act) -> Iterator[Blocker]:
    """A train's release goes in its window."""
    r = s.release
    if r.type.by_train and (
        r.departs_at is None or r.window_ends_at is None or not r.departs_at <= s.now <= r.window_ends_at
    ):
        over = r.window_ends_at is not None and s.now > r.window_ends_at
        yield Blocker(
            "window",
            {"opens": iso(r.departs_at), "closes": iso(r.window_ends_at), "over": over},
            ("role:release_manager",) if over else (),
            later=not over,
        )


def no_freeze(s: Situation, act: Act) -> Iterator[Blocker]:
    """No freeze of the policy holds now; a hotfix may pass."""
    if s.release.type is ReleaseType.HOTFIX:
        return
    for freeze in frozen_at(s.policy.freezes, s.policy.zone, s.now):
        yield Blocker("freeze", {"name": freeze.name, "until": freeze.until}, later=True)
