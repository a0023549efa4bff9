"""The story in a card's thread: one line for each thing that happened, who did it, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.marks import BLOCKED, DONE, HELD, LOOK, ROLLED_BACK, RUNNING, WAITS
from handlers.views.reasons import reasons
from handlers.views.writing import (
    Facts,
    counted,
    date_token,
    holders,
    lasted,
    listed,
    mention,
    role_title,
    said,
    short_sha,
    spoken,
    who,
)

WHOLE = 900  # foreign text is whole in the thread, within one section
Data = Mapping[str, Any]


def render(moment: str, data: Data) -> Message:
    """The line of a moment; a moment without words says at least what it is called."""
    facts: Facts = data.get("facts") or data
    write = LINES.get(moment)
    line = write(data, facts) if write else f"{_tag(facts)}: {said(moment.replace('_', ' '))}."
    return b.message(spoken(line, facts), b.section(line, "line"))


def _tag(facts: Facts) -> str:
    return f"*{said(facts.get('tag') or 'The release')}*"


def _actor(data: Data, facts: Facts) -> str:
    return who(facts, str(data.get("actor") or "")) if data.get("actor") else "Release Bot"


def _why(data: Data, before: str = ": ") -> str:
    return f"{before}“{said(data['reason'], WHOLE)}”" if data.get("reason") else "."


def _v(version: object) -> str:
    return f"v{said(version)}" if version else "the version before"


def _rc(tag: object) -> str:
    return said(str(tag or "")).rpartition("-")[2] or "the candidate"


def _started(data: Data, facts: Facts) -> str:
    reasons_ = [r for r in data.get("reasons") or () if isinstance(r, Mapping)]
    found = next((r for r in reasons_ if r.get("code") == "changes"), None)
    source = said(found.get("branch", "develop")) if found else said(facts.get("base_tag", ""))
    at = f" at `{short_sha(str(found['head']))}`" if found and found.get("head") else ""
    line = f"{_actor(data, facts)} started {_tag(facts)} from {source}{at}."
    if found:
        line += (
            f" Proposed because {int(found.get('new') or 0)} of {counted(int(found.get('count') or 0), 'change')} "
            f"{'is a new feature' if found.get('new') == 1 else 'are new features'}."
        )
    if data.get("reason"):
        line += f" Reason: “{said(data['reason'], WHOLE)}”"
    return line


def _candidate(data: Data, facts: Facts) -> str:
    void = data.get("voided") or ()
    testers = listed([mention(facts, p) for p in holders(facts, ("role:qa",))], "or", 2)
    line = f"*{_rc(data.get('candidate'))} is tagged* at `{short_sha(str(data.get('sha') or ''))}`"
    line += f" by {_actor(data, facts)}." if data.get("actor") else "."
    if data.get("first") and facts.get("train"):
        line = f"{_tag(facts)} is frozen: `{said(facts.get('branch', ''))}` is cut. {line}"
    if void:
        names = listed([who(facts, p) for p in void])
        line += f" It is other content, so the approval of {names} was withdrawn."
    return line + (f" {testers}, the tests can start." if testers else "")


def _approved(data: Data, facts: Facts) -> str:
    given, need = int(data.get("given") or 0), int(data.get("need") or 1)
    title = said(role_title(facts, str(data.get("role") or "")))
    line = f"{DONE} {_actor(data, facts)} approved {_tag(facts)} as {title} ({given} of {need})."
    if data.get("last"):
        c = facts.get("candidate") or {}
        line += f" It was the last signature: rc.{c.get('number', '')} goes to staging."
    return line


def _rejected(data: Data, facts: Facts) -> str:
    c = facts.get("candidate") or {}
    title = said(role_title(facts, str(data.get("role") or "")))
    return (
        f"{BLOCKED} {_actor(data, facts)} rejected rc.{c.get('number', '')} as {title}{_why(data)} "
        "A new candidate or a new answer of the same person lifts this."
    )


def _withdrawn(data: Data, facts: Facts) -> str:
    title = said(role_title(facts, str(data.get("role") or "")))
    return f"{_actor(data, facts)} took the approval back{_why(data)} {_tag(facts)} waits for a {title} again."


def _go_asked(data: Data, facts: Facts) -> str:
    missing = data.get("missing") or ()
    if missing:
        people = listed([mention(facts, p) for p in holders(facts, missing)], "or", 3)
        return (
            f"{WAITS} {_actor(data, facts)} said go for {_tag(facts)}. {people or 'A second role'} has to say it too."
        )
    return (
        f"{RUNNING} {_actor(data, facts)} said go for {_tag(facts)}. I read the roles and the remote afresh, then it "
        "leaves."
    )


def _problems(data: Data, facts: Facts) -> str:
    found = reasons(list(data.get("problem") or ()), facts)
    return " ".join(r.detail for r in found) or "The reason is in the log."


def _failed_go(data: Data, facts: Facts) -> str:
    return f"{BLOCKED} The go for {_tag(facts)} did not fire, and nothing has moved. {_problems(data, facts)}"


def _ready(data: Data, facts: Facts) -> str:
    people = listed([mention(facts, p) for p in data.get("asked") or ()], "and", 4)
    return (
        f"{_actor(data, facts)} made {_tag(facts)} ready. {WAITS} {people or 'The approvers'} "
        f"{'is' if len(data.get('asked') or ()) == 1 else 'are'} asked to approve."
    )


def _moved(data: Data, facts: Facts) -> str:
    before = f" from {date_token(facts, data['before'])}" if data.get("before") else ""
    return (
        f"{_actor(data, facts)} moved {_tag(facts)}{before} to {date_token(facts, facts.get('departs_at'))}{_why(data)}"
    )


def _edited(data: Data, facts: Facts) -> str:
    before, after = data.get("before") or {}, data.get("after") or {}
    parts = [
        f"{said(k.replace('departs_at', 'departure'))} from “{said(before.get(k) or 'none')}” to “{said(v)}”"
        for k, v in after.items()
    ]
    return f"{_actor(data, facts)} corrected {_tag(facts)}: {listed(parts) or 'nothing'}."


def _conflict(data: Data, facts: Facts) -> str:
    files = listed([f"`{said(f)}`" for f in data.get("files") or ()], "and", 4)
    return (
        f"{BLOCKED} {_tag(facts)} cannot be merged back into `{said(data.get('branch'))}`: conflicts in {files}. It "
        "was released without that merge; somebody has to open a pull request for it."
    )


def _recorded(data: Data, facts: Facts) -> str:
    line = f"{_actor(data, facts)} recorded that production runs {_v(data.get('runs'))}{_why(data)}"
    return line if int(data.get("people") or 0) > 1 else f"{line} {WAITS} A second person has to record the same."


def _rollback(data: Data, facts: Facts) -> str:
    bad = f" ({said(data['severity'])})" if data.get("severity") else ""
    return f"{ROLLED_BACK} {_actor(data, facts)} chose *roll back* to {_v(data.get('target'))}{bad}{_why(data)}"


def _incident(data: Data, facts: Facts) -> str:
    bad = f" ({said(data['severity'])})" if data.get("severity") else ""
    return (
        f"{LOOK} {_actor(data, facts)} reported an incident with {_tag(facts)}{bad}{_why(data)} "
        "Roll back, fix forward and hotfix are open."
    )


def _scope(data: Data, facts: Facts) -> str:
    subjects = listed([f"“{said(s)}”" for s in data.get("subjects") or ()], "and", 3)
    return f"{counted(int(data.get('added') or 0), 'change')} came in: {subjects}."


def _held(data: Data, facts: Facts) -> str:
    until = f" I ask again {date_token(facts, data['until'])}." if data.get("until") else ""
    return f"{HELD} {_actor(data, facts)} put {_tag(facts)} on hold{_why(data)}{until}"


def _going(data: Data, facts: Facts) -> str:
    seconds = int(data.get("seconds") or 0)
    return f"{DONE} {_tag(facts)} is in production{f', after {lasted(seconds)}' if seconds else ''}."


Line = Callable[[Data, Facts], str]


def _line(text: str) -> Line:
    """A line out of one sentence: {a} who, {t} the version, {w} why with its colon, the rest from the data."""

    def write(data: Data, facts: Facts) -> str:
        values = {k: said(v, WHOLE) for k, v in data.items() if isinstance(v, str | int)}
        c = facts.get("candidate") or {}
        return text.format_map(
            _Gaps(
                values
                | {
                    "a": _actor(data, facts),
                    "t": _tag(facts),
                    "w": _why(data),
                    "rc": f"rc.{c.get('number', '')}",
                    "sha7": short_sha(str(data.get("sha") or "")),
                    "head7": short_sha(str(data.get("head") or "")),
                    "v": _v(
                        data.get("runs")
                        or data.get("hotfix")
                        or data.get("production")
                        or data.get("into")
                        or data.get("by")
                        or data.get("target")
                    ),
                    "owns": mention(facts, str(data.get("owner") or "")),
                    "last": _rc(data.get("candidate")),
                }
            )
        )

    return write


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


LINES: dict[str, Line] = {
    "started": _started,
    "candidate_tagged": _candidate,
    "approved": _approved,
    "rejected": _rejected,
    "withdrawn": _withdrawn,
    "go_asked": _go_asked,
    "go_refused": _failed_go,
    "ready": _ready,
    "moved": _moved,
    "edited": _edited,
    "conflict": _conflict,
    "recorded": _recorded,
    "rollback_started": _rollback,
    "incident": _incident,
    "scope_changed": _scope,
    "held": _held,
    "deployed": _going,
    "begun": _line("{a} began development of {t}."),
    "frozen": _line("{t} is frozen. From now only fixes."),
    "branch_cut": _line("`{branch}` is cut from {t}'s base. Put the fix on it, then tag a candidate."),
    "branch_ahead": _line(
        f"{LOOK} The branch is at `{{head7}}`, beyond {{last}}. What was signed stays {{last}}: tag a new "
        "candidate or take the commits off."
    ),
    "concern": _line(f"{BLOCKED} {{a}} raised a concern about {{t}}{{w}}"),
    "settled": _line("{a} settled the concern “{text}”{w}"),
    "ticked": _line(f"{DONE} {{a}} signed off: {{title}}."),
    "unticked": _line(f"{LOOK} {{a}} took back the sign-off of {{title}}{{w}}"),
    "staging": _line(f"{RUNNING} {{rc}} is going to staging."),
    "staged": _line(f"{DONE} {{rc}} is on staging. It can be signed off there."),
    "staging_failed": _line(
        f"{BLOCKED} The run on staging failed: “{{failure}}”. Production is as before. Try again, or send it back."
    ),
    "back": _line("{a} sent {t} back to stabilization{w} The approvals are void."),
    "nogo": _line(
        f"{BLOCKED} {{a}} said no-go for {{t}}{{w}} It stays in preparation; move it, hold it, send it back or "
        "cancel it."
    ),
    "aborted": _line("{a} ended the deployment of {t} before anything changed{w} The lock is free."),
    "step_failed": _line(f"{BLOCKED} The deployment of {{t}} stopped: “{{failure}}”. {WAITS} It waits for a decision."),
    "retried": _line(f"{RUNNING} {{a}} tries the step on {{environment}} again."),
    "worked": _line("{a} says the step did its work{w}"),
    "stopped": _line(f"{WAITS} {{a}} asked to stop. The running step ends first."),
    "verify": _line(f"{DONE} {{t}} is in production. {WAITS} It is verified there, then everybody is told."),
    "promoted": _line(f"{DONE} {{t}} is published: tag, main and develop are on the remote at `{{sha7}}`."),
    "flag_off": _line("{a} switched off `{flag}`{w} Verification is asked again."),
    "rollback_failed": _line(
        f"{BLOCKED} *The rollback stopped*: “{{failure}}”. Nothing runs now. Try again, say it worked, "
        "or record what production runs."
    ),
    "rolled_back": _line(f"{ROLLED_BACK} {{t}} is rolled back. Production runs {{v}}."),
    "fix_started": _line("{a} opened the hotfix {v} for {t}{w} It has the production lock."),
    "fixed": _line(f"{DONE} {{t}} is fixed by {{v}}, which is live."),
    "production_changed": _line(
        f"{LOOK} Production runs {{v}} now, and {{t}} does not contain it. A new candidate takes it in."
    ),
    "carried": _line("{v} was merged into this branch. Tag a new candidate to take it in."),
    "merged": _line("{a} merged {t} into {v}, which takes its scope{w}"),
    "missed": _line(f"{LOOK} {{t}} missed its departure. Next train, another time, merge into the next, or cancel?"),
    "resumed": _line("{a} resumed {t}{w}"),
    "cancelled": _line("{a} cancelled {t}{w} Branch and tags stay; its changes go back to the next scope."),
    "closed": _line(f"{DONE} {{t}} is closed. The record is complete."),
    "resolved": _line(f"{DONE} {{a}} closed the incident{{w}}"),
    "depends": _line("{a} added a dependency{w} Owner: {owns}."),
    "words": _line("{a} mended the texts for stakeholders and support."),
    "git_failed": lambda data, facts: (
        f"{BLOCKED} Git could not publish the {said(data.get('purpose'))} of {_tag(facts)}, "
        f"and no branch has moved. {_problems(data, facts)}"
    ),
}
