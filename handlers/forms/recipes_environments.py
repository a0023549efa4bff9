"""The forms about environments and the pause of everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.domain.environments import NAMES
from handlers.forms.recipe import LEAST, Field, Known, Recipe, select_of
from handlers.views.writing import Facts


def _places(facts: Facts, known: Known) -> Sequence[tuple[str, str]]:
    return [(name.capitalize(), name) for name in NAMES]


_WHERE = select_of("environment", "Which environment?", _places)
def _locked(facts: Facts, known: Known) -> str:
    """The one of the button, else the one that is locked, where it is one."""
    if _WHERE.initial and (asked := _WHERE.initial(facts, known)):
        return asked
    there = [name for name, env in (facts.get("environments") or {}).items() if env.get("lock")]
    return there[0] if len(there) == 1 else ""


_WHY = Field("reason", "Why?", hint="Everybody reads it who wants to deploy there", least=LEAST)
_WRONG = {"reason": "reason", "environment.which": "environment", "kept": "environment", "access": "environment"}

ENVIRONMENTS: dict[str, Recipe] = {
    r.event: r
    for r in (
        Recipe(
            "lock",
            "Lock an environment",
            "Lock it",
            (
                _WHERE,
                _WHY,
                Field("until", "Until when?", "day", True, hint="Without an end I ask you after a day"),
                Field("until_at", "at", "clock", True, initial=lambda facts, known: "17:00"),
            ),
            None,
            "Nobody else deploys there until it is cleared; what you do yourself it does not stop.",
            {**_WRONG, "lock.until": "until"},
        ),
        Recipe(
            "unlock",
            "Clear the lock",
            "Clear it",
            (replace(_WHERE, initial=_locked), _WHY),
            None,
            "Whose lock it was is told. Deployments are possible again.",
            {"reason": "reason", "environment.which": "environment"},
        ),
        Recipe(
            "data",
            "How old the data are",
            "Note it",
            (_WHERE, Field("day", "Of which day are they?", "day")),
            None,
            "It stands beside the environment, with your name.",
            {**_WRONG, "data.day": "day"},
        ),
        Recipe(
            "pause",
            "Pause everything",
            "Pause",
            (Field("reason", "Why?", hint="The team reads it", least=LEAST),),
            None,
            "Nothing fires by itself and nothing reaches git, a host or GitHub until somebody says go on. What is "
            "under way at a host ends there.",
            {"reason": "reason"},
        ),
    )
}
