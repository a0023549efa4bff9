"""Python's garbage collector in a process that lives long: it leaves out what stays, and comes less often."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SOME, _ROUNDS = 10_000, 10  # new objects between two looks at them; looks between two of the next kind


def leave_out_what_stays() -> None:
    """Call once everything is imported and joined: no later collection looks at any of that.

    A collection keeps every thread waiting. Walking the 140,000 objects of the modules takes a tenth of a second on a
    small machine, and reading a long history sets one off.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_SOME, _ROUNDS, _ROUNDS)


def leave_out_all_that_is_here() -> None:
    """For a process that ends soon: nothing that is there now is looked at, and what comes seldom."""
    gc.freeze()
    gc.set_threshold(10 * _SOME, _ROUNDS, _ROUNDS)


@contextmanager
def not_while_importing() -> Iterator[None]:
    """Nothing of what is imported is thrown away, so to look for that is a fifth of the time that it takes."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
