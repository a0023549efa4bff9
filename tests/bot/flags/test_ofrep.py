"""OFREP: one flag and all of them, tags over flags and context, and answers to whatever is sent."""

from __future__ import annotations

import logging
from datetime import timedelta

import aiohttp
import pytest

from bot.flags.ofrep import LARGEST_CONTEXT
from core.domain.flags.model import Constraint, Payload, Variant
from tests.bot.conftest import Stage
from tests.bot.flags.conftest import PRODUCTION, STAGING, Served, make

BULK = "/ofrep/v1/evaluate/flags"
ANA = {"context": {"targetingKey": "ana"}}


async def test_one_flag_in_each_environment(served: Served) -> None:
    await make(served.ctx, "search", "limit")
    await served.turn("search", user_ids=("ana",))
    assert await served.single("search", {"targetingKey": "ana"}) == (
        200, {"key": "search", "value": True, "reason": "TARGETING_MATCH", "variant": "on"},
    )  # fmt: skip
    told = (await served.single("search", {"targetingKey": "ben"}))[1]
    assert (told["value"], told["reason"], told["variant"]) == (False, "DEFAULT", "off")
    assert (await served.single("search", {"targetingKey": "ana"}, token=STAGING))[1]["reason"] == "DISABLED"
    status, told = await served.single("unheard/of")
    assert (status, told["errorCode"], told["key"]) == (404, "FLAG_NOT_FOUND", "unheard/of")
    arms = (Variant("few", 1, Payload("number", "10")), Variant("odd", 0, Payload("json", "{")))
    await served.turn("limit", on=True, variants=arms)
    assert (await served.single("limit"))[1] == {"key": "limit", "value": 10, "reason": "STATIC", "variant": "few"}
    for odd in (Payload("number", "NaN"), Payload("json", '{"most": 1e999}')):
        await served.turn("limit", variants=(Variant("few", 1, odd),))
        assert (await served.single("limit"))[1]["value"] == odd.value, "no SDK reads an answer with NaN in it"


async def test_all_flags_with_a_tag_over_flags_and_context(served: Served) -> None:
    await make(served.ctx, "search", "night")
    await served.turn("search", user_ids=("ana",))
    status, told, tag = await served.ask(BULK, ANA)
    assert status == 200 and {f["key"]: f["value"] for f in told["flags"]} == {"search": True, "night": False}
    assert (await served.ask(BULK, ANA, **{"If-None-Match": tag}))[::2] == (304, tag)
    assert (await served.ask(BULK, ANA, **{"If-None-Match": f'"x", W/{tag}'}))[0] == 304
    ben = {"context": {"targetingKey": "ben"}}
    status, told, other = await served.ask(BULK, ben, **{"If-None-Match": tag})
    assert status == 200 and other != tag, "the same flags for somebody else are another answer"
    await served.turn("search", user_ids=())
    status, told, after = await served.ask(BULK, ANA, **{"If-None-Match": tag})
    assert status == 200 and after != tag and not any(f["value"] for f in told["flags"])
    from_now = Constraint("currentTime", "DATE_AFTER", value=(served.ctx.clock.now() + timedelta(hours=1)).isoformat())
    await served.turn("night", on=True, constraints=(from_now,))
    _, told, before = await served.ask(BULK, ANA)
    assert not any(f["value"] for f in told["flags"])
    served.stage.clock.move_to(served.ctx.clock.now() + timedelta(hours=2))
    status, told, _ = await served.ask(BULK, ANA, **{"If-None-Match": before})
    assert status == 200 and any(f["value"] for f in told["flags"]), "the hour alone changes an answer, so the tag too"


async def test_who_may_ask(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    await make(served.ctx, "search")
    await served.turn("search", on=True)
    with caplog.at_level(logging.INFO):
        for token in ("wrong", "", "é", PRODUCTION[:-1]):
            for path, body in ((BULK, {}), (f"{BULK}/search", {}), ("/api/client/features", None)):
                status, told, _ = await served.ask(path, body, token=token)
                assert status == 401 and "value" not in str(told)
        for sent in ({"X-API-Key": PRODUCTION, "Authorization": ""}, {"Authorization": PRODUCTION}):
            assert (await served.ask(f"{BULK}/search", {}, **sent))[1]["value"] is True
        assert (await served.single("search", token="another-production-token"))[1]["value"] is True
    assert PRODUCTION not in caplog.text and "wrong" not in caplog.text
    assert PRODUCTION not in repr(served.stage.app.settings) and PRODUCTION in served.stage.app.settings.secrets


ODD = (
    (b"", 200, ""), (b"{}", 200, ""), (b'{"context": null}', 200, ""), (b"{", 400, "PARSE_ERROR"),
    (b"\xff", 400, "PARSE_ERROR"), (b"[" * 50_000, 400, "PARSE_ERROR"), (b"[]", 400, "INVALID_CONTEXT"),
    (b'{"context": []}', 400, "INVALID_CONTEXT"), (b'{"context": {"targetingKey": 1}}', 400, "INVALID_CONTEXT"),
    (b'{"context": {"targetingKey": null}}', 200, ""),
    (b'{"context": {"targetingKey": "\\ud800", "a": [[]], "userId": {}}}', 200, ""),
    (b'{"context": {"age": 1' + b"0" * 5_000 + b"}}", 400, "PARSE_ERROR"),
    (b'{"context": {"a": "' + b"x" * LARGEST_CONTEXT + b'"}}', 400, "INVALID_CONTEXT"),
    (b" " * (2 * 1024 * 1024), 400, "INVALID_CONTEXT"),
)  # fmt: skip


async def test_odd_contexts_are_answered(served: Served) -> None:
    await make(served.ctx, "search")
    await served.turn("search", percentage=100)
    for body, status, code in ODD:
        for path in (BULK, f"{BULK}/search"):
            got, told, _ = await served.ask(path, body)
            assert (got, told.get("errorCode", "")) == (status, code), body[:40]
            if status == 200:
                (value,) = {f["value"] for f in told.get("flags", [told])}
                assert value is False, "nobody is known, so no share counts"


async def test_without_tokens_there_is_no_such_address(stage: Stage) -> None:
    assert stage.app.listener is not None
    async with aiohttp.ClientSession() as session:
        for path in (BULK, f"{BULK}/x", "/api/client/metrics"):
            async with session.post(stage.app.listener.address + path, json={}) as answer:
                assert answer.status == 404
