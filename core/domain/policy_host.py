"""The policy's tables about notes, links and the host of the code; all of them may be left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from core.domain.notes import model
from core.domain.notes.model import Heading, NotesRules
from core.domain.policy_parts import Frozen

MOST_PATTERN = 200


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    if _repeats_repeats(text):
        raise ValueError("repeats a group that repeats something inside; that may take for ever on a long line")
    return text


def _repeats_repeats(text: str) -> bool:
    """Whether a repeated group repeats something inside, as `(a+)+` does: that may take for ever on a long line."""
    open_groups, repeated, at = [False], False, 0
    while at < len(text):
        mark = text[at]
        if mark == "\\":
            at += 2
            continue
        if mark == "[":
            at = max(text.find("]", at + 2 + text.startswith("[^", at)), at)
        elif mark == "(":
            open_groups.append(False)
        elif mark == ")":
            inside = open_groups.pop() if len(open_groups) > 1 else False
            repeated |= inside and text[at + 1 : at + 2] in ("+", "*", "{")
            open_groups[-1] |= inside
        elif mark in "+*{":
            open_groups[-1] = True
        at += 1
    return repeated


def _one_group(text: str) -> str:
    if re.compile(_pattern(text), re.MULTILINE).groups != 1:
        raise ValueError("needs exactly one group, the version: ^version = \"(.+)\"$")
    return text


def _address(text: str) -> str:
    if text and urlsplit(text).scheme not in ("https", "http"):
        raise ValueError("is no web address")
    return text


def _path(text: str) -> str:
    if text.startswith("/") or any(part in ("", ".", "..", ".git") for part in text.split("/")):
        raise ValueError("is no path of a file inside the repository")
    return text


Pattern = Annotated[str, Field(max_length=MOST_PATTERN), AfterValidator(_pattern)]
Address = Annotated[str, Field(max_length=300), AfterValidator(_address)]
Path = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_path)]


class VersionFile(Frozen):
    """A file of the product that names its version: the first group of `pattern` in it."""

    path: Path
    pattern: Annotated[str, Field(max_length=MOST_PATTERN), AfterValidator(_one_group)]


class NotesPolicy(Frozen):
    """How release notes are drafted and where they are committed; "" and empty mean: not at all."""

    issue_pattern: Pattern = ""
    issue_url: Address = ""
    changelog: Annotated[str, AfterValidator(lambda path: _path(path) if path else path)] = ""
    version_files: tuple[VersionFile, ...] = ()
    labels: Mapping[str, Heading] = {}
    internal_hosts: tuple[str, ...] = ()
    fix_types: tuple[str, ...] = NotesRules().fix_types

    def rules(self, release_type: str) -> NotesRules:
        return NotesRules(
            issue_pattern=self.issue_pattern,
            labels=dict(self.labels),
            hosts=self.internal_hosts,
            fix_types=self.fix_types,
            release_type=release_type,
        )

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Path and pattern of each version file, as git orders want them."""
        return tuple((file.path, file.pattern) for file in self.version_files)


class Links(Frozen):
    """Address patterns, with {sha}, {number}, {base} and {head} in them; "" where nothing is linked."""

    commit: Address = ""
    pull: Address = ""
    compare: Address = ""


class Github(Frozen):
    """The repository on the host of the code; "" = there is none, all is read from git alone."""

    repository: str = Field(default="", pattern=r"^$|^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$")
    address: Address = "https://github.com"  # of the pages that people open

    def links(self, written: Links, issue: str) -> model.Links:
        """All address patterns: those that are written, else those that follow from the repository."""
        page = f"{self.address}/{self.repository}" if self.repository else ""
        follow = (f"{page}/commit/{{sha}}", f"{page}/pull/{{number}}", f"{page}/compare/{{base}}...{{head}}")
        commit, pull, compare = follow if page else ("", "", "")
        return model.Links(written.commit or commit, written.pull or pull, written.compare or compare, issue)
