"""`tag`: a version's tag with the gates of its release where one is open, else outside a release."""

from __future__ import annotations

import getpass
import os
from typing import Annotated

import typer
from git import Git
from git.exc import GitCommandError

from bot.app import App
from bot.cli.acting import acting, delivered, typed
from bot.cli.frame import REFUSED, fail, read_settings, run, say
from bot.cli.store import As, person_of
from bot.cli.words import in_words
from core.domain.versions import Version
from core.errors import Refused
from core.usecases import look
from core.usecases.outside import OPERATOR, tag_outside
from core.usecases.printing import of_version

Notes = Annotated[str, typer.Argument(help="the release notes; left out, the final draft of this version")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="tag")(tag)


def tag(version: str, notes: Notes = "", person: As = "") -> None:
    """Tag a version: with an open release through its gates (go, or the next candidate), else outside a release.

    Who acts is --as, RELEASE_BOT_AS, or the person of the policy with git's user.email.
    """
    settings = read_settings(("PRODUCT_REPO",))
    number = Version.parse(version)

    async def work() -> bool:
        async with acting(settings, first=True) as app:  # a tag is an act, and the repository is all it needs
            actor = person_of(await app.ctx.policy(), person) if person else await known(app)
            facts = await look.status(app.ctx, str(number.final))
            if facts is not None and facts["phase"] not in ("closed", "cancelled"):
                refused = await _through_the_gates(app, number, actor)
            else:
                refused = await _outside(app, number, notes, actor or f"{OPERATOR}{getpass.getuser()}")
            await delivered(app)
        return refused

    if run(work()):
        raise typer.Exit(REFUSED)


async def known(app: App) -> str:
    """The person of the policy whom this shell belongs to, or ""."""
    policy = await app.ctx.policy()
    if name := os.environ.get("RELEASE_BOT_AS"):
        return person_of(policy, name)
    mail = os.environ.get("GIT_AUTHOR_EMAIL") or _git_mail()
    found = [p.slack for p in policy.people.values() if mail.casefold() in (m.casefold() for m in p.emails)]
    return found[0] if mail and found else ""


def _git_mail() -> str:
    try:
        return str(Git().config("--get", "user.email"))
    except GitCommandError:
        return ""


async def _through_the_gates(app: App, number: Version, actor: str) -> bool:
    if not actor:
        fail("Who are you? A release of this number is open: add --as priya, or set RELEASE_BOT_AS for scripts.", 2)
    told, refused = await typed(app, f"{'candidate' if number.rc else 'go'} {number.final}", actor)
    say(told)
    return refused


async def _outside(app: App, number: Version, notes: str, actor: str) -> bool:
    body = notes
    if not notes and not number.rc:
        body = (await of_version(app.ctx, number)).markdown()
    try:
        done = await tag_outside(app.ctx, number, notes, actor, body)
    except Refused as refused:
        say(await in_words(app.ctx, refused, actor))
        return True
    say(f"{done.order.tag} is on {done.branch} at {done.order.sha[:7]}, outside a release. The team is told.")
    if done.beside:
        are = "is" if len(done.beside) == 1 else "are"
        say(
            f"Look: {' and '.join(done.beside)} {are} on the same commit, so {done.order.tag} holds nothing that was "
            "not released before."
        )
    if done.page:
        say(f"Its page: {done.page}")
    return False
