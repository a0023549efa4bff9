"""What the product's git repository is asked to do, and what it tells us, as plain data.

A `GitOrder` says what is wanted, a `GitPlan` says exactly which refs move from where to where.
The plan is stored before anything is published; the same order and `made_at` always give the same
SHAs, so any process can make the objects again after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.domain.filing import FileDocuments


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; `at` is the committer time in UTC, `pull` the pull request number when its text names one."""

    sha: str
    parents: tuple[str, ...]
    author: str
    email: str
    at: datetime
    subject: str
    body: str = ""
    pull: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteState:
    """The remote's refs: `heads` by branch name, `tags` by tag name (peeled to the commit)."""

    heads: dict[str, str]
    tags: dict[str, str]
    seen_at: float  # transport seconds (time.monotonic of the machine) of the last successful read

    def age(self, now: float) -> float:
        return max(0.0, now - self.seen_at)


VersionFiles = tuple[tuple[str, str], ...]  # path in the repository, pattern whose first group is the version


@dataclass(frozen=True, slots=True)
class Prepare:
    """What a candidate's own commit writes: `version` into the version files, `section` into the CHANGELOG.

    `changelog` is its path, empty for none. Nothing else is changed; there is no commit when all of it stands there.
    """

    version: str
    version_files: VersionFiles = ()
    changelog: str = ""
    section: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class CutBranch:
    """Create `branch` at `from_sha`, with the first candidate tag on it when `tag` is given.

    With `prepare` its commit comes on top first and the tag is put on that; the plan's `commit` says which it is.
    """

    branch: str
    from_sha: str
    made_at: datetime
    tag: str | None = None
    message: str = ""
    prepare: Prepare | None = None


@dataclass(frozen=True, slots=True)
class TagCandidate:
    """Put the annotated tag `tag` on `sha`, which must be the head of `branch` on the remote.

    With `prepare` its commit comes on top of `sha` first and the tag is put on that; the plan's `commit` says which.
    """

    branch: str
    sha: str
    tag: str
    made_at: datetime
    message: str = ""
    prepare: Prepare | None = None


@dataclass(frozen=True, slots=True)
class Promote:
    """Publish the approved candidate.

    main gets a commit with the candidate's tree and the parents (main, candidate); `tag` is put on it;
    each branch of `merge_into` (develop and open release branches) gets the tree of
    merge(branch, candidate) with the parents (branch, promotion commit). Those of them in `may_be_gone` are left out
    when somebody has deleted them: another release's lost branch holds up nobody, and its own gates miss what ships.
    `known` are commits on main that are in a released or burnt version: any other commit of main that
    the candidate does not contain is drift and refuses the plan. `production` is the commit that production
    runs; a candidate that does not contain it would take something away, so the plan is refused.
    `title` is the promotion commit's message, `message` the tag's. A back-merge that conflicts only in `changelog` and
    `version_files` is solved: the sections of both sides, the branch's own version.
    """

    candidate_sha: str
    tag: str
    made_at: datetime
    main: str = "main"
    merge_into: tuple[str, ...] = ("develop",)
    known: tuple[str, ...] = ()
    message: str = ""
    title: str = ""
    production: str = ""
    may_be_gone: tuple[str, ...] = ()
    version_files: VersionFiles = ()
    changelog: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """Put the changes of `commits` (newest first) on `branch`, whose head must be `head`; authors are kept.

    A merge stands for all that it brought. What the branch has already is left out; a conflict refuses the plan.
    """

    branch: str
    head: str
    commits: tuple[str, ...]
    made_at: datetime
    version_files: VersionFiles = ()
    changelog: str = ""


@dataclass(frozen=True, slots=True)
class Revert:
    """Take the changes of `commits` (newest first) back on `branch`, whose head must be `head`; else as `Pick`."""

    branch: str
    head: str
    commits: tuple[str, ...]
    made_at: datetime
    version_files: VersionFiles = ()
    changelog: str = ""


