"""Vercel's JSON in the words that all hosts share: what a deployment is, and whose the traffic is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.integrations.bounded import plain
from bot.integrations.hosts.calling import instant
from core.domain.pipeline.hosted import Deployed, HostState

STATES: Mapping[str, HostState] = {
    "QUEUED": "queued",
    "INITIALIZING": "building",
    "ANALYZING": "building",
    "BUILDING": "building",
    "DEPLOYING": "building",
    "READY": "ready",
    "ERROR": "failed",
    "BLOCKED": "failed",
    "CANCELED": "cancelled",
    "DELETED": "cancelled",
}
SHAS = ("githubCommitSha", "gitlabCommitSha", "bitbucketCommitSha")
MOVING = ("pending", "in-progress")  # a change of the traffic that was asked for


def said(told: Any) -> str:
    """The words of a refusal."""
    return str((told.get("error") or {}).get("message", ""))


def deployed(told: Any, key: str) -> Deployed:
    """One deployment; that it serves is not told here, but by its project."""
    status = str(told.get("readyState") or told["state"])
    meta = told.get("meta") or {}
    page = told.get("inspectorUrl") or told.get("url") or ""
    words = [status.lower(), *(str(told[name]) for name in ("errorCode", "errorMessage") if told.get(name))]
    return Deployed(
        id=str(told.get("id") or told["uid"]),
        state=STATES.get(status, "unknown"),
        commit=_commit(told, meta),
        detail=plain(": ".join(words), 120),
        address=plain(page if "://" in page or not page else f"https://{page}"),
        created_at=instant(told.get("createdAt") or told.get("created")),
        key=str(meta.get(key) or ""),
    )


def _commit(told: Any, meta: Mapping[str, Any]) -> str:
    source = told.get("gitSource") or {}
    return str(source.get("sha") or next((meta[name] for name in SHAS if meta.get(name)), ""))


def traffic(found: Deployed, told: Any, project: Mapping[str, Any], rolling: Any) -> Deployed:
    """A built deployment, by whose the traffic is: all its own, a part of it, not yet, or no more."""
    serving = ((project.get("targets") or {}).get("production") or {}).get("id")
    moved = project.get("lastAliasRequest") or {}
    to_it = moved.get("toDeploymentId") == found.id
    if to_it and moved.get("jobStatus") in MOVING:
        return replace(found, state="building", detail=f"{moved.get('type')}: {moved.get('jobStatus')}")
    if rolling and (rolling.get("canaryDeployment") or {}).get("id") == found.id and rolling["state"] == "ACTIVE":
        return replace(found, share=int(rolling["activeStage"]["targetPercentage"]), detail="rolling")
    if serving == found.id:
        at = instant(moved.get("requestedAt")) if to_it else instant(told.get("ready") or told.get("readyAt"))
        return replace(found, state="live", share=100, live_at=at)
    if to_it and moved.get("jobStatus") == "failed":
        return replace(found, state="failed", detail=f"{moved.get('type')} failed")
    if not _was_live(told):
        return replace(found, state="ready")
    if moved.get("toDeploymentId") != serving and _newer(told, (project.get("targets") or {}).get("production") or {}):
        return replace(found, state="building", detail="its traffic is on the way")
    return replace(found, state="replaced")


def _was_live(told: Any) -> bool:
    """Whether it has ever had the traffic. A deployment that waits has addresses of its own, too."""
    substate = told.get("readySubstate")
    return substate == "PROMOTED" if substate else bool(told.get("aliasAssigned"))


def _newer(told: Any, serving: Mapping[str, Any]) -> bool:
    """Its own word comes before the project's: what is newer and was promoted serves in a moment."""
    made, other = (one.get("createdAt") or one.get("created") or 0 for one in (told, serving))
    return bool(made > other)


def git_source(project: Mapping[str, Any], repository: str, commit: str) -> dict[str, Any] | None:
    """What to build, in the way in which the project's repository is named; None where there is none."""
    link = project.get("link") or {}
    kind, ref = str(link.get("type") or ""), str(link.get("productionBranch") or "main")
    if kind.startswith("github"):
        return {"type": "github", "repoId": link["repoId"], "ref": ref, "sha": commit}
    if kind == "gitlab":
        return {"type": "gitlab", "projectId": link["projectId"], "ref": ref, "sha": commit}
    if kind == "bitbucket":
        ids = {name: link[name] for name in ("workspaceUuid", "repoUuid") if link.get(name)}
        ids.setdefault("repoUuid", link.get("uuid", ""))
        return {"type": "bitbucket", **ids, "ref": ref, "sha": commit}
    if repository:
        owner, _, name = repository.partition("/")
        return {"type": "github", "org": owner, "repo": name, "ref": ref, "sha": commit}
    return None


def listed(told: Any) -> list[str]:
    """The lines of a build's events, oldest first."""
    events = [one for one in told if isinstance(one, dict)]
    events.sort(key=lambda one: float(one.get("created") or one.get("date") or 0))
    found = ((one.get("payload") or {}).get("text") or one.get("text") for one in events)
    return [str(text) for text in found if text]
