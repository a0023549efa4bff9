"""The fields of forms, and the form itself, within Slack's limits."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.request import Block, Form
from handlers.views.blocks import TITLE, markup, option, surface
from handlers.views.writing import cut

Choice = tuple[str, str]  # label, value


def _field(block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "optional": optional,
        "label": {"type": "plain_text", "text": cut(label, 150), "emoji": True},
        "element": {"action_id": block_id, **element},
    }
    if hint:
        block["hint"] = {"type": "plain_text", "text": cut(hint, 150), "emoji": True}
    return block


def text(
    block_id: str, label: str, *, lines: bool = False, initial: str = "", optional: bool = False, hint: str = ""
) -> Block:
    element: Block = {"type": "plain_text_input", "multiline": lines, "max_length": 3000 if lines else 200}
    if initial:
        element["initial_value"] = initial[: element["max_length"]]
    return _field(block_id, label, element, optional=optional, hint=hint)


def select(
    block_id: str, label: str, choices: Sequence[Choice], *, initial: str = "", optional: bool = False, hint: str = ""
) -> Block:
    options = [option(*c) for c in choices[:100]]
    element: Block = {"type": "static_select", "options": options}
    first = next((o for o in options if o["value"] == initial), None)
    if first:
        element["initial_option"] = first
    return _field(block_id, label, element, optional=optional, hint=hint)


def radio(
    block_id: str, label: str, choices: Sequence[Choice], *, initial: str = "", asks: bool = False, hint: str = ""
) -> Block:
    """Radio buttons with markup in their labels; `asks` sends each choice to us at once."""
    options = [{"text": markup(label_, 75), "value": v} for label_, v in choices[:10]]
    element: Block = {"type": "radio_buttons", "options": options}
    first = next((o for o in options if o["value"] == initial), None)
    if first:
        element["initial_option"] = first
    block = _field(block_id, label, element, hint=hint)
    if asks:
        block["dispatch_action"] = True
    return block


def checks(
    block_id: str, label: str, choices: Sequence[Choice], *, chosen: Sequence[str] = (), hint: str = ""
) -> Block:
    """Checkboxes, at most ten."""
    options = [option(*c) for c in choices[:10]]
    element: Block = {"type": "checkboxes", "options": options}
    first = [o for o in options if o["value"] in chosen]
    if first:
        element["initial_options"] = first
    return _field(block_id, label, element, optional=True, hint=hint)


def person(block_id: str, label: str, *, initial: str = "", optional: bool = False, hint: str = "") -> Block:
    element: Block = {"type": "users_select"}
    if initial:
        element["initial_user"] = initial
    return _field(block_id, label, element, optional=optional, hint=hint)


def day(block_id: str, label: str, *, initial: str = "", optional: bool = False, hint: str = "") -> Block:
    element: Block = {"type": "datepicker"}
    if initial:
        element["initial_date"] = initial
    return _field(block_id, label, element, optional=optional, hint=hint)


def clock(block_id: str, label: str, *, initial: str = "", optional: bool = False, hint: str = "") -> Block:
    element: Block = {"type": "timepicker"}
    if initial:
        element["initial_time"] = initial
    return _field(block_id, label, element, optional=optional, hint=hint)


def form(
    title: str, verb: str, memory: str, blocks: Sequence[Block | None], *, submit: str = "", close: str = ""
) -> Form:
    """A form within the limits; without `submit` it only tells something. `memory` is its `ids.metadata`."""
    return Form(
        title=cut(title, TITLE),
        blocks=surface(*blocks),
        callback_id=verb,
        submit=cut(submit, TITLE),
        private_metadata=memory,
        close=close or ("Cancel" if submit else "Close"),
    )


def told(title: str, blocks: Sequence[Block]) -> Form:
    """What happened, in the window where a form was."""
    return form(title, "told", "", blocks)
