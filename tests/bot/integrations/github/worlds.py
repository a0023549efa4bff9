"""A forge with people in it, as the tests of the adapter need it: the sandbox's, or another one as a witness."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import aiohttp

from bot.integrations.github import GitHub, GitHubSettings
from sandbox.github.records import Milestone, Token
from sandbox.github.server import GitHubServer
from sandbox.product.remote import Product

TOKEN = "github_pat_sandbox_1234567890"
OWNER, REPOSITORY = "acme", "acme/anchor"


@dataclass
class World(ABC):
    """The adapter, and what others do on the forge that it talks to. `sent` are the adapter's own requests."""

    github: GitHub
    session: aiohttp.ClientSession
    sent: list[tuple[str, str]]

    def count(self, method: str, path: str) -> int:
        """How often the adapter has asked for this, below the repository's address."""
        return self.sent.count((method, path))

    def another(self, **changes: object) -> GitHub:
        """Another adapter, with other settings."""
        return GitHub(replace(self.github.settings, **changes), self.session)  # type: ignore[arg-type]

    async def pull(self, name: str, *, base: str = "main", body: str = "") -> int:
        """A branch topic/<name> with one commit and dana's pull request for it; its number."""
        await self.branch(f"topic/{name}", base, f"{name}\n")
        return await self.opens_pull(f"topic/{name}", base, f"Topic {name}", body)

    @abstractmethod
    async def branch(self, name: str, start: str = "main", text: str = "") -> str:
        """A branch; with `text` one commit ahead of where it starts. The SHA of its head."""

    @abstractmethod
    async def commit(self, branch: str, path: str, text: str) -> None: ...

    @abstractmethod
    async def head(self, branch: str) -> str: ...

    @abstractmethod
    async def tag(self, name: str) -> None:
        """A tag on main."""

    @abstractmethod
    async def has_tag(self, name: str) -> bool: ...

    @abstractmethod
    async def opens_pull(self, head: str, base: str, title: str, body: str) -> int: ...

    @abstractmethod
    async def files_issue(self, title: str, milestone: int | None, *labels: str) -> int: ...

    @abstractmethod
    async def makes_milestones(self, *titles: str) -> None: ...

    @abstractmethod
    async def plans(self, number: int, milestone: int) -> None:
        """Put a pull request into a milestone."""

    @abstractmethod
    async def closes(self, number: int) -> None: ...

    @abstractmethod
    async def reviews(self, by: str, number: int, how: str = "approves") -> None: ...

    @abstractmethod
    async def merges(self, number: int) -> str: ...

    @abstractmethod
    async def runs_check(self, sha: str, name: str, conclusion: str | None) -> None: ...

    @abstractmethod
    async def release(self, tag: str) -> SimpleNamespace:
        """name, body, draft, prerelease, assets (name -> size) of the release of a tag."""


def watched_session(sent: list[tuple[str, str]], repository: str) -> aiohttp.ClientSession:
    """A session that writes down what is asked for."""

    async def note(session: object, context: object, told: aiohttp.TraceRequestStartParams) -> None:
        sent.append((told.method, told.url.path.partition(f"/repos/{repository}")[2]))

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(note)
    return aiohttp.ClientSession(trace_configs=[trace])


def adapter(url: str, session: aiohttp.ClientSession, repository: str = REPOSITORY) -> GitHub:
    return GitHub(GitHubSettings(repository, TOKEN, url), session)


@dataclass
class Sandbox(World):
    """The sandbox's forge, whose repository is a real one."""

    server: GitHubServer
    product: Product
    numbers: list[int] = field(default_factory=list)

    def with_token(self, token: Token) -> GitHub:
        """Another adapter that shows another token, which the forge knows."""
        self.server.tokens[token.value] = token
        return self.another(token=token.value)

    async def branch(self, name: str, start: str = "main", text: str = "") -> str:
        self.product.branch(name, f"refs/heads/{start}")
        if text:
            await self.commit(name, f"{name.replace('/', '-')}.txt", text)
        return await self.head(name)

    async def commit(self, branch: str, path: str, text: str) -> None:
        self.product.commit(branch, path, text, subject=f"Work on {branch}")

    async def head(self, branch: str) -> str:
        return self.product.commit_of(f"refs/heads/{branch}")

    async def tag(self, name: str) -> None:
        self.product.git("update-ref", f"refs/tags/{name}", await self.head("main"))

    async def has_tag(self, name: str) -> bool:
        return f"refs/tags/{name}" in self.product.refs()

    async def opens_pull(self, head: str, base: str, title: str, body: str) -> int:
        return self.server.people.opens_pull("dana", head, base, title, body).number

    async def files_issue(self, title: str, milestone: int | None, *labels: str) -> int:
        return self.server.people.files_issue("jo", title, milestone=milestone, labels=labels).number

    async def makes_milestones(self, *titles: str) -> None:
        for title in titles:
            number = len(self.server.hub.milestones) + 1
            self.server.hub.milestones[number] = Milestone(number, title, self.server.hub.now())

    async def plans(self, number: int, milestone: int) -> None:
        self.server.people.plans(number, milestone)

    async def closes(self, number: int) -> None:
        self.server.people.closes(number)

    async def reviews(self, by: str, number: int, how: str = "approves") -> None:
        self.server.people.reviews(by, number, how)

    async def merges(self, number: int) -> str:
        return self.server.people.merges("ines", number)

    async def runs_check(self, sha: str, name: str, conclusion: str | None) -> None:
        self.server.people.runs_check(sha, name, conclusion)

    async def release(self, tag: str) -> SimpleNamespace:
        (one,) = [one for one in self.server.hub.releases.values() if one.tag == tag]
        assets = {asset.name: len(asset.raw) for asset in one.assets}
        return SimpleNamespace(
            name=one.name, body=one.body, draft=one.draft, prerelease=one.prerelease, assets=assets
        )
