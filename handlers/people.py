"""What people say about themselves: who stands in for them, when they are away, their hours and mutes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from core.errors import Blocker, Refused
from core.usecases import people
from core.usecases.advance import Ask
from handlers import ids
from handlers.forms import people as forms
from handlers.ground import ground
from handlers.moves import way
from handlers.parsing import Typed
from handlers.request import Answer, Form, Message, Request
from handlers.views import inputs
from handlers.views import people as views
from handlers.views.refusals import at_fields
from handlers.views.writing import plain

if TYPE_CHECKING:
    from core.usecases.context import Context

Use = Callable[["Context", Ask], Awaitable[dict[str, Any]]]
_USES: dict[str, tuple[Use, Callable[[Mapping[str, Any], Mapping[str, Any]], Message]]] = {
    "delegate": (people.delegate, views.lent),
    "away": (people.away, views.gone),
    "settings": (people.settings, views.kept),
}
_FORMS = {"delegate": forms.delegate, "away": forms.away, "settings": forms.settings}
_FIELDS = {"delegate": "to", "away": "last", "settings": "ends"}
_FIELD_OF = {"delegate.past": "until", "delegate.long": "until", "delegate.no_role": "role", "hours": "ends"}
_ENDS = ("off", "none", "stop", "over", "end")


async def typed(request: Request, ctx: Context, found: Typed) -> Answer:
    """`delegate @erika until friday as product manager`, `away 21 dec 4 jan`, `away off`, `settings`."""
    assert found.word is not None
    word, said = found.word.word, found.reason.strip().casefold()
    if said in _ENDS and word != "settings":
        return Answer(private=await fire(request, ctx, word, {"off": True}), home=True)
    given = _given(word, found)
    enough = bool(given.get("to") if word == "delegate" else given.get("last") if word == "away" else False)
    if enough and not said:
        return Answer(private=await fire(request, ctx, word, given), home=True)
    if said:
        given["note"] = f"I could not read “{plain(found.reason, 60)}”. Please say it here."
    return await form(request, ctx, word, given)


def _given(word: str, found: Typed) -> dict[str, str]:
    first = found.when.day.isoformat() if found.when else ""
    last = found.until.day.isoformat() if found.until else ""
    if word == "delegate":
        return {"to": found.people[0] if found.people else "", "until": last or first, "role": found.role}
    return {"first": first, "last": last or first}


async def form(request: Request, ctx: Context, word: str, given: Mapping[str, str] | None = None) -> Answer:
    """The form of one of the words, with what holds already."""
    row, desk = await people.own_row(ctx, request.actor)
    made: Form = _FORMS[word](row, desk, await ground(ctx), given or {}, request.channel)
    return Answer(form=made)


async def fire(request: Request, ctx: Context, word: str, given: Mapping[str, Any]) -> Message:
    """Do it, or raise Refused with every reason."""
    kept = {k: v for k, v in given.items() if v != "" or word == "settings"}
    use, shown = _USES[word]
    result = await use(ctx, Ask(request.actor, word, input=kept, key=request.key or None, via=way(request)))
    return shown(result, await ground(ctx))


async def submitted(request: Request, ctx: Context) -> Answer:
    """A form was sent: what is wrong stands at its field."""
    word = request.callback_id
    given = forms.answers(request.values)
    try:
        message = await fire(request, ctx, word, given)
    except Refused as refused:
        found = [(_field_of(word, blocker, request), blocker) for blocker in refused.blockers]
        return Answer(errors=at_fields(found, await ground(ctx)))
    _, _, title = ids.read_metadata(request.private_metadata)
    return Answer(form=inputs.told(title or "Release Bot", message.blocks), home=True)


def _field_of(word: str, blocker: Blocker, request: Request) -> str:
    field = _FIELD_OF.get(blocker.code, _FIELDS[word])
    return "to" if blocker.code.startswith("delegate.") and field not in request.values else field
