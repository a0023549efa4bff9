"""What a change touched says where its words do not: only pages, only tests, only what builds the product."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.domain.notes.model import Draft, Heading, Item, NotesRules

_DOCS = re.compile(
    r"(?:^|/)docs?/|\.(?:md|rst|adoc|markdown)$|(?:^|/)(?:license|notice|authors|codeowners|copying)[^/]*$"
)
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|__tests__|testing|specs?|fixtures|e2e|cypress)/|(?:^|/)(?:test_[^/]*|conftest)\.py$"
    r"|[._-](?:test|spec)\.[a-z]{1,4}$"
)
_TOOLS = re.compile(
    r"^\.(?:github|gitlab|circleci|ci|vscode|devcontainer|husky)/"
    r"|(?:^|/)(?:\.gitignore|\.editorconfig|\.gitattributes|\.pre-commit-config\.yaml|\.gitlab-ci\.yml|makefile|"
    r"jenkinsfile|tox\.ini|mypy\.ini|ruff\.toml|\.[a-z]*rc|requirements[^/]*\.txt|[^/]*\.lock|package-lock\.json|"
    r"pnpm-lock\.yaml)$"
)
_KINDS = (("test", _TESTS), ("docs", _DOCS), ("ci", _TOOLS))  # a change of several of them is named by the first


def undecided(draft: Draft) -> tuple[str, ...]:
    """The commits of the units that nothing else could classify: those to ask git about."""
    return tuple(sha for item in draft.items if item.heading is None for sha in item.commits)


def with_paths(draft: Draft, touched: Mapping[str, Sequence[str]], rules: NotesRules) -> Draft:
    """The draft where a unit that only touched pages, tests or tools stays out of the notes, said as "path:docs".

    `touched` are the paths of each commit, none of a merge. A unit with a commit that is missing there stays as it is.
    """
    items = tuple(_decided(item, touched, rules) if item.heading is None else item for item in draft.items)
    decided = {i.id for i in items if i.why.startswith("path:")}
    gaps = tuple(
        g for g in draft.gaps
        if g.item not in decided or g.code not in ("unclassified", "no_key", "no_pull")
    )  # fmt: skip
    return replace(draft, items=items, gaps=gaps)


def _decided(item: Item, touched: Mapping[str, Sequence[str]], rules: NotesRules) -> Item:
    paths = [path.lower() for sha in item.commits for path in touched.get(sha, ())]
    if not paths or item.breaking or any(sha not in touched for sha in item.commits):
        return item
    found = {next((kind for kind, pattern in _KINDS if pattern.search(path)), "") for path in paths}
    if "" in found:
        return item
    kind = next(kind for kind, _ in _KINDS if kind in found)
    return replace(item, heading=Heading.HIDDEN, why=f"path:{kind}", fix=item.fix or kind in rules.fix_types)
