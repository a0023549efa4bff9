"""Milestones and issues: what is planned for a version, and how much of it is done."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from sandbox.github import shapes
from sandbox.github.call import NULL, Call, Listing, route
from sandbox.github.errors import invalid, not_found
from sandbox.github.records import Json, Milestone

PACIFIC = ZoneInfo("America/Los_Angeles")
EITHER = "issues=write | pull_requests=write"
FIELDS = {"title": str, "state": str, "description": (str, NULL), "due_on": (str, NULL)}


def list_milestones(call: Call) -> Listing:
    state = call.choice("state", ("open", "closed", "all"))
    found = [one for one in call.hub.milestones.values() if state in ("all", one.state)]
    far = datetime.max.replace(tzinfo=UTC)
    found.sort(key=lambda one: one.due_on or far, reverse=call.query.get("direction") == "desc")
    return Listing([shapes.milestone(call.hub, one) for one in found])


def create_milestone(call: Call) -> Json:
    if not str(call.body.get("title", "")).strip():
        raise invalid("Milestone", "title", "missing_field")
    number = max(call.hub.milestones, default=0) + 1
    one = Milestone(number, "", call.hub.now())
    _change(call, one)
    call.hub.milestones[number] = one
    call.hub.tell("milestone", "created", milestone=shapes.milestone(call.hub, one))
    return shapes.milestone(call.hub, one)


def update_milestone(call: Call) -> Json:
    one = call.hub.milestones.get(call.number())
    if one is None:
        raise not_found()
    was = one.state
    _change(call, one)
    action = "edited" if was == one.state else "closed" if one.state == "closed" else "opened"
    call.hub.tell("milestone", action, milestone=shapes.milestone(call.hub, one))
    return shapes.milestone(call.hub, one)


def _change(call: Call, one: Milestone) -> None:
    sent = call.body
    title = str(sent.get("title", one.title)).strip()
    if any(other.title == title and other is not one for other in call.hub.milestones.values()):
        raise invalid("Milestone", "title", "already_exists")
    if len(title) > 255:
        raise invalid("Milestone", "title")
    if sent.get("state", "open") not in ("open", "closed"):
        raise invalid("Milestone", "state", value=sent["state"])
    due = _due(sent["due_on"]) if sent.get("due_on") else None
    one.title = title
    one.state = sent.get("state", one.state)
    one.description = sent.get("description", one.description)
    one.due_on = due if "due_on" in sent else one.due_on


def _due(text: str) -> datetime:
    """GitHub keeps a day, not an instant: the one that it is in California at that moment."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("Milestone", "due_on", value=text) from None
    if at.tzinfo is None:
        raise invalid("Milestone", "due_on", value=text)
    return datetime.combine(at.astimezone(PACIFIC).date(), time(), PACIFIC).astimezone(UTC)


def list_issues(call: Call) -> Listing:
    """Issues and pull requests together, as GitHub lists them."""
    state = call.choice("state", ("open", "closed", "all"))
    wanted = call.query.get("milestone")
    if wanted is not None and wanted not in ("none", "*") and not (
        wanted.isdigit() and int(wanted) in call.hub.milestones
    ):  # fmt: skip
        raise invalid("Issue", "milestone", value=wanted)
    found = [
        one
        for one in call.hub.issues.values()
        if state in ("all", one.state)
        and (
            wanted is None
            or (wanted == "none" and one.milestone is None)
            or (wanted == "*" and one.milestone is not None)
            or (wanted.isdigit() and one.milestone == int(wanted))
        )
    ]
    found.sort(key=lambda one: one.number, reverse=call.query.get("direction", "desc") == "desc")
    return Listing([shapes.issue(call.hub, one) for one in found])


ROUTES = (
    route("milestones.list", "GET /repos/{repo}/milestones", list_milestones, "issues=read | pull_requests=read"),
    route("milestones.create", "POST /repos/{repo}/milestones", create_milestone, EITHER, fields=FIELDS, status=201),
    route("milestones.update", "PATCH /repos/{repo}/milestones/{number}", update_milestone, EITHER, fields=FIELDS),
    route("issues.list", "GET /repos/{repo}/issues", list_issues, "issues=read"),
)
