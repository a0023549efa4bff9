"""A range names what shipped before under another SHA: picks, backports, rebased and re-made changes, whole merges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.repository import CutBranch, Pick
from core.errors import NotFound, Refused
from tests.bot.integrations.gitrepo.conftest import MADE_AT
from tests.bot.integrations.gitrepo.test_carrying import merged_pull

LINE = "release/1.2.3"


@pytest.fixture
def line(yard):
    """An older line on which changes of develop may have shipped too."""
    yard.product.branch(LINE, "v1.2.2")
    return yard


async def read(yard, **more):
    base = yard.tagged("v1.2.2")
    return await yard.bot().read_range(base, yard.head("develop"), against=[yard.head(LINE)], **more)


async def test_the_commits_of_a_range_without_any_other_line(yard):
    found = await yard.bot().read_range(yard.tagged("v1.2.2"), yard.head("develop"))
    assert list(found.commits) == await yard.bot().changes(yard.tagged("v1.2.2"), yard.head("develop"))
    assert (found.shipped, found.within, found.whole) == ({}, {}, True)

    few = await yard.bot().read_range("", yard.head("develop"), limit=3)
    assert (few.commits, few.whole) == (found.commits[:3], False)


async def test_a_pick_with_gits_own_note_is_known_also_when_it_had_to_be_changed(line):
    sha = line.product.commit("develop", "a.txt", "a\n", subject="feat: a (#360)")
    await line.do(Pick(LINE, line.head(LINE), (sha,), MADE_AT))
    changed = line.product.commit(LINE, "b.txt", "b\n", subject=f"Another\n\n(cherry picked from commit {'ab' * 20})")

    found = await read(line)

    assert found.shipped == {sha: line.product.git("rev-parse", f"{changed}^")}
    assert found.within == {sha: line.head(LINE)}


async def test_a_pick_without_a_note_is_known_by_author_instant_and_title(line):
    sha = line.product.commit("develop", "a.txt", "a\n", author="Ines", subject="feat: a")
    other = line.product.commit(LINE, "a.txt", "had to change\n", author="Kim", subject="feat: a")
    seconds = line.product.git("show", "-s", "--format=%at", sha)
    raw = line.product.git("cat-file", "commit", other).splitlines()
    raw[2] = f"author Ines <ines@asset-anchor.example> {seconds} +0000"
    twin = line.product.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=("\n".join(raw) + "\n").encode())
    assert (await read(line)).shipped == {}
    line.product.branch(LINE, twin)

    assert (await read(line)).shipped == {sha: twin}


async def test_the_same_patch_of_somebody_else_is_known_by_its_patch_id(line):
    sha = line.product.commit("develop", "a.txt", "a\n", author="Ines", subject="feat: a")
    other = line.product.commit("develop", "c.txt", "c\n", author="Ines", subject="feat: c")
    twin = line.product.commit(LINE, "a.txt", "a\n", author="Backport Bot", subject="Backport of a")
    line.product.commit(LINE, "c.txt", "not the same\n", author="Backport Bot", subject="Something in c")

    found = await read(line)

    assert found.shipped == {sha: twin}
    assert other in {commit.sha for commit in found.commits}


async def test_a_number_and_title_that_shipped_count_a_number_alone_does_not(line):
    sha = line.product.commit("develop", "a.txt", "a\n", subject="feat: a (#360)")
    line.product.commit("develop", "b.txt", "b\n", subject="More of it (#360)")
    twin = line.product.commit(LINE, "a.txt", "had to change\n", subject="feat: a (#360)")
    assert (await read(line)).shipped == {sha: twin}


async def test_a_shipped_change_that_was_taken_back_there_did_not_ship(line):
    sha = line.product.commit("develop", "a.txt", "a\n", subject="feat: a")
    twin = line.product.commit(LINE, "a.txt", "a\n", subject="feat: a (backport)")
    undo = line.product.commit(LINE, "a.txt", "", subject=f'Revert "feat: a"\n\nThis reverts commit {twin}.')
    assert (await read(line)).shipped == {}

    line.product.commit(LINE, "a.txt", "a\n", subject=f'Revert "Revert "feat: a""\n\nThis reverts commit {undo}.')
    assert (await read(line)).shipped[sha] == twin


async def test_a_merge_shipped_when_all_it_brought_did_and_the_other_way_round(line):
    merge, brought = merged_pull(line)
    for sha in reversed(brought[1:]):
        await line.do(Pick(LINE, line.head(LINE), (sha,), MADE_AT))
    assert merge not in (await read(line)).shipped
    await line.do(Pick(LINE, line.head(LINE), (brought[0],), MADE_AT))
    assert {merge, *brought} == (await read(line)).shipped.keys()

    line.product.branch(LINE, "v1.2.2")
    await line.do(Pick(LINE, line.head(LINE), (merge,), MADE_AT))
    assert (await read(line)).shipped == dict.fromkeys([merge, *brought], line.head(LINE))


async def test_a_hotfix_that_came_back_is_known_with_the_fix_it_was_made_from(yard):
    """The fix of develop went out as a hotfix; its twin came back with the back-merge and is in the base's own line."""
    base = yard.tagged("v1.2.2")
    await yard.do(CutBranch("hotfix/1.2.2-hotfix.1", base, MADE_AT))
    fixed = next(c.sha for c in await yard.bot().changes(base, yard.head("develop")) if c.pull == 339)
    await yard.do(Pick("hotfix/1.2.2-hotfix.1", base, (fixed,), MADE_AT))
    twin = yard.head("hotfix/1.2.2-hotfix.1")
    await yard.do(yard.candidate("hotfix/1.2.2-hotfix.1", "v1.2.2-hotfix.1-rc.1"))
    await yard.do(yard.promotion(twin, "v1.2.2-hotfix.1"))

    since_hotfix = await yard.bot().read_range(yard.tagged("v1.2.2-hotfix.1"), yard.head("develop"))
    assert since_hotfix.shipped == {fixed: twin}
    assert since_hotfix.within == {fixed: yard.tagged("v1.2.2-hotfix.1")}

    tags = [yard.tagged("v1.2.1"), yard.tagged("v1.2.2-hotfix.1")]
    since_before = await yard.bot().read_range(base, yard.head("develop"), against=tags)
    assert since_before.shipped[fixed] == since_before.shipped[twin] == twin
    assert since_before.within[twin] == tags[1]


