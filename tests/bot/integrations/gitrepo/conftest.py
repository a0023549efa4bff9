"""A real remote with the product's history, and any number of bots that work on it, each with its own clone."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.integrations.gitrepo import GitRepository, GitSettings
from core.domain.repository import CutBranch, GitOrder, GitPlan, Promote, PushResult, TagCandidate
from sandbox.product import Product, RemoteFaults, seed

MADE_AT = datetime(2026, 12, 16, 15, 0, tzinfo=UTC)


@dataclass
class Yard:
    """The remote, its developers, its faults, and bots by name."""

    folder: Path
    product: Product
    faults: RemoteFaults
    bots: dict[str, GitRepository] = field(default_factory=dict)

    def bot(self, name: str = "bot", **settings: object) -> GitRepository:
        if name not in self.bots:
            self.bots[name] = GitRepository(self.settings(name, **settings))
        return self.bots[name]

    def settings(self, name: str = "bot", **changes: object) -> GitSettings:
        given = {"remote": str(self.product.path), "folder": self.folder / name / "git", "timeout": 20.0} | changes
        return GitSettings(**given)  # type: ignore[arg-type]

    def head(self, branch: str) -> str:
        return self.product.commit_of(f"refs/heads/{branch}")

    def tagged(self, tag: str) -> str:
        return self.product.commit_of(f"refs/tags/{tag}")

    def known(self) -> tuple[str, ...]:
        """The commits of all final tags: what was released or burnt."""
        said = self.product.git("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", "refs/tags")
        return tuple(line.split()[-1] for line in said.splitlines() if "-rc" not in line.split()[0])

    def cut(self, version: str = "1.3.0", base: str = "develop", tag: str | None = "v1.3.0-rc.1") -> CutBranch:
        return CutBranch(f"release/{version}", self.product.commit_of(base), MADE_AT, tag, "The first candidate")

    def candidate(self, branch: str, tag: str) -> TagCandidate:
        return TagCandidate(branch, self.head(branch), tag, MADE_AT, f"Candidate {tag}")

    def promotion(self, candidate: str, tag: str = "v1.3.0", **changes: object) -> Promote:
        given: dict[str, object] = {"known": self.known(), "title": f"Release {tag}", "message": "Signed by Mira"}
        return Promote(candidate, tag, MADE_AT, **(given | changes))  # type: ignore[arg-type]

    async def do(self, order: GitOrder, bot: str = "bot") -> PushResult:
        repository = self.bot(bot)
        return await repository.push(order, await repository.plan(order))

    @property
    def rc2(self) -> str:
        return self.tagged("v1.3.0-rc.2")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded")
    seed(folder / "asset-anchor.git")
    return folder


@pytest.fixture(scope="session")
def stabilized_template(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """The release branch is cut, one fix is merged, rc.2 is tagged on it: made by the bot, once for all tests."""
    folder = tmp_path_factory.mktemp("stabilized") / "yard"
    shutil.copytree(template, folder)
    asyncio.run(_stabilize(_yard(folder)))
    return folder


@pytest.fixture(scope="session")
def stabilized_plan(stabilized_template: Path) -> tuple[Promote, GitPlan]:
    """The promotion of rc.2, planned once: the same for every copy of the template."""
    yard = _yard(stabilized_template)
    order = yard.promotion(yard.rc2)
    return order, asyncio.run(yard.bot().plan(order))


@pytest.fixture(scope="session")
def rolled_back_template(tmp_path_factory: pytest.TempPathFactory, stabilized_template: Path) -> Path:
    folder = tmp_path_factory.mktemp("rolled-back") / "yard"
    shutil.copytree(stabilized_template, folder)
    asyncio.run(_take_back(_yard(folder)))
    return folder


async def _stabilize(yard: Yard) -> None:
    assert (await yard.do(yard.cut())).outcome == "done"
    yard.product.merge_pull(341, into="release/1.3.0")
    assert (await yard.do(yard.candidate("release/1.3.0", "v1.3.0-rc.2"))).outcome == "done"


async def _take_back(yard: Yard) -> None:
    assert (await yard.do(yard.promotion(yard.tagged("v1.3.0-rc.2")))).outcome == "done"
    hotfix = CutBranch("hotfix/1.2.2-hotfix.1", yard.tagged("v1.2.2"), MADE_AT)
    assert (await yard.do(hotfix)).outcome == "done"
    yard.product.fix(hotfix.branch, 338)
    assert (await yard.do(yard.candidate(hotfix.branch, "v1.2.2-hotfix.1-rc.1"))).outcome == "done"


def _yard(folder: Path) -> Yard:
    product = Product(folder / "asset-anchor.git")
    return Yard(folder, product, RemoteFaults(product.path))


def _copy(template: Path, folder: Path) -> Iterator[Yard]:
    shutil.copytree(template, folder)
    yard = _yard(folder)
    yield yard
    for bot in yard.bots.values():
        bot.close()


@pytest.fixture
def yard(tmp_path: Path, template: Path) -> Iterator[Yard]:
    """The product as it is before the release."""
    yield from _copy(template, tmp_path / "yard")


@pytest.fixture
def planned(ready: Yard, stabilized_plan: tuple[Promote, GitPlan]) -> tuple[Yard, Promote, GitPlan]:
    """The promotion of rc.2 is planned, its objects are in the clone, nothing is published."""
    return ready, *stabilized_plan


@pytest.fixture
def ready(tmp_path: Path, stabilized_template: Path, stabilized_plan: tuple[Promote, GitPlan]) -> Iterator[Yard]:
    """v1.3.0-rc.2 stands on release/1.3.0."""
    yield from _copy(stabilized_template, tmp_path / "yard")


@pytest.fixture
def rolled_back(tmp_path: Path, rolled_back_template: Path) -> Iterator[Yard]:
    """main and develop hold v1.3.0, production runs v1.2.2 again, and its hotfix is signed on a branch."""
    yield from _copy(rolled_back_template, tmp_path / "yard")
