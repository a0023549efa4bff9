"""Copies of the product's repository for rehearsals: made of the clone, so that nobody's remote is asked or changed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection
from pathlib import Path

from bot.integrations.gitrepo.process import Git, Running
from bot.integrations.gitrepo.remote import Remote
from bot.integrations.gitrepo.repository import GitRepository
from bot.integrations.gitrepo.settings import GitSettings
from bot.integrations.watched import watched
from core.domain.rehearsals import REHEARSALS, folder_of
from core.ports import Repository

_NAMES = "remote.git", "clone"


def copies_in(data: Path) -> GitCopies:
    """The copies in a data directory, made of the clone that lies there."""
    return GitCopies(GitSettings("", data / "git"), data / REHEARSALS)


class GitCopies:
    """`core.ports.Copies`: each copy is a bare repository in `folder`, with a clone beside it as any remote has."""

    def __init__(self, source: GitSettings, folder: Path) -> None:
        self._source = source
        self._folder = folder
        self._known: dict[str, Repository] = {}

    def of(self, key: str) -> Repository:
        if key not in self._known:
            remote = str(self._place(key) / _NAMES[0])
            self._known[key] = watched(GitRepository(GitSettings(remote, self._place(key), _NAMES[1])), "git")
        return self._known[key]

    async def make(self, key: str, without: Collection[str]) -> None:
        await asyncio.to_thread(self._make, self._place(key), frozenset(without))

    async def forget(self, key: str) -> None:
        self._known.pop(key, None)
        await asyncio.to_thread(shutil.rmtree, self._place(key), ignore_errors=True)

    def _place(self, key: str) -> Path:
        return self._folder / folder_of(key)

    def _make(self, place: Path, without: frozenset[str]) -> None:
        shutil.rmtree(place, ignore_errors=True)
        bare = place / _NAMES[0]
        bare.mkdir(parents=True)
        git = Git(bare, Remote.parse(str(self._source.path)), self._source.timeout, Running())
        git.make()
        git.read(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--end-of-options",
            str(self._source.path), "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
        )  # fmt: skip
        there = git.read("for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags").text.splitlines()
        gone = [ref for ref in there if ref in without]
        if gone:
            git.read("update-ref", "--stdin", stdin="".join(f"delete {ref}\n" for ref in gone).encode())
