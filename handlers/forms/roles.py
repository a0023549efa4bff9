"""Who fills which role on a release, as a form: one person for each role; a role without one is asked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.casts import LEAD
from core.domain.policy import ROLE_NAMES
from handlers import ids
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.writing import Facts, listed, mention, name, plain, said

ALL = "all"
FIELD = "role."


def form(facts: Facts, channel: str = "") -> Form:
    """Each role with who fills it on this release; the hint says who holds it."""
    titles: Mapping[str, str] = facts.get("roles") or {}
    cast: Mapping[str, str] = facts.get("cast") or {LEAD: str(facts.get("lead") or "")}
    roles = [r for r in ROLE_NAMES if r in titles]
    named = [(plain(titles[r]), r) for r in roles if cast.get(r) and r != LEAD]
    fields: list[Block | None] = [_field(facts, r, cast.get(r, "")) for r in roles]
    return inputs.form(
        f"Roles of {plain(facts.get('tag', ''))}",
        "cast",
        ids.metadata(ids.Target(facts.get("id")), channel),
        [
            b.context(f"{mention(facts, str(facts.get('lead') or ''))} leads {said(facts.get('tag'))}."),
            *fields,
            inputs.checks(ALL, "Ask all holders again as", named) if named else None,
            b.context("Who is new in a role gets its open points in one message. Who may sign is as before."),
        ],
        submit="Change the roles",
    )


def _field(facts: Facts, role: str, person: str) -> Block:
    title = plain((facts.get("roles") or {})[role])
    held_by = (facts.get("members") or {}).get(role, ())
    holders = listed([name(facts, p) for p in held_by], "or", 4)
    label = f"Leads it ({title})" if role == LEAD else title.capitalize() if title.islower() else title
    held = f"Held by {holders}" if holders else "Nobody holds it"
    if len(held_by) == 1:  # then there is no choice, and who tries learns it before the refusal
        held += " alone; the policy or its Slack group names more"
    return inputs.person(f"{FIELD}{role}", label, initial=person, optional=True, hint=held)


def answers(values: Mapping[str, Any], cast: Mapping[str, str]) -> dict[str, str]:
    """What was changed: role -> person, "" to ask all holders again."""
    chosen = {k.removeprefix(FIELD): str(v or "") for k, v in values.items() if k.startswith(FIELD)}
    found = {role: person for role, person in chosen.items() if person and person != cast.get(role, "")}
    return found | {str(role): "" for role in values.get(ALL) or ()}
