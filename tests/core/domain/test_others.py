"""What one release does is seen on the others: their stored facts equal fresh ones as soon as all effects are done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.domain.engine import Decided
from core.domain.facts import project
from core.domain.release import Phase
from tests.core.domain.test_engine import minor, ship, to_staging
from tests.core.domain.world import OLU, PRIYA, World

SMOKE = ("run.failed", "the page stays empty")


@dataclass
class Stored(World):
    """Keeps the facts as the store does: written when a release is saved, and at no other moment."""

    facts: dict[int, dict[str, Any]] = field(default_factory=dict)

    def _keep(self, decided: Decided) -> Decided:
        self.facts[decided.s.release.id] = project(decided.s)
        return super()._keep(decided)

    def stale(self) -> list[tuple[str, str]]:
        """What a reader would be told wrongly: version and name of the fact."""
        return [
            (r.version, name)
            for r in self.releases.values()
            if r.is_open
            for name, value in project(self.situation(r)).items()
            if self.facts[r.id][name] != value
        ]

    def broken_host(self) -> None:
        self.fails["deploy"] = lambda e: (SMOKE[0], {"run": e.body["run"], "reason": SMOKE[1]})


def beside_a_minor() -> tuple[Stored, Any, Any]:
    """A minor waits on staging, then a hotfix takes its place there."""
    w = Stored()
    waiting = minor(w)
    to_staging(w, waiting)
    urgent = w.start("hotfix")
    w.commit(urgent.branch, "fix")
    w.look()
    w.act(PRIYA, "candidate", urgent)
    to_staging(w, urgent)
    w.sign_all("go", urgent)
    w.at(w.now)
    assert not w.stale()
    return w, waiting, urgent


def codes(w: Stored, release: Any) -> set[str]:
    return {b["code"] for b in w.facts[release.id]["blockers"]}


def test_a_lock_on_production_is_seen_while_another_release_stands_there():
    w, waiting, urgent = beside_a_minor()
    w.broken_host()
    w.act(OLU, "go", urgent)
    assert w.phase(urgent) is Phase.DEPLOYMENT and not w.stale()
    assert {"production.locked", "production.busy"} <= codes(w, waiting)


def test_a_lock_that_was_given_back_is_seen_too():
    w, waiting, urgent = beside_a_minor()
    w.fails["git.push"] = lambda e: ("git.refused", {"purpose": "promote", "blockers": [{"code": "git.rejected"}]})
    w.act(OLU, "go", urgent)
    assert w.phase(urgent) is Phase.PREPARATION and not w.stale()
    assert not {"production.locked", "production.busy"} & codes(w, waiting)


def test_live_and_back_again_are_seen():
    w, _waiting, urgent = beside_a_minor()
    w.act(OLU, "go", urgent)
    w.sign_all("deployed", urgent)
    assert w.phase(urgent) is Phase.POST_RELEASE and not w.stale()
    w.act(OLU, "rollback", urgent, reason="payments fail", severity="customers cannot work")
    assert w.phase(urgent) is Phase.POST_RELEASE and not w.stale()
    w.unlock()
    assert not w.stale()


def test_a_release_closes_by_itself_when_the_fix_it_waited_for_is_cancelled():
    w = Stored()
    broken = minor(w)
    ship(w, broken)
    w.act(OLU, "fix_forward", broken, reason="payments fail")
    fix = w.start("hotfix", PRIYA, base="1.3.0", fixes=broken.id)
    w.sign_all("close", broken)
    assert w.phase(broken) is Phase.POST_RELEASE and codes(w, broken) == {"being_fixed"}
    w.act(PRIYA, "cancel", fix, reason="it was a false alarm")
    assert w.phase(broken) is Phase.CLOSED and not w.stale()


def test_nobody_else_is_woken_by_what_is_a_releases_own_affair():
    w, waiting, _urgent = beside_a_minor()
    before = len(w.steps)
    decided = w.act(PRIYA, "concern", waiting, reason="the search is slow")
    assert "others.look_again" not in {e.kind for e in decided.effects} and len(w.steps) == before + 1
