"""The forms of a retrospective: answers, a message taken in, another time, action items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from handlers.forms import choices
from handlers.forms.recipe import Field, Known, Recipe, select_of, why
from handlers.views import links
from handlers.views import retro as views
from handlers.views import retro_words as words
from handlers.views.inputs import Choice
from handlers.views.writing import Facts, counted, instant, local, plain, who

_ASKED = (("well", "What went well?"), ("wrong", "What went wrong?"), ("better", "What can be improved?"))
_ACTION = {"action.text": "action", "action.owner": "owner", "action.due": "due"}


def _own(question: str) -> Callable[[Facts, Known], str]:
    return lambda facts, known: str(((known.get("retro") or {}).get("own") or {}).get(question) or "")


def _about(facts: Facts, known: Known) -> str:
    """Until when it is open, and whether names are shown; what the record proves stands above."""
    data = known.get("retro") or {}
    named = "Your answers are shown with your name." if data.get("named", True) else (
        "Your answers are shown without your name; the record of the release still knows who wrote them."
    )  # fmt: skip
    beside = counted(int(data.get("beside") or 0), "line")
    rest = f"\n{beside} more of yours found no room here and stay as they are." if data.get("beside") else ""
    return f"{views.lead(facts)}\n{named}{rest}"


def _questions(facts: Facts, known: Known) -> list[Choice]:
    return [(title, key) for key, title in words.TITLES.items()]


def _message(facts: Facts, known: Known) -> str:
    """Whose message goes in, with its link."""
    author, _, link = str(known.get("item") or "").partition(" ")
    site = links.site(facts, link, "the message")
    by = f" of {who(facts, author)}" if author else ""
    return f"It is kept as a line{by}, with a link to {site}." if site.startswith("<") else ""


def _later(facts: Facts, known: Known) -> str:
    """The proposed day of an action item, in the product's zone."""
    now = known.get("now")
    days = int((known.get("retro") or {}).get("due_days") or 14)
    return (local(facts, now) + timedelta(days=days)).date().isoformat() if now else ""


def _meets(form: str) -> Callable[[Facts, Known], str]:
    def first(facts: Facts, known: Known) -> str:
        when = instant((facts.get("retro") or {}).get("meets_at"))
        return f"{local(facts, when):{form}}" if when else ""

    return first


def _open_items(facts: Facts, known: Known) -> list[Choice]:
    """The action items that are decided with this release."""
    data = known.get("retro") or {}
    rows = [*(data.get("here") or ()), *(a for a in data.get("actions") or () if not a.get("on"))]
    return [(plain(f"{a['id']}: {a['text']}", 58), str(a["id"])) for a in rows if a["state"] == "open"]


def _action_fields(*, optional: bool) -> tuple[Field, ...]:
    label = "An action item" if optional else "What shall be done?"
    return (
        Field("action", label, "line", optional, "One thing that somebody can do" if optional else ""),
        Field("owner", "Who does it?", "person", True, initial=lambda f, k: str(k.get("person") or "")),
        Field("due", "By when?", "day", True, initial=_later),
    )


RETRO: dict[str, Recipe] = {
    r.event: r
    for r in (
        Recipe(
            "retro_say",
            "Retrospective {tag}",
            "Send",
            (
                *(Field(q, label, optional=True, hint="One point per line", initial=_own(q)) for q, label in _ASKED),
                *_action_fields(optional=True),
            ),
            _about,
            "Open it as often as you like: your answers stand in it, and each time it takes one more action item.",
            {"retro.nothing": "well", "retro.long": "well", "retro.full": "well", **_ACTION},
        ),
        Recipe(
            "retro_add",
            "Retrospective {tag}",
            "Add it",
            (
                Field("which", "Which release?", "radio", choices=choices.among),
                Field("question", "Where does it belong?", "radio", choices=_questions, initial=lambda f, k: "well"),
                why("In which words?", "Shown in the summary with its author"),
            ),
            _message,
            "",
            {"reason": "reason", "retro.question": "question", "retro.full": "reason"},
        ),
        Recipe(
            "retro_move",
            "Move the retrospective",
            "Move it",
            (
                Field("to", "On which day?", "day", initial=_meets("%Y-%m-%d")),
                Field("to_at", "At what time?", "clock", initial=_meets("%H:%M")),
            ),
            lambda facts, known: views.lead(facts),
            "Everybody who is invited is told, and the calendar follows.",
            {"retro.when": "to"},
        ),
        Recipe(
            "retro_summary",
            "Summary {tag}",
            "Post the summary",
            (Field("reason", "A word of your own on top", optional=True),),
        ),
        Recipe(
            "action_add",
            "An action item of {tag}",
            "Add it",
            _action_fields(optional=False),
            None,
            "It comes back on the next release's checklist until it is done or dropped with a reason.",
            _ACTION,
        ),
        Recipe(
            "action_drop",
            "Drop an action item",
            "Drop it",
            (select_of("action", "Which one?", _open_items), why()),
            None,
            "Nobody will do it. The reason is kept.",
            {"reason": "reason", "action.gone": "action", "action.decided": "action"},
        ),
    )
}


def date_of(given: dict[str, object], zone_of: Facts) -> dict[str, object]:
    """The answers with the day of an action item as a local date."""
    when = instant(given.get("due"))
    return given | {"due": local(zone_of, when).date().isoformat()} if when else given


