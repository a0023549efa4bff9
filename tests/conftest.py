"""What every test may ask for, and which files begin."""

from __future__ import annotations

import gc

import pytest

pytest_plugins = ["pytester", "tests.plugins.databases", "tests.plugins.skips", "tests.torture.fixtures"]

LONG = ("tests/clicks/", "tests/sandbox/page/", "tests/kills/", "tests/scenarios/", "tests/test_")


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
