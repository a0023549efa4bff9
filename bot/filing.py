"""The documents of a closed release as files in the product's repository, where the policy wants them there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.domain.filing import FileDocuments
from core.errors import IntegrationError, Refused
from core.usecases.context import Context


async def filed(ctx: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    """One commit on top of the branch, never a forced one; done before it is done again. Raises IntegrationError: for
    later when the branch moves meanwhile, for good when the remote refuses, which a person decides about."""
    at = datetime.fromisoformat(str(body["at"]))
    order = FileDocuments(str(body["branch"]), body["files"], at, str(body["message"]))
    try:
        plan = await ctx.repository.plan(order)
    except Refused as refused:
        raise IntegrationError("git", f"{order.branch}: {refused}", retryable=False, code="files") from refused
    if all(change.old == change.new for change in plan.refs):
        return {"commit": plan.commit, "outcome": "already"}
    pushed = await ctx.repository.push(order, plan)
    if pushed.outcome == "moved":
        raise IntegrationError("git", f"{order.branch} moved meanwhile", retryable=True, code="moved")
    if pushed.outcome == "rejected":
        raise IntegrationError("git", f"the remote refused it: {pushed.detail}", retryable=False, code="files")
    return {"commit": plan.commit, "outcome": pushed.outcome}
