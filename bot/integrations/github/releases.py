"""A release on GitHub: a draft first, its files, then published; nobody sees a half-made one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.integrations.github.errors import codes, error
from bot.integrations.github.wire import Wire
from core.domain.forge import LONGEST_NOTES, Attachment
from core.errors import IntegrationError

Json = Mapping[str, Any]
DRAFTS_AMONG = 200  # newest releases among which a draft is looked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the release shall stand in the end."""

    tag: str
    name: str
    body: str
    latest: bool
    attachments: tuple[Attachment, ...]

    def fields(self) -> dict[str, Any]:
        """What GitHub is told; `make_latest` is a text there, and left out it means true."""
        return {
            "name": self.name,
            "body": self.body,
            "draft": False,
            "prerelease": False,
            "make_latest": "true" if self.latest else "false",
        }

    def is_met_by(self, told: Json) -> bool:
        same = {name: told.get(name) for name in ("name", "body", "draft", "prerelease")}
        return same == {name: value for name, value in self.fields().items() if name in same}


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of one repository."""

    wire: Wire
    repo: str

    async def ensure(self, wanted: Wanted) -> str:
        if len(wanted.body) > LONGEST_NOTES:
            words = f"The notes have {len(wanted.body)} characters, GitHub takes {LONGEST_NOTES}"
            raise error("refused", words, cause="too_long")
        found = await self.of(wanted.tag) or await self._draft(wanted.tag) or await self._made(wanted)
        for attachment in wanted.attachments:
            await self._attach(found, attachment)
        if not wanted.is_met_by(found) or await self._is_latest(wanted.tag) != wanted.latest:
            found = await self.wire.send("PATCH", f"{self.repo}/releases/{found['id']}", wanted.fields())
        return str(found["html_url"])

    async def mark_latest(self, tag: str) -> str:
        found = await self.of(tag)
        if found is None:
            return ""
        if not await self._is_latest(tag):
            found = await self.wire.send("PATCH", f"{self.repo}/releases/{found['id']}", {"make_latest": "true"})
        return str(found["html_url"])

    async def of(self, tag: str) -> Json | None:
        """The published release of a tag."""
        return await self._maybe(f"{self.repo}/releases/tags/{quote(tag, safe='')}")

    async def _draft(self, tag: str) -> Json | None:
        """A draft that an earlier try left; drafts are not found by their tag."""
        newest = await self.wire.all(f"{self.repo}/releases", most=DRAFTS_AMONG)
        return next((one for one in newest if one.get("draft") and one.get("tag_name") == tag), None)

    async def _made(self, wanted: Wanted) -> Json:
        """A new one. Without the tag GitHub would make one by itself, on whatever the default branch is."""
        if await self._maybe(f"{self.repo}/git/ref/tags/{quote(wanted.tag, safe='')}") is None:
            raise error("missing", f"GitHub does not have the tag {wanted.tag}", status=404, cause="no_tag")
        fields = {"tag_name": wanted.tag, **wanted.fields()}
        if wanted.attachments:
            fields |= {"draft": True, "make_latest": "false"}
        try:
            made: Json = await self.wire.send("POST", f"{self.repo}/releases", fields)
            return made
        except IntegrationError as told:
            other = await self.of(wanted.tag) if "already_exists" in codes(told) else None
            if other is None:
                raise
            return other

    async def _attach(self, release: Json, attachment: Attachment) -> None:
        raw = attachment.text.encode()
        for asset in await self.wire.all(f"{self.repo}/releases/{release['id']}/assets"):
            if asset.get("name") == attachment.name:
                if _is_same(asset, raw):
                    return
                await self.wire.send("DELETE", f"{self.repo}/releases/assets/{asset['id']}", b"")
        address = f"{str(release['upload_url']).partition('{')[0]}?name={quote(attachment.name, safe='')}"
        await self.wire.send("POST", address, raw, "text/plain; charset=utf-8")

    async def _is_latest(self, tag: str) -> bool:
        latest = await self._maybe(f"{self.repo}/releases/latest")
        return latest is not None and latest.get("tag_name") == tag

    async def _maybe(self, path: str) -> Json | None:
        try:
            found: Json = await self.wire.get(path)
            return found
        except IntegrationError as told:
            if told.facts["reason"] == "missing":
                return None
            raise


def _is_same(asset: Json, raw: bytes) -> bool:
    """Whether an upload is whole and has these bytes; older servers tell no digest."""
    digest = asset.get("digest") or f"sha256:{hashlib.sha256(raw).hexdigest()}"
    same = digest == f"sha256:{hashlib.sha256(raw).hexdigest()}" and asset.get("size") == len(raw)
    return bool(same and asset.get("state") == "uploaded")
