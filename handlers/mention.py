"""`@Release Bot why`: the same words in threads, where commands do not work; a card's thread names the release."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.usecases import look
from core.usecases.thread import release_of
from handlers import commands, ids
from handlers.parsing import parse
from handlers.patience import for_all
from handlers.request import Answer, Form, Message, Request
from handlers.views import blocks as b
from handlers.views.pressing import verb_of

if TYPE_CHECKING:
    from core.usecases.context import Context


async def mentioned(request: Request, ctx: Context) -> Answer:
    """What only shows is said in the thread for all; what changes something is answered to the person alone."""
    release = await release_of(ctx, request.channel, request.thread_ts)
    facts = await look.by_id(ctx, release) if release else None
    text = request.text or ("status" if facts else "")
    answer = await commands.line(request, ctx, text, facts)
    found = parse(text, request.now, "UTC")
    if answer.form:
        return Answer(private=_button_for(answer.form))
    if answer.private and found.word and found.word.show:
        return for_all(answer)
    return replace(answer, form=None)


def _button_for(form: Form) -> Message:
    """A mention cannot open a form, so a button does."""
    target, _, _ = ids.read_metadata(form.private_metadata)
    verb = {"notes": "notes_form", "scope": "scope_form"}.get(form.callback_id, verb_of(form.callback_id))
    text = f"{form.title}: this needs a few words, so here is its form."
    return b.message(
        text,
        b.section(text),
        b.actions(b.button("Open the form", verb, target.value(), primary=True), block_id="do"),
    )
