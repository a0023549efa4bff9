"""The notes: shown, opened as a form with tabs and pages, and kept; of two people who edit at once neither loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from core.domain.notes.refs import matching
from core.errors import Refused
from core.usecases import look
from core.usecases.advance import Ask
from core.usecases.notes import standing
from core.usecases.propose import propose
from handlers import ids
from handlers.forms import adding, notes_answers, texts
from handlers.forms import notes as pages
from handlers.forms.notes import Sheet
from handlers.forms.notes_lines import KNOWN, entries_of
from handlers.moves import fire
from handlers.request import Answer, Form, Message, Request
from handlers.shows import notes_for
from handlers.views import answers, content, inputs, notes, voices
from handlers.views import blocks as b
from handlers.views.marks import DONE, LOOK
from handlers.views.notes_words import HEADING_WORDS, typed_heading
from handlers.views.reasons import as_fact, reason
from handlers.views.writing import Facts, counted, plain, said
from handlers.words import nearest

if TYPE_CHECKING:
    from core.usecases.context import Context
    from handlers.parsing import Typed

FORMS = ("notes", "classify", "words", "adding")  # the callback ids of what is sent here
VERBS = ("notes_form", "notes_tab", "notes_page", "classify", "mend")
_FIRST_SEND = f"{LOOK} *Send these words first, or close the form without them*, then go on."


async def sheet_of(ctx: Context, facts: Facts, person: str) -> Sheet | None:
    """What the form is drawn from; who may not edit the notes does not read what is hidden until the release."""
    found = await standing(ctx, int(facts["id"]))
    if found is None:
        return None
    now = entries_of(found.draft, found.full, found.edits)
    if not look.may(facts, person, "notes"):
        now = {i: e for i, e in now.items() if not e.embargoed}
    return Sheet(facts, found.draft, found.notes, now)


# --- opened ----------------------------------------------------------------------------------------------------------


async def opened(
    request: Request, ctx: Context, facts: Facts, tab: str = "", page: int = 0, *, note: str = "",
    given: Mapping[str, str] | None = None,
) -> Form | Message:  # fmt: skip
    """A tab of the form: everyone (its pages), stakeholders or support."""
    if tab in (texts.STAKEHOLDERS, texts.SUPPORT):
        return texts.form(facts, tab, request.channel, given=given, note=note)
    sheet = await sheet_of(ctx, facts, request.actor)
    return notes.being_read(facts) if sheet is None else pages.form(sheet, page, request.channel, note=note)


async def one(request: Request, ctx: Context, facts: Facts, item: str, *, text: str = "") -> Form | Message:
    """The form of one change."""
    sheet = await sheet_of(ctx, facts, request.actor)
    if sheet is None:
        return notes.being_read(facts)
    if item not in sheet.now or item not in {i.id for i in sheet.draft.items}:
        line = f"“{plain(item, 60)}” is no change of {plain(facts.get('tag', ''))}."
        return b.message(line, b.section(said(line, 200)), b.actions(notes.edit_button(facts), block_id="do"))
    return pages.one(sheet, item, request.channel, text=text)


async def pressed(request: Request, ctx: Context, verb: str, target: ids.Target, facts: Facts) -> Form | Message:
    """A button of the notes or in their form; words that were typed and not sent are never lost."""
    _, channel, before = ids.read_metadata(request.private_metadata)
    asked = replace(request, channel=channel or request.channel)
    if verb == "classify" and target.item:
        return await one(asked, ctx, facts, target.item)
    if verb in ("notes_form", "classify"):
        return await opened(asked, ctx, facts)
    if verb == "mend":
        return await opened(asked, ctx, facts, target.item or texts.STAKEHOLDERS)
    if request.callback_id in FORMS and (unsent := await _unsent(asked, ctx, facts, before)):
        return unsent
    if verb == "notes_page":
        return await opened(asked, ctx, facts, page=int(target.item) if target.item.isdecimal() else 0)
    return await opened(asked, ctx, facts, target.item)


async def _unsent(request: Request, ctx: Context, facts: Facts, before: str) -> Form | None:
    """The same form with its words, when something in it was changed and not sent."""
    if request.callback_id == "words":
        here, _, _ = ids.read_metadata(request.private_metadata)
        mine, _ = texts.read(facts, request.values, before)
        return texts.form(facts, here.item, request.channel, given=mine, note=_FIRST_SEND) if mine else None
    sheet = await sheet_of(ctx, facts, request.actor)
    if sheet is None:
        return None
    found = notes_answers.read(sheet, request.values, before)
    if not found.touched and not found.errors:
        return None
    page = _page(request)
    return pages.form(sheet, page, request.channel, note=_FIRST_SEND, shown=found.touched)


def _page(request: Request) -> int:
    target, _, _ = ids.read_metadata(request.private_metadata)
    number = target.item.removeprefix("page:")
    return int(number) if number.isdecimal() else 0


# --- sent ------------------------------------------------------------------------------------------------------------


async def submitted(request: Request, ctx: Context) -> Answer:
    """A form of the notes was sent."""
    target, channel, before = ids.read_metadata(request.private_metadata)
    if request.callback_id == "adding":
        return await _add(request, ctx, target)
    facts = await look.by_id(ctx, target.release or 0)
    asked = replace(request, channel=channel)
    if request.callback_id == "words":
        return await _texts(asked, ctx, facts, before)
    sheet = await sheet_of(ctx, facts, request.actor)
    if sheet is None:
        return Answer(private=notes.being_read(facts))
    if request.callback_id == "classify":
        return await _one(asked, ctx, sheet, target.item, before)
    found = notes_answers.read(sheet, request.values, before)
    if found.errors:
        return Answer(errors=found.errors)
    if found.both:
        note = notes_answers.difference(sheet, found)
        return Answer(form=pages.form(sheet, _page(request), channel, note=note, shown=found.touched))
    return await _kept(asked, ctx, sheet, found)


async def _one(request: Request, ctx: Context, sheet: Sheet, ident: str, before: str) -> Answer:
    if ident not in sheet.now:
        return Answer(private=notes.being_read(sheet.facts))
    found = notes_answers.read_one(sheet, ident, request.values, before)
    if found.both:
        note = notes_answers.difference(sheet, found)
        return Answer(form=pages.one(sheet, ident, request.channel, note=note, shown=found.touched[ident]))
    return await _kept(request, ctx, sheet, found)


async def _kept(request: Request, ctx: Context, sheet: Sheet, found: notes_answers.Answers) -> Answer:
    """Each change is kept by itself; the window says what was kept, what was not, and shows the notes."""
    done, problems = 0, []
    for ident, entry in found.touched.items():
        key = f"{request.key}:{ident}" if request.key else ""
        given = notes_answers.asked(sheet.now[ident], entry)
        try:
            await fire(replace(request, key=key), ctx, "classify", int(sheet.facts["id"]), given=given)
            done += 1
        except Refused as refused:
            if not done:
                raise
            problems += [as_fact(x) for x in refused.blockers]
    facts = await look.by_id(ctx, int(sheet.facts["id"]))
    words = [f"{LOOK} {r.title}: {r.detail}" for r in (reason(x, facts) for x in problems)]
    head = f"{DONE} *{counted(done, 'change')} kept.*" if done else "*Nothing was changed.*"
    after = await notes_for(ctx, facts, "")
    blocks = [b.section(head), b.section("\n".join(words)) if words else None, *after.blocks]
    return Answer(form=inputs.told(f"Notes of {plain(facts['tag'])}", b.surface(*blocks)), home=True)


async def _add(request: Request, ctx: Context, target: ids.Target) -> Answer:
    """A message becomes a line: below what stands there at this moment, so nothing is overwritten."""
    release, place, text = adding.read(request.values, target)
    facts = await look.by_id(ctx, release)
    if not look.may(facts, request.actor, "notes"):
        said_ = {"place": place, "text": text}
        asked = Ask(request.actor, "propose_line", release, input=said_, key=request.key or None, via="form")
        lead = await propose(ctx, asked)
        return Answer(form=inputs.told(f"Notes of {plain(facts['tag'])}", voices.proposed(facts, lead).blocks))
    if place == KNOWN:
        found = await standing(ctx, release)
        old = found.edits[KNOWN].text if found and KNOWN in found.edits else ""
        given = {"item": KNOWN, "text": "\n".join(filter(None, (old, text)))}
        message = await fire(request, ctx, "classify", release, given=given)
    else:
        message = await fire(request, ctx, "words", release, given=adding.added(facts, place, text))
    return Answer(form=inputs.told(f"Notes of {plain(facts['tag'])}", b.surface(*message.blocks)), home=True)


async def _texts(request: Request, ctx: Context, facts: Facts, before: str) -> Answer:
    target, _, _ = ids.read_metadata(request.private_metadata)
    mine, both = texts.read(facts, request.values, before)
    if both:
        note = texts.difference(facts, both, mine)
        return Answer(form=texts.form(facts, target.item, request.channel, given=mine, note=note))
    if mine:
        message = await fire(request, ctx, "words", int(facts["id"]), given=mine)
        facts = await look.by_id(ctx, int(facts["id"]))
        head = message.blocks
    else:
        head = [b.section("*Nothing was changed.*")]
    blocks = [*head, b.divider(), *content.notes(facts, target.item).blocks]
    return Answer(form=inputs.told(f"Texts of {plain(facts['tag'])}", b.surface(*blocks)), home=True)


# --- typed -----------------------------------------------------------------------------------------------------------


async def typed(request: Request, ctx: Context, found: Typed, facts: Facts) -> Answer:
    """`classify #331 improvement Faster search`: without a heading or words the form."""
    heading, words = typed_heading(found.reason)
    if not found.ref or (heading is None and not words):
        form = await (one(request, ctx, facts, found.ref) if found.ref else opened(request, ctx, facts))
        return Answer(form=form) if isinstance(form, Form) else Answer(private=form)
    if heading is None and len(words.split()) == 1 and (meant := nearest(words.casefold(), HEADING_WORDS)):
        before = f"classify {plain(facts['tag']).removeprefix('v')} {found.ref}"
        return Answer(private=answers.unknown_word(words, meant, "", before))  # one word is no line of the notes
    sheet = await sheet_of(ctx, facts, request.actor)
    given: dict[str, object] = {"item": _ident(sheet, found.ref)}
    if heading is not None:
        given["heading"] = heading.value
    if words:
        given["text"] = words
    return Answer(private=await fire(request, ctx, "classify", int(facts["id"]), given=given))


def _ident(sheet: Sheet | None, ref: str) -> str:
    """The item that a reference means: itself, one of its keys or the start of its commit."""
    if sheet is None:
        return ref
    return next((i.id for i in matching(sheet.draft.items, ref)), ref)
