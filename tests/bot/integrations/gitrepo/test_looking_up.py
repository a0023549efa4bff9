"""What differs, what stands in files, who names a ticket, what holds a commit, and what on main nobody released."""

from __future__ import annotations

import pytest

from core.domain.repository import FileChange, Holding, Pick
from core.errors import NotFound, Refused
from tests.bot.integrations.gitrepo.conftest import MADE_AT


def nothing(_path: str) -> bool:
    return False


async def test_a_difference_has_all_files_and_the_texts_that_are_wanted(yard):
    base = yard.head("develop")
    yard.product.commit("develop", "api/new.yaml", "paths: {}\n", subject="Add")
    yard.product.commit("develop", "VERSION", "1.3.0\n", subject="Change")
    stream = "\n".join([
        "commit refs/heads/develop", "committer D <d@x.example> 1790000000 +0000", "data 4", "Move",
        "from refs/heads/develop^0", "R asset_anchor/leases.py asset_anchor/rented.py", "D .gitignore",
        "M 120000 inline link", "data 7", "VERSION", "M 100644 inline logo.bin", "data 3", "a\0b",
        "M 100644 inline big.txt", "data 1000001", "x" * 1_000_001,
        "M 100644 inline odd ü\tname.txt", "data 2", "o\n",
    ])  # fmt: skip
    yard.product.git("fast-import", "--quiet", stdin=stream.encode())
    leases = yard.product.read(base, "asset_anchor/leases.py")

    found = await yard.bot().difference(base, yard.head("develop"), lambda path: not path.startswith("asset_anchor/r"))

    assert set(found.files) == {
        FileChange("A", "api/new.yaml"), FileChange("M", "VERSION"), FileChange("A", "link"),
        FileChange("R", "asset_anchor/rented.py", "asset_anchor/leases.py"),
        FileChange("D", ".gitignore"), FileChange("A", "logo.bin"),
        FileChange("A", "big.txt"), FileChange("A", "odd ü\tname.txt"),
    }  # fmt: skip
    assert found.before == {
        "VERSION": "1.2.2\n", ".gitignore": yard.product.read(base, ".gitignore"), "asset_anchor/leases.py": leases,
    }  # fmt: skip
    assert found.after == {
        "api/new.yaml": "paths: {}\n", "VERSION": "1.3.0\n", "odd ü\tname.txt": "o\n", "asset_anchor/rented.py": leases,
    }  # fmt: skip


async def test_a_difference_from_nothing_and_to_itself(yard):
    head = yard.head("main")
    names = yard.product.git("ls-tree", "-r", "--name-only", head).splitlines()
    whole = await yard.bot().difference("", head, nothing)
    assert [(f.status, f.path) for f in whole.files] == [("A", name) for name in names]
    assert (whole.before, whole.after) == ({}, {})
    assert (await yard.bot().difference(head, head, nothing)).files == ()


async def test_files_are_read_by_their_exact_path(yard):
    head = yard.product.commit("develop", "caf\u00e9 [x]*.txt", "odd\n", subject="Odd")
    paths = ["VERSION", "caf\u00e9 [x]*.txt", "asset_anchor", "../x", "--output=x", "", "*", "a\nb", "VERSION/x"]
    assert await yard.bot().files(head, paths) == {
        "VERSION": "1.2.2\n", "caf\u00e9 [x]*.txt": "odd\n",
        "asset_anchor": None, "../x": None, "--output=x": None, "": None, "*": None, "a\nb": None, "VERSION/x": None,
    }  # fmt: skip
    with pytest.raises(Refused):
        await yard.bot().files("HEAD", ["VERSION"])


async def test_commits_are_found_by_the_start_of_their_sha(yard):
    head = yard.head("develop")
    for text in (head, head[:8], head[:12].upper(), f" {head[:7]} "):
        assert [commit.sha for commit in await yard.bot().find(text)] == [head]
    tag = yard.product.git("rev-parse", "refs/tags/v1.2.2")
    assert [commit.sha for commit in await yard.bot().find(tag[:10])] == [yard.tagged("v1.2.2")]
    assert await yard.bot().find(yard.product.tree_of(head)) == ()


async def test_what_only_our_clone_has_is_not_found(yard):
    await yard.bot().plan(yard.promotion(yard.head("develop"), merge_into=()))
    plan = await yard.bot().plan(yard.promotion(yard.head("develop"), merge_into=()))
    assert await yard.bot().find(plan.commit) == ()


