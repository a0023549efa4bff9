"""The form that opens a release: the kind proposes the number and the departures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.release import ReleaseType
from core.usecases.start import Proposal
from handlers import ids
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.marks import BLOCKED, LOOK
from handlers.views.reasons import reasons
from handlers.views.thread_lines import same_changes
from handlers.views.writing import (
    Facts,
    day_in_words,
    day_token,
    in_words,
    instant,
    lasted,
    listed,
    mention,
    name,
    plain,
    said,
)

KINDS = (
    ("*Patch*: bug fixes and security", "patch"),
    ("*Minor*: new features, nothing breaks", "minor"),
    ("*Major*: breaking changes, 4 weeks ahead", "major"),
    ("*Hotfix*: critical fix for production, now", "hotfix"),
)
FIELDS = {
    "version.taken": "version",
    "departure.taken": "train",
    "version_free": "version",
    "version_fits": "version",
    "version_next": "version",
    "departure_free": "train",
    "departure_past": "train",
    "own_window": "train",
    "notice": "train",
    "reason": "reason",
    "lead": "lead",
    "permission": "type",
    "signable": "type",
    "production_known": "type",
}


def form(p: Proposal, ground: Facts, given: Mapping[str, str], channel: str = "") -> Form:
    """The form for one kind; `given` are words that were typed or chosen before and are kept."""
    kind = p.kind
    tag = f"v{plain(given.get('version') or p.version)}"
    fields: list[Block | None] = [
        inputs.radio("type", "What kind?", KINDS, initial=kind.value, asks=True),
        b.section(f"{LOOK} {said(given['note'], 200)}") if given.get("note") else None,
        b.context(_proposed(p, ground)),
        _blocked(p, ground),
        # a new proposal needs a new block, or Slack keeps what was typed into the old one
        inputs.text(f"version.{kind.value}", "Version", initial=given.get("version") or p.version),
        _train(p, ground, given) if kind.by_train else None,
        inputs.person("lead", "Who leads it?", initial=given.get("lead") or "", hint=_turns(p, ground)),
        None
        if kind.by_train
        else inputs.text(
            "reason",
            "What fails?" if kind is ReleaseType.HOTFIX else "Why?",
            lines=True,
            initial=given.get("reason") or "",
            hint="Kept in the record",
        ),
        None
        if kind.by_train
        else inputs.text(
            "picks",
            "Pull requests with the fix",
            optional=True,
            initial=given.get("picks") or "",
            hint="Numbers, for example 341, 343",
        ),
        inputs.text("title", "Title", initial=given.get("title") or "", optional=True) if kind.by_train else None,
        b.context(_follows(p, ground)),
    ]
    return inputs.form(
        "Start a release", "start", ids.metadata(ids.Target(), channel, kind.value), fields, submit=f"Start {tag}"
    )


def _proposed(p: Proposal, ground: Facts) -> str:
    live = next((r["production"] for r in p.reasons if r.get("code") == "after"), p.base_tag)
    why = [f"v{said(live)} is in production"]
    for r in p.reasons:
        if r.get("code") == "taken":
            taken = [f"v{v}" for v in r.get("versions") or ()]
            why.append(f"{said(listed(taken))} {'is' if len(taken) == 1 else 'are'} taken")
        if r.get("code") == "changes":
            unsure = f", {r['unsure']} cannot be told from the title" if r.get("unsure") else ""
            why.append(f"{r.get('new')} of the {r.get('count')} changes since then are new features{unsure}")
        if r.get("breaking"):
            named = listed([f"{said(x['item'])} “{said(x['title'], 60)}”" for x in r["breaking"]], "and", 3)
            why.append(f"look twice: {named} breaks something, which asks for a major release")
    age = (
        f" The history is {lasted(p.age)} old." if p.age > 60 else " The history was not read yet." if p.age < 0 else ""
    )
    branch = "" if p.kind.by_train else f" The branch is cut from {said(p.base_tag)}."
    return f"Proposed: *v{said(p.version)}*, because {listed(why)}.{branch}{age}{same_changes(p.reasons)}"


def _blocked(p: Proposal, ground: Facts) -> Block | None:
    found = reasons(list(p.blockers), ground)
    return b.section("\n".join(f"{BLOCKED} *{r.title}*: {r.detail}" for r in found)) if found else None


def _train(p: Proposal, ground: Facts, given: Mapping[str, str]) -> Block | None:
    first = next((when for when, free in p.trains if free), None)
    options = [
        (in_words(ground, when) + (" (next free train)" if when == first else ""), when.isoformat())
        for when, free in p.trains
        if free
    ]
    wanted = given.get("train") or ""
    known = {value for _, value in options}
    if wanted and wanted not in known and instant(wanted):
        options.append((in_words(ground, wanted), wanted))
    if not options:
        return b.section(f"{BLOCKED} No departure is free far enough ahead. Add one with `/release extra`.")
    return inputs.select(f"train.{p.kind.value}", "When does it leave?", options, initial=wanted or options[0][1])


def _turns(p: Proposal, ground: Facts) -> str:
    """Whose turn each free train is, where people lead by turns."""
    free = {when for when, is_free in p.trains if is_free}
    turns = [f"{day_in_words(ground, w)} {name(ground, who)}" for w, who in p.captains if w in free]
    return f"By turns: {listed(turns[:4])}" if turns else ""


def _follows(p: Proposal, ground: Facts) -> str:
    titles = ground.get("roles") or {}
    who = [
        f"{said(titles.get(role, role))} ({listed([mention(ground, x) for x in people], 'or', 3) or 'nobody'})"
        for role, people in p.approvals
    ]
    when = f"Leaves {day_token(ground, p.departs_at.isoformat())} · " if p.departs_at and p.kind.by_train else ""
    return f"{when}approval: {listed(who)}" if who else when


def answers(values: Mapping[str, Any], kind: str) -> dict[str, str]:
    """What stands in the form, under plain names."""
    found: dict[str, str] = {}
    for block, value in values.items():
        name, _, of = block.partition(".")
        if isinstance(value, str) and (not of or of == kind):
            found[name] = value.strip()
    return found


def picks(text: str) -> Sequence[int]:
    """The numbers in `#341, 343`."""
    return [int(t) for t in text.replace("#", " ").replace(",", " ").split() if t.isdecimal() and len(t) < 9]
