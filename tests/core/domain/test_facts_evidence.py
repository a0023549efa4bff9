"""Evidence in a whole release: what a person states, which build goes where, and what facts and gates say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.evidence.model import PERSON, Build
from core.domain.facts import project
from core.domain.policy_evidence import EvidenceRules
from core.domain.policy_parts import SignOff
from core.domain.release import Release
from core.errors import Refused
from tests.core.domain.test_engine import approve, minor, to_preparation
from tests.core.domain.world import DANA, QADIR, THEO, World, policy

LINK = "https://qa.asset-anchor.example/runs/7"
WEB, OTHER = Build("web", "sha256:" + "a" * 64, "registry.example/web"), Build("web", "sha256:" + "b" * 64)
SAID: dict[str, Any] = {"kind": "uat", "verdict": "passed", "url": LINK}


def asking(*kinds: str, **rules: Any) -> World:
    """A world whose policy asks for these kinds, whatever else it asks for."""
    kept = {name: item for name, item in policy().signoffs.items() if item.met == "sign-off"}
    items = {f"asked.{k}": SignOff(title=f"The {k}", role="qa", gate="ready", met="evidence", by=k) for k in kinds}
    return World().with_policy(signoffs=kept | items, evidence=EvidenceRules(**rules))


def row(w: World, r: Release, kind: str) -> dict[str, Any]:
    facts = project(w.situation(w.again(r)))
    return next(e for e in facts["evidence"] if e["kind"] == kind)


def refused(w: World, who: str, r: Release, **words: Any) -> list[str]:
    with pytest.raises(Refused) as found:
        w.act(who, "result", r, **SAID | words)
    return [b.code for b in found.value.blockers]


def test_a_person_states_a_result_which_stands_as_theirs() -> None:
    w = asking("uat", "regression")
    r = minor(w)
    assert (row(w, r, "uat")["state"], row(w, r, "uat")["who"]) == ("missing", ["qa"])
    w.act(QADIR, "result", r, **SAID, tests="14", failed="", note="walked")
    found = row(w, r, "uat")
    assert (found["state"], found["by"], found["source"], found["url"]) == ("passed", QADIR, PERSON, LINK)
    assert (found["numbers"], found["note"]) == ({"tests": 14}, "walked")
    assert w.said("result") == ["thread"]
    assert refused(w, QADIR, r, tests="14", note="walked") == ["result.same"]
    w.act(QADIR, "result", r, **SAID | {"verdict": "failed", "tests": "14", "failed": "3"})
    assert row(w, r, "uat")["state"] == "failed"
    w.act(QADIR, "result", r, **SAID, tests="14", note="walked")  # word for word as before, and new all the same
    assert row(w, r, "uat")["state"] == "passed"
    assert row(w, r, "uat")["about"] == "", "it was said here"
    w.releases[r.id] = replace(w.again(r), version="9.9.9")  # as another release of the same commit sees it
    assert row(w, r, "uat")["about"] == r.version
    w.ci_reports(r, "regression", verdict="failed")
    w.act(QADIR, "result", r, **SAID | {"kind": "regression"})
    assert row(w, r, "regression")["state"] == "failed", "nobody talks a machine's failure away"


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ({"kind": "magic"}, ["result.kind"]),
        ({"kind": "build"}, ["result.kind"]),
        ({"kind": "security"}, ["result.machines"]),
        ({"verdict": "fine"}, ["result.verdict"]),
        ({"url": ""}, ["result.link"]),
        ({"url": "javascript:alert(1)"}, ["result.link"]),
        ({"url": "https://me:secret@x.example"}, ["result.link"]),
        ({"tests": "many"}, ["result.count"]),
        ({"tests": "3", "failed": "4", "verdict": "failed"}, ["result.count"]),
        ({"tests": "3", "failed": "1"}, ["result.count"]),
        ({"verdict": "", "url": "", "tests": "x"}, ["result.verdict", "result.link", "result.count"]),
    ],
)
def test_what_is_no_result_is_refused_with_every_reason(words: dict[str, Any], codes: list[str]) -> None:
    w = asking("uat", machines_only=("security",))
    assert refused(w, QADIR, minor(w), **words) == codes


def test_only_who_owns_the_item_states_it_and_only_for_a_candidate() -> None:
    early = asking("uat")
    assert refused(early, QADIR, early.start("minor")) == ["phase"]
    w = asking("uat")
    r = minor(w)
    assert refused(w, DANA, r) == refused(w, THEO, r) == ["permission"]


def test_production_gets_the_build_that_staging_had() -> None:
    w = asking("build")
    r = minor(w)
    to_preparation(w, r)
    w.ci_reports(r, "build", builds=(WEB,))
    approve(w, r)
    staged = w.again(r).run("staging")
    assert staged is not None and staged.builds == (WEB,)
    assert not differs(w, r)
    w.ci_reports(r, "build", builds=(OTHER,))
    assert differs(w, r) == [{"name": "web", "staging": WEB.digest, "now": OTHER.digest}]
    w.ci_reports(r, "build", builds=(WEB,))
    assert not differs(w, r)


def differs(w: World, r: Release) -> list[dict[str, Any]]:
    found = project(w.situation(w.again(r)))["blockers"]
    return [b["facts"] for b in found if b["code"] == "build.differs"]
