"""The texts for stakeholders and support as tabs of the notes form; each field changes only when it was touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers import ids
from handlers.forms.notes import tabs
from handlers.forms.notes_lines import digest, read_basis
from handlers.forms.recipe import Field, Known, Recipe, build
from handlers.request import Form
from handlers.views.marks import LOOK
from handlers.views.writing import Facts, plain, quoted, who

STAKEHOLDERS, SUPPORT = "stakeholders", "support"
_LISTS = ("gets", "new", "solved", "known_issues")  # one entry per line


def standing(facts: Facts, name: str) -> str:
    """The text as it is kept now."""
    texts = facts.get("texts") or {}
    value = next((texts[a][name] for a in (STAKEHOLDERS, SUPPORT) if name in (texts.get(a) or {})), "")
    return "\n".join(value) if isinstance(value, list | tuple) else str(value or "")


def _text(name: str, label: str, hint: str = "", *, line: bool = False) -> Field:
    kept = lambda facts, known: standing(facts, name)  # noqa: E731  (a field's first words)
    return Field(name, label, "line" if line else "text", optional=True, hint=hint, initial=kept)


FIELDS: dict[str, tuple[Field, ...]] = {
    STAKEHOLDERS: (
        _text("gets", "What customers get", "One per line, without commits or branches"),
        _text("better", "Also better"),
        _text("good_to_know", "Good to know"),
    ),
    SUPPORT: (
        _text("new", "New for customers", "One per line: where to click"),
        _text("solved", "Solved"),
        _text("known_issues", "May still come up"),
        _text("workaround", "What helps"),
        _text("downtime", "Downtime", line=True),
        _text("contact", "Contact", line=True),
        _text(
            "say", "What to say to a customer", "A promise about charges, data or time needs the product manager"
        ),
    ),
}
_BY_NAME = {f.name: f for fields in FIELDS.values() for f in fields}
_AFTER = "They are posted as they stand here; a scope that is read again does not change them."


def recipe(audience: str) -> Recipe:
    """The questions for one audience."""
    return Recipe("words", "Texts of {tag}", "Keep them", FIELDS[audience], after=_AFTER)


def form(
    facts: Facts, audience: str, channel: str = "", *, given: Mapping[str, str] | None = None, note: str = ""
) -> Form:
    """One tab; `given` are words that were typed before and stand in it again."""
    known: Known = {"given": dict(given or {})}
    audience = audience if audience in FIELDS else STAKEHOLDERS
    asked = recipe(audience)
    made = build(asked, facts, ids.Target(facts.get("id"), audience), known, channel, note)
    stands = {f.name: _as_shown(facts, f.name) for f in asked.fields}
    for block in made.blocks:
        if block.get("block_id") in stands:  # a new text needs a new block, or Slack keeps what was typed into the old
            name = block["block_id"]
            drawn = block["element"].get("initial_value", "")
            block["block_id"] = block["element"]["action_id"] = f"{name}.{digest(drawn, 5)}"
    target, _, _ = ids.read_metadata(made.private_metadata)
    base = "".join(digest(n, 4) + digest(text, 5) for n, text in stands.items())
    return replace(
        made,
        blocks=[tabs(facts, audience), *made.blocks],
        private_metadata=ids.metadata(replace(target, item=audience), channel, base),
    )


def read(facts: Facts, values: Mapping[str, Any], before: str) -> tuple[dict[str, str], list[str]]:
    """(what this person changed, the names of fields that somebody else changed meanwhile)."""
    base, touched, both = read_basis(before), {}, []
    for block, value in values.items():
        name = block.partition(".")[0]
        text, now = _clean(name, str(value or "")), _as_shown(facts, name)
        was = base.get(digest(name, 4), digest(now, 5))
        if digest(text, 5) == was or text == now:
            continue
        touched[name] = text
        if digest(now, 5) != was:
            both.append(name)
    return touched, both


def _as_shown(facts: Facts, name: str) -> str:
    """As much of it as the field holds."""
    line = name in _BY_NAME and _BY_NAME[name].kind == "line"
    return _clean(name, standing(facts, name)[: 200 if line else 3000])


def _clean(name: str, text: str) -> str:
    kept = text.strip().replace("\r\n", "\n")
    return "\n".join(line.strip() for line in kept.splitlines() if line.strip()) if name in _LISTS else kept


def difference(facts: Facts, both: list[str], mine: Mapping[str, str]) -> str:
    """What somebody else wrote into the same fields."""
    by = who(facts, str((facts.get("texts") or {}).get("edited_by") or "")) or "Somebody"
    lines = [f"• {plain(_BY_NAME[n].label if n in _BY_NAME else n)}: {quoted(standing(facts, n), 200)}" for n in both]
    return (
        f"{LOOK} *{by} changed the same while this form was open.* Your words are still here; nothing was kept yet. "
        "What you send now counts.\n" + "\n".join(lines)
    )
