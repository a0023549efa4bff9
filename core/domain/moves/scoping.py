"""What is wanted in a release: added, dropped, picked onto its branch or taken back there; late changes accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from core.domain.contents import Accepted, ScopeItem
from core.domain.effects import CLICK, Effect, post
from core.domain.gates.scope import is_hidden, items_of, named, offered, still_looking
from core.domain.moves.forging import as_hosted, forge_read
from core.domain.moves.outcome import NOBODY, Outcome, ask_git, thread
from core.domain.notes.model import Draft, Item
from core.domain.notes.refs import matching, ref_of
from core.domain.release import GitWork, Release
from core.domain.repository import GitOrder, MergeBranch, Pick, Revert
from core.domain.situation import Act, Situation

Purpose = Literal["pick", "revert", "carry"]


def scope_add(s: Situation, act: Act) -> Outcome:
    """It is wanted in the release; late, or on a patch or hotfix, it is picked onto the branch."""
    ref = ref_of(act.text("ref"))
    inside = items_of(s, ref)
    offer = offered(s, ref)
    title = inside[0].title if inside else act.text("title")[:200] or (offer.title[:200] if offer else "")
    item = ScopeItem(ref, title, act.actor, s.now, "merged" if inside else "in")
    release = replace(s.release, items=(*(i for i in s.release.items if i.ref != ref), item))
    pick = s.release.on_branch and not inside
    line = thread("scope_added", act, ref=ref, title="" if is_hidden(s, ref) else title, pick=pick)
    if not pick:
        unseen = {"unseen": True} if s.draft is not None and not inside and offer is None else {}
        return Outcome(release, (line, *forge_read(s, release)), notes=unseen, record={"ref": ref})
    waiting = release.git.about if release.git and still_looking(release) else ()
    release, effect = looked_for(s, release, "pick", tuple(dict.fromkeys((*waiting, ref))), act.actor)
    return Outcome(release, (line, effect), notes={"pending": "git"}, record={"ref": ref, "branch": release.branch})


def scope_drop(s: Situation, act: Act) -> Outcome:
    """It is moved out, by name; what is on the branch already is taken back there."""
    ref, to = ref_of(act.text("ref")), act.text("to")[:40]
    inside = items_of(s, ref)
    known = inside[0] if inside else offered(s, ref)
    old = named(s, ref) or ScopeItem(ref, known.title[:200] if known else "", act.actor, s.now, "merged")
    revert = s.release.on_branch and bool(inside)
    item = replace(old, to=to) if revert else replace(old, to=to, state="moved")
    release = replace(s.release, items=(*(i for i in s.release.items if i.ref != ref), item))
    title = "" if is_hidden(s, ref) else item.title
    line = thread("scope_dropped", act, ref=ref, title=title, to=to, revert=revert)
    if not revert:
        return Outcome(release, (line,), record={"ref": ref, "to": to})
    release, effect = looked_for(s, release, "revert", (ref,), act.actor)
    return Outcome(release, (line, effect), notes={"pending": "git"}, record={"ref": ref, "to": to})


def accept(s: Situation, act: Act) -> Outcome:
    """Somebody answers for a late change that is no fix, or for a ref that moved without the bot."""
    item = act.text("item")
    stray = s.product.strays.get(item)
    if stray is not None:
        answered = replace(stray, answered_by=act.actor, answered_at=s.now, reason=act.reason)
        line = thread("stray_accepted", act, id=item, ref=stray.ref, kind=stray.kind, what=stray.what)
        return Outcome(s.release, (line,), strays=(answered,), record={"stray": item, "now": stray.now})
    title = next((u.title for u in s.release.notes.late if u.id == item), "") if s.release.notes else ""
    said = s.release.accepted | {item: Accepted(act.actor, s.now, act.reason)}
    return Outcome(
        replace(s.release, accepted=said), (thread("accepted", act, item=item, title=title),), record={"item": item}
    )


# --- git: what is to be picked, reverted or carried is looked for at the remote first ---------------------------------


def looked_for(
    s: Situation, release: Release, purpose: Purpose, refs: Sequence[str], actor: str
) -> tuple[Release, Effect]:
    """Git is taken by this work from now on; `git.found` makes the order of what the remote shows."""
    number = release.git_asked + 1
    work = GitWork(purpose, actor, s.now, {}, attempt=number, about=tuple(refs))
    return replace(release, git=work, git_asked=number), find_effect(s, release, work)


def find_effect(s: Situation, release: Release, work: GitWork) -> Effect:
    develop = s.policy.product.trunk
    body = {
        "purpose": work.purpose,
        "attempt": work.attempt,
        "refs": list(work.about),
        "base": release.base_sha,
        "branch": release.branch,
        "develop": develop,
    }
    return Effect("git.find", "git", body, CLICK)


def git_found(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The remote was looked at: the order is made, or nothing is to be done."""
    work = s.release.git
    if work is None or work.attempt != body["attempt"] or work.state == "failed" or work.order:
        return None
    if work.purpose == "carry" and body.get("contained"):
        return Outcome(replace(s.release, git=None))
    if not body["head"]:  # a branch that is gone is no question of what is to be picked
        return failed(s, work, [{"code": "git.branch_missing", "facts": {"branch": s.release.branch}}])
    order = _order(s, work, body)
    if order is None:
        missing = [ref for ref in work.about if not body["found"].get(ref)]
        return failed(s, work, [{"code": "scope.missing", "facts": {"refs": missing, "branch": body["develop"]}}])
    found: Mapping[str, Mapping[str, Any]] = body["found"]
    titled = tuple(
        replace(i, title=i.title or str(found[i.ref]["title"])[:200]) if found.get(i.ref) else i
        for i in s.release.items
    )
    release, effect = ask_git(s, replace(s.release, items=titled), work.purpose, order, work.asked_by)
    assert release.git is not None
    return Outcome(replace(release, git=replace(release.git, about=work.about, tries=work.tries)), (effect,))


