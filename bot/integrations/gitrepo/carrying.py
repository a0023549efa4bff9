"""Changes carried from one place of the history to another: picked, taken back, merged in; nobody's words get lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bot.integrations.gitrepo import history, objects, trees
from bot.integrations.gitrepo.names import printable
from bot.integrations.gitrepo.objects import Author, Maker, Merge
from bot.integrations.gitrepo.process import Git
from bot.integrations.gitrepo.solving import Known
from core.domain.pulls import pull_number
from core.domain.repository import MergeBranch, MergeConflict, Pick, Revert, Solve
from core.domain.scope import co_authors
from core.errors import Blocker, Refused

FILES_SHOWN = 50
_FIELDS = ("%H", "%P", "%T", "%an", "%ae", "%ad", "%s", "%b")
_NAMELESS = re.compile(r"[\x00-\x20.,:;<>\"\\']*")
_DATE = re.compile(r"(\d{1,11}) ([+-]\d{4})")
_TRAILER = re.compile(r"^(?:[A-Za-z][A-Za-z0-9-]*: .+|\(cherry picked from commit [0-9a-f]+\))$")


@dataclass(frozen=True, slots=True)
class Carried:
    """A commit that is to be carried; `author` as git can write it again."""

    sha: str
    parents: tuple[str, ...]
    tree: str
    author: Author
    subject: str
    body: str


Solved = Callable[[Merge, Known, str], str]  # the tree of a merge that may conflict; `str` is the commit it is about


def picked(maker: Maker, head: str, order: Pick) -> str:
    """The new head with the changes on top, oldest first."""
    solved = partial(_clean, maker.git, branch=order.branch, head=head)
    return _changed(head, _with(maker, head, order, solved), order)


def reverted(maker: Maker, head: str, order: Revert) -> str:
    """The new head without the changes, newest taken back first."""
    solved = partial(_clean, maker.git, branch=order.branch, head=head)
    return _changed(head, _without(maker, head, order, solved), order)


def marked(maker: Maker, order: Solve) -> str:
    """The same on a branch of its own; what conflicts is committed with git's marks, for people to solve."""

    def solved(merged: Merge, known: Known, commit: str) -> str:
        return (merged.tree if merged.clean else known.solved(maker.git, merged)) or merged.tree

    return (_without if order.reverted else _with)(maker, order.head, order, solved)


def _with(maker: Maker, head: str, order: Pick | Solve, solved: Solved) -> str:
    git, base = maker.git, head
    for commit in reversed(_read(git, order.commits)):
        before = _before(maker, commit)
        theirs = commit.sha if commit.parents else maker.commit(commit.tree, (before,), "picked")
        merged = objects.merge(git, maker.commit(objects.tree_of(git, base), (before,), "here"), theirs)
        tree = solved(merged, Known(order.changelog, order.version_files), commit.sha)
        if tree != objects.tree_of(git, base):
            base = maker.commit(tree, (base,), _picked_words(git, commit), commit.author)
    return base


def _without(maker: Maker, head: str, order: Revert | Solve, solved: Solved) -> str:
    git, base = maker.git, head
    known = Known(order.changelog, order.version_files, sections="ours")
    for commit in _read(git, order.commits):
        old = objects.tree_of(git, commit.parents[0]) if commit.parents else trees.EMPTY
        here, without = (maker.commit(tree, (commit.sha,), "here") for tree in (objects.tree_of(git, base), old))
        tree = solved(objects.merge(git, here, without), known, commit.sha)
        if tree != objects.tree_of(git, base):
            base = maker.commit(tree, (base,), _reverted_words(commit))
    return base


def merged_in(maker: Maker, head: str, order: MergeBranch) -> str:
    """The new head that holds `source_sha`, with the version and CHANGELOG of the branch; `head` if it holds it."""
    git, source = maker.git, order.source_sha
    if objects.is_ancestor(git, source, head):
        return head
    known = Known(order.changelog, order.version_files, sections="ours")
    tree = known.own(git, _clean(git, objects.merge(git, head, source), known, source, order.branch, head), head)
    return maker.commit(tree, (head, source), order.message or f"Merge {source[:12]} into {order.branch}")


def conflict(git: Git, branch: str, merged: Merge, sides: tuple[str, str]) -> MergeConflict:
    """What stands in the way of a merge, with who touched each file lately on the two sides."""
    shown = merged.files[:FILES_SHOWN]
    return MergeConflict(branch, merged.files, history.people(git, sides, shown) if shown else {})


