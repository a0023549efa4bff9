"""Whom a flag is on for: features compiled to functions once, so that an answer is a look-up, a set and a hash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.domain.flags.constraints import Check, Context, Now, always, check_of, inside, is_timed, networks, never
from core.domain.flags.hashing import VARIANT_SEED, bucket
from core.domain.flags.model import USER, Feature, Segment, Strategy, Variant

Reason = Literal["STATIC", "TARGETING_MATCH", "SPLIT", "DEFAULT", "DISABLED"]  # the words of OpenFeature
Quick = Callable[[str | None], bool]
EVERYBODY = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer and why; `variant` is None when the flag is off or has none for this context."""

    enabled: bool
    reason: Reason
    variant: Variant | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """A compiled strategy."""

    holds: Check
    reason: Reason
    group: str
    stickiness: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    feature: Feature
    ways: tuple[_Way, ...]
    quick: Quick | None
    timed: bool


OFF = Decision(False, "DISABLED")
OUT = Decision(False, "DEFAULT")


class Flags:
    """All flags of one environment, ready to be asked. It never changes: `with_changes` makes the next one."""

    __slots__ = ("_compiled", "_now", "_quick", "_segments")

    def __init__(self, features: Iterable[Feature], segments: Iterable[Segment], now: Now) -> None:
        self._now, self._segments = now, {s.id: s for s in segments}
        self._compiled = {f.name: _compile(f, self._segments, now) for f in features}
        self._quick = {name: c.quick for name, c in self._compiled.items() if c.quick is not None}

    def with_changes(self, changed: Iterable[Feature], gone: Iterable[str] = ()) -> Flags:
        """The same with these features in place of those of their names, and without those that are gone."""
        new = Flags((), self._segments.values(), self._now)
        new._compiled, new._quick = dict(self._compiled), dict(self._quick)
        for name in gone:
            new._compiled.pop(name, None)
            new._quick.pop(name, None)
        for feature in changed:
            made = new._compiled[feature.name] = _compile(feature, self._segments, self._now)
            new._quick.pop(feature.name, None)
            if made.quick is not None:
                new._quick[feature.name] = made.quick
        return new

    def __contains__(self, name: object) -> bool:
        return name in self._compiled

    @property
    def names(self) -> Iterable[str]:
        return self._compiled.keys()

    @property
    def features(self) -> Iterable[Feature]:
        return (c.feature for c in self._compiled.values())

    @property
    def segments(self) -> Iterable[Segment]:
        return self._segments.values()

    @property
    def timed(self) -> bool:
        """Whether an answer may change with the hour alone."""
        return any(c.timed for c in self._compiled.values())

    def is_feature_enabled(self, feature_name: str, user: object = None) -> bool:
        """The strategy's question. `user` is an id, something with an `id`, or None.

        An unknown flag is off; then on for all, the people named, a stable share of all, in this order.
        """
        person = user if user is None or type(user) is str else person_of(user)
        quick = self._quick.get(feature_name)
        if quick is not None:
            return quick(person)
        return self.enabled(feature_name, {USER: str(person)} if person else {})

    def enabled(self, name: str, context: Context) -> bool:
        """Whether the flag is on for this context."""
        quick = self._quick.get(name)
        if quick is not None:
            return quick(context.get(USER))
        return self.decide(name, context).enabled

    def decide(self, name: str, context: Context) -> Decision:
        """The answer with its reason and variant; an unknown flag is off."""
        known = self._compiled.get(name)
        if known is None or not known.feature.enabled:
            return OFF
        if known.feature.dependencies and not self._depends(known.feature, context):
            return OUT
        return _decided(known, context)

    def _depends(self, feature: Feature, context: Context) -> bool:
        """As in Unleash a parent that depends on another flag satisfies nothing, so there are no circles."""
        for dependency in feature.dependencies:
            parent = self._compiled.get(dependency.feature)
            if parent is None or parent.feature.dependencies:
                return False
            found = _decided(parent, context) if parent.feature.enabled else OFF
            if found.enabled is not dependency.enabled:
                return False
            named = found.variant.name if found.variant else "disabled"
            if dependency.enabled and dependency.variants and named not in dependency.variants:
                return False
        return True


def person_of(user: object) -> str | None:
    """The id of a user of any form; None when there is none that could be hashed."""
    found = getattr(user, "id", None) if not isinstance(user, (int, str)) else user
    if isinstance(found, bool) or not isinstance(found, (int, str)):
        return None
    return str(found) or None


def _decided(known: _Compiled, context: Context) -> Decision:
    for way in known.ways:
        if way.holds(context):
            chosen = _variant(way.variants, way.group, way.stickiness, context) if way.variants else None
            if not way.variants and known.feature.variants:
                chosen = _variant(known.feature.variants, known.feature.name, "default", context)
            return Decision(True, way.reason, chosen)
    return OUT


