"""What every test may ask for, and which files begin."""

from __future__ import annotations

import gc

import pytest

pytest_plugins = ["pytester", "tests.plugins.databases", "tests.plugins.skips", "tests.torture.fixtures"]

LONG = ("tests/scenarios/", "tests/kills/", "tests/sandbox/page/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin: a worker takes a whole file, and one that comes last is waited for by all."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """What was collected stays to the end; the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