def _clean(git: Git, merged: Merge, known: Known, commit: str, branch: str, head: str) -> str:
    """The merge's tree, solved where it can be. Raises Refused with files and people where it cannot."""
    tree = merged.tree if merged.clean else known.solved(git, merged)
    if tree:
        return tree
    found = conflict(git, branch, merged, (head, commit))
    files = [printable(file, 200) for file in found.files[:FILES_SHOWN]]
    people = {printable(file, 200): [printable(n, 60) for n in names] for file, names in found.people.items()}
    raise Refused([Blocker("git.conflict", {"branch": branch, "files": files, "people": people, "commit": commit})])


def _changed(head: str, made: str, order: Pick | Revert) -> str:
    if made == head:
        kind, said = ("pick", "is already on") if isinstance(order, Pick) else ("revert", "is not on")
        facts = {"branch": order.branch, "kind": kind, "commits": list(order.commits)}
        raise Refused([Blocker("git.nothing", facts | {"detail": f"The change {said} {order.branch}."})])
    return made


def _read(git: Git, shas: Sequence[str]) -> list[Carried]:
    """The commits as asked for, without those that a merge among them brings."""
    out = git.read(
        "log", "-z", "--no-walk=unsorted", "--date=raw", "--format=tformat:" + "%x00".join(_FIELDS), "--stdin",
        stdin="".join(f"{sha}\n" for sha in dict.fromkeys(shas)).encode(),
    ).out  # fmt: skip
    parts = out.decode("utf-8", "replace").split("\0")
    width = len(_FIELDS)
    commits = [_carried(parts[at : at + width]) for at in range(0, len(parts) - width + 1, width)]
    brought: set[str] = set()
    for merge in [c for c in commits if len(c.parents) > 1] if len(commits) > 1 else []:
        brought |= set(git.read("rev-list", *merge.parents[1:], f"^{merge.parents[0]}").text.split())
    return [commit for commit in commits if commit.sha not in brought]


def _carried(fields: Sequence[str]) -> Carried:
    sha, parents, tree, name, email, date, subject, body = fields
    when = _DATE.fullmatch(date)
    stamp = f"@{when[1]} {when[2]}" if when else "@0 +0000"
    author = Author("unknown" if _NAMELESS.fullmatch(name) else name, email, stamp)
    return Carried(sha, tuple(parents.split()), tree, author, subject, body.strip("\n"))


def _before(maker: Maker, commit: Carried) -> str:
    """What the commit changed: its first parent, or nothing at all."""
    return commit.parents[0] if commit.parents else maker.commit(trees.EMPTY, (), "nothing")


def _picked_words(git: Git, commit: Carried) -> str:
    """The commit's own words with where it came from; of a merged pull request its title, and who wrote its commits."""
    subject, body, more = commit.subject, commit.body, [f"(cherry picked from commit {commit.sha})"]
    if len(commit.parents) > 1:
        subject, body = _title(commit), "\n".join(body.split("\n")[1:]).strip("\n")
        mine = f"{commit.author.name} <{commit.author.email}>"
        more += [f"Co-authored-by: {person}" for person in _wrote(git, commit) if person != mine]
    last = body.split("\n")[-1] if body else ""
    gap = "\n" if _TRAILER.match(last) else "\n\n"
    return subject + ("\n\n" + body if body else "") + gap + "\n".join(more)


def _wrote(git: Git, merge: Carried) -> list[str]:
    """Everybody who wrote in what a merge brought, as `Name <mail>`: nobody's part may be hidden from who signs.

    Its merges count too, because they may hold words of their own, and who is named in a message as its co-author.
    """
    out = git.read("log", "-z", "--format=tformat:%an <%ae>%x00%b", *merge.parents[1:], f"^{merge.parents[0]}").out
    parts = out.decode("utf-8", "replace").split("\0")
    named = [
        person for author, body in zip(parts[::2], parts[1::2], strict=False) for person in (author, *co_authors(body))
    ]
    return list(dict.fromkeys(named))


def _reverted_words(commit: Carried) -> str:
    merge = f", reversing\nchanges made to {commit.parents[0]}" if len(commit.parents) > 1 else ""
    return f'Revert "{_title(commit)}"\n\nThis reverts commit {commit.sha}{merge}.'


def _title(commit: Carried) -> str:
    """A merge commit of a host has the title of its pull request in the first line of its body."""
    number = pull_number(commit.subject) if len(commit.parents) > 1 else None
    title = commit.body.split("\n")[0].strip()
    return f"{title} (#{number})" if number and title and title != commit.subject else commit.subject
