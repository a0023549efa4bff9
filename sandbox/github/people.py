"""What developers and the CI do on the forge; the bot never does any of this."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.github import shapes
from sandbox.github.pulls import Wanted, opened
from sandbox.github.records import Issue, PullPart, Review, Run, Status, Verdict
from sandbox.github.state import Hub
from sandbox.product.pulls import Pull as SeededPull
from sandbox.product.pulls import mail
from sandbox.product.stream import Person

VERDICTS: dict[str, Verdict] = {
    "approves": "APPROVED",
    "requests changes": "CHANGES_REQUESTED",
    "comments": "COMMENTED",
}
LABELS = {"feat": "enhancement", "fix": "bug", "security": "security", "perf": "performance"}


@dataclass(frozen=True, slots=True)
class People:
    """Acts of people; names are their logins in lower case."""

    hub: Hub

    def opens_pull(self, by: str, head: str, base: str, title: str, body: str = "") -> Issue:
        """Open a pull request for a branch that is there."""
        self.hub.notice()
        return opened(self.hub, Wanted(head, base, by, title, body))

    def files_issue(self, by: str, title: str, *, milestone: int | None = None, labels: tuple[str, ...] = ()) -> Issue:
        """A new issue."""
        number = self.hub.next_number()
        issue = Issue(number, title, "", by, self.hub.now(), list(labels), milestone=milestone)
        self.hub.issues[number] = issue
        self.hub.tell("issues", "opened", number=number)
        return issue

    def plans(self, number: int, milestone: int | None) -> None:
        """Put an issue or a pull request into a milestone."""
        self.hub.issues[number].milestone = milestone
        self.hub.tell("issues", "milestoned", number=number)

    def closes(self, number: int) -> None:
        """Close without merging."""
        self.hub.close(self.hub.issues[number])

    def reviews(self, by: str, number: int, how: str = "approves", *, is_bot: bool = False) -> None:
        """A verdict on the newest commit: approves, requests changes, comments."""
        self.hub.notice()
        _, pull = self.hub.pull(number)
        pull.reviews.append(Review(self.hub.new_id(), by, VERDICTS[how], pull.head_sha, self.hub.now(), is_bot))
        self.hub.tell("pull_request_review", "submitted", number=number)

    def merges(self, by: str, number: int, *, squash: bool = False) -> str:
        """Merge with a merge commit or as one commit; refused as GitHub does when the two conflict."""
        self.hub.notice()
        issue, pull = self.hub.pull(number)
        tree = self.hub.refs.merged(pull.base_sha, pull.head_sha)
        if issue.state != "open" or tree is None:
            raise ValueError(f"#{number} cannot be merged: it is {issue.state} or has conflicts")
        parents = (pull.base_sha,) if squash else (pull.base_sha, pull.head_sha)
        message = f"{issue.title} (#{number})" if squash else _merge_message(self.hub, issue, pull)
        who = Person(by.capitalize(), mail(by)).at(self.hub.now())
        sha = self.hub.refs.land(pull.base, tree, parents, message, who)
        self.hub.close(issue, merged_as=sha)
        self.hub.notice()
        return sha

    def runs_check(
        self, sha: str, name: str, conclusion: str | None = "success", *, suite: int = 1, app: str = "github-actions"
    ) -> Run:
        """A check run; without a conclusion it still runs."""
        status = "completed" if conclusion else "in_progress"
        run = Run(self.hub.new_id(), name, sha, status, conclusion, self.hub.now(), suite, app)
        self.hub.runs.append(run)
        self.hub.tell("check_run", "completed" if conclusion else "created", check_run=shapes.run(self.hub, run))
        return run

    def sets_status(self, sha: str, context: str, state: str = "success") -> None:
        """A commit status of a system that knows no check runs."""
        self.hub.statuses.append(Status(self.hub.new_id(), context, sha, state, self.hub.now(), "https://ci.example/1"))
        self.hub.tell("status", sha=sha, context=context, state=state)

    def adopts(self, merged: tuple[SeededPull, ...], still_open: tuple[SeededPull, ...], into: str = "develop") -> None:
        """Make the pull requests known that the seeded history tells of, with their numbers."""
        heads = self.hub.refs.all()
        landed = self._landed(into)
        for seeded in merged:
            sha = landed[seeded.number]
            part = PullPart(seeded.branch, into, sha, sha, self.hub.now(), sha)
            self._adopt(seeded, part, "closed")
        for seeded in still_open:
            part = PullPart(seeded.branch, into, heads[f"refs/heads/{seeded.branch}"], heads[f"refs/heads/{into}"])
            self._adopt(seeded, part, "open")

    def _adopt(self, seeded: SeededPull, part: PullPart, state: str) -> None:
        issue = Issue(seeded.number, seeded.title, "", seeded.author.lower(), self.hub.now(), pull=part)
        issue.labels = [LABELS[word] for word in (seeded.title.partition("(")[0],) if word in LABELS]
        if state == "closed":
            issue.state, issue.closed_at = "closed", part.merged_at
        self.hub.issues[seeded.number] = issue

    def _landed(self, branch: str) -> dict[int, str]:
        """Number of a pull request -> the commit that brought it into the branch."""
        told = self.hub.refs.product.git("log", "--first-parent", "--format=%H %s", f"refs/heads/{branch}")
        found: dict[int, str] = {}
        for line in told.splitlines():
            sha, _, subject = line.partition(" ")
            words = subject.replace("(", " ").replace(")", " ").split()
            numbers = [int(word[1:]) for word in words if word.startswith("#") and word[1:].isdigit()]
            found |= dict.fromkeys(numbers[-1:], sha)
        return found


def _merge_message(hub: Hub, issue: Issue, pull: PullPart) -> str:
    return f"Merge pull request #{issue.number} from {hub.owner}/{pull.head}\n\n{issue.title}"
