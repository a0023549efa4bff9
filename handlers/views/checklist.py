"""The checklists as people see them: each item with who or what met it, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import flag_rows, links
from handlers.views.checklist_words import failed, numbers, rule, source_of
from handlers.views.duties import in_words
from handlers.views.marks import BLOCKED, DONE, LOOK, NOT_YET, RUNNING, WAITS
from handlers.views.overrides import of_item
from handlers.views.pressing import show, to_sign
from handlers.views.retro import on_checklist
from handlers.views.writing import Facts, date_token, listed, mention, name, plain, said

Item = Mapping[str, Any]
TITLES = {
    "pre-release": "Pre-release",
    "pre-deployment": "Pre-deployment",
    "deployment day": "Deployment day",
    "post-release": "Post-release",
    "": "Also asked",
}
MOST_LINES = 30


def items(facts: Facts, of: str | None = None) -> list[Item]:
    """The items of a checklist in the order of the policy; "" are those in none, None all."""
    found = facts.get("signoffs") or ()
    return [s for s in found if of is None or of in (s.get("lists") or ("",))]


def is_met(item: Item) -> bool:
    """Also of facts that were stored before items said how they stand."""
    return item["state"] == "met" if "state" in item else bool(item.get("done") or item.get("evidence"))


def met_of(found: Sequence[Item]) -> str:
    """`9 of 11`."""
    return f"{sum(map(is_met, found))} of {len(found)}"


def count(facts: Facts) -> str:
    """`pre-release 9 of 11`: the checklists that people work on now, by name, because the count of each begins anew;
    before the first one of all that is asked."""
    now = facts.get("lists") or ()
    if not now:
        return f"{met_of(items(facts))} done" if items(facts) else ""
    return " · ".join(f"{TITLES[of].lower()} {met_of(items(facts, of))}" for of in now)


def item_line(facts: Facts, item: Item) -> str:
    """`✅ All tests passing · by CI, 14 Dec 08:40, 1,284 passed`; `⚪ Accessibility review · Qadir`."""
    title = said(item["title"])
    if is_met(item):
        return f"{DONE} {title} · {_met_by(facts, item)}"
    if passed := of_item(facts, str(item["name"])):
        return f"{LOOK} {title}{passed}"
    how = item.get("met")
    if how == "evidence":
        return f"{_mark(item)} {title} · {_evidence(facts, item)}"
    if how == "automatic":
        why = rule(str(item.get("why")), item.get("facts") or {})
        if item.get("rule") == "retrospective":
            mark = WAITS if item.get("state") == "open" else NOT_YET
            return f"{mark} {title} · by its summary{f', {why}' if why else ''}"
        return f"{NOT_YET} {title} · by itself{f', {why}' if why else ''}"
    people = listed([name(facts, p) for p in item.get("people") or ()], "or", 2)
    mark = WAITS if item.get("due") or (how == "approval" and item.get("state") == "open") else NOT_YET
    asked = ", with the approval" if how == "approval" else ""
    return f"{mark} {title} · {said(people) or said(item.get('role_title'))}{asked}"


def _mark(item: Item) -> str:
    running = (item.get("facts") or {}).get("state") == "running"
    return BLOCKED if item.get("state") == "failed" else RUNNING if running else NOT_YET


def _met_by(facts: Facts, item: Item) -> str:
    at = date_token(facts, item.get("at") or (item.get("done") or {}).get("at"))
    how, by = item.get("met", "sign-off"), str(item.get("by") or (item.get("done") or {}).get("person") or "")
    if how == "evidence":
        return _evidence(facts, item)
    if how == "automatic":
        seen = rule(str(item.get("why")), item.get("facts") or {})
        told = mention(facts, by) if by else "by itself"
        return ", ".join(filter(None, (told, at if item.get("at") else "", links.site(facts, item.get("url"), seen))))
    if how == "approval":
        return f"approved by {mention(facts, by)}, {at}"
    return f"{mention(facts, by)} {at}"


def _evidence(facts: Facts, item: Item) -> str:
    """Who reported it, when, and what it counts; linked where it says where to look."""
    given = item.get("facts") or {}
    if not item.get("at"):
        return "no result yet" if item.get("state") != "met" else "reported"
    by, source = str(item.get("by") or ""), str(item.get("source") or "")
    who = mention(facts, by) if by else source_of(facts, source)
    told = numbers(item.get("number") or {}) or said(given.get("note") or "")
    if given.get("state") == "failed":
        told = failed(facts, given, item.get("number") or {}, item.get("url"))
    else:
        text = "running" if given.get("state") == "running" else told or "result"
        told = links.site(facts, item.get("url"), text)
    return ", ".join(filter(None, (f"by {who}" if who else "", date_token(facts, item["at"]), told)))


# --- whole messages ---------------------------------------------------------------------------------------------------


def in_thread(facts: Facts, of: str) -> Message:
    """The living message of one checklist in the release's thread."""
    found, tag = items(facts, of), plain(facts.get("tag", ""))
    return b.message(
        f"{TITLES[of]} checklist of {tag}: {met_of(found)} done.",
        b.section(f"*{TITLES[of]} checklist · {met_of(found)}*", "title"),
        *_texts([item_line(facts, s) for s in found], "items"),
        b.actions(show(facts, "checklist", "Checklist"), block_id="do"),
    )


def checklist(facts: Facts, person: str) -> Message:
    """The checklist as a message: yours with a button, the others as text by list."""
    every = items(facts)
    mine = [s for s in every if s.get("due") and not is_met(s) and person in s.get("people", ())]
    rows = [
        b.section(
            f"{WAITS} *{said(s['title'])}*",
            f"item.{s['name']}",
            b.button("Sign it off", "tick", to_sign(facts, s["name"])),
        )
        for s in mine[:10]
    ]
    tag = plain(facts.get("tag", ""))
    return b.message(
        f"Checklist of {tag}: {count(facts)}, {len(mine)} wait for you.",
        b.header(f"Checklist {tag}"),
        b.context(count(facts)),
        in_words(facts, person),
        *rows,
        *by_list(facts, {s["name"] for s in mine}),
        *on_checklist(facts),
        *flag_rows.on_checklist(facts),
        b.actions(show(facts, "why", "What is missing?"), block_id="do"),
    )


def by_list(facts: Facts, but: set[str]) -> list[Block]:
    """All items as text, grouped by checklist; what stands in two is said in the first."""
    told, found = set(but), []
    for of, title in TITLES.items():
        lines = [s for s in items(facts, of) if s["name"] not in told]
        told |= {s["name"] for s in lines}
        if lines:
            above = len(items(facts, of)) - len(lines) - sum(s["name"] in but for s in items(facts, of))
            head = f"*{title} · {met_of(items(facts, of))}*" + (f", {above} of them above" if above else "")
            found += _texts([head, *(item_line(facts, s) for s in lines)], f"list.{of.replace(' ', '-') or 'other'}")
    return found


def _texts(lines: Sequence[str], block_id: str) -> list[Block]:
    """Lines in as many sections as their length needs."""
    parts: list[list[str]] = [[]]
    for line in lines[:MOST_LINES]:
        if sum(len(x) + 1 for x in parts[-1]) + len(line) > b.SECTION - 50:
            parts.append([])
        parts[-1].append(line)
    return [b.section("\n".join(p), f"{block_id}.{n}" if n else block_id) for n, p in enumerate(parts) if p]
