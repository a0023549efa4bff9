"""Test reports as JUnit XML, in the dialects of surefire, Gradle, pytest and their kin."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.evidence.limits import MOST_CASES, Unreadable, tidy
from core.domain.evidence.model import MOST_NAMED, Reading
from core.domain.evidence.xml import stream

ROOTS = ("testsuites", "testsuite")


@dataclass(slots=True)
class _Suite:
    """One suite while it is open: what was seen in it and what it says of itself."""

    name: str
    declared: dict[str, int]
    tests: int = 0
    failed: int = 0  # failures and errors
    errors: int = 0
    skipped: int = 0
    nested: bool = False
    own_error: bool = False


class _Junit:
    """Adds up the cases; where a suite says more of itself than it lists, the worse of both counts."""

    def __init__(self) -> None:
        self.tests = self.failed = self.errors = self.skipped = self.cases = 0
        self.failing: list[str] = []
        self._open: list[_Suite] = []
        self._case = ""
        self._is: set[str] = set()

    def begin(self, path: tuple[str, ...], attributes: dict[str, str]) -> None:
        tag = path[-1]
        if len(path) == 1 and tag not in ROOTS:
            raise Unreadable("format", f"this is no JUnit report: its root is <{tidy(tag, 40)}>")
        if tag == "testsuite":
            if self._open:
                self._open[-1].nested = True
            self._open.append(_Suite(tidy(attributes.get("name", "")), _declared(attributes)))
        elif tag == "testcase":
            self._begin_case(attributes)
        elif path[-2:-1] == ("testcase",) and tag in ("failure", "error", "skipped"):
            self._is.add(tag)
        elif path[-2:-1] == ("testsuite",) and tag == "error" and self._open:
            self._open[-1].own_error = True

    def _begin_case(self, attributes: dict[str, str]) -> None:
        self.cases += 1
        if self.cases > MOST_CASES:
            raise Unreadable("unsafe", f"the report has more than {MOST_CASES} cases")
        names = (attributes.get("classname", ""), attributes.get("name", ""))
        self._case, self._is = tidy(".".join(n for n in names if n) or "a case without a name"), set()

    def end(self, path: tuple[str, ...]) -> None:
        if path[-1] == "testcase":
            self._end_case()
        elif path[-1] == "testsuite":
            self._end_suite(self._open.pop())

    def _end_case(self) -> None:
        suite = self._open[-1] if self._open else None
        counts = [self] if suite is None else [suite]
        for c in counts:
            c.tests += 1
            c.errors += "error" in self._is
            c.failed += bool(self._is & {"failure", "error"})
            c.skipped += "skipped" in self._is and not self._is & {"failure", "error"}
        if self._is & {"failure", "error"}:
            self._name(self._case)

    def _end_suite(self, suite: _Suite) -> None:
        """A suite that only holds others repeats their sums, so its own numbers count for nothing."""
        told = suite.declared
        if not suite.nested:
            bad = told["failures"] + told["errors"]
            if bad > suite.failed or (suite.own_error and not suite.failed):
                self._name(suite.name or "a suite without a name")
            suite.failed = max(suite.failed, bad, int(suite.own_error))
            suite.errors = max(suite.errors, told["errors"])
            suite.skipped = max(suite.skipped, told["skipped"])
            suite.tests = max(suite.tests, told["tests"], suite.failed)
        self.tests += suite.tests
        self.failed += suite.failed
        self.errors += suite.errors
        self.skipped += suite.skipped

    def _name(self, name: str) -> None:
        if len(self.failing) < MOST_NAMED and name not in self.failing:
            self.failing.append(name)


def _declared(attributes: dict[str, str]) -> dict[str, int]:
    """What a suite says of itself; what is no count is nothing."""
    found = {}
    for name in ("tests", "failures", "errors", "skipped"):
        text = attributes.get(name, "").strip()
        found[name] = min(int(text), MOST_CASES) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return found


def read_junit(body: bytes) -> Reading:
    """What the report says. A run without one executed test proves nothing: it failed. Raises Unreadable."""
    found = _Junit()
    stream(body, found)
    if not found.tests:
        raise Unreadable("content", "the report has no test")
    counts = {"tests": found.tests, "failed": found.failed, "errors": found.errors, "skipped": found.skipped}
    idle = found.skipped >= found.tests
    return Reading(
        "junit",
        "failed" if found.failed or idle else "passed",
        {name: float(value) for name, value in counts.items()},
        tuple(found.failing),
        note="all tests were skipped" if idle else "",
    )
