"""A report as JSON or CSV: numbers and versions, no name of a person and no free text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from core.domain.metrics.model import Measure, Period, Report
from core.domain.secrets import redact

COLUMNS = (
    "code", "title", "group", "unit", "state", "n", "value", "part", "median", "p90", "low", "high", "few", "excluded",
    "estimated", "before", "n_before", "change", "releases",
)  # fmt: skip
OF_PART = frozenset({"state", "n", "value", "part", "median", "p90", "interval", "few", "excluded"})
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute


def to_json(report: Report) -> str:
    """Everything of the report; durations are seconds, shares 0 to 1, instants ISO in UTC. Sorted, so that twice the
    same report is the same text."""
    told = {
        "product": report.product,
        "train": report.train,
        "period": _period(report.period),
        "compared_with": _period(report.compared) if report.compared else None,
        "made_at": report.made_at.isoformat() if report.made_at else None,
        "releases": report.releases,
        "rolled_back": report.rolled_back,
        "measures": [_measure(m) for m in report.measures],
        "deployments": [
            {
                "release": p.release, "version": p.version, "type": p.type, "at": p.at.isoformat(), "failed": p.failed,
                "seconds": p.took, "changes": p.changes, "lead_seconds": p.lead,
            }
            for p in report.points
        ],
        "weeks": [
            {"start": w.start.isoformat(), "deployments": w.deployments, "failed": w.failed,
             "rolled_back": w.rolled_back}
            for w in report.weeks
        ],
        "notes": list(report.notes),
    }  # fmt: skip
    return json.dumps(_clean(told), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def to_csv(report: Report) -> str:
    """One line for each number and, below it, one for each of its parts (`approval_wait/product_manager`)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("product", "train", "period", "from", "until", *COLUMNS))
    period = report.period
    begin = (report.product, report.train, period.name, period.start.isoformat(), period.end.isoformat())
    for told in _lines(report):
        values = [*begin, *(told[name] for name in COLUMNS)]
        writer.writerow([_cell(_clean(value)) for value in values])
    return out.getvalue()


def _lines(report: Report) -> Iterator[dict[str, Any]]:
    for measure in report.measures:
        yield _line(measure, measure.code)
        for name, part in measure.parts:
            yield _line(part, f"{measure.code}/{name}")


def _line(measure: Measure, code: str) -> dict[str, Any]:
    told = _measure(measure) | {"code": code}
    low, high = told.pop("interval") or (None, None)
    few = " ".join(f"{value:g}" for value in measure.few)
    return told | {"low": low, "high": high, "few": few, "releases": " ".join(b.version for b in measure.releases)}


def _cell(value: object) -> object:
    """An empty cell for what is not known, and no formula in a text."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _measure(m: Measure) -> dict[str, Any]:
    return {
        "code": m.code, "title": m.title, "group": m.group, "unit": m.unit, "definition": m.definition,
        "state": m.state, "n": m.n, "value": m.value, "part": m.part, "median": m.median, "p90": m.p90,
        "interval": list(m.interval) if m.interval else None, "few": list(m.few), "excluded": m.excluded,
        "estimated": m.estimated, "before": m.before, "n_before": m.n_before, "change": m.change,
        "releases": [{"release": b.release, "version": b.version} for b in m.releases],
        "parts": {name: {k: v for k, v in _measure(part).items() if k in OF_PART} for name, part in m.parts},
    }  # fmt: skip


def _period(period: Period) -> dict[str, Any]:
    return {"name": period.name, "words": period.words, "from": period.start.isoformat(),
            "until": period.end.isoformat(), "so_far": period.so_far}  # fmt: skip


def _clean(value: Any) -> Any:
    """Nothing that looks like a secret leaves, wherever it came from."""
    if isinstance(value, str):
        return redact(value)[0]
    if isinstance(value, dict):
        return {_clean(k): _clean(v) for k, v in value.items()}
    return [_clean(v) for v in value] if isinstance(value, list) else value
