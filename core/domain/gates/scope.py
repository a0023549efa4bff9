"""Gates about what people want in a release, what came in late, and what the notes still lack."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.contents import Offer, ScopeItem, Stray
from core.domain.gates.people import TEAM, iso
from core.domain.notes.model import Heading, Item
from core.domain.notes.refs import matching, ref_of
from core.domain.release import Release
from core.domain.situation import Act, Situation
from core.errors import Blocker

MOST_NAMED = 10


def items_of(s: Situation, ref: str) -> tuple[Item, ...]:
    """The items of the draft that a reference means; none while nothing was read."""
    return matching(s.draft.items if s.draft else (), ref)


def is_hidden(s: Situation, ref: str) -> bool:
    """Whether what a reference means is hidden until released."""
    held = s.release.embargoed
    return ref in held or (bool(held) and any(i.id in held for i in items_of(s, ref)))


def named(s: Situation, ref: str) -> ScopeItem | None:
    return next((i for i in s.release.items if i.ref == ref), None)


def offered(s: Situation, ref: str) -> Offer | None:
    """What the host of the code has under a reference and could come in, or belongs to the milestone."""
    return next((o for o in s.release.offers if o.ref == ref), None)


def ref_given(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is named: a pull request, an issue key or a commit."""
    if not ref_of(act.text("ref")):
        yield Blocker("scope.ref", {"given": act.text("ref")[:80]}, (act.actor,))


