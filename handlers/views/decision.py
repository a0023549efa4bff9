"""The moment of a failure: what failed, the ways on with what speaks for each, and afterwards what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.domain.pipeline.recovery import LOOKS, Known
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import BLOCKED, DONE, LOOK, ROLLED_BACK, WAITS
from handlers.views.pressing import press
from handlers.views.progress import log_button
from handlers.views.recovery import way_blocks
from handlers.views.writing import (
    Data,
    Facts,
    date_token,
    holders,
    instant,
    lasted,
    listed,
    mention,
    name,
    plain,
    quoted,
    said,
)

MOST_LINES = 6  # of what failed

Run = Mapping[str, Any]


def decision(facts: Facts, run: Run, known: Known, now: datetime) -> Message:
    """What stands, and the ways on. `run` is as the record has it, `run["failed"]` its step that stands, with `number`
    among `of`, `failing` [(name, what came)], `count` of checks; `run["decided"]` what was decided since."""
    failed: Mapping[str, Any] = run.get("failed") or {}
    if run.get("decided"):
        return _decided(facts, run, failed)
    if run.get("kind") == "roll back":
        return _rollback_stopped(facts, run, failed)
    deciders = listed([mention(facts, p) for p in _deciders(facts, run, failed)], "or", 3) or "somebody"
    spoken = listed([name(facts, p) for p in _deciders(facts, run, failed)], "or", 3) or "Somebody"
    head = headline(facts, run, failed)
    unknown = failed.get("state") == "unknown"
    choices = "look there first, then say how to go on" if unknown else _choices(known)
    return b.message(
        f"{head}. The deployment has stopped. {spoken}, please decide: {choices}.",
        b.header(head),
        b.section(_what(facts, run, failed, deciders), "facts"),
        *way_blocks(facts, known),
        b.actions(*_look(facts, run, failed), block_id="look"),
        b.context(_called(facts, run, now)),
    )


def headline(facts: Facts, run: Run, failed: Mapping[str, Any]) -> str:
    """`v1.3.0: 2 of 12 smoke tests failed`."""
    tag, title = plain(facts["tag"], 30), plain(failed.get("title") or run.get("step") or "a step", 40)
    if run.get("kind") == "roll back":
        return f"{tag}: the rollback stopped"
    if failed.get("state") == "unknown":
        return f"{tag}: interrupted at {title}"
    if failed.get("state") == "stopped":
        return f"{tag}: stopped before {title}"
    whole, bad = int(failed.get("count") or 0), len(failed.get("failing") or ())
    if failed.get("uses") == "smoke" and bad and whole >= bad:
        return f"{tag}: {bad} of {whole} smoke tests failed"
    return f"{tag}: {title} failed"


def _what(facts: Facts, run: Run, failed: Mapping[str, Any], deciders: str) -> str:
    at = f" at step {failed['number']} of {failed['of']}" if failed.get("number") else ""
    title = f", *{said(failed['title'], 60)}*" if failed.get("title") else ""
    when = date_token(facts, run.get("ended_at"))
    if failed.get("state") == "unknown":
        return (
            f"{LOOK} I was interrupted {when}{at}{title}, and nobody can tell what it did. Nothing more runs. "
            f"Please look at the host, then {deciders} decides.\n{_lines(failed, run)}"
        )
    if failed.get("state") == "stopped":
        return f"{BLOCKED} Stopped by a person {when}{at}{title}. Nothing more is changed until {deciders} decides."
    return (
        f"{BLOCKED} Stopped {when}{at}{title}. Nothing more is changed until {deciders} decides.\n"
        f"{_lines(failed, run)}"
    )


def _lines(failed: Mapping[str, Any], run: Run) -> str:
    """The checks that failed with what came, else the reason."""
    rows = [(plain(n, 40), plain(what, 80)) for n, what in failed.get("failing") or ()]
    if not rows:
        why = failed.get("reason") or run.get("reason")
        return quoted(why, 300) if why else ""
    width = max(len(n) for n, _ in rows)
    shown = [said(f"{n:<{width}}", 44).ljust(width) + f"   {said(what, 80)}" for n, what in rows[:MOST_LINES]]
    more = [f"and {len(rows) - MOST_LINES} more"] if len(rows) > MOST_LINES else []
    return "```" + "\n".join([*shown, *more]) + "```"


def _choices(known: Known) -> str:
    flags = ", switch the flag off" if known.flags else ""
    return f"roll back{flags} or fix forward" if known.changed else "try again or abort"


def _deciders(facts: Facts, run: Run, failed: Mapping[str, Any]) -> list[str]:
    if run.get("deciders"):
        return list(run["deciders"])
    roles = failed.get("decide") or ("release_manager", "devops")
    return holders(facts, [f"role:{role}" for role in roles])


def _look(facts: Facts, run: Run, failed: Mapping[str, Any]) -> list[Block | None]:
    tests = failed.get("uses") in LOOKS
    again = press(facts, "retry", label="Run the tests again" if tests else "")
    untouched = press(facts, "abort") if "abort" in (facts.get("allowed") or ()) else None
    unknown = failed.get("state") == "unknown"
    first = [press(facts, "worked"), again] if unknown else [again, *([] if tests else [press(facts, "worked")])]
    return [*first, log_button(facts, run, failed), untouched]


def _called(facts: Facts, run: Run, now: datetime) -> str:
    """Who is called when nobody answers, and since when they are."""
    due, who = instant(run.get("call_at")), [mention(facts, p) for p in run.get("call") or ()]
    if due is None or not who:
        return "I never choose by myself."
    if now < due:
        at = date_token(facts, run["call_at"], "{time}")
        return f"If nobody has answered by {at}, {listed(who, 'and', 3)} is called too. I never choose by myself."
    return f"Nobody answered, so {listed(who, 'and', 3)} was called too. I never choose by myself."


def _what_runs(facts: Facts, run: Run) -> str:
    """Which part of production is back, and which is not, by what the steps of the roll-back say."""
    parts: Sequence[Mapping[str, Any]] = run.get("steps") or ()
    to, of = said(run.get("target") or "?"), said(facts.get("version") or "?")
    told = []
    for one in (s for s in parts if s["uses"] in ("roll_back", "migrate_back")):
        name_, base = said(str(one["title"]).rpartition(": ")[2], 40), one["uses"] == "migrate_back"
        state = {"done": "back" if base else f"v{to}", "skipped": "needed nothing"}.get(one["state"])
        if state is None:
            begun = one["state"] not in ("pending", "stopped")
            state = "nobody knows" if begun else "not begun" if base else f"still v{of}"
        told.append(f"*{name_}*: {state}")
    return "*Production now*\n" + "\n".join(told) if told else "What production runs now, nobody can tell from here."


def called_line(data: Data, facts: Facts) -> str:
    """In the thread: nobody has decided, and who is asked now."""
    who = listed([mention(facts, str(p)) for p in data.get("called") or ()], "and", 3) or "nobody else"
    return f"{WAITS} Nobody has decided about *{said(facts['tag'])}* yet; {who} is called too."


# --- what it becomes --------------------------------------------------------------------------------------------------


def _decided(facts: Facts, run: Run, failed: Mapping[str, Any]) -> Message:
    """The facts stay, and one line says what was decided."""
    head, line = headline(facts, run, failed), decided_line(facts, run["decided"])
    at = f" at step {failed['number']} of {failed['of']}" if failed.get("number") else ""
    title = f", *{said(failed['title'], 60)}*" if failed.get("title") else ""
    return b.message(
        f"{head}. It was decided: {plain(line.split(' ', 1)[-1].replace('*', ''), 200)}",
        b.section(
            f"*{said(head)}*\nStopped {date_token(facts, run.get('ended_at'))}{at}{title}.\n{_lines(failed, run)}",
            "facts",
        ),
        b.section(line, "decided"),
        b.actions(log_button(facts, run, failed), block_id="look"),
    )


def decided_line(facts: Facts, decided: Mapping[str, Any]) -> str:
    """Who decided what, and why."""
    by = said(name(facts, str(decided.get("by") or "")), 40) if decided.get("by") else "Somebody"
    seconds = int(decided.get("after") or 0)
    after = f" after {lasted(seconds)}" if seconds > 0 else ""
    why = after + (f": {quoted(decided['reason'], 300)}" if decided.get("reason") else ".")
    to = said(decided.get("version") or "?")
    return {
        "rollback": f"{ROLLED_BACK} {by} decided to roll back to v{to}{why}",
        "fix_forward": f"{DONE} {by} decided to fix forward with v{to}{why}",
        "retry": f"{DONE} {by} let it run again{why}",
        "worked": f"{DONE} {by} said that the step did its work{why}",
        "flag_off": f"{DONE} {by} said that a flag is off{why}",
        "record": f"{DONE} Two people recorded that production runs v{to}{why}",
        "abort": f"{DONE} {by} ended it before anything changed{why}",
    }.get(str(decided.get("what")), f"{DONE} It was decided how to go on{why}")


def _rollback_stopped(facts: Facts, run: Run, failed: Mapping[str, Any]) -> Message:
    """The rollback failed itself: what is done, what is not, and nothing is pretended."""
    tag, to = plain(facts["tag"]), said(run.get("target") or "the version before")
    title = said(failed.get("title") or run.get("step") or "a step", 60)
    unknown = failed.get("state") == "unknown"
    how = "nobody can tell what it did" if unknown else "failed"
    calls = ("release_manager", "devops", "tech_lead", "executive")
    people = listed([mention(facts, p) for p in holders(facts, [f"role:{role}" for role in calls])], "and", 4)
    return b.message(
        f"The rollback of {tag} to v{plain(run.get('target') or '?')} stopped: "
        f"{plain(failed.get('title') or 'a step')} {how}. Nothing runs now, and production may be between two "
        "versions. Somebody has to decide.",
        b.header(headline(facts, run, failed)),
        b.section(
            f"{BLOCKED} *{title}* {how} {date_token(facts, run.get('ended_at'))} on the way back to v{to}. "
            f"Nothing runs now, and production may be between two versions.\n{_lines(failed, run)}",
            "facts",
        ),
        b.section(_what_runs(facts, run), "state"),
        b.actions(
            press(facts, "retry", primary=not unknown), press(facts, "worked"), press(facts, "record"),
            press(facts, "fix_forward"), log_button(facts, run, failed), block_id="look",
        ),
        b.context(f"Called: {people}. Production stays locked." if people else "Production stays locked."),
    )  # fmt: skip
