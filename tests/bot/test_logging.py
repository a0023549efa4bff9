"""Secrets are taken out of logs wherever they stand."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from aiohttp import web

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


@pytest.mark.usefixtures("kept_loggers")
def test_what_the_environment_keeps_for_the_product_is_hidden_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL_PRODUCTION", "postgresql://app:s3cret-of-them@db.example/app")
    monkeypatch.setenv("PAYMENTS_API_KEY", "pk-of-the-product")
    configure_logging(Settings(log_format="json"))
    log("bot.test").error("failed", at="postgresql://app:s3cret-of-them@db.example/app", with_="key pk-of-the-product")
    said = capsys.readouterr().err
    assert "s3cret-of-them" not in said and "pk-of-the-product" not in said and "failed" in said


@pytest.mark.usefixtures("kept_loggers")
async def test_what_is_no_http_is_no_error_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_format="json"))
    server = web.AppRunner(web.Application())
    await server.setup()
    await (site := web.TCPSite(server, "127.0.0.1", 0)).start()
    assert site.port
    for head in (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET / HTTP/1.1\r\nNo colon\r\n\r\n", b"GET  nonsense\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(head)
        assert b" 400 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    await server.cleanup()
    logging.getLogger("aiohttp.server").error("of ours")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["of ours"]
