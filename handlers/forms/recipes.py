"""Every form behind an event, as a table."""

from __future__ import annotations

from collections.abc import Callable

from handlers.forms import choices, leads
from handlers.forms.recipe import Field, Known, Recipe, select_of, why
from handlers.forms.recipes_contents import CONTENTS
from handlers.forms.recipes_environments import ENVIRONMENTS
from handlers.forms.recipes_overrides import OVERRIDES
from handlers.forms.recipes_retro import RETRO
from handlers.forms.recipes_voices import VOICES
from handlers.views.writing import Facts

Initial = Callable[[Facts, Known], str]

_SAME = {"reason": "reason", "early_reason": "reason", "severity": "severity"}
_MOVED = {"departure_past": "to", "departure_free": "to", "own_window": "to", "notice": "to"}


def _simple(event: str, title: str, submit: str, lead: Initial | None = None, after: str = "", *more: Field) -> Recipe:
    return Recipe(event, title, submit, (*more, why()), lead, after, _SAME)


_WHEN = (
    select_of("to", "When does it leave?", choices.trains, optional=True),
    Field("other", "Or on another day", "day", True),
    Field("other_at", "at", "clock", True),
    Field("reason", "Why?", optional=True, hint="Stakeholders read it in one line"),
)


def _flag_named(facts: Facts, known: Known) -> str:
    return str(known.get("item") or "")


