"""`release-bot demo`: the sandbox workspace and the bot on this machine, no Slack account needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import WRONG_SETTINGS, fail, run
from bot.demo import Plan, play
from bot.past.keeping import MOST_WEEKS

Folder = Annotated[Path, typer.Option(help="where the demo keeps its repository and store")]
Port = Annotated[int, typer.Option(help="where the page is served; 0 takes a free port")]
Auto = Annotated[bool, typer.Option("--auto", help="play a whole minor release with nobody at the keyboard, then end")]
History = Annotated[int, typer.Option(help=f"weeks of releases that the team has behind it, up to {MOST_WEEKS}")]
Smooth = Annotated[bool, typer.Option("--smooth", help="v1.3.0 has no fault: every deployment goes well")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="demo")(demo)


def demo(
    auto: Auto = False, smooth: Smooth = False, folder: Folder = Path("data/demo"), port: Port = 8800,
    history: History = 0,
) -> None:  # fmt: skip
    """Open a Slack-like workspace in the browser, on a real git repository; Ctrl-C ends it."""
    if not 0 <= history <= MOST_WEEKS:
        fail(f"--history is {history}; it can be up to {MOST_WEEKS} weeks.", WRONG_SETTINGS)
    code = run(play(Plan(folder, port, auto, smooth, history)))
    if code:
        raise typer.Exit(code)
