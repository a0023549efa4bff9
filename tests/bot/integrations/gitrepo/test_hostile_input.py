"""Names, SHAs, addresses and messages that try to be something else."""

from __future__ import annotations

import pytest

from bot.integrations.gitrepo import GitSettings
from bot.integrations.gitrepo.names import branch_ref, full_sha, tag_ref
from bot.integrations.gitrepo.remote import Remote
from core.domain.repository import CutBranch, GitPlan, RefChange
from core.errors import Refused

BAD_NAMES = (
    "", "-x", "--upload-pack=touch /tmp/x", "HEAD", "@", "refs/heads/main", "a..b", "a b", "a\n",
    "a\nb", "\nmain", "main\n",
    "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{1}", ".a", "a/.b", "a.", "a/", "/a", "a//b", "a.lock", "x.lock/y",
    "a/-b", "тег", "v１.2.3", "a\x00b", "a\x7f", "a\u202eb", "$(id)", "`id`", "a;b", "x" * 201, "FETCH_HEAD",
)  # fmt: skip
GOOD_NAMES = ("main", "develop", "release/1.3.0", "hotfix/1.2.2-hotfix.1", "v1.3.0-rc.1", "feature/AA-101_x+y", "HEADS")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_off_the_list_is_refused(name):
    for make in (branch_ref, tag_ref):
        with pytest.raises(Refused) as refused:
            make(name)
        (blocker,) = refused.value.blockers
        assert blocker.code == "git.bad_name"
        assert str(blocker.facts["name"]).isprintable()


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_the_names_of_the_trade_pass(name):
    assert branch_ref(name) == f"refs/heads/{name}"
    assert tag_ref(name) == f"refs/tags/{name}"


@pytest.mark.parametrize("sha", ["", "HEAD", "abc1234", "A" * 40, "g" * 40, "a" * 39, "a" * 40 + "\n", "--all"])
def test_only_full_shas_pass(sha):
    with pytest.raises(Refused):
        full_sha(sha)


@pytest.mark.parametrize("name", ["--output=/tmp/owned", "HEAD", "x\n"])
async def test_hostile_names_never_reach_the_remote(yard, name):
    before = yard.product.refs()
    head = yard.head("develop")
    for order in (CutBranch(name, head, yard.cut().made_at), yard.promotion(head, name)):
        with pytest.raises(Refused):
            await yard.bot().plan(order)
    with pytest.raises(Refused):
        await yard.bot().changes(name, yard.head("develop"))
    assert yard.product.refs() == before


async def test_a_stored_plan_with_foreign_refs_is_not_pushed(yard):
    order, head = yard.cut(), yard.head("develop")
    for ref in ("HEAD", "refs/heads/../../x", "refs/notes/x", "--mirror", "refs/heads/a:refs/heads/b"):
        with pytest.raises(Refused):
            await yard.bot().push(order, GitPlan("cut", order.made_at, (RefChange(ref, "", head),), "2.39"))


async def test_hostile_refs_of_the_remote_are_read_and_do_no_harm(ready):
    head = ready.head("develop")
    hostile = ("tags/HEAD", "tags/-x", "heads/--upload-pack=x", "tags/main", "heads/ünïcode/✓")
    for ref in (f"refs/{name}" for name in hostile):
        ready.product.git("update-ref", ref, head)

    state = await ready.bot().look()
    assert state.heads["--upload-pack=x"] == state.tags["HEAD"] == state.tags["-x"] == head
    assert state.heads["ünïcode/✓"] == head

    assert (await ready.do(ready.promotion(ready.rc2))).outcome == "done"
    assert ready.tagged("v1.3.0") == ready.head("main")


HOSTILE_MESSAGE = (
    "Über ✓ <!channel> \x1b[31mred\x1b[0m\x00 tail\r\nobject 0000\ntagger me <x> 0 +0000\n\n-- \n$(id) \ud800"
)


async def test_messages_stay_words(ready):
    candidate = ready.rc2
    order = ready.promotion(candidate, title=HOSTILE_MESSAGE, message=HOSTILE_MESSAGE)

    assert (await ready.do(order)).outcome == "done"

    for kind, ref in (("commit", "main"), ("tag", "refs/tags/v1.3.0")):
        text = ready.product.git("cat-file", kind, ref)
        assert "Über ✓ <!channel> [31mred[0m tail\nobject 0000\ntagger me <x> 0 +0000\n\n-- \n$(id) ?" in text
        assert "\x1b" not in text
    assert ready.product.git("rev-parse", "main^2") == candidate
    ready.product.git("fsck", "--strict")


async def test_commits_of_people_are_read_whole_whatever_they_wrote(yard):
    subject = "feat: \x1b[31m✓ \x1f\x1e <!channel> --output=/tmp/x"
    body = "Merge pull request #9 from x\n\ncommit 0000\nAuthor: nobody\n\n  indented ✓"
    start = yard.head("develop")
    sha = yard.product.commit("develop", "x.txt", "x\n", author="Zoë Ünïcode", subject=f"{subject}\n\n{body}")

    (commit,) = await yard.bot().changes(start, sha)

    assert (commit.sha, commit.parents, commit.author) == (sha, (start,), "Zoë Ünïcode")
    assert commit.subject == subject
    assert commit.body == body
    assert commit.pull is None


async def test_a_conflict_in_a_file_with_a_hostile_name(ready):
    name = ":(top)--output=ü x.txt"
    ready.product.commit("release/1.3.0", name, "one\n", author="Kim", subject="One")
    ready.product.commit("develop", name, "two\n", author="Ben", subject="Two")

    plan = await ready.bot().plan(ready.promotion(ready.head("release/1.3.0")))

    assert plan.conflicts[0].files == (name,)
    assert set(plan.conflicts[0].people[name]) == {"Ben", "Kim"}


@pytest.mark.parametrize("address", ["", " ", "-u", "ext::sh -c id", "fd::3", "foo://host/x", "https://h/\nx"])
def test_addresses_that_are_no_repository_are_wrong_settings(address):
    with pytest.raises(ValueError, match="PRODUCT_REPO"):
        Remote.parse(address)


def test_addresses_of_all_kinds_pass(tmp_path):
    assert Remote.parse("git@host.example:team/app.git").url == "git@host.example:team/app.git"
    assert Remote.parse("ssh://git@host.example/app").url == "ssh://git@host.example/app"
    assert Remote.parse(str(tmp_path)).url == str(tmp_path)
    assert Remote.parse("some/place").url.startswith("/")


@pytest.mark.parametrize(
    "changes", [{"clone": "../x"}, {"clone": ""}, {"name": "A <b>"}, {"email": "x\ny"}, {"name": " "}, {"timeout": 0}]
)
def test_settings_that_cannot_stand_in_a_commit_are_refused(tmp_path, changes):
    with pytest.raises(ValueError, match=r"name|mail|time-out"):
        GitSettings(**{"remote": "x", "folder": tmp_path} | changes)
