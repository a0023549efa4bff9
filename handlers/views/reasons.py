"""Words for each reason why something may not happen now: one table for card, `why`, refusals and reminders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.domain.evidence.model import PERSON
from core.domain.notes.model import Gap
from core.domain.open_since import key_of
from core.domain.own_reasons import ONES_OWN
from core.errors import Blocker
from handlers.views import flag_rows, links
from handlers.views.checklist_words import item_values, kind_of, unknown_item
from handlers.views.git_words import conflicts, purpose
from handlers.views.marks import NOT_YET, WAITS
from handlers.views.notes_words import gap_text
from handlers.views.reason_row import Words
from handlers.views.reason_words import TABLE, UNKNOWN
from handlers.views.reason_words_contents import FILE_FAULTS
from handlers.views.reason_words_environments import CODES as PLACED
from handlers.views.reason_words_environments import place_values
from handlers.views.strays import stray_text
from handlers.views.voices import history
from handlers.views.writing import (
    Facts,
    counted,
    date_token,
    holders,
    instant,
    listed,
    mention,
    role_title,
    roles_in,
    said,
)

_NUMBER = re.compile(r"^\d+\.\d+\.\d+(-[a-z0-9.]+)?$")
_ROLE_KEYS = ("role", "signed", "roles", "mine")
_PERSON_KEYS = ("first", "second", "person", "holder", "stands_for", "by", "left")
_REF_KEYS = ("ref", "refs", "item", "items", "commits", "one_of")


@dataclass(frozen=True, slots=True)
class Do:
    """What a person who can clear it presses."""

    verb: str
    label: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One blocker in words; `line` follows its mark on the card, `title` and `detail` stand in `why`."""

    code: str
    mark: str
    title: str
    line: str
    detail: str
    people: tuple[str, ...]
    do: Do | None = None
    later: bool = False
    since: str = ""  # ISO; "" where nobody knows it, or the detail tells it

    def is_for(self, person: str) -> bool:
        return person in self.people


class _Gaps(dict[str, str]):
    """A fact that the blocker does not carry reads as nothing, never as an error."""

    def __missing__(self, key: str) -> str:
        return ""


def reason(blocker: Mapping[str, Any], facts: Facts) -> Reason:
    """The words for a blocker as it stands in the facts: {code, facts, who, since, later}."""
    code = str(blocker.get("code", ""))
    words = words_for(code, blocker.get("facts") or {})
    people = tuple(holders(facts, blocker.get("who") or ()))
    blocker = {**blocker, "since": blocker.get("since") or _first_seen(code, blocker, facts)}
    values = _values(blocker, facts, people)
    later = bool(blocker.get("later"))
    line = _tidy(words.line.format_map(values))
    if words.mark == WAITS:
        line = f"*Waits for* {values['who']} {line}" if line.startswith("to ") else f"*Waits for* {line}"
    else:
        line = f"*Blocked by* {line}" + (f", {values['who']} can help" if people and "{by}" not in words.line else "")
    detail = _tidy(words.detail.format_map(values))
    if (
        people
        and not later
        and code not in ONES_OWN
        and not any(x in words.detail for x in ("{who}", "{asks}", "{signs}"))
    ):
        detail += f" {values['who']} can {'answer' if words.mark == WAITS else 'clear it'}."
    do = Do(words.do, words.label, _item(code, blocker)) if words.do else None
    told = later or any(f"{{{x}}}" in words.detail for x in ("since", "on", "asks"))
    since, title = "" if told else str(blocker["since"]), _tidy(words.title.format_map(values))
    return Reason(code, NOT_YET if later else words.mark, title, line, detail, people, do, later, since)


def _first_seen(code: str, blocker: Mapping[str, Any], facts: Facts) -> str:
    """When the release was first seen to wait for it, where the gate itself cannot know."""
    return str((facts.get("open_since") or {}).get(key_of(code, blocker.get("facts") or {})) or "")


