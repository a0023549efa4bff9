"""What the client itself checks before a form is sent: required fields, lengths, numbers, addresses."""

from __future__ import annotations

import re
from typing import Any

from sandbox.workspace.form_values import held
from sandbox.workspace.records import Json, View


def complaints(view: View) -> dict[str, str]:
    """For each input block what is wrong with it, in Slack's words; empty when the form may be sent."""
    found: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] == "input":
            value = held(block["element"], view.drafts, block["block_id"])
            wrong = _complaint(block, value)
            if wrong:
                found[block["block_id"]] = wrong
    return found


def _complaint(block: Json, value: Any) -> str:
    element = block["element"]
    if value is None or value == "" or value == []:
        return "" if block.get("optional") else "Please complete this required field."
    if element["type"] == "plain_text_input":
        return _wrong_length(element, str(value))
    if element["type"] == "number_input":
        return _wrong_number(element, str(value))
    if element["type"] == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+", str(value)):
        return "Please enter a valid email address."
    if element["type"] == "url_text_input" and not re.match(r"https?://\S+$", str(value)):
        return "Please enter a valid URL."
    most = element.get("max_selected_items")
    if most and isinstance(value, list) and len(value) > most:
        return f"Please select at most {most} items."
    return ""


def _wrong_length(element: Json, value: str) -> str:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    if len(value) > most:
        return f"Please enter at most {most} characters."
    return ""


def _wrong_number(element: Json, value: str) -> str:
    decimal = element["is_decimal_allowed"]
    if not re.fullmatch(r"-?\d+(\.\d+)?" if decimal else r"-?\d+", value):
        return "Please enter a valid number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return ""
