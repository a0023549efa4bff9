"""The lines of a thread that need more than one sentence pattern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.views import links
from handlers.views.embargo import HIDDEN, hidden_line
from handlers.views.git_words import by_hand, conflicts
from handlers.views.marks import BLOCKED, DONE, HELD, LOOK, ROLLED_BACK, RUNNING, WAITS
from handlers.views.people import in_place_of
from handlers.views.reasons import reasons
from handlers.views.writing import (
    Data,
    Facts,
    counted,
    date_token,
    holders,
    lasted,
    listed,
    mention,
    quoted,
    role_title,
    said,
    who,
)

WHOLE = 900  # foreign text is whole in the thread, within one section
PARTS = {
    "version": "the number", "notes": "the notes", "migrations": "the migrations", "configuration": "the settings",
    "flags": "the flags", "commit": "the commit",
}  # fmt: skip


def tag(facts: Facts) -> str:
    """The version, bold."""
    return f"*{said(facts.get('tag') or 'The release')}*"


def actor(data: Data, facts: Facts) -> str:
    """Who did it, by name."""
    return who(facts, str(data.get("actor") or "")) if data.get("actor") else "Release Bot"


def why(data: Data, before: str = ": ") -> str:
    """The reason in quotation marks, or a full stop."""
    return f"{before}“{said(data['reason'], WHOLE)}”" if data.get("reason") else "."


def v(version: object) -> str:
    """A version as people write it."""
    return f"v{said(version)}" if version else "the version before"


def rc(tag: object) -> str:
    """`rc.2` out of a candidate tag."""
    return said(str(tag or "")).rpartition("-")[2] or "the candidate"


def started(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    reasons_ = [r for r in data.get("reasons") or () if isinstance(r, Mapping)]
    found = next((r for r in reasons_ if r.get("code") == "changes"), None)
    source = said(found.get("branch", "develop")) if found else said(facts.get("base_tag", ""))
    at = f" at {links.commit(facts, str(found['head']))}" if found and found.get("head") else ""
    line = f"{actor(data, facts)} started {tag(facts)} from {source}{at}."
    if found:
        unsure = f"; {found['unsure']} cannot be told from the title" if found.get("unsure") else ""
        new, count = int(found.get("new") or 0), int(found.get("count") or 0)
        what = "is a new feature" if new == 1 or (not new and count == 1) else "are new features"
        why = f"Proposed because {new} of {counted(count, 'change')} {what}{unsure}."
        line += f" {why if count else 'There is no change in it yet.'}"
    if data.get("reason"):
        line += f" Reason: “{said(data['reason'], WHOLE)}”"
    return line + same_changes(reasons_)


def same_changes(given: Iterable[Mapping[str, Any]]) -> str:
    """`*v1.3.0 has the same 14 changes on its way.*`, of the reasons for a proposal; "" when nobody else has them."""
    lines = []
    for found in given:
        whole = int(found.get("count") or 0)
        for other in found.get("same") or ():
            count = int(other["count"])
            which = f"the same {counted(count, 'change')}" if count == whole else f"{count} of the same {whole} changes"
            lines.append(f" {LOOK} *v{said(other['version'])} has {which} on its way.*")
    return "".join(lines)


def candidate(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    void = data.get("voided") or ()
    testers = listed([mention(facts, p) for p in holders(facts, ("role:qa",))], "or", 2)
    line = f"*{rc(data.get('candidate'))} is tagged* at {links.commit(facts, str(data.get('sha') or ''))}"
    line += f" by {actor(data, facts)}." if data.get("actor") else "."
    if data.get("first") and facts.get("train"):
        line = f"{tag(facts)} is frozen: `{said(facts.get('branch', ''))}` is cut. {line}"
    if void:
        names = listed([who(facts, p) for p in void])
        line += f" It is other content, so the approval of {names} was withdrawn."
    return line + (f" {testers}, the tests can start." if testers else "")


def approved(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    given, need = int(data.get("given") or 0), int(data.get("need") or 1)
    title = said(role_title(facts, str(data.get("role") or "")))
    lent = in_place_of(facts, data)
    count = f"{given} of {need}" if given <= need else f"{given}, where {need} would do"
    line = f"{DONE} {actor(data, facts)} approved {tag(facts)} as {title}{lent} ({count})."
    if data.get("last"):
        c = facts.get("candidate") or {}
        line += f" It was the last signature: rc.{c.get('number', '')} goes to staging."
    return line


def rejected(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    c = facts.get("candidate") or {}
    title = said(role_title(facts, str(data.get("role") or "")))
    return (
        f"{BLOCKED} {actor(data, facts)} rejected rc.{c.get('number', '')} as {title}{why(data)} "
        "A new candidate or a new answer of the same person lifts this."
    )


def asked(data: Data, facts: Facts) -> str:
    """The line of this moment; who is asked is called."""
    people = listed([mention(facts, str(p)) for p in data.get("to") or ()])
    return f"{WAITS} {actor(data, facts)} asks {people} before signing {tag(facts)}{why(data)} Please answer here."


def content_changed(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    parts = listed([PARTS.get(str(p.get("part")), said(p.get("part"))) for p in data.get("parts") or ()])
    names = listed([who(facts, p) for p in data.get("voided") or ()])
    return (
        f"{LOOK} {parts[:1].upper()}{parts[1:]} of {tag(facts)} changed without a new candidate, so the approval of "
        f"{names} was withdrawn and is asked anew."
    )


def withdrawn(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    title = said(role_title(facts, str(data.get("role") or "")))
    return f"{actor(data, facts)} took the approval back{why(data)}. {tag(facts)} waits for a {title} again."


def go_asked(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    missing = data.get("missing") or ()
    if missing:
        people = listed([mention(facts, p) for p in holders(facts, missing)], "or", 3)
        return f"{WAITS} {actor(data, facts)} said go for {tag(facts)}. {people or 'A second role'} has to say it too."
    return (
        f"{RUNNING} {actor(data, facts)} said go for {tag(facts)}. I read the roles and the remote afresh, then it "
        "leaves."
    )


def problems(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    found = reasons(list(data.get("problem") or ()), facts)
    return " ".join(r.detail for r in found) or "The reason is in the log."


def failed_go(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    return f"{BLOCKED} The go for {tag(facts)} did not fire, and nothing has moved. {problems(data, facts)}"


def ready(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    people = listed([mention(facts, p) for p in data.get("asked") or ()], "and", 4)
    return (
        f"{actor(data, facts)} made {tag(facts)} ready. {WAITS} {people or 'The approvers'} "
        f"{'is' if len(data.get('asked') or ()) == 1 else 'are'} asked to approve."
    )


def ticked(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    lent = in_place_of(facts, data)
    return f"{DONE} {actor(data, facts)} signed off{lent}: {said(data.get('title'), WHOLE)}{why(data)}"


def joined(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    lent, asked = data.get("lent") or {}, list(data.get("asked") or ())
    own = listed([mention(facts, p) for p in asked if p not in lent], "and", 4)
    found = [f"{own} may approve {tag(facts)} now, and is asked too."] if own else []
    found += [
        f"{mention(facts, p)} stands in for {mention(facts, str(lent[p]))} and is asked to approve {tag(facts)}."
        for p in asked
        if p in lent
    ]
    return f"{WAITS} {' '.join(found) or f'Somebody may approve {tag(facts)} now, and is asked too.'}"


def answer_due(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    people = listed([mention(facts, p) for p in data.get("waiting") or ()], "or", 4)
    return f"{WAITS} An answer about {tag(facts)} was due by now. It waits for {people} to approve or reject it."


def moved(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    before = f" from {date_token(facts, data['before'])}" if data.get("before") else ""
    return f"{actor(data, facts)} moved {tag(facts)}{before} to {date_token(facts, facts.get('departs_at'))}{why(data)}"


def edited(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    before, after = data.get("before") or {}, data.get("after") or {}
    parts = [
        f"{said(k.replace('departs_at', 'departure'))} from “{said(before.get(k) or 'none')}” to “{said(v)}”"
        for k, v in after.items()
    ]
    return f"{actor(data, facts)} corrected {tag(facts)}: {listed(parts) or 'nothing'}."


def conflict(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    hand = by_hand(data.get("branch"), facts.get("tag") or "the tag")
    then = "a pull request for it follows." if data.get("opened") else f"nobody has merged it yet. {hand}"
    return (
        f"{BLOCKED} {tag(facts)} cannot be merged back into `{said(data.get('branch'))}`: {conflicts(data)}. It "
        f"was released without that merge; {then}"
    )


def recorded(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    seen = f" ({links.site(facts, data['url'], 'looked at')})" if data.get("url") else ""
    line = f"{actor(data, facts)} recorded that production runs {v(data.get('runs'))}{seen}{why(data)}"
    return line if int(data.get("people") or 0) > 1 else f"{line} {WAITS} A second person has to record the same."


def rollback(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    bad = f" ({said(data['severity'])})" if data.get("severity") else ""
    return f"{ROLLED_BACK} {actor(data, facts)} chose *roll back* to {v(data.get('target'))}{bad}{why(data)}"


def incident(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    bad = f" ({said(data['severity'])})" if data.get("severity") else ""
    return (
        f"{LOOK} {actor(data, facts)} reported an incident with {tag(facts)}{bad}{why(data)} "
        "Roll back, fix forward and hotfix are open."
    )


def scope(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    hidden = hidden_line(int(data.get("hidden") or 0))
    named = listed([f"“{said(s)}”" for s in data.get("subjects") or ()], "and", 3)
    came = f"{counted(int(data.get('added') or 0), 'change')} came in"
    return f"{f'{came}: {named}' if named else came}.{f' {hidden}.' if hidden else ''}"


def held(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    until = f" I ask again {date_token(facts, data['until'])}." if data.get("until") else ""
    left = (
        f" It gave up its place on the train of {date_token(facts, data['gave_up'])}, which is free now."
        if data.get("gave_up")
        else ""
    )
    return f"{HELD} {actor(data, facts)} put {tag(facts)} on hold{why(data)}{left}{until}"


def resumed(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    leaves = f" It leaves {date_token(facts, data['leaves'])} now." if data.get("leaves") else ""
    return f"{actor(data, facts)} resumed {tag(facts)}{why(data)}{leaves}"


def left_behind(data: Data, facts: Facts) -> str:
    """What stays on the branch of a release that has ended, by name."""
    count, fixes = int(data.get("count") or 0), list(data.get("fixes") or ())
    named = listed([_left(facts, f) for f in fixes])
    rest = f", and {count - len(fixes)} more" if count > len(fixes) else ""
    return (
        f"{LOOK} {counted(count, 'commit')} of {tag(facts)} {'is' if count == 1 else 'are'} only on "
        f"`{said(data.get('branch'))}`, not in `{said(data.get('base'))}`: {named}{rest}. Somebody has to carry "
        f"{'it' if count == 1 else 'them'} over, or {'it is' if count == 1 else 'they are'} lost."
    )


def _left(facts: Facts, fix: Mapping[str, Any]) -> str:
    subject = quoted(fix["subject"]) if fix["subject"] else HIDDEN
    return f"{subject} by {said(fix['author'], 40)}, {links.commit(facts, str(fix['sha']))}"


def going(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    seconds = int(data.get("seconds") or 0)
    return f"{DONE} {tag(facts)} is in production{f', after {lasted(seconds)}' if seconds else ''}."
