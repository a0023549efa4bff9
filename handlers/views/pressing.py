"""Buttons for what can be done with a release: the label, the value, and the question asked before it fires."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.domain.lifecycle import BY_EVENT
from handlers import ids
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views.writing import Facts, day_in_words, listed, name, plain

# What opens a form or a private choice first, so that its label ends with … and no dialog asks again.
DIRECT = ("begin", "candidate", "ready", "resume", "close", "retry", "tick", "stop", "pull")
END_NOW = "End this step now…"
VERB_OF = {
    "start_fix": "start",
    "freeze_early": "freeze",
    "flag_off": "flag",
    "fix_forward": "fix",
    "depend": "depends",
    "words": "mend",
}
_EVENT_OF = {verb: event for event, verb in VERB_OF.items() if event != "start_fix"}


def verb_of(event: str) -> str:
    """The verb in a button's action id: the word a person would type."""
    return VERB_OF.get(event, event)


def event_of(verb: str) -> str:
    return _EVENT_OF.get(verb, verb)


def to_sign(facts: Facts, item: str) -> str:
    """The value of a button that signs an item: with the candidate that was looked at, so an old copy is noticed."""
    return ids.value(facts.get("id"), item, about(item, (facts.get("candidate") or {}).get("number")))


def about(item: str, candidate: object) -> str:
    """What a signature on an item is about."""
    return f"{item}@{candidate}" if candidate else item


def press(
    facts: Facts, event: str, *, primary: bool = False, label: str = "", item: str = "", subject: str = ""
) -> Block:
    """The button for an event of the table; moves carry the epoch, so that an old copy is noticed."""
    verb = verb_of(event)
    asks = end_question if (event, item) == ("stop", "now") else _QUESTIONS.get(event)
    label = label or BY_EVENT[event].button
    subject = subject or subject_of(facts, event)
    return b.button(
        label,
        verb,
        ids.value(facts.get("id"), item, subject),
        primary=primary,
        confirm=asks(facts) if asks else None,
        about=f"{label.rstrip('…')}: {facts.get('tag', '')}",
    )


def without_place(facts: Facts) -> bool:
    """Whether it waits for a train and gave up its place on one: then it goes on with a departure that is named."""
    return bool(facts.get("train")) and not facts.get("departs_at") and bool(facts.get("hold"))


def subject_of(facts: Facts, event: str) -> str:
    """What a button for this event is about: the content for a signature, the epoch for a move."""
    if event in ("approve", "reject", "withdraw"):
        return str((facts.get("candidate") or {}).get("digest") or "")[:16]
    run = facts.get("run") or {}
    if event in ("worked", "retry") and run.get("ended_at"):  # about this failure, and not about the next one
        return f"{facts.get('epoch', '')}@{run['id']}:{run.get('step') or ''}:{run['ended_at']}"
    return str(facts.get("epoch", ""))


def show(facts: Facts, verb: str, label: str, item: str = "", *, primary: bool = False) -> Block:
    """A button that only shows something of the release."""
    return b.button(
        label,
        verb,
        ids.value(facts.get("id"), item),
        primary=primary,
        about=f"{label.rstrip('…?')}: {facts.get('tag', '')}",
    )


def more(facts: Facts, *entries: tuple[str, str]) -> Block | None:
    """The ⋮ menu of a release: (label, verb)."""
    epoch = str(facts.get("epoch", ""))
    return b.menu([(label, ids.option(verb, facts.get("id"), "", epoch)) for label, verb in entries])


# --- the dialogs before what fires at once ---------------------------------------------------------------------------


def _running_step(facts: Facts) -> str:
    run = facts.get("run") or {}
    titles = {s["name"]: s["title"] for s in run.get("steps") or ()}
    return plain(titles.get(run.get("step")) or run.get("step") or "running", 60)


def end_question(facts: Facts) -> Block:
    return b.confirm(
        "End this step now?",
        f"The {_running_step(facts)} step is ended in the middle: what it has done so far stays. Nothing more begins, "
        "and you choose how to go on.",
        "End this step now",
        "Keep going",
    )


def stop_question(facts: Facts) -> Block:
    return b.confirm(
        "Stop this deployment?",
        f"The {_running_step(facts)} step ends first, because stopping in the middle is less safe. After that nothing "
        "more is changed, and you choose how to go on.",
        "Stop after this step",
        "Keep going",
    )


def last_signature(facts: Facts) -> str:
    """What the last signature sets off, in plain words for a dialog."""
    c: dict[str, Any] = facts.get("candidate") or {}
    if facts.get("type") == "hotfix":
        return (
            "Yours is the last signature. It goes to staging at once, and to production as soon as somebody says "
            f"go. Limited tests passed on {c.get('sha', '')[:7]}."
        )
    testers = [name(facts, p) for p in facts.get("members", {}).get("qa", ())]
    asked = f" and {listed(testers, 'or', 2)} is asked to sign it off" if testers else ""
    when = f" on {day_in_words(facts, facts['departs_at'])}" if facts.get("departs_at") else ""
    return (
        f"Yours is the last signature. rc.{c.get('number')} ({c.get('sha', '')[:7]}) goes to staging at "
        f"once{asked}. Production still needs a go{when}."
    )


def approve_question(facts: Facts, *, last: bool, again: bool = False) -> Block:
    c: dict[str, Any] = facts.get("candidate") or {}
    exact = f"You approve exactly rc.{c.get('number')} ({c.get('sha', '')[:7]})."
    text = last_signature(facts) if last else f"{exact} If it changes, I withdraw your approval."
    return b.confirm(f"Approve {facts.get('tag')}{' again' if again else ''}?", text, "Approve", "Not yet")


_QUESTIONS: dict[str, Callable[[Facts], Block]] = {"stop": stop_question}
