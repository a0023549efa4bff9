"""GitHub's answer to a job that waits for our deployment protection rule; only an app may give it, not a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gidgethub.apps import get_jwt

from bot.integrations.github.errors import error
from bot.integrations.github.settings import GitHubSettings, origin_of
from bot.integrations.github.wire import Wire


@dataclass(frozen=True, slots=True)
class ProtectionRule:
    """One repository's rule, as the app of these settings."""

    settings: GitHubSettings
    wire: Wire

    async def answer(self, asked: Mapping[str, Any], allowed: bool, words: str) -> None:
        """Approve or reject the job. `asked` has callback, installation and environment, as the webhook told them."""
        if not self.settings.app_id or not self.settings.app_key:
            raise error("denied", "GITHUB_APP_ID and GITHUB_APP_KEY are not set, so no job can be answered")
        path = self._path(str(asked["callback"]))
        state = "approved" if allowed else "rejected"
        wanted = {"environment_name": asked["environment"], "state": state, "comment": words}
        await self.wire.send("POST", path, wanted, token=await self._token(int(asked["installation"])))

    def _path(self, callback: str) -> str:
        """The address of one of our repository's runs, or nothing: a token goes nowhere else."""
        api = urlsplit(self.settings.api_url)
        run = rf"{re.escape(api.path.rstrip('/'))}(/repos/{re.escape(self.settings.repository)}/actions/runs/\d+/"
        found = re.fullmatch(rf"{run}deployment_protection_rule)", urlsplit(callback).path, re.IGNORECASE)
        if found is None or origin_of(callback) != origin_of(self.settings.api_url):
            raise error("refused", "the job asks for an answer at an address that is not of this repository")
        return found.group(1)

    async def _token(self, installation: int) -> str:
        """A token of the app in this repository; it lives for an hour and is asked for when it is needed."""
        key = self.settings.app_key.replace("\\n", "\n")
        try:
            proof = get_jwt(app_id=self.settings.app_id, private_key=key)
        except (ValueError, TypeError):
            raise error("denied", "GITHUB_APP_KEY is no private key in PEM form") from None
        path = f"/app/installations/{installation}/access_tokens"
        made = await self.wire.send("POST", path, {}, jwt=proof)
        return self.wire.made(lambda: str(made["token"]))
