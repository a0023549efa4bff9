"""A candidate's own commit: exactly the files that it must change, one push with its tag, nothing when all stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.integrations.gitrepo import GitRepository
from core.domain.repository import FileFault, Prepare
from core.errors import Refused
from tests.bot.integrations.gitrepo.conftest import MADE_AT

SECTION = "## [1.3.0] - 2026-12-16\n\n### New Features\n\n- Statements ✓ (#341)\n"
PREPARE = Prepare("1.3.0", (("VERSION", r"^(\d\S*)$"),), "CHANGELOG.md", SECTION, "Prepare v1.3.0-rc.1")


def cut(yard, **changes):
    return replace(yard.cut(), prepare=replace(PREPARE, **changes))


async def test_the_branch_begins_with_the_prepared_commit_and_its_tag(yard):
    develop = yard.head("develop")
    plan = await yard.bot().plan(cut(yard))
    assert yard.head("develop") == develop, "a plan moves nothing"

    assert (await yard.bot().push(cut(yard), plan)).outcome == "done"

    made = yard.head("release/1.3.0")
    assert made == plan.commit == yard.tagged("v1.3.0-rc.1")
    assert yard.product.git("rev-parse", f"{made}^") == develop == yard.head("develop")
    changed = yard.product.git("diff-tree", "-r", "--no-commit-id", "--name-status", made).splitlines()
    assert changed == ["M\tCHANGELOG.md", "M\tVERSION"]
    assert yard.product.read(made, "VERSION") == "1.3.0\n"
    assert SECTION + "\n## [1.2.2]" in yard.product.read(made, "CHANGELOG.md")
    said = yard.product.git("show", "-s", "--format=%an <%ae>|%s", made)
    assert said == "Release Bot <release-bot@localhost.invalid>|Prepare v1.3.0-rc.1"
    assert await yard.bot().prepared(made, PREPARE) == ()
    yard.product.git("fsck", "--strict")


async def test_two_machines_prepare_the_same_commit(yard):
    order = cut(yard)
    plan = await yard.bot("here").plan(order)
    assert await yard.bot("there").plan(order) == plan
    assert (await yard.bot("third").push(order, plan)).outcome == "done"
    assert (await yard.bot("there").push(order, plan)).outcome == "already"


async def test_the_next_candidate_changes_only_what_is_new_and_nothing_when_all_stands(yard):
    await yard.do(cut(yard))
    first = yard.head("release/1.3.0")
    same = replace(yard.candidate("release/1.3.0", "v1.3.0-rc.2"), prepare=PREPARE)
    plan = await yard.bot().plan(same)
    assert (plan.commit, plan.refs[0].old, plan.refs[0].new) == (first, first, first)

    fix = yard.product.merge_pull(341, into="release/1.3.0")
    section = SECTION + "- A fix (#341)\n"
    order = replace(
        yard.candidate("release/1.3.0", "v1.3.0-rc.2"), prepare=replace(PREPARE, section=section, title="")
    )
    assert (await yard.do(order)).outcome == "done"

    made = yard.head("release/1.3.0")
    assert made == yard.tagged("v1.3.0-rc.2")
    assert yard.product.git("rev-parse", f"{made}^") == fix
    assert yard.product.git("diff-tree", "-r", "--no-commit-id", "--name-only", made) == "CHANGELOG.md"
    assert yard.product.git("show", "-s", "--format=%s", made) == "Prepare v1.3.0"


async def test_a_cut_that_is_asked_for_again_finds_its_own_commit(yard):
    await yard.do(cut(yard))
    refs = yard.product.refs()
    plan = await yard.bot("elsewhere").plan(cut(yard))
    assert (await yard.bot("elsewhere").push(cut(yard), plan)).outcome == "already"
    assert yard.product.refs() == refs


async def test_a_branch_on_which_somebody_commits_meanwhile_stops_the_whole_push(yard):
    await yard.do(yard.cut())
    order = replace(yard.candidate("release/1.3.0", "v1.3.0-rc.2"), prepare=PREPARE)
    plan = await yard.bot().plan(order)

    async def somebody_is_faster(_name: str) -> None:
        yard.product.merge_pull(341, into="release/1.3.0")

    result = await GitRepository(yard.settings(), failpoint=somebody_is_faster).push(order, plan)

    assert result.outcome == "moved"
    assert "refs/tags/v1.3.0-rc.2" not in yard.product.refs()


async def test_a_changelog_that_is_not_there_is_begun_in_a_folder_of_its_own(yard):
    await yard.do(cut(yard, changelog="docs/changes/CHANGELOG.md"))
    text = yard.product.read("release/1.3.0", "docs/changes/CHANGELOG.md")
    assert text.startswith("# Changelog\n")
    assert text.endswith(SECTION)


NUMBERS, ALONE = (("VERSION", r"^(\d+\.\d+\.\d+)"),), (("VERSION", r"^([\d.]+)$"),)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"version_files": (("setup.cfg", "(.+)"),)}, ("setup.cfg", "missing")),
        ({"version_files": (("VERSION", "^version=(.+)$"),)}, ("VERSION", "no_version")),
        ({"version_files": (("asset_anchor", "(.+)"),)}, ("asset_anchor", "not_text")),
        ({"version_files": (("../../etc/passwd", "(.+)"),)}, ("../../etc/passwd", "not_text")),
        ({"version_files": ((".git/config", "(.+)"),)}, (".git/config", "not_text")),
        ({"version_files": (("--output=x", "(.+)"),)}, ("--output=x", "missing")),
        ({"changelog": "VERSION/CHANGELOG.md"}, ("VERSION/CHANGELOG.md", "not_text")),
        ({"changelog": "asset_anchor"}, ("asset_anchor", "not_text")),
        ({"changelog": "ChangeLog.md"}, ("ChangeLog.md", "other_case")),
        ({"section": "- no heading"}, ("CHANGELOG.md", "bad_section")),
        ({"version": "1.3.0-hotfix.1", "version_files": NUMBERS, "section": ""}, ("VERSION", "odd_version")),
        ({"version": "1.3.0-hotfix.1", "version_files": ALONE, "section": ""}, ("VERSION", "odd_version")),
    ],
)
async def test_what_cannot_be_prepared_is_named_and_nothing_is_made(yard, changes, fault):
    before = yard.product.refs()
    with pytest.raises(Refused) as refused:
        await yard.bot().plan(cut(yard, **changes))
    assert [(b.code, b.facts["path"], b.facts["why"]) for b in refused.value.blockers] == [("git.prepare", *fault)]
    assert yard.product.refs() == before


async def test_the_modes_line_ends_and_bytes_of_files_are_kept(yard):
    odd = "# Änderungen\r\n\r\n## [1.2.2]\r\n- caf\udce9\r\n"
    head = yard.head("develop")
    name = yard.product.git("hash-object", "-w", "--stdin", stdin=odd.encode("utf-8", "surrogateescape"))
    tree = yard.product.git("ls-tree", head).replace(
        next(line for line in yard.product.git("ls-tree", head).splitlines() if line.endswith("CHANGELOG.md")),
        f"100755 blob {name}\tCHANGELOG.md",
    )
    made = yard.product.git("mktree", stdin=(tree + "\n").encode())
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example"]
    yard.product.branch("develop", yard.product.git(*who, "commit-tree", made, "-p", head, "-m", "Odd"))

    await yard.do(cut(yard, section="## [1.3.0]\n- ü"))

    line = yard.product.git("ls-tree", "release/1.3.0", "--", "CHANGELOG.md").split()
    assert line[0] == "100755"
    stored = (yard.bot()._mirror.reading()).read("cat-file", "blob", line[2]).out
    assert stored == odd.replace("## [1.2.2]", "## [1.3.0]\r\n- ü\r\n\r\n## [1.2.2]").encode("utf-8", "surrogateescape")


async def test_a_candidate_that_says_something_else_is_told_file_by_file(yard):
    head = yard.head("develop")
    assert await yard.bot().prepared(head, PREPARE) == (
        FileFault("VERSION", "other", "1.2.2"), FileFault("CHANGELOG.md", "no_section"),
    )  # fmt: skip
    await yard.do(cut(yard))
    made = yard.head("release/1.3.0")
    other = replace(PREPARE, section=SECTION + "- more\n", version_files=(("VERSION", "v(.+)"), ("x.txt", "(.)")))
    assert await yard.bot().prepared(made, other) == (
        FileFault("x.txt", "missing"), FileFault("VERSION", "no_version"), FileFault("CHANGELOG.md", "other_section"),
    )  # fmt: skip


@pytest.mark.parametrize("end", ["```\nnever closed\n", "<!-- never closed\n", "````\n```\n"])
async def test_a_changelog_in_which_nothing_can_be_read_does_not_grow_with_each_candidate(yard, end):
    yard.product.commit("develop", "CHANGELOG.md", f"# Changelog\n\n{end}", subject="Oops")
    with pytest.raises(Refused) as refused:
        await yard.bot().plan(cut(yard))
    assert [(b.facts["path"], b.facts["why"]) for b in refused.value.blockers] == [("CHANGELOG.md", "open_end")]


async def test_a_changelog_in_another_encoding_is_left_alone(yard):
    text = "# Changelog\n\n## [1.2.2]\n".encode("utf-16").decode("utf-8", "surrogateescape")
    name = yard.product.git("hash-object", "-w", "--stdin", stdin=text.encode("utf-8", "surrogateescape"))
    head = yard.head("develop")
    lines = [x for x in yard.product.git("ls-tree", head).splitlines() if not x.endswith("\tCHANGELOG.md")]
    made = yard.product.git("mktree", stdin="\n".join([*lines, f"100644 blob {name}\tCHANGELOG.md", ""]).encode())
    who = ["-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example"]
    yard.product.branch("develop", yard.product.git(*who, "commit-tree", made, "-p", head, "-m", "Odd"))
    with pytest.raises(Refused) as refused:
        await yard.bot().plan(cut(yard))
    assert [(b.facts["path"], b.facts["why"]) for b in refused.value.blockers] == [("CHANGELOG.md", "not_text")]


async def test_a_preparation_of_nothing_is_no_commit(yard):
    order = replace(yard.cut(), prepare=Prepare("1.3.0"), made_at=MADE_AT)
    plan = await yard.bot().plan(order)
    assert plan.commit == yard.head("develop")
