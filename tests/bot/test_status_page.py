"""The status page's address: who has it reads it, as a page and as JSON, and a new one ends it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import aiohttp

from core.usecases.addresses import renew_address
from core.usecases.advance import Ask
from tests.bot.conftest import Stages


async def test_the_page_from_its_message_to_its_end(stages: Stages) -> None:
    async with stages() as stage, aiohttp.ClientSession() as http:
        app, dana = stage.app, stage.slack.person("dana")
        await stage.start_minor()
        await dana.types("/release page")
        assert "in a direct message" in dana.private()
        await app.settle()
        address = app.page.address(0)
        assert address in dana.reads(dana.dm()[-1])
        async with http.get(address) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert "script" not in answer.headers["Content-Security-Policy"]
            text, tag = await answer.text(), answer.headers["ETag"]
        reader = HTMLParser(convert_charrefs=True)
        reader.feed(text)
        for line in ("Everything we know of works.", "Version 1.2.2", "Nothing is announced yet."):
            assert line in text
        assert not re.search("1\\.3\\.0|Priya|develop|<script|http:|https:", text)  # nobody has announced it
        async with http.get(address, headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        async with http.get(f"{address}.json") as answer:
            told = await answer.json()
        assert (told["works"], told["live"]["version"], told["coming"]) == (True, "1.2.2", [])

        await renew_address(app.ctx, Ask("U0PRIYA", "page_renew"), "page")
        elsewhere = f"{address.replace('/status/', '/calendar/')}.ics"
        for gone in (address, f"{address}.json", f"{address[:-1]}x", elsewhere):
            async with http.get(gone) as answer:
                assert answer.status == 404
        async with http.get(app.page.address(1)) as answer:
            assert answer.status == 200