def not_in_scope(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is not in the scope already; what could not be picked may be asked for again."""
    item = named(s, ref_of(act.text("ref")))
    again = item is not None and item.state == "in" and s.release.on_branch
    if item is not None and item.state != "moved" and not again:
        yield Blocker("scope.there", {"ref": item.ref, "state": item.state, "by": item.by}, (), iso(item.at))


def in_scope(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is in the scope, in what was read of the range, or in the milestone."""
    ref = ref_of(act.text("ref"))
    item, offer = named(s, ref), offered(s, ref)
    planned = item is None and offer is not None and offer.planned
    if ref and (item is None or item.state == "moved") and not items_of(s, ref) and not planned:
        yield Blocker("scope.none", {"ref": ref}, (act.actor,))


def removable(s: Situation, act: Act) -> Iterator[Blocker]:
    """What is merged to develop is taken out there, or after the freeze on the branch."""
    ref = ref_of(act.text("ref"))
    if ref and items_of(s, ref) and not s.release.on_branch:
        develop = s.policy.product.trunk
        yield Blocker("scope.merged", {"ref": ref, "branch": develop}, TEAM)


def branch_ready(s: Situation, act: Act) -> Iterator[Blocker]:
    """Late, or on a patch or hotfix, scope changes on the branch: it has to be there."""
    if not s.release.type.by_train and not s.release.branch_head:
        yield Blocker("has_branch", {"branch": s.release.branch, "type": s.release.type}, TEAM)


def scope_free(s: Situation, act: Act) -> Iterator[Blocker]:
    """Git is not at work for it; while it still looks for what to pick, more can be asked for."""
    work = s.release.git
    if work is None or work.state == "failed" or (act.event == "scope_add" and still_looking(s.release)):
        return
    yield Blocker("git.busy", {"purpose": work.purpose}, (), iso(work.at), later=True)


def still_looking(r: Release) -> bool:
    """Whether what is to be picked is being looked for, and no order was made of it yet."""
    return r.git_at_work and r.git is not None and r.git.purpose == "pick" and not r.git.order


def scope_settled(s: Situation, act: Act) -> Iterator[Blocker]:
    """Each scope item is merged, or moved out by name."""
    for item in s.release.items:
        if item.state == "in":
            title = s.hidden.title(item.ref, item.title)
            yield Blocker("scope.open", {"ref": item.ref, "title": title}, (item.by, *TEAM), iso(item.at))


def all_arrived(s: Situation, act: Act) -> Iterator[Blocker]:
    """What was released, hotfixes above all, has arrived on develop before a branch is cut from there."""
    for one in s.release.absent:
        facts = {"version": one.version, "branch": s.policy.product.trunk, "changes": list(one.changes)}
        yield Blocker("never_arrived", facts, TEAM)


def fixes_only(s: Situation, act: Act) -> Iterator[Blocker]:
    """Since the freeze only fixes came in, or the tech lead has accepted what is none."""
    for unit in s.release.notes.late if s.release.notes else ():
        if unit.id not in s.release.accepted:
            yield Blocker("late", {"item": unit.id, "title": unit.title}, s.holders(*s.policy.permissions["accept"]))


def no_breaking(s: Situation, act: Act) -> Iterator[Blocker]:
    """A patch or hotfix breaks nothing for who uses the product."""
    if s.release.type.by_train or s.release.notes is None:
        return
    for unit in s.release.notes.breaking:
        item = s.draft.item(unit.id) if s.draft else None
        facts = {"item": unit.id, "title": unit.title, "commits": [c[:7] for c in item.commits] if item else []}
        yield Blocker("breaking", {**facts, "type": s.release.type}, TEAM)


def picks_fit(s: Situation, act: Act) -> Iterator[Blocker]:
    """What a patch or hotfix is started for breaks nothing."""
    reasons = act.input.get("reasons")
    for reason in reasons if isinstance(reasons, (list, tuple)) else ():
        for item in reason.get("breaking", ()) if reason.get("code") == "picks" else ():
            yield Blocker("breaking", {**item, "type": s.release.type}, TEAM)


def notes_read(s: Situation, act: Act) -> Iterator[Blocker]:
    """The notes were drafted from what is there now: on the branch, before the freeze on develop."""
    r = s.release
    head, where = (r.branch_head, r.branch) if r.on_branch else (r.scope_head, s.policy.product.trunk)
    if r.notes is None or (head and r.notes.head != head):
        yield Blocker("notes.reading", {"branch": where, "head": head[:7]}, (), later=True)


def notes_complete(s: Situation, act: Act) -> Iterator[Blocker]:
    """The notes have no open gap, and stand with the version inside the candidate."""
    r, c = s.release, s.candidate
    notes = r.notes
    if c is None:
        return
    if notes is None:
        yield Blocker("notes.reading", {"branch": r.branch, "head": r.branch_head[:7]}, (), later=True)
        return
    who = s.holders(*s.policy.permissions["notes"])
    if notes.unclassified:
        units = [{"id": u.id, "title": u.title} for u in notes.unclassified[:MOST_NAMED]]
        yield Blocker("notes.unclassified", {"count": len(notes.unclassified), "items": units}, who)
    for gap in notes.gaps:
        if gap.blocking and gap.code != "unclassified":
            facts = {"gap": gap.code, "item": gap.item, "title": gap.title, "path": gap.path}
            yield Blocker("notes.gap", facts, who)
    if s.policy.notes.changelog and c.section != notes.section:
        nxt = r.number.candidate(c.number + 1).tag
        yield Blocker("notes.changed", {"candidate": c.tag, "next": nxt, "changelog": s.policy.notes.changelog}, TEAM)
    for fault in r.files:
        facts = {"path": fault.path, "why": fault.why, "found": fault.found, "version": r.version, "candidate": c.tag}
        yield Blocker("version.file", facts, TEAM)


def unit_known(s: Situation, act: Act) -> Iterator[Blocker]:
    """What is classified is an item of the draft, one of its findings, or a free text of the notes."""
    if s.draft is None:
        yield Blocker("notes.reading", {"branch": s.release.branch, "head": ""}, (), later=True)
        return
    item = act.text("item")
    texts = {"known", *(f.id for f in s.draft.findings), *(f"upgrade:{i.id}" for i in s.draft.items)}
    if item in texts or s.draft.item(item):
        return
    yield Blocker("notes.unknown", {"item": item[:80]}, (act.actor,))


def edit_given(s: Situation, act: Act) -> Iterator[Blocker]:
    """A heading of the notes, a text, or an embargo."""
    heading = act.text("heading")
    if heading and heading not in {h.value for h in Heading}:
        yield Blocker("notes.heading", {"heading": heading[:40], "one_of": [h.value for h in Heading]}, (act.actor,))


def conflict_met(s: Situation, act: Act) -> Iterator[Blocker]:
    """Git could not merge, pick or take something back."""
    base = act.text("item") or act.text("reason")
    if not s.release.conflicts_with(base):
        yield Blocker("pull.none", {"base": base[:80]}, TEAM)


def on_host(s: Situation, act: Act) -> Iterator[Blocker]:
    """The product lies on a host that knows pull requests."""
    if not s.policy.github.repository:
        yield Blocker("pull.no_host", {}, TEAM)


def acceptable(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is a late change that waits for an answer, or a ref that moved without the bot."""
    item = act.text("item")
    late = {u.id for u in s.release.notes.late} if s.release.notes else set()
    stray = s.product.strays.get(item)
    if item in late and item not in s.release.accepted:
        return
    if stray is not None and not stray.answered_by:
        return
    waiting = sorted(late - set(s.release.accepted)) + [x.id for x in open_strays(s)]
    code = "accept.which" if waiting else "accept.none"
    yield Blocker(code, {"item": item[:80], "one_of": waiting[:MOST_NAMED]}, (act.actor,))


def open_strays(s: Situation) -> tuple[Stray, ...]:
    """Refs that moved without the bot and that nobody has answered for."""
    return tuple(x for x in s.product.strays.values() if not x.answered_by)


def no_stray(s: Situation, act: Act) -> Iterator[Blocker]:
    """No ref has moved outside the bot, or somebody answers for it by name."""
    for x in open_strays(s):
        facts = {"id": x.id, "kind": x.kind, "ref": x.ref, "was": x.was[:7], "now": x.now[:7], "what": x.what}
        yield Blocker("stray", facts, s.holders(*s.policy.permissions["accept"]), iso(x.since))
