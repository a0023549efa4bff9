"""The repository in memory answers as a real git remote does: the same story is told to both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.integrations.gitrepo import GitRepository, GitSettings
from bot.simulate.product import author_of, begun
from bot.simulate.repository import MemoryRepository
from core.domain.policy import parse_policy
from core.domain.repository import CutBranch, GitOrder, MergeBranch, Pick, Prepare, Promote, Revert, TagCandidate
from core.errors import Refused
from core.ports import Repository
from tests.bot.simulate.layout import as_remote
from tests.policies import simulated_text

POLICY = parse_policy(simulated_text())
START = datetime(2026, 12, 1, 14, tzinfo=UTC)
FILES = POLICY.notes.files
Commit = Callable[[str, str, str, str, datetime], object]  # branch, subject, path, text, when


class Story:
    """Told to one repository; `said` is what it answered, with what stands where instead of SHAs."""

    def __init__(self, there: Repository, commit: Commit) -> None:
        self.there, self.commit = there, commit
        self.said: list[Any] = []
        self.now = START

    async def head(self, branch: str) -> str:
        return (await self.there.look(0.0)).heads[branch]

    async def wrote(self, branch: str, subject: str, path: str, text: str) -> str:
        self.now += timedelta(hours=1)
        self.commit(branch, subject, path, text, self.now)
        return await self.head(branch)

    async def does(self, order: GitOrder) -> str:
        """Plan and push; the commit that it made."""
        self.now += timedelta(hours=1)
        try:
            plan = await self.there.plan(order)
        except Refused as refused:
            self.said.append(sorted(one.code for one in refused.blockers))
            return ""
        pushed = await self.there.push(order, plan)
        again = await self.there.push(order, plan)
        conflicts = [(one.branch, one.files) for one in plan.conflicts]
        self.said.append((plan.kind, plan.prepared, conflicts, pushed.outcome, again.outcome))
        return plan.commit

    async def looks(self, base: str, head: str, *against: str) -> None:
        """The range, what of it shipped, the files that differ, and who holds what."""
        found = await self.there.read_range(base, head, against=against)
        subjects = {c.sha: c.subject for c in found.commits}
        shipped = sorted(subjects[sha] for sha in found.shipped)
        differs = await self.there.difference(base, head, lambda path: path == "VERSION")
        touched = await self.there.touched(list(subjects))
        holding = await self.there.holding(base)
        self.said += [
            sorted(subjects.values()), shipped, [(f.status, f.path) for f in differs.files], dict(differs.after),
            sorted((subjects[sha], paths) for sha, paths in touched.items() if len(paths)), sorted(holding.tags),
            sorted(holding.branches), await self.there.contains(base, head), await self.there.contains(head, base),
        ]  # fmt: skip


async def told(story: Story) -> None:
    """Two releases, a hotfix that is picked, a change that is taken back, a conflict, drift and a cancelled branch."""
    tags = (await story.there.look(0.0)).tags
    live = tags["v1.2.2"]
    first = await story.wrote("develop", "feat: search (#1)", "search.py", "one\n")
    prepare = Prepare("1.3.0", FILES, "CHANGELOG.md", "## [1.3.0] - 2026-12-16\n\n- Search\n")
    rc = await story.does(CutBranch("release/1.3.0", first, story.now, "v1.3.0-rc.1", "first", prepare))
    story.said.append([(f.path, f.why) for f in await story.there.prepared(first, prepare)])
    story.said.append([(f.path, f.why) for f in await story.there.prepared(rc, prepare)])
    fix = await story.wrote("develop", "fix: totals (#2)", "totals.py", "right\n")
    await story.does(Pick("release/1.3.0", rc, (fix,), story.now))
    await story.does(Pick("release/1.3.0", rc, (fix,), story.now))  # the branch has moved
    head = await story.head("release/1.3.0")
    wrong = await story.wrote("release/1.3.0", "fix: a mistake", "mistake.py", "oops\n")
    head = await story.does(Revert("release/1.3.0", wrong, (wrong,), story.now))
    rc = await story.does(TagCandidate("release/1.3.0", head, "v1.3.0-rc.2", story.now, "second", prepare))
    await story.does(TagCandidate("release/1.3.0", rc, "v1.3.0-rc.1", story.now, "taken"))
    await story.wrote("main", "A commit by hand", "hand.py", "by hand\n")
    order = Promote(rc, "v1.3.0", story.now, known=(live,), production=live, version_files=FILES,
                    changelog="CHANGELOG.md")  # fmt: skip
    await story.does(order)  # main has what nobody released
    by_hand = await story.head("main")
    await story.does(Promote(rc, "v1.3.0", story.now, known=(live, by_hand), production=live, version_files=FILES,
                             changelog="CHANGELOG.md"))  # fmt: skip
    out = (await story.there.look(0.0)).tags["v1.3.0"]
    await story.looks(live, await story.head("develop"), out)
    await story.looks(out, await story.head("develop"), live, out)
    story.said.append([c.subject for c in await story.there.strangers(await story.head("main"), (live, out))])
    last = await story.wrote("develop", "feat: mail (#3)", "mail.py", "one\n")
    cut = await story.does(CutBranch("release/1.4.0", last, story.now))
    await story.wrote("release/1.4.0", "fix: mail", "mail.py", "two\n")
    other = await story.wrote("develop", "feat: more mail (#4)", "mail.py", "three\n")
    await story.does(Pick("release/1.4.0", await story.head("release/1.4.0"), (other,), story.now))  # a conflict
    story.said.append(bool(cut))
    await story.does(MergeBranch("develop", other, await story.head("release/1.3.0"), story.now, "Home", FILES))
    found = await story.there.files(await story.head("develop"), ("VERSION", "CHANGELOG.md", "mail.py", "none"))
    story.said.append({path: text and text.strip() for path, text in found.items()})


def memory(made: MemoryRepository) -> Story:
    author = author_of(POLICY, "dana")

    def commit(branch: str, subject: str, path: str, text: str, at: datetime) -> object:
        return made.commit(branch, author, subject, {path: text}, at)

    return Story(made, commit)


async def test_both_tell_the_same_story(tmp_path: Path) -> None:
    made = begun(POLICY, "1.2.2", START)
    remote = as_remote(made, tmp_path / "product.git")

    def commit(branch: str, subject: str, path: str, text: str, at: datetime) -> object:
        return remote.commit(branch, path, text, author="Dana", subject=subject, at=at)

    real = Story(GitRepository(GitSettings(str(remote.path), tmp_path / "git")), commit)
    ours = memory(made)
    await told(ours)
    await told(real)
    assert len(ours.said) > 20
    for mine, theirs in zip(ours.said, real.said, strict=True):
        assert mine == theirs, f"{mine}\n{theirs}"

