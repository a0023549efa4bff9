"""The form of the scope: each thing named for the release and each pull request in it, in or in a later release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers import ids
from handlers.forms.notes_lines import digest
from handlers.forms.recipes_contents import is_late, what_it_means
from handlers.parsing import ref_in
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.offers import how_it_stands, unnamed
from handlers.views.scope import STATES, milestone
from handlers.views.silent import silent
from handlers.views.writing import Facts, counted, date_token, mention, plain, said

PER_PAGE = 20
FINAL = "scope.final"
_IN, _LATER = "in", "later"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form."""

    ref: str
    title: str
    by: str
    state: str  # in, merged, moved; of what nobody has named: planned (in the milestone), offered (open at the host)
    named: bool = True
    kind: str = ""  # pull, issue; "" when the host does not show it open

    @property
    def chosen(self) -> str:
        return _IN if self.inside else _LATER

    @property
    def inside(self) -> bool:
        return self.state in ("in", "merged", "planned")


@dataclass(slots=True)
class Wanted:
    """What a sent form asks for; `errors` by field."""

    add: list[tuple[str, str]] = field(default_factory=list)  # ref, title
    drop: list[str] = field(default_factory=list)
    final: bool | None = None  # None: as it was
    reason: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def rows(facts: Facts) -> list[Row]:
    """What somebody can take in or out: what is named and not merged, and what the host offers.

    On a branch of its own what is merged can be taken out; a pull request that is open into it comes in by its merge.
    """
    shut = "offered" if is_late(facts) else "merged"
    return [r for r in everything(facts) if r.state != shut]


def everything(facts: Facts) -> list[Row]:
    """What is named for it first, then what the host has for it, then what is in the range anyway."""
    open_ = {str(o["ref"]): str(o["kind"]) for o in facts.get("offers") or () if o.get("state") == "open"}
    found = {
        str(i["ref"]): Row(
            str(i["ref"]), str(i.get("title") or ""), str(i.get("by") or ""), str(i.get("state") or "in"),
            kind=open_.get(str(i["ref"]), ""),
        )
        for i in facts.get("scope_items") or ()
    }  # fmt: skip
    for o in unnamed(facts):
        state = "planned" if o.get("planned") else "offered"
        ref = str(o["ref"])
        found[ref] = Row(ref, str(o.get("title") or ""), str(o.get("author") or ""), state, False, open_[ref])
    for change in facts.get("changes") or ():
        ref = f"#{change['pull']}" if change.get("pull") else ""
        if ref and ref not in found:
            found[ref] = Row(ref, str(change.get("subject") or ""), str(change.get("author") or ""), "merged", False)
    return list(found.values())


