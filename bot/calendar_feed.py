"""GET /calendar/<secret>.ics: the calendar for other calendars, with an ETag; a wrong secret finds nothing.

The secret is made of Slack's signing secret and a number in the store, so that no backup and no export holds it; with
another number every address that was given away ends.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.tokens import part_of_address
from core.domain.feed import Event
from core.errors import NotFound
from core.usecases.context import Context
from core.usecases.feed import calendar_events, present_address

PATH = "/calendar/{secret:[0-9a-f]{40}}.ics"
REFRESH = timedelta(hours=1)  # how often a calendar is asked to look; some look once a day all the same


@dataclass(slots=True)
class CalendarFeed:
    """`base` is where the web server is reached, "" when it is not; `key` makes the secrets."""

    ctx: Context
    key: str = field(repr=False)
    base: str = ""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.handle)]

    def address(self, number: int) -> str:
        """The address with this number; "" where nobody could reach it."""
        return f"{self.base.rstrip('/')}/calendar/{self.secret(number)}.ics" if self.base and self.key else ""

    def secret(self, number: int) -> str:
        return part_of_address(self.key, "calendar", self.ctx.product, number)

    async def handle(self, request: web.Request) -> web.Response:
        """200 with the calendar, 304 when the reader has it, 404 for any other secret than the present one."""
        if not self.key:  # a secret that is made of nothing is none
            return web.Response(status=404)
        present = self.secret(await present_address(self.ctx))  # first, so that strangers make no calendar be drawn
        if not hmac.compare_digest(request.match_info["secret"], present):
            return web.Response(status=404)
        try:
            name, found = await calendar_events(self.ctx)
        except NotFound:  # before the first policy
            return web.Response(status=404)
        body = written(f"Releases of {name}", found)
        tag = hashlib.sha256(body).hexdigest()[:32]
        headers = {"Cache-Control": "private, max-age=300", "ETag": f'"{tag}"', "Referrer-Policy": "no-referrer"}
        known = request.if_none_match or ()
        if any(one.value in (tag, "*") for one in known):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers, content_type="text/calendar", charset="utf-8")


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
        event.add("summary", one.title)
        event.add("dtstart", _local(one.starts, one.zone))
        event.add("dtend", _local(one.ends, one.zone))
        event.add("dtstamp", one.changed)
        event.add("last-modified", one.changed)
        event.add("sequence", one.sequence)
        event.add("status", "CANCELLED" if one.cancelled else "TENTATIVE" if one.free else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        if one.text:
            event.add("description", one.text)
        calendar.add_component(event)
    days = [day for one in found for day in (_day(one.starts), _day(one.ends))]
    if days:  # a zone is written for these years and not for all since 1970
        calendar.add_missing_timezones(min(days).replace(month=1, day=1), max(days).replace(month=12, day=31))
    return bytes(calendar.to_ical())


def _day(when: datetime | date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _local(when: object, zone: str) -> object:
    return when.astimezone(ZoneInfo(zone)) if isinstance(when, datetime) else when