def _order(s: Situation, work: GitWork, body: Mapping[str, Any]) -> GitOrder | None:
    """None when something that was asked for is not there."""
    rules, head = s.policy.notes, str(body["head"])
    if work.purpose == "carry":
        message = f"Merge {s.release.branch} into {body['develop']}: v{s.release.version} was ended"
        return MergeBranch(
            str(body["develop"]), str(body["develop_head"]), head, s.now, message, rules.files, rules.changelog
        )
    if work.purpose == "revert":
        commits = [c for ref in work.about for i in items_of(s, ref) for c in i.commits]
        return Revert(s.release.branch, head, tuple(commits), s.now, rules.files, rules.changelog) if commits else None
    wanted = {c for ref in work.about for c in (body["found"].get(ref) or {}).get("commits", ())}
    if not head or not all(body["found"].get(ref) for ref in work.about):
        return None
    ordered = tuple(c for c in body["order"] if c in wanted)  # newest first, as the remote has them
    return Pick(s.release.branch, head, ordered, s.now, rules.files, rules.changelog)


def failed(s: Situation, work: GitWork, blockers: Sequence[Mapping[str, object]]) -> Outcome:
    """It cannot be done: said to who asked, and it waits for a person."""
    problem = tuple(dict(b) for b in blockers)
    line = thread("git_failed", NOBODY, purpose=work.purpose, problem=list(problem))
    asked = work.asked_by or s.release.lead
    told = post(f"dm:{asked}", "git_failed", CLICK, purpose=work.purpose, problem=list(problem))
    return Outcome(replace(s.release, git=replace(work, state="failed", problem=problem)), (line, told))


def settled_by(release: Release, draft: Draft | None) -> Release:
    """The scope items as the range shows them: merged when it has them; what was moved out stays out."""
    if draft is None or not release.items:
        return release
    return replace(release, items=tuple(as_hosted(_seen(i, draft.items), release.offers) for i in release.items))


def _seen(item: ScopeItem, inside: Sequence[Item]) -> ScopeItem:
    if item.state == "moved":
        return item
    found = next(iter(matching(inside, item.ref)), None)
    return replace(item, state="merged" if found else "in", title=found.title if found else item.title)
