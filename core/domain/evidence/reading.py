"""A body of any known format as a reading: what it is, is found out; what it may not be, is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.evidence.coverage import FORMAT as COVERAGE
from core.domain.evidence.coverage import read_coverage
from core.domain.evidence.junit import ROOTS, read_junit
from core.domain.evidence.limits import LARGEST_BODY, MOST_ELEMENTS, Unreadable, refuse_archive
from core.domain.evidence.model import Reading
from core.domain.evidence.plain import read_benchmark, read_build, read_statement
from core.domain.evidence.sarif import Level, read_sarif
from core.domain.evidence.xml import root_of

FORMATS = ("junit", COVERAGE, "sarif", "benchmark", "build", "statement")
_KEYS = {"runs": "sarif", "benchmarks": "benchmark", "builds": "build", "build": "build", "verdict": "statement"}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a result fails, where the body itself does not say: percent of lines, level of a finding."""

    coverage: float = 0.0
    findings: Level = "error"


def read(body: bytes, kind: str, limits: Thresholds | None = None) -> Reading:
    """What a body says, as evidence of this kind.

    It may take a second for a large one; it touches nothing but its arguments. Raises Unreadable, and nothing else.
    """
    limits = limits or Thresholds()
    if len(body) > LARGEST_BODY:
        raise Unreadable("large", f"the body is larger than {LARGEST_BODY // 1024 // 1024} MB")
    refuse_archive(body)
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        raise Unreadable("content", "the body is empty")
    found = _json(text, limits) if text[:1] in (b"{", b"[") else _xml(body, limits)
    if (kind == "build") != (found.format == "build"):
        raise Unreadable("format", f"a {found.format} is no evidence of the kind {kind}; a build is told as a build")
    return found


def _xml(body: bytes, limits: Thresholds) -> Reading:
    start = body.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if start[:1] != b"<":
        raise Unreadable("format", "this is neither XML nor JSON; known formats: " + ", ".join(FORMATS))
    root = root_of(body)
    if root in ROOTS:
        return read_junit(body)
    if root == "coverage":
        return read_coverage(body, limits.coverage)
    raise Unreadable("format", "this XML is neither a JUnit nor a Cobertura report")


def _json(text: bytes, limits: Thresholds) -> Reading:
    if text.count(b"{") + text.count(b"[") > MOST_ELEMENTS:  # each is far larger in memory than here
        raise Unreadable("unsafe", f"there are more than {MOST_ELEMENTS} objects and lists")
    try:
        data = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):  # also letters that are no UTF-8, and brackets without end
        raise Unreadable("syntax", "this is no well-formed JSON") from None
    if not isinstance(data, Mapping):
        raise Unreadable("format", "the JSON is no object")
    readers: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
        "sarif": lambda data: read_sarif(data, limits.findings),
        "benchmark": read_benchmark,
        "build": read_build,
        "statement": read_statement,
    }
    for key, name in _KEYS.items():
        if key in data:
            return readers[name](data)
    raise Unreadable("format", "the JSON is none of: SARIF, benchmarks, builds, a statement")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which nothing is said twice: of two verdicts each reader would take another one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("syntax", "an object of this JSON names something twice")
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
