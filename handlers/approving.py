"""Approve: the content first, then the signature; naming the current commit signs at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from handlers.ids import Target
from handlers.moves import fire
from handlers.parsing import Typed
from handlers.request import Answer, Message, Request
from handlers.views import answers, direct
from handlers.views.approval import ask, seat_of
from handlers.views.writing import Facts

if TYPE_CHECKING:
    from core.usecases.context import Context


async def typed(request: Request, ctx: Context, found: Typed, facts: Facts) -> Answer:
    """`approve 1.3.0 8f3c2ab as qa`."""
    c = facts.get("candidate") or {}
    if found.sha and c and _names_all(facts, c, found.sha, request.actor):
        role = found.role or (seat_of(facts, request.actor) or {"role": ""})["role"]
        subject = str(c["digest"])[:16]
        return Answer(private=await fire(request, ctx, "approve", facts["id"], subject=subject, given={"role": role}))
    if found.sha and c and not str(c["sha"]).startswith(found.sha):
        return Answer(private=answers.other_commit(facts, found.sha))
    return Answer(private=await content(request, ctx, facts, found.role))


def _names_all(facts: Facts, c: Mapping[str, Any], named: str, person: str) -> bool:
    """Whether the digits name what is signed: the commit, or the content where the same commit comes with other things.

    Who had approved that commit before has to see the difference first.
    """
    if str(c["digest"]).startswith(named):
        return True
    again = (facts.get("again") or {}).get(person) or {}
    return str(c["sha"]).startswith(named) and again.get("sha") != c["sha"]


async def pressed(request: Request, ctx: Context, target: Target, facts: Facts) -> Answer:
    """A button with a subject signs; one without shows what would be signed."""
    if target.subject:
        given = {"role": target.item}
        return Answer(private=await fire(request, ctx, "approve", facts["id"], subject=target.subject, given=given))
    return Answer(private=await content(request, ctx, facts, target.item))


async def content(request: Request, ctx: Context, facts: Facts, role: str) -> Message:
    """What this person may sign: the approval, or the sign-off that is due; else why not, with who can."""
    seat = seat_of(facts, request.actor, role)
    if seat and (request.actor in seat["asked"] or any(g["person"] == request.actor for g in seat["given"])):
        return ask(facts, request.actor, seat["role"], request.now)
    if direct.due_items(facts, request.actor, "go"):
        return direct.render(request.actor, "your_turn", {"facts": facts, "gate": "go"})
    return await fire(request, ctx, "approve", facts["id"], given={"role": role})
