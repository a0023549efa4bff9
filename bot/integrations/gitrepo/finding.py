"""Looking things up: what differs between two commits, files at one, who names a ticket, what holds a commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.integrations.gitrepo import history, trees
from bot.integrations.gitrepo.names import HEADS, TAGS
from bot.integrations.gitrepo.process import Git
from core.domain.repository import Commit, Difference, FileChange, Holding

_MOST = 500
_SHA = re.compile(r"[0-9a-f]{4,40}")
_NUMBER = re.compile(r"[#!]([1-9][0-9]{0,8})")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}-[0-9]{1,9}")


def difference(git: Git, base: str, head: str, wanted: Callable[[str], bool]) -> Difference:
    out = git.read("diff-tree", "-r", "-z", "-M", "--raw", base or trees.EMPTY, head).out
    fields = iter(trees.text(out).split("\0"))
    files, before, after = [], {}, {}
    for what in fields:
        if not what:
            break
        old_mode, new_mode, old, new, status = what.lstrip(":").split(" ")
        first = next(fields)
        change = FileChange(status[0], next(fields), first) if status[0] in "RC" else FileChange(status[0], first)
        files.append(change)
        if wanted(change.path) or (change.old_path and wanted(change.old_path)):
            if old_mode in trees.FILES:
                before[change.old_path or change.path] = old
            if new_mode in trees.FILES:
                after[change.path] = new
    contents = _texts(git, [*before.values(), *after.values()])
    return Difference(tuple(files), _only(before, contents), _only(after, contents))


def touched(git: Git, shas: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Paths by commit; every commit that is asked for is in the answer."""
    asked = "".join(f"{sha}\n" for sha in shas).encode()
    out = git.read("diff-tree", "--stdin", "-r", "-z", "--root", "--name-only", "--no-renames", stdin=asked).out
    found: dict[str, list[str]] = {sha: [] for sha in shas}
    paths: list[str] = []
    for name in out.decode("utf-8", "replace").split("\0"):
        if name in found:
            paths = found[name]
        elif name:
            paths.append(name)
    return {sha: tuple(paths) for sha, paths in found.items()}


def files(git: Git, sha: str, paths: Sequence[str]) -> dict[str, str | None]:
    there = {path: name for path, (mode, name) in trees.entries(git, sha, paths).items() if mode in trees.FILES}
    contents = _texts(git, list(there.values()))
    return {path: contents.get(there.get(path, "")) for path in paths}


def find(git: Git, text: str) -> tuple[Commit, ...]:
    """Commits by what people call them; nothing for a text that is none of the three forms."""
    text = text.strip()
    if _SHA.fullmatch(text.lower()):
        return _by_sha(git, text.lower())
    if number := _NUMBER.fullmatch(text):
        return _by_number(git, int(number[1]))
    if _KEY.fullmatch(text):
        return _mentioned(git, [text], re.compile(rf"(?<![\w-]){re.escape(text)}(?!\w)", re.IGNORECASE))
    return ()


def holding(git: Git, sha: str) -> Holding:
    said = git.read("for-each-ref", f"--contains={sha}", "--format=%(refname)", HEADS, TAGS).out
    refs = [ref for ref in said.decode("utf-8", "replace").split("\n") if ref]
    tags = tuple(ref.removeprefix(TAGS) for ref in refs if ref.startswith(TAGS))
    return Holding(tags, tuple(ref.removeprefix(HEADS) for ref in refs if ref.startswith(HEADS)))


def _by_sha(git: Git, start: str) -> tuple[Commit, ...]:
    names = git.read("rev-parse", f"--disambiguate={start}").text.split()[:_MOST]
    asked = "".join(f"{name}^{{commit}}\n" for name in names).encode()
    said = git.read("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked).text.splitlines()
    commits = dict.fromkeys(line.split()[0] for line in said if line.endswith(" commit"))
    held = [sha for sha in list(commits)[:20] if holding(git, sha) != Holding()]  # our clone has some that nobody has
    return tuple(history.read(git, held, [], len(held), "--no-walk").commits) if held else ()


def _by_number(git: Git, number: int) -> tuple[Commit, ...]:
    """Those that bring the pull request; else those that mention the number."""
    found = _mentioned(git, [f"#{number}", f"!{number}"], re.compile(rf"[#!]{number}(?!\d)"))
    return tuple(commit for commit in found if commit.pull == number) or found


def _mentioned(git: Git, texts: Sequence[str], pattern: re.Pattern[str]) -> tuple[Commit, ...]:
    options = ["--fixed-strings", "--regexp-ignore-case", *(f"--grep={text}" for text in texts)]
    found = history.everywhere(git, _MOST, *options).commits
    return tuple(c for c in found if pattern.search(c.subject) or pattern.search(c.body))


def _texts(git: Git, names: Sequence[str]) -> dict[str, str]:
    contents = trees.blobs(git, names)
    return {name: data.decode("utf-8", "replace") for name, data in contents.items() if b"\0" not in data[:8000]}


def _only(names: dict[str, str], contents: dict[str, str]) -> dict[str, str]:
    return {path: contents[name] for path, name in names.items() if name in contents}
