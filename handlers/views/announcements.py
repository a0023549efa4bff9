"""What the three audiences read, each in its own words, from the same facts."""

from __future__ import annotations

from collections.abc import Callable

from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import drills, environments, overrides, retro_told
from handlers.views.audiences import OUTSIDE
from handlers.views.checklist import is_met
from handlers.views.departing import left_out
from handlers.views.marks import BLOCKED, DONE, HELD, LOOK, ROLLED_BACK, RUNNING, WAITS
from handlers.views.pressing import press, show
from handlers.views.strays import stray_text
from handlers.views.writing import (
    Data,
    Facts,
    counted,
    date_token,
    holders,
    instant,
    lasted,
    listed,
    long_token,
    mention,
    name,
    quoted,
    said,
    spoken,
    who,
)

Writer = Callable[[Data, Facts], Message]


def render(place: str, moment: str, data: Data) -> Message:
    """The post for an audience. Stakeholders and support never read of commits, branches, flags or candidates."""
    facts: Facts = data.get("facts") or data
    write = TEAM.get(moment) if place == "team" else OUTSIDE.get((place, moment))
    return write(data, facts) if write else _plainly(facts, moment)


def _plainly(facts: Facts, moment: str) -> Message:
    line = f"*{said(facts.get('tag') or 'The release')}*: {said(moment.replace('_', ' '))}."
    return b.message(spoken(line, facts), b.section(line))


def post(facts: Facts, line: str, *blocks: Block | None) -> Message:
    """A post whose first section is also its fallback."""
    return b.message(spoken(line.split("\n")[0], facts), b.section(line, "what"), *blocks)


def thanks(facts: Facts) -> str:
    authors = [said(a, 40) for a in (facts.get("scope") or {}).get("authors") or ()]
    count = (facts.get("scope") or {}).get("pulls") or 0
    what = counted(count, "pull request") if count else counted((facts.get("scope") or {}).get("count") or 0, "change")
    return f"Thanks to {listed(authors, 'and', 12)} for {what}." if authors else ""


def _frozen(data: Data, facts: Facts) -> Message:
    branch = f"`{said(facts['branch'])}`"
    cut = f"{who(facts, str(data['actor']))} cut {branch}" if data.get("actor") else f"{branch} is cut"
    count = (facts.get("scope") or {}).get("count") or 0
    is_in = f"{counted(count, 'change')} {'is' if count == 1 else 'are'} in"
    rest = " ".join(filter(None, ("From now only fixes, to that branch.", left_out(data, facts))))
    return post(
        facts,
        f"*{said(facts['tag'])} is frozen.* {cut}; {is_in}. {rest}",
        b.actions(show(facts, "scope", "What is in it?"), show(facts, "checklist", "Checklist"), block_id="after"),
    )


def _going_out(data: Data, facts: Facts) -> Message:
    return post(
        facts,
        f"{RUNNING} *{said(facts['tag'])} is going to production.* Go by {who(facts, data.get('actor', ''))}. "
        "Please no merges to main; follow it in the thread.",
    )


def _live(data: Data, facts: Facts) -> Message:
    took = f" It took {lasted(int(data['seconds']))}." if data.get("seconds") else ""
    watch = [f"• {said(i)}" for i in _known(facts)]
    since = date_token(facts, facts.get("live_at"))
    return post(
        facts,
        f"{DONE} *{said(facts['tag'])} is live* since {since}.{took}\n{thanks(facts)}",
        b.section("*Please watch*\n" + "\n".join(watch[:5])) if watch else None,
        b.actions(show(facts, "notes", "Release notes"), press(facts, "incident"), block_id="after"),
        _record(data, facts),
    )


def _hotfix(data: Data, facts: Facts) -> Message:
    signers = [who(facts, g["person"]) for a in facts.get("approvals") or () for g in a.get("given") or ()]
    why = f": {said(facts['reason'])}" if facts.get("reason") else ""
    approved = f" {listed(signers)} approved." if signers else ""
    return post(
        facts,
        f"{DONE} *{said(facts['tag'])} is live* since {date_token(facts, facts.get('live_at'))}{why}.{approved}",
        b.actions(show(facts, "notes", "Release notes"), press(facts, "incident"), block_id="after"),
        _record(data, facts),
    )


