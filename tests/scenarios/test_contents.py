"""What is in a release: picked, dropped, named in the notes, committed in the candidate, and what strays from it."""

from __future__ import annotations

import pytest

from core.domain.release import ReleaseType
from core.errors import Refused
from core.usecases.advance import Ask
from core.usecases.start import propose, start
from tests.scenarios.driver import HOTFIX, Team

FEATURE = ("app/export.py", "def export():\n    return 'csv'\n")


async def _late(play: Team, version: str, words: str) -> None:
    """Priya changes the scope of a release that has its branch: the form shows what it means, she sends it."""
    await play.says("priya", words)
    if play.priya.form:
        await play.priya.submits({"reason": "it was asked for"} if "drop" in words else {})
        await play.settles()
        await play.priya.closes(everything=True)


async def test_the_candidate_holds_the_version_and_the_changelog_and_so_does_what_ships(minor: Team) -> None:
    play = minor
    candidate = (await play.facts("1.3.0"))["candidate"]["tag"]
    assert play.product.read(candidate, "VERSION") == "1.3.0\n"
    text = play.product.read(candidate, "CHANGELOG.md")
    assert text.index("## [1.3.0] - 2026-12-16") < text.index("## [1.2.2] - 2026-11-18")
    assert "- Make the dashboard clearer on phones" in text and "Tidy up lease model" in text
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")
    assert play.product.tree_of("v1.3.0") == play.product.tree_of(candidate)
    assert play.product.read("develop", "VERSION") == "1.3.0\n"
    assert (await play.facts("1.3.0"))["strays"] == [], "what the bot published itself is no drift"


async def test_a_start_says_whether_the_way_into_main_is_clean_today(play: Team) -> None:
    await play.says("priya", "start minor")
    assert [x for x in play.thread("1.3.0") if "Merging v1.3.0 into main and develop would be clean today." in x]
    play.product.commit("main", "app/by_hand.py", "x = 1\n", author="Kim", subject="Quick patch on the server")
    await play.says("priya", "start major")
    (line,) = [x for x in play.thread("2.0.0") if "could not go to production today" in x]
    assert "Kim" in line and "Quick patch on the server" in line
    assert play.product.commit_of("main") and "refs/tags/v2.0.0" not in play.product.refs(), "nothing was published"


async def test_a_fix_is_picked_onto_a_hotfix_and_the_next_one_is_taken_back(play: Team) -> None:
    await play.says("priya", "start hotfix card payments time out")
    await _late(play, HOTFIX, f"scope add {HOTFIX} #338")
    facts = await play.facts(HOTFIX)
    assert [(i["ref"], i["state"]) for i in facts["scope_items"]] == [("#338", "merged")], facts["scope_items"]
    picked = play.product.git("log", "-1", "--format=%an%n%B", f"hotfix/{HOTFIX}")
    assert picked.startswith("Dana") and "(cherry picked from commit" in picked
    await _late(play, HOTFIX, f"scope add {HOTFIX} #339")
    await play.says("theo", f"candidate {HOTFIX}")
    assert play.product.read(f"v{HOTFIX}.rc.1", "VERSION") == f"{HOTFIX}\n"
    await _late(play, HOTFIX, f"scope drop {HOTFIX} #339 not that urgent")
    facts = await play.facts(HOTFIX)
    assert {i["ref"]: i["state"] for i in facts["scope_items"]} == {"#338": "merged", "#339": "moved"}
    assert facts["candidate"]["sha"] != facts["branch_head"] and "not that urgent" not in str(facts["git"])
    await play.says("theo", f"candidate {HOTFIX}")
    section = play.product.read(f"v{HOTFIX}.rc.2", "CHANGELOG.md").split("## [1.2.2]")[0]
    assert "Card payments time out no more" in section and "cent" not in section


async def test_after_the_freeze_a_feature_is_named_until_the_tech_lead_answers_for_it(stabilizing: Team) -> None:
    play = stabilizing
    play.product.commit("release/1.3.0", *FEATURE, author="Jo", subject="feat(export): export to a file (AA-170)")
    await play.settles()
    late = (await play.facts("1.3.0"))["late"]
    assert [x["title"] for x in late] == ["Export to a file"] and late[0]["accepted"] is None
    refused = await play.says("qadir", "candidate 1.3.0")
    assert "Export to a file" in refused and await play.phase("1.3.0") == "stabilization"
    await play.says("theo", f"accept 1.3.0 {late[0]['id']} the bank needs it")
    await play.says("qadir", "candidate 1.3.0")
    facts = await play.facts("1.3.0")
    assert facts["candidate"]["tag"] == "v1.3.0-rc.2" and facts["late"][0]["accepted"]["by"] == "U0THEO"
    assert "Export to a file" in play.product.read("v1.3.0-rc.2", "CHANGELOG.md")


