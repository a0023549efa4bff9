"""A flag's setting as SDKs read it: one strategy for everybody, the people named, the share; and as Unleash's JSON."""

from __future__ import annotations

from typing import Any

from core.domain.flags.model import USER, Constraint, Feature, Flag, Segment, Setting, Strategy, Variant

_TYPES = {"release": "release", "experiment": "experiment", "ops": "operational"}


def feature_of(flag: Flag, setting: Setting) -> Feature:
    """The flag in one environment. What is hashed is the flag's key, which a rename leaves alone."""
    arms: tuple[Variant, ...] = tuple(_sticky(v) for v in setting.variants)
    hashed = {"groupId": flag.key, "stickiness": USER}
    ways = []
    if setting.on:
        ways.append(Strategy("default", hashed, setting.constraints, setting.segments, arms))
    if setting.user_ids:
        ways.append(Strategy("userWithId", hashed | {"userIds": ",".join(setting.user_ids)}, variants=arms))
    if setting.percentage:
        share = hashed | {"rollout": str(setting.percentage)}
        ways.append(Strategy("flexibleRollout", share, setting.constraints, setting.segments, arms))
    kind = _TYPES.get(flag.kind, flag.kind)
    return Feature(flag.name, not setting.off, tuple(ways), (), setting.dependencies, kind, flag.description)


def _sticky(variant: Variant) -> Variant:
    if variant.stickiness:
        return variant
    return Variant(variant.name, variant.weight, variant.payload, USER, variant.overrides)


def feature_json(feature: Feature) -> dict[str, Any]:
    """One entry of `features` in the answer of the client API."""
    return {
        "name": feature.name,
        "type": feature.type,
        "description": feature.description,
        "enabled": feature.enabled,
        "project": "default",
        "stale": False,
        "impressionData": False,
        "strategies": [_strategy(s) for s in feature.strategies],
        "variants": [_variant(v) for v in feature.variants],
        "dependencies": [
            {"feature": d.feature, "enabled": d.enabled, **({"variants": list(d.variants)} if d.variants else {})}
            for d in feature.dependencies
        ],
    }


def segment_json(segment: Segment) -> dict[str, Any]:
    return {"id": segment.id, "name": segment.name, "constraints": [_constraint(c) for c in segment.constraints]}


def _strategy(strategy: Strategy) -> dict[str, Any]:
    return {
        "name": strategy.name,
        "parameters": dict(strategy.parameters),
        "constraints": [_constraint(c) for c in strategy.constraints],
        "segments": list(strategy.segments),
        "variants": [_variant(v) for v in strategy.variants],
    }


def _variant(variant: Variant) -> dict[str, Any]:
    found: dict[str, Any] = {"name": variant.name, "weight": variant.weight}
    if variant.stickiness:
        found["stickiness"] = variant.stickiness
    if variant.payload:
        found["payload"] = {"type": variant.payload.type, "value": variant.payload.value}
    if variant.overrides:
        found["overrides"] = [{"contextName": o.context, "values": list(o.values)} for o in variant.overrides]
    return found


def _constraint(constraint: Constraint) -> dict[str, Any]:
    return {
        "contextName": constraint.context,
        "operator": constraint.operator,
        "values": list(constraint.values),
        "value": constraint.value,
        "inverted": constraint.inverted,
        "caseInsensitive": constraint.case_insensitive,
    }
