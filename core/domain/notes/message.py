"""What a commit or pull request says by its form: prefix, footers, trailers. Every pattern is bounded, so linear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from core.domain.pulls import BEHIND

LONGEST_TITLE = 300
_BODY, _TAIL = 20_000, 4_000  # of a longer message the beginning and the end, where trailers stand

_UNSEEN = re.compile(  # controls, separators and marks that turn the direction of text
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u115f\u1680\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]+"
)
_ONE_KEY = r"(?!UTF|SHA|ISO|RFC|CVE|AES|RSA|HTTP|BASE|IPV|UTC|GMT)[A-Z][A-Z0-9]{1,9}-[0-9]{1,7}(?![\w.-])"
_KEY_FIRST = re.compile(rf"^[\[(]?{_ONE_KEY}(?:[ ,/]{{1,3}}{_ONE_KEY}){{0,4}}[\])]?\s?[:\-|]?\s{{0,3}}(?=\S)")
_PARTING = " ,;–—-"
_KEY_LAST = re.compile(rf"\s{{0,3}}[\[(]{_ONE_KEY}(?:[ ,/]{{1,3}}{_ONE_KEY}){{0,4}}[\])]$")
_BRACKET = re.compile(r"^\[\s?([A-Za-z][A-Za-z0-9 _./-]{0,30})\s?\]\s?[:\-]?\s{0,3}(?=\S)")
_PREFIX = re.compile(r"^([A-Za-z][A-Za-z0-9_-]{0,19})(!?)\s?(\([^()]{0,80}\))?(!?)\s?:(?!:)\s{0,3}(?=\S)")
_AREA = re.compile(r"^([A-Za-z0-9][\w./*-]{0,40}(?:,\s?[\w./*-]{1,40}){0,3}(?: [\w/-]{1,20})?):\s{1,3}(?=\S)")
_EMOJI = re.compile(r"^(?::([a-z0-9_+-]{1,40}):|([\u203c-\u3299\U0001f000-\U0001faff]\ufe0f?))\s{0,3}(?=\S)")

_BREAKING = re.compile(r"^BREAKING[ -]CHANGES?(?:\([^()\n]{0,80}\))?!?[ \t]{0,3}:[ \t]{0,3}(.{0,2000})$", re.MULTILINE)
_NOTHING = re.compile(r"^(?:none|no|nope|nothing|n/?a|not applicable|false|-{1,3})?\.?$", re.IGNORECASE)
_TRAILER = re.compile(r"^(?:[A-Z][A-Za-z-]{1,40}(?:: | #)|-{3,}$|\* |\(cherry picked from commit )")
_ORIGIN = re.compile(r"^\(cherry[ -]picked from commit ([0-9a-f]{7,64})\)[ \t]{0,3}$", re.MULTILINE)
_BACKPORT = re.compile(
    r"^(?:Automated |Manual )?(?:Backports?|Cherry[ -]?picks?)(?: of| from|:)?(?: (?:PR|pull request))?"
    r" {0,2}(?:[\w.-]{1,40}/[\w.-]{1,100})?[#!]([1-9][0-9]{0,8})\b",
    re.MULTILINE | re.IGNORECASE,
)
_BACKPORTED = re.compile(
    r"^\[?(?:(?:backport|cherry[ -]?pick)(?: to)?[ :/]{0,2}v?[\w./-]{0,40}|v?\d+\.\d+(?:\.[\dx]+)?|\d+-\d+-stable)\]?"
    r"[ :]{1,3}(?=\S)",
    re.IGNORECASE,
)
_PULL_TRAILER = re.compile(
    r"^(?:PR-URL|Pull-Request|PR|Reviewed-PR): {0,3}(?:\S{0,200}?/pulls?/|[#!])?([1-9][0-9]{0,8})\b", re.MULTILINE
)
_CLOSES = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]{1,3}#([1-9][0-9]{0,8})\b", re.IGNORECASE)
_WITH = re.compile(r"^co-authored-by:[ \t]{0,3}([^<>\n]{1,100}?)[ \t]{0,3}<[^<>\n]{0,200}>", re.I | re.MULTILINE)
_LISTED = re.compile(r"^[*-] (.{1,300})$", re.MULTILINE)


class Head(NamedTuple):
    """The form of a title: `kind` the word before the colon or in brackets, small letters, "" without one.

    `mark` is an emoji's name or the emoji. `odd`: the `!` stands before the scope. `area`: a component before the colon
    that is no kind. `rest` is the title without all of it, without keys and the number.
    """

    rest: str
    kind: str = ""
    scope: str = ""
    breaking: bool = False
    odd: bool = False
    mark: str = ""
    area: str = ""


def tidy(text: str, most: int = LONGEST_TITLE) -> str:
    """One line of what can be seen: no control characters, no turned direction, cut at a word."""
    text = text[: most * 4]
    if not text.isprintable():
        text = _UNSEEN.sub(" ", text)
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join(text.split())
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + "…"


def trimmed(body: str) -> str:
    """A message as long as one reads it: the beginning and the end of a very long one."""
    return body if len(body) <= _BODY + _TAIL else f"{body[:_BODY]}\n{body[-_TAIL:]}"


@lru_cache(maxsize=4096)
def head(title: str, kinds: frozenset[str]) -> Head:
    """Take a tidy title apart; only words of `kinds` count as a prefix, any other is an area."""
    rest = BEHIND.sub("", title).rstrip() if title.endswith(")") else title
    rest = _backport_less(rest)
    rest, mark = _mark(_keyless(rest))
    if rest[:1] == "[" and (found := _BRACKET.match(rest)) and found[1].strip().lower() in kinds:
        return Head(_keyless(rest[found.end() :]), found[1].strip().lower(), mark=mark)
    if ":" not in rest:
        return Head(rest, mark=mark)
    found = _PREFIX.match(rest)
    if found and found[1].lower() in kinds:
        return Head(
            _keyless(_mark(rest[found.end() :])[0]),
            found[1].lower(),
            (found[3] or "").strip("()").lower(),
            bool(found[2] or found[4]),
            bool(found[2] and found[3]),
            mark,
        )
    area = _AREA.match(rest)
    if area:
        return Head(rest, mark=mark, area=rest[: area.end()])
    return Head(rest, mark=mark)


def _keyless(text: str) -> str:
    if text[-1:] in "])":
        text = _KEY_LAST.sub("", text)
    return _KEY_FIRST.sub("", text) if "-" in text else text


def unkeyed(title: str, known: Sequence[str]) -> str:
    """A title without the keys that its author wrote behind the words, after a comma or dash: they stand beside it."""
    while key := next((key for key in known if title.endswith(key)), ""):
        text = title.removesuffix(key).rstrip()
        if not text.rstrip(_PARTING) or text[-1] not in _PARTING:
            break
        title = text.rstrip(_PARTING)
    return title


def _mark(text: str) -> tuple[str, str]:
    if not text or (text[0] != ":" and text[0] < "\u203c"):
        return text, ""
    found = _EMOJI.match(text)
    return (text[found.end() :], found[1] or found[2].rstrip("\ufe0f")) if found else (text, "")


def _backport_less(text: str) -> str:
    if text[:1] in "[bBcCvV0123456789" and (found := _BACKPORTED.match(text)) and (text[0] == "[") == ("]" in found[0]):
        return text[found.end() :]
    return text


def numberless(title: str) -> str:
    """A title without the numbers of pull requests at its end."""
    while title[-1:] == ")" and (shorter := BEHIND.sub("", title).rstrip()) != title:
        title = shorter
    return title


def breaking(body: str) -> str:
    """What a BREAKING CHANGE footer says, "!" when it says that and no more, "" without one.

    Only at the beginning of a line; "none" and the like, as templates have it, count as without.
    """
    if "BREAKING" not in body:
        return ""
    for found in _BREAKING.finditer(body):
        lines = [found[1].strip()]
        for line in body[found.end() : found.end() + 2000].split("\n")[1:]:
            if not line.strip() or _TRAILER.match(line):
                break
            lines.append(line.strip())
        text = tidy(" ".join(lines), 1000)
        if not _NOTHING.match(text):
            return text
        if not text:
            return "!"
    return ""


def origins(body: str) -> tuple[str, ...]:
    """The commits that this one was cherry-picked from with `-x`, the last one first."""
    return tuple(reversed(_ORIGIN.findall(body))) if "from commit" in body else ()


def backport_of(body: str) -> tuple[int, ...]:
    """The pull requests that this one says to bring to another line."""
    low = body[:400].lower()
    if "backport" not in low and "cherry" not in low:
        return ()
    return tuple(int(n) for n in _BACKPORT.findall(body[:_BODY]))


def closes(texts: Sequence[str]) -> tuple[str, ...]:
    """The issues that some texts say they close, in the words that hosts understand ("fixes #12"), each once."""
    found = [number for text in texts if " #" in text for number in _CLOSES.findall(text[:_TAIL])]
    return tuple(dict.fromkeys(f"#{number}" for number in found))[:10]


def brought(bodies: Sequence[str]) -> tuple[str, ...]:
    """The pull requests whose change some texts say they bring to another branch, as references."""
    return tuple(dict.fromkeys(f"#{n}" for body in bodies if "ackport" in body for n in backport_of(body)))


def pull_trailer(body: str) -> int | None:
    """The pull request of a trailer (PR-URL: and its like)."""
    tail = body[-_TAIL:]
    if "PR" not in tail and "Pull-" not in tail:
        return None
    found = _PULL_TRAILER.findall(tail)
    return int(found[-1]) if found else None


def co_authors(body: str) -> list[str]:
    if "<" not in body:
        return []
    first = body.lower().find("co-authored-by:")
    return [tidy(name, 80) for name in _WITH.findall(body, first)] if first >= 0 else []


def listed(body: str) -> list[str]:
    """The subjects that a host lists in the text of a squashed branch."""
    firsts = [at for at in (body.find("\n* "), body.find("\n- ")) if at >= 0]
    start = 0 if body[:2] in ("* ", "- ") else min(firsts, default=-1)
    return [tidy(line) for line in _LISTED.findall(body, start)] if start >= 0 else []


def keys(pattern: re.Pattern[str] | None, texts: Sequence[str]) -> tuple[str, ...]:
    """The issue keys in some texts, each once; the first text that has any counts alone."""
    if pattern is not None:
        for text in texts:
            found = [m[0] for m in pattern.finditer(text[:_TAIL]) if m[0]]
            if found:
                return tuple(dict.fromkeys(tidy(key, 40) for key in found))[:10]
    return ()
