"""What the CI says of a commit: check runs, runs of GitHub Actions, and the older statuses."""

from __future__ import annotations

from sandbox.github import shapes
from sandbox.github.call import Call, Listing, route
from sandbox.github.errors import GitHubError, not_found
from sandbox.github.records import Json, Run, Status


def check_runs(call: Call) -> Listing:
    sha = call.hub.refs.commit(call.path["ref"])
    if sha is None:
        raise GitHubError(422, f"No commit found for SHA: {call.path['ref']}")
    found = [one for one in call.hub.runs if one.sha == sha]
    if call.choice("filter", ("latest", "all")) == "latest":
        found = _newest(found)
    found.sort(key=lambda one: -one.id)
    return Listing([shapes.run(call.hub, one) for one in found], "check_runs")


def combined(call: Call) -> Listing:
    """The newest status of each context; with none at all the state is pending, as on GitHub."""
    sha = call.hub.refs.commit(call.path["ref"])
    if sha is None:
        raise not_found()
    newest: dict[str, Status] = {one.context: one for one in call.hub.statuses if one.sha == sha}
    states = {one.state for one in newest.values()}
    whole = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    shown: list[Json] = [shapes.status(one) for one in newest.values()]
    return Listing(shown, "statuses", {"state": whole, "sha": sha})


def workflow_runs(call: Call) -> Listing:
    wanted = call.query.get("head_sha")
    found = _newest([one for one in call.hub.runs if one.app == "github-actions" and wanted in (None, one.sha)])
    found.sort(key=lambda one: -one.id)
    return Listing([shapes.workflow_run(call.hub, one) for one in found], "workflow_runs")


def _newest(runs: list[Run]) -> list[Run]:
    """Run again in the same suite, a check has one result: the last."""
    newest: dict[tuple[str, int, str], Run] = {(one.sha, one.suite, one.name): one for one in runs}
    return list(newest.values())


ROUTES = (
    route("checks.runs", "GET /repos/{repo}/commits/{ref}/check-runs", check_runs, "checks=read"),
    route("checks.status", "GET /repos/{repo}/commits/{ref}/status", combined, "statuses=read"),
    route("actions.runs", "GET /repos/{repo}/actions/runs", workflow_runs, "actions=read"),
)