async def test_commits_are_found_by_pull_request_and_by_key(yard):
    assert [commit.pull for commit in await yard.bot().find("#342")] == [342]
    assert [commit.pull for commit in await yard.bot().find("!339")] == [339]
    found = {commit.subject for commit in await yard.bot().find("aa-158")}
    title = "feat(api): GET /api/properties answers in pages of 50, AA-158"
    assert found == {title, "Merge pull request #342 from feature/AA-158-api"}
    yard.product.commit("develop", "x.txt", "x\n", subject="Mend what #1234 and AA-1580 said\n\nCloses #77")
    mentioned = await yard.bot("two").find("#77")
    assert [commit.sha for commit in mentioned] == [yard.head("develop")], "none brings it"
    assert await yard.bot("two").find("#123") == ()
    assert len(await yard.bot("two").find("AA-158")) == 2


async def test_a_pick_is_found_beside_what_it_was_made_from(ready):
    sha = next(c.sha for c in await ready.bot().find("#339"))
    ready.product.branch("release/1.2.3", "v1.2.2")
    await ready.do(Pick("release/1.2.3", ready.head("release/1.2.3"), (sha,), MADE_AT))
    await ready.bot().look(max_age=0)
    assert {commit.sha for commit in await ready.bot().find("#339")} == {sha, ready.head("release/1.2.3")}


@pytest.mark.parametrize("text", ["", "-x", "HEAD", "@{-1}", "refs/heads/main", "#", "#0", "abc", "--all", "a" * 41,
                                  "AA-", "AA-158; id", "#42\n", "v1.2.2", "%(refname)", "é-1"])  # fmt: skip
async def test_what_is_no_sha_number_or_key_finds_nothing(yard, text):
    assert await yard.bot().find(text) == ()


async def test_what_holds_a_commit(ready):
    assert await ready.bot().holding(ready.tagged("v1.2.1")) == Holding(
        ("v1.2.1", "v1.2.2", "v1.3.0-rc.1", "v1.3.0-rc.2"),
        ("develop", "feature/AA-165-import", "fix/AA-168-count", "fix/AA-171-month", "main", "release/1.3.0"),
    )
    fix = ready.head("release/1.3.0")
    assert await ready.bot().holding(fix) == Holding(("v1.3.0-rc.2",), ("release/1.3.0",))
    with pytest.raises(NotFound):
        await ready.bot().holding("deadbeef" * 5)


async def test_a_commit_on_main_that_nobody_released_is_a_stranger_until_it_is_known(ready):
    await ready.do(ready.promotion(ready.rc2))
    assert await ready.bot().strangers(ready.head("main"), ready.known()) == []
    patch = ready.product.commit("main", "README.md", "patched\n", author="Kim", subject="Hot patch")

    (stranger,) = await ready.bot().strangers(patch, ready.known())

    assert (stranger.sha, stranger.author, stranger.subject) == (patch, "Kim", "Hot patch")
    assert await ready.bot().strangers(patch, [*ready.known(), patch]) == []


async def test_tags_that_were_deleted_or_moved_on_the_remote_are_followed_by_every_read(ready):
    old = ready.tagged("v1.2.1")
    await ready.bot().look()
    ready.product.delete("refs/tags/v1.2.1")
    ready.product.git("update-ref", "refs/tags/v1.2.0", ready.head("develop"))

    state = await ready.bot().look(max_age=0)

    assert "v1.2.1" not in state.tags
    assert state.tags["v1.2.0"] == ready.head("develop")
    assert (await ready.bot().holding(old)).tags == ("v1.2.0", "v1.2.2", "v1.3.0-rc.1", "v1.3.0-rc.2")


async def test_where_a_commit_names_flags(yard):
    lines = 'on = is_on("new_search")\n\nrenew(new_search_two)\nprint("old-flag", new_search)\n'
    yard.product.commit("develop", "a.c", "void\n" * 5_001, subject="Letters of a short name")
    head = yard.product.commit("develop", "shop/ü search.py", lines, subject="Add") or yard.head("develop")
    bot = yard.bot()
    found = await bot.mentions(head, ("new_search", "old-flag", "gone_for_good", "-e", "oi"))
    assert {name: [str(place) for place in places] for name, places in found.items()} == {
        "new_search": ["shop/ü search.py:1", "shop/ü search.py:4"], "old-flag": ["shop/ü search.py:4"],
    }  # fmt: skip
    assert found["old-flag"][0].text == 'print("old-flag", new_search)'
    assert await bot.mentions(head, ()) == {} == await bot.mentions(head, ("gone_for_good",))
    with pytest.raises(NotFound):
        await bot.mentions("f" * 40, ("new_search",))
