"""Every row of the click table: who presses too late, twice, for somebody else, or about what has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from core.domain.notes.model import Finding
from core.store import notes
from core.store.unit_of_work import Unit
from core.usecases.advance import Report, advance, chains_of
from tests.scenarios.driver import FIX, HOTFIX, POLICY, Team, team
from tests.scenarios.hands import LAST, clicks, product_managers, request_of, sha


async def test_not_yours(minor: Team) -> None:
    told = await clicks(minor, "dana", "Approve…", minor.card("1.3.0"))
    assert "Only the product manager" in told and "@Mira" in told and "Nothing was changed" in told
    assert "[Raise a concern…]" in told
    assert LAST in minor.mira.buttons(request_of(minor.mira)), "her request is still open"
    assert "Only the product manager" in await minor.says("theo", f"approve 1.3.0 {await sha(minor, '1.3.0')}")


async def test_your_own_request(minor: Team) -> None:
    await product_managers(minor, "mira", "priya")
    told = await minor.says("priya", f"approve 1.3.0 {await sha(minor, '1.3.0')}")
    assert "started v1.3.0" in told and "yourself" in told and "[Remind Mira]" in told, told
    assert not minor.priya.dm() or all("Approve v1.3.0?" not in minor.priya.reads(m) for m in minor.priya.dm())
    assert (await minor.facts("1.3.0"))["approvals"][0]["given"] == []


async def test_second_time(minor: Team) -> None:
    await clicks(minor, "mira", LAST)
    told = await minor.says("mira", f"approve 1.3.0 {await sha(minor, '1.3.0')}")
    assert told.startswith("You approved v1.3.0 ") and "Nothing changed." in told and "[Take it back…]" in told


async def test_decided_elsewhere(minor: Team) -> None:
    asked = request_of(minor.mira)
    await product_managers(minor, "mira", "jo")
    await minor.says("mira", "reject 1.3.0 the statements show the wrong month")
    assert await minor.mira.submits() == {}
    await minor.mira.closes(everything=True)
    await minor.settles()
    jo = minor.slack.person("Jo")
    await jo.types(f"/release approve 1.3.0 {await sha(minor, '1.3.0')}")
    await minor.settles()
    assert (await minor.facts("1.3.0"))["approvals"][0]["rejected"][0][
        "reason"
    ] == "the statements show the wrong month"
    why = await minor.says("priya", "why 1.3.0")
    assert "the statements show the wrong month" in why and "@Mira" in why
    assert not (await minor.facts("1.3.0"))["staging_run"], "a rejection blocks although another holder approved"
    told = await clicks(minor, "mira", "Approve after all", asked)
    assert "You approved v1.3.0" in told, "her own new answer lifts it"
    assert (await minor.facts("1.3.0"))["staging_run"]["state"] == "done"


async def test_a_second_holder_sees_that_nothing_is_left_to_do(play: Team) -> None:
    await product_managers(play, "mira", "jo")
    await play.says("priya", "start minor")
    await play.to_stabilization()
    await play.to_preparation()
    jo = play.slack.person("Jo")
    stale = request_of(jo)
    assert LAST in jo.buttons(stale)
    await clicks(play, "mira", LAST, request_of(play.mira))
    shown = jo.reads(request_of(jo))
    assert "Mira approved v1.3.0 as product manager" in shown and "Nothing is left for you to do." in shown
    assert jo.buttons(request_of(jo)) == []


async def test_stale_and_gone(minor: Team) -> None:
    play = minor
    old = request_of(play.mira)
    blocks = [dict(b) for b in old.blocks]
    play.product.commit("release/1.3.0", *FIX, author="Dana", subject="fix: late (AA-9)")
    await play.settles()
    await play.says("qadir", "candidate 1.3.0")
    assert "back in stabilization" in play.mira.reads(old), "the open request says that it is over"
    old.blocks = blocks  # a copy that was not brought up to date: the click comes from an old screen
    told = await clicks(play, "mira", LAST, old)
    assert "rc.2 is current" in told and "nothing was changed" in told.casefold(), told
    await play.to_preparation()
    await play.says("priya", "cancel 1.3.0 scope fell apart")
    assert await play.priya.submits() == {}
    await play.settles()
    assert "was cancelled by Priya. There is nothing left to approve." in play.mira.reads(request_of(play.mira))
    request_of(play.mira).blocks = blocks
    told = await clicks(play, "mira", LAST, request_of(play.mira))
    assert "cancelled" in told, told
    assert await play.phase("1.3.0") == "cancelled"


async def read_otherwise(play: Team, *findings: Finding) -> None:
    """The difference of the same candidate is read again, and these stand in it beside what stood there."""
    ctx, release = play.app.ctx, (await play.facts("1.3.0"))["id"]

    async def work(unit: Unit) -> None:
        draft = await notes.load(unit.conn, release)
        assert draft is not None
        await notes.put(unit, release, replace(draft, findings=(*draft.findings, *findings)), ctx.clock.now())

    await ctx.store.unit(work, verb="test.notes", chains=chains_of(ctx, release), interactive=False)
    await advance(ctx, Report("look_again", release))
    await play.settles()


async def test_a_request_that_is_withdrawn_shows_only_the_difference(minor: Team) -> None:
    play = minor
    await clicks(play, "mira", LAST)
    play.product.commit("release/1.3.0", *FIX, author="Dana", subject="fix: use the lease's own month (AA-171)")
    await play.settles()
    await play.says("theo", "candidate 1.3.0")
    new = next(m for m in reversed(play.mira.dm()) if "changed after you approved" in play.mira.reads(m))
    shown = play.mira.reads(new)
    assert "rc.2 was tagged" in shown and "by @Theo" in shown
    await clicks(play, "mira", "See all changes", new)
    assert "the lease's own month" in play.mira.private() and "saved" not in play.mira.private()
    await play.to_preparation()
    shown = play.mira.reads(request_of(play.mira))
    assert "Your approval of rc.1 was withdrawn, because rc.2 was tagged" in shown, shown
    assert "Different: 1 change" in shown and "The same as before: " in shown and "New for customers" not in shown
    assert "Yours was the last signature" in await clicks(play, "mira", "Approve again (last signature)")


async def test_a_part_that_changes_without_a_candidate_is_asked_anew_and_a_question_goes_to_the_thread(
    minor: Team,
) -> None:
    play = minor
    wrote = next(c for c in (await play.facts("1.3.0"))["changes"] if c["author"] == "Dana")
    await play.mira.clicks("Ask…", within="dm")
    assert await play.mira.submits({"What do you want to know?": f"Is {wrote['sha'][:9]} tested on phones?"}) == {}
    await play.settles()
    line = next(line for line in play.thread("1.3.0") if "asks" in line)
    assert "Mira asks @Dana and @Priya before signing v1.3.0: " in line and "Please answer here." in line
    asked = play.mira.reads(request_of(play.mira))
    assert "touch payments: #339, #338 and #330" in asked and "2 migrations: adds table" in asked
    assert "You asked" in asked and "tested on phones?” of @Dana and @Priya, in the thread" in asked
    assert LAST in play.mira.buttons(request_of(play.mira)), "asking decides nothing"
    assert "Only the product manager" in await play.says("olu", "ask 1.3.0 may I?")
    assert "is in the thread" in await play.says("mira", "ask 1.3.0 is the plan written?")

    await clicks(play, "mira", LAST)
    old = request_of(play.mira)
    await read_otherwise(play, Finding("migration", "db/0099.py", "drops `deposits`", removed=True))
    assert "withdrawn" in play.thread("1.3.0")[-1] and "The migrations of v1.3.0 changed" in play.thread("1.3.0")[-1]
    new = request_of(play.mira)
    shown = play.mira.reads(new)
    assert new is not old and "I asked you again about v1.3.0" in play.mira.reads(old)
    assert "1 migration more" in shown and "db/0099.py: drops" in shown and "The same as before: the commit" in shown
    assert {"Approve again (last signature)", "Object…", "Ask…"} <= set(play.mira.buttons(new))
    assert "asks for approvals" not in shown and await play.phase("1.3.0") == "preparation"
    await clicks(play, "mira", "Object…", new)
    assert await play.mira.submits({"What has to change?": "Keep the deposits"}) == {}
    await play.settles()
    assert "Keep the deposits" in await play.says("priya", "why 1.3.0")


async def test_two_roles_one_person(tmp_path: Path) -> None:
    """Ines is in both groups: she signs for one of the two roles, and somebody else for the other."""
    policy = tmp_path / "policy.toml"
    by_group = (
        POLICY.read_text()
        .replace('people = ["theo"]', 'group = "S0ENG"')
        .replace('people = ["olu"]', 'group = "S0OPS"')
    )
    policy.write_text(by_group)
    async with team(tmp_path, policy=policy) as play:
        await play.says("priya", "start hotfix card payments time out")
        play.product.commit(f"hotfix/{HOTFIX}", *FIX, author="Ben", subject="fix: card payments time out (AA-101)")
        await play.settles()
        await play.says("theo", f"candidate {HOTFIX}")
        await play.to_preparation(HOTFIX)
        ines, words = play.slack.person("Ines"), f"/release approve {HOTFIX} {await sha(play, HOTFIX)}"
        await ines.types(f"{words} as tech lead")
        assert "You approved v1.2.2-hotfix.1 (rc.1) as tech lead" in ines.private()
        await ines.types(f"{words} as ops")
        await play.settles()
        assert "You already signed as tech lead" in ines.private() and "@Olu" in ines.private(), ines.private()
        await clicks(play, "olu", LAST)
        assert (await play.facts(HOTFIX))["staging_run"]["state"] == "done"


async def test_whose_commit_it_is_does_not_approve_it_and_nobody_names_a_role_they_do_not_hold(play: Team) -> None:
    await play.says("priya", "start hotfix card payments time out")
    play.product.commit(f"hotfix/{HOTFIX}", *FIX, author="Theo", subject="fix: card payments time out (AA-101)")
    await play.settles()
    await play.says("priya", f"candidate {HOTFIX}")
    await play.to_preparation(HOTFIX)
    told = await play.says("theo", f"approve {HOTFIX} {await sha(play, HOTFIX)}")
    assert "You wrote" in told and "Nothing was changed" in told
    told = await play.says("olu", f"approve {HOTFIX} {await sha(play, HOTFIX)} as tech lead")
    assert "tech lead" in told and "Nothing was changed" in told
    assert "as DevOps" in await play.says("olu", f"approve {HOTFIX} {await sha(play, HOTFIX)}")


async def test_a_commit_behind_a_colleagues_merge_still_keeps_its_author_from_approving(play: Team) -> None:
    await play.says("priya", "start hotfix card payments time out")
    branch, product = f"hotfix/{HOTFIX}", play.product
    product.branch("fix/payments", f"refs/heads/{branch}")
    own = product.commit("fix/payments", *FIX, author="Theo", subject="wip")
    title = "Merge pull request #301 from team/fix-payments\n\nPayments wait longer"
    product.merge(branch, own, dict([FIX]), author="Dana", message=title)
    await play.settles()
    await play.says("priya", f"candidate {HOTFIX}")
    await play.to_preparation(HOTFIX)
    told = await play.says("theo", f"approve {HOTFIX} {await sha(play, HOTFIX)}")
    assert f"You wrote a commit in v{HOTFIX} ({own[:7]})" in told and "Nothing was changed" in told


async def test_no_longer_in_the_role(minor: Team) -> None:
    play = minor
    await clicks(play, "mira", LAST)
    await product_managers(play, "jo")
    assert (await play.facts("1.3.0"))["members"]["product_manager"] == ["U0JO"]
    told = await play.says("mira", f"approve 1.3.0 {await sha(play, '1.3.0')}")
    assert "product manager" in told and "@Jo" in told and "Nothing was changed" in told, told
    why = await play.says("priya", "why 1.3.0")
    assert "@Jo" in why, "whoever holds the role now has to answer"


async def test_an_approval_runs_out(minor: Team) -> None:
    play = minor
    await play.moves_to(play.clock.now() + timedelta(hours=1))
    await clicks(play, "mira", LAST)
    await play.moves_to(play.clock.now() + timedelta(days=7, hours=1))
    why = await play.says("priya", "why 1.3.0")
    assert "has run out after 7 days" in why
    told = await play.says("mira", f"approve 1.3.0 {await sha(play, '1.3.0')}")
    assert "You approved v1.3.0 (rc.1)" in told, "she can simply sign again"
    assert "has run out" not in await play.says("priya", "why 1.3.0")


async def test_a_form_that_was_open_too_long_keeps_the_words(minor: Team) -> None:
    play = minor
    await play.mira.clicks("Reject…", within="dm")
    await play.mira.fills({"What has to change?": "Owner statements show the wrong month"})
    play.product.commit("release/1.3.0", *FIX, author="Dana", subject="fix: the lease's own month (AA-171)")
    await play.settles()
    await play.says("theo", "candidate 1.3.0")
    await play.to_preparation()
    assert await play.mira.submits() == {}
    shown = play.mira.reads(play.mira.form)
    assert "While this form was open something changed" in shown and "rc.2 is current now" in shown
    assert "Owner statements show the wrong month" in shown
    assert (await play.facts("1.3.0"))["approvals"][0]["rejected"] == []
    assert await play.mira.submits() == {}
    await play.settles()
    assert (await play.facts("1.3.0"))["approvals"][0]["rejected"][0]["person"] == "U0MIRA"
