"""Commits, pull requests and issue keys as links, where the policy says where they are; else as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from handlers.views.writing import Facts, said, short_sha

_KEY = re.compile(r"^[A-Z][A-Z0-9]*-\d+$")
_PULL, _COMMIT = re.compile(r"^#\d{1,9}$"), re.compile(r"^(?=[0-9a-f]*\d)[0-9a-f]{7,40}$")
_ADDRESS = re.compile(r"^https?://[^\s|<>\"']+$")


def address(facts: Facts, kind: str, **parts: object) -> str:
    """The page of a commit, pull, issue or compare; "" where the policy names none or it would be no address."""
    links: Mapping[str, Any] = facts.get("links") or {}
    pattern = str(links.get(kind) or "")
    for name, value in parts.items():
        pattern = pattern.replace(f"{{{name}}}", quote(str(value), safe=""))
    return pattern if _ADDRESS.match(pattern) and "{" not in pattern else ""


def linked(url: str, text: str) -> str:
    """Markup for a link; `text` is escaped already. Without an address the text alone."""
    return f"<{url.replace('&', '&amp;')}|{text}>" if url and text else text


def commit(facts: Facts, sha: str) -> str:
    """`8f3c2ab`, linked."""
    return linked(address(facts, "commit", sha=sha), f"`{short_sha(sha)}`") if sha else ""


def pull(facts: Facts, number: object) -> str:
    """#341, linked."""
    return linked(address(facts, "pull", number=number), f"#{said(number)}")


def is_ref(text: str) -> bool:
    """Whether this names a pull request, an issue or a commit."""
    return bool(_PULL.match(text) or _KEY.match(text) or _COMMIT.match(text))


def ref(facts: Facts, text: str) -> str:
    """Whatever an item is called by: `#341`, `AA-171` or the beginning of a commit."""
    if _PULL.match(text):
        return pull(facts, text[1:])
    if _KEY.match(text):
        return linked(address(facts, "issue", key=text), said(text))
    if _COMMIT.match(text):
        return commit(facts, text)
    return said(text)


def compare(facts: Facts, base: str, head: str) -> str:
    """The address of the host's own comparison."""
    return address(facts, "compare", base=base, head=head)


def site(facts: Facts, url: object, text: str) -> str:
    """A link to an address that another system told us, when it is one; `text` is escaped already."""
    found = str(url or "")
    return linked(found if _ADDRESS.match(found) and len(found) < 500 else "", text)
