"""The calendar's address: who has it reads it, a reader that has it reads nothing again, and a new one ends it."""

from __future__ import annotations

import aiohttp
import icalendar
import pytest
from sqlalchemy import select

from bot import calendar_feed
from core.store.tables import outbox
from core.usecases.advance import Ask
from core.usecases.feed import present_address, renew, subscribe
from core.usecases.trains import skip
from tests.bot.conftest import Stages


async def test_the_feed_from_the_address_to_its_end(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stages() as stage, aiohttp.ClientSession() as http:
        ctx, feed = stage.app.ctx, stage.app.feed
        address = feed.address(0)
        async with http.get(address) as answer:
            assert (answer.status, answer.content_type) == (200, "text/calendar")
            body, tag = await answer.read(), answer.headers["ETag"]
        async with http.get(address, headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        calendar = icalendar.Calendar.from_ical(body)
        assert not calendar.errors and [str(z["TZID"]) for z in calendar.walk("VTIMEZONE")] == ["America/New_York"]
        free = {str(e["UID"]): e for e in calendar.walk("VEVENT")}
        at = min(e["DTSTART"].dt for e in free.values())
        assert (at.hour, at.minute, str(at.tzinfo)) == (10, 0, "America/New_York")
        assert {str(e["STATUS"]) for e in free.values()} == {"TENTATIVE"}

        first = min(free.values(), key=lambda e: e["DTSTART"].dt)
        said = {"at": first["DTSTART"].dt.isoformat(), "reason": "holidays"}
        await skip(ctx, Ask("U0PRIYA", "skip", input=said))
        async with http.get(address, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 200
            again = icalendar.Calendar.from_ical(await answer.read())
        changed = next(e for e in again.walk("VEVENT") if e["UID"] == first["UID"])
        assert (str(changed["STATUS"]), changed["SEQUENCE"], first["SEQUENCE"]) == ("CANCELLED", 1, 0)

        wrong = address.replace(feed.secret(0), "0" * 40)
        await renew(ctx, Ask("U0PRIYA", "calendar_renew"))
        with monkeypatch.context() as patched:  # strangers make nobody read and draw a calendar
            patched.setattr(calendar_feed, "calendar_events", None)
            for gone in (wrong, address):
                async with http.get(gone) as answer:
                    assert answer.status == 404
        async with http.get(feed.address(await present_address(ctx))) as answer:
            assert answer.status == 200


async def test_the_address_comes_in_a_direct_message_and_lies_in_no_row(stages: Stages) -> None:
    async with stages() as stage:
        await subscribe(stage.app.ctx, Ask("U0DANA", "subscribe"))
        await stage.app.settle()
        dana, secret = stage.slack.person("dana"), stage.app.feed.secret(0)
        assert secret in dana.reads(dana.dm()[-1])
        async with stage.app.ctx.store.database.reader.connect() as conn:
            stored = [str(row) for row in await conn.execute(select(outbox))]
        assert any("calendar_address" in row for row in stored) and not any(secret in row for row in stored)
