"""GET /calendar/<secret>.ics: the calendar for other calendars."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import ClassVar
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.secret_address import SECRET, SecretAddress
from core.domain.feed import Event
from core.usecases.addresses import Which
from core.usecases.feed import calendar_events

REFRESH = timedelta(hours=1)  # how often a calendar is asked to look; some look once a day all the same
# In people's words: no calendar reads one with control characters or halves of a sign, and none is to be turned around.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class CalendarFeed(SecretAddress):
    """Trains, what leaves by them and its dates, and freezes."""

    __slots__ = ()
    which: ClassVar[Which] = "feed"
    name: ClassVar[str] = "calendar"
    ending: ClassVar[str] = ".ics"
    path: ClassVar[str] = f"/calendar/{SECRET}.ics"
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"Cache-Control": "private, max-age=300"})

    async def body(self, request: web.Request) -> tuple[bytes, str]:
        """Raises NotFound before the first policy."""
        name, found = await calendar_events(self.ctx)
        return written(f"Releases of {name}", found), "text/calendar"


def written(name: str, found: Sequence[Event]) -> bytes:
    """The events as iCalendar (RFC 5545, 7986), with the time zones that they name."""
    import icalendar  # here, because it takes a quarter of a second and few processes are asked for it

    calendar = icalendar.Calendar()
    for key, value in (("prodid", "-//release-bot//calendar//EN"), ("version", "2.0"), ("method", "PUBLISH"),
                       ("name", name), ("x-wr-calname", name), ("x-published-ttl", "PT1H")):  # fmt: skip
        calendar.add(key, value)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for one in found:
        event = icalendar.Event()
        event.add("uid", one.uid)
        event.add("summary", _NO_TEXT.sub("", one.title))
        event.add("dtstart", _local(one.starts, one.zone))
        event.add("dtend", _local(one.ends, one.zone))
        event.add("dtstamp", one.changed)
        event.add("last-modified", one.changed)
        event.add("sequence", one.sequence)
        event.add("status", "CANCELLED" if one.cancelled else "TENTATIVE" if one.free else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        if one.text:
            event.add("description", _NO_TEXT.sub("", one.text))
        calendar.add_component(event)
    days = [day for one in found for day in (_day(one.starts), _day(one.ends))]
    if days:  # a zone is written for these years and not for all since 1970
        calendar.add_missing_timezones(min(days).replace(month=1, day=1), max(days).replace(month=12, day=31))
    return bytes(calendar.to_ical())


def _day(when: datetime | date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _local(when: object, zone: str) -> object:
    return when.astimezone(ZoneInfo(zone)) if isinstance(when, datetime) else when
