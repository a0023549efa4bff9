"""When break-glass was last proven: by a drill that two people finished, or because it had to be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.domain.drills import Drill, proven, unreviewed, waiting
from tests.core.domain.test_overrides import passed, untested
from tests.core.domain.world import MIRA, OLU, START, THEO, World

HOUR = timedelta(hours=1)


def test_only_a_finished_drill_proves_it_and_only_an_open_one_waits():
    alone = Drill(1, THEO, START, "window", "the bank waits")
    both = Drill(2, THEO, START, "window", "the bank waits", OLU, START + HOUR, "roll back", "the data are whole")
    assert proven((), None) is None and proven((alone,), None) is None
    assert proven((alone, both), None) == (START + HOUR, "drill, not reviewed yet")
    both = replace(both, reviewed_by=MIRA)
    assert unreviewed((both,), 2) is None and unreviewed((alone,), 1) is None
    assert proven((both,), START + 2 * HOUR) == (START + 2 * HOUR, "override")
    assert proven((both,), START) == (START + HOUR, "drill")
    assert waiting((alone, both), 1) == alone and waiting((alone, both), 2) is None and waiting((), 1) is None


def test_a_real_override_proves_it_when_the_second_person_has_confirmed():
    w = World()
    r = untested(w)
    assert w.product.broken_at is None
    one = passed(w, r)
    assert w.product.broken_at == one.second_at
    assert w.product.drills == ()
