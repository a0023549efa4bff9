"""The story in a card's thread: one line for each thing that happened, who did it, and what follows."""

from __future__ import annotations

from collections.abc import Callable

from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import (
    daily,
    decision,
    digests,
    flag_words,
    overrides,
    people,
    policy,
    reminders,
    retro,
    retro_told,
    thread_contents,
    voices,
)
from handlers.views import thread_lines as lines
from handlers.views.git_words import carried_by_hand, open_button, purpose
from handlers.views.marks import BLOCKED, DONE, LOOK, ROLLED_BACK, RUNNING, WAITS
from handlers.views.writing import Data, Facts, lasted, mention, said, short_sha, spoken


def render(moment: str, data: Data) -> Message:
    """The line of a moment; a moment without words says at least what it is called."""
    facts: Facts = data.get("facts") or data
    if moment == "retro_summary":
        return retro.summary(data, facts)
    write = LINES.get(moment)
    line = write(data, facts) if write else f"{lines.tag(facts)}: {said(moment.replace('_', ' '))}."
    ways = flag_words.ways(moment, data) or retro_told.button(moment, facts) or digests.ways(moment, data)
    ways = ways or _solving(moment, data, facts)
    return b.message(spoken(line, facts), b.section(line, "line"), ways)


def _solving(moment: str, data: Data, facts: Facts) -> Block | None:
    """The way on from a conflict, where a host of the code knows pull requests."""
    met = data.get("host") and (moment == "git_failed" or (moment == "rehearsed" and data.get("conflicts")))
    return b.actions(open_button(facts), block_id="do") if met else None


Line = Callable[[Data, Facts], str]


def _resolved(data: Data, facts: Facts) -> str:
    took = f" after {lasted(data['took'])}" if data.get("took") else ""
    return f"{DONE} {lines.actor(data, facts)} closed the incident{took}{lines.why(data)}"


def _line(text: str) -> Line:
    """A line out of one sentence: {a} who, {t} the version, {w} why with its colon, the rest from the data."""

    def write(data: Data, facts: Facts) -> str:
        values = {k: said(v, lines.WHOLE) for k, v in data.items() if isinstance(v, str | int)}
        c = facts.get("candidate") or {}
        return text.format_map(
            _Gaps(
                values
                | {
                    "a": lines.actor(data, facts),
                    "t": lines.tag(facts),
                    "w": lines.why(data),
                    "rc": f"rc.{c.get('number', '')}",
                    "sha7": short_sha(str(data.get("sha") or "")),
                    "head7": short_sha(str(data.get("head") or "")),
                    "v": lines.v(
                        data.get("runs")
                        or data.get("hotfix")
                        or data.get("production")
                        or data.get("into")
                        or data.get("by")
                        or data.get("target")
                    ),
                    "owns": mention(facts, str(data["owner"])) if data.get("owner") else "nobody yet",
                    "last": lines.rc(data.get("candidate")),
                }
            )
        )

    return write


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


LINES: dict[str, Line] = {
    **thread_contents.LINES,
    **overrides.LINES,
    **flag_words.LINES,
    "policy_adopted": policy.adopted_line,
    **voices.LINES,
    **retro_told.LINES,
    **digests.LINES,
    "started": lines.started,
    "candidate_tagged": lines.candidate,
    "approved": lines.approved,
    "rejected": lines.rejected,
    "asked": lines.asked,
    "content_changed": lines.content_changed,
    "withdrawn": lines.withdrawn,
    "go_asked": lines.go_asked,
    "go_refused": lines.failed_go,
    "ready": lines.ready,
    "joined": lines.joined,
    "answer_due": lines.answer_due,
    "reminder_answered": reminders.answered_line,
    "progress": daily.progress_line,
    "progress_silent": daily.silent_line,
    "cast": people.cast_line,
    "day_ended": people.day_ended,
    "moved": lines.moved,
    "edited": lines.edited,
    "conflict": lines.conflict,
    "recorded": lines.recorded,
    "rollback_started": lines.rollback,
    "incident": lines.incident,
    "scope_changed": lines.scope,
    "held": lines.held,
    "deployed": lines.going,
    "begun": _line("{a} began development of {t}."),
    "frozen": _line("{t} is frozen. From now only fixes."),
    "branch_cut": _line("`{branch}` is cut from {t}'s base. Put the fix on it, then tag a candidate."),
    "branch_ahead": _line(
        f"{LOOK} The branch is at `{{head7}}`, beyond {{last}}. What was signed stays {{last}}: tag a new "
        "candidate or take the commits off."
    ),
    "settled": _line("{a} settled the concern “{text}”{w}"),
    "ticked": lines.ticked,
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
    "unproven": _line(
        f"{BLOCKED} {{t}} did not go out: “{{failure}}”. Nothing in production has changed, and the lock is free."
    ),
    "step_failed": _line(f"{BLOCKED} The deployment of {{t}} stopped: “{{failure}}”. {WAITS} It waits for a decision."),
    "retried": _line(f"{RUNNING} {{a}} tries the step on {{environment}} again."),
    "worked": _line("{a} says the step did its work{w}"),
    "stopped": _line(f"{WAITS} {{a}} asked to stop. The running step ends first."),
    "ended_now": _line(f"{WAITS} {{a}} ends *{{step}}* at once. Then it waits for a decision."),
    "verify": _line(f"{DONE} {{t}} is in production. {WAITS} It is verified there, then everybody is told."),
    "promoted": _line(f"{DONE} {{t}} is published: tag, main and develop are on the remote at `{{sha7}}`."),
    "tag_out": _line(f"{DONE} The tag of {{t}} is on the remote at `{{sha7}}`. Main follows after the migrations."),
    "flag_off": _line("{a} switched off `{flag}`{w} Verification is asked again."),
    "called": decision.called_line,
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
    "merged": _line("{a} merged {t} into {v}, which takes its scope{w}"),
    "missed": _line(f"{LOOK} {{t}} missed its departure. Next train, another time, merge into the next, or cancel?"),
    "resumed": lines.resumed,
    "left_behind": lines.left_behind,
    "cancelled": _line("{a} cancelled {t}{w} Branch and tags stay; its changes go back to the next scope."),
    "closed": _line(f"{DONE} {{t}} is closed. The record is complete."),
    "resolved": _resolved,
    "depends": _line("{a} added a dependency{w} Owner: {owns}."),
    "words": _line("{a} mended the texts for stakeholders and support."),
    "git_failed": lambda data, facts: (
        f"{BLOCKED} Git could not publish the {purpose(data.get('purpose'))} of {lines.tag(facts)}, "
        f"and no branch has moved. {lines.problems(data, facts)}{carried_by_hand(data)}"
    ),
}
