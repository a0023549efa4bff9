"""How GitHub shows its records: the fields that a client may rely on."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from sandbox.github.records import Asset, Issue, Json, Milestone, PullPart, Release, Review, Run, Status
from sandbox.github.state import Hub


def when(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else None


def person(login: str, *, is_bot: bool = False) -> Json:
    return {"login": login, "type": "Bot" if is_bot else "User", "site_admin": False}


def repository(hub: Hub, *, writes: bool) -> Json:
    return {
        "full_name": hub.repository,
        "name": hub.repository.partition("/")[2],
        "owner": person(hub.owner),
        "private": hub.private,
        "archived": False,
        "default_branch": hub.default_branch,
        "has_issues": True,
        "permissions": {"admin": False, "maintain": False, "push": writes, "triage": writes, "pull": True},
    }


def milestone(hub: Hub, one: Milestone) -> Json:
    of = [issue for issue in hub.issues.values() if issue.milestone == one.number]
    return {
        "url": f"{_api(hub)}/milestones/{one.number}",
        "html_url": f"{_page(hub)}/milestone/{one.number}",
        "id": 9000 + one.number,
        "number": one.number,
        "title": one.title,
        "description": one.description,
        "state": one.state,
        "open_issues": sum(issue.state == "open" for issue in of),
        "closed_issues": sum(issue.state == "closed" for issue in of),
        "created_at": when(one.at),
        "due_on": when(one.due_on),
    }


def issue(hub: Hub, one: Issue) -> Json:
    """As the list of issues shows it; a pull request is told by the field `pull_request`."""
    told = _common(hub, one) | {"html_url": f"{_page(hub)}/{'pull' if one.pull else 'issues'}/{one.number}"}
    if one.pull is not None:
        told["pull_request"] = {
            "url": f"{_api(hub)}/pulls/{one.number}",
            "html_url": told["html_url"],
            "merged_at": when(one.pull.merged_at),
        }
    return told


def pull(hub: Hub, one: Issue, part: PullPart, *, whole: bool = False) -> Json:
    """As a list shows it; `whole` adds what only the single one has."""
    told = _common(hub, one) | {
        "html_url": f"{_page(hub)}/pull/{one.number}",
        "draft": False,
        "merged_at": when(part.merged_at),
        "merge_commit_sha": part.merge_sha or None,
        "head": _side(hub, part.head, part.head_sha),
        "base": _side(hub, part.base, part.base_sha),
    }
    if not whole:
        return told
    clean = hub.refs.merged(part.base_sha, part.head_sha) is not None if one.state == "open" else None
    return told | {
        "merged": part.merged_at is not None,
        "mergeable": clean,
        "mergeable_state": {True: "clean", False: "dirty", None: "unknown"}[clean],
        "commits": max(1, hub.refs.count(part.base_sha, part.head_sha)),
    }


def review(one: Review) -> Json:
    return {
        "id": one.id,
        "user": person(one.by, is_bot=one.is_bot),
        "state": one.state,
        "commit_id": one.commit_id,
        "submitted_at": when(one.at),
    }


def run(hub: Hub, one: Run) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "head_sha": one.sha,
        "status": one.status,
        "conclusion": one.conclusion,
        "started_at": when(one.at),
        "completed_at": when(one.at) if one.status == "completed" else None,
        "html_url": f"{_page(hub)}/runs/{one.id}",
        "details_url": f"{_page(hub)}/runs/{one.id}",
        "check_suite": {"id": one.suite},
        "app": {"slug": one.app},
    }


def workflow_run(hub: Hub, one: Run) -> Json:
    told = run(hub, one)
    kept = {name: told[name] for name in ("id", "name", "head_sha", "status", "conclusion", "html_url")}
    event = "push" if one.suite == 1 else "pull_request"
    return kept | {"event": event, "run_started_at": when(one.at), "updated_at": when(one.at)}


def status(one: Status) -> Json:
    return {
        "id": one.id,
        "context": one.context,
        "state": one.state,
        "target_url": one.url,
        "created_at": when(one.at),
        "updated_at": when(one.at),
    }


def release(hub: Hub, one: Release) -> Json:
    page = f"untagged-{one.id}" if one.draft else one.tag
    return {
        "url": f"{_api(hub)}/releases/{one.id}",
        "html_url": f"{_page(hub)}/releases/tag/{page}",
        "upload_url": f"{hub.url()}/uploads/repos/{hub.repository}/releases/{one.id}/assets{{?name,label}}",
        "id": one.id,
        "tag_name": one.tag,
        "target_commitish": one.target,
        "name": one.name,
        "body": one.body,
        "draft": one.draft,
        "prerelease": one.prerelease,
        "created_at": when(one.at),
        "published_at": when(one.published_at),
        "author": person(one.by),
        "assets": [asset(hub, each) for each in one.assets],
    }


def asset(hub: Hub, one: Asset) -> Json:
    return {
        "url": f"{_api(hub)}/releases/assets/{one.id}",
        "id": one.id,
        "name": one.name,
        "state": "uploaded",
        "content_type": one.content_type,
        "size": len(one.raw),
        "digest": f"sha256:{hashlib.sha256(one.raw).hexdigest()}",
        "created_at": when(one.at),
    }


def _common(hub: Hub, one: Issue) -> Json:
    of = hub.milestones.get(one.milestone) if one.milestone is not None else None
    told: dict[str, Any] = {
        "number": one.number,
        "title": one.title,
        "body": one.body,
        "user": person(one.by),
        "labels": [{"name": label, "color": "ededed"} for label in one.labels],
        "state": one.state,
        "milestone": milestone(hub, of) if of else None,
        "created_at": when(one.at),
        "updated_at": when(one.closed_at or one.at),
        "closed_at": when(one.closed_at),
    }
    return told


def _side(hub: Hub, branch: str, sha: str) -> Json:
    return {"ref": branch, "sha": sha, "label": f"{hub.owner}:{branch}", "repo": {"full_name": hub.repository}}


def _api(hub: Hub) -> str:
    return f"{hub.url()}/repos/{hub.repository}"


def _page(hub: Hub) -> str:
    return f"{hub.url()}/{hub.repository}"