async def test_the_oldest_line_that_holds_it_is_named(line):
    sha = line.product.commit("develop", "a.txt", "a\n", subject="feat: a")
    await line.do(Pick(LINE, line.head(LINE), (sha,), MADE_AT))
    first = line.head(LINE)
    line.product.commit(LINE, "z.txt", "z\n", subject="More")
    lines = [first, line.head(LINE)]
    found = await line.bot().read_range(line.tagged("v1.2.2"), line.head("develop"), against=lines)
    assert found.within == {sha: first}


async def test_bytes_that_are_no_text_and_very_long_messages_are_read(line):
    tree, parent = line.product.tree_of("develop"), line.head("develop")
    raw = f"tree {tree}\nparent {parent}\nauthor X\udcff <x@\udcfe> 1765897200 +0000\n"
    raw += "committer Y <> 1765897200 -1200\n\n"
    raw += "caf\udce9 " + "long " * 200_000 + "\n\nbody \udcff\n"
    data = raw.encode("utf-8", "surrogateescape")
    sha = line.product.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=data)
    line.product.branch("develop", sha)

    (commit,) = (await line.bot().read_range(parent, sha, against=[line.head(LINE)])).commits

    assert commit.subject.startswith("caf� long")
    assert len(commit.subject) > 999_000
    assert commit.author == "X�"


async def test_many_commits_come_in_pieces_and_none_gets_lost(line):
    """Longer than what is taken apart in one go, with a border inside of words, letters and records."""
    stream = []
    for number in range(1500):
        words = f"Change {number}:" + "✓ü" * (number % 97)
        stream += [
            "commit refs/heads/develop", f"committer D <d@x.example> {1790000000 + number} +0000",
            f"data {len(words.encode())}", words, *(["from refs/heads/develop^0"] if not number else []),
        ]  # fmt: skip
    line.product.git("fast-import", "--quiet", stdin=("\n".join(stream) + "\n").encode())

    found = await line.bot().read_range(line.head("develop~1500"), line.head("develop"))

    assert [c.subject for c in found.commits] == [f"Change {n}:" + "✓ü" * (n % 97) for n in reversed(range(1500))]


async def test_ends_that_are_no_commits_of_the_remote(yard):
    head = yard.head("develop")
    with pytest.raises(NotFound):
        await yard.bot().read_range("deadbeef" * 5, head)
    for wrong in ("HEAD", "-x", "develop"):
        with pytest.raises(Refused):
            await yard.bot().read_range(wrong, head)
        with pytest.raises(Refused):
            await yard.bot().read_range("", head, against=[wrong])
    gone = await yard.bot().read_range(yard.tagged("v1.2.2"), head, against=["deadbeef" * 5])
    assert gone == replace(gone, shipped={}), "a shipped commit that nobody has any more explains nothing"