async def test_words_that_change_after_the_candidate_are_in_the_next_one(stabilizing: Team) -> None:
    play = stabilizing
    await play.signs("1.3.0", "ready")
    await play.says("mira", "classify 1.3.0 #331 improvement Leases load faster")
    refused = await play.says("priya", "ready 1.3.0")
    assert "rc.2" in refused and await play.phase("1.3.0") == "stabilization"
    await play.says("qadir", "candidate 1.3.0")
    assert "- Leases load faster" in play.product.read("v1.3.0-rc.2", "CHANGELOG.md")
    play.product.commit("release/1.3.0", "app/fix.py", "x = 1\n", author="Jo", subject="fix: a wrong sum (AA-171)")
    await play.settles()
    await play.says("qadir", "candidate 1.3.0")
    text = play.product.read("v1.3.0-rc.3", "CHANGELOG.md")
    assert "- Leases load faster" in text and "A wrong sum" in text and text.count("## [1.3.0]") == 1


async def test_the_last_commit_of_people_is_shown_to_who_signs_also_when_nothing_had_to_be_prepared_on_it(
    play: Team,
) -> None:
    await play.says("priya", "start minor")
    await play.to_stabilization()
    words = ("app/pay.py", "x = 1\n")
    sha = play.product.commit("release/1.3.0", *words, author="Jo", subject="ci: tidy the pipeline")
    await play.settles()
    await play.says("qadir", "candidate 1.3.0")
    facts = await play.facts("1.3.0")
    assert facts["candidate"]["sha"] == sha, "its notes are the same, so there was nothing to write"
    assert facts["changes"][0]["sha"] == sha and "prepare" not in str(facts["changes"])


async def test_a_tag_and_a_branch_that_move_by_hand_are_found_and_block_until_somebody_answers(minor: Team) -> None:
    play = minor
    other = play.product.commit_of("develop")
    play.product.git("update-ref", "refs/tags/v1.2.2", other)
    await play.settles()
    facts = await play.facts("1.3.0")
    assert [(x["kind"], x["ref"]) for x in facts["strays"]] == [("tag", "v1.2.2")], facts["strays"]
    assert any("v1.2.2" in said for said in play.channel("releases"))
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.to_the_hour("1.3.0")
    await play.says("priya", "go 1.3.0")
    assert play.priya.form is not None, "the go of a train's release asks once more"
    await play.priya.clicks("Go")
    await play.settles()
    refused = play.priya.reads(play.priya.form)
    await play.priya.closes(everything=True)
    assert "v1.2.2" in refused and await play.phase("1.3.0") == "preparation"
    await play.says("theo", "accept 1.3.0 v1.2.2 somebody signed it anew")
    assert [x["answered"]["by"] for x in (await play.facts("1.3.0"))["strays"]] == ["U0THEO"]
    await play.ships("1.3.0")
    assert [x["ref"] for x in (await play.facts("1.3.0"))["strays"]] == ["v1.2.2"], "it stays listed"


async def test_a_secret_in_a_stray_commit_is_not_told_to_the_team(minor: Team) -> None:
    secret = "ghp_abcdefghij0123456789ABCDEFGHIJ012345"
    minor.product.commit("main", "app/hot.py", "x = 1\n", author="Kim", subject=f"hot patch with {secret}")
    await minor.settles()
    assert any("hot patch with [removed]" in said for said in minor.channel("releases"))
    assert secret not in str(await minor.facts("1.3.0"))


async def test_what_is_put_back_is_no_stray_any_more(minor: Team) -> None:
    play = minor
    was = play.product.git("rev-parse", "refs/heads/release/1.3.0")
    play.product.git("update-ref", "refs/heads/release/1.3.0", play.product.commit_of("main"))
    await play.settles()
    assert [x["kind"] for x in (await play.facts("1.3.0"))["strays"]] == ["branch"]
    play.product.git("update-ref", "refs/heads/release/1.3.0", was)
    await play.settles()
    assert (await play.facts("1.3.0"))["strays"] == []


async def test_the_fixes_of_a_cancelled_release_are_carried_to_develop(stabilizing: Team) -> None:
    play = stabilizing
    play.product.commit("release/1.3.0", "app/fix.py", "x = 1\n", author="Jo", subject="fix: a wrong sum (AA-171)")
    await play.settles()
    await play.says("priya", "cancel 1.3.0 the contract fell through")
    if play.priya.form:
        await play.priya.submits({})
        await play.settles()
        await play.priya.closes(everything=True)
    assert await play.phase("1.3.0") == "cancelled"
    assert play.product.read("develop", "app/fix.py") == "x = 1\n"
    assert play.product.read("develop", "VERSION") == "1.2.2\n", "the number of what never left stays away"


async def test_a_hotfix_is_not_started_for_what_breaks_something(play: Team) -> None:
    play.product.commit(
        "develop", "app/api.py", "x = 1\n", author="Jo", subject="feat(api)!: amounts are cents now, AA-180 (#380)"
    )
    await play.settles()
    refused = await play.says("priya", "start hotfix the bank rounds wrongly")
    assert await play.phase(HOTFIX) == "development", refused
    with pytest.raises(Refused) as broken:
        await start(
            play.app.ctx,
            Ask("U0PRIYA", "start", input={"kind": "patch", "reason": "the bank rounds wrongly", "picks": ["AA-180"]}),
        )
    assert [(b.code, b.facts["item"]) for b in broken.value.blockers] == [("breaking", "#380")]
    proposal = await propose(play.app.ctx, ReleaseType.MINOR, actor="U0PRIYA")
    reason = next(r for r in proposal.reasons if r["code"] == "changes")
    assert [x["item"] for x in reason["breaking"]] == ["#380"] and reason["breaking"][0]["commits"]
