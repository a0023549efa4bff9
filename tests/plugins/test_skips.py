"""A skip is visible, and where everything is required it is a failure."""

from __future__ import annotations

import pytest

TESTS = """
    import pytest

    def test_runs(): pass

    @pytest.mark.skip(reason="no PostgreSQL on this machine")
    def test_database(): pass

    def test_inside(): pytest.skip("no PostgreSQL on this machine")

    @pytest.mark.skip(reason="reference data not present")
    def test_reference(): pass

    @pytest.mark.xfail(strict=True)
    def test_known_fault(): raise AssertionError
"""
MODULE = 'import pytest; pytest.skip("no Chromium here", allow_module_level=True)'


CONFIG = """
    [pytest]
    asyncio_default_fixture_loop_scope = function
"""


def _run(pytester: pytest.Pytester) -> pytest.RunResult:
    pytester.makeini(CONFIG)
    return pytester.runpytest_inprocess("-p", "tests.plugins.skips", "-p", "no:cacheprovider")


def test_a_skip_is_told_by_reason(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    pytester.makepyfile(TESTS)
    result = _run(pytester)
    result.assert_outcomes(passed=1, skipped=3, xfailed=1)
    result.stdout.fnmatch_lines(["*not run here, by reason*", "*2  no PostgreSQL on this machine", "*1  reference*"])


def test_a_skip_is_a_failure_where_all_is_required(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_ALL", "1")
    pytester.makepyfile(TESTS)
    result = _run(pytester)
    result.assert_outcomes(passed=1, failed=1, errors=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["*REQUIRE_ALL is set*no PostgreSQL on this machine*"])
    assert result.ret != 0


def test_a_module_that_skips_itself_is_a_failure_where_all_is_required(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_ALL", "1")
    pytester.makepyfile(test_whole=MODULE)
    result = _run(pytester)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*this module was skipped: no Chromium here*"])
