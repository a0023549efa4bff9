"""What lasts is left out of later collections, and a cycle made afterwards is still collected."""

from __future__ import annotations

import gc
import weakref

from bot.collector import leave_out_what_stays


class Knot:
    def __init__(self) -> None:
        self.me = self


def test_what_stays_is_left_out_and_what_comes_later_is_not() -> None:
    before, stays = gc.get_threshold(), Knot()
    try:
        leave_out_what_stays()
        assert gc.get_freeze_count() > 10_000 and not any(found is stays for found in gc.get_objects())
        late = weakref.ref(Knot())
        gc.collect()
        assert late() is None
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
