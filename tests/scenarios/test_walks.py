"""Whole releases of each kind, by the words that people type, on real Slack requests and a real git remote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pytest

from tests.scenarios.driver import FIX, HOTFIX, Team
from tests.scenarios.hands import LAST


async def hotfix_to_staging(play: Team, version: str = "1.2.2-hotfix.1") -> None:
    """A hotfix with its fix on the branch, signed by tech lead and DevOps."""
    await play.says("priya", "start hotfix card payments time out")
    play.product.commit(f"hotfix/{version}", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    await play.says("theo", f"candidate {version}")
    await play.to_preparation(version)
    for who in ("theo", "olu"):
        await getattr(play, who).clicks("Approve" if who == "theo" else "Approve (last signature)", within="dm")
        await play.settles()


@dataclass(frozen=True)
class Line:
    """A line of the strategy's table of release types: who approves, which tests, and who says go."""

    start: str
    version: str
    approvals: Mapping[str, str]  # person -> the role in which they approve
    tests: tuple[str, ...]  # items of the checklist
    goes: tuple[str, ...]


TABLE = {
    "patch": Line("start patch wrong month in statements", "1.2.3", {"theo": "tech lead"}, ("tests.automated",),
                  ("priya",)),
    "minor": Line("start minor", "1.3.0", {"mira": "product manager"}, ("tests.automated", "tests.regression"),
                  ("priya",)),
    "major": Line("start major", "2.0.0", {"erika": "executive"}, ("tests.regression", "tests.uat"), ("priya", "olu")),
    "hotfix": Line("start hotfix card payments time out", HOTFIX, {"theo": "tech lead", "olu": "DevOps"},
                   ("tests.limited",), ("olu",)),
}  # fmt: skip


