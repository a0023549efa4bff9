"""What an approver reads when the content moved under a signature: why it fell, and only the difference."""

from __future__ import annotations

from typing import Any

from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.pressing import show
from handlers.views.writing import Data, Facts, counted, date_token, listed, mention, plain, role_title, said

# What a part of the content is called: one, many, and by itself where it is the same as before.
NAMES = {
    "migrations": ("migration", "migrations", "migrations"),
    "configuration": ("setting", "settings", "settings"),
    "flags": ("flag", "flags", "flags"),
}


def withdrawn(data: Data, role: str) -> Message:
    """The message when the content moved under a signature: what changed, and that a new request follows."""
    facts: Facts = data["facts"]
    tag, c = plain(facts["tag"]), facts.get("candidate") or {}
    old, new = candidate(data.get("before")), f"rc.{c.get('number')}"
    by = mention(facts, str(data.get("actor") or c.get("by") or ""))
    title = role_title(facts, role)
    as_role = f" as {said(title)}" if title else ""
    return b.message(
        f"{tag} changed after you approved it, so your approval was withdrawn. {old} became {new}. I ask you again "
        "when it is ready.",
        b.header(f"{tag} changed after you approved it"),
        b.section(
            f"Your approval of {said(old)}{as_role} was withdrawn, because {new} was tagged "
            f"{date_token(facts, c.get('at'))} by {by}. I ask you again when it is ready.",
            "moved",
        ),
        *difference(facts, data),
        b.actions(changes(facts, data), show(facts, "why", "What is missing?"), block_id="decide"),
    )


def candidate(tag: object) -> str:
    """`rc.2` out of a candidate's tag."""
    return plain(str(tag or "")).rpartition("-")[2] or "the candidate before"


def why_again(facts: Facts, again: Data) -> str:
    """Why somebody who has approved is asked once more."""
    c, old = facts["candidate"], said(candidate(again.get("before")))
    if again.get("why") == "content":
        return (
            f"Your approval of {old} was withdrawn {date_token(facts, again.get('at'))}: the commit is the same, but "
            "not all that comes with it."
        )
    return (
        f"Your approval of {old} was withdrawn, because rc.{c['number']} was tagged {date_token(facts, c['at'])} by "
        f"{mention(facts, str(c['by']))}."
    )


def is_known(moved: Data) -> bool:
    """Whether the difference was read; else the whole content has to be looked at."""
    return any(moved.get(key) for key in ("parts", "came", "went"))


def difference(facts: Facts, moved: Data) -> list[Block | None]:
    """What came, what went, and in one line what is the same as before; `moved` has commits and parts."""
    came, went = _commits(facts, moved, "came", "more"), _commits(facts, moved, "went", "gone")
    parts = [p for p in moved.get("parts") or () if p["part"] not in ("commit", "version")]
    changed = "\n".join(text for p in parts if (text := _part(p, moved.get("notes") or {})))
    same = _same(facts, moved, parts)
    return [
        b.section(f"*Different: {came[0]}*\n{came[1]}", "came") if came else None,
        b.section(f"*Not in it any more: {went[0]}*\n{went[1]}", "went") if went else None,
        b.section(changed, "parts") if changed else None,
        b.context(f"*The same as before:* {same}") if same else None,
    ]


def _notes(notes: Data) -> str:
    """Which lines of the notes are new, under which heading, and how many went."""
    new = [(said(under), said(text, 200)) for under, text in notes.get("came") or ()]
    count, gone = len(new) + int(notes.get("more") or 0), int(notes.get("gone") or 0)
    if not count and not gone:
        return "*The notes read otherwise*"
    headings = {under for under, _ in new}
    head = [f"*{counted(count, 'line')} of the notes*" + (f", under {new[0][0]}" if len(headings) == 1 else "")]
    lines = [f"• “{text}”" if len(headings) == 1 else f"• {under}: “{text}”" for under, text in new]
    less = f"{counted(gone, 'line')} of the notes {'is' if gone == 1 else 'are'} not there any more"
    return "\n".join([*(head if count else ()), b.lines(lines, 700, count), *([less] if gone else [])]).strip()


def _part(part: Data, notes: Data) -> str:
    """One part that differs: how much came and went, and the lines that people can read."""
    came, went = (int(n) for n in part["count"])
    if not came and not went:
        return ""
    if part["part"] == "notes":
        return _notes(notes)
    one, many, _ = NAMES[part["part"]]
    lines = [f"• {said(line, 200)}" for line in part["came"]]
    lines += [f"• not any more: {said(line, 200)}" for line in part["went"]]
    head = [f"{counted(n, one, many)} {how}" for n, how in ((came, "more"), (went, "less")) if n]
    return "\n".join([f"*{listed(head)}*", b.lines(lines, 700, came + went)])


def _same(facts: Facts, moved: Data, parts: list[dict[str, Any]]) -> str:
    """`1 migration · settings · flags · the other 14 changes`: what needs no second look."""
    words = []
    if moved.get("why") == "content" and facts.get("candidate"):
        words.append(f"the commit {links.commit(facts, str(facts['candidate']['sha']))}")
    for part in parts:
        if not any(part["count"]):
            one, many, alone = NAMES.get(part["part"], ("", "", part["part"]))
            words.append(counted(part["same"], one, many) if part["same"] and one else alone)
    came, went = (len(moved.get(k) or ()) + int(moved.get(n) or 0) for k, n in (("came", "more"), ("went", "gone")))
    rest = int(moved.get("changes") or 0) - went
    if (came or went) and rest > 0:
        words.append(f"the other {counted(rest, 'change')}")
    return " · ".join(words)


def changes(facts: Facts, moved: Data) -> Block:
    """The way to all changes; the host's own comparison of the two candidates where it has one."""
    base, c = str(moved.get("sha") or ""), facts.get("candidate") or {}
    url = links.compare(facts, base, str(c.get("sha") or "")) if base and base != c.get("sha") else ""
    return b.link("See what changed", "diff", url) if url else show(facts, "diff", "See all changes")


def _commits(facts: Facts, data: Data, key: str, rest: str) -> tuple[str, str] | None:
    """How many changes there are and a line for each; None when there are none."""
    found, more = list(data.get(key) or ()), int(data.get(rest) or 0)
    if not found:
        return None
    shas = [links.commit(facts, str(c["sha"])) for c in found]
    lines = [
        f"• {said(c.get('subject'))}, by {said(c.get('author'), 40)}, {sha}" for c, sha in zip(found, shas, strict=True)
    ]
    return counted(len(found) + more, "change"), "\n".join([*lines, *([f"+{more} more"] if more else [])])
