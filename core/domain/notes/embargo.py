"""What is hidden until released: only who edits the notes or signs the content may read its titles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.domain.notes.model import Draft


@dataclass(frozen=True, slots=True)
class Embargo:
    """`ids` are items of the notes, `commits` the full ids of all commits that these items are known to have."""

    ids: frozenset[str] = frozenset()
    commits: frozenset[str] = frozenset()

    def hides(self, sha: str, pull: int | None = None) -> bool:
        """Whether a commit, or the pull request that it came by, belongs to what is hidden."""
        return sha in self.commits or sha[:12] in self.ids or (pull is not None and f"#{pull}" in self.ids)

    def title(self, ident: str, title: str) -> str:
        """The title of an item as everybody may read it: "" when it is hidden."""
        return "" if ident in self.ids else title

    def __or__(self, other: Embargo) -> Embargo:
        return Embargo(self.ids | other.ids, self.commits | other.commits)


def embargo(draft: Draft | None, held: Collection[str]) -> Embargo:
    """What people put under an embargo, by the ids in `held`, with the commits that the draft knows of it."""
    commits = frozenset(c for i in (draft.items if draft else ()) if i.id in held for c in i.commits)
    return Embargo(frozenset(held), commits)
