"""The population of a period, and every kind of gap that is planted in it."""

from __future__ import annotations

from typing import Any

from bot.package_check import check
from core.domain.package.package import Secrets
from core.domain.package.page import Readers
from core.domain.package.period import of_period
from core.domain.package.population import Period, Population, as_csv, changes, gaps
from tests.core.domain.package.sample import AT, SIGNED

DECEMBER = Period("2026-12", "December 2026", "2026-12-01T05:00:00.000000Z", "2027-01-01T05:00:00.000000Z")
LATE = {**SIGNED, "at": AT.format(20), "withdrawn_at": None}


def release(number: int, **more: Any) -> dict[str, Any]:
    run = {"environment": "production", "kind": "deploy", "state": "done", "sha": "f" * 40, "by": "U0OLU",
           "started_at": AT.format(10), "ended_at": AT.format(10)}  # fmt: skip
    record = {"version": f"1.{number}.0", "type": "minor", "started_by": "U0PRIYA", "started_at": AT.format(1),
              "policy_hash": "p" * 64, "live_at": AT.format(10), "runs": [run], "overrides": [],
              "scope": []}  # fmt: skip
    told = {"decisions": [{**LATE, "at": AT.format(5)}], "results": [{"kind": "automated", "verdict": "passed"}]}
    return {"id": number, **told, **more, "record": record | more.get("record", {})}


def entry(chain: str, verb: str, **body: Any) -> dict[str, Any]:
    return {"chain": chain, "at": AT.format(12), "actor": "U0DANA", "verb": verb, "body": body}


def found(*releases: dict[str, Any], **more: Any) -> Population:
    return Population("asset-anchor", releases, **more)


def test_a_whole_release_leaves_no_gap_and_one_change() -> None:
    [change] = changes(found(release(1)), DECEMBER)
    assert (change["version"], change["approved_by"], change["tests"]) == (
        "v1.1.0", "U0MIRA (product_manager)", "automated passed",
    )  # fmt: skip
    assert gaps(found(release(1)), DECEMBER) == []
    assert changes(found(release(1)), Period("2027-01", "", DECEMBER.end, "2027-02-01T05:00:00Z")) == []


def test_every_planted_gap_is_named() -> None:
    used = {"title": "Performance tests run", "code": "item.perf", "used_at": AT.format(10), "reviewed_at": None,
            "first": "U0PRIYA"}  # fmt: skip
    loose = {"environment": "production", "kind": "deploy", "state": "done", "started_at": AT.format(11),
             "ended_at": None, "body": {"sha": "b" * 40, "by": "U0DANA"}}  # fmt: skip
    population = found(
        release(1, decisions=[]),
        release(2, decisions=[LATE]),
        release(3, results=[]),
        release(4, record={"runs": []}),
        release(5, record={"overrides": [used]}),
        release(6),
        loose_runs=[loose],
        happened=[
            entry("product:x", "stray.found", kind="main", ref="main", what="2 commits in no release"),
            entry("product:x", "stray.found", kind="tag", ref="v1.1.0", what="v1.1.0 is gone"),
            entry("outside", "tag", tag="v9.9.9"),
            entry("product:x", "record", version="1.0.9"),
            entry("product:x", "unlock", environment="production"),
        ],
        expired=[(6, "package"), (1, "logs")],
    )
    assert sorted(gap["kind"] for gap in gaps(population, DECEMBER)) == sorted(
        [
            "live without an approval", "approved after it was live", "live without a result",
            "live without a deployment", "override not looked at", "deployment of no release",
            "commits in no release", "tag moved by hand", "outside a release", "by hand", "evidence has expired",
        ]
    )  # fmt: skip
    kinds = {change["change"] for change in changes(population, DECEMBER)}
    assert kinds == {"deploy", "went live without a run"}


def test_a_cell_is_never_a_formula() -> None:
    assert as_csv([{"a": "=cmd()", "b": "plain"}], ("a", "b")) == "a,b\r\n'=cmd(),plain\r\n"


def test_a_period_without_data_is_a_package_that_fits() -> None:
    data = of_period(found(), DECEMBER, Secrets(), Readers({}))
    verdict = check(data)
    assert verdict.fits and verdict.about == "asset-anchor 2026-12"
    assert not check(data, ["7be1 04c9"]).fits, "there is nothing in it that could prove a record"
    assert data == of_period(found(), DECEMBER, Secrets(), Readers({}))
