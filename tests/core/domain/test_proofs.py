"""What was proven before a release left is looked at again when its run begins."""

from __future__ import annotations

from dataclasses import replace

from core.domain.gates.proofs import proofs
from tests.core.domain.pipeline.test_stories import shipped
from tests.core.domain.test_engine import minor, ship_until_deployment
from tests.core.domain.world import World


def test_all_holds_while_it_deploys_and_what_fell_is_named() -> None:
    w = World(policy=shipped())
    r = minor(w)
    ship_until_deployment(w, r)
    s = w.situation(w.again(r))
    assert s.release.phase == "deployment", "the phase itself is nothing that has to be proven"

    found = proofs(s, "production")
    assert (len(found.held), found.open, found.count) == (6, (), 6)
    assert proofs(s, "integration").count == 0

    failing = replace(s, evidence_found=())
    lost = proofs(failing, "production")
    assert "evidence" not in lost.held and all(b.code.startswith(("evidence.", "checks.")) for b in lost.open)
    assert lost.open and lost.count == len(lost.held) + len({b.code for b in lost.open})
    unsigned = replace(s, decisions=())
    assert {b.code.partition(".")[0] for b in proofs(unsigned, "production").open} >= {"approval"}
    assert {b.code.partition(".")[0] for b in proofs(unsigned, "staging").open} == {"approval"}
