"""The git side of the forge: what a branch holds, whether two of them merge, and merging them without a checkout."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.product.remote import Product

_SHA = re.compile(r"[0-9a-f]{7,40}")


@dataclass(frozen=True, slots=True)
class Refs:
    """Questions to the bare repository; everything is answered by git itself."""

    product: Product

    def all(self) -> dict[str, str]:
        """Branches and tags with what they hold; not the refs of pull requests, which are ours."""
        return {ref: sha for ref, sha in self.product.refs().items() if ref.startswith(("refs/heads/", "refs/tags/"))}

    def head(self, branch: str) -> str | None:
        return self.all().get(f"refs/heads/{branch}")

    def commit(self, name: str) -> str | None:
        """The commit that a SHA, HEAD, branch or tag names."""
        asked = [name] if _SHA.fullmatch(name) or name == "HEAD" else [f"refs/heads/{name}", f"refs/tags/{name}"]
        for one in asked:
            try:
                return self.product.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{one}^{{commit}}")
            except RuntimeError:
                continue
        return None

    def kind(self, sha: str) -> str:
        """commit or tag."""
        return self.product.git("cat-file", "-t", sha)

    def count(self, base: str, head: str) -> int:
        """Commits of `head` that `base` does not have."""
        return int(self.product.git("rev-list", "--count", f"{base}..{head}"))

    def contains(self, ancestor: str, descendant: str) -> bool:
        return self.count(descendant, ancestor) == 0

    def merged(self, base: str, head: str) -> str | None:
        """The tree of the merge, or None when the two conflict."""
        try:
            return self.product.git("merge-tree", "--write-tree", base, head).splitlines()[0]
        except RuntimeError:
            return None

    def land(self, branch: str, tree: str, parents: tuple[str, ...], message: str, who: str) -> str:
        """Commit a tree to the branch; the first parent is its head. `who` is git's name, address and time."""
        raw = message.encode()
        first, *others = parents
        lines = [f"commit refs/heads/{branch}", f"committer {who}", f"data {len(raw)}"]
        more = [f"from {first}", *(f"merge {other}" for other in others), f'M 040000 {tree} ""', "done", ""]
        stream = "\n".join(lines).encode() + b"\n" + raw + b"\n" + "\n".join(more).encode()
        self.product.git("fast-import", "--quiet", "--done", stdin=stream)
        return self.product.commit_of(f"refs/heads/{branch}")

    def move(self, ref: str, new: str) -> None:
        self.product.git("update-ref", ref, new)
