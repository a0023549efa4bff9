"""Skips are told by reason at the end of a run; with REQUIRE_ALL=1 a skip is a failure."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator

import pytest
from _pytest.reports import CollectErrorRepr

# The reference data lies beside the repository on some machines only and is compared with, never needed.
ALLOWED = "reference data not present"


def _required() -> bool:
    return os.environ.get("REQUIRE_ALL", "") not in ("", "0")


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The words given to skip(), without the file and line that pytest adds."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr).strip()


def _refused(report: pytest.TestReport | pytest.CollectReport) -> bool:
    return report.skipped and not hasattr(report, "wasxfail") and _required() and ALLOWED not in reason_of(report)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns the skip of a test into a failure that names what this machine lacks."""
    report = yield
    if _refused(report):
        report.longrepr = f"REQUIRE_ALL is set, and this test was skipped: {reason_of(report)}"
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself while it is imported."""
    report = yield
    if _refused(report):
        report.longrepr = CollectErrorRepr(f"REQUIRE_ALL is set, and this module was skipped: {reason_of(report)}")
        report.outcome = "failed"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line per reason, so that nobody takes a run with holes for a whole one."""
    reasons = Counter(reason_of(report) for report in terminalreporter.stats.get("skipped", []))
    if not reasons:
        return
    terminalreporter.section("not run here, by reason")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5d}  {reason}")