def _rolled_back(data: Data, facts: Facts) -> Message:
    run = facts.get("run") or {}
    took = f", {lasted(int(data['seconds']))}" if data.get("seconds") else ""
    why = f": {quoted(data['reason'], 300)}." if data.get("reason") else "."
    to = said(data.get("target") or run.get("target") or "the version before")
    return post(
        facts,
        f"{ROLLED_BACK} *{said(facts['tag'])} was rolled back to v{to}* {date_token(facts, run.get('ended_at'))}. "
        f"{who(facts, str(data.get('actor') or ''))} decided{took}{why} Production is locked until somebody clears it.",
        b.actions(
            show(facts, "unlock", "Clear the lock…", item="production"),
            show(facts, "why", "What is missing?"),
            block_id="after",
        ),
        _record(data, facts),
    )


def decision_blocks(facts: Facts, reason: str) -> list[Block | None]:
    """What failed, and each choice with what speaks for and against it."""
    run, production = facts.get("run") or {}, (facts.get("environments") or {}).get("production") or {}
    back = (
        production.get("previous") if production.get("version") == facts.get("version") else production.get("version")
    )
    went = f"to v{said(back)}" if back else "to the version before"
    deciders = listed([mention(facts, p) for p in holders(facts, ("role:release_manager", "role:devops"))], "or", 3)
    count = (facts.get("scope") or {}).get("count") or 0
    step = said(run.get("step") or "the last step")
    return [
        b.section(
            f"{BLOCKED} Stopped {date_token(facts, run.get('ended_at'))} at {step}. "
            f"Nothing more is changed until {deciders or 'somebody'} decides.\n{quoted(reason, 300)}",
            "facts",
        ),
        b.section(
            f"*Roll back {went}*\n{DONE} v{said(back) or '?'} is the way back\n"
            f"{LOOK} All {counted(count, 'change')} leave with it",
            "rollback",
            press(facts, "rollback", primary=True),
        ),
        b.section(
            f"*A flag is switched off*\n{DONE} Fastest, when a flag isolates the change\n"
            f"{LOOK} Helps only if the flag guards what failed",
            "flag_off",
            press(facts, "flag_off"),
        ),
        b.section(
            f"*Fix forward with a hotfix*\n{DONE} Keeps the release\n{LOOK} What fails goes on failing meanwhile",
            "fix_forward",
            press(facts, "fix_forward"),
        ),
        b.actions(press(facts, "retry"), press(facts, "worked"), block_id="look"),
        b.context("I never choose by myself."),
    ]


def _decision(data: Data, facts: Facts) -> Message:
    tag, reason = (
        said(facts["tag"]),
        str(data.get("reason") or (facts.get("run") or {}).get("reason") or "a step failed"),
    )
    deciders = listed([name(facts, p) for p in data.get("deciders") or ()], "or", 3)
    text = (
        f"{facts['tag']} stopped in production: {spoken(said(reason, 200), facts)}. {deciders or 'Somebody'}, please "
        "decide: roll back, switch a flag off, or fix forward."
    )
    return b.message(text, b.header(f"{tag}: the deployment stopped"), *decision_blocks(facts, reason))


def _cancelled(data: Data, facts: Facts) -> Message:
    why = f": {quoted(data['reason'], 300)}." if data.get("reason") else "."
    return post(
        facts,
        f"*{said(facts['tag'])} is cancelled* by {who(facts, str(data.get('actor') or ''))}{why} "
        "Its changes go back to the next scope.",
    )


def _skipped(data: Data, facts: Facts) -> Message:
    return post(
        facts,
        f"The train of {long_token(facts, data.get('at'))} does not run, "
        f"{who(facts, str(data.get('actor') or ''))} skipped it: {quoted(data.get('reason') or '', 300)}",
    )


