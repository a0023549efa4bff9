"""What commands may have of our environment, and whose values are taken out of what they say."""

from __future__ import annotations

from bot.hidden import for_commands, hidden_values
from bot.settings import Settings


def test_values_are_hidden_by_name_by_look_and_because_they_are_named() -> None:
    environment = {
        "AWS_SECRET_ACCESS_KEY": "abcdef123", "QUEUE": "amqp://user:p%40ssword@queue/x", "LONG": "named\nby the policy",
        "PATH": "/usr/bin", "SHORT_TOKEN": "abc", "KEYBOARD": "qwerty-layout",
        "PWD": "/srv/product", "OLDPWD": "/srv/before", "DB_PWD": "hunter2-2",
    }  # fmt: skip
    found = hidden_values(environment, ["LONG", "MISSING"], ["a-bot-token"])
    assert {"hunter2-2", "abcdef123", "p%40ssword", "p@ssword", "by the policy", "a-bot-token"} <= set(found)
    assert not {"/usr/bin", "abc", "/srv/product", "/srv/before"} & set(found)
    assert found == sorted(found, key=len, reverse=True)


def test_commands_get_nothing_that_is_ours() -> None:
    ours = {name.upper(): "x" for name in Settings.model_fields}
    theirs = {"PATH": "/usr/bin", "AWS_SECRET_ACCESS_KEY": "abcdef123"}
    given = for_commands({**ours, **theirs, "RELEASE_BOT_FAIL": "x", "RELEASE_STEP": "1"}, Settings.model_fields)
    assert given == theirs
