"""What the team's channel and those who follow hear: the budget, what stands outside it, and messages to followers."""

from __future__ import annotations

from core.domain.effects import post, within_budget
from core.domain.people import Colleague
from core.domain.policy_parts import Noise
from tests.core.domain.test_engine import minor, ship
from tests.core.domain.world import DANA, ERIKA, OLU, PRIYA, World


def test_go_rollback_incident_hold_and_broken_glass_are_posted_beside_the_budget() -> None:
    loud = [post("team", m) for m in ("going_out", "rolled_back", "incident", "decision", "held", "overridden")]
    posts, beside, effects = within_budget(loud, 6, 6, Noise().moments)
    assert (posts, beside) == (6, 6) and not any(e.body.get("in_thread") for e in effects)
    quiet = Noise(channel_posts=2, outside=("rollback",))
    posts, beside, effects = within_budget([post("team", "frozen"), *loud[:2]], 1, quiet.channel_posts, quiet.moments)
    assert (posts, beside) == (2, 1)
    assert [bool(e.body.get("in_thread")) for e in effects] == [False, True, False]


def test_both_counts_are_kept_with_the_release() -> None:
    w = World()
    r = minor(w)
    ship(w, r)
    assert (w.again(r).posts, w.again(r).posts_beside) == (3, 1), "card, freeze and live; beside them going out"
    w.act(DANA, "incident", r, reason="payments fail", severity="something is wrong")
    w.act(PRIYA, "hold", r, reason="we look first")
    assert (w.again(r).posts, w.again(r).posts_beside) == (3, 3)


def test_who_follows_hears_what_stakeholders_hear_and_once() -> None:
    w = World()
    w.people = {
        OLU: Colleague(OLU, follows=("", "1.3.0")),
        ERIKA: Colleague(ERIKA, follows=("1.3.0",)),
        DANA: Colleague(DANA, follows=("9.9.9",)),
    }
    r = minor(w)
    ship(w, r)
    told = [(place, data["of"]) for place, moment, data in w.posts if moment == "followed"]
    assert told == [(f"dm:{p}", m) for m in ("planned", "live") for p in (ERIKA, OLU)]
