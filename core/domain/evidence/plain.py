"""Our own small JSON: a benchmark result, a build, and a plain statement with a link. See docs/evidence.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.domain.evidence.limits import MOST_NUMBERS, Unreadable, address, number, tidy
from core.domain.evidence.model import LONGEST_NOTE, MOST_NAMED, Build, Reading

MOST_BUILDS = 50
_DIGEST = re.compile(r"[a-z0-9]{2,12}:[0-9a-f]{32,128}")
_ADDRESS = re.compile(r"[!-;=?-~]{1,500}")


def read_benchmark(data: Mapping[str, Any]) -> Reading:
    """{"benchmarks": [{"name", "value", "unit", "limit", "better": "lower" | "higher"}]}; passed when all keep theirs.

    Raises Unreadable.
    """
    rows = _rows(data, "benchmarks", MOST_NUMBERS)
    numbers: dict[str, float] = {}
    over: list[str] = []
    for row in rows:
        name = tidy(row.get("name", ""), 80)
        if not name or name in numbers:
            raise Unreadable("content", "each benchmark needs a name of its own")
        value, limit = number(row.get("value"), f"{name}: value"), number(row.get("limit"), f"{name}: limit")
        better, unit = row.get("better", "lower"), tidy(row.get("unit", ""), 20)
        if better not in ("lower", "higher"):
            raise Unreadable("content", f"{name}: better is neither lower nor higher")
        numbers[name] = value
        if value > limit if better == "lower" else value < limit:
            side = "at most" if better == "lower" else "at least"
            over.append(f"{name}: {value:g} {unit}".rstrip() + f", {side} {limit:g} {unit}".rstrip())
    counts = {"benchmarks": float(len(rows)), "failed": float(len(over))}
    return Reading("benchmark", "failed" if over else "passed", numbers | counts, tuple(over[:MOST_NAMED]))


def read_build(data: Mapping[str, Any]) -> Reading:
    """{"builds": [{"name", "digest": "sha256:...", "address"}]}, or "build" with one of them. Raises Unreadable."""
    rows = _rows(data, "builds", MOST_BUILDS) if "builds" in data else [data.get("build")]
    found: dict[str, Build] = {}
    for row in rows:
        if not isinstance(row, Mapping):
            raise Unreadable("content", "build is no object with name, digest and address")
        name, digest, where = tidy(row.get("name", ""), 80), row.get("digest"), row.get("address", "")
        if not name or name in found:
            raise Unreadable("content", "each build needs a name of its own")
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise Unreadable("content", f"{name}: digest is not like sha256:0123...")
        if not isinstance(where, str) or (where and not _ADDRESS.fullmatch(where)) or _has_account(where):
            raise Unreadable("content", f"{name}: address is none, or holds an account")
        found[name] = Build(name, digest, where)
    return Reading("build", "passed", {"builds": float(len(found))}, builds=tuple(found.values()))


def _has_account(where: str) -> bool:
    """Whether what stands before the host is an account; an image's own @sha256 is none."""
    return "://" in where and "@" in where.split("://", 1)[1].split("/", 1)[0]


def read_statement(data: Mapping[str, Any]) -> Reading:
    """{"verdict": "passed" | "failed", "url", "note", "name", "numbers": {name: number}}. Raises Unreadable."""
    verdict = data.get("verdict")
    if verdict not in ("passed", "failed"):
        raise Unreadable("content", "verdict is neither passed nor failed")
    told = data.get("numbers", {})
    if not isinstance(told, Mapping) or len(told) > MOST_NUMBERS:
        raise Unreadable("content", f"numbers is no object with at most {MOST_NUMBERS} entries")
    numbers = {tidy(name, 80): number(value, tidy(name, 80)) for name, value in told.items()}
    note, name = tidy(data.get("note") or "", LONGEST_NOTE), tidy(data.get("name") or "", 80)
    return Reading("statement", verdict, numbers, url=address(data.get("url")), note=note, name=name)


def _rows(data: Mapping[str, Any], key: str, most: int) -> list[Mapping[str, Any]]:
    rows = data.get(key)
    if not isinstance(rows, list) or not rows or len(rows) > most or not all(isinstance(r, Mapping) for r in rows):
        raise Unreadable("content", f"{key} is no list of 1 to {most} objects")
    return rows
