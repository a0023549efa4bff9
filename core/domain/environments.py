"""Who may deploy where, what people keep an environment for, and the pause of everything: pure rules.

What people said lies in the product's record: locks of people end by their hour or by a word, the pause by a word.
Production's lock by a deployment is another thing and lies on the environment itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from core.domain.due import Due
from core.domain.environment_names import ON_THE_WAY, EnvName, told_of
from core.domain.lifecycle import BY_EVENT
from core.domain.policy import Policy
from core.domain.product import Kept, ProductRecord
from core.domain.situation import Act, Situation
from core.errors import Blocker

Name = EnvName
NAMES: tuple[Name, ...] = ON_THE_WAY[::-1]  # as they are shown
FORGOTTEN = timedelta(days=1)  # a lock without an end that stands for so long is asked about
# What people may say, sign and stop while everything is paused: a pause stops the machine, and a signature is a fact.
# Nothing goes out by it; what it frees fires when everything goes on.
SPEAKING = frozenset(
    {
        *("ask", "reject", "withdraw", "concern", "settle", "untick", "hold", "stop", "abort", "nogo", "incident"),
        *("resolve", "report", "triage", "classify", "words", "depend", "result"),
        *("approve", "tick", "carry", "accept", "override", "review"),
        *("retro_say", "retro_add", "retro_move", "retro_summary"),
        *("action_add", "action_done", "action_keep", "action_drop"),
    }
)
# The effects that wait while everything is paused: they change something outside, or lead to that.
WAITING = frozenset(
    {
        *("git.plan", "git.push", "deploy", "environment.put"),
        *("forge.milestone", "forge.pull", "forge.release", "forge.latest"),
    }
)


def name_of(typed: str) -> Name | None:
    """The environment that somebody means: its name or the beginning of it, three letters at least."""
    said = typed.casefold().strip(",.:")
    return next((n for n in NAMES if len(said) > 2 and n.startswith(said)), None)


def deployers(policy: Policy, environment: str) -> tuple[str, ...]:
    """The roles that may deploy there: those that the policy names for it, else those of the permission `deploy`."""
    rules = told_of(environment, policy.environments)
    return (rules.deploy if rules else ()) or policy.permissions["deploy"]


def no_access(s: Situation, act: Act) -> Blocker | None:
    """The reason why this person may not deploy where the event deploys; None where the policy names nobody for it."""
    where = _where(s, act.event)
    rules = told_of(where, s.policy.environments)
    if rules is None or not rules.deploy or s.holds(act.actor, rules.deploy):
        return None
    facts = {"environment": where, "event": act.event, "roles": list(rules.deploy)}
    return Blocker("access", facts, s.holders(*rules.deploy))


def _where(s: Situation, event: str) -> str:
    """Where an event of a person deploys; "" when it deploys nowhere."""
    if event in ("go", "rollback"):
        return "production"
    if event == "integrate":
        return "integration"
    if event not in ("retry", "worked"):
        return ""
    return {"preparation": "staging", "deployment": "production"}.get(s.release.phase.value, "")


def kept_by_another(s: Situation, act: Act, environment: str) -> Iterator[Blocker]:
    """Nobody else keeps the environment for themselves; one's own lock stops nothing that one does."""
    kept = s.product.kept.get(environment)
    if kept and kept.stops(act.actor, s.now):
        who = tuple(dict.fromkeys((kept.by, *s.holders(*s.policy.permissions["unlock"]))))
        yield Blocker("kept", kept_facts(kept, environment), who, kept.since.isoformat())


def kept_facts(kept: Kept, environment: str) -> dict[str, object]:
    """Who keeps it, since when, why and until when, for refusals and views; instants are ISO."""
    ends = kept.until.isoformat() if kept.until else ""
    return {
        "environment": environment, "item": environment, "by": kept.by, "reason": kept.reason, "ends": ends,
        "since": kept.since.isoformat(),
    }  # fmt: skip


def paused_now(s: Situation, event: str) -> Iterator[Blocker]:
    """Everything is paused: nothing fires but what only notes a fact, and people may only speak and sign."""
    pause = s.product.pause
    row = BY_EVENT.get(event)
    if pause is None or event in SPEAKING or (row is not None and row.by == "itself" and row.held_ok):
        return
    yield Blocker(
        "paused", {"by": pause.by, "reason": pause.reason}, s.holders(*s.policy.permissions["pause"]),
        pause.since.isoformat(),
    )  # fmt: skip


# --- what the hour does to locks -------------------------------------------------------------------------------------


def dues(record: ProductRecord) -> Iterator[Due]:
    """When a lock ends by itself, and when its holder is asked about one that has no end."""
    for name, kept in record.kept.items():
        if kept.until is not None:
            yield Due(kept.until, "lock_ends", kept.by, name)
        elif not kept.reminded:
            yield Due(kept.since + FORGOTTEN, "lock_stands", kept.by, name)


def at_the_hour(record: ProductRecord, now: datetime) -> tuple[ProductRecord, Mapping[str, Kept], Mapping[str, Kept]]:
    """The record as it is at this hour, the locks that have ended, and those whose holders are asked about them."""
    over = {n: k for n, k in record.kept.items() if k.until is not None and k.until <= now}
    long = {
        n: k for n, k in record.kept.items() if k.until is None and not k.reminded and k.since + FORGOTTEN <= now
    }
    if not over and not long:
        return record, {}, {}
    left = {n: replace(k, reminded=True) if n in long else k for n, k in record.kept.items() if n not in over}
    return replace(record, kept=left), over, long
