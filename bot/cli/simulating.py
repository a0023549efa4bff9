"""`simulate`: what would happen in the next weeks, and who would be told what and when. Nothing is touched."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.frame import WRONG_SETTINGS, fail, read_settings, run, say
from bot.cli.store import person_of
from bot.clock import SystemClock
from bot.collector import leave_out_all_that_is_here
from bot.policy_start import read_policy
from bot.settings import Settings
from core.domain.calendar import wall
from core.domain.policy import Policy, parse_policy

MOST_WEEKS = 104
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

From = Annotated[str, typer.Option("--from", metavar="DATE", help="the first day, like 2026-12-01; else today")]
Weeks = Annotated[int, typer.Option(help=f"how many weeks, 1 to {MOST_WEEKS}")]
File = Annotated[Path | None, typer.Option("--policy", help="a policy file; else the policy that counts now")]
Who = Annotated[str, typer.Option("--who", help="only what this person of the policy would get")]
Json = Annotated[bool, typer.Option("--json", help="for programs")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="simulate")(simulate)


def simulate(first: From = "", weeks: Weeks = 26, file: File = None, who: Who = "", as_json: Json = False) -> None:
    """Print what would happen in the next weeks and who would be told what and when. Nothing is sent or changed."""
    if not 1 <= weeks <= MOST_WEEKS:
        fail(f"--weeks is {weeks}; it can be 1 to {MOST_WEEKS}.", WRONG_SETTINGS)
    day = _day(first)
    say(run(_played(read_settings(), file, (day, weeks), who, as_json)))


def _day(first: str) -> date | None:
    if not first:
        return None
    try:
        return date.fromisoformat(first) if _DATE.fullmatch(first) else _no_day(first)
    except ValueError:
        return _no_day(first)


def _no_day(first: str) -> date:
    fail(f"--from is {first[:40]!r}; write a day of the calendar as year-month-day, like 2026-12-01.", WRONG_SETTINGS)


async def _played(
    settings: Settings, file: Path | None, span: tuple[date | None, int], who: str, as_json: bool
) -> str:
    from bot.simulate.listing import as_json as json_of
    from bot.simulate.listing import text
    from bot.simulate.playing import played
    from bot.simulate.present import present

    policy = await _policy(settings, file)
    person = person_of(policy, who) if who else ""
    begins = _begins(policy, span[0])
    leave_out_all_that_is_here()
    found = await played(policy, begins, span[1], await present(settings.database, policy))
    found = found.to(person) if person else found
    return json.dumps(json_of(found), ensure_ascii=False, indent=1) if as_json else text(found)


async def _policy(settings: Settings, file: Path | None) -> Policy:
    """The file that is named, else what counts in the store, else the file of the settings."""
    from bot.simulate.present import policy_text

    if file is not None:
        return read_policy(file, "--policy: ")
    stored = await policy_text(settings.database)
    return parse_policy(stored) if stored is not None else read_policy(settings.release_policy)


def _begins(policy: Policy, day: date | None) -> datetime:
    """The first instant: now for today, else midnight in the policy's zone."""
    now = SystemClock().now().replace(second=0, microsecond=0)
    today = now.astimezone(ZoneInfo(policy.zone)).date()
    if day is None or day == today:
        return now
    if day.year // 100 != 20:  # a slip of the pen, and there is no calendar behind the year 9999
        fail(f"--from is {day}; it can be {today} or any day after it in this century.", WRONG_SETTINGS)
    begins = wall(day, time(), policy.zone)
    if begins < now:
        fail(f"--from is {day}, which is over; it can be {today} or any day after it.", WRONG_SETTINGS)
    return begins
