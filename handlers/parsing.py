"""The grammar behind `/release`: what was typed, taken apart; nothing that is typed can make it fail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.domain.versions import Version
from handlers import dates
from handlers.words import BY_WORD, DATE, ITEM, KIND, PEOPLE, REASON, REF, ROLE, SHA, VERSION, Word

KINDS = ("patch", "minor", "major", "hotfix")
LONGEST = 4000
_PERSON = re.compile(r"^<@([UW][A-Z0-9]{2,20})(?:\|([^<>|]*))?>[,.]?$")
_MENTION = re.compile(r"<@[UW][A-Z0-9]{2,20}\|([^<>|]+)>")
_SHA = re.compile(r"^(?=[0-9a-f]*\d)[0-9a-f]{7,40}$")
_HEX = re.compile(r"^[0-9a-f]{7,40}$")
_LINK = re.compile(r"<(https?://[^\s|<>]+)(?:\|[^<>]*)?>")
_REF = re.compile(r"^(?:#\d{1,9}|[A-Z][A-Z0-9]{1,14}-\d{1,9}|(?=[0-9a-f]*\d)[0-9a-f]{7,40}|upgrade:[\w#./-]{1,200})$")
_CHANNEL = re.compile(r"^<#[CG][A-Z0-9]{2,20}\|(\d{1,9})>$")  # Slack makes a channel of `#345` where one has this name
_MISTYPED = re.compile(r"^(?=.*\d)(?:v?[\dol]+[.,]+[\dol]+[.,]+[\w.,-]*|v\d+[.,][\w.,-]+|\d+\.\d*o[\do]*)$")
_ADDRESS = re.compile(r"^\d+\.\d+\.\d+\.\d+$")
_ITEM = re.compile(r"^[a-z][a-z0-9_.-]{1,60}$")
_ROLES = {
    "qa": "qa",
    "pm": "product_manager",
    "product": "product_manager",
    "po": "product_manager",
    "ops": "devops",
    "devops": "devops",
    "tech": "tech_lead",
    "lead": "tech_lead",
    "techlead": "tech_lead",
    "executive": "executive",
    "manager": "release_manager",
    "support": "support",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands behind `/release`. `word` is None when nothing or an unknown word was typed (`first` has it)."""

    first: str = ""
    word: Word | None = None
    versions: tuple[str, ...] = ()
    kind: str = ""
    people: tuple[str, ...] = ()
    when: dates.When | None = None
    until: dates.When | None = None  # the last day of a time
    sha: str = ""
    role: str = ""
    item: str = ""
    refs: tuple[str, ...] = ()
    reason: str = ""
    mistyped: str = ""  # a word that looks like a version and is none
    rest: str = field(default="", compare=False)  # everything behind the first word, as typed

    @property
    def version(self) -> str:
        return self.versions[0] if self.versions else ""

    @property
    def ref(self) -> str:
        return self.refs[0] if self.refs else ""


def parse(text: str, now: datetime, zone: str) -> Typed:
    """Take apart what was typed. Never raises; what has no other meaning is the reason."""
    tokens = text[:LONGEST].split()
    if not tokens:
        return Typed()
    first, used = tokens[0].casefold().lstrip("/"), 1
    two = f"{first} {tokens[1].casefold()}" if len(tokens) > 1 else ""
    if two in BY_WORD:
        first, used = two, 2
    word = BY_WORD.get(first)
    rest = " ".join(tokens[used:])
    if word is None:
        return Typed(first=tokens[0], rest=rest)
    return _read(Typed(first=first, word=word, rest=rest), tokens[used:], now, zone)


def _read(typed: Typed, tokens: list[str], now: datetime, zone: str) -> Typed:
    """The head: versions, kind, people, dates, commit, role, item in any order, up to the first free word."""
    takes = typed.word.takes if typed.word else ()
    while tokens:
        used, typed = _one(typed, tokens, takes, now, zone)
        if not used:
            break
        tokens = tokens[used:]
    if tokens and VERSION in takes and not _is_depends(typed) and len(typed.versions) < _most_versions(typed):
        typed = replace(typed, mistyped=tokens[0] if looks_like_a_version(tokens[0]) else "")
    if _is_depends(typed):
        typed, tokens = _due(typed, tokens, now, zone)
    return _with_reason(typed, tokens, takes)


def _is_depends(typed: Typed) -> bool:
    """Whether the words name something with its owner and its day behind it."""
    return typed.word is not None and typed.word.word in ("depends", "action")


def _is_a_time(typed: Typed) -> bool:
    """Whether the word takes two days: from one until another."""
    return typed.word is not None and typed.word.word in ("delegate", "away", "shift")


def _span(typed: Typed, tokens: list[str], now: datetime, zone: str) -> tuple[int, Typed]:
    """`21 dec 4 jan`, `from monday until friday`, `until friday`: the first and the last day."""
    said = tokens[0].casefold()
    lead = said in ("from", "until", "till", "to")
    when, used = dates.read(tokens[lead:], now, zone)
    if when is None or typed.until is not None:
        return 0, typed
    takes = typed.word.takes if typed.word else ()
    last = (lead and said != "from") or typed.when is not None or PEOPLE in takes
    return used + lead, replace(typed, until=when) if last else replace(typed, when=when)


def _due(typed: Typed, tokens: list[str], now: datetime, zone: str) -> tuple[Typed, list[str]]:
    """Of `on billing-api 2.4 @dana 9 dec` the day at the end; before its owner every number belongs to the text."""
    if tokens and tokens[0].casefold() == "on":
        tokens = tokens[1:]
    marks = [i for i, t in enumerate(tokens) if _PERSON.match(t) or t.casefold() in ("by", "due")]
    if marks:
        when, used = dates.read(tokens[marks[-1] + 1 :], now, zone)
        if when and used == len(tokens) - marks[-1] - 1:
            kept = tokens[: marks[-1] + bool(_PERSON.match(tokens[marks[-1]]))]
            return replace(typed, when=when), kept
    return typed, tokens


