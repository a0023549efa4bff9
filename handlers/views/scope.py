"""What is in a release: what people want in it by name, the changes, the milestone, dependencies, what came late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.embargo import HIDDEN, held_back, hidden_line, is_held
from handlers.views.git_words import open_button
from handlers.views.marks import DONE, NOT_YET, WAITS
from handlers.views.offers import offers, unnamed
from handlers.views.pressing import press, show
from handlers.views.silent import silent
from handlers.views.strays import late_rows
from handlers.views.writing import Facts, counted, date_token, mention, plain, quoted, said, short_sha

MOST_CHANGES = 20
_SHARE = 1300
STATES = {"in": "not merged yet", "merged": "merged", "moved": "moved out"}


def scope(facts: Facts, *, also: str = "") -> Message:
    """What is in it: items with their state, the newest changes, dependencies, and what may still be changed."""
    tag, scope_ = plain(facts.get("tag", "")), facts.get("scope") or {}
    if not facts.get("scope_read_at") and not scope_.get("read_at"):
        return b.message(
            f"The history of {tag} is being read.", b.section(f"{WAITS} I am reading what is in *{said(tag)}*.")
        )
    count = scope_.get("count") or 0
    since = f" since {said(facts.get('base_tag'))}" if facts.get("base_tag") else ""
    by = f" by {counted(len(scope_.get('authors') or ()), 'person', 'people')}" if scope_.get("authors") else ""
    lines, held = changes(facts), held_back(facts)
    return b.message(
        _sentence(facts, f"{tag} holds {counted(count, 'change')}{since}{by}."),
        b.header(f"What is in {tag}"),
        b.context(" · ".join([f"*{counted(count, 'change')}*{since}{by}", *_standing(facts)]), silent(facts), also),
        _items(facts),
        *offers(facts),
        b.section(_merged(facts, lines, count - held) if lines or held else "Nothing yet.", "changes"),
        b.context(hidden_line(held)),
        *late_rows(facts),
        _dependencies(facts),
        b.actions(*_doing(facts), block_id="do"),
    )


def _merged(facts: Facts, lines: list[str], count: int) -> str:
    """The newest changes; with a title where something stands above that is not merged."""
    title = "*Merged*\n" if facts.get("scope_items") or unnamed(facts) else ""
    return f"{title}{b.lines(lines, _SHARE, count)}"


def _sentence(facts: Facts, first: str) -> str:
    open_ = [i for i in facts.get("scope_items") or () if i.get("state") == "in"]
    named = facts.get("scope_items") or ()
    return f"{first} {len(named) - len(open_)} of {len(named)} named for it are settled." if named else first


def _doing(facts: Facts) -> list[Block | None]:
    can = facts.get("allowed") or ()
    ended = facts.get("phase") in ("closed", "cancelled")
    edit = "scope_add" in can or "scope_drop" in can
    return [
        show(facts, "scope_form", "Edit the scope…") if edit and not ended else None,
        open_button(facts) if "pull" in can else None,
        press(facts, "depend") if "depend" in can else None,
        show(facts, "notes", "Notes"),
        show(facts, "checklist", "Checklist"),
    ]


def _standing(facts: Facts) -> list[str]:
    """The milestone with its counts, and whether the scope is final."""
    found = [milestone(facts)] if facts.get("milestone") else []
    final = next((s for s in facts.get("signoffs") or () if s.get("name") == "scope.final"), None)
    if final and final.get("done"):
        found.append(f"final, by {mention(facts, final['done']['person'])}")
    return found


def milestone(facts: Facts) -> str:
    """`milestone v1.3.0: 9 of 11 closed`, linked."""
    m = facts["milestone"]
    closed, whole = int(m.get("closed") or 0), int(m.get("open") or 0) + int(m.get("closed") or 0)
    title = links.site(facts, m.get("url"), f"milestone {said(m.get('title') or m.get('number'))}")
    return f"{title}: {closed} of {whole} closed"


def _items(facts: Facts) -> Block | None:
    found = list(facts.get("scope_items") or ())
    if not found:
        return None
    order = {"in": 0, "merged": 1, "moved": 2}
    rows = [item_line(facts, i) for i in sorted(found, key=lambda i: order.get(str(i.get("state")), 0))]
    return b.section(f"*Named for it*\n{b.lines(rows, _SHARE)}", "items")


def item_line(facts: Facts, item: Mapping[str, Any]) -> str:
    """`✅ #345 Statements as PDF · merged`."""
    state = str(item.get("state") or "in")
    mark = DONE if state == "merged" else WAITS if state == "in" else NOT_YET
    ref = links.ref(facts, str(item.get("ref") or ""))
    title = said(item.get("title") or (HIDDEN if is_held(facts, item.get("ref")) else ""))
    told = f"moved to {said(item['to'])}" if state == "moved" and item.get("to") else STATES.get(state, said(state))
    by = f", named by {mention(facts, str(item['by']))}" if item.get("by") and state == "in" else ""
    return f"{mark} {' '.join(filter(None, (ref, title if title != ref else '')))} · {told}{by}"


def changes(facts: Facts) -> list[str]:
    """The newest changes, linked as far as the lines stay short enough for one section."""
    found = (facts.get("changes") or ())[:MOST_CHANGES]
    lines = [_change(facts, c) for c in found]
    return lines if sum(map(len, lines)) <= _SHARE else [_change({**facts, "links": {}}, c) for c in found]


def _change(facts: Facts, change: Mapping[str, Any]) -> str:
    sha = str(change.get("sha") or "")
    at = links.commit(facts, sha) if facts.get("links") else f"`{short_sha(sha)}`"
    return f"• {said(change.get('subject'))}, {said(change.get('author'), 40)}, {at}"


def _dependencies(facts: Facts) -> Block | None:
    lines = []
    for d in facts.get("dependencies") or ():
        due = f", due {date_token(facts, d['due'])}" if d.get("due") else ""
        mark = DONE if d.get("state") == "done" else NOT_YET
        lines.append(f"{mark} {quoted(d.get('text'))}, owner {mention(facts, d.get('owner') or '')}{due}")
    return b.section("*Dependencies*\n" + "\n".join(lines), "dependencies") if lines else None
