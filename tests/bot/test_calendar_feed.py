"""The calendar's address: who has it reads it, a reader that has it reads nothing again, and a new one ends it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from itertools import islice

import aiohttp
import icalendar
import pytest
from dateutil.tz import tzical
from sqlalchemy import select

from bot import calendar_feed
from core.domain.calendar import Timetable, departures
from core.domain.feed import Event
from core.store.tables import outbox
from core.usecases.addresses import number_of, renew_address, send_address
from core.usecases.advance import Ask
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
        await renew_address(ctx, Ask("U0PRIYA", "calendar_renew"), "feed")
        with monkeypatch.context() as patched:  # strangers make nobody read and draw a calendar
            patched.setattr(calendar_feed, "calendar_events", None)
            for gone in (wrong, address):
                async with http.get(gone) as answer:
                    assert answer.status == 404
        async with http.get(feed.address(await number_of(ctx, "feed"))) as answer:
            assert answer.status == 200


async def test_the_address_comes_in_a_direct_message_and_lies_in_no_row(stages: Stages) -> None:
    async with stages() as stage:
        await send_address(stage.app.ctx, Ask("U0DANA", "subscribe"), "feed")
        await stage.app.settle()
        dana, secret = stage.slack.person("dana"), stage.app.feed.secret(0)
        assert secret in dana.reads(dana.dm()[-1])
        async with stage.app.ctx.store.database.reader.connect() as conn:
            stored = [str(row) for row in await conn.execute(select(outbox))]
        assert any("calendar_address" in row for row in stored) and not any(secret in row for row in stored)


# --- read by somebody else's rules ------------------------------------------------------------------------------------


def unfolded(body: bytes) -> list[tuple[str, dict[str, str], str]]:
    """RFC 5545, 3.1, read by hand: (name, parameters, value) of each line. Nothing of `icalendar` is used here."""
    assert body.endswith(b"\r\n") and b"\n" not in body.replace(b"\r\n", b"")
    lines = body[:-2].split(b"\r\n")
    assert all(0 < len(line) <= 75 for line in lines), "a line is longer than 75 octets"
    found = []
    for line in body[:-2].decode().replace("\r\n ", "").split("\r\n"):
        head, _, value = line.partition(":")
        name, *parameters = head.split(";")
        found.append((name, dict(p.split("=", 1) for p in parameters), value))
    return found


ZONES = ("America/New_York", "Europe/Berlin", "Australia/Sydney", "Australia/Lord_Howe", "America/Sao_Paulo")


@pytest.mark.parametrize("zone", ZONES)
def test_another_reader_finds_the_same_instants_in_every_zone(zone: str) -> None:
    """A year of trains: the zone that is written along is read by `dateutil`, which knows nothing of `icalendar`."""
    table = Timetable(date(2026, 12, 2), 2, time(10), zone)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    leaves = list(islice(departures(table, now), 26))
    title = "Asset Anchor: ein Zug, der fährt, " + "ä" * 60 + "; \\ und\nmehr"
    told = [
        Event(f"train-{n}@x", title, when, when + timedelta(hours=2), zone, n, now, "why, and; how")
        for n, when in enumerate(leaves)
    ]
    whole = Event("freeze@x", "Freeze", date(2026, 12, 20), date(2027, 1, 3), zone, 0, now, cancelled=True)
    body = calendar_feed.written("Releases", [*told, whole])
    rows = unfolded(body)
    open_: list[str] = []
    for name, _, value in rows:
        if name == "BEGIN":
            open_.append(value)
        elif name == "END":
            assert open_.pop() == value
    assert not open_
    zones = tzical(StringIO(body.decode().replace("\r\n", "\n")))
    starts = [(parameters, value) for name, parameters, value in rows if name == "DTSTART" and len(parameters) == 1]
    read = [
        datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zones.get(p["TZID"])).astimezone(UTC)
        for p, value in starts
        if "TZID" in p
    ]
    assert read == leaves
    assert ("DTSTART", {"VALUE": "DATE"}, "20261220") in rows and ("STATUS", {}, "CANCELLED") in rows
    stamps = [value for name, _, value in rows if name == "DTSTAMP"]
    uids = [value for name, _, value in rows if name == "UID"]
    assert len(uids) == len(set(uids)) == len(stamps) == 27 and all(s.endswith("Z") for s in stamps)
    said = next(value for name, _, value in rows if name == "SUMMARY")
    assert said == title.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def test_words_of_people_break_no_line_and_end_no_feed() -> None:
    at = datetime(2026, 12, 16, 15, tzinfo=UTC)
    words = "holidays\x00\x0b\x1b \ud800\u202e\r\nBEGIN:VALARM"
    body = calendar_feed.written("x", [Event("u", words, at, at, "UTC", 0, at, words)])
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert str(event["SUMMARY"]) == str(event["DESCRIPTION"]) == "holidays \nBEGIN:VALARM"
    assert {c for c in body if c < 32} == {10, 13}
