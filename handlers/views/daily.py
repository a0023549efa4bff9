"""The daily progress in a release's thread: what has moved since the last morning, what is open, who is next."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.views.card_state import open_reasons
from handlers.views.reasons import Reason
from handlers.views.writing import Data, Facts, counted, date_token, day_token, instant, listed, name, said

YESTERDAY = timedelta(hours=30)
STATES = ("development", "stabilization")


def progress_line(data: Data, facts: Facts) -> str:
    """`Since yesterday: 3 merged (#338, #341, #343), build green. Open: … Next: Ben; freeze in 2 days.`"""
    now = instant(data.get("now"))
    first = f"*{_since(data, facts)}:* {', '.join(_moved(data, facts)) or 'the checklist'}."
    return " ".join(filter(None, (first, _done(data), _open(facts), _stops(facts, now), _next(facts, now))))


def silent_line(data: Data, facts: Facts) -> str:
    """`Nothing has moved for 3 working days; 2 pull requests wait.`"""
    now, pulls = instant(data.get("now")), _pulls(facts)
    waits = f"; {counted(len(pulls), 'pull request waits', 'pull requests wait')}" if pulls else ""
    first = f"Nothing has moved for {int(data.get('days') or 0)} working days{waits}."
    return " ".join(filter(None, (first, _stops(facts, now), _next(facts, now))))


def quiet_line(facts: Facts) -> str:
    """What the card says after a day without movement; "" while something moves."""
    told = facts.get("progress") or {}
    if not told.get("silent") or facts.get("phase") not in STATES or facts.get("hold"):
        return ""
    return f"Nothing has moved since {day_token(facts, told['moved_at'])}."


def _since(data: Data, facts: Facts) -> str:
    since, now = instant(data.get("since")), instant(data.get("now"))
    if since and now and now - since < YESTERDAY:
        return "Since yesterday"
    return f"Since {day_token(facts, data.get('since'))}"


def _moved(data: Data, facts: Facts) -> list[str]:
    merged, refs = int(data.get("merged") or 0), [said(r) for r in data.get("refs") or ()]
    found = []
    if merged:
        found.append(f"{merged} merged" + (f" ({', '.join(refs)})" if refs else ""))
    if closed := int(data.get("closed") or 0):
        found.append(counted(closed, "issue closed", "issues closed"))
    if data.get("candidate"):
        found.append(f"`{said(data['candidate'])}` tagged")
    if data.get("phase"):
        found.append(f"now in {said(data['phase'])}")
    checks = facts.get("checks") or {}
    if checks and not checks.get("running"):  # of the newest commit
        failed = len(checks.get("failed") or ())
        found.append(counted(failed, "check fails", "checks fail") if failed else "build green")
    return found


def _done(data: Data) -> str:
    met = [said(x) for x in data.get("met") or ()]
    return f"*Done:* {listed(met, most=4)}." if met else ""


def _pulls(facts: Facts) -> list[str]:
    offers = facts.get("offers") or ()
    return [said(o["ref"]) for o in offers if o["kind"] == "pull" and o["state"] == "open"]


def _open(facts: Facts) -> str:
    pulls = _pulls(facts)
    return f"*Open:* {counted(len(pulls), 'pull request')} ({listed(pulls, most=4)})." if pulls else ""


def _found(facts: Facts, now: datetime | None) -> list[Reason]:
    return [r for r in open_reasons(facts, now) if not r.later] if now else []


def _stops(facts: Facts, now: datetime | None) -> str:
    titles = list(dict.fromkeys(r.title for r in _found(facts, now)))
    return f"*Blocks:* {listed(titles, most=3)}." if titles else ""


def _next(facts: Facts, now: datetime | None) -> str:
    """Whose move it is, by name: nobody is pinged every morning."""
    people = list(dict.fromkeys(p for r in _found(facts, now) for p in r.people))
    parts = [listed([said(name(facts, p)) for p in people], "and", 3)] if people else []
    for what, key in (("freeze", "freeze_at"), ("departure", "departs_at")):
        at = instant(facts.get(key))
        if at and now and at > now:
            parts.append(f"{what} {date_token(facts, facts[key])}")
            break
    return f"*Next:* {'; '.join(parts)}." if parts else ""
