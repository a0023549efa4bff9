"""What somebody is asked once keeps its button while it is open, and then says to everybody asked what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.overrides import Override
from core.domain.release import Carry, Concern, Phase, Reported
from handlers.views import once
from tests.handlers import story
from tests.handlers.desk import elements
from tests.handlers.layout import HOSTILE, check_message

CARRY = Carry(story.THEO, story.NOW, HOSTILE)
CONCERN = Concern(1, story.DANA, story.NOW, HOSTILE, wants=HOSTILE, carry=CARRY)
CAME = replace(CONCERN, origin="1.2.2", carry=replace(CARRY, second=story.PRIYA, second_at=story.NOW))
REPORT = Reported(1, story.SANA, story.NOW, "bug", HOSTILE)
DONE = replace(REPORT, found="next release", triaged_by=story.QADIR, triaged_at=story.NOW)
WAITS = Override(1, "window", "window", HOSTILE, story.THEO, story.NOW, story.release().digest, "v1.3.0-rc.2")
STANDS = replace(WAITS, second=story.OLU, second_at=story.NOW, review_by=story.LEAVES)
REVIEWED = replace(STANDS, reviewed_by=story.MIRA, reviewed_at=story.NOW, right=True)
FELL = replace(WAITS, void="taken", void_at=story.NOW)
ENDED = replace(CONCERN, settled_at=story.NOW)


def seen(kind: str, **held: Any) -> tuple[bool, str, list[str]]:
    facts = story.facts(Phase.PREPARATION, **held)
    message = once.drawn(kind, facts, story.OLU)
    check_message(message)
    labels = [e["text"]["text"] for e in elements(message.blocks) if e.get("type") == "button"]
    return once.asks(kind, facts), message.text, labels


@pytest.mark.parametrize(
    ("kind", "part", "before", "after", "label", "said"),
    [
        ("carry_asked.1", "concerns", CONCERN, ENDED, "Carry it too…", "The concern about v1.3.0 is decided."),
        ("carry_asked.1", "concerns", CONCERN, CAME, "Carry it too…", "is decided"),
        ("concern.1", "concerns", CONCERN, ENDED, "Resolve…", "is decided"),
        ("concern_came.1", "concerns", CAME, ENDED, "Resolve…", "is decided"),
        ("reported.1", "reports", REPORT, DONE, "Triage…", "Qadir looked at the report about v1.3.0: it is something"),
        ("override_asked.1", "overrides", WAITS, STANDS, "Confirm it", "Theo and Olu passed the departure window"),
        ("override_asked.1", "overrides", WAITS, FELL, "Confirm it", "is void: it was taken back."),
        ("review_asked.1", "overrides", STANDS, REVIEWED, "Review…", "Mira reviewed the override of the departure"),
    ],
)
def test_the_button_goes_with_the_question(
    kind: str, part: str, before: Any, after: Any, label: str, said: str
) -> None:
    open_, text, labels = seen(kind, **{part: (before,)})
    assert open_ and label in labels and said not in text
    over, text, labels = seen(kind, **{part: (after,)})
    assert not over and labels == ["Open"] and said in text, text


def test_what_only_tells_something_is_no_question() -> None:
    assert once.kind_of("carry_asked", {"concern": 2}) == "carry_asked.2"
    assert once.kind_of("carried", {"concern": 2}) == "" and once.kind_of("concern", {}) == ""
