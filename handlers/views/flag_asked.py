"""What people read who agree to a change of a flag or look at one afterwards, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.domain.flags.guarding import GUARDED
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import flag_words as w
from handlers.views.flag_words import LACKS, change_of, wanted_of, whom_of
from handlers.views.marks import DONE, LOOK, WAITS
from handlers.views.writing import Data, Facts, date_token, listed, mention, quoted, said, spoken, who


def answer_buttons(data: Data) -> tuple[Block, Block]:
    """Agree or refuse; both name what was shown."""
    value = ids.value(None, str(data["id"]), str(data["digest"]))
    return (
        b.button("Agree", "flag_agree", value, primary=True, about=f"Agree to the change of {data['flag']}"),
        b.button("Refuse…", "flag_refuse", value, about=f"Refuse the change of {data['flag']}"),
    )


def review_button(id: str, flag: str) -> Block:
    return b.button("Review…", "flag_review", ids.value(None, id), about=f"Review the change of {flag}")


def row(data: Data, facts: Facts) -> Block:
    """Something about a flag that waits for a person, for Home; agreeing shows first what it is."""
    data = {**LACKS, **data}
    since, number = date_token(facts, data["at"]), f"wait.{data['id']}"
    if data["kind"] == "review":
        line = f"{w.name_of(data)} · {who(facts, data['actor'])} changed it in production alone, {since}\nWas it right?"
        return b.section(line, number, review_button(str(data["id"]), str(data["flag"])))
    line = f"{w.name_of(data)} · {who(facts, data['actor'])} wants to {wanted_of(data)}, asked {since}"
    return b.section(line, number, w.show_button(str(data["flag"]), "Look and decide"))


def _then(data: Data) -> str:
    return " → ".join(f"{share} %" for share in data["steps"]) if data["steps"] else whom_of(data["becomes"])


def _asked(data: Data, facts: Facts, person: str) -> Message:
    """To everybody who may agree: exactly what would change."""
    line = f"{WAITS} {who(facts, data['actor'])} wants to {wanted_of(data)}{w.why_of(data)}"
    agree, refuse = answer_buttons(data)
    return b.message(
        spoken(line, facts),
        b.section(line + w.by_name(data), "what"),
        b.fields([("Now", whom_of(data["was"])), ("Then", _then(data))], "facts"),
        b.context("It takes a second person. Nothing changes before one of you agrees; the others need not answer."),
        b.context(f"{LOOK} There is a freeze: agreeing breaks the glass, and a third person looks at it afterwards.")
        if data.get("glass")
        else None,
        b.actions(agree, refuse, w.show_button(str(data["flag"])), block_id="do"),
    )


ANSWERS = {
    "agreed": DONE + " {p} agreed: {what} is done.",
    "refused": LOOK + " {p} refused your change of {flag}{w}",
    "stale": LOOK + " {p} agreed, but {flag} was changed meanwhile, so nothing was done. Look at it and ask again.",
}


def _answered(data: Data, facts: Facts, person: str) -> Message:
    """To who asked."""
    words = f": {quoted(data['words'], 500)}" if data.get("words") else "."
    line = ANSWERS.get(str(data["answer"]), ANSWERS["stale"]).format(
        p=who(facts, str(data["second"])), flag=w.name_of(data), w=words, what=f"the change of {w.name_of(data)}"
    )
    return b.message(
        spoken(line, facts), b.section(line, "what"), b.actions(w.show_button(str(data["flag"])), block_id="do")
    )


def _review_asked(data: Data, facts: Facts, person: str) -> Message:
    """To everybody who may look at it afterwards."""
    pair = listed([w.by_of(facts, p) for p in (data["actor"], data.get("second")) if p])
    when = date_token(facts, data["at"])
    head = "Still open: " if data.get("again") else ""
    line = f"{WAITS} {head}{pair} {change_of(data)}, {when}{w.why_of(data)}"
    alone = "In a freeze, by break-glass." if data.get("second") else "It did not wait for a second person."
    return b.message(
        spoken(line, facts),
        b.section(line, "what"),
        b.context(f"{alone} Was it right, and what follows? I ask again until somebody has looked."),
        b.actions(review_button(str(data["id"]), str(data["flag"])), w.show_button(str(data["flag"])), block_id="do"),
    )


def _reviewed(data: Data, facts: Facts, person: str) -> Message:
    mark, right = (DONE, "it was right") if data["right"] else (LOOK, "it was not right")
    by, follows = who(facts, str(data["by"])), quoted(data["follows"], 500)
    line = f"{mark} {by} looked at your change of {w.name_of(data)}: {right}. {follows}"
    return b.message(spoken(line, facts), b.section(line, "what"))


def _stays_dm(data: Data, facts: Facts, person: str) -> Message:
    line = w.stays(data, facts)
    return b.message(spoken(line, facts), b.section(line, "what"), w.ways("flag_stays", data))


def _message(write: Callable[[Data, Facts, str], Message]) -> Callable[[Data, Facts, str], Message]:
    return lambda data, facts, person: write({**LACKS, **data}, facts, person)


MOMENTS: dict[str, Callable[[Data, Facts, str], Message]] = {
    "flag_asked": _message(_asked),
    "flag_answered": _message(_answered),
    "flag_review_asked": _message(_review_asked),
    "flag_reviewed": _message(_reviewed),
    "flag_stays": _message(_stays_dm),
}


def done(result: dict[str, Any], known: Facts) -> Message:
    """The private answer to who changed it, or asked for it."""
    flag = str(result["flag"])
    if result.get("same"):
        told = whom_of(result["becomes"])
        line = f"{w.name_of(result)} is that way already in {said(result['environment'])}: {told}."
    elif result["done"]:
        line = f"{DONE} You {change_of(result)}."
        if result["environment"] == GUARDED:
            line += " Somebody else looks at it afterwards."
    else:
        people = listed([mention(known, str(p)) for p in result["people"]], "or", 3)
        line = f"{WAITS} I asked {people} to agree: {wanted_of(result)}. Nothing changes before."
    return b.message(spoken(line, known), b.section(line), b.actions(w.show_button(flag), block_id="do"))


def answered(result: dict[str, Any], known: Facts) -> Message:
    """The private answer to who agreed or refused."""
    name, by = w.name_of(result), who(known, str(result["actor"]))
    if result.get("late"):
        what = {"agreed": "had agreed", "refused": "had refused"}.get(str(result["answer"]))
        first = who(known, str(result["second"]))
        line = f"{first} {what} already; nothing is left to do." if what else (
            f"{LOOK} {name} was changed meanwhile, so this is about nothing any more."
        )  # fmt: skip
    elif result["answer"] == "stale":
        line = f"{LOOK} {name} was changed since {by} asked, so nothing was done. {by} hears of it."
    elif result["answer"] == "refused":
        line = f"You refused. {name} stays as it is, and {by} hears of it."
    else:
        line = f"{DONE} You agreed with {by}: {wanted_of(result)}. It is done."
    return b.message(spoken(line, known), b.section(line), b.actions(w.show_button(str(result["flag"])), block_id="do"))
