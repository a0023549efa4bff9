"""Effects that nobody but a person can decide about: told by direct message, answered by a button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import Blocker, NotFound, Refused
from core.store import outbox
from core.store.outbox import Claimed, Ruling
from core.store.products import product_chain
from core.store.unit import Unit
from core.usecases.context import Context, role_members
from handlers.request import Answer, Block, Message, Request
from handlers.views.writing import said

KIND = "slack.stuck"
RULINGS: dict[str, tuple[str, Ruling]] = {
    "outbox_retry": ("Post it", "retry"),
    "outbox_happened": ("It was posted", "it happened"),
    "outbox_skip": ("Leave it out", "skip"),
}
WHAT = {
    "slack.post": "a message",
    "slack.card": "the card",
    "slack.ask": "an approval request",
    "slack.turn": "a list of sign-offs",
}


async def tell(ctx: Context, unit: Unit, row: Claimed, why: str) -> None:
    """In the unit that parks the row: every release manager is asked. A request of this kind is never asked about."""
    if row.kind == KIND:
        return
    policy = await ctx.active_policy(unit.conn)
    members, _ = await role_members(unit.conn, policy)
    about = {name: row.body[name] for name in ("place", "moment", "person", "purpose") if row.body.get(name)}
    for person in members.get("release_manager", ()):
        body = {"person": person, "row": row.id, "kind": row.kind, "why": why, "about": about}
        await unit.outbox(f"dm:{person}", KIND, body, cause=product_chain(ctx.product), rank=0)


def asked(body: Mapping[str, Any]) -> Message:
    """What did not work, what is safe, what can be done."""
    about = body["about"]
    what = WHAT.get(str(body["kind"]), str(body["kind"]))
    place = f" ({', '.join(str(value) for value in about.values())})" if about else ""
    text = f"I could not deliver {what}{place}: {body['why']}. Nothing else of that place is sent until you decide."
    buttons: list[Block] = [
        {"type": "button", "action_id": verb, "value": str(body["row"]), "text": {"type": "plain_text", "text": label}}
        for verb, (label, _) in RULINGS.items()
    ]
    section: Block = {"type": "section", "text": {"type": "mrkdwn", "text": f"⛔ {said(text, 900)}"}}
    return Message(text, [section, {"type": "actions", "block_id": "do", "elements": buttons}])


async def ruled(request: Request, ctx: Context) -> Answer:
    """A button was pressed. Raises Refused for who may not, NotFound when it is decided already."""
    label, ruling = RULINGS[request.action_id]
    row_id = int(request.value) if request.value.isdigit() else 0

    async def work(unit: Unit) -> str:
        policy = await ctx.active_policy(unit.conn)
        members, _ = await role_members(unit.conn, policy)
        holders = members.get("release_manager", ())
        if request.actor not in holders:
            raise Refused([Blocker("permission", {"event": "outbox", "roles": ["release_manager"]}, holders)])
        await outbox.rule(unit, row_id, ruling, f"{ruling}, said {request.actor}")
        entry = {"row": row_id, "ruling": ruling}
        await unit.audit(product_chain(ctx.product), request.actor, "outbox.ruled", policy.hash, entry, ctx.clock.now())
        return label

    try:
        await ctx.store.unit(work, verb="outbox.rule", key=request.key or None, chains=[product_chain(ctx.product)])
    except NotFound:
        return Answer(private=_plainly("That is decided already; nothing waits any more."))
    return Answer(private=_plainly(f"“{label}”: done, and written down."))


def _plainly(text: str) -> Message:
    return Message(text, [{"type": "section", "text": {"type": "plain_text", "text": text}}])