def _one(typed: Typed, tokens: list[str], takes: tuple[str, ...], now: datetime, zone: str) -> tuple[int, Typed]:
    token = tokens[0].casefold().rstrip(",")
    person = _PERSON.match(tokens[0])
    may_name = VERSION in takes and len(typed.versions) < _most_versions(typed)
    if may_name and (version := version_in(token.rstrip(".:;"))):
        return 1, replace(typed, versions=(*typed.versions, version))
    if KIND in takes and not typed.kind and token in KINDS:
        return 1, replace(typed, kind=token)
    if PEOPLE in takes and person:
        return 1, replace(typed, people=(*typed.people, person[1]))
    if ROLE in takes and not typed.role and token == "as" and len(tokens) > 1 and (found := _role(tokens[1:])):
        return 1 + found[1], replace(typed, role=found[0])
    hexadecimal = _SHA if REASON in takes else _HEX  # where no words follow, letters alone are a commit too
    if SHA in takes and not typed.sha and hexadecimal.match(token):
        return 1, replace(typed, sha=token)
    if REF in takes and (ref := _next_ref(typed, tokens[0])):
        return 1, replace(typed, refs=(*typed.refs, ref))
    if _is_a_time(typed) and (span := _span(typed, tokens, now, zone))[0]:
        return span
    if DATE in takes and typed.when is None and not _is_depends(typed) and not _is_a_time(typed):
        when, used = dates.read(tokens, now, zone)
        if when:
            return used, replace(typed, when=when)
    if ITEM in takes and not typed.item and _ITEM.match(token):
        return 1, replace(typed, item=token)
    return 0, typed


def _most_versions(typed: Typed) -> int:
    return 2 if typed.word and typed.word.word == "diff" else 1


def _with_reason(typed: Typed, tokens: list[str], takes: tuple[str, ...]) -> Typed:
    """The rest in the person's own words; a whole version at its very end still names the release."""
    if (
        tokens
        and VERSION in takes
        and not typed.versions
        and not _is_depends(typed)  # what it depends on has a version of its own
        and tokens[-1].count(".") >= 2
        and (version := version_in(tokens[-1].casefold()))
    ):
        typed = replace(typed, versions=(version,))
    if PEOPLE in takes:
        found = [(t, m[1]) for t in tokens if (m := _PERSON.match(t))]
        typed = replace(typed, people=(*typed.people, *(p for _, p in found)))
        tokens = [t for t in tokens if t not in {t for t, _ in found}]
    text = _LINK.sub(r"\1", _MENTION.sub(r"@\1", " ".join(tokens)))
    if typed.word and typed.word.word == "freeze":
        text = re.sub(r"^early\b:?\s*", "", text, flags=re.IGNORECASE)
    return replace(typed, reason=text if REASON in takes else "")


def version_in(token: str) -> str:
    """`1.3.0` out of `v1.3`, `next` and `last` as they are, "" when it is no version."""
    if token in ("next", "last"):
        return token
    if not re.match(r"^v?\d+\.\d", token):
        return ""
    found = Version.maybe(token)
    return str(found) if found else ""


def looks_like_a_version(token: str) -> bool:
    """Whether somebody meant a version that this is not: `1.3.O`, `v1.3x`, `1,3,0`; `1.5h` and `10.0.0.1` are words."""
    bare = token.casefold().strip("`'\"(),.;:!?")
    return not version_in(bare) and not _ADDRESS.match(bare) and bool(_MISTYPED.match(bare))


def _next_ref(typed: Typed, token: str) -> str:
    """What is looked for or goes in or out: of those several and in any case; an answer is about one."""
    loose = typed.word is not None and typed.word.word in ("where", "scope add", "scope drop")
    if typed.refs and not loose:
        return ""
    return ref_in(token) or (ref_in(token.upper()) if loose and "-" in token else "")


def ref_in(token: str) -> str:
    """`#345`, `AA-171` or a commit out of a token as Slack sends it, "" when it is none."""
    found = _CHANNEL.match(token)
    text = f"#{found[1]}" if found else token.rstrip(",")
    return text if _REF.match(text) else ""


def _role(tokens: list[str]) -> tuple[str, int] | None:
    words = [t.casefold().strip(",.") for t in tokens[:2]]
    if len(words) == 2 and f"{words[0]}_{words[1]}" in set(_ROLES.values()):
        return f"{words[0]}_{words[1]}", 2
    if words[0] in _ROLES.values() or words[0] in _ROLES:
        used = 2 if len(words) == 2 and words[1] in ("lead", "manager", "owner") and words[0] not in ("lead",) else 1
        return _ROLES.get(words[0], words[0]), used
    return None


def written(typed: Typed) -> str:
    """A line that reads back as the same thing, for the buttons that run it."""
    parts = [
        typed.first,
        typed.kind,
        *typed.versions,
        typed.sha,
        f"as {typed.role}" if typed.role else "",
        *(f"<@{p}>" for p in typed.people),
        typed.item,
        *typed.refs,
    ]
    last = f"until {typed.until.day.isoformat()}" if typed.until else ""
    day = f"{typed.when.day.isoformat()}{f' {typed.when.at:%H:%M}' if typed.when.at else ''}" if typed.when else ""
    behind = [typed.reason, f"due {day}" if day else ""] if _is_depends(typed) else [day, last, typed.reason]
    return " ".join(p for p in [*parts, *behind] if p)
