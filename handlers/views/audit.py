"""What people read of a release's record: who agreed, who sent it out, whether each entry fits, and all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.effects import BOT
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.audit_words import done
from handlers.views.card_lines import posts_of
from handlers.views.checklist import is_met, item_line
from handlers.views.checklist_words import kind_of
from handlers.views.marks import BLOCKED, DONE
from handlers.views.overrides import of_entry
from handlers.views.writing import Facts, counted, date_token, instant, listed, mention, plain, said

TOGETHER = 20  # entries of one block
MOST_BLOCKS = 95
SHOWN = 10


def audit(facts: Facts, trail: Mapping[str, Any], *, may: bool = False) -> Message:
    """Who approved what, who said go, and whether the record is whole; then the newest entries. `may`: the package."""
    tag = plain(facts.get("tag", ""))
    count = counted(int(trail.get("count") or 0), "entry", "entries")
    lines = [_first(facts, tag), *_approved(facts), _went(facts), _proven(facts), _passed(facts), *_signed(facts)]
    newest = (trail.get("entries") or ())[:SHOWN]
    return b.message(
        f"{tag}: {count} in its record.",
        b.header(f"Audit of {tag}"),
        b.section(b.lines([line for line in lines if line], 2900), "summary"),
        b.section(_record(facts, trail, count), "record"),
        b.section("*Newest entries*\n" + "\n".join(_entry(facts, e) for e in newest), "entries") if newest else None,
        b.actions(*_buttons(facts, may), block_id="do"),
    )


def _buttons(facts: Facts, may: bool) -> list[Block]:
    number = int(facts["id"])
    about = f"Send me the evidence of {facts['tag']}"
    send = [b.button("Send me the package", "package", ids.value(number), about=about)]
    return [*(send if may else ()), b.button("All entries", "entries", ids.value(number))]


def _first(facts: Facts, tag: str) -> str:
    c = facts.get("candidate") or {}
    at = f", live {date_token(facts, facts['live_at'])}" if facts.get("live_at") else ", never live"
    return f"*{said(tag)}*" + (f", commit {links.commit(facts, c['sha'])}" if c else "") + f"{at}."


def _approved(facts: Facts) -> list[str]:
    digest = str((facts.get("candidate") or {}).get("digest") or "")
    return [
        f"Approved by {mention(facts, given['person'])} ({said(seat['title'])}) {date_token(facts, given['at'])} "
        f"for content `{said(digest[:4])} {said(digest[4:8])}`."
        for seat in facts.get("approvals") or ()
        for given in seat.get("given") or ()
    ]


def _went(facts: Facts) -> str:
    run = facts.get("run") or {}
    return f"Sent to production by {mention(facts, run['by'])}." if run.get("by") else ""


def _signed(facts: Facts) -> list[str]:
    """What people signed; what is proven otherwise stands with its tests."""
    return [item_line(facts, s) for s in facts.get("signoffs") or () if is_met(s) and s.get("done")]


def _proven(facts: Facts) -> str:
    """Each kind of result with its verdict."""
    told = [
        f"{kind_of(one['kind'])} {said(one['state'])}"
        for one in facts.get("evidence") or ()
        if one.get("state") in ("passed", "failed")
    ]
    return f"Tests: {listed(told, 'and', 8)}." if told else "Tests: none was reported."


def _passed(facts: Facts) -> str:
    used = [said(o["title"] or o["code"]) for o in facts.get("overrides") or () if o.get("used_at")]
    return f"Overrides: {listed(used)}." if used else "Overrides: none."


def _record(facts: Facts, trail: Mapping[str, Any], count: str) -> str:
    head, announced = str(trail.get("head") or ""), str(facts.get("record") or "")
    text = f"Record: {count}, {_state(trail)}, head `{said(head[:4])} {said(head[4:8])}`"
    text += f", announced as `{said(announced)}`." if announced else ", never announced."
    if gone := int(trail.get("expired") or 0):
        text += f" The words of {gone} have expired; their links still prove them."
    return f"{text} Posts: {posts}." if (posts := posts_of(facts)) else text


def _state(trail: Mapping[str, Any]) -> str:
    if trail.get("whole"):
        return f"{DONE} chain unbroken"
    at = int(trail.get("broken") or 0)
    proven = f"; entries 1-{at - 1} are proven" if at > 1 else ""
    return f"{BLOCKED} entry {at} does not fit its chain{proven}. Nothing is hidden: all of them are in the package"


def entries(facts: Facts, rows: Sequence[Mapping[str, Any]]) -> list[Block]:
    """All entries, the newest first; of a very long record the newest, and where the rest is."""
    shown = rows[: TOGETHER * MOST_BLOCKS]
    parts = [shown[at : at + TOGETHER] for at in range(0, len(shown), TOGETHER)]
    blocks = [b.section(b.lines([_whole(facts, row) for row in part], 2950)) for part in parts]
    if len(rows) > len(shown):
        blocks.append(b.context(f"{len(rows) - len(shown):,} older entries are in the package."))
    return blocks or [b.section("Nothing was ever written here.")]


def _whole(facts: Facts, row: Mapping[str, Any]) -> str:
    """One entry with in which roles, why and what phase followed."""
    roles = [said(facts.get("roles", {}).get(role, role), 40) for role in row.get("roles") or ()]
    told = _entry(facts, row) + (f" · as {listed(roles)}" if roles else "")
    told += f" · then {said(row['to'])}" if row.get("to") else ""
    told += f" · _{said(row['why'], 90)}_" if row.get("why") else ""
    return told + (" · words expired" if row.get("expired") else "")


def _entry(facts: Facts, entry: Mapping[str, Any]) -> str:
    at = instant(entry.get("at"))
    when = date_token(facts, at) if at else said(entry.get("at"))
    actor = str(entry.get("actor") or "")
    by = "Release Bot" if actor in ("", BOT) else mention(facts, actor)
    return f"{entry.get('seq')} · {when} · {by} · {of_entry(entry, facts) or said(done(str(entry.get('verb'))))}"
