"""A dependency without an owner stops the beginning; said again with an owner it does not."""

from __future__ import annotations

import pytest

from core.errors import Refused
from tests.core.domain.world import DANA, PRIYA, World


def test_begin_asks_for_an_owner_of_each_dependency() -> None:
    w = World()
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "depend", r, reason="billing-api 2.4")
    with pytest.raises(Refused) as unowned:
        w.act(PRIYA, "begin", r)
    assert [(b.code, b.facts["text"]) for b in unowned.value.blockers] == [("dependency", "billing-api 2.4")]
    w.act(PRIYA, "depend", r, reason="Billing-API 2.4", owner=DANA)
    (kept,) = w.again(r).dependencies
    assert (kept.text, kept.owner) == ("billing-api 2.4", DANA)
    w.act(PRIYA, "begin", r)
