"""The host of the code: milestone, pull requests, checks and the published release; all of it may be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from core.domain.contents import Checks, Conflict, Offer, ScopeItem, Silent
from core.domain.effects import Effect
from core.domain.forge import Check, Milestone
from core.domain.moves.outcome import NOBODY, Outcome, scope_effect, thread
from core.domain.parts import Run, RunState
from core.domain.policy import Policy
from core.domain.release import BEFORE_DEPLOYMENT, Release
from core.domain.situation import Situation
from core.domain.versions import Version, is_latest


def forge_body(release: Release, policy: Policy) -> dict[str, object]:
    """What the host of the code is asked about: checks of the candidate, the milestone, what is wanted by number.

    `into` is the branch whose open pull requests could still come in, "" when nothing can.
    """
    into = release.branch if release.on_branch else policy.product.trunk
    again = [key for x in release.silent for key in x.about[:1]]  # one is enough to hear whether it answers
    return {
        "sha": release.candidate.sha if release.candidate else "",
        "milestone": release.tag,
        "into": into if release.phase in BEFORE_DEPLOYMENT else "",
        "pulls": [int(i.ref[1:]) for i in release.items if i.ref.startswith("#") and not i.title],
        "keys": [*(i.ref for i in release.items if "-" in i.ref and not i.title), *again],
    }


def _asked(policy: Policy, kind: Any, body: Mapping[str, object]) -> tuple[Effect, ...]:
    """One effect, none where the policy names no repository of a host."""
    return (Effect(kind, "forge", body),) if policy.github.repository else ()


def forge_read(s: Situation, release: Release) -> tuple[Effect, ...]:
    return _asked(s.policy, "forge.read", forge_body(release, s.policy))


def milestone_wanted(s: Situation, release: Release) -> tuple[Effect, ...]:
    """A milestone with the release's number, due on the day it leaves."""
    zone = ZoneInfo(s.policy.zone)
    due = release.departs_at.astimezone(zone).date().isoformat() if release.departs_at else ""
    return _asked(s.policy, "forge.milestone", {"title": release.tag, "due": due})


def conflict_pull(s: Situation, release: Release, head: str, base: str, files: list[str]) -> tuple[Effect, ...]:
    """A pull request in which people solve what git could not merge."""
    told = "\n".join(f"- `{name.replace(chr(96), '')}`" for name in files[:50])
    body = f"""{release.tag} could not be merged into {base} by itself. These files conflict:

{told}

Please solve it on a branch of its own, which this pull request then finds merged:

    git fetch origin
    git switch --create merge-{release.tag} origin/{base}
    git merge origin/{head}

The button that resolves conflicts here would bring {base} into {head} instead.
"""
    title = f"Merge {release.tag} into {base}"
    return _asked(s.policy, "forge.pull", {"head": head, "base": base, "title": title, "body": body})


def solving_pull(s: Situation, head: str, found: Conflict) -> tuple[Effect, ...]:
    """A pull request for what could not be picked or taken back: its branch has git's marks in the files."""
    what = ", ".join(found.refs) or found.commits[0][:12]
    title = f"Take {what} back on {found.base}" if found.reverted else f"Pick {what} onto {found.base}"
    told = "\n".join(f"- `{name.replace(chr(96), '')}`" for name in found.files[:50])
    source = "" if found.reverted else "\n".join(f"Backport of {ref}" for ref in found.refs if ref.startswith("#"))
    body = f"""{source}

It conflicts with what is on {found.base}. These files have git's marks in them:

{told}

Please solve them on this branch, then merge it into {found.base}.
"""
    asked = {"head": head, "base": found.base, "title": title, "body": body.strip()}
    return _asked(s.policy, "forge.pull", asked)


def published(s: Situation, release: Release) -> tuple[Effect, ...]:
    """The release's page with its notes; "latest" only when nothing newer is out. Its milestone is closed."""
    out = (Version.parse(v).tag for v in s.product.shipped if v not in s.product.burnt)
    latest = is_latest(release.number, out)
    return (
        *_asked(s.policy, "forge.release", {"tag": release.tag, "latest": latest}),
        *_asked(s.policy, "forge.milestone", {"title": release.tag, "close": True}),
    )


def turned_back(s: Situation, version: str) -> tuple[Effect, ...]:
    """What is called the latest release is the one that production runs again."""
    return _asked(s.policy, "forge.latest", {"tag": Version.parse(version).tag})


def runs_shown(policy: Policy, before: Release, after: Release) -> tuple[Effect, ...]:
    """Each run that stands otherwise than before, as a deployment of its environment; steps make no noise there.

    A deployment is of a commit, so a run is shown as soon as its commit is made.
    """
    if not policy.github.repository or after.runs == before.runs:
        return ()
    known = {(run.id, run.state, run.sha) for run in before.runs}
    changed = [run for run in after.runs if run.sha and (run.id, run.state, run.sha) not in known]
    return tuple(Effect("forge.deployment", "deployments", _shown(after, run)) for run in changed)


