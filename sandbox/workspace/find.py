"""Finding what a person can press or fill by the words on it, newest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sandbox.workspace.clock import utc
from sandbox.workspace.errors import NotThere
from sandbox.workspace.form_values import KEYS
from sandbox.workspace.payloads import Spot
from sandbox.workspace.records import Json, Message, View
from sandbox.workspace.state import State

Surface = Message | View


def spots(surface: Surface) -> Iterator[tuple[str, Spot]]:
    """Everything on a message or view that can be pressed or chosen, with its label."""
    for block in surface.blocks:
        for element in _elements(block):
            if element["type"] == "button":
                yield element["text"]["text"], Spot(surface, block, element)
            for option in _options(element):
                yield option["text"]["text"], Spot(surface, block, element, option)


def _elements(block: Json) -> list[Json]:
    elements = list(block["elements"]) if block["type"] == "actions" else []
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            elements.append(block[key])
    return elements


def _options(element: Json) -> list[Json]:
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(one for group in groups for one in group["options"])]


def _bare(label: str) -> str:
    return re.sub(r"[*_`]", "", label).strip().rstrip("…?:").strip().casefold()


def _same(label: str, wanted: str) -> bool:
    return _bare(label) == _bare(wanted)


def _begins(label: str, wanted: str) -> bool:
    return re.match(rf"{re.escape(_bare(wanted))}(?!\w)", _bare(label)) is not None


def find_spot(surfaces: Iterable[Surface], label: str) -> Spot:
    """The newest thing with this label; a label that only begins so counts when none is the same."""
    everything = [one for surface in surfaces for one in spots(surface)]
    for fits in (_same, _begins):
        for name, spot in everything:
            if fits(name, label):
                return spot
    seen = ", ".join(dict.fromkeys(name for name, _ in everything)) or "nothing that can be pressed"
    raise NotThere(f"{label!r} is not there; what is there: {seen}")


def find_field(blocks: list[Json], wanted: str) -> tuple[Json, Json]:
    """The block and element of a field by its label, its ids or its placeholder."""
    named: list[tuple[str, Json, Json]] = []
    for block in blocks:
        for element in _elements(block):
            if element["type"] not in KEYS:
                continue
            names = [block["block_id"], element["action_id"]]
            names += [part["text"] for part in (block.get("label"), element.get("placeholder")) if part]
            named += [(name, block, element) for name in names]
    fits: list[Callable[[str, str], bool]] = [_same, _begins]
    for fit in fits:
        for name, block, element in named:
            if fit(name, wanted):
                return block, element
    labels = [block["label"]["text"] for block in blocks if block["type"] == "input"]
    raise NotThere(f"there is no field {wanted!r}; the fields are: {', '.join(labels) or 'none'}")


def typed_value(state: State, element: Json, given: Any) -> Any:
    """What a person typed or chose, as the kind of element holds it."""
    key, _ = KEYS[element["type"]]
    if given is None:
        return [] if key in ("selected_options", "selected_users") else None
    if key == "selected_option":
        return _option(element, given)
    if key == "selected_options":
        return [_option(element, one) for one in ([given] if isinstance(given, str) else given)]
    if key == "selected_user":
        return state.member(str(given)).id
    if key == "selected_users":
        return [state.member(str(one)).id for one in ([given] if isinstance(given, str) else given)]
    if key in ("selected_channel", "selected_conversation"):
        return state.channel(str(given)).id
    if key == "selected_date_time":
        return given if isinstance(given, int) else int(utc(given).timestamp())
    return str(given)


def _option(element: Json, given: Any) -> Json:
    options = _options(element)
    for option in options:
        if option["value"] == given:
            return option
    for fits in (_same, _begins):
        for option in options:
            if fits(option["text"]["text"], str(given)):
                return option
    raise NotThere(f"{given!r} cannot be chosen; the choices are: {', '.join(o['text']['text'] for o in options)}")