def words_for(code: str, given: Mapping[str, Any]) -> Words:
    """The row of a code: the code itself, else its family before the dot."""
    if code == "window" and given.get("over"):
        return TABLE["window.over"]
    if code.startswith("evidence.") and given.get("state") == "failed":
        return TABLE["evidence.failed" if given.get("source") == PERSON else "evidence.machine"]
    if code == "delegation_over" and given.get("away"):
        return TABLE["delegation_over.away"]
    if code == "delegation_over" and not given.get("until"):
        return TABLE["delegation_over.back"]
    if given.get("rule") == "retrospective" and code != "signoff.by_itself":
        return TABLE["item.retrospective"]
    if given.get("stands_for") and f"{code}.lent" in TABLE:
        return TABLE[f"{code}.lent"]
    return TABLE.get(code) or TABLE.get(code.partition(".")[0]) or UNKNOWN


def reasons(blockers: object, facts: Facts) -> list[Reason]:
    """All reasons, whether as facts or as `Blocker`; live ones first, then what can only come later."""
    given = blockers if isinstance(blockers, list | tuple) else []
    found = [reason(as_fact(b) if isinstance(b, Blocker) else b, facts) for b in given]
    return [r for r in found if not r.later] + [r for r in found if r.later]


def as_fact(blocker: Blocker) -> dict[str, Any]:
    """A `Blocker` in the shape in which the facts keep it."""
    return {
        "code": blocker.code,
        "facts": dict(blocker.facts),
        "who": list(blocker.who),
        "since": blocker.since,
        "later": blocker.later,
    }


def _values(blocker: Mapping[str, Any], facts: Facts, people: tuple[str, ...]) -> _Gaps:
    code = str(blocker.get("code", ""))
    tail = code.partition(".")[2]
    given = dict(blocker.get("facts") or {})
    tag = said(facts.get("tag", ""))
    values = _Gaps(
        version=tag,
        tag=tag,
        base=said(facts.get("base_tag", "")),
        branch=said(facts.get("branch", "")),
        candidate=_candidate(facts),
        role=said(role_title(facts, tail)),
    )
    values.update({key: _shown(key, value, facts) for key, value in given.items()})
    values.update(_contents(code, given, facts))
    since = date_token(facts, blocker["since"]) if instant(blocker.get("since")) else ""
    named = listed([mention(facts, p) for p in people], "or", 3)
    if not named:
        named = listed([f"a {said(r)}" for r in roles_in(facts, blocker.get("who") or ())], "or")
    values.update(
        on=f" {since}" if since else "",
        code=said(code),
        tail=said(tail),
        who=named or (f"a {said(role_title(facts, str(given['role'])))}" if given.get("role") else ""),
        since=f" since {since}" if since else "",
        asked=f", asked {since}" if since else "",
        title=_signoff_title(given, facts, tail),
        overdue=", longer than agreed" if given.get("late") else "",
        due=f" An answer {'was' if given.get('late') else 'is'} due {date_token(facts, given['answer_by'])}."
        if instant(given.get("answer_by"))
        else "",
        asks=f"{named} was asked {since}." if since and named else f"{named or 'Somebody'} is asked when it is time.",
        signs=f"{named or 'Somebody in that role'} signs it off{' when it is time' if blocker.get('later') else ''}.",
        problems=" ".join(reason(p, facts).detail for p in given.get("problem") or () if isinstance(p, Mapping)),
    )
    return values


def _shown(key: str, value: Any, facts: Facts) -> str:
    if isinstance(value, list | tuple):
        return listed([_shown(key, v, facts) for v in value], "and", 3)
    if isinstance(value, Mapping) and value.get("name"):  # a check, by its name
        return links.site(facts, value.get("url"), f"“{said(value['name'])}”")
    if isinstance(value, Mapping):  # a change, by its name and title
        return f"{links.ref(facts, str(value.get('id') or ''))} “{said(value.get('title') or '')}”"
    text = str(value)
    if key == "purpose":
        return purpose(text)
    if key in _REF_KEYS and links.is_ref(text):
        return links.ref(facts, text)
    if key in _ROLE_KEYS:
        return said(role_title(facts, text))
    if len(text) >= 19 and instant(text):
        return date_token(facts, text)
    if key == "until" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = date.fromisoformat(text)
        return f"{day.day} {day:%b %Y}"
    if key in _PERSON_KEYS or text in (facts.get("names") or {}):
        return mention(facts, text) if text else ""
    return f"v{said(text)}" if _NUMBER.match(text) else said(text)


