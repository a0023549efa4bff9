"""`release-bot demo`: the sandbox workspace and the bot on this machine, no Slack account needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import run
from bot.demo import Plan, play

Folder = Annotated[Path, typer.Option(help="where the demo keeps its repository and store")]
Port = Annotated[int, typer.Option(help="where the page is served; 0 takes a free port")]
Auto = Annotated[bool, typer.Option("--auto", help="play a whole minor release with nobody at the keyboard, then end")]
Smooth = Annotated[bool, typer.Option("--smooth", help="v1.3.0 has no fault: every deployment goes well")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="demo")(demo)


def demo(auto: Auto = False, smooth: Smooth = False, folder: Folder = Path("data/demo"), port: Port = 8800) -> None:
    """Open a Slack-like workspace in the browser, on a real git repository; Ctrl-C ends it."""
    code = run(play(Plan(folder, port, auto, smooth)))
    if code:
        raise typer.Exit(code)
