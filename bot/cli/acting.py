"""Commands that act as a person: the words of `/release`."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer

from bot.app import App, running
from bot.cli.frame import REFUSED, read_settings, run, say
from bot.cli.store import As, person_of
from bot.cli.words import plain
from bot.settings import Settings
from core.errors import NotFound, ReleaseBotError
from core.usecases.context import Context
from handlers.choosing import to_change
from handlers.commands import given_by
from handlers.middleware import Route, answered
from handlers.moves import fire
from handlers.parsing import parse
from handlers.request import Answer, Message, Request
from handlers.routes import route

TO_ACT = ("PRODUCT_REPO",)
PATIENCE = 20.0
Words = Annotated[str, typer.Argument(help='the same words as after /release, for example "freeze 1.3.0 office move"')]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="release")(release)


def release(words: Words, person: As) -> None:
    """Do what `/release WORDS` does, as this person, through the same gates."""
    run(_release(read_settings(TO_ACT), words, person))


async def _release(settings: Settings, words: str, person: str) -> None:
    async with acting(settings) as app:
        told, refused = await typed(app, words, await _actor(app, person))
        say(told)
        await delivered(app)
    if refused:
        raise typer.Exit(REFUSED)


@asynccontextmanager
async def acting(settings: Settings, *, first: bool = False) -> AsyncIterator[App]:
    """The bot without ears: it acts, delivers what follows, and ends. A running `serve` may deliver it first.

    `first`: where no policy counts yet, the file becomes the first one; else that raises NoPolicyYet.
    """
    async with running(settings, loops=False, listen=False, first=first) as app:
        yield app


async def delivered(app: App) -> None:
    """Deliver what the act leads to; without a token it stays for a process that has one."""
    if app.settings.bot_token:
        await app.settle(PATIENCE)
    elif await app.due():
        say("SLACK_BOT_TOKEN is not set here: what follows is done and told by the next `release-bot serve`.")


async def _actor(app: App, person: str) -> str:
    return person_of(await app.ctx.policy(), person)


async def typed(app: App, words: str, actor: str) -> tuple[str, bool]:
    """The answer to words as text, and whether it was a refusal."""
    return await asked_by(app, words, actor, _without_forms)


async def asked_by(app: App, words: str, actor: str, do: Route) -> tuple[str, bool]:
    """What this route answers to this person, as text, and whether it was a refusal."""
    refused: list[ReleaseBotError] = []

    async def noting(request: Request, ctx: Context) -> Answer:
        try:
            return await do(request, ctx)
        except ReleaseBotError as error:
            refused.append(error)
            raise

    request = Request("command", actor, app.ctx.clock.now(), text=words, key=f"cli:{uuid.uuid4()}")
    answer = await answered(request, app.ctx, noting)
    names = (await app.ctx.policy()).names
    message = answer.private or answer.in_thread
    return (plain(message, names) if message else "Done."), bool(refused)


async def fired_by(app: App, event: str, facts: Mapping[str, Any], given: Mapping[str, object], actor: str) -> bool:
    """Fire an event with what its form would ask for, say what came of it and deliver; whether it was refused."""

    async def do(request: Request, ctx: Context) -> Answer:
        return Answer(private=await fire(request, ctx, event, facts["id"], given=given))

    told, refused = await asked_by(app, f"{event} {facts['version']}", actor, do)
    say(told)
    await delivered(app)
    return refused


async def _without_forms(request: Request, ctx: Context) -> Answer:
    """What the words say is done; where Slack would open a form to ask for more, the gates say what is missing."""
    answer = await route(request, ctx)
    if answer.form is None:
        return answer
    found = parse(request.text, request.now, (await ctx.policy()).zone)
    if found.word is None or not found.word.event:
        raise NotFound(f"`{request.text}` opens a form in Slack; a terminal has none")
    meant = await to_change(ctx, found, found.word.event, request.actor)
    if isinstance(meant, Message):
        return Answer(private=meant)
    return Answer(private=await fire(request, ctx, found.word.event, meant["id"], given=given_by(found, meant)))