def form(
    facts: Facts, person: str, page: int = 0, channel: str = "", note: str = "", given: Mapping[str, Any] | None = None
) -> Form:
    """One page of it; the last question is whether the scope is final. `given` are answers that stand in it again."""
    typed = {k: str(v) for k, v in (given or {}).items() if isinstance(v, str)}
    every, whole = rows(facts), everything(facts)
    pages = max(1, -(-len(every) // PER_PAGE))
    page = min(max(page, 0), pages - 1)
    here = every[page * PER_PAGE : (page + 1) * PER_PAGE]
    tag = plain(facts.get("tag", ""))
    final = final_item(facts, person)
    target = ids.Target(facts["id"], f"page:{page}", str(facts["epoch"]))
    late = what_it_means(facts)
    fields: list[Block | None] = [
        b.section(note, "note") if note else None,
        b.context(_standing(facts, whole), silent(facts)),
        b.section(late, "late") if late else None,
        *(_row(r, typed) for r in here),
        inputs.text(
            "add", "Take in", lines=True, optional=True, initial=typed.get("add", ""),
            hint="One per line: #345, AA-171 or a commit, then words if you like",
        ),
        inputs.text(
            "reason", "Why is something taken out?", optional=True, initial=typed.get("reason", ""),
            hint="Only when you take something out",
        ),
        _final(final) if final else None,
        *_turning(facts, page, pages),
    ]  # fmt: skip
    return inputs.form(
        f"Scope of {tag}", "scope", ids.metadata(target, channel, _before(here, final)), fields, submit="Keep it"
    )


def final_item(facts: Facts, person: str) -> Mapping[str, Any] | None:
    """The sign-off of the final scope, when this person may give or take it now."""
    item = next((s for s in facts.get("signoffs") or () if s.get("name") == FINAL), None)
    if not item or person not in item.get("people", ()) or facts.get("phase") in ("closed", "cancelled"):
        return None
    return item if item.get("due") or item.get("done") else None


def _final(item: Mapping[str, Any]) -> Block:
    chosen = [FINAL] if item.get("done") else []
    return inputs.checks("final", "When all is named", [("The scope is final", FINAL)], chosen=chosen)


def _row(row: Row, typed: Mapping[str, str]) -> Block:
    told = "" if row.state == "moved" else f", {how_it_stands(row.state, row.kind, STATES)}"
    by = f", by {plain(row.by, 30)}" if row.by and not row.named else ""
    title = plain(row.title, 90)
    block = f"r.{digest(row.ref, 8)}"
    return inputs.select(
        block, f"{plain(row.ref, 20)} {title}{by}{told}".strip(),
        [("In this release", _IN), ("A later release", _LATER)], initial=typed.get(block) or row.chosen,
    )  # fmt: skip


def _standing(facts: Facts, every: Sequence[Row]) -> str:
    """`11 in, 2 wait for review or merge, 1 depends on billing-api 2.4 (owner Dana, due 9 Dec)`."""
    inside = [r for r in every if r.inside]
    open_ = Counter(r.kind for r in inside if r.state != "merged")
    pulls, issues, others = open_["pull"], open_["issue"], open_[""]
    parts = [f"{len(inside)} in"]
    parts += [f"{counted(pulls, 'waits', 'wait')} for review or merge"] if pulls else []
    parts += [counted(issues, "open issue")] if issues else []
    parts += [f"{others} not merged yet"] if others else []
    merged = len(inside) - open_.total()
    if merged and not is_late(facts):
        parts.append(f"{merged} merged (to take one out, revert it where it was merged)")
    parts += [milestone(facts)] if facts.get("milestone") else []
    for d in (facts.get("dependencies") or ())[:3]:
        due = f", due {date_token(facts, d['due'], '{date_short_pretty}')}" if d.get("due") else ""
        parts.append(f"depends on {said(d.get('text'), 60)} (owner {mention(facts, d.get('owner') or '')}{due})")
    return ", ".join(parts)


def _turning(facts: Facts, page: int, pages: int) -> list[Block | None]:
    if pages < 2:
        return []
    before = b.button("Page before", "scope_page.1", ids.value(facts.get("id"), str(page - 1))) if page else None
    after = (
        b.button("Next page", "scope_page.2", ids.value(facts.get("id"), str(page + 1))) if page + 1 < pages else None
    )
    return [
        b.context(f"Page {page + 1} of {pages}; each page is kept by itself"),
        b.actions(before, after, block_id="turn"),
    ]


def _before(here: Sequence[Row], final: Mapping[str, Any] | None) -> str:
    """What was chosen when the form was opened, so that only what this person changed is asked for."""
    chosen = "".join(digest(r.ref, 8) + r.chosen[0] for r in here)
    return f"{chosen}{'!' if final and final.get('done') else ''}"


def read(facts: Facts, values: Mapping[str, Any], before: str) -> Wanted:
    """What the sent form asks for."""
    was = {before[i : i + 8]: before[i + 8] for i in range(0, len(before) - 8, 9)}
    by_digest = {digest(r.ref, 8): r for r in rows(facts)}
    wanted = Wanted(reason=str(values.get("reason") or "").strip())
    for block, value in values.items():
        kind, _, mark = block.partition(".")
        row = by_digest.get(mark)
        if kind == "r" and row and value and str(value)[0] != was.get(mark, "") and value != row.chosen:
            if value == _LATER:
                wanted.drop.append(row.ref)
            else:
                wanted.add.append((row.ref, row.title))
    _added(wanted, str(values.get("add") or ""))
    if wanted.drop and len(wanted.reason) < 3:
        wanted.errors["reason"] = "Please say why it is taken out; this stays in the record."
    if "final" in values:
        ticked = FINAL in (values.get("final") or ())
        wanted.final = ticked if ticked != before.endswith("!") else None
    return wanted


def _added(wanted: Wanted, text: str) -> None:
    for line in filter(str.strip, text.splitlines()):
        first, _, rest = line.strip().lstrip("•*- ").partition(" ")
        ref = ref_in(first.rstrip(":")) or (f"#{first}" if first.isdigit() else "")
        if ref:
            wanted.add.append((ref, rest.strip()))
        else:
            wanted.errors["add"] = (
                f"“{plain(line, 60)}”: begin it with a pull request (#345), an issue (AA-171) or a commit."
            )


def told(added: int, dropped: int) -> str:
    """What was kept, in words."""
    parts = [f"{added} taken in"] * bool(added) + [f"{dropped} taken out"] * bool(dropped)
    return f"{' and '.join(parts)}." if parts else counted(0, "change")
