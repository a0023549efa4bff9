"""Reads the cases of Unleash's client-specification, and ours in the same form, into features and questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.domain.flags.context import context_of
from core.domain.flags.evaluation import Flags
from core.domain.flags.model import Feature, Segment, Strategy
from core.domain.flags.reading import constraints, dependencies, variants

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One question with the answer that every SDK gives."""

    file: str
    says: str
    flag: str
    context: dict[str, Any]
    wanted: Any
    state: dict[str, Any]


def cases(folder: Path) -> Iterator[Case]:
    for name in json.loads((folder / "index.json").read_text("utf-8")):
        found = json.loads((folder / name).read_text("utf-8"))
        for test in [*found.get("tests", ()), *found.get("variantTests", ())]:
            yield Case(
                name, test["description"], test["toggleName"], test["context"], test["expectedResult"], found["state"]
            )


def answer(case: Case) -> Any:
    """True or False, or the variant in the form of the specification."""
    flags, context = flags_of(case.state), context_of(case.context)
    if isinstance(case.wanted, bool):
        assert flags.enabled(case.flag, context) is flags.decide(case.flag, context).enabled
        return flags.enabled(case.flag, context)
    found = flags.decide(case.flag, context)
    told: dict[str, Any] = {"name": "disabled", "enabled": False, "feature_enabled": found.enabled}
    if found.variant is not None:
        told |= {"name": found.variant.name, "enabled": True}
        if found.variant.payload:
            told["payload"] = {"type": found.variant.payload.type, "value": found.variant.payload.value}
    return told


def flags_of(state: dict[str, Any]) -> Flags:
    """From the answer of Unleash's client API, or from the events of its delta API."""
    features, segments = list(state.get("features", ())), list(state.get("segments", ()))
    for event in state.get("events", ()):
        if event["type"] == "hydration":
            features, segments = list(event["features"]), list(event["segments"])
        elif event["type"] == "segment-updated":
            segments.append(event["segment"])
        else:
            name = event["featureName"] if event["type"] == "feature-removed" else event["feature"]["name"]
            features = [f for f in features if f["name"] != name]
            features += [event["feature"]] if "feature" in event else []
    known = [Segment(s["id"], s.get("name", ""), constraints(s["constraints"])) for s in segments]
    return Flags(map(feature, features), known, lambda: NOW)


def feature(found: dict[str, Any]) -> Feature:
    return Feature(
        found["name"],
        found["enabled"],
        tuple(map(strategy, found.get("strategies") or ())),
        variants(found.get("variants")),
        dependencies(found.get("dependencies")),
    )


def strategy(found: dict[str, Any]) -> Strategy:
    return Strategy(
        found["name"],
        found.get("parameters") or {},
        constraints(found.get("constraints")),
        tuple(found.get("segments") or ()),
        variants(found.get("variants")),
    )
