"""The ways on from a failed run in words: what speaks for each, what against it, how long it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.pipeline.recovery import Known, Point, Way, ways
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views.marks import DONE, LOOK, NOT_YET
from handlers.views.pressing import press
from handlers.views.writing import Facts, counted, date_token, lasted, listed, said

MARKS = {"for": DONE, "against": LOOK, "unknown": NOT_YET}
# {version} and the like come from the point; {n} is its count in words, {t} its time, {at} its instant as a date.
POINTS: Mapping[str, str] = {
    "passed_before": "{n} passed on v{version}",
    "failed_before": "{n} failed on v{version} too: going back does not mend that",
    "passed_before_unknown": "Nobody knows whether {n} passed on v{version}",
    "schema_none": "No database is part of it",
    "schema_same": "The database was not changed, nothing has to be restored",
    "schema_runs": "v{version} runs on the new database, nothing has to be restored",
    "schema_unknown": "Nobody has said whether v{version} runs on the new database",
    "schema_breaks": "v{version} does not run on the new database",
    "down_keeps": "The migrations go down again first; what was written since stays",
    "no_way_down": "A migration has no way down: the backup has to be restored, by two people",
    "down_unknown": "Nobody knows whether the migrations can go down again",
    "backup_verified": "The backup of {at} is {t} old and was restored once to prove it",
    "backup_unproven": "The backup of {at} is {t} old, and nobody has proven that it can be restored",
    "backup_missing": "There is no backup",
    "written_lost": "{n} written since {at} would be lost",
    "written_unknown": "What was written since {at} would be lost; nobody has counted it",
    "nothing_written": "Nothing was written since {at}",
    "live_short": "Live for {t}, so little has happened on it",
    "live_long": "Live for {t}: people have worked with it",
    "serves_nobody": "The new version serves nobody yet",
    "live_unknown": "Nobody knows since when people meet it",
    "changes_leave": "{n} with it",
    "guards_all": "It guards {n} that failed",
    "guards_part": "It does not guard {left}, which would still fail",
    "guards_unknown": "Nobody has said whether it guards what failed",
    "flag_state_unknown": "I do not know whether it is on",
    "share_loses": "{who} lose what is behind it",
    "keeps_release": "Keeps the release",
    "fails_meanwhile": "What fails goes on failing meanwhile",
    "needs_approval": "A hotfix needs its approvals",
    "only_looks": "It only looks; nothing is changed",
    "may_repeat": "The step may be done twice",
    "not_repeatable": "The step may not be done twice: look at the host first",
    "done_twice": "If it did its work already, it would be done twice",
    "tried": "It was tried {count} times",
}
USELESS: Mapping[str, str] = {
    "no_version_before": "no version before this one is known",
    "nothing_changed": "nothing has changed in production yet",
    "no_way_for_data": "there is neither a way down for the database nor a backup",
    "no_flag": "the release names no flag",
    "flag_is_off": "it is off in production already",
    "guards_nothing": "it guards nothing of what failed",
}
SUGGESTED: Mapping[str, str] = {
    "isolates": "it takes away exactly what fails",
    "nothing_lost": "nothing is lost by it",
    "only_way": "no other way can help",
}
SHORT = {"rollback": "Roll back", "flag_off": "Switch a flag off", "fix_forward": "Fix forward", "retry": "Try again"}


def way_blocks(facts: Facts, known: Known) -> list[Block | None]:
    """One section for each way that changes something; `retry` is a button of the message itself."""
    found = [w for w in ways(known) if w.name != "retry"]
    return [b.context(_suggestion(facts, known, found)), *(_section(facts, w) for w in found)]


def _suggestion(facts: Facts, known: Known, found: Sequence[Way]) -> str:
    """Which way and why, or why none."""
    best = next((w for w in found if w.suggested), None)
    if best is not None:
        return f"*Suggested: {SHORT[best.name].lower()}*, because {SUGGESTED[best.suggested]}."
    if known.outcome == "unknown":
        return "*No suggestion* before somebody has looked there."
    missing = next((p for w in found if not w.useless for p in w.points if p.says == "unknown"), None)
    if missing is None:
        return "*No suggestion*: each way costs something."
    text = point_text(facts, missing)
    return f"*No suggestion*: {text[:1].lower()}{text[1:]}."


def said_of(facts: Facts, known: Known | None, name: str, item: str = "") -> str:
    """What speaks for one way and against it, as it is now, for the form behind its button."""
    found = [w for w in ways(known) if w.name == name] if known is not None else []
    way = next((w for w in found if w.item == item), found[0] if found else None)
    if way is None:
        return ""
    if way.useless:
        return f"{LOOK} It cannot help: {USELESS[way.useless]}."
    points = [p for p in way.points if p.code != "changes_leave"]  # the form says it by itself
    return "\n".join([f"*It takes*: {took(way.seconds)}", *(f"{MARKS[p.says]} {point_text(facts, p)}" for p in points)])


def _section(facts: Facts, way: Way) -> Block:
    block_id = f"{way.name}.{way.item}" if way.name == "flag_off" and way.item else way.name
    if way.useless:
        return b.section(f"{NOT_YET} {_title(way)} cannot help: {USELESS[way.useless]}.", block_id)
    lines = "\n".join(f"{MARKS[p.says]} {point_text(facts, p)}" for p in way.points)
    ours = any(p.code == "share_loses" for p in way.points)  # then it is switched by the button
    label, item = ("Switch off…" if ours else "", way.item) if way.name == "flag_off" else ("", "")
    button = press(facts, way.name, primary=bool(way.suggested), item=item, label=label)
    return b.section(f"{_title(way)}\n{lines}", block_id, button)


def _title(way: Way) -> str:
    what = f"*{SHORT[way.name]}*"
    if way.name == "rollback" and way.item:
        what = f"*Roll back to v{said(way.item)}*"
    elif way.name == "flag_off" and way.item:
        what = f"*Switch off* `{said(way.item, 60)}`"
    elif way.name == "fix_forward" and way.item:
        what = f"*Fix forward with v{said(way.item)}*"
    if way.useless:
        return what
    return "  ·  ".join([what, took(way.seconds), *(["_suggested_"] if way.suggested else [])])


def took(seconds: Sequence[int] | None) -> str:
    """`about 4 min`, `last ones took 55 to 140 min`, `no estimate yet`."""
    if not seconds:
        return "no estimate yet"
    least, usual, most = seconds
    if most > 2 * max(least, 1):
        return f"last ones took {lasted(least)} to {lasted(most)}"
    return f"about {lasted(usual if usual < 120 else round(usual / 60) * 60)}"


def point_text(facts: Facts, point: Point) -> str:
    """One point in words; what comes from outside is escaped."""
    data: dict[str, Any] = {k: said(v, 60) if isinstance(v, str) else v for k, v in point.data.items()}
    count = int(point.data.get("count") or 0)
    data["n"] = _counted(point.code, count)
    seconds = float(point.data.get("seconds") or 0)
    data["t"] = lasted(seconds) if seconds >= 1 else "a moment"
    data["at"] = date_token(facts, point.data.get("at"), "{time}")
    data["version"] = data.get("version") or "?"
    data["left"] = listed([f"`{said(x, 40)}`" for x in point.data.get("left") or ()], "and", 3)
    share = point.data.get("share")
    data["who"] = f"{share} % of users" if share is not None else "All who have it"
    return POINTS[point.code].format_map(data)


def _counted(code: str, count: int) -> str:
    if code in ("passed_before", "failed_before", "passed_before_unknown"):
        found = {1: "The check", 2: "Both checks"}.get(count, f"All {count} checks")
        return found if code != "passed_before_unknown" else f"{found[0].lower()}{found[1:]}"
    if code == "guards_all":
        return {1: "the check", 2: "both checks"}.get(count, f"all {count} checks")
    if code == "changes_leave":
        return {0: "What it brought leaves", 1: "Its 1 change leaves"}.get(count, f"All {count:,} changes leave")
    return counted(count, "row" if code == "written_lost" else "change")