RECIPES: dict[str, Recipe] = {
    r.event: r
    for r in (
        Recipe(
            "reject",
            "Reject {tag}",
            "Reject",
            (why("What has to change?"),),
            leads.stays,
            "A new candidate or your own new answer lifts this.",
            _SAME,
        ),
        Recipe(
            "ask",
            "Ask about {tag}",
            "Ask",
            (why("What do you want to know?", "Name a pull request (#345) or a commit: who wrote it is asked too"),),
            leads.asks,
            "The answer comes in the release's thread. Asking decides nothing: your request stays open.",
            _SAME,
        ),
        _simple(
            "withdraw",
            "Take it back",
            "Take it back",
            None,
            "Possible until production starts. The release waits again.",
        ),
        Recipe(
            "hold",
            "Hold {tag}",
            "Put on hold",
            (
                why(),
                Field("until", "Until", "day", True, "Then I ask; I never resume by myself"),
                Field(
                    "keep_place",
                    "What happens to the train?",
                    "radio",
                    choices=lambda facts, known: (
                        [("Keep the place", "yes"), ("Give it up", "no")] if facts.get("departs_at") else []
                    ),
                    initial=lambda facts, known: "yes",
                ),
            ),
            wrong=_SAME,
        ),
        Recipe(
            "resume",
            "Resume {tag}",
            "Resume",
            _WHEN,
            leads.place_again,
            wrong={**_MOVED, "departure_needed": "to"},
        ),
        _simple(
            "back", "Send {tag} back", "Send it back", None, "It goes back to stabilization; the approvals are void."
        ),
        _simple("nogo", "No-go for {tag}", "No-go", leads.nogo),
        _simple("abort", "Abort {tag}", "Abort", None, "Possible only while nothing in production has changed."),
        _simple(
            "worked", "It worked", "It worked", None, "The step counts as done. Look at the host before you say so."
        ),
        Recipe(
            "rollback",
            "Roll back {tag}",
            "Roll back",
            (Field("severity", "How bad is it?", "radio", choices=choices.severities), why()),
            leads.rollback,
            wrong=_SAME,
        ),
        Recipe(
            "record",
            "Record what runs",
            "Record it",
            (
                select_of("runs", "What does production run?", choices.runs),
                why(hint="What was done by hand, step by step; shown in the thread and kept in the record"),
                Field("url", "Where can it be looked at?", "line", True, "An address that begins with https://"),
            ),
            leads.second,
            wrong={**_SAME, "record.unknown": "runs", "result.link": "url"},
        ),
        Recipe(
            "flag_off",
            "A flag is off",
            "Switch it off",
            (Field("flag", "Which flag?", "line", initial=_flag_named), why()),
            leads.switched,
            "A flag of mine goes off in production at once; any other one is switched off by you, before you say so "
            "here. What was verified is asked again.",
            {**_SAME, "flag_named": "flag"},
        ),
        _simple("fix_forward", "Fix {tag} forward", "Open the hotfix", leads.fix),
        _simple(
            "freeze_early", "Freeze {tag}", "Freeze now", leads.early, "It cuts the branch from develop and tags rc.1."
        ),
        Recipe(
            "move",
            "Move {tag}",
            "Move it",
            _WHEN,
            leads.departure,
            wrong=_MOVED,
        ),
        Recipe(
            "merge",
            "Merge {tag}",
            "Merge it",
            (select_of("into", "Into which release?", choices.into), why()),
            None,
            "This release ends; the other one takes its scope.",
            {**_SAME, "merge_target": "into"},
        ),
        Recipe(
            "cancel", "Cancel {tag}", "Cancel the release", (why(),), leads.cancel, "This cannot be undone.", _SAME
        ),
        Recipe(
            "incident",
            "Report an incident",
            "Report it",
            (
                why("What is wrong?", "What customers see, and since when"),
                Field("severity", "How bad is it?", "radio", choices=choices.severities),
            ),
            leads.live,
            wrong=_SAME,
        ),
        Recipe(
            "resolve",
            "The incident is over",
            "It is over",
            (select_of("incident", "Which one?", choices.incidents), why("What solved it?")),
            wrong=_SAME,
        ),
        Recipe(
            "edit",
            "Correct {tag}",
            "Correct it",
            (
                Field("title", "Title", "line", True, initial=lambda f, k: str(f.get("title") or "")),
                Field("version", "Version", "line", True, initial=lambda f, k: str(f.get("version") or "")),
                Field(
                    "type", "Kind", "select", True, choices=choices.kinds, initial=lambda f, k: str(f.get("type") or "")
                ),
                select_of("to", "When does it leave?", choices.trains, optional=True),
            ),
            None,
            "Possible until the first candidate is tagged. The correction is kept in the record.",
            {
                "version_fits": "version",
                "version_free": "version",
                "version_next": "version",
                "edit.branch": "version",
                "edit.kind": "type",
                "edit.nothing": "title",
                **_MOVED,
            },
        ),
        Recipe(
            "depend",
            "A dependency of {tag}",
            "Add it",
            (
                why("What does it depend on?", "For example: billing-api 2.4"),
                Field("owner", "Who owns it?", "person"),
                Field("due", "Due", "day", True),
            ),
            wrong=_SAME,
        ),
        Recipe(
            "untick",
            "Not done after all",
            "Take it back",
            (select_of("item", "Which item?", choices.done_items), why()),
            wrong={**_SAME, "signoff.open": "item"},
        ),
        Recipe(
            "skip",
            "Skip a train",
            "Skip it",
            (select_of("at", "Which train?", choices.all_trains), why()),
            None,
            "The team is told. A release on it has to be moved first.",
            {**_SAME, "train_none": "at", "train_when": "at"},
        ),
        Recipe(
            "shift",
            "Move a train",
            "Move it",
            (
                select_of("at", "Which train?", choices.all_trains),
                Field("to", "To which day?", "day"),
                Field("to_at", "At what time?", "clock", initial=lambda f, k: "10:00"),
                why(),
            ),
            None,
            "The team is told. The trains before and after it stay as they are.",
            {**_SAME, "train_none": "at", "train_when": "at", "departure_past": "to", "train_exists": "to"},
        ),
        Recipe(
            "extra",
            "Add a departure",
            "Add it",
            (
                Field("at", "On which day?", "day"),
                Field("at_at", "At what time?", "clock", initial=lambda f, k: "10:00"),
                Field("train", "Of which train?", "select", optional=True, choices=choices.train_names),
                Field("reason", "Why?", optional=True),
            ),
            None,
            "",
            {"departure_past": "at", "train_exists": "at", "train_when": "at"},
        ),
    )
} | CONTENTS | VOICES | OVERRIDES | ENVIRONMENTS | RETRO
