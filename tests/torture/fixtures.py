"""The nursery of a test session, its seed, and what a run of full size tells about itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.torture.nursery import wait_for

ROOT = Path(__file__).parents[2]
SEED = "TORTURE_SEED"
TOLD = "told"


def pytest_configure(config: pytest.Config) -> None:
    """One seed for the session and all its workers; what a test tells is printed as soon as it has ended."""
    os.environ.setdefault(SEED, str(int.from_bytes(os.urandom(3), "big")))
    if not hasattr(config, "workerinput") and config.getoption("markexpr").startswith("torture"):
        config.pluginmanager.register(Told(config))


class Told:
    """Prints one line for each test of full size."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_report_header(self) -> str:
        seed = os.environ[SEED]
        return f"full size: seed {seed} ({SEED}={seed} plays it again), {os.cpu_count()} processors, commit {_commit()}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        printer = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.when == "call" and printer is not None:
            name, told = report.nodeid.rpartition("::")[2], dict(report.user_properties).get(TOLD, "")
            printer.write_line(f"\n{report.outcome} {name}: {told}{report.duration:.0f} s")


@pytest.fixture(scope="session")
def nursery() -> Iterator[Path]:
    """The socket at which processes can be asked for."""
    with tempfile.TemporaryDirectory(prefix="nursery-") as folder:
        socket = Path(folder) / "socket"
        running = subprocess.Popen([sys.executable, "-m", "tests.torture.nursery", str(socket)], cwd=ROOT)
        try:
            wait_for(socket)
            yield socket
        finally:
            running.kill()
            running.wait()


@pytest.fixture(scope="session")
def dice() -> int:
    """The seed of this session: TORTURE_SEED, else another one each time."""
    return int(os.environ[SEED])


@pytest.fixture
def tells(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Says how large the test was: seed, size, processes, kills, states."""

    def tell(**what: object) -> None:
        facts = {**what, "commit": _commit()}
        record_property(TOLD, "".join(f"{name} {value}, " for name, value in facts.items()))

    return tell


def _commit() -> str:
    git = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
