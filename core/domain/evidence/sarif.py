"""Static analysis and scans as SARIF 2.1.0: what was found, how bad it is, and what was suppressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from core.domain.evidence.limits import MOST_CASES, Unreadable, tidy
from core.domain.evidence.model import MOST_NAMED, Reading

LEVELS = ("error", "warning", "note", "none")
Level = Literal["error", "warning", "note"]


def read_sarif(data: Mapping[str, Any], fails_at: Level = "error") -> Reading:
    """Counts by level over all runs; failed when one that stands is as bad as `fails_at`, or when a run broke off.

    Raises Unreadable.
    """
    if data.get("version") != "2.1.0":
        raise Unreadable("format", "only SARIF 2.1.0 is read")
    runs = [run for run in _list(data, "runs") if isinstance(run, Mapping)]
    if not runs:
        raise Unreadable("content", "the report has no run")
    counts: Counter[str] = Counter()
    failing: list[str] = []
    bad = LEVELS[: LEVELS.index(fails_at) + 1]
    for run in runs:
        for level, suppressed, name in _results(run):
            counts["results"] += 1
            if counts["results"] > MOST_CASES:
                raise Unreadable("unsafe", f"the report has more than {MOST_CASES} results")
            counts["suppressed" if suppressed else level] += 1
            if not suppressed and level in bad and len(failing) < MOST_NAMED:
                failing.append(name)
    broken = sum(_broke_off(run) for run in runs)
    found = sum(counts[level] for level in LEVELS)
    numbers = {"findings": found, "errors": counts["error"], "warnings": counts["warning"], "notes": counts["note"]}
    numbers |= {"suppressed": counts["suppressed"], "runs": len(runs), "failed": sum(counts[level] for level in bad)}
    note = f"{broken} of {len(runs)} runs did not finish" if broken else ""
    return Reading(
        "sarif", "failed" if numbers["failed"] or broken else "passed",
        {name: float(value) for name, value in numbers.items()}, tuple(failing), note=note, name=_tools(runs),
    )  # fmt: skip


def _results(run: Mapping[str, Any]) -> Iterator[tuple[str, bool, str]]:
    """Level, whether it is suppressed, and its words, of each result that is there now."""
    rules = _rules(run)
    for result in _list(run, "results"):
        if not isinstance(result, Mapping) or result.get("baselineState") == "absent":
            continue
        rule = _rule(result)
        level = result.get("level")
        if result.get("kind", "fail") != "fail":
            level = "none"
        if level not in LEVELS:
            level = rules.get(rule) or rules.get(result.get("ruleIndex") if _index(result) else None) or "warning"
        yield level, _suppressed(result), _words(result, rule)


def _index(result: Mapping[str, Any]) -> bool:
    return type(result.get("ruleIndex")) is int


def _rules(run: Mapping[str, Any]) -> dict[object, str]:
    """The level of each rule by id and by place, where the tool says one."""
    found: dict[object, str] = {}
    for place, rule in enumerate(_list(_map(_map(run, "tool"), "driver"), "rules")):
        level = _map(rule, "defaultConfiguration").get("level") if isinstance(rule, Mapping) else None
        if level in LEVELS:
            found |= {place: level, str(rule.get("id")): level}
    return found


def _rule(result: Mapping[str, Any]) -> str:
    named = result.get("ruleId") or _map(result, "rule").get("id")
    return named if isinstance(named, str) else ""


def _suppressed(result: Mapping[str, Any]) -> bool:
    """Whether all who were asked agreed: a suppression that is under review or rejected holds nothing back."""
    given = _list(result, "suppressions")
    return bool(given) and all(isinstance(x, Mapping) and x.get("status", "accepted") == "accepted" for x in given)


def _words(result: Mapping[str, Any], rule: str) -> str:
    message = _map(result, "message")
    text = message.get("text") or message.get("markdown") or ""
    place = next((x for x in _list(result, "locations") if isinstance(x, Mapping)), {})
    where = _map(place, "physicalLocation")
    file, line = _map(where, "artifactLocation").get("uri"), _map(where, "region").get("startLine")
    at = f" ({file}:{line})" if file and line else f" ({file})" if file else ""
    said = ": ".join(str(part) for part in (rule, text if text != rule else "") if part)
    return tidy(f"{tidy(said or 'a finding', 140)}{at}")


def _broke_off(run: Mapping[str, Any]) -> bool:
    told = [x for x in _list(run, "invocations") if isinstance(x, Mapping)]
    return any(x.get("executionSuccessful") is False for x in told)


def _tools(runs: list[Mapping[str, Any]]) -> str:
    names = (str(_map(_map(run, "tool"), "driver").get("name", "")) for run in runs)
    return tidy(", ".join(dict.fromkeys(name for name in names if name)), 80)


def _map(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _list(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if isinstance(found, list) else []
