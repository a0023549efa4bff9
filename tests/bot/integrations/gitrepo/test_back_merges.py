"""Versions and CHANGELOG sections that meet in a back-merge need no person; all else is what `git merge` makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from core.domain import changelog
from core.domain.repository import CutBranch, Prepare
from sandbox.product import Product, empty
from tests.bot.integrations.gitrepo.conftest import MADE_AT, Yard

FILES = {"version_files": (("pyproject.toml", r'^version = "(.+)"$'),), "changelog": "CHANGELOG.md"}
TOML = '[project]\nname = "asset-anchor"\nversion = "1.2.2"\ndependencies = []\n'
HOTFIX, TAG = "hotfix/1.2.2-hotfix.1", "v1.2.2-hotfix.1"
WHO = ("-c", "user.name=Kim", "-c", "user.email=kim@asset-anchor.example")


def prepare(version: str, *entries: str) -> Prepare:
    section = "\n".join([f"## [{version}] - 2026-12-16", "", *entries, ""])
    return Prepare(version, FILES["version_files"], FILES["changelog"], section, f"Prepare v{version}-rc.1")


async def hotfix_beside_a_release(yard: Yard) -> str:
    """1.3.0 is stabilized with its version and section when a hotfix of 1.2.2 is prepared; its candidate."""
    yard.product.commit("main", "pyproject.toml", TOML, subject="Say the version in pyproject.toml")
    yard.product.git("tag", "--force", "v1.2.2", "main")
    yard.product.merge("develop", yard.head("main"), {"pyproject.toml": TOML}, author="Theo", message="Merge main")
    await yard.do(replace(yard.cut(), prepare=prepare("1.3.0", "- Statements (#332)")))
    await yard.do(CutBranch(HOTFIX, yard.tagged("v1.2.2"), MADE_AT))
    yard.product.fix(HOTFIX, 338)
    order = replace(yard.candidate(HOTFIX, f"{TAG}-rc.1"), prepare=prepare("1.2.2-hotfix.1", "- Card payments (#338)"))
    await yard.do(order)
    return yard.head(HOTFIX)


async def test_a_hotfix_reaches_an_open_release_without_a_person(yard):
    candidate = await hotfix_beside_a_release(yard)
    yard.product.commit("release/1.3.0", "pyproject.toml",
                        TOML.replace("1.2.2", "1.3.0").replace("[]", '["x"]'), subject="Need x")  # fmt: skip

    order = yard.promotion(candidate, TAG, merge_into=("develop", "release/1.3.0"), **FILES)
    plan = await yard.bot("here").plan(order)
    assert plan.conflicts == ()
    assert await yard.bot("there").plan(order) == plan, "any machine solves it the same way"
    assert (await yard.bot("there").push(order, plan)).outcome == "done"

    for branch, version in (("develop", "1.2.2-hotfix.1"), ("release/1.3.0", "1.3.0")):
        assert f'version = "{version}"' in yard.product.read(branch, "pyproject.toml")
        assert "TIMEOUT = 30" in yard.product.read(branch, "asset_anchor/pages/payments.py"), "the fix arrived"
    assert 'dependencies = ["x"]' in yard.product.read("release/1.3.0", "pyproject.toml")
    book = changelog.parse(yard.product.read("release/1.3.0", "CHANGELOG.md"))
    assert [s.key for s in book.sections][:3] == ["1.3.0", "1.2.2-hotfix.1", "1.2.2"]
    assert "- Statements (#332)" in book.text and "- Card payments (#338)" in book.text
    yard.product.git("fsck", "--strict")

    ready = replace(yard.candidate("release/1.3.0", "v1.3.0-rc.2"), prepare=prepare("1.3.0", "- Statements (#332)"))
    assert (await yard.bot().plan(ready)).commit == yard.head("release/1.3.0"), "still prepared"


async def test_without_the_policys_files_it_is_a_conflict_with_people(yard):
    candidate = await hotfix_beside_a_release(yard)
    plan = await yard.bot().plan(yard.promotion(candidate, TAG, merge_into=("develop", "release/1.3.0")))
    (conflict,) = plan.conflicts
    assert (conflict.branch, set(conflict.files)) == ("release/1.3.0", {"CHANGELOG.md", "pyproject.toml"})
    assert "Release Bot" in conflict.people["CHANGELOG.md"]


async def test_another_conflict_beside_them_is_left_to_people_whole(yard):
    candidate = await hotfix_beside_a_release(yard)
    yard.product.commit(HOTFIX, "README.md", "# hot\n", author="Dana", subject="Hot")
    yard.product.commit("release/1.3.0", "README.md", "# 1.3\n", author="Kim", subject="Cool")
    candidate, before = yard.head(HOTFIX), yard.head("release/1.3.0")

    order = yard.promotion(candidate, TAG, merge_into=("release/1.3.0",), **FILES)
    plan = await yard.bot().plan(order)

    assert set(plan.conflicts[0].files) == {"CHANGELOG.md", "README.md", "pyproject.toml"}
    assert set(plan.conflicts[0].people["README.md"]) == {"Kim", "Dana"}
    assert (await yard.bot().push(order, plan)).outcome == "done"
    assert yard.head("release/1.3.0") == before


@pytest.mark.parametrize("path", ["CHANGELOG.md", "pyproject.toml"])
async def test_a_file_that_one_side_deleted_is_not_guessed(yard, path):
    candidate = await hotfix_beside_a_release(yard)
    tree = "\n".join(
        line for line in yard.product.git("ls-tree", "release/1.3.0").splitlines() if not line.endswith(f"\t{path}")
    )
    without = yard.product.git("mktree", stdin=f"{tree}\n".encode())
    made = yard.product.git(*WHO, "commit-tree", without, "-p", yard.head("release/1.3.0"), "-m", "Drop it")
    yard.product.branch("release/1.3.0", made)

    plan = await yard.bot().plan(yard.promotion(candidate, TAG, merge_into=("release/1.3.0",), **FILES))

    assert [conflict.branch for conflict in plan.conflicts] == ["release/1.3.0"]


async def test_two_changes_to_the_same_line_of_a_version_file_stay_a_conflict(yard):
    candidate = await hotfix_beside_a_release(yard)
    for branch, word in ((HOTFIX, "y"), ("release/1.3.0", "x")):
        text = yard.product.read(branch, "pyproject.toml").replace("[]", f'["{word}"]')
        yard.product.commit(branch, "pyproject.toml", text, subject="Need it")
    candidate = yard.head(HOTFIX)
    plan = await yard.bot().plan(yard.promotion(candidate, TAG, merge_into=("release/1.3.0",), **FILES))
    assert [conflict.branch for conflict in plan.conflicts] == ["release/1.3.0"]


# -- git itself as the oracle ----------------------------------------------------------------------------------------


def grown(folder: Path, dice: Random) -> Yard:
    """A product with a random history on develop and on a release branch: edits, moves, deletions, folders, modes."""
    product = empty(folder / "asset-anchor.git")
    lines = [f"line {n}\n" for n in range(30)]
    stream = ["commit refs/heads/main", "committer A <a@x.example> 1765000000 +0000", "data 5", "Start"]
    for number in range(12):
        text = "".join(lines) + f"file {number}\n"
        stream += [f"M 100644 inline src/{number % 3}/f{number}.txt", f"data {len(text)}", text]
    product.git("fast-import", "--quiet", stdin=("\n".join(stream) + "\n").encode())
    product.branch("develop", "main")
    product.branch("release/1.3.0", "main")
    for number in range(dice.randint(2, 8)):
        _change(product, dice.choice(["develop", "release/1.3.0"]), number, dice)
    return Yard(folder, product, None)  # type: ignore[arg-type]


def _change(product: Product, branch: str, number: int, dice: Random) -> None:
    names = product.git("ls-tree", "-r", "--name-only", branch).splitlines()
    path = dice.choice(names)
    text = product.read(branch, path)
    at = 1765000100 + number
    lines = ["commit refs/heads/" + branch, f"committer B <b@x.example> {at} +0000", "data 6", f"Edit {number % 9}"[:6]]
    lines += [f"from refs/heads/{branch}^0"]
    match dice.randrange(4):
        case 0:
            old = text.splitlines(keepends=True)
            place = dice.randrange(len(old))
            text = "".join([*old[:place], f"changed {number}\n", *old[place + 1 :]])
            lines += [f"M 100644 inline {path}", f"data {len(text)}", text]
        case 1:
            lines += [f"R {path} moved/{number}/{Path(path).name}"]
        case 2:
            lines += [f"D {path}"]
        case 3:
            lines += [f"M 100755 inline new/{number}.sh", "data 3", f"{number % 9}\n"]
    product.git("fast-import", "--quiet", stdin=("\n".join(lines) + "\n").encode())


@pytest.mark.parametrize("seed", range(4))
async def test_promotion_and_back_merge_have_the_trees_of_a_real_merge(tmp_path, seed):
    await against_git(tmp_path, seed)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(4, 60))
async def test_many_promotions_and_back_merges_have_the_trees_of_real_merges(tmp_path, seed):
    await against_git(tmp_path, seed)


async def against_git(folder: Path, seed: int) -> None:
    yard = grown(folder, Random(seed))
    order = yard.promotion(yard.head("release/1.3.0"))
    plan = await yard.bot().plan(order)
    expected = {branch: real_merge(yard, folder / f"work-{branch}", branch) for branch in ("main", "develop")}
    assert plan.tree == expected["main"]
    conflicts = [conflict.branch for conflict in plan.conflicts]
    assert conflicts == ([] if expected["develop"] else ["develop"]), f"seed {seed}"

    assert (await yard.bot().push(order, plan)).outcome == "done"

    assert yard.product.tree_of("main") == expected["main"]
    if expected["develop"]:
        assert yard.product.tree_of("develop") == expected["develop"], f"seed {seed}"
    yard.product.git("fsck", "--strict")


def real_merge(yard: Yard, work: Path, branch: str) -> str:
    """The tree that `git merge --no-ff` leaves in a work tree, or "" when it stops at a conflict."""
    yard.product.git("clone", "--quiet", "--no-hardlinks", str(yard.product.path), str(work))
    at = ("-C", str(work), "--git-dir", str(work / ".git"), "--work-tree", str(work))
    yard.product.git(*at, "switch", "--quiet", branch)
    try:
        options = ("-c", "merge.directoryRenames=conflict", *WHO)
        yard.product.git(*at, *options, "merge", "--quiet", "--no-ff", "-m", "Merge", "origin/release/1.3.0")
    except RuntimeError:
        return ""
    return yard.product.git(*at, "rev-parse", "HEAD^{tree}")
