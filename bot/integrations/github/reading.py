"""GitHub's JSON as the plain data of the core; what GitHub leaves out becomes the field's default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from core.domain.forge import Check, CheckState, Issue, Milestone, Pull

Json = Mapping[str, Any]

CONCLUSIONS: Mapping[str, CheckState] = {"success": "passed", "neutral": "skipped", "skipped": "skipped"}
STATUSES: Mapping[str, CheckState] = {"success": "passed", "pending": "running"}
WORST: Sequence[CheckState] = ("failed", "running", "passed", "skipped")
VERDICTS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")  # a comment leaves the verdict as it was


def pull_of(told: Json) -> Pull:
    """A pull request as a list or a single answer shows it; neither names its reviewers."""
    base, head = told.get("base") or {}, told.get("head") or {}
    merged = bool(told.get("merged_at"))
    return Pull(
        number=int(told["number"]),
        title=str(told.get("title") or ""),
        body=str(told.get("body") or ""),
        labels=_labels(told),
        author=_login(told),
        state="merged" if merged else "closed" if told.get("state") == "closed" else "open",
        base=str(base.get("ref") or ""),
        head=str(head.get("ref") or ""),
        url=str(told.get("html_url") or ""),
        milestone=str((told.get("milestone") or {}).get("title") or ""),
        head_sha=str(head.get("sha") or ""),
        merge_sha=str(told.get("merge_commit_sha") or "") if merged else "",
        commits=int(told.get("commits") or 0),
        opened_at=instant(told.get("created_at")),
    )


def reviewed(pull: Pull, reviews: Iterable[Json]) -> Pull:
    """The pull request with those whose last verdict is an approval; its author and bots approve nothing."""
    last: dict[str, Json] = {}
    for review in reviews:  # oldest first
        if review.get("state") in VERDICTS and (review.get("user") or {}).get("type") != "Bot":
            last[_login(review)] = review
    by = {
        login: str(review.get("commit_id") or "")
        for login, review in last.items()
        if login and review["state"] == "APPROVED" and login.casefold() != pull.author.casefold()
    }
    return replace(
        pull,
        reviewers=tuple(sorted(login for login, sha in by.items() if sha == pull.head_sha)),
        reviewers_before=tuple(sorted(login for login, sha in by.items() if sha != pull.head_sha)),
    )


def milestone_of(told: Json) -> Milestone:
    return Milestone(
        number=int(told["number"]),
        title=str(told.get("title") or ""),
        state="closed" if told.get("state") == "closed" else "open",
        open=int(told.get("open_issues") or 0),
        closed=int(told.get("closed_issues") or 0),
        due=_day(told.get("due_on")),
        url=str(told.get("html_url") or ""),
    )


def issue_of(told: Json) -> Issue:
    pull = told.get("pull_request")
    return Issue(
        number=int(told["number"]),
        title=str(told.get("title") or ""),
        state="closed" if told.get("state") == "closed" else "open",
        labels=_labels(told),
        author=_login(told),
        url=str(told.get("html_url") or ""),
        is_pull=pull is not None,
        merged=bool((pull or {}).get("merged_at")),
    )


def run_of(told: Json) -> Check:
    """A check run, or a workflow run of GitHub Actions: both have status and conclusion."""
    running = told.get("status") != "completed"
    ended = told.get("completed_at") or told.get("updated_at") or told.get("started_at")
    return Check(
        str(told.get("name") or ""),
        "running" if running else CONCLUSIONS.get(str(told.get("conclusion")), "failed"),
        str(told.get("html_url") or told.get("details_url") or ""),
        instant(told.get("started_at") or told.get("run_started_at") if running else ended),
    )


def status_of(told: Json) -> Check:
    """A commit status, as systems report that are older than check runs."""
    return Check(
        str(told.get("context") or ""),
        STATUSES.get(str(told.get("state")), "failed"),
        str(told.get("target_url") or ""),
        instant(told.get("updated_at")),
    )


def by_name(checks: Iterable[Check]) -> tuple[Check, ...]:
    """One check for each name; of several the worst, because a failure must not hide behind its namesake."""
    found: dict[str, Check] = {}
    for check in checks:
        known = found.get(check.name)
        if known is None or WORST.index(check.state) < WORST.index(known.state):
            found[check.name] = check
    return tuple(found[name] for name in sorted(found))


def instant(text: Any) -> datetime | None:
    """GitHub's time as aware UTC."""
    if not isinstance(text, str):
        return None
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def noon(day: date) -> str:
    """A due date as GitHub wants it: it keeps the Pacific day of an instant, and noon UTC is the same day there."""
    return f"{day.isoformat()}T12:00:00Z"


def _day(text: Any) -> date | None:
    return date.fromisoformat(text[:10]) if isinstance(text, str) else None


def _labels(told: Json) -> tuple[str, ...]:
    labels = told.get("labels") or []
    return tuple(str(label["name"]) if isinstance(label, Mapping) else str(label) for label in labels)


def _login(told: Json) -> str:
    return str((told.get("user") or {}).get("login") or "")