@dataclass(frozen=True, slots=True)
class Solve:
    """A new `branch` on `head` with the changes of `commits` (newest first), or without them when `reverted`.

    Where they conflict, git's marks stay in the files for people to solve; a branch that is there already is left as
    they made it.
    """

    branch: str
    head: str
    commits: tuple[str, ...]
    made_at: datetime
    reverted: bool = False
    version_files: VersionFiles = ()
    changelog: str = ""


@dataclass(frozen=True, slots=True)
class MergeBranch:
    """Merge `source_sha` into `branch`, whose head must be `head`: the fixes of a cancelled release come home.

    The branch keeps its own version and CHANGELOG, because what the source says there was never released.
    """

    branch: str
    head: str
    source_sha: str
    made_at: datetime
    message: str = ""
    version_files: VersionFiles = ()
    changelog: str = ""


@dataclass(frozen=True, slots=True)
class FinalTag:
    """Put the annotated tag `tag` on `sha`, outside of a release; standing there already is the same as done."""

    tag: str
    sha: str
    made_at: datetime
    message: str = ""


GitOrder = CutBranch | TagCandidate | Promote | Pick | Revert | Solve | MergeBranch | FinalTag | FileDocuments


PlanKind = Literal["cut", "candidate", "promote", "pick", "revert", "solve", "merge", "tag", "file"]


@dataclass(frozen=True, slots=True)
class RefChange:
    """`ref` in full (refs/heads/main) goes from `old` to `new`; an empty `old` means it must not exist."""

    ref: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class GitPlan:
    """The refs that move, in one atomic push; stored as JSON before it is published."""

    kind: PlanKind
    made_at: datetime
    refs: tuple[RefChange, ...]
    git_version: str
    commit: str = ""  # the commit that the plan makes or tags
    prepared: bool = False  # `commit` is a candidate's own, made on top of what people wrote
    tree: str = ""
    conflicts: tuple[MergeConflict, ...] = ()  # merge_into branches left out because they conflict


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """A merge that git cannot make: which branch, which files, and who touched each lately."""

    branch: str
    files: tuple[str, ...]
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)


PushOutcome = Literal["done", "already", "moved", "rejected"]


@dataclass(frozen=True, slots=True)
class PushResult:
    """done: published now; already: it was there; moved: a ref is elsewhere, plan anew; rejected: the remote said no.

    `detail` has the remote's words (rejected) or the refs that are elsewhere (moved); `refs` what stands there now.
    """

    outcome: PushOutcome
    detail: str = ""
    refs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RangeRead:
    """The commits of a range, newest first, and which of them shipped before in another dress.

    `shipped` maps a commit of the range to the commit elsewhere that brought the same change (to itself when a shipped
    line holds it); `within` maps the same commits to the first of the lines asked about that holds that one.
    `whole` is false when the range has more commits than were asked for.
    """

    commits: tuple[Commit, ...] = ()
    shipped: dict[str, str] = field(default_factory=dict)
    within: dict[str, str] = field(default_factory=dict)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a difference: status A added, M modified, D deleted, R renamed, C copied, T another type."""

    status: str
    path: str
    old_path: str = ""  # only of what was renamed or copied


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two commits: all files by status, and the texts before and after of those that were wanted.

    A text is missing where the file is, where it is binary, and where it is larger than the reader takes.
    """

    files: tuple[FileChange, ...] = ()
    before: dict[str, str] = field(default_factory=dict)  # under its old path when it was renamed
    after: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holding:
    """The tags and branches of the remote, by name, whose history has a commit."""

    tags: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFault:
    """Why a file of a candidate does not say what it must.

    `why` is "missing", "no_version" (the pattern finds none), "other" (`found` says what stands there), "no_section"
    or "other_section" (the CHANGELOG), "bad_section" (what was to be inserted), "open_end" (code or a comment hides the
    rest), "not_text" (a link, a folder, no path), "other_case" (there as `found`, in other small and capital letters).
    """

    path: str
    why: str
    found: str = ""
