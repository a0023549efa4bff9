"""The private answer after something was done: what, and what happens next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.domain.notes.refs import ref_of
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import evidence, links, overrides, retro_told, voices
from handlers.views.marks import BLOCKED, DONE, LOOK, RUNNING, WAITS
from handlers.views.pressing import press, show
from handlers.views.thread_lines import same_changes
from handlers.views.writing import (
    Facts,
    date_token,
    holders,
    listed,
    long_token,
    mention,
    quoted,
    role_title,
    said,
    spoken,
)

Notes = Mapping[str, Any]
Line = Callable[[Facts, Notes, Mapping[str, Any]], str]


def done(event: str, facts: Facts, notes: Notes, given: Mapping[str, Any], fired: tuple[str, ...] = ()) -> Message:
    """What was done, in one line, what follows, and the way on."""
    if notes.get("already"):
        return _already(event, facts, notes)
    line = _LINES[event](facts, notes, given) if event in _LINES else f"{DONE} Done: {said(event)} for {_tag(facts)}."
    line += _followed(event, facts, notes, fired)
    return b.message(spoken(line, facts), b.section(line), b.actions(*_onward(event, facts, notes), block_id="onward"))


def _followed(event: str, facts: Facts, notes: Notes, fired: tuple[str, ...]) -> str:
    """What fired by itself after it."""
    if event == "approve" and notes.get("last"):
        when = "now" if "stage" in fired else "as soon as nothing stands in its way"
        return f": {_rc(facts)} goes to staging {when}. Production still needs a go."
    return "".join(f" {_FIRED[e]}" for e in fired if e in _FIRED)


def _tag(facts: Facts) -> str:
    return f"*{said(facts.get('tag'))}*"


def _rc(facts: Facts) -> str:
    return f"rc.{facts['candidate']['number']}" if facts.get("candidate") else "the candidate"


def _got_it(what: str) -> Line:
    """Git is asked; the thread tells when the remote has confirmed."""
    return lambda facts, notes, given: (
        f"{RUNNING} Got it: {what} for {_tag(facts)}. The thread tells as soon as the remote has confirmed."
    )


def _say(text: str) -> Line:
    return lambda facts, notes, given: text.format(
        t=_tag(facts),
        rc=_rc(facts),
        why=quoted(given.get("reason") or "", 200),
        freeze=date_token(facts, facts.get("freeze_at")),
        leaves=long_token(facts, facts.get("departs_at")),
        fix=f"v{said(notes.get('hotfix') or facts.get('fixed_by') or '')}",
        lead=mention(facts, facts.get("lead", "")),
    )


def _approved(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    title = said(role_title(facts, str(notes.get("role") or "")))
    line = f"{DONE} You approved {_tag(facts)} ({_rc(facts)}) as {title}."
    if not notes.get("last"):
        return line
    others = [
        mention(facts, g["person"])
        for a in facts.get("approvals") or ()
        for g in a["given"]
        if a["role"] != notes.get("role")
    ]
    before = f" {listed(others)} signed before you." if others else ""
    return f"{line}{before} Yours was the last signature"


def _go(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    if notes.get("pending") == "others":
        people = listed([mention(facts, p) for p in holders(facts, notes.get("missing") or ())], "or", 3)
        return f"{WAITS} Your go for {_tag(facts)} is recorded. {people or 'Another role'} has to say it too."
    return f"{RUNNING} Got it: go for {_tag(facts)}. I answer in the thread as soon as the remote has confirmed."


def _ready(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    people = list(dict.fromkeys(p for a in facts.get("approvals") or () for p in a.get("called") or a["asked"]))
    asked = listed([mention(facts, p) for p in people], "and", 4)
    return (
        f"{DONE} {_tag(facts)} is in preparation. {asked or 'Nobody'} {'is' if len(people) == 1 else 'are'} asked to "
        "approve."
    )


def _tick(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    item = str(given.get("item") or "")
    title = next((s["title"] for s in facts.get("signoffs") or () if s["name"] == item), item or "the item")
    left = sum(1 for s in facts.get("signoffs") or () if s.get("due") and not s.get("done"))
    rest = f" {left} more can be signed now." if left else ""
    return f"{DONE} You signed off for {_tag(facts)}: {said(title)}.{rest}"


def _record(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    runs = f"v{said(given.get('runs'))}"
    if notes.get("pending"):
        return f"{WAITS} You recorded that production runs {runs}. A second person has to record the same."
    return f"{DONE} It is recorded that production runs {runs}."


def _hold(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    until = f" I ask you again {date_token(facts, given['until'])}." if given.get("until") else ""
    gave_up = (facts.get("hold") or {}).get("gave_up")
    free = f" Its place on the train of {long_token(facts, gave_up)} is free for others." if gave_up else ""
    return f"{DONE} {_tag(facts)} is on hold.{free} Reminders are silent until somebody resumes it.{until}"


def _resume(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    leaves = f" It leaves {long_token(facts, facts['departs_at'])}." if given.get("to") else ""
    return f"{DONE} {_tag(facts)} goes on.{leaves}"


def _scope_add(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    what = links.ref(facts, str(given.get("ref") or ""))
    if notes.get("pending") == "git":
        return f"{RUNNING} Got it: {what} is picked onto `{said(facts.get('branch'))}`. {_anew(facts)}"
    return f"{DONE} The scope of {_tag(facts)} holds {what} now.{_unseen(notes, given)}"


def _unseen(notes: Notes, given: Mapping[str, Any]) -> str:
    """What no commit names yet may be not merged, or a slip: nobody here can tell, so both are said."""
    if not notes.get("unseen"):
        return ""
    ref = ref_of(str(given.get("ref") or ""))
    kind = "pull request" if ref.startswith("#") else "issue" if "-" in ref else "commit"
    return (
        f" I know no {kind} {said(ref)} so far: no commit that I have read names it, so it is kept as a wish until it "
        "is merged. If the name is a slip, take it out again."
    )


def _scope_drop(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    what = links.ref(facts, str(given.get("ref") or ""))
    if notes.get("pending") == "git":
        return f"{RUNNING} Got it: {what} is reverted on `{said(facts.get('branch'))}`. {_anew(facts)}"
    return f"{DONE} The scope of {_tag(facts)} is without {what} now."


def _anew(facts: Facts) -> str:
    """What a commit on the branch means for what was tagged and signed."""
    if not facts.get("candidate"):
        return "The thread tells when the remote has it."
    return f"The thread tells when the remote has it; then {_tag(facts)} needs a new candidate, tests and approvals."


def _classify(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    left = len((facts.get("notes") or {}).get("unclassified") or ())
    rest = f" {left} still {'has' if left == 1 else 'have'} no heading." if left else ""
    return f"{DONE} The notes of {_tag(facts)} are kept as you wrote them, also when they are drafted again.{rest}"


def _result(facts: Facts, notes: Notes, given: Mapping[str, Any]) -> str:
    return evidence.noted(facts, notes, f"{_tag(facts)} ({_rc(facts)})")


_LINES: dict[str, Line] = {
    "begin": _say(f"{DONE} Development of {{t}} begins. Stakeholders are told; the freeze is {{freeze}}."),
    "freeze_early": _got_it("branch and first candidate"),
    "candidate": _got_it("a new candidate"),
    "ready": _ready,
    "approve": _approved,
    "go": _go,
    "tick": _tick,
    "result": _result,
    "record": _record,
    "hold": _hold,
    "reject": _say(
        f"{BLOCKED} You rejected {{t}} ({{rc}}). {{lead}} reads your reason in the thread. A new candidate or "
        "your own new answer lifts this."
    ),
    "ask": lambda facts, notes, given: (
        f"{DONE} Your question about {_tag(facts)} is in the thread; "
        f"{listed([mention(facts, str(p)) for p in notes.get('to') or ()])} can answer there. Your request stays open."
    ),
    **voices.DONE_LINES,
    **overrides.DONE_LINES,
    **retro_told.DONE_LINES,
    "adopt_policy": _say(f"{DONE} {{t}} is judged by the active policy now. The thread says what that changed."),
    "untick": _say("The sign-off is taken back for {t}."),
    "retry": _say(f"{RUNNING} The step of {{t}} runs again."),
    "back": _say("{t} is back in stabilization. The approvals are void."),
    "nogo": _say("No-go for {t} is recorded. It stays in preparation: move it, hold it, send it back or cancel it."),
    "abort": _say("The deployment of {t} is ended. Nothing in production changed, and the lock is free."),
    "worked": _say("It is recorded that the step of {t} did its work."),
    "stop": lambda facts, notes, given: (
        f"{WAITS} The running step of {_tag(facts)} is ended now. Then you choose how to go on."
        if (facts.get("run") or {}).get("end_step") and given.get("item") == "now"
        else f"{WAITS} {_tag(facts)} stops after the running step."
    ),
    "flag_off": lambda facts, notes, given: (
        f"{DONE} The flag is off in production now. Verification of {_tag(facts)} is asked again."
        if notes.get("switched")
        else f"It is recorded for {_tag(facts)} that the flag is off. Verification is asked again."
    ),
    "rollback": _say(f"{RUNNING} {{t}} is being rolled back. Follow it in the thread."),
    "fix_forward": _say("The hotfix {fix} is open for {t} and has the production lock."),
    "move": _say(f"{DONE} {{t}} leaves {{leaves}}. Dates and announcements follow."),
    "merge": _say("{t} is merged into the next release, which takes its scope."),
    "resume": _resume,
    "cancel": _say("{t} is cancelled. Branch and tags stay; its changes go back to the next scope."),
    "close": _say(f"{DONE} {{t}} is closed. The record is complete."),
    "incident": _say(f"{LOOK} Your report about {{t}} is recorded. Those on duty are called."),
    "resolve": _say(f"{DONE} The incident of {{t}} is over."),
    "edit": _say(f"{DONE} {{t}} is corrected."),
    "cast": _say(f"{DONE} The roles of {{t}} are changed. Who is new gets the open points; the thread says it."),
    "depend": _say(f"{DONE} The dependency of {{t}} is noted."),
    "scope_add": _scope_add,
    "scope_drop": _scope_drop,
    "pull": _say(f"{RUNNING} Got it: a pull request for what conflicts in {{t}}. The thread names it when it is open."),
    "accept": _say(f"{DONE} You answer for it; {{t}} can go on."),
    "classify": _classify,
    "words": _say(f"{DONE} The texts of {{t}} are kept as you wrote them, also when the scope is read again."),
}
_FIRED = {
    "stage": "It goes to staging now.",
    "deployed": "It is live; everybody is told.",
    "closed": "It is closed.",
    "close": "It is closed.",
    "rolled_back": "Production runs the version before.",
    "freeze": "It is freezing now.",
}


def _onward(event: str, facts: Facts, notes: Notes) -> list[Block]:
    if event in ("approve", "reject"):
        return [press(facts, "withdraw")] if event == "approve" else [show(facts, "why", "What is missing?")]
    if event == "override" and notes.get("override"):  # it waits for a second person
        return [press(facts, "withdraw", item=str(notes["override"])), show(facts, "why", "What is missing?")]
    if event in retro_told.DONE_LINES:
        return retro_told.onward(event, facts)
    if event == "classify":
        return [show(facts, "notes", "Notes"), show(facts, "why", "What is missing?")]
    if event in ("scope_add", "scope_drop"):
        return [show(facts, "scope", "What is in it?"), show(facts, "why", "What is missing?")]
    if event == "incident":
        return [press(facts, "rollback"), press(facts, "fix_forward"), press(facts, "resolve")]
    if event == "triage" and facts.get("phase") == "post-release":
        return [press(facts, "fix_forward"), show(facts, "why", "What is missing?")]
    if event in ("nogo", "hold"):
        return [press(facts, "move")] if facts.get("departs_at") else []
    if facts.get("phase") in ("closed", "cancelled"):
        return []
    return [show(facts, "why", "What is missing?")]


def _already(event: str, facts: Facts, notes: Notes) -> Message:
    """A second click: when the first one was, and that nothing changed."""
    did = {"approve": "approved", "reject": "rejected", "tick": "signed this off for", "go": "said go for"}.get(
        event, f"did this ({event}) for"
    )
    at = f" {date_token(facts, notes['at'])}" if notes.get("at") else " before"
    line = f"You {did} {_tag(facts)}{at}. Nothing changed."
    button = press(facts, "withdraw") if event == "approve" else show(facts, "why", "What is missing?")
    return b.message(spoken(line, facts), b.section(line), b.actions(button, block_id="onward"))


def started(facts: Facts, given: Iterable[Mapping[str, Any]] = ()) -> Message:
    """The private answer to a start: it is open, the card, the next step; `given` are the reasons for its number."""
    first = f"{_tag(facts)} is started; its card is in the channel."
    nxt = (
        f"Next: make the scope final; the freeze is {date_token(facts, facts['freeze_at'])}."
        if facts.get("freeze_at")
        else "Next: put the fix on the branch, then tag a candidate."
    )
    nxt += same_changes(given)
    return b.message(
        spoken(f"{first} {nxt}", facts),
        b.section(f"{DONE} {first} {nxt}"),
        b.actions(
            show(facts, "scope", "What is in it?"),
            show(facts, "checklist", "Checklist"),
            show(facts, "status", "Open"),
            block_id="onward",
        ),
    )
