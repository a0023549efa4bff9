"""The adapter against the sandbox's forge: real HTTP, a real bare repository."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from bot.integrations.github import GitHub, GitHubSettings
from sandbox.github.records import Token
from sandbox.github.server import GitHubServer, Settings
from sandbox.product.remote import Product
from sandbox.product.seed import empty

TOKEN = "github_pat_sandbox_1234567890"
REPOSITORY = "acme/anchor"


@dataclass
class Forge:
    """The forge, its repository, and the adapter that talks to it."""

    server: GitHubServer
    product: Product
    github: GitHub
    session: aiohttp.ClientSession

    def with_token(self, token: Token) -> GitHub:
        """Another adapter that shows another token, which the forge knows."""
        self.server.tokens[token.value] = token
        return self.another(token=token.value)

    def another(self, **changes: object) -> GitHub:
        """Another adapter, with other settings."""
        return GitHub(replace(self.github.settings, **changes), self.session)  # type: ignore[arg-type]

    def branch(self, name: str, start: str = "main", text: str = "") -> str:
        """A branch; with `text` one commit ahead of where it starts."""
        self.product.branch(name, f"refs/heads/{start}")
        if text:
            self.product.commit(name, f"{name.replace('/', '-')}.txt", text, subject=f"Work on {name}")
        return self.product.commit_of(f"refs/heads/{name}")

    def pull(self, number_of_branch: int | str, *, by: str = "dana", base: str = "main", body: str = "") -> int:
        """A branch with a commit and its pull request; returns the number."""
        head = f"topic/{number_of_branch}"
        self.branch(head, base, f"{number_of_branch}\n")
        return self.server.people.opens_pull(by, head, base, f"Topic {number_of_branch}", body).number


def planted(path: Path) -> Product:
    """A bare repository with one commit on main."""
    product = empty(path)
    stream = b"commit refs/heads/main\ncommitter T <t@x.example> 1760000000 +0000\ndata 5\nStart\n"
    product.git("fast-import", "--quiet", "--done", stdin=stream + b"M 100644 inline a.txt\ndata 1\na\ndone\n")
    return product


@pytest.fixture
async def forge(tmp_path: Path) -> AsyncIterator[Forge]:
    product = planted(tmp_path / "remote.git")
    settings = Settings(tmp_path / "remote.git", REPOSITORY, (Token(TOKEN),))
    async with GitHubServer(settings) as server, aiohttp.ClientSession() as session:
        yield Forge(server, product, GitHub(GitHubSettings(REPOSITORY, TOKEN, server.url), session), session)
        assert server.door.complaints == []
