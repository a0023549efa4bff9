"""Every moment that the core announces has words, in each audience's own language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from core.domain.flags.model import Setting
from core.domain.flags.telling import facts_of
from core.domain.release import Phase, ReleaseType, RunState
from handlers.views import render_post
from handlers.views.announcements import TEAM
from handlers.views.audiences import OUTSIDE
from handlers.views.direct import MOMENTS
from handlers.views.thread import LINES
from handlers.views.writing import spoken
from tests.handlers.desk import labels, words
from tests.handlers.layout import HOSTILE, check_message
from tests.handlers.story import MIRA, NOW, OLU, PRIYA, SHA, THEO, facts, run
from tests.handlers.test_views import PICTURES

SOURCES = "\n".join(p.read_text() for place in ("core/domain", "core/usecases") for p in Path(place).rglob("*.py"))
FAILED = {
    "kind": "regression", "verdict": "failed", "source": "ci", "name": "web", "url": "https://ci.example/7", "by": "",
    "numbers": {"tests": 1286, "failed": 2, "errors": 1, "skipped": 0}, "failing": ["cart.sums", "*cart*.<!channel>"],
}  # fmt: skip
DATA: dict[str, Any] = {
    "results": [FAILED] + [FAILED | {"failing": ["x" * 200] * 5, "note": HOSTILE, "name": HOSTILE}] * 6,
    "result": FAILED | {"source": "person", "by": THEO, "note": "by hand"},
    "things": [
        {"code": "train_near", "train": "main", "at": "2026-12-30T15:00:00+00:00", "version": "",
         "holiday": "New Year's Day", "days": 2},
        {"code": "train_near", "train": "main", "at": "2027-01-13T15:00:00+00:00", "version": "1.4.0", "release": 2,
         "holiday": HOSTILE, "days": 0},
        {"code": "train_free", "train": "main", "at": "2026-12-30T15:00:00+00:00", "version": ""},
        {"code": "quarter_major", "first": "2027-01-01", "last": "2027-03-31", "notice": 28},
        {"code": "not_told", "version": HOSTILE, "release": 1, "at": "2026-12-16T15:00:00+00:00"},
        {"code": "release_day", "version": "1.3.0", "release": 1, "at": "2026-12-16T15:00:00+00:00"},
        {"code": "retro_due", "version": "1.3.0", "release": 1, "at": "2026-12-18T15:00:00+00:00"},
        {"code": "retro_overdue", "version": HOSTILE, "release": 1, "at": "2026-12-18T15:00:00+00:00"},
    ],
    "first": "2027-01-01",
    "expiring": [["1.0.0", "logs", "2026-01-01"], [HOSTILE, "package", "2025-01-01"]],
    "held": {"0.9.0": MIRA, HOSTILE: "U0GONE"},
    "was": facts_of(Setting()),
    "becomes": facts_of(Setting(percentage=10)),
    "share": 10,
    "steps": [10, 25, 100],
    "pause": 24,
    "digest": "ab" * 8,
    "answer": "agreed",
    "end": "keep",
    "right": True,
    "follows": HOSTILE,
    "actor": THEO,
    "reason": "payments answered 500 at 8f3c2ab on release/1.3.0",
    "seconds": 422,
    "serial": 3,
    "hash": "ab" * 32,
    "rules": [{"rule": HOSTILE, "before": HOSTILE, "after": HOSTILE}] * 30,
    "target": "1.2.2",
    "deciders": [PRIYA, OLU],
    "role": "product_manager",
    "given": 1,
    "need": 1,
    "last": True,
    "candidate": "v1.3.0-rc.2",
    "before": "v1.3.0-rc.1",
    "sha": SHA,
    "head": SHA,
    "voided": [MIRA],
    "asked": [MIRA],
    "missing": [],
    "title": "Scope",
    "item": "scope.final",
    "text": "slow",
    "owner": THEO,
    "flag": "new_search",
    "hotfix": "1.2.2-hotfix.1",
    "by": "1.3.1",
    "runs": "1.3.0",
    "people": 1,
    "production": "1.2.3",
    "branch": "develop",
    "branches": ["main", "develop", "release/1.4.0"],
    "conflicts": [{"branch": "release/1.4.0", "files": ["app/pay.py"], "people": {"app/pay.py": ["Dana"]}}],
    "files": ["app/pay.py"],
    "purpose": "candidate",
    "problem": [{"code": "git.conflict", "facts": {"branch": "main", "files": ["app/pay.py"]}}],
    "failure": "smoke failed",
    "into": "1.4.0",
    "until": NOW.isoformat(),
    "incident": 1,
    "concern": 1,
    "severity": "something is wrong",
    "added": 2,
    "came": [{"subject": "fix: x", "author": "Dana", "sha": SHA}],
    "went": [{"subject": "feat: y", "author": "Jo", "sha": SHA}],
    "more": 2,
    "fixes": [{"subject": "fix: x", "author": "Dana", "sha": SHA}],
    "refs": ["#345", "AA-171"],
    "ref": "#345",
    "to": "1.4.0",
    "heading": "Bug Fixes",
    "page": "https://code.example/r/1",
    "url": "https://code.example/p/7",
    "number": 7,
    "base": "develop",
    "failed": [{"name": "lint", "url": "https://ci.example/1"}],
    "strays": [{"kind": "main", "ref": "main", "now": SHA, "what": "“Hot patch” by Kim"}],
    "versions": ["1.3.0", "1.4.0"],
    "what": "“Hot patch” by Kim",
    "subjects": ["feat: x"],
    "environment": "staging",
    "gate": "ready",
    "of": "live",
    "record": "7be1 04c9",
    "about": "the notes",
    "reasons": [{"code": "changes", "count": 14, "new": 3, "head": SHA, "branch": "develop"}],
    "at": NOW.isoformat(),
    "monday": NOW.isoformat(),
    "numbers": {
        "deployments": 3, "failed": 1, "took": 864000,
        "measures": {
            "lead_time": {"n": 18, "value": 532800.0, "part": None, "few": [], "longest": ""},
            "time_to_resolve": {"n": 1, "value": None, "part": None, "few": [2520.0], "longest": ""},
            "approval_wait": {"n": 9, "value": 18000.0, "part": None, "few": [], "longest": HOSTILE},
            "trains_missed": {"n": 3, "value": 0.33, "part": 1.0, "few": [], "longest": ""},
            "bugs": {"n": 1, "value": 2.0, "part": 2.0, "few": [], "longest": ""},
        },
    },
    "retro": {
        "people": [THEO, HOSTILE], "at": NOW.isoformat(), "due": HOSTILE, "again": True, "count": 2, "answered": 1,
        "of": 2, "counts": {"well": 1}, "action": {"id": 3, "text": HOSTILE, "owner": HOSTILE, "due": HOSTILE},
    },
}


def _moments(pattern: str) -> set[str]:
    return set(re.findall(pattern, SOURCES))


def test_a_conflict_has_its_button_where_there_is_a_host_and_else_says_what_to_do_with_git() -> None:
    known = facts()
    met = {"branch": "release/1.3.0", "files": ["app/pay.py"], "commit": SHA}
    picked = {"purpose": "pick", "problem": [{"code": "git.conflict", "facts": met}]}
    tried = {"branches": ["main"], "conflicts": [met], "source": "develop"}
    for moment, data in (("git_failed", picked), ("rehearsed", tried)):
        offered = render_post("thread", moment, {**data, "host": True, "facts": known})
        assert labels(offered.blocks) == ["Open a pull request"] and "git switch" not in words(offered)
        by_hand = render_post("thread", moment, {**data, "host": False, "facts": known})
        assert labels(by_hand.blocks) == [] and "`git switch release/1.3.0` then `git " in words(by_hand)
    asked = render_post(f"dm:{PRIYA}", "git_failed", {**picked, "host": True, "facts": known})
    assert "Open a pull request" in labels(asked.blocks)
    alone = render_post(f"dm:{PRIYA}", "git_failed", {**picked, "facts": known})
    assert f"`git cherry-pick -x {SHA[:12]}`" in words(alone)
    clean = render_post("thread", "rehearsed", {"branches": ["main"], "conflicts": [], "host": True, "facts": known})
    assert labels(clean.blocks) == []


def test_every_thread_moment_of_the_core_has_a_line() -> None:
    assert _moments(r'thread\(\s*"([a-z_]+)"') <= set(LINES)
    assert _moments(r'post\(\s*"thread",\s*"([a-z_]+)"') <= set(LINES)


def test_every_post_of_the_core_has_words() -> None:
    assert _moments(r'post\(\s*"team",\s*"([a-z_]+)"') <= set(TEAM)
    for place in ("stakeholders", "support"):
        assert {(place, m) for m in _moments(rf'post\(\s*"{place}",\s*"([a-z_]+)"')} <= set(OUTSIDE)
        assert {(place, m) for m in ("live", "hotfix_live", "rolled_back")} <= set(OUTSIDE)
    assert {"live", "hotfix_live", "rolled_back", "train_skip", "train_shift", "train_extra"} <= set(TEAM)


def test_every_direct_message_of_the_core_has_words() -> None:
    assert _moments(r'post\(\s*f"dm:[^"]*",\s*"([a-z_]+)"') <= set(MOMENTS)


PLACES = (
    [("thread", m) for m in LINES] + [("team", m) for m in TEAM] + list(OUTSIDE) + [(f"dm:{MIRA}", m) for m in MOMENTS]
)


@pytest.mark.parametrize(("place", "moment"), PLACES)
def test_every_moment_holds_in_every_picture(place: str, moment: str) -> None:
    for picture in PICTURES.values():
        check_message(render_post(place, moment, DATA | {"facts": picture}))
    check_message(
        render_post(
            place,
            moment,
            {k: HOSTILE if isinstance(v, str) else v for k, v in DATA.items()} | {"facts": PICTURES["hostile"]},
        )
    )
    check_message(render_post(place, moment, {"facts": PICTURES["minor-preparation"], "actor": "", "reason": ""}))


@pytest.mark.parametrize(("place", "moment"), PLACES)
def test_the_same_row_makes_the_same_message(place: str, moment: str) -> None:
    data = DATA | {"facts": PICTURES["decision"]}
    assert render_post(place, moment, data) == render_post(place, moment, data)


@pytest.mark.parametrize(("place", "moment"), list(OUTSIDE))
def test_people_outside_the_team_read_no_commit_branch_flag_or_candidate(place: str, moment: str) -> None:
    live = facts(Phase.POST_RELEASE, live_at=NOW, runs=(run(RunState.DONE, ended_at=NOW),))
    live["texts"]["stakeholders"]["gets"] = ["Saved searches (release/1.3.0 at 8f3c2ab)"]
    live["texts"]["support"]["new"] = ["Saved searches from feature/search, 8f3c2abdeadbeef1"]
    text = words(render_post(place, moment, DATA | {"facts": live}))
    for inside in ("8f3c2ab", "release/1.3.0", "feature/", "rc.2", "-rc", "new_search", "main", "develop"):
        assert inside not in text, inside


def test_the_live_trio_in_the_products_words() -> None:
    live = facts(Phase.POST_RELEASE, live_at=NOW)
    live["texts"] = {
        "stakeholders": {
            "gets": ["Saved searches"],
            "better": "Photos fit phones.",
            "good_to_know": "One in ten first.",
        },
        "support": {
            "new": ["Save a search: the star"],
            "solved": ["Card payments (AA-101)"],
            "known_issues": ["Notifications can arrive late"],
            "workaround": "Reload once.",
            "contact": "Mira",
            "downtime": "7 minutes",
            "say": "We updated Asset Anchor today.",
        },
        "edited_by": MIRA,
        "edited_at": NOW.isoformat(),
    }
    team = render_post("team", "live", DATA | {"facts": live})
    assert "✅ *v1.3.0 is live* since" in words(
        team
    ) and "Thanks to Ben, Dana, Ines and Jo for 4 pull requests." in words(team)
    assert "• Notifications can arrive late" in words(team) and "record `7be1 04c9`" in words(team)
    outside = render_post("stakeholders", "live", DATA | {"facts": live})
    assert outside.text == "Asset Anchor v1.3.0 is live since 10:02 Eastern."
    assert "*What customers get*\n• Saved searches" in words(outside) and "*Good to know*\nOne in ten first." in words(
        outside
    )
    support = render_post("support", "live", DATA | {"facts": live})
    for part in (
        "Asset Anchor was updated today",
        "*New for customers*",
        "*Solved*",
        "*May still come up*",
        "*What helps*",
        "> “We updated Asset Anchor today.”",
        f"Questions: <@{MIRA}>",
        "A customer has a problem…",
    ):
        assert part in words(support), part
    assert "Contact" not in words(support), "Mira stands there already"
    texts = {**live["texts"], "support": {**live["texts"]["support"], "contact": "the service desk"}}
    desk = render_post("support", "live", DATA | {"facts": live | {"texts": texts}})
    assert "Contact: the service desk · On duty" in words(desk)
    coming = render_post("support", "coming", DATA | {"facts": live})
    assert "7 minutes" in words(coming) and "Read the answers" in words(coming)


def test_a_reason_stands_in_quotation_marks_with_its_author() -> None:
    line = render_post("thread", "rejected", DATA | {"facts": facts(), "reason": "wrong month"})
    assert line.text.startswith("⛔ Theo rejected rc.2 as product manager: “wrong month”")


def test_the_last_signature_says_what_it_sets_off() -> None:
    line = render_post("thread", "approved", DATA | {"facts": facts()})
    assert (
        line.text
        == "✅ Theo approved v1.3.0 as product manager (1 of 1). It was the last signature: rc.2 goes to staging."
    )


def test_a_hotfix_names_who_signed_it() -> None:
    fix = facts(Phase.POST_RELEASE, ReleaseType.HOTFIX, live_at=NOW)
    assert "✅ *v1.2.2-hotfix.1 is live*" in words(render_post("team", "hotfix_live", DATA | {"facts": fix}))
    assert spoken("payments fail", fix) in words(render_post("team", "hotfix_live", DATA | {"facts": fix}))


def test_a_freeze_by_itself_names_nobody() -> None:
    f = facts(Phase.STABILIZATION)
    assert render_post("team", "frozen", {"facts": f, "actor": ""}).text.startswith(
        "v1.3.0 is frozen. release/1.3.0 is cut;"
    )
    assert render_post("team", "frozen", {"facts": f, "actor": THEO}).text.startswith(
        "v1.3.0 is frozen. Theo cut release/"
    )


def test_what_to_say_the_day_before_is_for_the_day_after() -> None:
    f = facts()
    f["texts"]["support"]["say"] = "We updated Asset Anchor today."
    assert "*When it is done and a customer asks*" in words(render_post("support", "coming", {"facts": f}))


@pytest.mark.parametrize(
    ("moment", "more", "told"),
    [
        ("scope_added", {"title": "PDF", "pick": True},
         "Theo took #345 “PDF” into v1.3.0. It is picked onto release/1.3.0."),
        ("scope_dropped", {"title": "PDF", "reason": "not ready", "revert": True, "to": "1.4.0"},
         "Theo took #345 “PDF” out of v1.3.0: “not ready” It goes to 1.4.0. It is reverted on release/1.3.0."),
        ("picked", {"branch": "release/1.3.0"}, "✅ Picked onto release/1.3.0: #345 and AA-171, at 8f3c2ab, asked by "
         "Theo. A new candidate takes it in; tests and approvals are asked anew."),
        ("accepted", {"item": "#345", "title": "PDF", "reason": "the bank"},
         "⚠️ Theo answers for #345 “PDF”, which came late and is no fix: “the bank”"),
        ("stray_accepted", {"ref": "main", "reason": "we know"},
         "⚠️ Theo answers for main, which was moved by hand (“Hot patch” by Kim): “we know”"),
        ("pull_opened", {}, "⚠️ Pull request #7 is open: it brings v1.3.0 into develop, which git could not by itself."),
        ("published", {}, "✅ The release page of v1.3.0 is published with its notes."),
        ("checks_failed", {}, "⛔ “lint” failed on rc.2."),
        ("evidence", {"results": [FAILED]}, "⛔ Full regression failed on rc.2: 2 of 1,286 failed: “cart.sums” and "
         "“∗cart∗.&lt;!channel&gt;”, by CI (web)."),
        ("result", {}, "⛔ Theo states that the full regression failed on rc.2: 2 of 1,286 failed; see the result. "
         "“by hand”"),
        ("classified", {"item": "known", "text": ""}, "Theo wrote the known issues: there are none."),
    ],
)  # fmt: skip
def test_the_thread_tells_what_went_in_and_out(moment: str, more: dict[str, Any], told: str) -> None:
    data = {k: v for k, v in DATA.items() if k not in ("reason", "title", "to")} | {"facts": facts()} | more
    assert render_post("thread", moment, data).text == told


def test_the_channel_reads_once_what_was_moved_by_hand() -> None:
    made = render_post("team", "stray", DATA)
    assert "*Moved by hand:* 1 branch or tag." in words(made) and "v1.3.0 and v1.4.0 do not go out" in words(made)


def test_one_signature_more_than_needed_is_none_of_another_role() -> None:
    told = DATA | {"facts": facts(), "need": 1, "last": False}
    assert words(render_post("thread", "approved", told | {"given": 1})).endswith("(1 of 1).")
    assert words(render_post("thread", "approved", told | {"given": 2})).endswith("(2, where 1 would do).")
