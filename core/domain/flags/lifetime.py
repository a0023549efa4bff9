"""Which flags are past their life, and why: counted in releases, by their setting, and by who still asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from core.domain.flags.model import Flag, Setting
from core.domain.policy_flags import FlagRules
from core.domain.versions import Version

Why = Literal["releases", "settled", "unused", "decided", "concluded"]


@dataclass(frozen=True, slots=True)
class Used:
    """What SDKs told about one flag. `last` is the newest day on which an app asked for it, `apps` whether any app of
    the product reports at all: a flag that nobody asks for and a product that never reports are different facts."""

    last: date | None = None
    times: int = 0
    apps: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A flag as it is now. `since` is when production got its present setting."""

    flag: Flag
    production: Setting = field(default_factory=Setting)
    since: datetime | None = None
    used: Used = field(default_factory=Used)


@dataclass(frozen=True, slots=True)
class Life:
    """How old a flag is. `lived` counts its releases, `allowed` those that it may live (0: no limit); `why` is empty
    while it is not past its life."""

    flag: Flag
    lived: int
    allowed: int
    why: tuple[Why, ...] = ()
    used: Used = field(default_factory=Used)

    @property
    def over(self) -> int:
        return max(0, self.lived - self.allowed) if self.allowed else 0


def life_of(seen: Seen, shipped: Collection[str], rules: FlagRules, now: datetime) -> Life:
    """`shipped` are the versions that are out and were not taken back. Ops flags never are past their life, and an
    experiment only when it has its result, however old it is."""
    flag = seen.flag
    if flag.kind == "ops":
        return Life(flag, lived(flag, shipped), 0, (), seen.used)
    allowed = rules.lifetime if flag.kind == "release" else 0
    told = lived(flag, shipped)
    why: list[Why] = []
    if flag.ends:
        why.append("decided")
    if flag.kind == "experiment":
        why += ["concluded"] if flag.result and not flag.ends else []
        return Life(flag, told, 0, tuple(why), seen.used)
    if told > allowed + flag.kept:
        why.append("releases")
    if _settled(seen, rules, now):
        why.append("settled")
    if _unused(seen, rules, now):
        why.append("unused")
    return Life(flag, told, allowed + flag.kept, tuple(why), seen.used)


def stale(found: Iterable[Seen], shipped: Collection[str], rules: FlagRules, now: datetime) -> tuple[Life, ...]:
    """Those past their life, the oldest first."""
    lives = (life_of(one, shipped, rules, now) for one in found if one.flag.archived_at is None)
    return tuple(sorted((one for one in lives if one.why), key=lambda one: (-one.over, -one.lived, one.flag.name)))


def lived(flag: Flag, shipped: Collection[str]) -> int:
    """In how many releases it has been: those with features (minor and major) from the one that brought it on."""
    start = Version.maybe(flag.since or flag.born)
    found = {(v.major, v.minor) for text in shipped if (v := Version.maybe(text)) is not None}
    if start is None:
        return len(found) if not flag.born else 0
    mine = (start.major, start.minor)
    return sum(one >= mine if flag.since else one > mine for one in found)


def _settled(seen: Seen, rules: FlagRules, now: datetime) -> bool:
    """Everybody has had it for long, so the code of the other way is dead."""
    setting, since = seen.production, seen.since
    whole = (setting.on or setting.percentage == 100) and not (setting.constraints or setting.segments)
    return whole and since is not None and now - since >= timedelta(days=rules.settled_days)


def _unused(seen: Seen, rules: FlagRules, now: datetime) -> bool:
    """Apps report, and none has asked for it for long."""
    if not seen.used.apps:
        return False
    before = (now - timedelta(days=rules.quiet_days)).date()
    return (seen.used.last or seen.flag.created_at.date()) < before
