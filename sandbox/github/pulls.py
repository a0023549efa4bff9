"""Pull requests and their reviews, held against the branches that are really there."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.github import shapes
from sandbox.github.call import NULL, Call, Listing, route
from sandbox.github.errors import invalid, too_long, wrong
from sandbox.github.records import Issue, Json, PullPart
from sandbox.github.state import Hub

LONGEST_BODY, LONGEST_TITLE = 65_536, 256
FIELDS = {
    "title": str, "head": str, "base": str, "body": (str, NULL), "draft": bool, "maintainer_can_modify": bool,
}  # fmt: skip


def list_pulls(call: Call) -> Listing:
    state = call.choice("state", ("open", "closed", "all"))
    owner, _, head = call.query.get("head", "").partition(":")
    found = [
        (issue, pull)
        for issue, pull in call.hub.pulls()
        if state in ("all", issue.state)
        and call.query.get("base", pull.base) == pull.base
        and (not head or (owner == call.hub.owner and head == pull.head))  # without an owner GitHub does not filter
    ]
    direction = call.choice("direction", ("desc", "asc"))
    found.sort(key=lambda one: one[0].number, reverse=direction == "desc")
    return Listing([shapes.pull(call.hub, issue, pull) for issue, pull in found])


def get_pull(call: Call) -> Json:
    issue, pull = call.hub.pull(call.number())
    return shapes.pull(call.hub, issue, pull, whole=True)


def list_reviews(call: Call) -> Listing:
    _, pull = call.hub.pull(call.number())
    return Listing([shapes.review(one) for one in pull.reviews])


def create_pull(call: Call) -> Json:
    sent = call.body
    for name in ("head", "base", "title"):
        if not str(sent.get(name) or "").strip():
            raise invalid("PullRequest", name, "missing_field")
    if len(sent["title"]) > LONGEST_TITLE:
        raise too_long("PullRequest", "title", LONGEST_TITLE)
    if len(sent.get("body") or "") > LONGEST_BODY:
        raise too_long("PullRequest", "body", LONGEST_BODY)
    head = sent["head"].removeprefix(f"{call.hub.owner}:")
    wanted = Wanted(head, sent["base"], call.token.login, sent["title"], sent.get("body") or "")
    issue, pull = call.hub.pull(opened(call.hub, wanted).number)
    return shapes.pull(call.hub, issue, pull, whole=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pull request somebody wants to open; number 0 takes the next one."""

    head: str
    base: str
    by: str
    title: str
    body: str = ""
    number: int = 0


def opened(hub: Hub, wanted: Wanted) -> Issue:
    """Open it, by the rules that hold for people and programs alike."""
    head, base = wanted.head, wanted.base
    tip, onto = hub.refs.head(head), hub.refs.head(base)
    for name, found in (("head", tip), ("base", onto)):
        if found is None:
            raise invalid("PullRequest", name)
    assert tip is not None
    assert onto is not None
    if hub.refs.count(onto, tip) == 0:
        raise wrong("PullRequest", f"No commits between {base} and {head}")
    if any(one.state == "open" and (part.head, part.base) == (head, base) for one, part in hub.pulls()):
        raise wrong("PullRequest", f"A pull request already exists for {hub.owner}:{head}.")
    part = PullPart(head, base, tip, onto)
    number = wanted.number or hub.next_number()
    issue = hub.issues[number] = Issue(number, wanted.title, wanted.body, wanted.by, hub.now(), pull=part)
    hub.refs.move(f"refs/pull/{issue.number}/head", tip)
    hub.tell("pull_request", "opened", number=issue.number)
    return issue


ROUTES = (
    route("pulls.list", "GET /repos/{repo}/pulls", list_pulls, "pull_requests=read"),
    route("pulls.get", "GET /repos/{repo}/pulls/{number}", get_pull, "pull_requests=read"),
    route("pulls.reviews", "GET /repos/{repo}/pulls/{number}/reviews", list_reviews, "pull_requests=read"),
    route("pulls.create", "POST /repos/{repo}/pulls", create_pull, "pull_requests=write", fields=FIELDS, status=201),
)
