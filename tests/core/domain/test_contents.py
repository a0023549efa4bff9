"""Scope by name, notes inside the candidate, late changes, evidence, and refs that moved without the bot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.contents import Checks, Stray
from core.domain.facts import project
from core.domain.forge import Check, Milestone
from core.domain.notes.model import Gap, Heading, Item
from core.domain.release import Phase, Release
from core.domain.repository import FileFault
from core.errors import Refused
from tests.core.domain.test_engine import approve, minor, to_preparation
from tests.core.domain.world import DANA, MIRA, PRIYA, QADIR, THEO, World, policy


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [b.code for b in refused.value.blockers]


def refused(w: World, who: str, event: str, r: Release, **words: Any) -> list[str]:
    with pytest.raises(Refused) as found:
        w.act(who, event, r, **words)
    return codes(found)


def drafted(w: World, r: Release, **changes: Any) -> None:
    """The next read of the range finds another draft."""
    head = w.heads.get(r.branch, w.heads["develop"])
    w.drafts[r.id] = replace(w.drafts[r.id], head=head, **changes)
    branch = r.branch if r.branch in w.heads else "develop"
    w.report(r.id, "scope.read", {"branch": branch, "head": head, "changes": []})


# --- scope by name ---


def test_a_freeze_waits_until_each_item_is_merged_or_moved_out_by_name():
    w = World()
    r = w.start("minor")
    w.act(MIRA, "scope_add", r, ref="AA-7", title="Search")
    w.act(PRIYA, "scope_add", r, ref="#404")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    w.at(w.again(r).freeze_at)
    assert w.phase(r) is Phase.DEVELOPMENT
    assert refused(w, PRIYA, "freeze_early", r, reason="now") == ["scope.open", "scope.open"]
    w.act(PRIYA, "scope_drop", r, ref="#404", to="1.4.0")
    assert w.phase(r) is Phase.DEVELOPMENT
    w.commit("develop", "AA-7")
    w.look()
    assert w.phase(r) is Phase.STABILIZATION
    assert [(i.ref, i.state, i.to, i.title) for i in w.again(r).items] == [
        ("AA-7", "merged", "", "change of AA-7"), ("#404", "moved", "1.4.0", "")]


def test_what_is_no_reference_or_is_there_already_is_refused():
    w = World()
    r = w.start("minor")
    assert refused(w, PRIYA, "scope_add", r, ref="--upload-pack=x") == ["scope.ref"]
    w.act(PRIYA, "scope_add", r, ref="aa-7")
    assert refused(w, PRIYA, "scope_add", r, ref="AA-7") == ["scope.there"]
    assert refused(w, PRIYA, "scope_drop", r, ref="#12") == ["scope.none"]
    assert refused(w, DANA, "scope_add", r, ref="#12") == ["permission"]
    drafted(w, r, items=(Item("#12", "x", Heading.FIXES, commits=("dev0",)),))
    assert refused(w, PRIYA, "scope_drop", r, ref="#12") == ["scope.merged"]


def test_what_a_hotfix_was_started_for_is_picked_onto_its_branch_when_that_is_cut():
    w = World()
    r = w.start("hotfix", items=("#341", "AA-9"))
    assert {"#341", "AA-9"} <= w.ancestors[w.heads[r.branch]] and w.again(r).branch_head == w.heads[r.branch]
    assert w.said("picked") == ["thread"] and w.again(r).git is None
    drafted(w, r, items=tuple(Item(n, n, Heading.FIXES, commits=(n,), fix=True) for n in ("#341", "AA-9")))
    assert {i.state for i in w.again(r).items} == {"merged"}
    w.act(THEO, "candidate", r)
    assert w.phase(r) is Phase.STABILIZATION


def test_what_is_not_on_develop_is_said_and_can_be_dropped_or_asked_for_again():
    w = World()
    r = w.start("patch", items=("#404",))
    assert w.again(r).git.state == "failed" and w.said("git_failed") == ["thread", f"dm:{PRIYA}"]
    w.commit(r.branch, "fix")
    w.look()
    w.act(THEO, "candidate", r)
    w.sign_all("ready", r)
    assert refused(w, PRIYA, "ready", r) == ["scope.open"]
    w.act(PRIYA, "scope_drop", r, ref="#404")
    w.act(PRIYA, "ready", r)
    assert w.phase(r) is Phase.PREPARATION


def test_a_late_change_goes_in_and_out_on_the_branch_and_needs_a_new_candidate_and_new_signatures():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    approve(w, r)
    w.act(PRIYA, "scope_add", r, ref="#55")
    assert "#55" in w.ancestors[w.heads[r.branch]] and w.said("branch_ahead") == ["thread"]
    w.act(THEO, "candidate", r)
    assert w.phase(r) is Phase.STABILIZATION and not w.situation(w.again(r)).approvals("product_manager")
    w.act(PRIYA, "scope_drop", r, ref="#55", to="1.4.0")
    assert "#55" not in w.ancestors[w.heads[r.branch]] and w.said("reverted") == ["thread"]
    assert [(i.ref, i.state, i.to) for i in w.again(r).items] == [("#55", "moved", "1.4.0")]
    w.act(THEO, "candidate", r)
    w.sign_all("ready", r)
    w.act(PRIYA, "ready", r)
    assert w.again(r).candidate.number == 3

def test_picks_that_are_asked_for_in_a_row_are_picked_together():
    w = World()
    r = minor(w)
    w.pumping = False
    w.act(PRIYA, "scope_add", r, ref="#55")
    w.act(PRIYA, "scope_add", r, ref="#56")
    w.pumping = True
    w.pump()
    assert {"#55", "#56"} <= w.ancestors[w.heads[r.branch]] and w.said("picked") == ["thread"]


# --- late changes ---


def test_since_the_freeze_only_fixes_or_what_the_tech_lead_accepts():
    w = World()
    r = minor(w)
    w.commit(r.branch, "fix1")
    w.commit(r.branch, "feat1")
    w.look()
    assert refused(w, QADIR, "candidate", r) == ["late"]
    assert refused(w, MIRA, "accept", r, item="feat1", reason="please") == ["permission"]
    assert refused(w, THEO, "accept", r, item="fix1", reason="it is a fix") == ["accept.which"]
    assert refused(w, THEO, "accept", r, item="feat1") == ["reason"]
    w.act(THEO, "accept", r, item="feat1", reason="the bank needs it on Monday")
    w.act(QADIR, "candidate", r)
    late = project(w.situation(w.again(r)))["late"]
    assert [(x["id"], x["accepted"]["by"]) for x in late] == [("feat1", THEO)]


def test_a_patch_that_breaks_something_gets_no_candidate():
    w = World()
    r = w.start("patch")
    w.commit(r.branch, "fix")
    w.look()
    drafted(w, r, items=(Item("#7", "Drop the old address", Heading.API, commits=("fix",), breaking="!", fix=True),))
    assert refused(w, THEO, "candidate", r) == ["breaking"]


# --- notes inside the candidate ---


def test_open_gaps_of_the_notes_block_ready_and_mending_them_asks_for_a_new_candidate():
    w = World()
    r = minor(w)
    w.sign_all("ready", r)
    tagged = w.again(r).candidate
    gap = Gap("no_upgrade_note", "upgrade:#1", {"title": "x"}, blocking=True)
    item = Item("#1", "Something", commits=("dev0",), fix=True)
    drafted(w, r, items=(item,), gaps=(gap,))
    assert refused(w, PRIYA, "ready", r) == ["notes.unclassified", "notes.gap", "notes.changed"]
    w.act(PRIYA, "classify", r, item="#1", heading="Improvements", text="Something is faster")
    w.act(MIRA, "classify", r, item="upgrade:#1", text="Nothing is to be done.")
    assert refused(w, PRIYA, "ready", r) == ["notes.changed"]
    w.act(QADIR, "candidate", r)
    newer = w.again(r).candidate
    assert newer.number == 2 and newer.section != tagged.section, "on the same branch head, only the notes differ"
    drafted(w, r, items=(item,), gaps=(gap,))
    w.sign_all("ready", r)
    w.act(PRIYA, "ready", r)
    assert w.phase(r) is Phase.PREPARATION
    assert refused(w, QADIR, "candidate", r) == ["head_moved"]


def test_what_people_wrote_survives_a_new_draft_and_can_be_taken_back():
    w = World()
    r = minor(w)
    w.act(PRIYA, "classify", r, item="dev0", text="Faster", embargoed=True)
    w.commit(r.branch, "more")
    w.look()
    assert w.again(r).note_edits["dev0"].text == "Faster" and w.again(r).notes.head == "more"
    w.act(PRIYA, "classify", r, item="dev0", text="", embargoed=False)
    assert w.again(r).note_edits == {}
    assert refused(w, PRIYA, "classify", r, item="#999", heading="Improvements") == ["notes.unknown"]
    assert refused(w, PRIYA, "classify", r, item="dev0", heading="Marvels") == ["notes.heading"]


def test_mended_words_reach_the_texts_but_for_those_that_a_person_wrote():
    w = World()
    r = minor(w)
    drafted(w, r, items=(Item("#1", "Odd", commits=("dev0",)), Item("#2", "Search", Heading.FEATURES)))
    assert w.again(r).texts.stakeholders.gets == ("Search",), "nobody has said yet where the other belongs"
    w.act(PRIYA, "words", r, say="Reload it.")
    w.act(PRIYA, "classify", r, item="#2", text="Searches are kept")
    w.act(PRIYA, "classify", r, item="#1", heading="Bug Fixes")
    told = w.again(r).texts
    assert told.stakeholders.gets == told.support.new == ("Searches are kept",)
    assert (told.support.solved, told.stakeholders.better, told.support.say) == (("Odd",), "1 fix.", "Reload it.")
    w.act(PRIYA, "words", r, gets="You can keep a search")
    w.act(PRIYA, "classify", r, item="#2", text="Search again")
    told = w.again(r).texts
    assert (told.stakeholders.gets, told.support.new) == (("You can keep a search",), ("Search again",))
    drafted(w, r, items=(Item("#2", "Search", Heading.FEATURES), Item("#3", "Export", Heading.FEATURES)))
    assert w.again(r).texts.support.new == ("Search again", "Export") and w.again(r).texts.edited_by == PRIYA


def test_a_moved_departure_changes_no_section():
    w = World()
    r = minor(w)
    before = w.again(r).notes.section
    w.act(PRIYA, "move", r, to=(w.again(r).departs_at + timedelta(days=14)).isoformat())
    w.look()
    drafted(w, r)
    assert w.again(r).notes.section == before == w.again(r).candidate.section


def test_a_candidate_whose_files_name_another_version_is_not_made_ready():
    w = World()
    r = minor(w)
    w.sign_all("ready", r)
    w.releases[r.id] = replace(w.again(r), files=(FileFault("VERSION", "other", "1.2.9"),))
    assert refused(w, PRIYA, "ready", r) == ["version.file"]


def test_the_candidates_commit_bumps_the_version_and_the_changelog():
    w = World()
    r = minor(w)
    orders = [s.after.git.order for s in w.steps if s.after.git and s.after.git.purpose == "freeze"]
    prepare = orders[0]["prepare"]
    assert prepare["version"] == "1.3.0" and prepare["changelog"] == "CHANGELOG.md"
    assert prepare["version_files"][0][0] == "VERSION" and "## [1.3.0] - 2026-12-16" in prepare["section"]
    assert w.again(r).candidate.sha == w.heads[r.branch] != w.again(r).frozen_sha


# --- what git cannot bring together ---


def test_what_could_not_be_picked_becomes_a_pull_request_of_its_own_branch():
    w = World()
    r = minor(w)
    facts = {"branch": r.branch, "files": ["fee.py"], "people": {"fee.py": ["Kim"]}, "commit": "#405"}
    w.fails["git.plan"] = lambda e: ("git.refused", {"purpose": e.body["purpose"], "blockers": [
        {"code": "git.conflict", "facts": facts}]})
    w.act(PRIYA, "scope_add", r, ref="#405")
    w.fails.clear()
    assert [(c.base, c.commits, c.refs) for c in w.again(r).conflicts] == [(r.branch, ("#405",), ("#405",))]
    assert refused(w, PRIYA, "pull", r) == ["pull.no_host"]
    github = w.policy.github.model_copy(update={"repository": "asset-anchor/platform"})
    w.policy = w.policy.model_copy(update={"github": github})
    assert refused(w, PRIYA, "pull", r, item="main") == ["pull.none"]
    opened: list[Any] = []
    w.fails["forge.pull"] = lambda e: opened.append(e.body)
    w.act(PRIYA, "pull", r, item=r.branch)
    (body,) = opened
    assert body["base"] == r.branch and body["head"].startswith("solve/v1.3.0-pick-405-") and "fee.py" in body["body"]
    assert w.again(r).git is None and w.again(r).branch_head == w.heads[r.branch], "the release's branch stays"
    w.act(PRIYA, "scope_add", r, ref="#405")
    assert w.again(r).conflicts == (), "it could be picked after all"


def test_a_dry_run_that_conflicts_offers_the_branch_that_is_merged():
    w = World()
    r = w.start("minor")
    told = {"head": "dev0", "branches": ["main", "release/1.2.3"], "problem": []}
    met = {"branch": "release/1.2.3", "files": ["fee.py"], "people": {}}
    w.report(r.id, "git.tried", {**told, "conflicts": [met]})
    assert [(c.base, c.head) for c in w.again(r).conflicts] == [("release/1.2.3", "develop")]
    assert (w.posts[-1][1], w.posts[-1][2]["host"], w.posts[-1][2]["source"]) == ("rehearsed", False, "develop")
    w.report(r.id, "git.tried", {**told, "conflicts": []})
    assert w.again(r).conflicts == ()


# --- evidence ---


def test_checks_of_the_host_count_as_evidence_and_a_failed_one_blocks():
    w = World()
    r = minor(w)
    sha = w.again(r).candidate.sha
    w.act(PRIYA, "tick", r, item="notes.final")
    w.ci_reports(r, *(k for k in w.kinds_asked("ready", r.id) if k != "automated"))
    assert refused(w, PRIYA, "ready", r) == ["evidence.tests.automated"]

    def checked(*found: Check) -> None:
        told = {"sha": sha, "checks": [{"name": c.name, "state": c.state, "url": c.url, "at": None} for c in found]}
        w.report(r.id, "forge.read", {**told, "milestone": None, "pulls": {}})

    checked(Check("unit", "running"))
    assert refused(w, PRIYA, "ready", r) == ["evidence.tests.automated"]
    checked(Check("unit", "passed"), Check("lint", "failed", "https://ci.example/1"))
    with pytest.raises(Refused) as no:
        w.act(PRIYA, "ready", r)
    told = no.value.blockers[0].facts
    assert (told["state"], told["failing"], told["url"]) == ("failed", ["lint"], "https://ci.example/1")
    assert w.said("checks_failed") == ["thread"]
    checked(Check("unit", "passed"), Check("lint", "skipped"))
    w.act(PRIYA, "ready", r)
    facts = project(w.situation(w.again(r)))
    assert facts["checks"]["passed"] == 1 and facts["checks"]["failed"] == []
    assert w.again(r).checks == Checks(sha, w.again(r).checks.read_at, w.again(r).checks.found)


def test_a_team_without_ci_signs_for_its_tests_and_a_failed_check_blocks_whoever_signed():
    item = policy().signoffs["tests.automated"].model_copy(update={"met": "sign-off", "by": ""})
    w = World().with_policy(signoffs={**policy().signoffs, "tests.automated": item})
    r = minor(w)
    sha = w.again(r).candidate.sha
    w.ci_reports(r, *w.kinds_asked("ready", r.id))
    w.act(PRIYA, "tick", r, item="notes.final")
    assert refused(w, PRIYA, "ready", r) == ["signoff.tests.automated"]
    failed = {"sha": sha, "checks": [{"name": "lint", "state": "failed", "url": "", "at": None}], "milestone": None}
    w.report(r.id, "forge.read", {**failed, "pulls": {}})
    w.act(QADIR, "tick", r, item="tests.automated")
    assert refused(w, PRIYA, "ready", r) == ["checks.failed"]
    w.report(r.id, "forge.read", {**failed, "checks": [{**failed["checks"][0], "state": "passed"}], "pulls": {}})
    w.act(PRIYA, "ready", r)


def test_what_the_host_offers_has_its_title_settles_issues_and_can_be_left_out_by_name():
    w = World()
    r = w.start("minor")
    w.act(MIRA, "scope_add", r, ref="#12")
    offers = [
        {"ref": "#12", "title": "Search is slow", "author": "jo", "kind": "issue", "state": "open", "planned": True},
        {"ref": "#13", "title": "Rent rounds", "author": "jo", "kind": "issue", "state": "open", "planned": True},
        {"ref": "#345", "title": "Statements", "author": "ben", "kind": "pull", "state": "open", "planned": False},
    ]

    def told(*found: dict[str, Any]) -> None:
        same = {"sha": "", "checks": [], "milestone": None, "pulls": {}}
        w.report(r.id, "forge.read", {**same, "offers": list(found), "left": 0})

    told(*offers)
    assert [(i.ref, i.title, i.state) for i in w.again(r).items] == [("#12", "Search is slow", "in")]
    assert [o["ref"] for o in project(w.situation(w.again(r)))["offers"]] == ["#12", "#13", "#345"]
    assert refused(w, PRIYA, "scope_drop", r, ref="#345", reason="later") == ["scope.none"], "it is not in anyway"
    w.act(PRIYA, "scope_drop", r, ref="#13", reason="the bank is late")
    w.act(PRIYA, "scope_add", r, ref="#345")
    told({**offers[0], "state": "closed"}, *offers[1:])
    drafted(w, r)
    assert [(i.ref, i.title, i.state) for i in w.again(r).items] == [
        ("#12", "Search is slow", "merged"), ("#13", "Rent rounds", "moved"), ("#345", "Statements", "in")]
    w.report(r.id, "forge.read", {"sha": "", "checks": [], "milestone": None, "pulls": {}})
    assert len(w.again(r).offers) == 3, "a host that was not asked takes nothing away"


def test_the_milestone_of_the_host_is_awaited_where_the_policy_names_a_host():
    github = policy().github.model_copy(update={"repository": "asset-anchor/app"})
    w = World().with_policy(github=github)
    r = w.start("minor")
    w.act(MIRA, "tick", r, item="scope.final")
    assert refused(w, PRIYA, "begin", r) == ["item.milestone"]
    w.report(r.id, "forge.milestone", {"milestone": {
        "number": 3, "title": "v1.3.0", "state": "open", "open": 2, "closed": 9, "due": "2026-12-16", "url": "u"}})
    assert isinstance(w.again(r).milestone, Milestone)
    w.act(PRIYA, "begin", r)
    assert project(w.situation(w.again(r)))["milestone"]["closed"] == 9


# --- strays ---


def test_a_ref_that_moved_without_the_bot_blocks_go_until_somebody_answers_and_stays_listed():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    approve(w, r)
    stray = Stray("main:abc", "main", "main", "main0", "abc", w.now, "“hot patch” by Kim", ("abc",))
    w.product = replace(w.product, strays={stray.id: stray})
    w.sign_all("go", r)
    w.at(w.again(r).coming_at)
    w.at(w.again(r).departs_at)
    assert refused(w, PRIYA, "go", r) == ["stray"]
    assert refused(w, PRIYA, "accept", r, item="main:zzz", reason="it is fine") == ["accept.which"]
    w.act(THEO, "accept", r, item="main:abc", reason="the certificate ran out")
    assert w.product.strays["main:abc"].answered_by == THEO
    assert refused(w, THEO, "accept", r, item="main:abc", reason="again") == ["accept.none"]
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT
    told = project(w.situation(w.again(r)))["strays"]
    assert [(x["id"], x["answered"]["reason"]) for x in told] == [("main:abc", "the certificate ran out")]


def test_the_thread_tells_no_word_about_a_change_that_is_hidden_until_released():
    w = World()
    r = w.start("minor")
    drafted(w, r, items=(Item("#341", "Close the hole", Heading.SECURITY, pull=341, commits=("c1",), breaking="!"),))
    w.act(PRIYA, "classify", r, item="#341", text="The hole", embargoed=True)
    w.act(PRIYA, "classify", r, item="upgrade:#341", text="Change every key")
    told = [data for _, moment, data in w.posts if moment == "classified"]
    assert [(x["embargoed"], x["item"], x["title"], x["text"]) for x in told] == [(True, "", "", "")] * 2
    w.act(PRIYA, "classify", r, item="#341", embargoed=False)
    w.act(PRIYA, "classify", r, item="upgrade:#341", text="Change all keys")
    assert w.posts[-1][2]["text"] == "Change all keys"


def test_a_branch_that_is_gone_when_something_is_picked_is_named():
    w = World()
    r = minor(w)
    w.heads.pop(r.branch)
    w.act(PRIYA, "scope_add", r, ref="#345")
    work = w.again(r).git
    assert work and work.state == "failed"
    assert work.problem == ({"code": "git.branch_missing", "facts": {"branch": "release/1.3.0"}},)
