"""What the card says: who it waits for, its facts, and what happens next by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from handlers.views import links, overrides, retro
from handlers.views.card_contents import checks_of, milestone_of, notes_of, quiet_strays, scope_of
from handlers.views.card_state import State, approved, at_the_hour, quiet_concerns
from handlers.views.checklist import count, is_met, items, met_of
from handlers.views.marks import BLOCKED, DONE, HELD, LOOK, ROLLED_BACK, RUNNING, WAITS
from handlers.views.progress import at_step
from handlers.views.reasons import Reason
from handlers.views.writing import (
    Facts,
    between,
    counted,
    date_token,
    day_token,
    instant,
    lasted,
    listed,
    long_token,
    mention,
    quoted,
    said,
)

Pairs = list[tuple[str, str]]
MOST_WAITS = 3


def waits_of(facts: Facts, state: State, found: Sequence[Reason]) -> list[str]:
    """The lines under the phases: the date and the lead, then at most three of what it waits for."""
    if state in _ENDED:
        return _ENDED[state](facts)
    lead = f"led by {mention(facts, facts.get('lead', ''))}"
    title = f"{quoted(facts['title'])}  ·  " if facts.get("title") else ""
    if facts.get("live_at"):
        first = f"{DONE} *Live* since {date_token(facts, facts['live_at'])}  ·  {lead}"
    elif facts.get("departs_at"):
        first = f"{title}*Leaves* {long_token(facts, facts['departs_at'])}  ·  {lead}"
    elif facts.get("train"):
        first = f"{title}*Has no place* on a train now  ·  {lead}"
    else:
        first = f"{title}*Leaves* as soon as it is ready  ·  {lead}"
    return [first, *_now_lines(facts, state, found)]


def _now_lines(facts: Facts, state: State, found: Sequence[Reason]) -> list[str]:
    lines: list[str] = []
    if facts.get("hold"):
        lines.append(_hold(facts))
    if facts.get("missed_departure"):
        lines.append(f"{LOOK} The departure was missed; move it, merge it into the next release or cancel it")
    run = facts.get("run") or {}
    started = date_token(facts, run.get("started_at"), "{time}")
    if state in ("running", "rolling back") and run:
        what = f"Going back to {_v(run.get('target'))}" if state == "rolling back" else "Going to production"
        step = f": {at_step(run)}" if run.get("step") else ""
        lines.append(f"{RUNNING} *{what}*{step}, started {started} by {mention(facts, run.get('by', ''))}")
        if run.get("stop_asked"):
            ends = "Its running step is being ended" if run.get("end_step") else "Stops after the running step"
            lines.append(f"{WAITS} {ends}")
    if state == "decision":
        why = f": {quoted(run['reason'])}" if run.get("reason") else ""
        lines.append(
            f"{BLOCKED} *Stopped* at {at_step(run) or 'the last step'}{',' if run.get('steps') else ''} "
            f"{date_token(facts, run.get('ended_at'))}{why}"
        )
        deciders = listed([mention(facts, p) for p in deciders_of(facts)], "or", 3)
        lines.append(f"{WAITS} *Waits for* {deciders or 'a decision'} to decide")
    lines += filter(None, [retro.card_line(facts) if facts.get("phase") == "post-release" else ""])
    lines += overrides.card_lines(facts)
    if approved(facts) and state == "approved":
        lines.append(f"{DONE} Approved by {_signers(facts)}")
    if state in ("running", "rolling back", "decision"):
        lines += [f"{r.mark} {r.line}" for r in found if r.code == "paused"]
    else:
        lines += _reasons(facts, found)
        lines += quiet_strays(facts, {r.code for r in found})
    return lines


def _reasons(facts: Facts, found: Sequence[Reason]) -> list[str]:
    told = {"held", *retro.codes_told(facts)}
    found = [r for r in (*found, *quiet_concerns(facts, found)) if r.code not in told]
    live = [r for r in found if not r.later] or found
    lines = [f"{r.mark} {r.line}" for r in live[:MOST_WAITS]]
    rest = len(live) - MOST_WAITS
    if rest > 0:
        lines[-1] += f", and {rest} more"
    return lines


def _hold(facts: Facts) -> str:
    h: dict[str, Any] = facts["hold"]
    until = f", asked again {day_token(facts, h['until'])}" if h.get("until") else ""
    keeps = " · keeps its place on the train" if h.get("keep_place") and facts.get("departs_at") else ""
    if h.get("gave_up"):
        keeps = f" · gave up its place on the train of {day_token(facts, h['gave_up'])}"
    return (
        f"{HELD} *On hold* by {mention(facts, h['by'])} since {date_token(facts, h['at'])}: "
        f"{quoted(h['reason'])}{until}{keeps}"
    )


def deciders_of(facts: Facts) -> list[str]:
    """Who decides when a run stands still: of a pipeline those whom its step asks."""
    if asked := (facts.get("run") or {}).get("deciders"):
        return list(asked)
    members = facts.get("members") or {}
    return list(dict.fromkeys(p for r in ("release_manager", "devops") for p in members.get(r, ())))


def _signers(facts: Facts) -> str:
    given = [g for a in facts.get("approvals") or () for g in a.get("given") or ()]
    last = max((g.get("at") or "" for g in given), default="")
    return f"{listed([mention(facts, g['person']) for g in given])} {date_token(facts, last)}"


def _v(version: object) -> str:
    return f"v{said(version)}" if version else "the version before"


# --- the pictures of what has ended ----------------------------------------------------------------------------------


def _cancelled(facts: Facts) -> list[str]:
    why = f": {quoted(facts['cancel_reason'])}" if facts.get("cancel_reason") else ""
    count = (facts.get("scope") or {}).get("count") or 0
    kept = f" · its {counted(count, 'change')} {'is' if count == 1 else 'are'} back in the next scope" if count else ""
    into = f"Its scope goes out with {_v(facts['fixed_by'])}. " if facts.get("outcome") == "superseded" else ""
    return [
        f"{into}Cancelled by {mention(facts, facts.get('closed_by', ''))} "
        f"{date_token(facts, facts.get('closed_at'))}{why}{kept}"
    ]


def _closed(facts: Facts) -> list[str]:
    spent = between(facts.get("started_at"), facts.get("live_at"))
    took = f", {lasted(spent.total_seconds())} from start to live" if spent else ""
    by = f" by {mention(facts, facts['closed_by'])}" if facts.get("closed_by") else ""
    incidents = counted(len(facts.get("incidents") or ()), "incident")
    return [
        f"{DONE} *Closed*{by} {date_token(facts, facts.get('closed_at'))}",
        f"Live since {date_token(facts, facts.get('live_at'))}, {incidents}{took}",
    ]


def _rolled_back(facts: Facts) -> list[str]:
    run, production = facts.get("run") or {}, (facts.get("environments") or {}).get("production") or {}
    why = f": {quoted(run['reason'])}" if run.get("reason") else ""
    when = date_token(facts, run.get("ended_at"))
    lines = [
        f"{ROLLED_BACK} *Rolled back* to {_v(production.get('version'))} {when} by "
        f"{mention(facts, run.get('by', ''))}{why}"
    ]
    if facts.get("retro") and facts.get("phase") == "post-release":
        lines.append(retro.card_line(facts))
    if production.get("lock"):
        lines.append(f"{BLOCKED} *Production is locked* until somebody clears it")
    if facts.get("fixed_by"):
        lines.append(f"{RUNNING} It is fixed by {_v(facts['fixed_by'])}")
    return lines


_ENDED: dict[str, Callable[[Facts], list[str]]] = {
    "cancelled": _cancelled,
    "closed": _closed,
    "rolled back": _rolled_back,
}


def posts_of(facts: Facts) -> str:
    """`4 of at most 6 in the channel, and 1 that is always posted`."""
    within, beside = int(facts.get("posts") or 0), int(facts.get("posts_beside") or 0)
    rest = f", and {beside} that {'is' if beside == 1 else 'are'} always posted" if beside else ""
    return f"{within} of at most {facts['most_posts']} in the channel{rest}" if facts.get("most_posts") else ""


# --- facts -----------------------------------------------------------------------------------------------------------


def facts_of(facts: Facts, state: State) -> Pairs:
    """Up to six; what a phase does not have yet is left out."""
    if state == "cancelled":
        return []
    if state == "closed":
        return [
            ("Record", _code(facts.get("record"))),
            ("Outcome", said(facts.get("outcome") or "as planned")),
            ("Posts", posts_of(facts)),
        ]
    if facts.get("live_at") or state == "rolled back":
        return [
            ("Incidents", _incidents(facts)),
            ("Post-release", count(facts)),
            ("Action items", retro.decided_of(facts)),
            ("Partly live for" if state == "rolled back" else "", _live_for(facts)),
            ("Record", _code(facts.get("record"))),
        ]
    return [
        ("Candidate", _candidate(facts)),
        ("Tests", _tests(facts)),
        ("Approvals", _approvals(facts)),
        ("Checklist", count(facts)),
        ("Staging", _staging(facts)),
        ("Release notes", notes_of(facts)),
        ("Milestone", milestone_of(facts)),
        ("Scope", scope_of(facts)),
        ("Action items", retro.decided_of(facts)),
    ]


def _candidate(facts: Facts) -> str:
    c = facts.get("candidate")
    return f"rc.{c['number']} at {links.commit(facts, c['sha'])}" if c else ""


def _tests(facts: Facts) -> str:
    tests = [s for s in items(facts) if s["name"].startswith("tests.")]
    if not tests or not facts.get("candidate"):
        return checks_of(facts)
    failed = any(s.get("state") == "failed" for s in tests)
    mark = BLOCKED if failed else DONE if all(map(is_met, tests)) else WAITS
    signed = f"{mark} {met_of(tests)} passed"
    return " · ".join(filter(None, (signed, checks_of(facts))))


def _approvals(facts: Facts) -> str:
    asked = facts.get("approvals") or []
    if not asked or facts.get("phase") in ("planning", "development"):
        return ""
    need = sum(a.get("need", 1) for a in asked)
    given = sum(min(len(a.get("given") or ()), a.get("need", 1)) for a in asked)
    mark = BLOCKED if any(a.get("rejected") for a in asked) else DONE if given >= need else WAITS
    return f"{mark} {given} of {need}, {said(listed([a.get('title') or a['role'] for a in asked]))}"


def _staging(facts: Facts) -> str:
    staging = (facts.get("environments") or {}).get("staging") or {}
    c = facts.get("candidate")
    if not c or staging.get("candidate") != c["tag"]:
        return ""
    return f"{DONE} rc.{c['number']} since {date_token(facts, staging.get('since'))}"


def _incidents(facts: Facts) -> str:
    all_of, open_ = facts.get("incidents") or (), [i for i in facts.get("incidents") or () if not i.get("resolved_at")]
    return f"{BLOCKED} {len(open_)} open of {len(all_of)}" if open_ else str(len(all_of))


def _live_for(facts: Facts) -> str:
    spent = between(facts.get("live_at"), (facts.get("run") or {}).get("ended_at"))
    return lasted(spent.total_seconds()) if spent and spent.total_seconds() > 0 else ""


def _code(text: object) -> str:
    return f"`{said(text)}`" if text else ""


# --- next by itself --------------------------------------------------------------------------------------------------


def next_of(facts: Facts, state: State, now: datetime) -> str:
    """One line on what happens with nobody pressing anything."""
    text = _next(facts, state, now)
    return f"*Next by itself:* {text}" if text else ""


def _next(facts: Facts, state: State, now: datetime) -> str:
    c = f"rc.{facts['candidate']['number']}" if facts.get("candidate") else "the candidate"
    if facts.get("hold") and state not in ("cancelled", "closed", "rolled back"):
        return "nothing; reminders are silent"
    if state == "planning":
        return f"the freeze is due {date_token(facts, facts['freeze_at'])}" if facts.get("freeze_at") else ""
    if state == "development":
        if not facts.get("freeze_at"):
            return "nothing; tag a candidate when the fix is on the branch"
        return f"frozen {date_token(facts, facts['freeze_at'])}"
    if state == "stabilization":
        return "nothing; it asks for approval when somebody makes it ready"
    if state == "pending":
        if _staging(facts):
            return f"nothing; {c} is on staging and waits for the approval"
        testers = listed([mention(facts, p) for p in (facts.get("members") or {}).get("qa", ())], "or", 2)
        return f"after the approval {c} goes to staging, and {testers or 'QA'} is asked to sign it off there"
    if state == "approved":
        if not at_the_hour(facts, now) and (instant(facts.get("departs_at")) or now) > now:
            return f"go or no-go is asked {date_token(facts, facts['departs_at'])}"
        return "nothing; go is always a person's"
    if state in ("running", "verifying"):
        return "verification, then everybody is told"
    if state == "post-release":
        return "it closes when the open conditions are met"
    return ""
