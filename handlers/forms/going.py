"""The last look before production: what goes, what is met, the way back; Go asks once more."""

from __future__ import annotations

from datetime import datetime

from core.domain.people import Hours
from core.domain.plans.plan import Plan
from handlers import ids
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import inputs, links
from handlers.views.card_state import open_reasons
from handlers.views.marks import BLOCKED, DONE, LOOK
from handlers.views.plan import about
from handlers.views.pressing import press
from handlers.views.writing import (
    Facts,
    counted,
    date_token,
    holders,
    listed,
    local,
    mention,
    plain,
    said,
    zone_name,
)


def form(facts: Facts, now: datetime, channel: str = "", plan: Plan | None = None) -> Form:
    """What would happen, as dry facts; the button in it is what says go. `plan` is what a pipeline would do."""
    found = [
        r for r in open_reasons(facts, now) if not (r.code == "window" and r.later and not facts.get("departs_at"))
    ]
    open_ = "\n".join(f"{r.mark} *{r.title}*: {r.detail}" for r in found[:6])
    rest = f"\nand {len(found) - 6} more" if len(found) > 6 else ""
    met = counted(len(facts.get("met") or ()), "condition")
    target = ids.Target(facts["id"], "", str(facts["epoch"]))
    return inputs.form(
        f"Go for {plain(facts['tag'])}",
        "go",
        ids.metadata(target, channel),
        [
            b.section(_plan(facts, plan), "plan"),
            b.section(_way_back(facts), "back"),
            b.section(_hours(facts, now), "hours"),
            b.section(
                f"{BLOCKED} *{counted(len(found), 'condition is', 'conditions are')} open*\n{open_}{rest}", "open"
            )
            if found
            else b.section(f"{DONE} *All {met} are met*", "open"),
            b.actions(_go(facts, plan, primary=not found), press(facts, "nogo"), block_id="decide"),
            b.context(_second(facts)),
        ],
    )


def _go(facts: Facts, plan: Plan | None, *, primary: bool) -> Block:
    """Go, with its question."""
    c, production = facts.get("candidate") or {}, (facts.get("environments") or {}).get("production") or {}
    back = f"v{production['version']} is the way back. " if production.get("version") else ""
    migrations = len(facts.get("migrations") or ())
    parts = (
        f"Commit {c.get('sha', '')[:7]}",
        counted((facts.get("scope") or {}).get("count") or 0, "change"),
        about(plan.seconds) if plan and plan.seconds else "",
        counted(migrations, "migration") if plan and migrations else "",
    )
    text = f"{', '.join(p for p in parts if p)}. {back}You can stop after each step."
    return b.button(
        "Go",
        "go",
        ids.value(facts["id"], "said", str(facts["epoch"])),
        primary=primary,
        confirm=b.confirm(f"Send {plain(facts['tag'])} to production?", text, "Go", "Not now"),
    )


def _plan(facts: Facts, plan: Plan | None) -> str:
    c = facts.get("candidate") or {}
    what = f"rc.{c['number']} at {links.commit(facts, c['sha'])}" if c else "no candidate"
    return (
        f"*What happens*\n`{said(facts.get('branch'))}` → main: the content of {what}, as it was signed\n"
        f"tag `{said(facts['tag'])}`, and back into develop and the open release branches, in one push\n"
        f"then {_production(plan)}"
    )


def _production(plan: Plan | None) -> str:
    """What follows in production: by a pipeline its steps and how long they usually take."""
    if plan is None or not plan.steps:
        return "production, verification, and the announcements"
    return f"{counted(len(plan.steps), 'step')} in production, {about(plan.seconds)}; `/release plan` shows them"


def _way_back(facts: Facts) -> str:
    production = (facts.get("environments") or {}).get("production") or {}
    if not production.get("version"):
        return f"{LOOK} I do not know a way back."
    return f"{DONE} *Way back*: v{said(production['version'])}, live since {date_token(facts, production.get('since'))}"


def _hours(facts: Facts, now: datetime) -> str:
    """Who has the duty; outside the policy's working hours that nobody else is there. It stops nobody."""
    here, work = local(facts, now), facts.get("working_hours") or {}
    hours = Hours(work["begins"], work["ends"], tuple(work["days"])) if work else Hours()
    duty = listed([mention(facts, p) for p in holders(facts, ("role:devops",))], "and", 3) or "nobody"
    if here.weekday() in hours.days and hours.begins <= here.hour * 60 + here.minute < hours.ends:
        return f"On duty: {duty}"
    zone = zone_name(str(facts.get("zone") or "UTC"))
    has = "nobody is" if duty == "nobody" else f"{duty} has the duty, nobody else is"
    kept = " A hotfix may go at any hour; in working hours it is safer." if facts.get("type") == "hotfix" else ""
    return f"{LOOK} It is {here:%H:%M} {zone}, outside business hours; {has} there.{kept}"


def _second(facts: Facts) -> str:
    roles = [said((facts.get("roles") or {}).get(r, r)) for r in facts.get("go_roles") or ()]
    return f"Go needs {listed(roles)}." if len(roles) > 1 else ""
