"""The product of a simulation: a small history that goes with the policy, with what production runs at its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.simulate.history import Author, Tree
from bot.simulate.repository import MemoryRepository
from core.domain import version_files
from core.domain.policy import Policy
from core.domain.versions import Version

SPELLED = ("{}\n", 'version = "{}"\n', '"version": "{}",\n', '__version__ = "{}"\n', "version: {}\n", "version={}\n")
"""How files say their version: the first that the policy's pattern finds it in."""


def author_of(policy: Policy, said: str) -> Author:
    """Somebody of the policy by key, name or Slack id, with the mail they commit with; anybody else as they are."""
    for key, person in policy.people.items():
        if said in (key, person.name, person.slack):
            return Author(person.name, next(iter(person.emails), f"{key}@localhost"))
    return Author(said, f"{said.casefold()}@localhost")


def begun(policy: Policy, version: str, at: datetime) -> MemoryRepository:
    """Production runs `version` and came from the one before; develop has nothing new yet."""
    live, product = Version.parse(version), policy.product
    author = author_of(policy, next(iter(policy.people)))
    made = MemoryRepository(product.main)
    for number, ago in ((before(live), 28), (live, 14)):
        if number is None:
            continue
        day = at - timedelta(days=ago)
        sha = made.commit(product.main, author, f"Release {number.tag}", _files(policy, number), day)
        made.tag(number.tag, sha)
    if product.develop:
        made.branch(product.develop, product.main)
    return made


def before(live: Version) -> Version | None:
    """A version that may have come before; None for the first one there is."""
    if live.patch:
        return Version(live.major, live.minor, live.patch - 1)
    if live.minor:
        return Version(live.major, live.minor - 1, 0)
    return Version(live.major - 1, 0, 0) if live.major else None


def _files(policy: Policy, number: Version) -> Tree:
    files: dict[str, str] = {"README.md": f"# {policy.product.name}\n"}
    if policy.notes.changelog:
        files[policy.notes.changelog] = "# Changelog\n"
    for path, pattern in policy.notes.files:
        ways = [text.format(number) for text in SPELLED]
        said = [text for text in ways if version_files.found(text, pattern) == str(number)]
        files |= {path: said[0]} if said else {}
    return files
