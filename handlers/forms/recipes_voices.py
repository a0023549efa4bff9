"""The forms of what people say: raise a concern, settle it, carry it on; report something, and say what it is."""

from __future__ import annotations

from handlers.forms import choices, leads
from handlers.forms.recipe import Field, Recipe, select_of, why

_SAME = {"reason": "reason"}


VOICES: dict[str, Recipe] = {
    r.event: r
    for r in (
        Recipe(
            "concern",
            "Concern about {tag}",
            "Raise it",
            (
                Field("which", "Which release?", "radio", choices=choices.among),
                why("What worries you?"),
                Field("wants", "What would settle it?", optional=True, hint="So that others know what to look at"),
            ),
            leads.from_message,
            "It blocks until you or a release manager say how it was settled, or two people carry it on.",
            _SAME,
        ),
        Recipe(
            "carry",
            "Carry a concern on",
            "Carry it",
            (
                select_of("concern", "Which one?", choices.concerns),
                Field("reason", "Why can it wait?", optional=True, hint="The first of the two says it"),
            ),
            leads.carry,
            "Both names and the reason are kept. Without a next release it waits for the one that starts.",
            {**_SAME, "carry.second": "concern"},
        ),
        Recipe(
            "report",
            "Report about {tag}",
            "Report it",
            (
                Field("kind", "What is it?", "radio", choices=choices.report_kinds),
                why("What did you see?", "Where, and what you expected"),
            ),
            leads.reports,
            "QA says what it is, and you hear of it.",
            {**_SAME, "report.kind": "kind"},
        ),
        Recipe(
            "triage",
            "Triage a report",
            "Say it",
            (
                select_of("report", "Which one?", choices.reports),
                Field("found", "What is it?", "radio", choices=choices.found_to_be),
                why(),
            ),
            None,
            "Who reported it is told. Until then the release does not close.",
            {**_SAME, "report.gone": "report", "report.done": "report", "report.found": "found"},
        ),
        Recipe(
            "settle",
            "Settle a concern",
            "It is settled",
            (select_of("concern", "Which one?", choices.concerns), why("How was it settled?")),
            None,
            "Two people can carry it into the next release instead: `/release carry`.",
            _SAME,
        ),
    )
}
