"""What every test may ask for, and which files begin."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

pytest_plugins = ["pytester", "tests.plugins.databases", "tests.plugins.skips", "tests.torture.fixtures"]

LONG = ("tests/clicks/", "tests/sandbox/page/", "tests/kills/", "tests/scenarios/", "tests/test_")

IN_MEMORY, ROOM, PLACE = Path("/dev/shm"), 4 << 30, "PYTEST_DEBUG_TEMPROOT"


def pytest_configure(config: pytest.Config) -> None:
    """The files of tests lie in memory where there is room: an eighth of all work is the disk's, and no test is about
    what a disk keeps when the power fails."""
    if PLACE in os.environ or config.option.basetemp is not None or not os.access(IN_MEMORY, os.W_OK):
        return
    found = os.statvfs(IN_MEMORY)
    if found.f_bavail * found.f_frsize > ROOM and not found.f_flag & os.ST_NOEXEC:  # hooks of git are run there
        os.environ[PLACE] = str(IN_MEMORY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin: a worker takes a whole file, and one that comes last is waited for by all.

    First of all those that mostly wait, so that the others have the processors meanwhile.
    """

    def turn(item: pytest.Item) -> int:
        return next((n for n, place in enumerate(LONG) if item.nodeid.startswith(place)), len(LONG))

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """What was collected stays to the end; the garbage collector need not look at it, nor look often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
