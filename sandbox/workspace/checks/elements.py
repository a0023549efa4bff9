"""Checks of interactive elements: buttons, menus, pickers and fields, each with its own limits."""

from __future__ import annotations

from typing import Any

from sandbox.workspace.checks.objects import (
    ACTION_ID,
    CONFIRM,
    DISPATCH_CONFIG,
    OPTION_GROUP,
    PLAIN_OPTION,
    SLACK_FILE,
    TEXT_OPTION,
    initial_among_options,
    option,
    plain,
)
from sandbox.workspace.checks.shape import (
    Check,
    Report,
    address,
    array,
    boolean,
    both,
    day,
    one_of,
    record,
    string,
    time_of_day,
    whole,
)

_COMMON: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": boolean}
_HELD: dict[str, Check] = {**_COMMON, "placeholder": plain(150)}
_FIELD: dict[str, Check] = {
    "action_id": ACTION_ID,
    "placeholder": plain(150),
    "focus_on_load": boolean,
    "dispatch_action_config": DISPATCH_CONFIG,
}
_FILTER = record(
    {
        "include": array(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)
_MANY: dict[str, Check] = {"max_selected_items": whole(1, 100)}
_ID = string(255)

BUTTON = record(
    {
        "action_id": ACTION_ID,
        "confirm": CONFIRM,
        "text": plain(75),
        "url": address,
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
    ["text"],
    "button",
)
IMAGE = record({"image_url": address, "alt_text": string(2000), "slack_file": SLACK_FILE}, ["alt_text"], "image")
OVERFLOW = both(
    record(
        {
            "action_id": ACTION_ID,
            "confirm": CONFIRM,
            "options": array(option(plain(75), with_url=True), 5),
        },
        ["options"],
        "overflow",
    ),
    initial_among_options,
)


def _menu(kind: str, extra: dict[str, Check]) -> Check:
    keys = {**_HELD, "options": array(PLAIN_OPTION, 100), "option_groups": array(OPTION_GROUP, 100), **extra}
    return both(record(keys, (), kind), _options_or_groups, initial_among_options)


def _options_or_groups(element: Any, path: str, report: Report) -> None:
    if ("options" in element) == ("option_groups" in element):
        report.wrong(path, "missing required field: options (exactly one of options and option_groups)")


def _choice(kind: str, extra: dict[str, Check]) -> Check:
    keys = {**_COMMON, "options": array(TEXT_OPTION, 10), **extra}
    return both(record(keys, ["options"], kind), initial_among_options)


def _lengths_in_order(element: Any, path: str, report: Report) -> None:
    low, high = element.get("min_length"), element.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        report.wrong(f"{path}/min_length", "must be less than or equal to max_length")


SELECTS: dict[str, Check] = {
    "static_select": _menu("static_select", {"initial_option": PLAIN_OPTION}),
    "multi_static_select": _menu("multi_static_select", {"initial_options": array(PLAIN_OPTION, 100), **_MANY}),
    "external_select": record(
        {**_HELD, "initial_option": PLAIN_OPTION, "min_query_length": whole(0, 150)}, (), "external_select"
    ),
    "users_select": record({**_HELD, "initial_user": _ID}, (), "users_select"),
    "multi_users_select": record({**_HELD, "initial_users": array(_ID, 100), **_MANY}, (), "multi_users_select"),
    "channels_select": record(
        {**_HELD, "initial_channel": _ID, "response_url_enabled": boolean}, (), "channels_select"
    ),
    "conversations_select": record(
        {
            **_HELD,
            "initial_conversation": _ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _FILTER,
        },
        (),
        "conversations_select",
    ),
}
PICKERS: dict[str, Check] = {
    "datepicker": record({**_HELD, "initial_date": day}, (), "datepicker"),
    "timepicker": record({**_HELD, "initial_time": time_of_day, "timezone": string(255)}, (), "timepicker"),
    "datetimepicker": record({**_COMMON, "initial_date_time": whole(10**9, 10**10 - 1)}, (), "datetimepicker"),
    "radio_buttons": _choice("radio_buttons", {"initial_option": TEXT_OPTION}),
    "checkboxes": _choice("checkboxes", {"initial_options": array(TEXT_OPTION, 10)}),
}
FIELDS: dict[str, Check] = {
    "plain_text_input": both(
        record(
            {
                **_FIELD,
                "initial_value": string(3000, 0),
                "multiline": boolean,
                "min_length": whole(0, 3000),
                "max_length": whole(1, 3000),
            },
            (),
            "plain_text_input",
        ),
        _lengths_in_order,
    ),
    "email_text_input": record({**_FIELD, "initial_value": string(255)}, (), "email_text_input"),
    "url_text_input": record({**_FIELD, "initial_value": address}, (), "url_text_input"),
    "number_input": record(
        {
            **_FIELD,
            "is_decimal_allowed": boolean,
            "initial_value": string(30),
            "min_value": string(30),
            "max_value": string(30),
        },
        ["is_decimal_allowed"],
        "number_input",
    ),
}
IN_ACTIONS: dict[str, Check] = {"button": BUTTON, "overflow": OVERFLOW, **SELECTS, **PICKERS}
IN_SECTION: dict[str, Check] = {**IN_ACTIONS, "image": IMAGE}
IN_INPUT: dict[str, Check] = {**SELECTS, **PICKERS, **FIELDS}
