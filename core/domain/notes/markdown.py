"""The notes in Markdown: the text of a release on the forge, and the section of the CHANGELOG. Here is what escapes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Protocol
from urllib.parse import quote

from core.domain.forge import LONGEST_NOTES
from core.domain.notes.model import Heading, Line, Notes

_CODE = re.compile(r"(`[^`\n]{1,200}`)")
_SPECIAL = re.compile(r"([\\`*\[\]<>]|~~|(?<![^\W_])_|_(?![^\W_])|\|(?=\|))")
_FIRST = re.compile(r"^(|\d{1,9}(?=[.)]))(?=[-+#=~|.)])")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")
_PERSON = re.compile(r"(?<![\w`/@.])@[\w/-]{1,80}")
_PLAIN = re.compile(r"(?![-+#=~|.)\d])[^\\`*\[\]<>~_|&@]*\Z")  # nothing in it that any of these could change


class LinkPatterns(Protocol):
    """Address patterns: `core.domain.notes.model.Links`, or the policy's."""

    @property
    def commit(self) -> str: ...
    @property
    def pull(self) -> str: ...
    @property
    def compare(self) -> str: ...
    @property
    def issue(self) -> str: ...


def markdown(notes: Notes, version: str, day: date, links: LinkPatterns, limit: int | None = LONGEST_NOTES) -> str:
    """The text of the release as the forge shows it: the strategy's template, cut at a line when it is too long.

    `limit` is in characters; None gives all of it, for a file beside the release. A cut text ends by saying so.
    """
    lines = [f"# Release v{version} - {day.isoformat()}", *_body(notes, links, "##")]
    compare = _address(links.compare, base=notes.base, head=f"v{version}")
    if compare and notes.base:
        lines += ["", f"[All changes]({compare})"]
    return cut("\n".join(lines) + "\n", limit)


def changelog_section(notes: Notes, version: str, day: date, links: LinkPatterns) -> str:
    """The section of this version in a CHANGELOG.md, with its heading and a line end."""
    body = _body(notes, links, "###") or ["", "No changes that a user of the product can notice."]
    return "\n".join([f"## [{version}] - {day.isoformat()}", *body]) + "\n"


def cut(text: str, limit: int | None) -> str:
    """The text within `limit` characters: cut at the end of a line, with a last line that says how much is missing."""
    if limit is None or len(text) <= limit:
        return text
    lines = text.splitlines()
    kept, left = [], limit - 120
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    while kept and (not kept[-1] or kept[-1].startswith("#")):
        kept.pop()
    missing = sum(line.startswith("- ") for line in lines[len(kept) :])
    return "\n".join([*kept, "", f"*{missing} more lines did not fit here; the attached file has them all.*"]) + "\n"


def escape(text: str) -> str:
    """Plain text that Markdown shows as it is. Words between backticks stay code, and nobody is mentioned."""
    if _PLAIN.match(text):
        return text
    parts = _CODE.split(text)
    for at in range(0, len(parts), 2):
        part = _ENTITY.sub("&amp;", _SPECIAL.sub(r"\\\1", parts[at]))
        parts[at] = _PERSON.sub(lambda m: f"`{m[0]}`", part)
    return _FIRST.sub(r"\1\\", "".join(parts))


def _body(notes: Notes, links: LinkPatterns, mark: str) -> list[str]:
    lines: list[str] = []
    for heading in Heading:
        found = notes.sections.get(heading, ())
        if found and heading is not Heading.HIDDEN:
            lines += ["", f"{mark} {heading.value}", *(_line(line, links) for line in found)]
    return lines


def _line(line: Line, links: LinkPatterns) -> str:
    loud = "**Breaking:** " if line.breaking and not line.item.startswith("upgrade:") else ""
    return " ".join([f"- {loud}{escape(line.text)}", *_references(line, links)])


def _references(line: Line, links: LinkPatterns) -> Iterable[str]:
    for key in line.keys:
        yield _link(key, _address(links.issue, key=key))
    if line.pull:
        address = _address(links.pull, number=str(line.pull))
        yield f"([#{line.pull}]({address}))" if address else f"(#{line.pull})"
    elif line.commit and links.commit:
        yield f"({_link(line.commit[:8], _address(links.commit, sha=line.commit))})"


def _link(text: str, address: str) -> str:
    """In the form of the strategy's template: [AA-101], a link where there is an address."""
    return f"[{escape(text)}]({address})" if address else f"[{escape(text)}]"


def _address(pattern: str, **values: str) -> str:
    for name, value in values.items():
        pattern = pattern.replace("{" + name + "}", quote(value, safe="._~-"))
    return pattern.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