def _contents(code: str, given: Mapping[str, Any], facts: Facts) -> dict[str, str]:
    """The words that need more than one fact: gaps, files, conflicts, what was moved by hand."""
    if code in PLACED:
        return place_values(given, facts)
    if code == "signoff.unknown":
        return unknown_item(given, facts)
    if code == "review":
        due = f"{'overdue since' if given.get('late') else 'due'} {date_token(facts, given.get('due'))}"
        return {"review_due": f", {due}", "review_is": f"is {due}"}
    if code in ("override.which", "override.code"):
        return {"open": listed([_gate(facts, str(x)) for x in given.get("open") or ()], "or", 8)}
    if code == "version.file":
        fault = FILE_FAULTS.get(str(given.get("why")), "it is another one")
        return {"file_fault": fault.format(found=said(given.get("found") or "nothing"))}
    if code == "git.conflict":
        return {"conflicts": conflicts(given)}
    if code.partition(".")[0] in ("evidence", "item") or code == "signoff.by_itself":
        return item_values(given, facts)
    if code.startswith("flags."):
        return {"is_told": flag_rows.told(given), "last_use": f" {flag_rows.last_use(given)}"}
    if code.startswith("result."):
        known = listed([said(k) for k in given.get("known") or ()], "or")
        return {"kind_words": kind_of(given.get("kind")), "known": known}
    if code == "cast.twice" and given.get("roles"):
        return {"last": said(role_title(facts, str(given["roles"][-1])))}
    if code == "build.differs":
        return {key: said(given.get(key) or "no build that was known") for key in ("staging", "now")}
    if code == "concern":
        return {"history": history(given, facts)}
    if code == "stray":
        return {"stray_text": stray_text(given)}
    if code != "notes.gap":
        return {}
    text = gap_text(Gap(str(given.get("gap") or ""), str(given.get("item") or ""), dict(given)), facts)
    if given.get("gap") != "no_upgrade_note":
        return {"gap_title": "The notes", "gap_text": text, "gap_line": f"the notes: {text}"}
    return {
        "gap_title": "An upgrade note",
        "gap_text": text,
        "gap_line": f"a missing upgrade note for {text.removesuffix(' has no upgrade note').replace('M', 'm', 1)}",
    }


def _gate(facts: Facts, code: str) -> str:
    """A gate by its title, with the name under which it can be typed."""
    found = next((x for x in facts.get("blockers") or () if x.get("code") == code), {"code": code})
    return f"“{reason(found, facts).title}” (`{said(code)}`)"


def _signoff_title(given: Mapping[str, Any], facts: Facts, tail: str) -> str:
    if "title" in given:  # a change of which nobody knows the title yet has none
        return said(given["title"] or "")
    return next((said(s["title"]) for s in facts.get("signoffs") or () if s.get("name") == tail), said(tail))


def _candidate(facts: Facts) -> str:
    return f"rc.{facts['candidate']['number']}" if facts.get("candidate") else "the candidate"


def _item(code: str, blocker: Mapping[str, Any]) -> str:
    given = blocker.get("facts") or {}
    if code.startswith("evidence."):
        return str(given.get("kind") or "")
    return str(given.get("id") or given.get("item") or given.get("ref") or given.get("role") or code.partition(".")[2])


def _tidy(text: str) -> str:
    text = text.replace("“”.", "").replace("“”", "")  # nothing was said
    return " ".join(text.split()).replace(" .", ".").replace(" ,", ",").strip()


def summary(found: list[Reason]) -> str:
    """How many are open: `4 conditions are open, one of them has to wait for another`."""
    later = sum(r.later for r in found)
    text = f"{counted(len(found), 'condition')} {'is' if len(found) == 1 else 'are'} open"
    if later and later < len(found):
        waits = "one of them has" if later == 1 else f"{later} of them have"
        text += f", {waits} to wait for another"
    return text
