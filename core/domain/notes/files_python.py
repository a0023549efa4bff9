"""Routes and public signatures in Python, read by their form: no code of the product is run or compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ROUTE = re.compile(
    r"^[ \t]{0,40}@[\w.]{1,80}\.(get|post|put|patch|delete|head|options|route|websocket)"
    r"\(\s{0,20}[rf]?[\"']([^\"'\n]{1,300})[\"']"
    r"([^@]{0,400}?)\)\s{0,5}$",
    re.MULTILINE,
)
_METHODS = re.compile(r"methods\s{0,3}=\s{0,3}[\[(]([^\])]{1,200})[\])]")
_PUBLIC = re.compile(r"(?:^|/)(?:sdk|public|client)(?:/|\.py$)|^(?:src/)?[^/]{1,100}/__init__\.py$")
_ALL = re.compile(r"^__all__\s{0,3}(?::[^=\n]{0,100})?=\s{0,3}[\[(]([^\])]{0,20000})[\])]", re.MULTILINE)
_NAME = re.compile(r"[\"'](\w{1,100})[\"']")
_DEFINED = re.compile(
    r"^(?:(    )?(?:async )?def ([a-zA-Z]\w{0,100}|__init__)\(|class ([A-Za-z]\w{0,100})\b)", re.MULTILINE
)


def routes(text: str) -> Iterator[str]:
    """The endpoints that decorators declare (Flask, FastAPI, aiohttp and their like), as written in the file."""
    if "@" not in text:
        return
    for found in _ROUTE.finditer(text):
        path = found[2].replace("`", "")
        if found[1] != "route":
            yield f"{'WS' if found[1] == 'websocket' else found[1].upper()} {path}"
            continue
        methods = _METHODS.search(found[3])
        for method in re.findall(r"[A-Za-z]{3,7}", methods[1]) if methods else ("GET",):
            yield f"{method.upper()} {path}"


def signatures(path: str, text: str) -> dict[str, str]:
    """What a public module offers: names of `__all__`, functions and classes with what a caller must give."""
    if not _PUBLIC.search(path):
        return {}
    names = {f"name {n}": "" for found in _ALL.finditer(text) for n in _NAME.findall(found[1])}
    if path.endswith("__init__.py"):
        return names
    owner = ""
    for found in _DEFINED.finditer(text):
        if found[3]:
            owner = found[3]
            if not owner.startswith("_"):
                names[f"class {owner}"] = ""
        elif not (found[2].startswith("_") and found[2] != "__init__") and not (found[1] and owner.startswith("_")):
            name = f"{owner}.{found[2]}" if found[1] and owner else found[2]
            if not found[1]:
                owner = ""
            names[f"function {name}"] = _needed(_arguments(text, found.end()))
    return names


def _arguments(text: str, at: int) -> list[str]:
    """The arguments of a definition, each as written, from after its bracket to where that closes."""
    depth, start, found = 1, at, []
    for match in re.compile(r"[()\[\]{},]").finditer(text, at, at + 4000):
        sign = match[0]
        if sign == "," and depth == 1:
            found.append(text[start : match.start()])
            start = match.end()
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                found.append(text[start : match.start()])
                break
    return [" ".join(a.split()) for a in found if a.strip()]


def _needed(arguments: list[str]) -> str:
    """What must be given: names without a default. A new one with a default, or another type, changes nothing here."""
    names = [re.split(r"[:=]", a, maxsplit=1)[0].strip() for a in arguments if "=" not in a]
    return ", ".join(n for n in names if n not in ("self", "cls", "/", "*"))[:200]
