"""What is asked of the host of the code, and what a release hears of it. Without a host nothing is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.domain.contents import Offer
from core.domain.forge import LONGEST_NOTES, Attachment, Milestone, Shown
from core.domain.moves.forging import forge_body
from core.domain.moves.noting import dated_on
from core.domain.notes.compose import compose
from core.domain.notes.markdown import cut, markdown
from core.domain.notes.message import tidy
from core.domain.policy import Policy
from core.domain.release import Release
from core.domain.secrets import redact
from core.errors import IntegrationError
from core.ports import Forge
from core.store import releases
from core.store.records import encode
from core.usecases.asking import planned, why_silent
from core.usecases.context import Context

NOTHING: Mapping[str, Any] = {"sha": "", "checks": [], "milestone": None, "pulls": {}}
MOST_OFFERS = 100  # open ones, of the milestone and of the branch together; and as many closed issues

async def done(ctx: Context, release_id: int, kind: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Do one effect; the body of its report, None without a host. Twice is as good as once. Raises as the port does."""
    if ctx.forge is None:
        return None
    match kind:
        case "forge.milestone":
            return await _milestone(ctx.forge, body)
        case "forge.pull":
            asked = [str(body[k]) for k in ("head", "base", "title", "body")]
            pull = await ctx.forge.ensure_pull(*asked)
            return {"number": pull.number, "url": pull.url, "head": pull.head, "base": pull.base}
        case "forge.release":
            return await _release(ctx, ctx.forge, release_id, body)
        case "forge.latest":
            return {"tag": body["tag"], "page": await ctx.forge.mark_latest(str(body["tag"]))}
        case "forge.deployment":
            await _show(ctx.forge, Shown(**{name: body[name] for name in Shown.__dataclass_fields__}))
            return None
        case "forge.read":
            return await read(ctx, body)
        case _:
            raise ValueError(f"nothing of the host is called {kind}")


async def _milestone(forge: Forge, body: Mapping[str, Any]) -> dict[str, Any]:
    title, due = str(body["title"]), body.get("due")
    if body.get("close"):
        closed = await forge.close_milestone(title)
        return {"milestone": encode(closed)}
    made = await forge.ensure_milestone(title, date.fromisoformat(str(due)) if due else None)
    return {"milestone": encode(made)}


async def _show(forge: Forge, run: Shown) -> None:
    """A picture of what happens, which nobody waits for: a token that may not draw it is named by the doctor."""
    try:
        await forge.show_run(run)
    except IntegrationError as error:
        if error.facts.get("reason") not in ("denied", "missing", "refused"):
            raise


async def _release(ctx: Context, forge: Forge, release_id: int, body: Mapping[str, Any]) -> dict[str, Any]:
    """Publish the notes under the final tag; what was embargoed is in them now."""
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, release_id)
        policy = await ctx.pinned_policy(conn, release.policy_hash)
        draft = await ctx.draft(conn, release_id)
    text, files = page_of(release.tag, "")
    if draft is not None:
        notes = compose(draft, release.note_edits, released=True)
        day = dated_on(release, policy, ctx.clock.now())
        text, files = page_of(release.tag, markdown(notes, release.version, day, policy.all_links, limit=None))
    page = await forge.ensure_release(release.tag, release.tag, text, latest=bool(body["latest"]), attachments=files)
    return {"page": page}


def page_of(tag: str, whole: str) -> tuple[str, tuple[Attachment, ...]]:
    """The text of a release's page, and the whole of it as a file where the page takes only a part and points to it."""
    text = cut(whole, LONGEST_NOTES)
    return text, () if text == whole else (Attachment(f"{tag}-notes.md", whole),)


async def read(ctx: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    """What host and tracker say now: checks of the candidate, the milestone, titles of what is wanted by name."""
    told = await _of_host(ctx.forge, body) if ctx.forge else dict(NOTHING)
    issues, heard = await planned(ctx, list(map(str, body.get("keys") or ())))
    titles = {key: issue.title for key, issue in issues.items() if issue.title}
    return {**told, "pulls": told["pulls"] | titles, **heard}


async def _of_host(forge: Forge, body: Mapping[str, Any]) -> dict[str, Any]:
    sha, title, numbers = str(body.get("sha") or ""), str(body.get("milestone") or ""), body.get("pulls") or ()
    checks = await forge.checks(sha) if sha else ()
    found = await forge.milestone(title) if title else None
    pulls = await forge.pulls(list(numbers)) if numbers else {}
    return {
        "sha": sha,
        "checks": [encode(c) for c in checks],
        "milestone": encode(found),
        "pulls": {f"#{number}": pull.title for number, pull in pulls.items()},
        **await _offers(forge, body, found),
        "host": "",
    }


async def _offers(forge: Forge, body: Mapping[str, Any], milestone: Milestone | None) -> dict[str, Any]:
    """What is open in the milestone, other open pull requests into the branch, and issues that are closed already."""
    into = str(body.get("into") or "")
    if not into:
        return {"offers": [], "left": 0}
    full = milestone is not None and milestone.open + milestone.closed > 0
    planned = await forge.issues(milestone.title) if milestone and full else ()
    mine = [
        Offer(f"#{i.number}", _said(i.title), i.author, "pull" if i.is_pull else "issue", i.state, planned=True)
        for i in planned
    ]
    known = {o.ref for o in mine}
    pulls = [Offer(f"#{p.number}", _said(p.title), p.author) for p in await forge.open_pulls(into)]
    found = [*(o for o in mine if o.state == "open"), *(o for o in pulls if o.ref not in known)]
    closed = [o for o in mine if o.state == "closed" and o.kind == "issue"]
    kept = [*found[:MOST_OFFERS], *closed[:MOST_OFFERS]]
    return {"offers": [encode(o) for o in kept], "left": max(0, len(found) - MOST_OFFERS)}


def _said(title: str) -> str:
    """A title that somebody wrote outside, without what may not be repeated."""
    return redact(tidy(title))[0][:200]


async def look(ctx: Context, release: Release, policy: Policy) -> dict[str, Any] | None:
    """The same, asked by the tick or a webhook; None when there is nobody to ask."""
    body = forge_body(release, policy)
    if ctx.forge is None and (ctx.tracker is None or not body["keys"]):
        return None
    try:
        return await read(ctx, body)
    except IntegrationError as error:
        return {**NOTHING, "host": why_silent(error)}  # the next look asks again; what was known stays