def _shifted(data: Data, facts: Facts) -> Message:
    return post(
        facts,
        f"The train of {long_token(facts, data.get('before'))} leaves {long_token(facts, data.get('at'))} instead, "
        f"says {who(facts, str(data.get('actor') or ''))}: {quoted(data.get('reason') or '', 300)}",
    )


def _stray(data: Data, facts: Facts) -> Message:
    """What somebody moved without the bot: named once, and nothing goes out until it is answered for."""
    found = [f"• {stray_text(x)}" for x in data.get("strays") or ()]
    line = f"{BLOCKED} *Moved by hand:* {counted(len(found), 'branch or tag', 'branches or tags')}."
    versions = [f"v{said(v)}" for v in data.get("versions") or ()]
    waits = f"{listed(versions, 'and', 4)} {'does' if len(versions) == 1 else 'do'} not go out" if versions else ""
    rest = f"{waits} until it is put back, or somebody says with `/release accept` why it may stay." if waits else ""
    return b.message(
        spoken(f"{line} {rest}", facts),
        b.section(b.fit("\n".join([line, *found]), 1400), "what"),
        b.section(rest, "until") if rest else None,
        b.actions(b.button("Environments", "environments"), block_id="after"),
    )


def _extra(data: Data, facts: Facts) -> Message:
    why = f": {quoted(data['reason'], 300)}." if data.get("reason") else "."
    return post(
        facts,
        f"A train was added for {long_token(facts, data.get('at'))} by {who(facts, str(data.get('actor') or ''))}{why}",
    )


def _outside(data: Data, facts: Facts) -> Message:
    where = f" at `{said(str(data['sha'])[:7])}`" if data.get("sha") else ""
    return post(
        facts,
        f"{LOOK} {who(facts, str(data.get('actor') or ''))} tagged {said(data.get('tag') or '?')}{where} outside a "
        f"release{': ' + quoted(data['reason'], 300) if data.get('reason') else '.'}",
    )


def _held(data: Data, facts: Facts) -> Message:
    until = f" until {date_token(facts, data['until'])}" if instant(data.get("until")) else ""
    by, why = who(facts, str(data.get("actor") or "")), quoted(data.get("reason") or "", 300)
    return post(
        facts,
        f"{HELD} *{said(facts['tag'])} is on hold*{until} by {by}: {why} Nothing moves until somebody resumes it.",
        b.actions(press(facts, "resume"), show(facts, "why", "What is missing?"), block_id="after"),
    )


def _incident(data: Data, facts: Facts) -> Message:
    by, bad = who(facts, str(data.get("actor") or "")), str(data.get("severity") or "")
    how, why = f" ({said(bad)})" if bad else "", quoted(data.get("reason") or "", 300)
    return post(
        facts,
        f"{BLOCKED} *Something is wrong with {said(facts['tag'])}*{how}, says {by}: {why}",
        b.actions(press(facts, "rollback"), press(facts, "fix_forward"), block_id="after"),
    )


def _known(facts: Facts) -> list[str]:
    return list(((facts.get("texts") or {}).get("support") or {}).get("known_issues") or ())


def _record(data: Data, facts: Facts) -> Block | None:
    record = data.get("record") or facts.get("record")
    waits = [s for s in facts.get("signoffs") or () if s["gate"] == "close" and not is_met(s)]
    open_ = f"{WAITS} {counted(len(waits), 'condition')} until it closes" if waits else ""
    kept = (overrides.of_record(facts), open_, f"record `{said(record)}`" if record else "")
    return b.context(" · ".join(p for p in kept if p))


TEAM: dict[str, Writer] = {
    "frozen": _frozen,
    "overridden": overrides.in_channel,
    "drilled": drills.drilled,
    "going_out": _going_out,
    "live": _live,
    "hotfix_live": _hotfix,
    "rolled_back": _rolled_back,
    "decision": _decision,
    "cancelled": _cancelled,
    "stray": _stray,
    "train_skip": _skipped,
    "train_shift": _shifted,
    "train_extra": _extra,
    "outside": _outside,
    "held": _held,
    "incident": _incident,
    "retro_held": retro_told.in_channel,
    "paused": environments.team_paused,
    "unpaused": environments.team_goes_on,
}
