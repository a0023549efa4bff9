"""Drafting notes: reading and classifying against `git log`, detectors against git, drafts against two tools."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.integrations.gitrepo import GitRepository, GitSettings
from core.domain.notes.compose import compose
from core.domain.notes.detect import detect, wanted
from core.domain.notes.draft import draft
from core.domain.notes.markdown import markdown
from core.domain.notes.model import Draft, Links, NotesRules
from core.domain.repository import Commit, Difference
from tests.bench.changes import product
from tests.bench.history import Bare
from tests.bench.ranges import WHOLE, timed

AIMS = {
    "classify": 4.0, "detect": 1.5, "git_cliff": 1.0, "commitizen": 1.0, "git_cliff_all": 1.0, "commitizen_all": 1.0,
}  # fmt: skip
CONFIG = """[tool.commitizen]
name = "cz_conventional_commits"
version_scheme = "semver"
tag_format = "v$version"
version = "1.0.0"
"""
Work = Callable[[], Awaitable[object]]


def _draft(commits: Sequence[Commit], difference: Difference | None, base: str, head: str) -> Draft:
    return draft(commits, shipped={}, pulls={}, difference=difference, rules=NotesRules(), base=base, head=head)


def _checkout(remote: Path, folder: Path) -> Path:
    """A clone with files, as the tools want it, with a commit-graph and settings for commitizen."""
    subprocess.run(["git", "clone", "--quiet", str(remote), str(folder)], check=True)
    subprocess.run(["git", "commit-graph", "write", "--reachable", "--no-progress"], cwd=folder, check=True)
    (folder / "pyproject.toml").write_text(CONFIG)
    return folder


def _tool(folder: Path, name: str, *args: str) -> Work:
    """A program of the bench's own lock, run in a folder; it must find something to say."""
    command = [str(Path(sys.executable).parent / name), *args]

    def run() -> None:
        said = subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout
        assert b"\n- " in said or b"\n* " in said, command

    return lambda: asyncio.to_thread(run)


async def drafts_against_tools(folder: Path, rounds: int, versions: int) -> dict[str, Any]:
    """Seconds of our parts and of what each is compared with, on one history with a commit-graph.

    The race is the whole way to printed notes, over the last two versions and over everything; what a tool needs to
    start is part of it.
    """
    story, marks = product(folder / "told.git", versions)
    repository = GitRepository(GitSettings(str(story.path), folder / "drafts"))
    await repository.look()
    clone, work = Bare(folder / "drafts" / "product"), _checkout(story.path, folder / "work")
    first, base, head = (story.shas[mark] for mark in (1, marks[-3], marks[-1]))
    late = f"v1.{versions - 2}.0..v1.{versions}.0"

    async def classified() -> Draft:
        commits = await repository.changes(first, head, 1_000_000)
        return await asyncio.to_thread(_draft, commits, None, first, head)

    async def detected() -> object:
        return await asyncio.to_thread(detect, await repository.difference(base, head, wanted))

    async def printed(since: str) -> str:
        read, files = await asyncio.gather(
            repository.read_range(since, head), repository.difference(since, head, wanted)
        )
        made = await asyncio.to_thread(_draft, read.commits, files, since, head)
        return markdown(compose(made, {}, released=True), f"1.{versions}.0", date(2026, 12, 16), Links())

    def plain(*args: str, stdin: bytes = b"") -> Work:
        return lambda: asyncio.to_thread(clone.git, *args, stdin=stdin)

    names = [line.split("\t")[-1] for line in clone.git("diff", "--raw", base, head).splitlines()]
    texts = "".join(f"{sha}:{name}\n" for name in names if wanted(name) for sha in (base, head))
    took = await timed(
        rounds * 3,
        classify=classified,
        plain_log=plain("log", WHOLE, f"{first}..{head}"),
        detect=detected,
        plain_names=plain("diff", "--raw", "-M", base, head),
        plain_texts=plain("cat-file", "--batch", stdin=texts.encode()),
        draft=lambda: printed(base),
        git_cliff=_tool(work, "git-cliff", late),
        commitizen=_tool(work, "cz", "changelog", "--dry-run", late.replace("v", "")),
    )
    took |= await timed(
        rounds,
        draft_all=lambda: printed(first),
        git_cliff_all=_tool(work, "git-cliff"),
        commitizen_all=_tool(work, "cz", "changelog", "--dry-run"),
    )
    races = {name: took["draft"] / took[name] for name in ("git_cliff", "commitizen")}
    races |= {name: took["draft_all"] / took[name] for name in ("git_cliff_all", "commitizen_all")}
    return {
        "commits": len(await repository.changes(first, head, 1_000_000)),
        "versions": versions,
        "seconds": took,
        "classify": took["classify"] / took["plain_log"],
        "detect": took["detect"] / (took["plain_names"] + took["plain_texts"]),
        **races,
    }


def show(console: Console, found: dict[str, Any]) -> bool:
    ratios = ", ".join(f"{name} {found[name]:.2f} (aim <= {aim})" for name, aim in AIMS.items())
    seconds = found["seconds"]
    console.print(
        f"{found['commits']:,} commits of {found['versions']} versions drafted in {seconds['draft_all']:.2f} s, "
        f"the last two in {seconds['draft']:.2f} s; ours to theirs: {ratios}"
    )
    return all(found[name] <= aim for name, aim in AIMS.items())
