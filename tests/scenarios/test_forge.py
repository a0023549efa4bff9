"""A release on a forge: milestone, checks as evidence, a page with the notes, and a forge that is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.domain.versions import Version
from core.usecases.integrating import follow_develop
from core.usecases.outside import tag_outside
from core.usecases.protecting import verdict
from sandbox.github.records import Token
from sandbox.github.server import GitHubServer, Settings
from sandbox.product import seed
from sandbox.product.pulls import MERGED, OPEN
from tests.scenarios.driver import FIX, HOTFIX, POLICY, Team, team

REPOSITORY, TOKEN = "asset-anchor/asset-anchor", "github_pat_sandbox_1234567890"


@asynccontextmanager
async def hosted(place: Path) -> AsyncIterator[tuple[Team, GitHubServer]]:
    """The team, with its product on a forge that knows its pull requests."""
    product = seed(place / "product.git").product
    policy = place / "policy.toml"
    policy.write_text(f'{POLICY.read_text()}\n[github]\nrepository = "{REPOSITORY}"\n')
    async with GitHubServer(Settings(product.path, REPOSITORY, (Token(TOKEN),))) as forge:
        forge.people.adopts(MERGED, OPEN)
        settings = {"github_token": SecretStr(TOKEN), "github_api_url": forge.url}
        async with team(place, policy=policy, bot=settings) as play:
            yield play, forge


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[Team, GitHubServer]]:
    async with hosted(tmp_path) as found:
        yield found


async def test_a_release_with_its_milestone_its_checks_and_its_page(both: tuple[Team, GitHubServer]) -> None:
    play, forge = both
    await play.says("priya", "start minor")
    (milestone,) = forge.hub.milestones.values()
    assert milestone.title == "v1.3.0"
    issue = forge.people.files_issue("jo", "Search is slow", milestone=milestone.number)
    await play.settles()
    offers = {o["ref"]: (o["kind"], o["planned"], o["author"]) for o in (await play.facts("1.3.0"))["offers"]}
    assert offers[f"#{issue.number}"] == ("issue", True, "jo"), "of the milestone"
    opened = {f"#{pull.number}": ("pull", False, pull.author.casefold()) for pull in OPEN}
    assert offers == {f"#{issue.number}": ("issue", True, "jo"), **opened}, "and what is open towards develop"
    await play.signs("1.3.0", "begin")
    await play.says("priya", "begin 1.3.0")
    facts = await play.facts("1.3.0")
    assert facts["phase"] == "development" and facts["milestone"]["open"] == 1, "its milestone is there: nobody signs"
    await play.says("mira", "scope add 1.3.0 #345")
    assert (await play.facts("1.3.0"))["scope_items"][0]["title"], "its title is that of the pull request"
    await play.says("mira", "scope drop 1.3.0 #345 it has to wait")
    await play.freezes("1.3.0")
    sha = (await play.facts("1.3.0"))["candidate"]["sha"]
    forge.people.runs_check(sha, "unit", "success")
    forge.people.runs_check(sha, "browser", "failure")
    await play.settles()
    asked = await verdict(play.app.ctx, "production", sha)
    assert (asked.allowed, asked.said, asked.version) == (False, "gates", "1.3.0"), "CI is held by the same gates"
    assert asked.blockers
    await play.signs("1.3.0", "ready", but=("tests.automated",))
    refused = await play.says("priya", "ready 1.3.0")
    assert "browser" in refused and await play.phase("1.3.0") == "stabilization"
    forge.people.runs_check(sha, "browser", "success")
    await play.settles()
    await play.says("priya", "ready 1.3.0")
    assert await play.phase("1.3.0") == "preparation", play.priya.private()
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")
    (page,) = forge.hub.releases.values()
    assert page.tag == "v1.3.0" and not page.prerelease and "## New Features" in page.body
    assert (await play.facts("1.3.0"))["page"], "the card links the page"
    assert forge.hub.milestones[milestone.number].state == "closed"
    shown = {one.environment: [told.state for told in one.statuses] for one in forge.hub.deployments}
    assert shown == {"staging": ["in_progress", "success"], "production": ["in_progress", "success"]}
    await follow_develop(play.app.ctx)
    await play.settles()
    there = {(one.environment, one.sha) for one in forge.hub.deployments}
    head = play.product.commit_of("refs/heads/develop")
    assert {("development", head), ("integration", head)} <= there


async def test_a_forge_that_is_away_holds_up_nothing_and_is_asked_again(both: tuple[Team, GitHubServer]) -> None:
    play, forge = both
    reading = forge.faults.add("pulls.get", "error_before")
    await play.says("priya", "start minor")
    assert reading.hits, "it was asked"
    facts = await play.facts("1.3.0")
    assert facts["notes"]["counts"] and facts["notes"]["alone"], "drafted from git alone"
    assert "; GitHub does not answer" in await play.says("mira", "notes")
    forge.faults.rules.remove(reading)
    await play.settles()
    facts = await play.facts("1.3.0")
    assert not facts["notes"]["alone"] and facts["scope"]["count"] == 12 and not facts["silent"]
    away = forge.faults.add("pulls.list", "error_before")
    before = facts["offers"]
    await play.settles()
    assert away.hits and (await play.facts("1.3.0"))["offers"] == before, "what it told last stands"
    scope = await play.says("mira", "scope")
    assert "Milestone, pull requests and checks are as of" in scope and "GitHub does not answer" in scope, scope


async def test_what_cannot_be_picked_is_solved_in_a_pull_request(both: tuple[Team, GitHubServer]) -> None:
    play, forge = both
    branch = f"hotfix/{HOTFIX}"
    await play.says("priya", "start hotfix card payments time out")
    head = play.product.commit(branch, FIX[0], "TIMEOUT = 1\n", author="Kim", subject="fix: a short timeout")
    play.product.commit("develop", FIX[0], "TIMEOUT = 99\n", author="Ines", subject="fix: a long timeout (#390)")
    await play.settles()
    await play.says("priya", f"scope add {HOTFIX} #390")
    assert await play.priya.submits({}) == {}
    await play.settles()
    await play.priya.closes(everything=True)
    assert any(FIX[0] in x and "Open a pull request" in x for x in play.thread(HOTFIX)), play.thread(HOTFIX)
    await play.priya.clicks("Open a pull request")
    await play.settles()
    (pull,) = [i for i in forge.hub.issues.values() if i.title == f"Pick #390 onto {branch}"]
    assert pull.pull and pull.pull.base == branch and pull.body.startswith("Backport of #390")
    assert "<<<<<<<" in play.product.read(pull.pull.head, FIX[0]) and play.product.commit_of(branch) == head
    play.product.merge(branch, play.product.commit_of(pull.pull.head), {FIX[0]: "TIMEOUT = 60\n"}, author="Ines",
                       message=f"Merge pull request #{pull.number} from {pull.pull.head}\n\n{pull.title}")  # fmt: skip
    await play.settles()
    assert [(i["ref"], i["state"]) for i in (await play.facts(HOTFIX))["scope_items"]] == [("#390", "merged")]


async def test_a_page_that_takes_only_a_part_has_the_whole_as_a_file(both: tuple[Team, GitHubServer]) -> None:
    play, forge = both
    whole = "# Release v1.2.3\n\n" + "- A line of the notes\n" * 9_000
    await tag_outside(play.app.ctx, Version.parse("1.2.3"), "", "U0OLU", whole)
    await play.settles()
    (page,) = forge.hub.releases.values()
    assert "more lines did not fit here; the attached file has them all" in page.body
    assert [(a.name, a.raw.decode()) for a in page.assets] == [("v1.2.3-notes.md", whole)]
    told = play.product.git("for-each-ref", "--format=%(contents)", "refs/tags/v1.2.3")
    assert told.strip() == whole.strip(), "a tag takes all of it"


async def _hotfix_ships(play: Team) -> None:
    """A hotfix of Ines, led by Priya, from its start to live; develop has changed the same file meanwhile."""
    await play.says("priya", "start hotfix card payments time out")
    play.product.commit(f"hotfix/{HOTFIX}", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    play.product.commit("develop", FIX[0], "TIMEOUT = 99\n", author="Kim", subject="fix: another timeout (AA-300)")
    await play.settles()
    await play.theo.clicks("Open a pull request")
    await play.settles()
    await play.says("theo", f"candidate {HOTFIX}")
    await play.to_preparation(HOTFIX)
    await play.theo.clicks("Approve", within="dm")
    await play.settles()
    await play.olu.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships(HOTFIX, who="olu")


async def test_a_back_merge_that_conflicts_is_named_opened_and_missed_until_people_merge_it(
    both: tuple[Team, GitHubServer],
) -> None:
    play, forge = both
    await play.says("priya", "start minor")
    await play.signs("1.3.0", "begin")
    await play.says("priya", "begin 1.3.0")
    await _hotfix_ships(play)
    assert play.product.commit_of(f"refs/tags/v{HOTFIX}") == play.product.commit_of("main")
    assert (await play.facts(HOTFIX))["page"], "released all the same"
    told = play.thread(HOTFIX)
    (early,) = [x for x in told if "would be clean today" in x]
    assert "into develop 1 file conflicts" in early and FIX[0] in early
    (line,) = [x for x in told if "cannot be merged back into develop" in x]
    assert f"{FIX[0]} (Kim" in line and "Ines" in line and "a pull request for it follows" in line, line
    found = [i for i in forge.hub.issues.values() if i.title == f"Merge v{HOTFIX} into develop" and i.pull]
    assert [i.pull.head for i in found if i.pull] == [f"hotfix/{HOTFIX}", "main"], "asked for early, and by itself"
    pull = found[-1]
    assert any(f"Pull request #{pull.number}" in x for x in told), told
    await play.mends_notes("1.3.0")
    why = await play.says("priya", "why 1.3.0")
    assert f"v{HOTFIX}" in why and "develop does not have what it brought" in why and "Ines" in why, why
    await play.moves_to(datetime.fromisoformat((await play.facts("1.3.0"))["freeze_at"]))
    assert await play.phase("1.3.0") == "development", "no branch is cut without what is out"
    main = play.product.commit_of("main")
    settled = {FIX[0]: "TIMEOUT = 60\n"}
    play.product.merge("develop", main, settled, author="Kim", message=f"Merge v{HOTFIX} into develop")
    await play.settles()
    assert "develop does not have" not in await play.says("priya", "why 1.3.0")
    await play.mends_notes("1.3.0")
    assert await play.phase("1.3.0") == "stabilization"


async def test_what_is_called_latest_follows_production_and_never_an_old_line(both: tuple[Team, GitHubServer]) -> None:
    play, forge = both
    ctx = play.app.ctx
    assert ctx.forge is not None
    before = await ctx.forge.ensure_release("v1.2.2", "v1.2.2", "As it was.", latest=True)
    await play.says("priya", "start minor")
    await play.to_stabilization()
    await play.to_preparation()
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")
    pages = {page.tag: page.id for page in forge.hub.releases.values()}
    assert forge.hub.latest == pages["v1.3.0"]
    await tag_outside(ctx, Version.parse(HOTFIX), "for who stays on the old line", "U0OLU")
    pages = {page.tag: page.id for page in forge.hub.releases.values()}
    assert forge.hub.latest == pages["v1.3.0"] and pages[f"v{HOTFIX}"] in forge.hub.not_latest
    await play.says("olu", "rollback 1.3.0 card payments answer with an error")
    assert await play.olu.submits({"How bad is it?": "Customers cannot work"}) == {}
    await play.settles()
    assert forge.hub.latest == pages["v1.2.2"] and before
    assert any("v1.2.2 is called the latest release again" in x for x in play.thread("1.3.0"))
