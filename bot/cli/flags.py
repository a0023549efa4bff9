"""`flags`: create feature flags, set them in an environment, rename and archive them, and see them all."""

from __future__ import annotations

import getpass
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from bot.app import App
from bot.cli.acting import TO_ACT, acting
from bot.cli.frame import REFUSED, fail, read_settings, run, say
from bot.cli.store import person_of
from bot.cli.tagging import known
from bot.cli.words import in_words
from core.domain.flags.model import ENVIRONMENTS, KINDS, Kind, Setting
from core.domain.flags.reading import constraints, rules_of
from core.errors import Refused
from core.store import flags as rows
from core.store.flags import Stored, Usage
from core.usecases import flags
from core.usecases.flags import Change, Wanted
from core.usecases.outside import OPERATOR
from handlers.views.flag_words import whom
from handlers.views.writing import counted

LARGEST_RULES = 1024 * 1024
Name = Annotated[str, typer.Argument(help="the name that products ask for")]
Who = Annotated[str, typer.Option("--as", help="who acts; else RELEASE_BOT_AS or git's user.email")]
With = Annotated[str, typer.Option("--with", help="the second person, who agrees; production needs one")]
Where = Annotated[str, typer.Option("--in", help=", ".join(ENVIRONMENTS))]
Why = Annotated[str, typer.Option(help="why; it stands in the record")]
Json = Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True, help="a file in Unleash's form")]
Do = Callable[[App, str, str], Awaitable[str]]  # app, actor, second person -> what is said


def add_to(cli: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Feature flags and whom they are on for.")
    for name, command in (
        ("list", list_), ("create", create), ("set", set_), ("rename", rename), ("archive", archive),
        ("segment", segment),
    ):  # fmt: skip
        group.command(name=name)(command)
    cli.add_typer(group, name="flags")


def list_(environment: Annotated[str, typer.Option("--in", help="only there")] = "") -> None:
    """Show all flags, whom they are on for in each environment, and how often they were asked for."""
    _known_environment(environment, "")

    async def shown(app: App, *_: str) -> str:
        found = await flags.listed(app.ctx)
        lines: list[str] = []
        for place in [environment] if environment else reversed(ENVIRONMENTS):
            async with app.ctx.store.database.reader.connect() as conn:
                used = await rows.usage(conn, place)
            lines.append(f"{place}:")
            lines += [f"  {_line(one, [u for u in used if u.name == one.flag.name])}" for one in found[place]]
        return "\n".join(lines) if any(found.values()) else "There are no flags yet."

    _run(shown)


def create(
    name: Name,
    kind: Annotated[str, typer.Option(help=", ".join(KINDS))],
    owner: Annotated[str, typer.Option(help="who decides about it: a person of the policy, else who acts")] = "",
    about: Annotated[str, typer.Option(help="what it switches")] = "",
    person: Who = "",
) -> None:
    """Make a flag. It is off everywhere."""

    async def made(app: App, actor: str, _: str) -> str:
        decides = person_of(await app.ctx.policy(), owner) if owner else actor
        flag = await flags.create(app.ctx, Wanted(name, cast(Kind, kind), decides, about, actor))
        return f"{flag.name} is made, and off everywhere."

    _run(made, person)


def set_(
    name: Name,
    to: Annotated[str, typer.Argument(help="on, off, or a share like 25% of all who have an id")] = "",
    *,
    environment: Where,
    people: Annotated[str | None, typer.Option(help="ids with commas between who are in anyway; '' for none")] = None,
    rules: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="a file in Unleash's form")] = None,
    person: Who = "",
    second: With = "",
    reason: Why = "",
) -> None:
    """Set whom it is on for in one environment; what is not named stays. Off takes people and share away too."""
    _known_environment(environment)
    if to == "off" and people:
        fail("Off is for nobody at all; leave --people out.", 2)
    turned = _turned(to)
    given = _json(rules) if rules else {}

    def edit(setting: Setting) -> Setting:
        found = replace(rules_of(given, setting), **turned)
        if people is not None:
            found = replace(found, user_ids=tuple(filter(None, (p.strip() for p in people.split(",")))))
        return found

    async def done(app: App, actor: str, agreed: str) -> str:
        changed = await flags.change(app.ctx, Change(name, environment, edit, actor, agreed, None, reason))
        return f"{environment}: {_line(changed, ())}"

    _run(done, person, second)


def _turned(to: str) -> dict[str, Any]:
    """What the word changes of a setting; a share is of all, so it ends "on for everybody"."""
    if to in ("", "on"):
        return {"on": True} if to else {}
    if to == "off":
        return {"on": False, "user_ids": (), "percentage": 0}
    share = to.removesuffix("%").strip()
    if not share.removeprefix("-").isdecimal() or len(share) > 9:
        fail(f"{to[:40]} is not on, off or a share in whole percent.", 2)
    return {"on": False, "percentage": int(share)}


def rename(name: Name, to: str, person: Who = "") -> None:
    """Give it another name; who is in stays in. Products must ask for the new name."""

    async def done(app: App, actor: str, _: str) -> str:
        return f"{name} is {(await flags.rename(app.ctx, name, to, actor)).name} now."

    _run(done, person)


def archive(name: Name, reason: Why = "", person: Who = "") -> None:
    """Take it away from products; the record keeps it. It must be off in production."""

    async def done(app: App, actor: str, _: str) -> str:
        return f"{(await flags.archive(app.ctx, name, actor, reason)).name} is archived."

    _run(done, person)


def segment(name: str, file: Json, person: Who = "", second: With = "") -> None:
    """Keep a list of constraints under a name, for several flags."""

    async def done(app: App, actor: str, agreed: str) -> str:
        made = await flags.put_segment(app.ctx, name, constraints(_json(file)), actor, agreed)
        return f"{made.name} is segment {made.id}, with {len(made.constraints)} conditions."

    _run(done, person, second)


def _run(do: Do, person: str = "", second: str = "") -> None:
    settings = read_settings(TO_ACT)

    async def work() -> bool:
        async with acting(settings) as app:
            policy = await app.ctx.policy()
            actor = person_of(policy, person) if person else await known(app)
            agreed = person_of(policy, second) if second else ""
            try:
                say(await do(app, actor or f"{OPERATOR}{getpass.getuser()}", agreed))
            except Refused as refused:
                say(await in_words(app.ctx, refused, actor))
                return True
            except ValueError as error:
                say(f"These rules cannot be used: {error}")
                return True
        return False

    if run(work()):
        raise typer.Exit(REFUSED)


def _known_environment(environment: str, *more: str) -> None:
    if environment not in (*ENVIRONMENTS, *more):
        fail(f"There is no environment {environment[:40]}; there are {', '.join(ENVIRONMENTS)}.", 2)


def _json(file: Path) -> Any:
    if file.stat().st_size > LARGEST_RULES:
        fail(f"{file.name} is larger than {LARGEST_RULES // 1024} kB.")
    try:
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        fail(f"{file.name} is no JSON.")


def _line(one: Stored, used: Sequence[Usage]) -> str:
    """A flag with whom it is on for, in words."""
    asked = sum(u.yes + u.no for u in used if not u.variant)
    last = f", asked for {counted(asked, 'time')}, last {used[0].day}" if asked else ""
    return f"{one.flag.name}  {one.flag.kind}  {whom(one.setting)}{last}"
