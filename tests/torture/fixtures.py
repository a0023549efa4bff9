"""The nursery of a test session, and what a torture run tells about itself."""

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
    return int(os.environ.get(SEED) or int.from_bytes(os.urandom(3), "big"))


@pytest.fixture
def tells(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Prints one line about the run: seed, size, processes, commit."""

    def tell(**what: object) -> None:
        facts = {**what, "commit": _commit()}
        with capsys.disabled():
            print(f"\n  {request.node.name}: " + ", ".join(f"{name} {value}" for name, value in facts.items()))

    return tell


def _commit() -> str:
    git = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
