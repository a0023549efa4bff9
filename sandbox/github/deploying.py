"""Deployments, their statuses, and a job of GitHub Actions that waits for a custom deployment protection rule.

As GitHub's published REST reference has them (docs.github.com, read 2026-11-23).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sandbox.github import shapes
from sandbox.github.call import Call, Listing, route
from sandbox.github.errors import GitHubError, invalid, not_found, too_long
from sandbox.github.records import Deployment, Json, Token, Told, Waiting
from sandbox.github.state import Hub

STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
LONGEST = 140
FIELDS: dict[str, Any] = {
    "ref": str, "task": str, "auto_merge": bool, "required_contexts": list, "payload": (dict, str), "environment": str,
    "description": str, "transient_environment": bool, "production_environment": bool,
}  # fmt: skip
STATUS_FIELDS = {
    "state": str, "description": str, "environment": str, "environment_url": str, "log_url": str, "target_url": str,
    "auto_inactive": bool,
}  # fmt: skip


def create(call: Call) -> Json:
    body, hub = call.body, call.hub
    sha = hub.refs.commit(str(body.get("ref", "")))
    if sha is None:
        raise invalid("Deployment", "ref", value=body.get("ref"))
    if body.get("auto_merge", True):
        raise GitHubError(409, "Conflict merging main into the ref: this stand-in merges nothing")
    if len(str(body.get("description", ""))) > LONGEST:
        raise too_long("Deployment", "description", LONGEST)
    failing = [one.context for one in hub.statuses if one.sha == sha and one.state != "success"]
    if body.get("required_contexts", failing) and failing:
        raise GitHubError(409, f"Conflict: Commit status checks failed for {body['ref']}.")
    payload = body.get("payload", {})
    task, where = str(body.get("task", "deploy")), str(body.get("environment", "production"))
    said = str(body.get("description", ""))
    one = Deployment(hub.new_id(), sha, str(body["ref"]), task, where, payload, said, hub.now())
    hub.deployments.append(one)
    hub.tell("deployment", "created", deployment=shown(hub, one))
    return shown(hub, one)


def listed(call: Call) -> Listing:
    wanted = {name: call.query[name] for name in ("sha", "ref", "task", "environment") if name in call.query}
    found = [one for one in call.hub.deployments if all(getattr(one, name) == value for name, value in wanted.items())]
    return Listing([shown(call.hub, one) for one in reversed(found)])


def tell(call: Call) -> Json:
    one, state = _one(call), str(call.body.get("state", ""))
    if state not in STATES:
        raise invalid("DeploymentStatus", "state", value=state)
    if len(str(call.body.get("description", ""))) > LONGEST:
        raise too_long("DeploymentStatus", "description", LONGEST)
    said = Told(call.hub.new_id(), state, str(call.body.get("description", "")), call.hub.now())
    one.statuses.append(said)
    return _status(said)


def told(call: Call) -> Listing:
    return Listing([_status(each) for each in reversed(_one(call).statuses)])


def review(call: Call) -> None:
    """The rule's answer. Only the app that owns the rule may give it, so a person's token is refused."""
    if not call.token.is_app:
        raise GitHubError(403, "Resource not accessible by personal access token")
    run, state = call.number("run"), call.body.get("state")
    found = call.hub.waiting.get(run)
    if found is None or found.environment != call.body.get("environment_name"):
        raise not_found()
    if state not in ("approved", "rejected"):
        raise invalid("DeploymentProtectionRule", "state", value=state)
    if found.state != "waiting":
        raise GitHubError(422, "the job does not wait any more")
    found.state, found.comment = state, str(call.body.get("comment", ""))


def mint(call: Call) -> Json:
    """A token of the app's installation in this repository."""
    value = f"ghs_{call.number('installation')}_{call.hub.new_id()}"
    may = {"metadata": "read", "actions": "read", "deployments": "write"}
    call.hub.minted[value] = Token(value, call.token.login, may, is_app=True)
    return {"token": value, "expires_at": shapes.when(call.hub.now() + timedelta(hours=1)), "permissions": may}


def asks(hub: Hub, environment: str, sha: str, *, installation: int = 77) -> Waiting:
    """A job of GitHub Actions wants to deploy; the rule's app hears of it."""
    one = Waiting(hub.new_id(), environment, sha)
    hub.waiting[one.run] = one
    callback = f"{hub.url()}/repos/{hub.repository}/actions/runs/{one.run}/deployment_protection_rule"
    hub.tell(
        "deployment_protection_rule", "requested", environment=environment, event="push",
        deployment_callback_url=callback, deployment={"id": hub.new_id(), "sha": sha, "environment": environment},
        installation={"id": installation},
    )  # fmt: skip
    return one


def shown(hub: Hub, one: Deployment) -> Json:
    payload = one.payload if isinstance(one.payload, dict) else json.dumps(one.payload)
    return {
        "id": one.id,
        "sha": one.sha,
        "ref": one.ref,
        "task": one.task,
        "environment": one.environment,
        "payload": payload,
        "description": one.said,
        "created_at": shapes.when(one.at),
        "statuses_url": f"{hub.url()}/repos/{hub.repository}/deployments/{one.id}/statuses",
    }


def _status(one: Told) -> Json:
    return {"id": one.id, "state": one.state, "description": one.said, "created_at": shapes.when(one.at)}


def _one(call: Call) -> Deployment:
    number = call.number("deployment")
    found = next((one for one in call.hub.deployments if one.id == number), None)
    if found is None:
        raise not_found()
    return found


ROUTES = (
    route("deployments.list", "GET /repos/{repo}/deployments", listed, "deployments=read"),
    route("deployments.create", "POST /repos/{repo}/deployments", create, "deployments=write", fields=FIELDS,
          status=201),
    route("deployments.statuses", "GET /repos/{repo}/deployments/{deployment}/statuses", told, "deployments=read"),
    route("deployments.tell", "POST /repos/{repo}/deployments/{deployment}/statuses", tell, "deployments=write",
          fields=STATUS_FIELDS, status=201),
    route("apps.token", "POST /app/installations/{installation}/access_tokens", mint, fields={"permissions": dict},
          status=201),
    route("actions.review", "POST /repos/{repo}/actions/runs/{run}/deployment_protection_rule", review,
          "deployments=write", fields={"environment_name": str, "state": str, "comment": str}, status=204),
)  # fmt: skip