async def to_first_candidate(play: Team, kind: str) -> None:
    """Minor and major through planning and freeze; patch and hotfix with their fix on the branch."""
    line = TABLE[kind]
    await play.says("priya", line.start)
    if kind in ("minor", "major"):
        await play.to_stabilization(line.version)
        return
    branch = f"hotfix/{HOTFIX}" if kind == "hotfix" else f"release/{line.version}"
    play.product.commit(branch, *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    await play.says("theo", f"candidate {line.version}")


async def refused(play: Team, words: str, *named: str) -> None:
    """Priya tries, and the refusal names all of it; nothing has moved."""
    phase = await play.phase(words.split()[1])
    told = await play.says("priya", words)
    assert all(name in told for name in named), (named, told)
    assert await play.phase(words.split()[1]) == phase


@pytest.mark.parametrize("kind", TABLE)
async def test_each_type_goes_from_start_to_closed_with_its_own_approvals_and_tests(play: Team, kind: str) -> None:
    line = TABLE[kind]
    version = line.version
    await to_first_candidate(play, kind)
    items = {item["name"]: item for item in (await play.facts(version))["signoffs"]}
    tests = {name: items[name] for name in line.tests}
    assert all(item["met"] == "evidence" for item in tests.values()), "CI or a person reports it, nobody ticks it"
    # before it is ready: every test of its line, each by name
    now = [name for name, item in tests.items() if item["gate"] == "ready"]
    await play.signs(version, "ready", but=now)
    await refused(play, f"ready {version}", *(tests[name]["title"] for name in now))
    await play.ci_reports(version, *(tests[name]["rule"] for name in now[:-1]), tests[now[-1]]["rule"])
    await play.says("priya", f"ready {version}")
    assert await play.phase(version) == "preparation"
    # before it goes: every approval of its line, each by its role
    waiting = dict(line.approvals)
    for person, role in line.approvals.items():
        await refused(play, f"why {version}", *waiting.values())
        await getattr(play, person).clicks(LAST if len(waiting) == 1 else "Approve", within="dm")
        await play.settles()
        del waiting[person]
        assert any(f"{person.capitalize()} approved v{version} as {role}" in told for told in play.thread(version))
    late = [name for name in line.tests if name not in now]
    if late:
        await refused(play, f"why {version}", *(tests[name]["title"] for name in late))
    await play.to_the_hour(version)
    for person in line.goes:
        assert await play.phase(version) == "preparation", "each who says go is waited for"
        await play.says(person, f"go {version}")
        await getattr(play, person).clicks("Go")
        await play.settles()
    assert await play.phase(version) == "deployment"
    await play.signs(version, "deployed")
    await play.signs(version, "close")
    assert await play.phase(version) == "closed"
    assert play.product.tree_of(f"refs/tags/v{version}") == play.product.tree_of(candidate_of(play, kind))
    assert (await play.facts(version))["environments"]["production"]["version"] == version
    if kind == "major":
        facts = await play.facts(version)
        announced = datetime.fromisoformat(facts["started_at"])
        assert (datetime.fromisoformat(facts["departs_at"]) - announced).days >= 28
    if kind == "hotfix":
        fix = play.product.commit_of(candidate_of(play, kind))
        assert fix in play.product.git("rev-list", "refs/heads/develop").split(), "it is back in develop"
    _said_once_and_in_their_words(play, version)


def candidate_of(play: Team, kind: str) -> str:
    version = TABLE[kind].version
    return f"refs/tags/v{version}{'.' if kind == 'hotfix' else '-'}rc.1"


def _said_once_and_in_their_words(play: Team, version: str) -> None:
    for channel in ("releases", "product-news", "support"):
        texts = play.channel(channel)
        assert len(texts) == len(set(texts)), f"something was said twice in {channel}"
    for text in play.channel("product-news") + play.channel("support"):
        for inner in (f"release/{version}", "rc.1", play.product.commit_of(f"refs/tags/v{version}")[:7], "#34"):
            assert inner not in text, f"{inner!r} is nothing for people outside the team: {text}"


async def test_a_hotfix_while_a_minor_stabilizes_asks_for_a_new_candidate(stabilizing: Team) -> None:
    play = stabilizing
    await hotfix_to_staging(play)
    await play.ships("1.2.2-hotfix.1", who="olu")
    await play.signs("1.3.0", "ready")
    refused = await play.says("priya", "ready 1.3.0")
    assert "1.2.2-hotfix.1" in refused and await play.phase("1.3.0") == "stabilization"
    await play.says("priya", "candidate 1.3.0")
    await play.to_preparation()
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")
    assert "TIMEOUT = 30" in play.product.read("refs/heads/main", FIX[0])


async def test_a_rejected_release_says_why_and_comes_again(minor: Team) -> None:
    play = minor
    await play.mira.clicks("Reject…", within="dm")
    assert "What has to change?" in play.mira.reads(await play.mira.waits_for_form())
    assert await play.mira.submits({"What has to change?": "Owner statements show the wrong month"}) == {}
    await play.settles()
    assert any("wrong month" in line for line in play.thread("1.3.0"))
    play.product.commit("release/1.3.0", *FIX, author="Dana", subject="fix: the lease's own month (AA-171)")
    await play.settles()
    await play.says("theo", "candidate 1.3.0")
    await play.to_preparation()
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    await play.ships("1.3.0")


async def test_a_new_candidate_withdraws_the_approval_and_shows_what_is_different(minor: Team) -> None:
    play = minor
    await play.mira.clicks("Approve (last signature)", within="dm")
    await play.settles()
    for number in range(12):
        subject = f"fix: *late* <!here> {number}"
        play.product.commit("release/1.3.0", "app/late.py", f"{number}", author="Dana", subject=subject)
    await play.settles()
    await play.says("qadir", "candidate 1.3.0")
    assert await play.phase("1.3.0") == "stabilization"
    told = [text for m in play.mira.dm() if "changed after you approved it" in (text := play.mira.reads(m))]
    assert len(told) == 1 and "Different: 12 changes" in told[0], told
    assert "fix: ∗late∗ <!here> 11, by Dana" in told[0] and "+2 more" in told[0], "as text; ten, then a count"
    assert "Save a property search" not in told[0], "what was signed already is not shown again"


async def test_rolled_back_by_record_tells_three_audiences_and_locks_production(due: Team) -> None:
    play = due
    play.app.host.faults["production:1.3.0"] = "2 of 12 smoke tests failed"
    await play.says("priya", "go 1.3.0")
    await play.priya.clicks("Go")
    await play.settles()
    assert "2 of 12 smoke tests failed" in play.card_text("1.3.0")
    for who in ("olu", "theo"):
        await play.says(who, "record 1.3.0")
        assert await getattr(play, who).submits({"runs": "1.2.2", "reason": "I looked at the host"}) == {}
        await play.settles()
    facts = await play.facts("1.3.0")
    assert (facts["phase"], facts["outcome"]) == ("post-release", "rolled back")
    assert facts["environments"]["production"]["lock"]["until_cleared"]
    for channel in ("product-news", "support"):
        assert any("taken back" in text for text in play.channel(channel)), channel
    assert "rolled back to v1.2.2" in "\n".join(play.channel("releases"))


async def test_a_cancelled_release_withdraws_its_requests(minor: Team) -> None:
    play = minor
    await play.says("priya", "cancel 1.3.0 scope fell apart")
    await play.priya.submits()
    await play.settles()
    assert await play.phase("1.3.0") == "cancelled"
    assert "scope fell apart" in play.card_text("1.3.0")
    assert "Approve (last signature)" not in play.mira.buttons("dm")
