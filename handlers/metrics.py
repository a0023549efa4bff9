"""`/release metrics`: the numbers of a period as text at once, and the chart by message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.metrics.model import Report
from core.errors import NotFound
from core.usecases.addresses import renew_address, send_address
from core.usecases.advance import Ask
from core.usecases.charts import Chart, bring
from core.usecases.metrics import measured, period
from handlers import ids
from handlers.ground import ground
from handlers.parsing import Typed
from handlers.request import Answer, Message, Request
from handlers.views import blocks as b
from handlers.views import metrics as views
from handlers.views import status_page
from handlers.views.marks import DONE
from handlers.views.metrics_picture import alt, picture
from handlers.views.metrics_words import headline
from handlers.views.writing import Facts, who

if TYPE_CHECKING:
    from core.usecases.context import Context

VERBS = ("metrics_post", "metrics_counted", "metrics_behind", "page_renew")


async def shown(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    """The private answer; its chart comes by direct message, because a private answer can hold no file."""
    try:
        report = await _report(ctx, typed.reason)
    except NotFound as odd:
        return views.no_period(str(odd))
    known, budget = await ground(ctx), await _budget(ctx)
    drawn = bool(report.points) and request.kind != "mention" and not request.key.startswith("cli:")
    if drawn:
        text = views.above(report, known, budget)
        await bring(ctx, _ask(request), f"dm:{request.actor}", await _chart(ctx, report, text))
    return views.metrics(report, known, budget, chart=drawn, here=bool(request.channel))


async def page(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    """The address of the status page comes by direct message."""
    await send_address(ctx, Ask(request.actor, "page", key=request.key or None), "page")
    return status_page.sent(renewed=False)


async def pressed(request: Request, ctx: Context, verb: str, target: ids.Target) -> Answer:
    """The buttons below the numbers and below an address; a period that was valid then is still one."""
    if verb == "page_renew":
        await renew_address(ctx, Ask(request.actor, verb, key=request.key or None, via="button"), "page")
        return Answer(private=status_page.sent(renewed=True))
    report = await _report(ctx, target.item)
    if verb == "metrics_counted":
        return Answer(private=views.how_counted(report))
    if verb == "metrics_behind":
        return Answer(private=views.behind(report))
    return Answer(private=await _post(request, ctx, report))


async def _post(request: Request, ctx: Context, report: Report) -> Message:
    """Reading and chart into the channel where it was asked."""
    if not request.channel:
        text = "There is no channel here. Type `/release metrics` in the one where it should stand."
        return b.message(text.replace("`", ""), b.section(text))
    known = await ground(ctx)
    said = views.posted(report, known, await _budget(ctx), who(known, request.actor))
    told = {"text": said.text, "blocks": said.blocks}
    await bring(ctx, _ask(request), f"channel:{request.channel}", await _chart(ctx, report), told)
    text = f"I post it here: {headline(report)}."
    member = "I have to be a member of this channel: where nothing comes, invite me and press again."
    return b.message(text, b.section(f"{DONE} {text}"), b.context(member))


def _ask(request: Request) -> Ask:
    return Ask(request.actor, "metrics", key=request.key or None)


async def _report(ctx: Context, text: str) -> Report:
    """Raises NotFound for what is no period, or none of which there could be numbers."""
    return await measured(ctx, await period(ctx, text))


async def _chart(ctx: Context, report: Report, text: str = "") -> Chart:
    return Chart(picture(report, (await ctx.policy()).zone), headline(report), alt(report), text)


async def _budget(ctx: Context) -> int:
    return (await ctx.policy()).noise.channel_posts
