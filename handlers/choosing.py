"""Which release is meant when none is named: the only one possible, or a choice; never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from core.domain.versions import Version
from core.errors import NotFound
from core.usecases import look
from handlers.parsing import Typed, written
from handlers.request import Message
from handlers.views import answers
from handlers.views.asked_words import asked
from handlers.views.lists import picker
from handlers.views.overrides import title_of
from handlers.views.reasons import reason

if TYPE_CHECKING:
    from core.usecases.context import Context

Facts = dict[str, Any]


async def named(ctx: Context, version: str) -> Facts:
    """The release with this number, `next` on the next train, `last` in production. Raises NotFound."""
    if version == "next":
        waiting = [f for f in await look.open_releases(ctx) if f.get("departs_at") and not f.get("live_at")]
        found = min(waiting, key=lambda f: str(f["departs_at"]), default=None)
    elif version == "last":
        found = await look.status_of_production(ctx)
    else:
        parsed = Version.maybe(version)
        found = await look.status(ctx, str(parsed.final) if parsed else version)
    if found is None:
        raise NotFound(f"there is no {version}", version=version)
    return found


async def to_show(ctx: Context, typed: Typed) -> Facts | None:
    """For words that show: the named release, else what leaves soonest, else what production runs."""
    if typed.versions:
        return await named(ctx, typed.versions[-1])
    return await look.status(ctx, None)


async def to_change(ctx: Context, typed: Typed, event: str, actor: str) -> Facts | Message:
    """For words that change: the named release, else the only one where it is possible now, else a choice."""
    if typed.version:
        return await named(ctx, typed.version)
    found = await look.candidates_for(ctx, event, actor)
    if len(found) == 1:
        return found[0]
    if not found:
        return answers.none_for(asked(event), await look.open_releases(ctx))
    found = sorted(found, key=lambda f: str(f.get("departs_at") or ""))
    return picker(asked(event, "it"), found, [line_for(typed, f) for f in found])


def line_for(typed: Typed, facts: Facts) -> str:
    """What the choice runs: the same line with the version in it."""
    first = typed.word.word if typed.word else typed.first
    parts = f"{first} {facts['version']} {typed.rest}".split()
    return " ".join(parts) if typed.rest else written(Typed(first=first, versions=(facts["version"],)))


# --- which item or gate is meant -------------------------------------------------------------------------------------

Spellings = Iterable[tuple[str, str]]  # a spelling of a name, and the name


def of_items(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The items of a release by their names and their titles."""
    return [(said, str(s["name"])) for s in facts.get("signoffs") or () for said in (str(s["name"]), str(s["title"]))]


def of_gates(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The gates that hold a release up, and the overrides that wait, by code, by the item's name and by title."""
    found: list[tuple[str, str]] = []
    rows: list[Mapping[str, Any]] = [*(facts.get("blockers") or ()), *(facts.get("overrides") or ())]
    for row in rows:
        code = str(row.get("code") or "")
        title = title_of(row) if "first" in row else reason(row, dict(facts)).title
        found += [(code, code), (code.partition(".")[2], code), (title, code)]
    return found


def item_meant(text: str, spellings: Spellings, *, whole: bool = False) -> tuple[str, str]:
    """The name with which a text begins, and the rest; ("", text) when it is none or could be several.

    The longest spelling counts, in any case and with or without quotes; the beginning of one only is enough unless
    `whole`.
    """
    words = text.split()
    known = [(_bare(spelling), name) for spelling, name in spellings if spelling]
    for n in range(len(words), 0, -1):
        head = _bare(" ".join(words[:n]))
        found = {name for spelling, name in known if spelling == head}
        if not found and not whole and len(head) > 2:
            found = {name for spelling, name in known if spelling.startswith(head)}
        if len(found) == 1:
            return found.pop(), " ".join(words[n:])
    return "", text


def _bare(text: str) -> str:
    return text.casefold().strip(" \"'“”„:,")
