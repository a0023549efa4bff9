"""A product in memory as a real remote: the same commits, branches and tags."""

from __future__ import annotations

from pathlib import Path

from bot.simulate.orders import HEADS, TAGS
from bot.simulate.repository import MemoryRepository
from sandbox.product import Product
from sandbox.product.edits import Write
from sandbox.product.seed import empty
from sandbox.product.stream import Person, Stream


def as_remote(memory: MemoryRepository, place: Path) -> Product:
    """Its commits were made one after the other on one line."""
    remote, stream = empty(place), Stream()
    marks: dict[str, int] = {}
    for sha, commit in memory.history.commits.items():
        tree, who = memory.history.trees[sha], Person(commit.author, commit.email).at(commit.at)
        edits = tuple(Write(path, tree[path]) for path in memory.history.changed(sha))
        parents = tuple(marks[parent] for parent in commit.parents)
        marks[sha] = stream.commit(memory.main, who, commit.subject, edits, parents)
        for ref, at in memory.refs.items():
            if ref.startswith(TAGS) and at == sha:
                stream.tag(ref.removeprefix(TAGS), marks[sha], who, commit.subject)
    for ref, at in memory.refs.items():
        if ref.startswith(HEADS) and ref != HEADS + memory.main:
            stream.branch(ref.removeprefix(HEADS), marks[at])
    remote.git("fast-import", "--quiet", "--done", stdin=stream.bytes())
    return remote
