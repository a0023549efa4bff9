"""The forms about feature flags: a new one, a change, off at once, a refusal, a look afterwards, and its end."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.flags.model import ENVIRONMENTS
from handlers.forms.recipe import Field, Known, Recipe, why
from handlers.views.writing import Facts

KINDS = [
    ("Release: a change that is rolled out, one or two releases", "release"),
    ("Experiment: variants that are compared, until there is a result", "experiment"),
    ("Ops: a switch for running the product, for good", "ops"),
]
TO = [
    ("Off for everybody", "off"),
    ("On for everybody", "on"),
    ("A share of all who have an id", "share"),
    ("Roll out step by step", "steps"),
    ("Only the people named", "people"),
]
ENDS = [
    ("Keep it for one more release", "keep"),
    ("On for everybody, and remove its code", "on"),
    ("Off for everybody, and remove its code", "off"),
    ("Its code is gone: archive it", "archive"),
]




def _kinds(facts: Facts, known: Known) -> Sequence[tuple[str, str]]:
    return KINDS


def _to(facts: Facts, known: Known) -> Sequence[tuple[str, str]]:
    return TO


def _ends(facts: Facts, known: Known) -> Sequence[tuple[str, str]]:
    return ENDS


def _places(facts: Facts, known: Known) -> Sequence[tuple[str, str]]:
    return [(name.capitalize(), name) for name in reversed(ENVIRONMENTS)]


def _releases(facts: Facts, known: Known) -> Sequence[tuple[str, str]]:
    return list(known.get("releases") or ())


def _frozen(facts: Facts, known: Known) -> Sequence[tuple[str, str]]:
    if not known.get("frozen"):
        return []
    return [("It can wait for the end of the freeze", "no"), ("It cannot: we break the glass", "yes")]


def _right(facts: Facts, known: Known) -> Sequence[tuple[str, str]]:
    return [("It was right", "yes"), ("It was not right", "no")]


def _lead(facts: Facts, known: Known) -> str:
    return str(known.get("lead") or "")


FLAGS: dict[str, Recipe] = {
    r.event: r
    for r in (
        Recipe(
            "flag_new",
            "New flag",
            "Make it",
            (
                Field("name", "Name", "line", hint="What the product asks for, for example new_search"),
                Field("kind", "What for?", "radio", choices=_kinds, initial=lambda facts, known: "release"),
                Field("about", "What does it switch?", "line", True),
                Field("owner", "Who decides about it?", "person", initial=lambda facts, known: known["person"]),
                Field("release", "With which release does it come?", "select", True, choices=_releases),
            ),
            None,
            "It is off everywhere at first.",
        ),
        Recipe(
            "flag_set",
            "Change a flag",
            "Change it",
            (
                Field("environment", "Where?", "select", choices=_places, initial=lambda facts, known: "production"),
                Field("to", "Whom is it on for?", "radio", choices=_to),
                Field("share", "Share in percent", "line", True, "Only for a share, for example 25"),
                Field("steps", "Steps in percent", "line", True, "Only for a roll-out, for example 10 25 100"),
                Field("pause", "Hours between two steps", "line", True),
                Field("people", "People by the ids of the product", "text", True, "With commas; they are in anyway"),
                why(hint="Who agrees reads it; it is kept in the record"),
                Field("glass", "There is a freeze", "radio", choices=_frozen, initial=lambda facts, known: "no"),
            ),
            _lead,
            "In production a second person has to agree; off does not wait. Conditions, segments and variants come "
            "from a file: `release-bot flags set --rules`.",
        ),
        Recipe("flag_zero", "Off at once", "Switch it off", (why(),), _lead, "It does not wait; it is reviewed after."),
        Recipe("flag_refuse", "Refuse", "Refuse", (Field("reason", "Why?", "text", True),), _lead),
        Recipe(
            "flag_review",
            "Look at it",
            "Keep it",
            (Field("right", "Was it right?", "radio", choices=_right), why("What follows?", "Both of them read it")),
            _lead,
        ),
        Recipe(
            "flag_end",
            "What becomes of it",
            "Decide",
            (
                Field("what", "What becomes of it?", "radio", choices=_ends),
                Field("winner", "Which variant won?", "line", True, "Of an experiment; nothing when none did"),
                Field("result", "What came out?", "text", True, "Of an experiment: it is concluded with its result"),
                why(),
            ),
            _lead,
            "Taking it away from products needs it off in production, and its code gone.",
        ),
    )
}
