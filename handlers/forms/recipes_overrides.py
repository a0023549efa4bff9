"""The forms of break-glass, and of a release that is moved to another policy: both change what it is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.domain.facts import timely
from core.domain.facts_overrides import could_pass
from core.domain.facts_parts import blocker_of
from handlers.forms.recipe import Field, Known, Recipe, select_of, why
from handlers.views.drills import CHOICES, GATES, HEAD
from handlers.views.inputs import Choice
from handlers.views.overrides import title_of
from handlers.views.policy import before_adopting
from handlers.views.reasons import as_fact, reason
from handlers.views.writing import Facts, listed, name, plain, quoted, said, spoken, who


def gates(facts: Facts, known: Known) -> list[Choice]:
    """The gates that hold the release up now and may be passed; a button names one of them."""
    now = known.get("now")
    stops = [blocker_of(x) for x in facts.get("blockers") or ()]
    stops += timely(facts, now) if isinstance(now, datetime) else []
    found = {x.code: reason(as_fact(x), facts).title for x in could_pass(facts, stops)}
    return [(plain(spoken(title, facts), 60), code) for code, title in found.items()]


def reviews(facts: Facts, known: Known) -> list[Choice]:
    """The overrides that this person may review."""
    person = str(known.get("person") or "")
    return [
        (f"{plain(title_of(o), 50)} ({listed([name(facts, o[key]) for key in ('first', 'second')])})", str(o["id"]))
        for o in facts.get("overrides") or ()
        if person in (o.get("reviewers") or ())
    ]


def _capital(found: Mapping[str, str]) -> list[Choice]:
    return [(f"{text[:1].upper()}{text[1:]}", value) for value, text in found.items()]


def _answers(facts: Facts, known: Known) -> list[Choice]:
    return [("*It was right*", "yes"), ("*It was not right*", "no")]


def _lead(facts: Facts, known: Known) -> str:
    roles = facts.get("roles") or {}
    may = listed([said(roles.get(r, r)) for r in (facts.get("glass") or {}).get("roles") or ()], "or")
    c = facts.get("candidate") or {}
    return (
        f"You ask to pass *one* gate for rc.{c.get('number', '')} alone. It is passed when a second person ({may}) "
        "confirms it; the channel, the card and the record name both of you."
    )


def _reviewing(facts: Facts, known: Known) -> str:
    found = [o for o in facts.get("overrides") or () if str(o["id"]) == str(known.get("item") or "")]
    if not found:
        return ""
    o = found[0]
    return (
        f"{who(facts, o['first'])} and {who(facts, o['second'])} passed *{title_of(o)}* of {said(facts.get('tag'))}: "
        f"{quoted(o['reason'], 400)}"
    )


OVERRIDES: dict[str, Recipe] = {
    r.event: r
    for r in (
        Recipe(
            "override",
            "Break the glass",
            "Ask for it",
            (
                select_of("item", "Which gate cannot be waited for?", gates),
                why("Why can it not wait?", "Read by everybody, and kept in the record"),
            ),
            _lead,
            "It is reviewed by a third person within a day; the release does not close before.",
            {"reason": "reason", "override.never": "item", "override.which": "item", "override.code": "item"},
        ),
        Recipe(
            "drill",
            HEAD,
            "Ask for it",
            (
                Field("gate", "Which gate cannot be waited for?", "radio", choices=lambda f, k: _capital(GATES)),
                why("Why can it not wait?", "As you would say it when it is real"),
            ),
            lambda facts, known: "A drill of break-glass: the same words and two people, and no release is touched.",
            "A second person gets a message and confirms it, then decides as if production failed.",
            {"reason": "reason"},
        ),
        Recipe(
            "drill_second",
            HEAD,
            "Confirm and decide",
            (
                Field("choice", "What do you decide?", "radio", choices=lambda f, k: _capital(CHOICES)),
                why("Why?", "What you would look at first"),
            ),
            lambda facts, known: (
                "You are the second person: the gate is passed with this. Now imagine that the smoke tests fail in "
                "production after it."
            ),
            "The team reads both names. No release, no branch and no host is touched.",
            {"reason": "reason", "drill.choice": "choice"},
        ),
        Recipe(
            "drill_review",
            HEAD,
            "Keep the review",
            (
                Field("right", "Was it right?", "radio", choices=_answers),
                why("What follows from it?", "Who does what until when; or that nothing follows"),
            ),
            lambda facts, known: "A drill of break-glass: look at it as you would when it is real.",
            "Both of them read it.",
            {"reason": "reason", "review.right": "right"},
        ),
        Recipe(
            "adopt_policy",
            "Move {tag}",
            "Move it",
            (why(),),
            lambda facts, known: before_adopting(known.get("adoption") or {}, facts),
            "From then on everything is judged by the active policy. There is no way back to the older one.",
            {"reason": "reason"},
        ),
        Recipe(
            "review",
            "Review an override",
            "Keep the review",
            (
                select_of("override", "Which one?", reviews),
                Field("right", "Was it right?", "radio", choices=_answers),
                why("What follows from it?", "Who does what until when; or that nothing follows"),
            ),
            _reviewing,
            "Both of them and the thread read it.",
            {"reason": "reason", "review.right": "right"},
        ),
    )
}  # fmt: skip
