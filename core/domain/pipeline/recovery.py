"""The ways on from a failed run, each with what speaks for and against it; the words are the views'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Literal

WayName = Literal["rollback", "flag_off", "fix_forward", "retry"]
Says = Literal["for", "against", "unknown"]
# How the version before gets on with the database as it is now: nothing was changed in it, it runs on it, it does not.
Schema = Literal["none", "same", "runs", "breaks", "unknown"]
LOOKS = frozenset({"checks", "live", "verify", "smoke", "watch"})  # a step that changes nothing by looking again
FRESH = timedelta(hours=1)  # so little has happened on it since, that the time speaks for going back
MOST_FLAGS = 2  # of which each is a way of its own


@dataclass(frozen=True, slots=True)
class Backup:
    """A restore point; `verified` when it was restored once into a scratch database and was equal there."""

    taken_at: datetime
    verified: bool


@dataclass(frozen=True, slots=True)
class FlagSeen:
    """A flag of the release. `on` and `share` (percent) as production has it; `guards` are the failed checks that it
    isolates. None: nobody has said."""

    name: str
    on: bool | None = None
    share: int | None = None
    guards: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when somebody has to decide. None, "" or "unknown": it is not known, and that is said.

    `usual` are the seconds that each way took in the past, `written` counts rows since the backup, `tried` the
    attempts at the step, `now` and the instants are release time, UTC.
    """

    now: datetime
    outcome: Literal["failed", "unknown"] = "failed"
    previous: str = ""
    changed: bool = True  # whether anything in the environment may have changed
    uses: str = ""
    repeatable: bool = False
    tried: int = 1
    failing: tuple[str, ...] = ()
    passed_before: bool | None = None  # what fails now passed with the version before
    live_at: datetime | None = None  # since when people may have met the new version
    unserved: bool = False  # none of its services was begun yet, so nobody has met it
    schema: Schema = "unknown"
    down: bool | None = None  # each migration of the run has a way down
    backup: Backup | None = None
    written: int | None = None
    flags: tuple[FlagSeen, ...] = ()
    changes: int = 0
    fix: str = ""  # the number that a hotfix would have
    usual: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that speaks for a way, against it, or that nobody knows; `data` are plain values for its words."""

    code: str
    says: Says
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Way:
    """`seconds` are the shortest, median and longest time that it took; None: it was never seen. `useless` is the
    code of the reason why it cannot help now, `suggested` that of why it is the one to take; "" for neither."""

    name: WayName
    item: str = ""
    points: tuple[Point, ...] = ()
    seconds: tuple[int, int, int] | None = None
    useless: str = ""
    suggested: str = ""


def ways(known: Known) -> tuple[Way, ...]:
    """All ways in their order; what cannot help stays, with the reason. At most one is suggested, none in doubt."""
    found = [_rollback(known), *_flags(known), _fix_forward(known), _retry(known)]
    timed = [replace(w, seconds=_usual(known, w.name)) for w in found]
    best, why = _suggestion(known, timed)
    return tuple(replace(w, suggested=why) if n == best else w for n, w in enumerate(timed))


def _usual(known: Known, name: str) -> tuple[int, int, int] | None:
    took = known.usual.get(name) or ()
    return (min(took), round(median(took)), max(took)) if took else None


# --- the ways ---------------------------------------------------------------------------------------------------------


def _rollback(k: Known) -> Way:
    useless = ""
    if not k.previous:
        useless = "no_version_before"
    elif not k.changed:
        useless = "nothing_changed"
    elif k.schema == "breaks" and not k.down and k.backup is None:
        useless = "no_way_for_data" if k.down is False else ""
    points = (*_checked(k), *_schema(k), *_since(k), Point("changes_leave", "against", {"count": k.changes}))
    return Way("rollback", k.previous, points, useless=useless)


def _checked(k: Known) -> Iterator[Point]:
    """Whether what fails now passed with the version before."""
    if not k.failing:
        return
    count = {"count": len(k.failing), "version": k.previous}
    if k.passed_before is None:
        yield Point("passed_before_unknown", "unknown", count)
    else:
        yield Point("passed_before", "for", count) if k.passed_before else Point("failed_before", "against", count)


def _schema(k: Known) -> Iterator[Point]:
    """What becomes of the database, and of what was written since the backup."""
    if k.schema in ("none", "same", "runs"):
        yield Point(f"schema_{k.schema}", "for", {"version": k.previous})
    elif k.schema == "unknown":
        yield Point("schema_unknown", "unknown", {"version": k.previous})
        yield from _restore(k, only=False)
    elif k.down:
        yield Point("down_keeps", "for", {"version": k.previous})
    else:
        yield Point("schema_breaks", "against", {"version": k.previous})
        yield Point("no_way_down", "against") if k.down is False else Point("down_unknown", "unknown")
        yield from _restore(k, only=True)


def _restore(k: Known, *, only: bool) -> Iterator[Point]:
    """The backup: whether it is there, proven and how old; `only`: it would have to be put back."""
    if k.backup is None:
        yield Point("backup_missing", "against")
        return
    age = int((k.now - k.backup.taken_at).total_seconds())
    data = {"seconds": age, "at": k.backup.taken_at.isoformat()}
    yield Point("backup_verified", "for", data) if k.backup.verified else Point("backup_unproven", "against", data)
    if only and k.written is None:
        yield Point("written_unknown", "unknown", data)
    elif only and k.written:
        yield Point("written_lost", "against", {"count": k.written, **data})
    elif only:
        yield Point("nothing_written", "for", data)


def _since(k: Known) -> Iterator[Point]:
    if k.live_at is None:
        yield Point("serves_nobody", "for") if k.unserved else Point("live_unknown", "unknown")
        return
    ago = k.now - k.live_at
    yield Point("live_short" if ago <= FRESH else "live_long", "for" if ago <= FRESH else "against",
                {"seconds": int(ago.total_seconds())})  # fmt: skip


def _flags(k: Known) -> list[Way]:
    if not k.flags:
        return [Way("flag_off", useless="no_flag")]
    ordered = sorted(k.flags, key=lambda f: (-len(f.guards or ()), f.on is False, f.name))
    return [_flag(k, one) for one in ordered[:MOST_FLAGS]]


def _flag(k: Known, one: FlagSeen) -> Way:
    useless = "flag_is_off" if one.on is False else ""
    points: list[Point] = []
    left = [c for c in k.failing if c not in (one.guards or ())]
    if one.guards is None or not k.failing:
        points.append(Point("guards_unknown", "unknown", {"flag": one.name}))
    elif not left:
        points.append(Point("guards_all", "for", {"count": len(k.failing)}))
    elif len(left) < len(k.failing):
        points.append(Point("guards_part", "against", {"left": left, "guards": list(one.guards)}))
    else:
        useless = useless or "guards_nothing"
    if one.on is None:
        points.append(Point("flag_state_unknown", "unknown", {"flag": one.name}))
    elif one.on:
        points.append(Point("share_loses", "against", {"share": one.share}))
    points.append(Point("keeps_release", "for"))
    return Way("flag_off", one.name, tuple(points), useless=useless)


def _fix_forward(k: Known) -> Way:
    points = (Point("keeps_release", "for"), Point("fails_meanwhile", "against"), Point("needs_approval", "against"))
    return Way("fix_forward", k.fix, points, useless="" if k.changed else "nothing_changed")


def _retry(k: Known) -> Way:
    points = []
    if k.uses in LOOKS:
        points.append(Point("only_looks", "for"))
    elif k.repeatable:
        points.append(Point("may_repeat", "for"))
    else:
        points.append(Point("done_twice" if k.outcome == "unknown" else "not_repeatable", "against"))
    if k.tried > 1:
        points.append(Point("tried", "against", {"count": k.tried}))
    return Way("retry", points=tuple(points))


# --- which one --------------------------------------------------------------------------------------------------------


def _suggestion(k: Known, found: Sequence[Way]) -> tuple[int, str]:
    """The place of the way to take and why; (-1, "") where a person has to look first."""
    nobody = -1, ""
    if k.outcome == "unknown" or not k.changed:
        return nobody
    for n, way in enumerate(found):
        if way.name == "flag_off" and not way.useless and _all_known(way) and _has(way, "guards_all"):
            return n, "isolates"
    back = found[0]
    if not back.useless:
        keeps = _has(back, "schema_none", "schema_same", "schema_runs", "down_keeps")
        return (0, "nothing_lost") if keeps and _all_known(back) and not _has(back, "failed_before") else nobody
    if all(w.useless for w in found if w.name == "flag_off"):
        return next((n, "only_way") for n, w in enumerate(found) if w.name == "fix_forward")
    return nobody


def _has(way: Way, *codes: str) -> bool:
    return any(p.code in codes for p in way.points)


def _all_known(way: Way) -> bool:
    return all(p.says != "unknown" for p in way.points)
