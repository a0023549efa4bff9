"""views.* and blocks.validate: forms opened, stacked and changed, and Home."""

from __future__ import annotations

import secrets

from sandbox.workspace.api.args import Args
from sandbox.workspace.api.desk import Desk, with_ids
from sandbox.workspace.checks.message import message_blocks
from sandbox.workspace.checks.views import checked_view
from sandbox.workspace.errors import SlackError
from sandbox.workspace.form_values import view_json
from sandbox.workspace.records import Json, View

DEEPEST = 3


def open_(desk: Desk, args: Args) -> Json:
    """views.open: a new form instead of what was open."""
    body = _given(desk, args, ("modal",))
    trigger = desk.permits.exchange(args.need("trigger_id"))
    view = new_form(desk, trigger.user, body)
    desk.state.forms[trigger.user] = [view]
    desk.state.touch(view)
    return {"view": view_json(view)}


def push(desk: Desk, args: Args) -> Json:
    """views.push: a form over the one that the trigger came from, three at most."""
    body = _given(desk, args, ("modal",))
    trigger = desk.permits.exchange(args.need("trigger_id"))
    stack = desk.state.forms.get(trigger.user, [])
    if not stack or trigger.view_id not in [view.id for view in stack]:
        raise SlackError("not_found")
    return {"view": view_json(push_form(desk, trigger.user, body))}


def update(desk: Desk, args: Args) -> Json:
    """views.update: by view id or external id; a hash that is not the present one is refused."""
    view = _wanted(desk, args)
    body = _given(desk, args, (view.type,), but=view)
    if args.text("hash") and args.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    change_form(desk, view, body)
    return {"view": view_json(view)}


def publish(desk: Desk, args: Args) -> Json:
    """views.publish: the Home of one person."""
    user = args.need("user_id")
    body = _given(desk, args, ("home",), but=desk.state.homes.get(user))
    if user not in desk.state.members:
        raise SlackError("invalid_arguments", "[ERROR] invalid user_id [json-pointer:/user_id]")
    home = desk.state.homes.get(user)
    if home is not None and args.text("hash") and args.text("hash") != home.hash:
        raise SlackError("hash_conflict")
    if home is None:
        home = desk.state.homes[user] = new_form(desk, user, body)
        desk.state.touch(home)
    else:
        change_form(desk, home, body)
    return {"view": view_json(home)}


def validate(desk: Desk, args: Args) -> Json:
    """blocks.validate: exactly one of blocks, message and view."""
    given = [name for name in ("blocks", "message", "view") if args.has(name)]
    if len(given) != 1:
        raise SlackError("invalid_arguments", "[ERROR] provide exactly one of blocks, message, view")
    value = args.structure(given[0], "invalid_arguments")
    try:
        if given[0] == "view":
            checked_view(value, ("modal", "home"))
        else:
            message_blocks(value.get("blocks") if given[0] == "message" and isinstance(value, dict) else value)
    except SlackError as refusal:
        raise SlackError(f"invalid_{given[0]}", *refusal.messages) from refusal
    return {}


def new_form(desk: Desk, user: str, body: Json, below: View | None = None) -> View:
    """A view that is not shown yet."""
    view_id = desk.state.new_id("V")
    return View(
        id=view_id,
        user=user,
        body={**body, "blocks": with_ids(body["blocks"])},
        hash=_hash(desk),
        root_id=below.root_id if below else view_id,
        previous_id=below.id if below else "",
    )


def push_form(desk: Desk, user: str, body: Json) -> View:
    """Put a form over the one on top."""
    stack = desk.state.forms[user]
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    view = new_form(desk, user, body, below=stack[-1])
    stack.append(view)
    desk.state.touch(view)
    return view


def change_form(desk: Desk, view: View, body: Json) -> None:
    """Show other content in the same view; what was typed stays where block and action keep their ids."""
    view.body = {**body, "blocks": with_ids(body["blocks"])}
    view.hash = _hash(desk)
    view.errors, view.trouble = {}, ""
    fields = {(b["block_id"], b["element"]["action_id"]) for b in view.blocks if b["type"] == "input"}
    for block_id in list(view.drafts):
        kept = {a: v for a, v in view.drafts[block_id].items() if (block_id, a) in fields}
        view.drafts[block_id] = kept
    desk.state.touch(view)


def _hash(desk: Desk) -> str:
    return f"{int(desk.state.transport.now())}.{secrets.token_hex(4)}"


def _given(desk: Desk, args: Args, kinds: tuple[str, ...], but: View | None = None) -> Json:
    view = checked_view(args.structure("view", "invalid_arguments"), kinds)
    external = view.get("external_id")
    every = [v for stack in desk.state.forms.values() for v in stack] + list(desk.state.homes.values())
    if external and any(v.body.get("external_id") == external for v in every if v is not but):
        raise SlackError("duplicate_external_id")
    return view


def _wanted(desk: Desk, args: Args) -> View:
    external = args.text("external_id")
    if not external and not args.text("view_id"):
        raise SlackError("invalid_arguments", "[ERROR] one of view_id and external_id is needed")
    view = desk.state.view(args.text("view_id"))
    if view is None and external:
        every = [v for stack in desk.state.forms.values() for v in stack]
        view = next((v for v in every if v.body.get("external_id") == external), None)
    if view is None:
        raise SlackError("not_found")
    return view
