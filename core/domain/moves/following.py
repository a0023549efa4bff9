"""Who follows a release or the product hears of its milestones by message, in the words for stakeholders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from core.domain.effects import Effect, post
from core.domain.rehearsals import channel_of
from core.domain.situation import Situation

PLACE, MOMENT = "stakeholders", "followed"


def told_to_followers(s: Situation, effects: Iterable[Effect]) -> Iterator[Effect]:
    """What stakeholders are told, once for each person who follows it; of a rehearsal nobody is."""
    people = () if channel_of(s.release.product) else s.roster.followers(s.release.version)
    for effect in effects if people else ():
        if effect.kind == "slack.post" and effect.body.get("place") == PLACE:
            data = cast(Mapping[str, Any], effect.body["data"])
            yield from (post(f"dm:{p}", MOMENT, **{**data, "of": effect.body["moment"]}) for p in people)