def _shown(release: Release, run: Run) -> dict[str, object]:
    words = {
        RunState.RUNNING: "is on its way",
        RunState.WAITING: "waits for a person",
        RunState.DONE: "serves",
        RunState.FAILED: "did not get there",
    }
    what = f"v{run.target}" if run.kind == "deploy" else f"Back to v{run.target}"
    said = f"{what} {words[run.state]}{f' (step {run.step})' if run.step and run.state is not RunState.DONE else ''}"
    name = f"{release.product}/{release.version}/{run.id}"
    told = {"run": name, "environment": run.environment, "sha": run.sha, "kind": run.kind}
    return {**told, "state": run.state.value, "said": said}


def deployment_shown(run: str, told: Mapping[str, str], *, failure: bool) -> dict[str, object]:
    """What an environment before staging runs now, as a deployment: it is of no release."""
    said = f"{told['what']} {'did not get there' if failure else 'serves'}"
    same = {"run": run, "environment": told["environment"], "sha": told["sha"], "kind": "deploy"}
    return {**same, "state": "failed" if failure else "done", "said": said}


# --- what came of it --------------------------------------------------------------------------------------------------


def forge_milestone(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    found = _milestone(body.get("milestone"))
    return Outcome(replace(s.release, milestone=found)) if found and found != s.release.milestone else None


def forge_pull(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """A pull request for a conflict is open."""
    told = {name: body[name] for name in ("number", "url", "base")}
    return Outcome(s.release, (thread("pull_opened", NOBODY, **told),), record=told)


def forge_release(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The release's page is published."""
    page = str(body["page"])
    return Outcome(replace(s.release, page=page), (thread("published", NOBODY, page=page),), record={"page": page})


def forge_latest(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """The host calls another release the latest one now."""
    line = thread("latest_back", NOBODY, tag=body["tag"], page=body["page"])
    return Outcome(s.release, (line,), record={"tag": body["tag"]})


def forge_found(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """Checks, milestone and titles as they are now; notes that lack what host or tracker say are drafted again."""
    r, after = s.release, seen(s.release, body, s.now)
    alone = r.notes is not None and r.notes.alone and not body.get("host")
    again = alone or (body.get("tracker") == "" and any(x.system == "tracker" for x in r.silent))
    if after == r and not again:
        return None
    known = {c.name for c in r.checks.failed} if r.checks else set()
    failed = [c for c in after.checks.failed if c.name not in known] if after.checks else []
    effects: list[Effect] = []
    if failed:
        told = [{"name": c.name, "url": c.url} for c in failed]
        effects.append(thread("checks_failed", NOBODY, failed=told, candidate=r.candidate.tag if r.candidate else ""))
    if again and r.notes is not None:
        effects.append(scope_effect(r, r.branch if r.on_branch else s.policy.product.trunk))
        after = replace(after, notes=replace(r.notes, alone=False))
    return Outcome(after, tuple(effects))


def seen(r: Release, body: Mapping[str, Any], now: datetime) -> Release:
    """The release with what the host says now; the same release when that is nothing new."""
    titles: Mapping[str, str] = body.get("pulls") or {}
    items = tuple(replace(i, title=titles[i.ref][:200]) if i.ref in titles else i for i in r.items)
    if "offers" in body:  # the host was asked
        r = replace(r, offers=tuple(Offer(**o) for o in body["offers"]), offers_left=int(body.get("left") or 0))
        items = tuple(as_hosted(i, r.offers) for i in items)
    r = heard(r, body, now)
    checks = r.checks
    if r.candidate and body["sha"] == r.candidate.sha:
        found = tuple(_check(c) for c in body["checks"])
        if checks is None or checks.found != found or checks.sha != body["sha"]:
            checks = Checks(str(body["sha"]), now, found)
    return replace(r, items=items, checks=checks, milestone=_milestone(body.get("milestone")) or r.milestone)


def heard(r: Release, body: Mapping[str, Any], now: datetime) -> Release:
    """The release with who does not answer: `host` and `tracker` say why, "" that they do; who is left out was unasked.

    `untold` are the issue keys that the tracker was asked about.
    """
    systems: tuple[Literal["host", "tracker"], ...] = ("host", "tracker")
    for system in systems:
        reason = body.get(system)
        old = next((x for x in r.silent if x.system == system), None)
        if reason is None or (not reason and old is None):
            continue
        kept = tuple(x for x in r.silent if x.system != system)
        if reason:
            about = tuple(body.get("untold") or ()) if system == "tracker" else ()
            kept += (Silent(system, old.since if old else now, reason, about or (old.about if old else ())),)
        r = r if set(kept) == set(r.silent) else replace(r, silent=kept)
    return r


def as_hosted(item: ScopeItem, offers: Sequence[Offer]) -> ScopeItem:
    """The item as the host shows it: with its title; an issue that is closed there is settled."""
    found = next((o for o in offers if o.ref == item.ref), None)
    if found is None or item.state == "moved":
        return item
    closed = found.kind == "issue" and found.state == "closed"
    return replace(item, title=item.title or found.title[:200], state="merged" if closed else item.state)


def _check(data: Mapping[str, Any]) -> Check:
    at = data.get("at")
    return Check(data["name"], data["state"], data.get("url", ""), datetime.fromisoformat(at) if at else None)


def _milestone(data: Mapping[str, Any] | None) -> Milestone | None:
    if not data:
        return None
    due = data.get("due")
    return Milestone(
        data["number"], data["title"], data["state"], data["open"], data["closed"],
        date.fromisoformat(due) if due else None, data["url"],
    )  # fmt: skip