def _variant(variants: tuple[Variant, ...], group: str, stickiness: str, context: Context) -> Variant | None:
    """By override, else by hash. Nobody can be told apart without the field, so then only a single one is given."""
    for one in variants:
        if any(context.get(o.context) in o.values for o in one.overrides):
            return one
    total = sum(v.weight for v in variants)
    if total <= 0:
        return None
    value = sticky(context, variants[0].stickiness or stickiness)
    if value is None:
        open_ = [v for v in variants if v.weight > 0]
        return open_[0] if len(open_) == 1 else None
    place = bucket(group, value, total, VARIANT_SEED)
    for one in variants:
        place -= one.weight
        if place <= 0:
            return one
    return None


def sticky(context: Context, stickiness: str) -> str | None:
    """The value that is hashed; None when the context has none, and by chance nothing is decided here."""
    if stickiness in ("", "default"):
        return context.get(USER) or context.get("sessionId") or None
    return None if stickiness == "random" else context.get(stickiness) or None


def _compile(feature: Feature, segments: Mapping[int, Segment], now: Now) -> _Compiled:
    ways = tuple(_way(s, feature.name, segments, now) for s in feature.strategies)
    if not feature.strategies:
        ways = (_Way(always, "STATIC", feature.name, "default", ()),)
    conditions = [c for s in feature.strategies for c in s.constraints]
    conditions += [c for s in feature.strategies for i in s.segments if i in segments for c in segments[i].constraints]
    return _Compiled(feature, ways, _quick(feature), any(map(is_timed, conditions)))


def _way(strategy: Strategy, name: str, segments: Mapping[int, Segment], now: Now) -> _Way:
    says = strategy.parameters
    group = says.get("groupId") or name
    base, reason = RULES.get(strategy.name, _unknown)(says, group)
    conditions = [check_of(c, now) for c in strategy.constraints]
    for number in strategy.segments:
        found = segments.get(number)
        conditions += [never] if found is None else [check_of(c, now) for c in found.constraints]
    return _Way(_all(base, conditions), reason, group, says.get("stickiness", "default"), strategy.variants)


def _all(base: Check, conditions: list[Check]) -> Check:
    if not conditions:
        return base
    checks = (*conditions, base)
    return lambda context: all(check(context) for check in checks)


def _listed(text: str) -> frozenset[str]:
    return frozenset(filter(None, (part.strip() for part in text.split(","))))


def _share(text: str) -> int:
    """0 for what is no percentage."""
    return min(int(text), EVERYBODY) if text.strip().isdecimal() else 0


def _everybody(says: Mapping[str, str], group: str) -> tuple[Check, Reason]:
    return always, "STATIC"


def _people(says: Mapping[str, str], group: str) -> tuple[Check, Reason]:
    ids = _listed(says.get("userIds", ""))
    return lambda context: context.get(USER) in ids, "TARGETING_MATCH"


def _addresses(says: Mapping[str, str], group: str) -> tuple[Check, Reason]:
    ranges = networks(_listed(says.get("IPs", "")))
    return lambda context: inside(ranges, context.get("remoteAddress", "")), "TARGETING_MATCH"


def _gradual(stickiness: str) -> Callable[[Mapping[str, str], str], tuple[Check, Reason]]:
    return lambda says, group: _rollout(_share(says.get("percentage", "")), stickiness, group)


def _flexible(says: Mapping[str, str], group: str) -> tuple[Check, Reason]:
    return _rollout(_share(says.get("rollout", "")), says.get("stickiness", "default"), group)


def _rollout(share: int, stickiness: str, group: str) -> tuple[Check, Reason]:
    """Without a value to hash the answer would be chance, which nobody can repeat: then only "all" is an answer."""
    by_chance = share >= EVERYBODY and stickiness in ("default", "random", "")

    def holds(context: Context) -> bool:
        value = sticky(context, stickiness)
        return by_chance if value is None else 0 < bucket(group, value) <= share

    return holds, "SPLIT"


def _unknown(says: Mapping[str, str], group: str) -> tuple[Check, Reason]:
    return never, "DEFAULT"


RULES: Mapping[str, Callable[[Mapping[str, str], str], tuple[Check, Reason]]] = {
    "default": _everybody,
    "userWithId": _people,
    "remoteAddress": _addresses,
    "flexibleRollout": _flexible,
    "gradualRolloutUserId": _gradual(USER),
    "gradualRolloutSessionId": _gradual("sessionId"),
    "gradualRolloutRandom": _gradual("random"),
}


def _quick(feature: Feature) -> Quick | None:
    """The answer from the user's id alone, where the flag asks for nothing else."""
    if feature.dependencies or any(s.constraints or s.segments for s in feature.strategies):
        return None
    if not feature.enabled:
        return lambda person: False
    named = {s.name: s for s in feature.strategies}
    if not feature.strategies or "default" in named:
        return lambda person: True
    if len(named) != len(feature.strategies) or not named.keys() <= {"userWithId", "flexibleRollout"}:
        return None
    ids = _listed(named["userWithId"].parameters.get("userIds", "")) if "userWithId" in named else frozenset()
    rollout = named.get("flexibleRollout")
    if rollout is not None and rollout.parameters.get("stickiness") != USER:
        return None
    share = _share(rollout.parameters.get("rollout", "")) if rollout else 0
    group = (rollout.parameters.get("groupId") if rollout else "") or feature.name

    def quick(person: str | None) -> bool:
        if not person:
            return False
        return person in ids or 0 < bucket(group, person) <= share

    return quick
