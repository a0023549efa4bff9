"""A message becomes a line of the release notes: of which release, and who reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers import ids
from handlers.forms.notes_lines import KNOWN
from handlers.forms.texts import standing
from handlers.request import Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.writing import Facts, plain

PLACES = (
    ("Known issues, for everybody", KNOWN),
    ("Stakeholders: good to know", "good_to_know"),
    ("Support: may still come up", "known_issues"),
    ("Support: what helps", "workaround"),
)


def form(releases: Sequence[Facts], text: str, channel: str = "", place: str = "") -> Form:
    """Asks which release only when there are several."""
    several = [(plain(f["tag"]), str(f["id"])) for f in releases]
    one = releases[0]["id"] if len(releases) == 1 else None
    return inputs.form(
        "Add to release notes",
        "adding",
        ids.metadata(ids.Target(one), channel),
        [
            inputs.select("release", "Which release?", several) if one is None else None,
            inputs.select("place", "Where does it belong?", PLACES, initial=place or KNOWN),
            inputs.text("text", "In which words?", lines=True, initial=text),
            b.context("It is added to what stands there already."),
        ],
        submit="Add it",
    )


def read(values: Mapping[str, Any], target: ids.Target) -> tuple[int, str, str]:
    """(release, place, words)."""
    chosen = str(values.get("release") or "")
    release = target.release or (int(chosen) if chosen.isdecimal() else 0)
    return release, str(values.get("place") or ""), " ".join(str(values.get("text") or "").split())


def added(facts: Facts, place: str, text: str) -> dict[str, str]:
    """The field of the texts with the new line below what stands there."""
    return {place: "\n".join(filter(None, (standing(facts, place), text)))}
