"""The product's bare git repository, and acting as one of its developers there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.product.edits import Write, changed
from sandbox.product.pulls import MERGED, OPEN, Pull, mail
from sandbox.product.stream import Person, Stream

_BETWEEN_COMMITS = timedelta(minutes=11)
_QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C", "TZ": "UTC", "GIT_TERMINAL_PROMPT": "0",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """Every method works on the bare repository itself, so nothing stands between a test and what it wants there."""

    path: Path

    def git(self, *args: str, stdin: bytes = b"") -> str:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", "--git-dir", str(self.path), *args],
            input=stdin, env=inherited | _QUIET | {"HOME": str(self.path)}, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"git {args[0]} in {self.path.name}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode(errors="replace").strip()

    def commit(
        self, branch: str, path: str, text: str, *, author: str = "Dana", subject: str, at: datetime | None = None
    ) -> str:
        """One file as `text`, committed to the head of `branch`; returns the SHA."""
        return self._commit(branch, {path: text}, author, subject, at=at)

    def merge(self, branch: str, other: str, files: Mapping[str, str], *, author: str, message: str) -> str:
        """A merge of the commit `other` by hand, with these files as they were settled."""
        return self._commit(branch, files, author, message, also=(other,))

    def merge_pull(self, number: int, into: str = "develop", at: datetime | None = None) -> str:
        """Merge an open pull request the way its host would, and delete its branch."""
        pull = self.pull(number)
        head = self.refs().get(f"refs/heads/{pull.branch}")
        if head is None:
            raise LookupError(f"#{number} is not open")
        files = self._applied(pull, into)
        if pull.squashed:
            sha = self._commit(into, files, pull.author, pull.subject, at=at)
        else:
            message = f"Merge pull request #{number} from {pull.branch}\n\n{pull.title}"
            sha = self._commit(into, files, pull.author, message, also=(head,), at=at)
        self.git("update-ref", "-d", f"refs/heads/{pull.branch}", head)
        return sha

    def fix(self, branch: str, number: int, at: datetime | None = None) -> str:
        """Put the change of a pull request, open or merged, on another branch as one commit of its own."""
        pull = self.pull(number)
        return self._commit(branch, self._applied(pull, branch), pull.author, pull.subject, at=at)

    def branch(self, name: str, start: str) -> str:
        """Create or move a branch by hand."""
        sha = self.git("rev-parse", "--verify", f"{start}^{{commit}}")
        self.git("update-ref", f"refs/heads/{name}", sha)
        return sha

    def delete(self, ref: str) -> None:
        self.git("update-ref", "-d", ref)

    def pull(self, number: int) -> Pull:
        for pull in (*OPEN, *MERGED):
            if pull.number == number:
                return pull
        raise LookupError(f"there is no #{number}")

    def refs(self) -> dict[str, str]:
        """Full ref names to what they hold; a tag's own object, not the commit behind it."""
        lines = self.git("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        return {ref: sha for sha, _, ref in (line.partition(" ") for line in lines)}

    def commit_of(self, ref: str) -> str:
        return self.git("rev-parse", "--verify", f"{ref}^{{commit}}")

    def tree_of(self, ref: str) -> str:
        return self.git("rev-parse", "--verify", f"{ref}^{{tree}}")

    def read(self, ref: str, path: str) -> str:
        """A file's text; its last line end is kept."""
        return self.git("cat-file", "blob", f"{ref}:{path}") + "\n"

    def log_graph(self, limit: int = 40) -> str:
        """The newest commits of all branches as a text graph with branches and tags."""
        layout = "--format=%h%d %s, %an"
        return self.git("log", "--graph", "--all", "--date-order", "--decorate=short", layout, f"--max-count={limit}")

    def _applied(self, pull: Pull, branch: str) -> dict[str, str]:
        paths = {edit.path for edit in pull.edits if not isinstance(edit, Write)}
        return changed({path: self.read(f"refs/heads/{branch}", path) for path in paths}, pull.edits)

    def _commit(
        self, branch: str, files: Mapping[str, str], author: str, message: str, *,
        also: tuple[str, ...] = (), at: datetime | None = None,
    ) -> str:  # fmt: skip
        ref = f"refs/heads/{branch}"
        head = self.commit_of(ref)
        if at is None:
            at = datetime.fromtimestamp(int(self.git("show", "-s", "--format=%ct", head)), UTC) + _BETWEEN_COMMITS
        stream = Stream()
        stream.onto(ref, (head, *also), Person(author, mail(author)).at(at), message, files)
        self.git("fast-import", "--quiet", "--done", stdin=stream.bytes())
        return self.commit_of(ref)
