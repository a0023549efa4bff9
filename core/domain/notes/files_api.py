"""Interfaces in a difference: endpoints of OpenAPI files and Python routes, GraphQL, protobuf, public signatures.

All endpoints of the changed files are compared together, so that a route that moved to another file is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.notes import files_python, files_schema
from core.domain.notes.model import Finding

Texts = Mapping[str, str]
Endpoints = dict[str, tuple[str, bool, frozenset[str]]]  # "GET /x" -> file, deprecated, required parameters
Operations = dict[str, tuple[bool, frozenset[str]]]  # "GET /x" -> deprecated, required parameters

_OPENAPI = re.compile(r"(?:openapi|swagger)[^/]{0,60}\.(?:ya?ml|json)$|(?:^|/)api[^/]{0,40}\.(?:ya?ml|json)$")
_SCHEMA = re.compile(r"\.(?:graphqls?|gql|proto)$")
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_INDENTED = re.compile(
    r"^( *)(- )?[\"']?([^\s\"'#][^\n\"':]{0,300})[\"']?[ \t]{0,3}:(?:[ \t]|$)[ ]{0,3}([^\n]{0,200})$", re.MULTILINE
)


def wanted(path: str) -> bool:
    return path.endswith(".py") or bool(_OPENAPI.search(path) or _SCHEMA.search(path))


def find(before: Texts, after: Texts, renamed: Mapping[str, str]) -> list[Finding]:
    """`renamed` gives the old path of each new one."""
    old, new = _endpoints(before), _endpoints(after)
    found = [*_compared(old, new)]
    for path in sorted({*before, *after}):
        names = _NAMES.get(path.rpartition(".")[2].lower())
        if names is None or path in renamed.values():
            continue
        was, now = before.get(renamed.get(path, path), ""), after.get(path, "")
        if was != now:
            found += files_schema.compared(path, names(path, was), names(path, now))
    return sorted(found, key=lambda f: (not f.removed, f.path))


_NAMES: Mapping[str, Callable[[str, str], files_schema.Names]] = {
    "graphql": files_schema.graphql,
    "graphqls": files_schema.graphql,
    "gql": files_schema.graphql,
    "proto": files_schema.proto,
    "py": files_python.signatures,
}


def _compared(old: Endpoints, new: Endpoints) -> list[Finding]:
    found = [Finding("api", old[e][0], f"Removed endpoint `{e}`", removed=True) for e in old if e not in new]
    for endpoint, (path, deprecated, required) in new.items():
        if endpoint not in old:
            found.append(Finding("api", path, f"Added new endpoint `{endpoint}`"))
            continue
        _, was_deprecated, was_required = old[endpoint]
        if deprecated and not was_deprecated:
            found.append(Finding("api", path, f"Deprecated endpoint `{endpoint}`"))
        for name in sorted(required - was_required):
            found.append(Finding("api", path, f"`{endpoint}` now requires `{name}`", removed=True))
    return found


def _endpoints(texts: Texts) -> Endpoints:
    found: Endpoints = {}
    for path, text in texts.items():
        low = path.lower()
        if low.endswith(".py"):
            for endpoint in files_python.routes(text):
                found.setdefault(endpoint, (path, False, frozenset()))
        elif _OPENAPI.search(low):
            operations = _of_json(text) if low.endswith(".json") else _of_yaml(text)
            for endpoint, (deprecated, required) in operations.items():
                found[endpoint] = (path, deprecated, required)
    return found


def _of_json(text: str) -> Operations:
    try:
        paths = json.loads(text).get("paths", {})
    except (ValueError, AttributeError, RecursionError):
        return {}
    found = {}
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                given = [*_listed(item.get("parameters")), *_listed(operation.get("parameters"))]
                needed = [p for p in given if p.get("required") is True and p.get("in") != "path" and "name" in p]
                required = frozenset(_plain(str(p["name"])) for p in needed)
                found[_endpoint(method, path)] = (operation.get("deprecated") is True, required)
    return found


def _listed(value: Any) -> list[dict[str, Any]]:
    return [p for p in value if isinstance(p, dict)] if isinstance(value, list) else []


def _endpoint(method: str, path: str) -> str:
    return f"{method.upper()} {_plain(path)}"


def _plain(name: str) -> str:
    """A name from a file, safe between backticks."""
    return "".join(c for c in name if c.isprintable() and c != "`")[:200]


def _of_yaml(text: str) -> Operations:
    """The operations by their indentation, without a reader of YAML: keys under `paths`, methods under these."""
    start = re.search(r"^paths:[ ]{0,3}(?:#.{0,200})?$", text, re.MULTILINE)
    found: dict[str, _Operation] = {}
    path, at_path, at_method = "", -1, -1
    operation: _Operation | None = None
    for match in _INDENTED.finditer(text, start.end() if start else len(text)):
        depth, key, value = len(match[1]), match[3].strip(), match[4].strip()
        if depth == 0:
            break
        if key.startswith("/") and (at_path < 0 or depth <= at_path):
            path, at_path, at_method, operation = key, depth, -1, None
        elif path and key.lower() in METHODS and (at_method < 0 or depth <= at_method):
            operation = found.setdefault(_endpoint(key, path), _Operation())
            at_method = depth
        elif operation and depth > at_method:
            operation.read(bool(match[2]), key, value)
    return {endpoint: (o.deprecated, frozenset(o.required())) for endpoint, o in found.items()}


@dataclass(slots=True)
class _Operation:
    """What is read of one operation, line by line; a dash begins another parameter."""

    deprecated: bool = False
    parts: list[dict[str, str]] = field(default_factory=lambda: [{}])

    def read(self, another: bool, key: str, value: str) -> None:
        if another:
            self.parts.append({})
        if key == "deprecated" and value == "true":
            self.deprecated = True
        elif key in ("name", "in", "required"):
            self.parts[-1].setdefault(key, value.strip("\"'"))

    def required(self) -> Iterator[str]:
        for part in self.parts:
            if part.get("required") == "true" and part.get("in", "path") != "path" and part.get("name"):
                yield _plain(part["name"])
