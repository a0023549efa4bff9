"""`/release plan`: what is done on the day and by whom, how long it takes by experience, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from core.domain.flags.model import Setting
from core.domain.pipeline.known import version_before
from core.domain.pipeline.model import BESIDE, Step
from core.domain.plans.plan import Plan, deciders
from core.usecases.plan import Planned
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.checklist import is_met
from handlers.views.checklist_words import source_of
from handlers.views.marks import BLOCKED, DONE, LOOK, NOT_YET, WAITS
from handlers.views.pressing import press, show, to_sign
from handlers.views.writing import (
    Facts,
    counted,
    date_token,
    holders,
    lasted,
    listed,
    mention,
    plain,
    role_title,
    said,
    with_code,
)

REVIEWED, WRITTEN = "plan.reviewed", "plan.written"  # items of the checklist, where the policy has them
CLASSES = {"additive": DONE, "expand-contract": LOOK, "destructive": BLOCKED, "unknown": NOT_YET}
MOST_MIGRATIONS = 6
Item = Mapping[str, Any]


def plan(facts: Facts, planned: Planned, person: str = "") -> Message:
    """The plan for a reader, who can say that it is reviewed when that is theirs."""
    tag, found = plain(facts.get("tag") or ""), planned.plan
    if not found.steps:
        return _without(facts, tag)
    whole, count = about(found.seconds), counted(len(found.steps), "step")
    to = version_before(facts)
    back = f"The way back is v{plain(to)}." if to else "No way back is known."
    return b.message(
        f"The plan of {tag}: {count}, {whole}. {back}",
        b.header(f"The plan of {tag}"),
        b.section(f"*To production*, {count}, {whole}\n{_steps(facts, found.steps)}", "steps"),
        b.section(f"*Database*\n{_database(facts, found)}", "database"),
        b.section(f"*Flags*\n{_flags(planned.flags)}", "flags"),
        b.section(f"*Way back*\n{_back(facts, found, to)}", "back"),
        b.section(f"*Reviewed*\n{_reviews(facts)}", "reviews") if _items(facts) else None,
        b.actions(*_doing(facts, person), show(facts, "checklist", "Checklist"), block_id="do"),
        b.context(
            "Times are medians of earlier runs. `release-bot plan --print` makes a runbook of it, for the day when "
            "Slack or I am down."
        ),
    )


def _without(facts: Facts, tag: str) -> Message:
    """No pipeline deploys it: people do, and book it."""
    text = f"The policy has no pipeline for production, so people bring {tag} there and record what they did."
    return b.message(
        text,
        b.header(f"The plan of {tag}"),
        b.section(said(text, 300)),
        b.actions(press(facts, "record") if "record" in (facts.get("allowed") or ()) else None, block_id="do"),
    )


def _steps(facts: Facts, steps: Sequence[Step]) -> str:
    known = any(s.expected for s in steps)  # else the line above says once that there is no estimate
    lines = [f"{n}. {said(s.title, 60)}{_detail(facts, s, known)}" for n, s in enumerate(steps, 1)]
    return b.lines(lines, 1200)


def _detail(facts: Facts, step: Step, known: bool) -> str:
    """How long, in which stages, and who signs or decides where that is not as usual."""
    parts = []
    if step.uses == "sign":
        item = next((i for i in facts.get("signoffs") or () if i["name"] == step.item), None)
        who = [mention(facts, p) for p in (item or {}).get("people") or ()]
        parts.append(listed(who, "or", 2) or "nobody yet")
    elif known and step.uses not in BESIDE:
        parts.append(about(step.expected or None))
    if step.stages:
        parts.append("in stages of " + listed([f"{stage.share} %" for stage in step.stages]))
    if step.decide:
        parts.append("if it fails: " + listed([said(role_title(facts, r)) for r in deciders(step)], "or"))
    return "".join(f" · {p}" for p in parts)


def about(seconds: int | None) -> str:
    """`about 6 min`; what was never seen has no estimate."""
    if not seconds:
        return "no estimate yet"
    return f"about {lasted(seconds if seconds < 120 else round(seconds / 60) * 60)}"


def _database(facts: Facts, found: Plan) -> str:
    rows = list(facts.get("migrations") or ())
    if not rows:
        return f"{DONE} No migrations"
    lines = [
        f"{CLASSES.get(m['class'], NOT_YET)} {said(m['class'])}: {with_code(m['what'])}{_down(m)}"
        for m in rows[:MOST_MIGRATIONS]
    ]
    more = [f"and {len(rows) - MOST_MIGRATIONS} more"] if len(rows) > MOST_MIGRATIONS else []
    return "\n".join([*lines, *more, _version_before(facts), _loss(facts, found)])


def _down(migration: Mapping[str, Any]) -> str:
    known = migration.get("reversible")
    return "" if known else " · no way down" if known is False else " · way down not known"


def _version_before(facts: Facts) -> str:
    """Whether the version before runs on it."""
    told, to = facts.get("schema_back") or {}, said(version_before(facts) or "?")
    if told.get("told") == "untouched":
        return f"{DONE} v{to} runs on the database: nothing in it has changed"
    reasons = listed([said(reason, 120) for _, reason in told.get("reasons") or ()][:2])
    why = reasons or "its structure was compared"
    verdict = told.get("verdict")
    if verdict == "yes":
        return f"{DONE} v{to} runs on the new database: {why}"
    return f"{LOOK} v{to} may not run on the new database: {why}" if verdict == "no" else \
        f"{NOT_YET} Nobody can tell by reading whether v{to} runs on the new database: {why}"  # fmt: skip


def _loss(facts: Facts, found: Plan) -> str:
    """What a restore would cost."""
    if not any(s.uses == "backup" for s in found.steps):
        return f"{LOOK} The pipeline takes no backup"
    span = f", {about(found.exposed)} by the last check" if found.exposed else ""
    lost = f"A restore would lose what is written after the backup{span}"
    down = (facts.get("schema_back") or {}).get("down")
    return f"{DONE} Each has a way down, which keeps later rows. {lost}" if down else f"{LOOK} {lost}"


def _flags(found: Sequence[tuple[str, Setting | None]]) -> str:
    if not found:
        return "No check names a flag"
    return "\n".join(f"• `{said(name, 60)}`: {_set(setting)}" for name, setting in found[:5])


def _set(setting: Setting | None) -> str:
    if setting is None:
        return "not known here"
    if setting.off:
        return "off in production"
    return "on for everybody in production" if setting.on else f"on for {setting.percentage} % in production"


def _back(facts: Facts, found: Plan, to: str) -> str:
    if not to:
        return f"{BLOCKED} No version before this one is known"
    took = about(round(median(found.went))) if found.went else about(found.seconds_back)
    roles = (facts.get("may") or {}).get("rollback", ())
    people = [mention(facts, p) for p in holders(facts, [f"role:{role}" for role in roles])]
    steps = ", ".join(said(s.title, 40) for s in found.back)
    who = listed(people, "or", 3)
    return f"To *v{said(to)}*, {took}: {steps}\nDecided by {who or 'nobody yet'}; support is told first"


def _items(facts: Facts) -> list[Item]:
    return [i for i in facts.get("signoffs") or () if i["name"] in (WRITTEN, REVIEWED)]


def _reviews(facts: Facts) -> str:
    return "\n".join(_review(facts, i) for i in _items(facts))


def _review(facts: Facts, item: Item) -> str:
    title = said(item["title"])
    if not is_met(item):
        who = listed([mention(facts, p) for p in item.get("called") or item.get("people") or ()], "or", 2)
        return f"{WAITS} {title}: {who or 'nobody yet'}"
    by = mention(facts, str(item["by"])) if item.get("by") else source_of(facts, str(item.get("source") or ""))
    at = f" {date_token(facts, item['at'])}" if item.get("at") else ""
    return f"{DONE} {title}{f' by {by}' if by else ''}{at}"


def _doing(facts: Facts, person: str) -> list[Block]:
    """The reviews that are this reader's now."""
    found: list[Block] = []
    for item in _items(facts):
        if is_met(item) or person not in (item.get("people") or ()):
            continue
        if item["name"] == REVIEWED and item.get("due"):
            value = to_sign(facts, REVIEWED)
            found.append(b.button("I have reviewed it", "tick", value, primary=True, about=f"Reviewed: {facts['tag']}"))
        elif item["name"] == WRITTEN and "result" in (facts.get("allowed") or ()):
            found.append(press(facts, "result", label="The way back is written…", item="plan"))
    return found
