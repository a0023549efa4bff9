"""What the difference shows by itself: interfaces, configuration and migrations, from the texts before and after."""

from __future__ import annotations

import re

from core.domain.notes import files_api, files_config, files_migration
from core.domain.notes.message import tidy
from core.domain.notes.model import Finding, Gap
from core.domain.repository import Difference, FileChange

MOST = 200  # findings of one kind; a difference that shows more has moved whole folders
LONGEST_PATH = 200
LONGEST_TEXT = 1_000_000  # characters of a file that are looked into

_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|__tests__|testing|spec|specs|fixtures|node_modules|vendor|third_party|dist|build|\.venv|site-packages|"
    r"docs|examples?)/|(?:^|/)(?:test_[^/]{0,100}|conftest)\.py$|[._-](?:test|spec|min|bundle)\.[a-z]{1,4}$"
)


def wanted(path: str) -> bool:
    """Whether the texts of a file are needed here: no tests, nothing built or copied in."""
    low = path.lower()
    return (
        not _ASIDE.search(low)
        and (files_api.wanted(low) or files_config.wanted(low) or files_migration.wanted(low))
    )  # fmt: skip


def detect(difference: Difference) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
    """The findings, interfaces first, and the gaps that only they show. Reading is bounded and never raises."""
    before, large = _readable(difference.before)
    after, larger = _readable(difference.after)
    files = [FileChange(f.status, shown(f.path), shown(f.old_path)) for f in difference.files]
    changed = {f.path: f.old_path for f in files if f.old_path}
    api = files_api.find(before, after, changed)
    config, unsampled = files_config.find(before, after)
    migrations, heads = files_migration.find(files, before, after)
    gaps = [*unsampled, *heads]
    gaps += [Gap("too_large", "", {"path": path}) for path in sorted({*large, *larger})]
    for found in (api, config, migrations):
        if len(found) > MOST:
            gaps.append(Gap("too_large", "", {"path": found[MOST].path}))
    return (*api[:MOST], *config[:MOST], *migrations[:MOST]), tuple(gaps)


def _readable(texts: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    kept = {shown(path): text for path, text in texts.items() if len(text) <= LONGEST_TEXT}
    return kept, [shown(path) for path, text in texts.items() if len(text) > LONGEST_TEXT]


def shown(path: str) -> str:
    """A path as people can read it and a store can keep it, whatever letters it was made of."""
    plain = path if path.isprintable() else tidy(path, len(path))
    return plain if len(plain) <= LONGEST_PATH else f"…{plain[1 - LONGEST_PATH :]}"
