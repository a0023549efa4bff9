"""Releases with their files, tags, and which release is the latest."""

from __future__ import annotations

import re

from sandbox.github import shapes
from sandbox.github.call import NULL, Call, Listing, route
from sandbox.github.errors import GitHubError, invalid, not_found, too_long, wrong
from sandbox.github.records import Asset, Json, Release
from sandbox.github.state import Hub

LONGEST_BODY = 125_000
FIELDS = {
    "tag_name": str, "target_commitish": str, "name": (str, NULL), "body": (str, NULL), "draft": bool,
    "prerelease": bool, "make_latest": str, "generate_release_notes": bool, "discussion_category_name": str,
}  # fmt: skip


def get_repository(call: Call) -> Json:
    return shapes.repository(call.hub, writes=call.token.is_classic or "write" in call.token.permissions.values())


def get_tag(call: Call) -> Json:
    """Exactly this tag, annotated or not; the object is the tag's own."""
    ref = f"refs/tags/{call.path['tag']}"
    sha = call.hub.refs.all().get(ref)
    if sha is None:
        raise not_found()
    return {"ref": ref, "object": {"type": call.hub.refs.kind(sha), "sha": sha}}


def list_releases(call: Call) -> Listing:
    found = sorted(call.hub.releases.values(), key=lambda one: (one.at, one.id), reverse=True)
    writes = call.token.is_classic or call.token.permissions.get("contents") == "write"
    return Listing([shapes.release(call.hub, one) for one in found if writes or not one.draft])


def by_tag(call: Call) -> Json:
    """Published ones only: a draft is not found by its tag."""
    found = _published(call.hub, call.path["tag"])
    if found is None:
        raise not_found()
    return shapes.release(call.hub, found)


def latest(call: Call) -> Json:
    """The one that was named the latest, else the newest that may be."""
    hub = call.hub
    may = [one for one in hub.releases.values() if not one.draft and not one.prerelease]
    chosen = [one for one in may if one.id == hub.latest] or sorted(
        (one for one in may if one.id not in hub.not_latest), key=lambda one: (one.at, one.id), reverse=True
    )
    if not chosen:
        raise not_found()
    return shapes.release(hub, chosen[0])


def create_release(call: Call) -> Json:
    if not str(call.body.get("tag_name", "")).strip():
        raise invalid("Release", "tag_name", "missing_field")
    hub = call.hub
    one = Release(hub.new_id(), "", hub.default_branch, call.token.login, hub.now())
    _change(call, one)
    hub.releases[one.id] = one
    hub.tell("release", "created" if one.draft else "published", release={"id": one.id, "tag_name": one.tag})
    return shapes.release(hub, one)


def update_release(call: Call) -> Json:
    one = call.hub.release(call.number())
    was_draft = one.draft
    _change(call, one)
    action = "published" if was_draft and not one.draft else "edited"
    call.hub.tell("release", action, release={"id": one.id, "tag_name": one.tag})
    return shapes.release(call.hub, one)


def _change(call: Call, one: Release) -> None:
    hub, sent = call.hub, call.body
    tag = str(sent.get("tag_name", one.tag)).strip()
    draft, early = sent.get("draft", one.draft), sent.get("prerelease", one.prerelease)
    named = sent.get("make_latest", "true" if (draft, one.published_at) == (False, None) else "legacy")
    _allowed(hub, one, tag, sent, draft)
    if named not in ("true", "false", "legacy"):
        raise invalid("Release", "make_latest", value=named)
    if sent.get("make_latest") == "true" and (draft or early):
        raise wrong("Release", "make_latest cannot be true for a draft or a prerelease", "make_latest")
    one.tag, one.draft, one.prerelease = tag, draft, early
    one.name, one.body = sent.get("name", one.name), sent.get("body", one.body)
    one.target = sent.get("target_commitish", one.target)
    if draft:
        return
    _tagged(hub, one)
    one.published_at = one.published_at or hub.now()
    if named == "true" and not early:
        hub.latest = one.id
        hub.not_latest.discard(one.id)
    elif named == "false":
        hub.not_latest.add(one.id)
        hub.latest = None if hub.latest == one.id else hub.latest


def _allowed(hub: Hub, one: Release, tag: str, sent: Json, draft: bool) -> None:
    if len(sent.get("body") or "") > LONGEST_BODY:
        raise too_long("Release", "body", LONGEST_BODY)
    taken = _published(hub, tag)
    if not draft and taken is not None and taken is not one:
        raise invalid("Release", "tag_name", "already_exists")
    if hub.refs.commit(sent.get("target_commitish", one.target)) is None:
        raise invalid("Release", "target_commitish")


def _tagged(hub: Hub, one: Release) -> None:
    """GitHub makes a missing tag by itself, light-weight and on the target: the trap of a release without its tag."""
    if f"refs/tags/{one.tag}" in hub.refs.all():
        return
    sha = hub.refs.commit(one.target)
    assert sha is not None
    hub.refs.move(f"refs/tags/{one.tag}", sha)


def _published(hub: Hub, tag: str) -> Release | None:
    return next((one for one in hub.releases.values() if one.tag == tag and not one.draft), None)


# -- files ---------------------------------------------------------------------------------------------------------


def list_assets(call: Call) -> Listing:
    return Listing([shapes.asset(call.hub, one) for one in call.hub.release(call.number()).assets])


def upload_asset(call: Call) -> Json:
    release = call.hub.release(call.number())
    name = re.sub(r"[^\w.+@-]", ".", call.query.get("name", "").strip())
    if not name:
        raise invalid("ReleaseAsset", "name", "missing_field")
    if not call.raw:
        raise GitHubError(400, "Bad Content-Length")
    if any(one.name == name for one in release.assets):
        raise invalid("ReleaseAsset", "name", "already_exists")
    one = Asset(call.hub.new_id(), name, call.content_type, call.raw, call.hub.now())
    release.assets.append(one)
    return shapes.asset(call.hub, one)


def delete_asset(call: Call) -> None:
    wanted = call.number()
    for release in call.hub.releases.values():
        for one in release.assets:
            if one.id == wanted:
                release.assets.remove(one)
                return
    raise not_found()


READ, WRITE = "contents=read", "contents=write"
ROUTES = (
    route("repo.get", "GET /repos/{repo}", get_repository),
    route("tags.get", "GET /repos/{repo}/git/ref/tags/{tag}", get_tag, READ),
    route("releases.list", "GET /repos/{repo}/releases", list_releases, READ),
    route("releases.latest", "GET /repos/{repo}/releases/latest", latest, READ),
    route("releases.by_tag", "GET /repos/{repo}/releases/tags/{tag}", by_tag, READ),
    route("releases.create", "POST /repos/{repo}/releases", create_release, WRITE, fields=FIELDS, status=201),
    route("releases.update", "PATCH /repos/{repo}/releases/{number}", update_release, WRITE, fields=FIELDS),
    route("assets.list", "GET /repos/{repo}/releases/{number}/assets", list_assets, READ),
    route("assets.delete", "DELETE /repos/{repo}/releases/assets/{number}", delete_asset, WRITE, status=204),
    route("assets.upload", "POST /uploads/repos/{repo}/releases/{number}/assets", upload_asset, WRITE, status=201),
)
