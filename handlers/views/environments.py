"""Which version is where: locks, who may deploy, of which day the data are; and what is said when any of it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import BLOCKED, DONE, HELD, LOOK, NOT_YET, RUNNING, WAITS
from handlers.views.writing import (
    Data,
    Facts,
    date_token,
    day_token,
    in_words,
    listed,
    mention,
    plain,
    quoted,
    said,
    spoken,
)

TITLES = {"production": "Production", "staging": "Staging", "integration": "Integration", "development": "Development"}
GO_ON = ("unpause", "Go on again")


def environments(found: Mapping[str, Data], ground: Facts, paused: Data | None = None, proven: str = "") -> Message:
    """One section per environment: version, since when, locks, who may deploy, its data.

    `proven` says when breaking the glass was last proven, "" when nobody knows.
    """
    rows = [_environment(key, found[key], ground) for key in TITLES if key in found]
    live = found.get("production", {}).get("version")
    text = f"Production runs v{plain(live)}." if live else "I do not know what production runs."
    staging = found.get("staging", {})
    if staging.get("candidate") or staging.get("version"):
        text += f" Staging runs {plain(staging.get('candidate') or 'v' + str(staging['version']))}."
    locked = [TITLES[k] for k in TITLES if k in found and (found[k].get("kept") or found[k].get("lock"))]
    text += f" Locked: {listed(locked)}." if locked else ""
    text = f"Everything is paused. {text}" if paused else text
    still = [b.section(f"{HELD} {pause_line(paused, ground)}", "paused")] if paused else []
    button = b.button(GO_ON[1], GO_ON[0], "-", primary=True) if paused else b.button("Pause everything…", "pause")
    back = found.get("integration", {}).get("candidate") not in ("", None, "develop")
    return b.message(
        text,
        b.header("Where is what"),
        *still,
        *rows,
        b.context(proven) if proven else None,
        b.actions(
            b.button("Put it on integration", "run", ids.value(None, "deploy integration")),
            b.button("Take develop there again", "deploy", ids.value(None, "develop")) if back else None,
            block_id="integration",
        ),
        b.actions(
            button, b.button("Say how old its data are…", "data"), b.button("Drill…", "drill"),
            b.button("Rehearse a release", "rehearse"), block_id="do",
        ),
    )


def pause_line(pause: Data, facts: Facts) -> str:
    """`Everything is paused by Priya since 10:04: “…”`."""
    since = date_token(facts, pause.get("since"))
    why = quoted(pause.get("reason") or "", 300)
    return f"*Everything is paused* by {mention(facts, str(pause.get('by') or ''))} since {since}: {why}"


def _environment(key: str, env: Data, ground: Facts) -> Block:
    runs = said(env.get("candidate") or (f"v{env['version']}" if env.get("version") else ""))
    if env.get("candidate") == "develop":
        runs += f" at `{said(str(env.get('sha') or '')[:7])}`"
    since = f" since {day_token(ground, env['since'])}" if env.get("since") else ""
    may = listed([mention(ground, p) for p in env.get("may") or ()], "and", 4)
    first = f"*{TITLES[key]}*  {runs or NOT_YET + ' nothing recorded'}{since}"
    first += f" · {may} may deploy" if may else ""
    copy = env.get("copy") or {}
    data = said(env.get("data") or "")
    if copy.get("day"):
        data += f" of {day_token(ground, _noon(copy['day']))} ({mention(ground, copy['by'])} says so)"
    about = f"{said(env.get('purpose') or '')}, {said(env.get('updates') or '')} · data: {data}"
    work = run_line(env["run"], ground) if env.get("run") else ""
    lines = list(filter(None, [first, locks(env, ground) or ("" if work else f"{DONE} free"), work, about]))
    lock, kept = env.get("lock") or {}, env.get("kept")
    clearable = kept or lock.get("until_cleared")
    button = (
        b.button("Clear the lock…", "unlock", ids.value(None, key), about=f"Clear the lock on {key}")
        if clearable
        else b.button("Lock…", "lock", ids.value(None, key), about=f"Lock {key}")
    )
    return b.section("\n".join(lines), f"env.{key}", button)


def run_line(run: Data, ground: Facts) -> str:
    """`v1.3.0 is going there since 10:04, by Priya; it is expected to take until 10:20`."""
    what = {"roll back": "the way back to", "by hand": "a step by hand for"}.get(run["kind"], "the deployment of")
    what += f" v{said(run['version'])}" if run.get("version") else " develop"
    by = f", begun by {mention(ground, run['by'])}" if run.get("by") else ""
    if run.get("state") == "waiting":
        return f"{WAITS} {what} has stopped and waits for a decision{by}"
    ends = f", usually over by {date_token(ground, run['ends'], '{time}')}" if run.get("ends") else ""
    return f"{RUNNING} {what} is under way since {date_token(ground, run.get('since'), '{time}')}{ends}{by}"


def _noon(day: str) -> str:
    """An instant of that day wherever it is read."""
    return f"{day}T12:00:00+00:00"


def locks(env: Data, ground: Facts) -> str:
    """The locks that stand on an environment, one line each, the one that is cleared first above; "" without any."""
    lock, kept = env.get("lock") or {}, env.get("kept")
    lines = []
    if lock:
        by, since = mention(ground, lock.get("by", "")), date_token(ground, lock.get("since"))
        if lock.get("until_cleared"):
            lines.append(f"{BLOCKED} locked since {since} after a rollback, by {by}: {quoted(lock.get('reason', ''))}")
        else:
            lines.append(f"{WAITS} locked for v{said(lock.get('version'))} by {by} since {since} until it ends")
    if kept:
        lines.append(f"{BLOCKED} {kept_line(kept, ground)}")
    return "\n".join(lines)


def kept_line(kept: Data, facts: Facts) -> str:
    """`locked by Qadir since 10:04 until 18:00: “…”`."""
    until = f" until {date_token(facts, kept['ends'])}" if kept.get("ends") else ", without an end"
    since = date_token(facts, kept.get("since"))
    return f"locked by {mention(facts, str(kept.get('by')))} since {since}{until}: {quoted(kept.get('reason') or '')}"


# --- private answers -------------------------------------------------------------------------------------------------


def done(result: Data, known: Facts) -> Message:
    """What came of a word, and the way on."""
    line = _DONE[str(result["event"])](result, known)
    return b.message(
        spoken(line, known), b.section(line), b.actions(b.button("Environments", "environments"), block_id="onward")
    )


def _title(result: Data) -> str:
    return TITLES.get(str(result.get("environment")), "It")


def _locked(result: Data, known: Facts) -> str:
    ends = result.get("until")  # typed in the policy's zone, which the reader's need not be
    until = f" until {in_words(known, ends, weekday=False)}" if ends else ""
    rest = "It ends by itself." if until else "It has no end: I ask you in a day whether it is still needed."
    return f"{DONE} {_title(result)} is locked by you{until}: {quoted(result.get('reason') or '')} {rest}"


def _unlocked(result: Data, known: Facts) -> str:
    left = result.get("left")
    whose = f"v{said(result['version'])}" if result.get("version") else mention(known, str(result.get("of") or ""))
    if left:
        return f"{DONE} The lock of {whose} is cleared. {LOOK} {_title(result)} is still {kept_line(left, known)}"
    return f"{DONE} {_title(result)} is free again; the lock of {whose} is cleared."


def _dated(result: Data, known: Facts) -> str:
    day = day_token(known, _noon(str(result["day"])))
    return f"{DONE} Noted: the data of {said(result['environment'])} are of {day} ({said(result.get('class') or '')})."


def _put(result: Data, known: Facts) -> str:
    what, where = said(result.get("what") or ""), said(result.get("environment") or "")
    return f"{RUNNING} {what} is going to {where}. I tell you what came of it."


def _paused(result: Data, known: Facts) -> str:
    return (
        f"{HELD} Everything is paused: {quoted(result.get('reason') or '')} What waits for git or a host is kept, "
        "and what people sign counts. `/release resume all` lets it go on. The team is told."
    )


def _goes_on(result: Data, known: Facts) -> str:
    by = mention(known, str(result.get("by") or ""))
    return f"{DONE} Everything goes on; the pause of {by} is over. What waited goes out now. The team is told."


_DONE: dict[str, Callable[[Data, Facts], str]] = {
    "lock": _locked,
    "unlock": _unlocked,
    "data": _dated,
    "deploy": _put,
    "pause": _paused,
    "unpause": _goes_on,
}


# --- messages --------------------------------------------------------------------------------------------------------


def _post(line: str, facts: Facts, *buttons: Block) -> Message:
    more = (*buttons, b.button("Environments", "environments"))
    return b.message(spoken(line, facts), b.section(line, "what"), b.actions(*more, block_id="do"))


def team_paused(data: Data, facts: Facts) -> Message:
    """To the team: nothing goes out now."""
    by, why = mention(facts, str(data.get("actor") or "")), quoted(data.get("reason") or "", 300)
    rest = "Nothing fires by itself, nothing goes out; nothing is lost. What people sign meanwhile counts."
    line = f"{HELD} *Everything is paused* by {by}: {why} {rest}"
    return _post(line, facts, b.button(GO_ON[1], GO_ON[0], "-"))


def team_goes_on(data: Data, facts: Facts) -> Message:
    """To the team: it goes on."""
    by, of = mention(facts, str(data.get("actor") or "")), mention(facts, str(data.get("by") or ""))
    return _post(f"{DONE} *Everything goes on.* {by} ended the pause of {of}.", facts)


def _cleared(data: Data, facts: Facts, person: str) -> Message:
    by, where = mention(facts, str(data.get("by") or "")), said(data.get("environment") or "")
    line = f"{LOOK} {by} cleared your lock on *{where}*: {quoted(data.get('reason') or '', 300)}"
    return _post(f"{line} You had locked it: {quoted(data.get('kept') or '', 200)}", facts)


def _ended(data: Data, facts: Facts, person: str) -> Message:
    where = said(data.get("environment") or "")
    return _post(f"{DONE} Your lock on *{where}* has ended, as you said. It is free again.", facts)


def _stands(data: Data, facts: Facts, person: str) -> Message:
    where = str(data.get("environment") or "")
    since = date_token(facts, data.get("since"))
    line = f"{WAITS} *{said(where)}* is locked by you since {since}: {quoted(data.get('reason') or '', 200)} "
    button = b.button("Clear the lock…", "unlock", ids.value(None, where), about=f"Clear the lock on {where}")
    return _post(f"{line}Is it still needed?", facts, button)


def _arrived(data: Data, facts: Facts, person: str) -> Message:
    what, where = said(data.get("what") or "it"), said(data.get("environment") or "integration")
    if data.get("failure"):
        return _post(f"{BLOCKED} {what} did not come to *{where}*: {quoted(data['failure'], 300)}", facts)
    return _post(f"{DONE} {what} is on *{where}*. Regression can start there.", facts)


MOMENTS: dict[str, Callable[[Data, Facts, str], Message]] = {
    "environment_put": _arrived,
    "lock_cleared": _cleared,
    "lock_ended": _ended,
    "lock_stands": _stands,
}
