"""A form as data: its questions, what follows from the answers, and how both are read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Literal

from core.domain.calendar import wall
from core.domain.gates.people import REASON
from handlers import ids
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.pressing import subject_of
from handlers.views.writing import Facts, plain

Known = Mapping[str, Any]  # what the questions need besides the facts: trains, others, given words
Choices = Callable[[Facts, Known], Sequence[inputs.Choice]]
LEAST, MOST = REASON


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `name` is its block id and the name of the answer in the use case's input."""

    name: str
    label: str
    kind: Literal["line", "text", "select", "radio", "day", "clock", "person"] = "text"
    optional: bool = False
    hint: str = ""
    choices: Choices | None = None
    initial: Callable[[Facts, Known], str] | None = None
    least: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """`title` and `submit` may hold {tag}; `lead` says what this is about, `after` what follows, in markup."""

    event: str
    title: str
    submit: str
    fields: tuple[Field, ...]
    lead: Callable[[Facts, Known], str] | None = None
    after: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)  # code of a blocker -> the field at which it is said


def _first(options: Choices) -> Callable[[Facts, Known], str]:
    """The only choice is chosen already; of several none is."""

    def pick(facts: Facts, known: Known) -> str:
        item = str(known.get("item") or "")
        found = list(options(facts, known))
        if any(value == item for _, value in found):
            return item
        return found[0][1] if len(found) == 1 else ""

    return pick


def select_of(field: str, label: str, options: Choices, **more: object) -> Field:
    """A question with a few choices, where the only one is chosen already."""
    return Field(field, label, "select", choices=options, initial=_first(options), **more)  # type: ignore[arg-type]


def why(label: str = "Why?", hint: str = "Shown in the thread and kept in the record") -> Field:
    """The question behind every act that needs a reason."""
    return Field("reason", label, hint=hint, least=LEAST)


def build(recipe: Recipe, facts: Facts, target: ids.Target, known: Known, channel: str = "", note: str = "") -> Form:
    """The form; `known["given"]` holds words that were typed or sent before, so that none is lost."""
    tag = plain(facts.get("tag", ""))
    given: Mapping[str, str] = known.get("given") or {}
    lead = recipe.lead(facts, known) if recipe.lead else ""
    parts: list[Block | None] = [b.section(note, "note") if note else None, b.section(lead, "about") if lead else None]
    parts += [_input(f, facts, known, given) for f in recipe.fields]
    parts.append(b.context(recipe.after) if recipe.after else None)
    subject = target.subject or subject_of(facts, recipe.event)
    memory = ids.metadata(ids.Target(facts.get("id"), target.item, subject), channel)
    return inputs.form(recipe.title.format(tag=tag), recipe.event, memory, parts, submit=recipe.submit.format(tag=tag))


def _input(f: Field, facts: Facts, known: Known, given: Mapping[str, str]) -> Block | None:
    first = str(given.get(f.name) or "") or (f.initial(facts, known) if f.initial else "")
    label = f.label.format(tag=plain(facts.get("tag", "")))
    if f.kind in ("select", "radio"):
        choices = list(f.choices(facts, known)) if f.choices else []
        if not choices:
            return None
        if f.kind == "select":
            return inputs.select(f.name, label, choices, initial=first, optional=f.optional, hint=f.hint)
        return inputs.radio(f.name, label, choices, initial=first, hint=f.hint)
    if f.kind == "day":
        return inputs.day(f.name, label, initial=first, optional=f.optional, hint=f.hint)
    if f.kind == "clock":
        return inputs.clock(f.name, label, initial=first, optional=f.optional, hint=f.hint)
    if f.kind == "person":
        return inputs.person(f.name, label, initial=first, optional=f.optional, hint=f.hint)
    return inputs.text(f.name, label, lines=f.kind == "text", initial=first, optional=f.optional, hint=f.hint)


def read(
    recipe: Recipe, values: Mapping[str, Any], zone: str, at: str = "10:00"
) -> tuple[dict[str, object], dict[str, str]]:
    """The answers as the use case's input, and words for the fields that need mending."""
    given: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for f in recipe.fields:
        value = values.get(f.name)
        text = value.strip() if isinstance(value, str) else ""
        if f.name not in values or (f.kind == "clock" and f.name.endswith("_at")):
            continue  # a time belongs to its day
        if f.kind == "text" and f.least and (len(text) < f.least or len(text) > MOST):
            if text or not f.optional:
                wrong[f.name] = f"Please say it in {f.least} to {MOST:,} characters; these are {len(text):,}."
            continue
        if f.kind == "day" and text:
            instant = _instant(text, str(values.get(f"{f.name}_at") or at), zone)
            if instant:
                given[f.name] = instant
            else:
                wrong[f.name] = "Please choose a day of this century."
            continue
        given[f.name] = text
    return given, wrong


def _instant(day: str, at: str, zone: str) -> str:
    """The instant as ISO text; "" for a day that no release is planned for."""
    if not day.startswith("20"):
        return ""
    return wall(date.fromisoformat(day), time.fromisoformat(at), zone).isoformat()
