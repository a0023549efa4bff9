"""The digests in the thread: a closed release, and last week, in five lines at most; what was not seen is not told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from handlers import ids
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views.metrics_words import days
from handlers.views.writing import Data, Facts, counted, day_token, listed, long_token, role_title, said

MOST = 5


def release(data: Data, facts: Facts) -> str:
    """`v1.3.0 in numbers`, when it is closed."""
    numbers: Mapping[str, Any] = data.get("numbers") or {}
    tag = said(facts.get("tag") or "The release")
    took = f" It was live {days(numbers['took'])} after its start." if numbers.get("took") else ""
    posts, most = int(facts.get("posts") or 0), int(facts.get("most_posts") or 0)
    said_of = f"• Channel posts {posts}, budget {most}." if posts and most else ""
    return _lines(f"*{tag} in numbers.*{took}", [*_facts(numbers, facts), said_of])


def week(data: Data, facts: Facts) -> str:
    """Last week, and what comes next."""
    numbers: Mapping[str, Any] = data.get("numbers") or {}
    count, failed = int(numbers.get("deployments") or 0), int(numbers.get("failed") or 0)
    went = f", {failed} of them failed or taken back" if failed else ""
    first = f"*The week of {day_token(facts, data.get('monday'))}:* {counted(count, 'deployment')} to production{went}."
    ahead = ""
    if facts.get("departs_at") and not facts.get("live_at"):
        ahead = f"• Next: {said(facts.get('tag'))} leaves {long_token(facts, facts['departs_at'])}."
    found = list(_facts(numbers, facts))[: MOST - 1 - bool(ahead)]
    return _lines(first, [*found, ahead])


def short(numbers: Mapping[str, Any]) -> list[str]:
    """Three lines at most, for Home."""
    count, failed = int(numbers.get("deployments") or 0), int(numbers.get("failed") or 0)
    if not count:
        return ["Nothing went to production."]
    went = f", {failed} of them failed or taken back" if failed else ""
    return [f"{counted(count, 'deployment')} to production{went}.", *list(_facts(numbers, {}))[:2]]


def _lines(first: str, rest: list[str]) -> str:
    return "\n".join([first, *(line for line in rest if line)][:MOST])


def _facts(numbers: Mapping[str, Any], facts: Facts) -> Iterator[str]:
    """What matters most comes first."""
    found: Mapping[str, Mapping[str, Any]] = numbers.get("measures") or {}
    if lead := found.get("lead_time"):
        yield f"• Lead time: {_of_durations(lead, 'change')}."
    if burned := found.get("time_to_resolve"):
        yield f"• Incidents solved: {burned['n']}, after {_of_durations(burned, '')}."
    if back := found.get("recovery_time"):
        yield f"• Recovery of a failed deployment: {_of_durations(back, 'failure')}."
    if waits := found.get("approval_wait"):
        longest = str(waits.get("longest") or "")
        where = f", longest with {said(role_title(facts, longest), 40)}" if longest else ""
        yield f"• Approvals waited {_of_durations(waits, 'answer')}{where}."
    if missed := int((found.get("trains_missed") or {}).get("part") or 0):
        yield f"• Departures missed: {missed}."
    told = [(int(found.get(code, {}).get("part") or 0), one) for code, one in (("bugs", "bug"), ("feedback", "remark"))]
    if any(count for count, _ in told):
        yield f"• Reported: {listed([counted(count, one) for count, one in told if count])}."


def _of_durations(measure: Mapping[str, Any], one: str) -> str:
    """`6 days at the median of 84 changes`; the values themselves where they are too few for one."""
    n = int(measure["n"])
    if measure.get("value") is not None:
        return f"{days(measure['value'])} at the median{f' of {counted(n, one)}' if one else ''}"
    values = listed([days(value) for value in measure.get("few") or ()])
    return f"{values}{f' ({counted(n, one)})' if one else ''}"


def ways(moment: str, data: Data) -> Block | None:
    """From a week to all its numbers."""
    if moment != "digest_week" or not data.get("period"):
        return None
    return b.actions(b.button("All numbers", "metrics", ids.value(None, str(data["period"]))), block_id="do")


LINES = {"digest_release": release, "digest_week": week}
