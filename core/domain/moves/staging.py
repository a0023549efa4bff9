"""Git in stages: where a push of main makes a host deploy, the tag goes out first, and main after the migrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.effects import CLICK, Effect
from core.domain.plans.steps import in_stages
from core.domain.rehearsals import channel_of
from core.domain.release import GitWork, Release, Run
from core.domain.situation import Situation


def push_effect(s: Situation, work: GitWork, plan: Mapping[str, Any]) -> Effect:
    """What git is to publish. A promotion goes in stages where a push of main makes a host deploy: first the tag
    alone, and only if main still stands where the plan saw it."""
    body = {"purpose": work.purpose, "order": work.order, "plan": dict(plan), "attempt": work.attempt}
    if work.purpose == "promote" and in_stages(s.policy) and not channel_of(s.release.product):
        main = f"refs/heads/{s.policy.product.main}"
        refs = plan.get("refs") or ()
        tag = [x for x in refs if x["ref"].startswith("refs/tags/")]
        body["plan"] = {**plan, "refs": [*tag, *({**x, "new": x["old"]} for x in refs if x["ref"] == main)]}
    return Effect("git.push", "git", body, CLICK)


def in_stages_of(s: Situation, run: Run, work: GitWork) -> Run:
    """The run with what is still to be pushed of a promotion whose tag is out."""
    staged = bool(run.steps) and in_stages(s.policy)
    return replace(run, pushed={"order": work.order, "plan": work.plan}) if staged else run


def still_to_push(release: Release) -> dict[str, object] | None:
    """Of a release that goes once more with the tag it has: what its earlier run had still to push."""
    return next((r.pushed for r in reversed(release.runs) if r.pushed), None)
