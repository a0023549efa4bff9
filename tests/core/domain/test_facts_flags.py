"""The flags of a release among its facts, as readers draw them and its closing waits for them."""

from __future__ import annotations

import json
from dataclasses import replace

from core.domain.facts_flags import flags_of
from core.domain.flag_rows import FlagRow
from core.domain.gates.flags import flags_decided
from core.domain.situation import Act
from tests.handlers.story import DANA, release, situation


def test_facts_and_gate_say_the_same_of_what_is_undecided() -> None:
    rows = (
        FlagRow("new", "release", "added", DANA, 1, 2, places=("app.py:3",), more=2),
        FlagRow("old", "release", "old", "operator:olu", 4, 2, ("releases",), decided="keep", by=DANA),
    )
    s = situation(replace(release(), flag_rows=rows))
    told = json.loads(json.dumps(flags_of(s)))["flags"]
    assert [(row["name"], row["undecided"]) for row in told] == [("new", True), ("old", False)]
    assert told[0]["places"] == ["app.py:3"]
    (stop,) = flags_decided(s, Act("", "close"))
    assert (stop.code, stop.who, stop.facts["places"]) == ("flags.new", (DANA,), 3)
