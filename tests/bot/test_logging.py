"""Secrets are taken out of logs wherever they stand."""

from __future__ import annotations

import json
import logging

import pytest

from bot.logging import Redactor, configure_logging, log
from bot.settings import Settings

SECRET = "xoxb-very-secret"


@pytest.fixture
def kept_loggers():  # type: ignore[no-untyped-def]
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_secrets_are_hidden_in_every_shape() -> None:
    event = {"event": f"token {SECRET}", "list": [SECRET, {"deep": f"a{SECRET}b"}], "error": ValueError(SECRET), "n": 3}
    told = Redactor([SECRET])(None, "info", event)
    assert SECRET not in str(told)
    assert told["n"] == 3


@pytest.mark.usefixtures("kept_loggers")
def test_json_logs_are_lines_without_secrets_even_in_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(slack_bot_token=SECRET, log_format="json"))
    try:
        raise RuntimeError(f"refused {SECRET}")
    except RuntimeError:
        log("bot.test").exception("failed", url=f"https://x/?t={SECRET}")
    logging.getLogger("other").warning("and %s", SECRET)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["failed", "and (hidden)"]
    assert SECRET not in str(lines)
    assert "RuntimeError" in lines[0]["exception"]
