"""A run in the release's thread while it happens: how far it is, one line for each step, what it does now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import BLOCKED, DONE, HELD, LOOK, NOT_YET, ROLLED_BACK, RUNNING, WAITS
from handlers.views.pressing import END_NOW, press
from handlers.views.writing import Facts, counted, date_token, instant, lasted, listed, mention, plain, quoted, said

FULL, EMPTY, SIGNS = "▰", "▱", 10
LINE = 120  # of the output, as `Now:` shows it
MOST_STEPS = 14  # that have a line of their own; the first ones that are done are folded
LATE = 1.25  # times what is usual, from where on it takes long

Run = Mapping[str, Any]
Step = Mapping[str, Any]
Write = Callable[[object], str]  # of foreign words: inside markup, or plainly
OVER = ("done", "skipped")
_NEVER = datetime.min.replace(tzinfo=UTC)  # for lines without a clock


def progress(facts: Facts, run: Run, now: datetime) -> Message:
    """The message of one run. `facts["live"]` is the running attempt: step, number, started_at, line, found."""
    steps = list(run.get("steps") or ())
    state = str(run.get("state"))
    if state == "done":
        return _over(facts, run, steps)
    given_up = state == "failed" and run.get("environment") == "production"  # one that stands there waits
    if given_up or (run.get("replaced") and state in ("failed", "waiting")):
        return _replaced(facts, run, steps)
    stands = state in ("failed", "waiting")
    at = next((n for n, s in enumerate(steps, 1) if s["state"] not in OVER), len(steps))
    step = steps[at - 1] if steps else {}
    clock = _clock(run, steps, now)
    title = _stands(facts, run, step) if stands else f"{RUNNING} *{_going(facts, run, said)}*"
    bar = f"{_bar(steps, at)}  step {at} of {len(steps)}{_dot(clock)}"
    spoken = f"{plain(facts['tag'])} stands" if stands else _going(facts, run, plain)
    return b.message(
        f"{spoken}: step {at} of {len(steps)}, {plain(step.get('title') or '', 60)}{f', {clock}' if clock else ''}.",
        b.section(f"{title}\n{bar}"),
        b.section("\n".join(_lines(facts, steps, now)), "steps"),
        b.context(*_now(facts, run, step, now), *_late(run, steps, now)),
        b.actions(*_buttons(facts, run, step, stands), block_id="run"),
        b.context(_by(facts, run)),
    )


def _over(facts: Facts, run: Run, steps: Sequence[Step]) -> Message:
    """What is done takes one line, beside what people still sign: the thread tells the rest, and the log stays."""
    mark = ROLLED_BACK if run.get("kind") == "roll back" else DONE
    took = _between(run.get("started_at"), run.get("ended_at"))
    left = [s for s in steps if s["state"] not in OVER]
    count = f"{len(steps) - len(left)} of {len(steps)} steps" if left else counted(len(steps), "step")
    did = f" · {count}" + (f" in {lasted(took)}" if took and took >= 1 else "")
    waits = [] if run.get("replaced") else [_line(facts, {**s, "state": "waiting"}, _NEVER) for s in left if s["item"]]
    return b.message(
        f"{_went(facts, run, plain)}{did}.",
        b.section("\n".join([f"{mark} *{_went(facts, run, said)}*{did}", *waits])),
        b.actions(log_button(facts, run, steps[-1] if steps else {}), block_id="run"),
        b.context(_begun(facts, run)),
    )


def _replaced(facts: Facts, run: Run, steps: Sequence[Step]) -> Message:
    """It stood, and somebody has decided: the next run has a message of its own."""
    bad = next((s for s in steps if s["state"] in ("failed", "unknown", "stopped")), {})
    where, spoken = (f" at *{said(bad['title'], 60)}*", f" at {plain(bad['title'], 60)}") if bad else ("", "")
    return b.message(
        f"{plain(facts['tag'])}: this run stopped{spoken}. It was decided how to go on.",
        b.section(f"{BLOCKED} *{said(facts['tag'])}: this run stopped*{where} · it was decided how to go on"),
        b.actions(log_button(facts, run, bad), block_id="run"),
        b.context(_begun(facts, run)),
    )


# --- its head ---------------------------------------------------------------------------------------------------------


def _going(facts: Facts, run: Run, write: Write) -> str:
    if run.get("kind") == "roll back":
        return f"{write(facts['tag'])} is being rolled back to v{write(run.get('target') or '?')}"
    return f"{write(facts['tag'])} is going to {write(run.get('environment') or 'production')}"


def _went(facts: Facts, run: Run, write: Write) -> str:
    if run.get("kind") == "roll back":
        return f"{write(facts['tag'])} was rolled back to v{write(run.get('target') or '?')}"
    return f"{write(facts['tag'])} went to {write(run.get('environment') or 'production')}"


def _stands(facts: Facts, run: Run, step: Step) -> str:
    what = "The roll-back" if run.get("kind") == "roll back" else "The deployment"
    if facts.get("fixed_by") and run.get("environment") == "production":
        return f"{BLOCKED} *{what} of {said(facts['tag'])} stopped*, and v{said(facts['fixed_by'])} fixes it forward"
    if step.get("state") == "unknown":
        return f"{LOOK} *{what} of {said(facts['tag'])} stands*: nobody can tell what the step did"
    if step.get("state") == "stopped" or run.get("stop_asked"):
        return f"{HELD} *{what} of {said(facts['tag'])} was stopped* by a person"
    return f"{BLOCKED} *{what} of {said(facts['tag'])} stopped* and waits for a decision"


def _clock(run: Run, steps: Sequence[Step], now: datetime) -> str:
    """`4 min 10 s of about 7 min`; how long it took where nothing runs."""
    end = run.get("ended_at") or now.isoformat()
    spent = _between(run.get("started_at"), end) or 0
    whole, so_far = expected_seconds(steps), lasted(spent) if spent >= 1 else "just begun"
    if run.get("ended_at"):
        return f"after {lasted(spent)}" if spent >= 1 else ""
    if not whole:
        return f"{so_far}, no estimate yet"
    return f"{so_far}{',' if spent < 1 else ' of'} about {lasted(_round(whole))}"


def at_step(run: Run) -> str:
    """`step 6 of 10, Frontend`; where no pipeline does it what the host calls the step."""
    steps = list(run.get("steps") or ())
    place = next((n for n, s in enumerate(steps, 1) if s["name"] == run.get("step")), 0)
    if not place:
        return said(run.get("step") or "")
    return f"step {place} of {len(steps)}, {said(steps[place - 1]['title'], 60)}"


def expected_seconds(steps: Sequence[Step]) -> int:
    """How long the whole usually takes; 0 where one of its steps was never seen."""
    timed = [int(s.get("expected") or 0) for s in steps if s.get("uses") not in ("announce", "announce_end", "sign")]
    return sum(timed) if timed and all(timed) else 0


def _round(seconds: float) -> int:
    """About: whole minutes from two minutes on, whole 5 seconds before."""
    return int(round(seconds / 60) * 60) if seconds >= 120 else max(5, int(round(seconds / 5) * 5))


def _bar(steps: Sequence[Step], at: int) -> str:
    """Ten signs, by steps; full only when nothing is left."""
    over = all(s["state"] in OVER for s in steps)
    filled = SIGNS if over and steps else min(SIGNS - 1, SIGNS * at // max(len(steps), 1))
    return FULL * filled + EMPTY * (SIGNS - filled)


def _between(start: object, end: object) -> float | None:
    first, last = instant(start), instant(end)
    return max(0.0, (last - first).total_seconds()) if first and last else None


# --- its steps --------------------------------------------------------------------------------------------------------


def _lines(facts: Facts, steps: Sequence[Step], now: datetime) -> list[str]:
    done = 0
    while len(steps) - done > MOST_STEPS and steps[done]["state"] in OVER:
        done += 1
    first = [f"{DONE} {counted(done, 'step')} before"] if done else []
    left = len(steps) - done - MOST_STEPS
    last = [f"{NOT_YET} and {left} more"] if left > 0 else []
    return [*first, *(_line(facts, s, now) for s in steps[done : done + MOST_STEPS]), *last]


def _line(facts: Facts, step: Step, now: datetime) -> str:
    title, state = said(step["title"], 60), str(step["state"])
    usual = f"about {lasted(_round(step['expected']))}" if step.get("expected") else ""
    detail = _detail(step)
    took = _between(step.get("started_at"), step.get("ended_at"))
    if state == "done":
        return f"{DONE} {title}{detail}{_dot(lasted(took) if took and took >= 1 else '')}"
    if state == "skipped":
        return f"{DONE} {title}, nothing to do"
    if state == "running":
        return f"{RUNNING} *{title}*{_dot(_spent(step, usual, now))}{_dot(*_attempt(facts, step))}"
    if state == "waiting":
        who = " or ".join([mention(facts, p) for p in _called(facts, step)][:2])
        return f"{WAITS} {title} · waits for {who or 'a person'}"
    if state in ("failed", "unknown"):
        mark, word = (BLOCKED, "failed") if state == "failed" else (LOOK, "nobody can tell what it did")
        after = f" after {lasted(took)}" if took and took >= 1 else ""
        return f"{mark} *{title}* {word}{after}{': ' + quoted(step['reason'], 160) if step.get('reason') else ''}"
    return f"{NOT_YET} {title}{_dot('not begun' if state == 'stopped' else usual)}"


def _detail(step: Step) -> str:
    """What it found, in a few words behind its title."""
    found: Mapping[str, Any] = step.get("found") or {}
    if found.get("told"):
        return f", {said(found['told'], 60)}"
    if step["uses"] == "backup" and found.get("verified"):
        rows = f" of {counted(int(found['rows']), 'row')}" if found.get("rows") else ""
        return f", restore point{rows} proven"
    if step["uses"] == "migrate" and isinstance(found.get("changes"), list):
        return f", {counted(len(found['changes']), 'change')} of the structure"
    return ""


def _spent(step: Step, usual: str, now: datetime) -> str:
    spent = _between(step.get("started_at"), now.isoformat()) or 0
    late = bool(step.get("expected")) and spent > step["expected"] * LATE
    if spent < 1:
        return usual
    return lasted(spent) + (f" of {usual}" if usual else "") + (", longer than usual" if late else "")


def _attempt(facts: Facts, step: Step) -> list[str]:
    """Which try it is, and which stage of a phased step."""
    live = facts.get("live") or {}
    if live.get("step") != step["name"]:
        return []
    number, share = int(live.get("number") or 1), (live.get("found") or {}).get("share")
    return [*([f"attempt {number}"] if number > 1 else []), *([f"{int(share)} % of it"] if share else [])]


def _called(facts: Facts, step: Step) -> list[str]:
    """Who signs the item that a step waits for."""
    found: list[Step] = [s for s in facts.get("signoffs") or () if s.get("name") == step.get("item")]
    item: Step = found[0] if found else {}
    return list(item.get("called") or item.get("people") or ())


def _dot(*parts: str) -> str:
    return "".join(f" · {p}" for p in parts if p)


# --- what stands below ------------------------------------------------------------------------------------------------


def _now(facts: Facts, run: Run, step: Step, now: datetime) -> list[str]:
    live = facts.get("live") or {}
    told = []
    if run.get("end_step") and run.get("end_step") == step.get("name") and run.get("state") == "running":
        told.append(f"{HELD} *{said(step.get('title') or 'The step', 60)}* is being ended, and nothing more begins.")
    elif run.get("stop_asked") and run.get("state") == "running":
        told.append(f"{HELD} Stop was asked: *{said(step.get('title') or 'the step', 60)}* ends first, then nothing "
                    "more begins.")  # fmt: skip
    if live.get("line") and live.get("step") == step.get("name") and run.get("state") == "running":
        waits = str(live["line"]).startswith("queued")  # the host has it, and others are before it
        since = _between(live.get("started_at"), now.isoformat()) or 0
        told.append(f"{WAITS} {said(live['line'], LINE)}, waiting for {lasted(since)}" if waits else
                    f"*Now:* {said(live['line'], LINE)}")  # fmt: skip
    elif (held := run.get("waits")) and run.get("state") == "running":
        what = "Everything is paused" if held.get("what") == "pause" else "The release is on hold"
        told.append(f"{HELD} {what} by {mention(facts, held['by'])}: {quoted(held['reason'], 160)} Nothing begins now.")
    return told


def _late(run: Run, steps: Sequence[Step], now: datetime) -> list[str]:
    """How much it is over the usual time."""
    whole, spent = expected_seconds(steps), _between(run.get("started_at"), now.isoformat()) or 0
    late = run.get("state") == "running" and whole and spent > whole * LATE
    return [f"{LOOK} {lasted(_round(spent - whole))} over the usual time"] if late else []


def log_button(facts: Facts, run: Run, step: Step) -> Block:
    """Shows what a step wrote."""
    value = ids.value(facts["id"], f"{run.get('id')} {step.get('name') or ''}".strip())
    return b.button("Show the log", "log", value, about=f"Show the log: {facts['tag']}")


def _buttons(facts: Facts, run: Run, step: Step, stands: bool) -> list[Block]:
    may = run.get("environment") == "production" and not stands
    stop = [press(facts, "stop")] if may and not run.get("stop_asked") else []
    running = step.get("state") == "running" and not step.get("never_stop") and run.get("end_step") != step.get("name")
    now = [press(facts, "stop", label=END_NOW, item="now")] if may and running else []
    return [log_button(facts, run, step), *stop, *now]


def _begun(facts: Facts, run: Run) -> str:
    """Who began it, and when."""
    at = date_token(facts, run.get("started_at"), "{time}")
    word = "Rolled back by" if run.get("kind") == "roll back" else "Go by"
    if run.get("environment") != "production":
        word = "Begun by"
    people = listed([mention(facts, str(p)) for p in run.get("go_by") or ([run["by"]] if run.get("by") else [])])
    return f"{word} {people} at {at}" if people else f"Begun by itself at {at}"


def _by(facts: Facts, run: Run) -> str:
    """The same, and for what the environment is locked meanwhile."""
    kept = (facts.get("environments") or {}).get(str(run.get("environment"))) or {}
    lock = kept.get("lock") or {}
    until = "until somebody clears it" if lock.get("until_cleared") else "until it ends"
    where = said(run.get("environment") or "production")
    locked = f"{where} is locked for v{said(lock['version'])} {until}" if lock.get("version") else ""
    return " · ".join(filter(None, (_begun(facts, run), locked)))
