"""What a freeze leaves out is named in the channel and to its authors, each once, with the train on which it can go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.domain.contents import Offer, ScopeItem
from core.domain.product import TrainChanges
from core.domain.release import Release
from handlers.views import render_post
from tests.core.domain.world import DANA, MIRA, PRIYA, START, THEO, TRAIN, World

LATE = Offer("#340", "Statements as PDF", "dana-aa", planned=True)
OFFERS = (
    LATE,
    Offer("#341", "Dark mode", "dana-aa"),
    Offer("#342", "An issue of the milestone", "somebody-else", kind="issue", planned=True),
    Offer("#343", "Merged in the meantime", "theo-aa", state="closed", planned=True),
)


def frozen(w: World, *offers: Offer, items: tuple[ScopeItem, ...] = (), started: Release | None = None) -> Release:
    r = started or w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    w.releases[r.id] = replace(w.again(r), offers=offers, items=items)
    freeze = w.again(r).freeze_at
    assert freeze is not None
    w.at(freeze)
    return w.again(r)


def told(w: World, moment: str) -> dict[str, dict[str, Any]]:
    found = [(place, data) for place, said, data in w.posts if said == moment]
    assert len(dict(found)) == len(found), "somebody was told twice"
    return {place: dict(data) for place, data in found}


def test_each_author_hears_of_theirs_in_one_message_with_the_next_train() -> None:
    w = World()
    moved = ScopeItem("AA-17", "New statements", MIRA, START, "moved", "1.4.0")
    r = frozen(w, *OFFERS, items=(moved,))
    heard = told(w, "missed_author")
    assert {p: [x["ref"] for x in d["left"]] for p, d in heard.items()} == {
        f"dm:{MIRA}": ["AA-17"],
        f"dm:{DANA}": ["#340", "#341"],
    }
    after = (TRAIN + timedelta(days=14)).isoformat()
    assert {d["next"] for d in heard.values()} == {after}
    team = told(w, "frozen")["team"]
    assert [x["ref"] for x in team["left"]] == ["AA-17", "#340", "#342"], "what nobody had planned is no news there"
    facts = {"tag": r.tag, "branch": r.branch, "zone": "America/New_York", "id": r.id, "names": w.policy.names}
    assert "#340 “Statements as PDF”" in render_post("team", "frozen", {"facts": facts, **team}).text
    message = render_post(f"dm:{DANA}", "missed_author", {"facts": facts, **heard[f"dm:{DANA}"]})
    assert message.text == (
        "⚠️ v1.3.0 is frozen. #340 “Statements as PDF” and #341 “Dark mode” missed it: the next train leaves "
        "30 Dec 2026, 10:00 Eastern."
    )


def test_the_next_train_is_one_that_runs_and_names_who_is_on_it() -> None:
    w = World()
    w.product = replace(w.product, trains={"main": TrainChanges({"2026-12-30": "holidays"})})
    after = TRAIN + timedelta(days=28)
    r = w.start("minor")
    w.start("minor", departs_at=after)
    frozen(w, LATE, started=r)
    (heard,) = told(w, "missed_author").values()
    assert (heard["next"], heard["next_version"]) == (after.isoformat(), "1.4.0")


def test_nothing_left_out_is_nothing_said_and_what_is_hidden_stays_so() -> None:
    w = World()
    frozen(w)
    assert told(w, "missed_author") == {} and "left" not in told(w, "frozen")["team"]
    w = World()
    frozen(w, replace(LATE, author="nobody-here"))
    assert told(w, "missed_author") == {} and told(w, "frozen")["team"]["left_count"] == 1
    assert THEO not in str(told(w, "frozen"))
